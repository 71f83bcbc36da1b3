// SPDX-License-Identifier: Apache-2.0
/* Files of a folder as answers: pages, scripts, styles. Never anything outside the folder. */
#include "httpd_private.h"
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct {
    const char *suffix, *type;
} types[] = {
    {".html", "text/html; charset=utf-8"},
    {".js", "text/javascript; charset=utf-8"},
    {".mjs", "text/javascript; charset=utf-8"},
    {".css", "text/css; charset=utf-8"},
    {".json", "application/json"},
    {".svg", "image/svg+xml"},
    {".png", "image/png"},
    {".jpg", "image/jpeg"},
    {".webp", "image/webp"},
    {".ico", "image/x-icon"},
    {".woff2", "font/woff2"},
    {".webmanifest", "application/manifest+json"},
    {".txt", "text/plain; charset=utf-8"},
};

static const char *
type_of(const char *path)
{
    for (gsize i = 0; i < G_N_ELEMENTS(types); i++)
        if (g_str_has_suffix(path, types[i].suffix))
            return types[i].type;
    return "application/octet-stream";
}

/* Walks down one folder at a time and follows no symbolic link, so that neither ".." nor a link
 * inside the folder leads out of it. -1: not there. */
static int
open_beneath(const char *root, const char *relative)
{
    if (relative == NULL || relative[0] == '\0' || strlen(relative) > HTTPD_PATH_MAX)
        return -1;
    g_auto(GStrv) parts = g_strsplit(relative, "/", HTTPD_SEGMENTS_MAX + 1);
    guint count = g_strv_length(parts);
    int fd = count <= HTTPD_SEGMENTS_MAX ? open(root, O_PATH | O_DIRECTORY | O_CLOEXEC) : -1;
    for (guint i = 0; i < count && fd >= 0; i++) {
        gboolean last = i + 1 == count;
        int next = -1;
        if (parts[i][0] != '\0' && strcmp(parts[i], ".") != 0 && strcmp(parts[i], "..") != 0)
            next = openat(fd, parts[i],
                          (last ? O_RDONLY | O_NONBLOCK : O_PATH | O_DIRECTORY) | O_NOFOLLOW |
                              O_CLOEXEC);
        close(fd);
        fd = next;
    }
    return fd;
}

void
dv_request_reply_file(DvRequest *request, const char *root, const char *relative)
{
    struct stat info;
    int fd = open_beneath(root, relative);
    if (fd >= 0 && (fstat(fd, &info) != 0 || !S_ISREG(info.st_mode))) {
        close(fd);
        fd = -1;
    }
    if (fd < 0) {
        dv_request_error(request, 404, "not_found", "nothing stands at this address");
        return;
    }
    struct MHD_Response *response = MHD_create_response_from_fd64((guint64)info.st_size, fd);
    if (response == NULL) {
        close(fd);
        dv_request_error(request, 500, "internal", "the file cannot be sent");
        return;
    }
    MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, type_of(relative));
    httpd_reply_take(request, 200, response);
}
