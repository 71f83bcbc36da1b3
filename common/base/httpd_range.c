// SPDX-License-Identifier: Apache-2.0
/* A file from its descriptor, whole or in part (RFC 9110, sections 13 and 14): what a peer needs to
 * go on with a download after the line was cut. */
#include "httpd_private.h"
#include <string.h>
#include <unistd.h>

#define BYTES "bytes="

/* One range of a Range header against a file of that size. A header that we do not understand, or
 * that asks for several ranges, is no error: the whole file is sent, as the RFC allows. */
typedef enum { RANGE_WHOLE, RANGE_PART, RANGE_BEYOND } RangeKind;

static gboolean
read_number(const char *text, gsize length, guint64 *number)
{
    g_autofree char *digits = g_strndup(text, length);
    return g_ascii_string_to_unsigned(digits, 10, 0, G_MAXINT64, number, NULL);
}

static RangeKind
range_of_suffix(const char *digits, guint64 size, guint64 *offset, guint64 *length)
{
    guint64 count = 0;
    if (!read_number(digits, strlen(digits), &count))
        return RANGE_WHOLE;
    if (count == 0 || size == 0)
        return RANGE_BEYOND;
    *length = MIN(count, size);
    *offset = size - *length;
    return RANGE_PART;
}

static RangeKind
parse_range(const char *header, guint64 size, guint64 *offset, guint64 *length)
{
    if (header == NULL || g_ascii_strncasecmp(header, BYTES, strlen(BYTES)) != 0)
        return RANGE_WHOLE;
    const char *spec = header + strlen(BYTES);
    const char *dash = strchr(spec, '-');
    guint64 first = 0, last = G_MAXINT64;
    if (dash == NULL || strchr(spec, ',') != NULL)
        return RANGE_WHOLE;
    if (dash == spec)
        return range_of_suffix(dash + 1, size, offset, length);
    if (!read_number(spec, (gsize)(dash - spec), &first) ||
        (dash[1] != '\0' && !read_number(dash + 1, strlen(dash + 1), &last)) || last < first)
        return RANGE_WHOLE;
    if (first >= size)
        return RANGE_BEYOND;
    *offset = first;
    *length = MIN(last, size - 1) - first + 1;
    return RANGE_PART;
}

/* If-Range: the part is wanted only of the very content that the peer has the beginning of. */
static RangeKind
wanted_range(const DvRequest *request, const char *etag, guint64 size, guint64 *offset,
             guint64 *length)
{
    const char *only_of = dv_request_header(request, "If-Range");
    if (strcmp(dv_request_method(request), "GET") != 0 ||
        (only_of != NULL && g_strcmp0(only_of, etag) != 0))
        return RANGE_WHOLE;
    return parse_range(dv_request_header(request, "Range"), size, offset, length);
}

static void
reply_beyond(DvRequest *request, guint64 size)
{
    g_autofree char *all = g_strdup_printf("bytes */%" G_GUINT64_FORMAT, size);
    dv_request_add_header(request, "Content-Range", all);
    dv_request_error(request, 416, "invalid", "the file ends before the part that was asked for");
}

void
dv_request_reply_fd(DvRequest *request, int fd, guint64 size, const char *content_type,
                    const char *etag)
{
    guint64 offset = 0, length = size;
    guint status = 200;
    dv_request_add_header(request, "ETag", etag);
    dv_request_add_header(request, "Accept-Ranges", "bytes");
    RangeKind kind = wanted_range(request, etag, size, &offset, &length);
    gboolean held = g_strcmp0(dv_request_header(request, "If-None-Match"), etag) == 0;
    struct MHD_Response *response = NULL;
    if (!held && kind != RANGE_BEYOND)
        response = MHD_create_response_from_fd_at_offset64(length, fd, offset); /* owns fd */
    if (response == NULL) {
        close(fd);
        if (held)
            dv_request_reply(request, 304, NULL, NULL);
        else if (kind == RANGE_BEYOND)
            reply_beyond(request, size);
        else
            dv_request_error(request, 500, "internal", "the file cannot be sent");
        return;
    }
    if (kind == RANGE_PART) {
        g_autofree char *part =
            g_strdup_printf("bytes %" G_GUINT64_FORMAT "-%" G_GUINT64_FORMAT "/%" G_GUINT64_FORMAT,
                            offset, offset + length - 1, size);
        dv_request_add_header(request, "Content-Range", part);
        status = 206;
    }
    MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, content_type);
    httpd_reply_take(request, status, response);
}
