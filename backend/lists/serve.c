// SPDX-License-Identifier: Apache-2.0
/* From a name that a kiosk asked for to an open file, or to nothing. */
#include "private.h"
#include <darvaza/crypto.h>
#include <darvaza/error.h>
#include <darvaza/file.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define DIGEST_LENGTH (2 * DV_SHA256_SIZE)
#define JSON "application/json"
#define BYTES "application/octet-stream"

/* What may stand in each folder, and what tags it: a digest as name says what the content is,
 * without reading a gigabyte; metadata is small and is read; envelopes are replaced when a kiosk is
 * enrolled, by another file. */
typedef enum { TAG_NAME, TAG_CONTENT, TAG_FILE } Tag;
static const struct {
    const char *folder; /* "": lists/ itself */
    const char *suffix;
    const char *content_type;
    gboolean by_digest; /* the name is a digest, else a number */
    Tag tag;
} kinds[] = {
    {"root", ".json", JSON, FALSE, TAG_CONTENT},
    {"release", ".json", JSON, FALSE, TAG_CONTENT},
    {"statement", ".json", JSON, TRUE, TAG_CONTENT},
    {"package", "", BYTES, TRUE, TAG_NAME},
    {"keys", "", BYTES, TRUE, TAG_FILE},
};

gboolean
lists_is_digest(const char *text)
{
    return strlen(text) == DIGEST_LENGTH && strspn(text, "0123456789abcdef") == DIGEST_LENGTH;
}

/* One writing for each number, so that each file has one name. */
gboolean
lists_is_number(const char *text)
{
    gsize length = strlen(text);
    return length > 0 && length <= 15 && text[0] != '0' && strspn(text, "0123456789") == length;
}

static gboolean
stem_is_good(const char *stem, gboolean by_digest)
{
    return by_digest ? lists_is_digest(stem) : lists_is_number(stem);
}

/* The row of kinds for a name below lists/ with its folder and file; -1: such a name is none. */
static int
kind_of(const char *name, char **folder, char **file)
{
    const char *slash = strchr(name, '/');
    if (slash == NULL || strlen(name) > DV_LISTS_NAME_MAX)
        return -1;
    g_autofree char *head = g_strndup(name, (gsize)(slash - name));
    for (gsize i = 0; i < G_N_ELEMENTS(kinds); i++) {
        if (strcmp(head, kinds[i].folder) != 0 || !g_str_has_suffix(slash + 1, kinds[i].suffix))
            continue;
        gsize length = strlen(slash + 1) - strlen(kinds[i].suffix);
        g_autofree char *stem = g_strndup(slash + 1, length);
        if (!stem_is_good(stem, kinds[i].by_digest))
            return -1;
        *folder = g_steal_pointer(&head);
        *file = g_strdup(slash + 1);
        return (int)i;
    }
    return -1;
}

/* -1: not there, or not a regular file. */
static int
open_regular(const DvListsRepository *repository, const char *folder, const char *file,
             guint64 *size)
{
    struct stat info;
    int top = open(repository->lists, O_PATH | O_DIRECTORY | O_CLOEXEC);
    int dir = top >= 0 && folder != NULL
                  ? openat(top, folder, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
                  : top;
    int fd = dir >= 0 ? openat(dir, file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC) : -1;
    if (dir >= 0 && dir != top)
        close(dir);
    if (top >= 0)
        close(top);
    if (fd >= 0 && (fstat(fd, &info) != 0 || !S_ISREG(info.st_mode))) {
        close(fd);
        return -1;
    }
    if (fd >= 0)
        *size = (guint64)info.st_size;
    return fd;
}

static void
set_etag(DvListsFile *file, const char *hex)
{
    g_snprintf(file->etag, sizeof file->etag, "\"%s\"", hex);
}

static gboolean
tag_by_file(DvListsFile *file)
{
    struct stat info;
    guint8 digest[DV_SHA256_SIZE];
    if (fstat(file->fd, &info) != 0)
        return FALSE;
    g_autofree char *which = g_strdup_printf(
        "%" G_GUINT64_FORMAT " %" G_GINT64_FORMAT ".%09ld %" G_GUINT64_FORMAT, (guint64)info.st_ino,
        (gint64)info.st_mtim.tv_sec, (long)info.st_mtim.tv_nsec, file->size);
    dv_sha256(which, strlen(which), digest);
    g_autofree char *hex = dv_hex(digest, sizeof digest);
    set_etag(file, hex);
    return TRUE;
}

static gboolean
tag_by_content(DvListsFile *file, const char *name, GError **error)
{
    guint8 digest[DV_SHA256_SIZE];
    if (file->size > DV_LISTS_METADATA_MAX) {
        g_set_error(error, DV_ERROR, DV_ERROR_CORRUPT, "lists: %s is larger than %u bytes", name,
                    DV_LISTS_METADATA_MAX);
        return FALSE;
    }
    g_autofree guint8 *bytes = g_malloc(file->size + 1);
    gsize held = 0;
    while (held < file->size) {
        ssize_t count = pread(file->fd, bytes + held, file->size - held, (off_t)held);
        if (count <= 0) {
            dv_error_set_errno(error, count < 0 ? errno : EIO, "lists: %s cannot be read", name);
            return FALSE;
        }
        held += (gsize)count;
    }
    dv_sha256(bytes, held, digest);
    g_autofree char *hex = dv_hex(digest, sizeof digest);
    set_etag(file, hex);
    return TRUE;
}

gboolean
dv_lists_find(const DvListsRepository *repository, const char *name, DvListsFile *file,
              GError **error)
{
    g_autofree char *folder = NULL;
    g_autofree char *leaf = NULL;
    gboolean is_timestamp = strcmp(name, "timestamp.json") == 0;
    int kind = is_timestamp ? -1 : kind_of(name, &folder, &leaf);
    if (kind < 0 && !is_timestamp)
        return FALSE;
    *file = (DvListsFile){.fd = -1, .content_type = is_timestamp ? JSON : kinds[kind].content_type};
    file->fd = open_regular(repository, folder, is_timestamp ? name : leaf, &file->size);
    if (file->fd < 0)
        return FALSE;
    Tag tag = is_timestamp ? TAG_CONTENT : kinds[kind].tag;
    if (tag == TAG_NAME)
        set_etag(file, leaf);
    if (tag == TAG_NAME || (tag == TAG_FILE && tag_by_file(file)) ||
        (tag == TAG_CONTENT && tag_by_content(file, name, error)))
        return TRUE;
    close(file->fd);
    file->fd = -1;
    return FALSE;
}

/* ---- life */

DvListsRepository *
dv_lists_repository_open(const char *folder, GError **error)
{
    if (!g_file_test(folder, G_FILE_TEST_IS_DIR)) {
        g_set_error(error, DV_ERROR, DV_ERROR_CONFIG, "lists: there is no folder %s", folder);
        return NULL;
    }
    DvListsRepository *repository = g_new0(DvListsRepository, 1);
    repository->lists = g_build_filename(folder, "lists", NULL);
    repository->drafts = g_build_filename(folder, "drafts", NULL);
    return repository;
}

void
dv_lists_repository_free(DvListsRepository *repository)
{
    if (repository == NULL)
        return;
    g_free(repository->lists);
    g_free(repository->drafts);
    g_free(repository);
}
