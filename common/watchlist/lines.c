// SPDX-License-Identifier: Apache-2.0
#include "lines.h"

#include <darvaza/error.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

gboolean
watchlist_lines_open(WatchlistLines *lines, const char *path, GError **error)
{
    memset(lines, 0, sizeof *lines);
    lines->line = g_string_new(NULL);
    lines->path = path;
    lines->fd = open(path, O_RDONLY | O_CLOEXEC);
    if (lines->fd < 0) {
        dv_error_set_errno(error, errno, "cannot open %s", path);
        return FALSE;
    }
    return TRUE;
}

void
watchlist_lines_open_memory(WatchlistLines *lines, const void *data, gsize length)
{
    memset(lines, 0, sizeof *lines);
    lines->line = g_string_new(NULL);
    lines->fd = -1;
    lines->data = data;
    lines->left = length;
}

void
watchlist_lines_close(WatchlistLines *lines)
{
    if (lines->fd >= 0)
        close(lines->fd);
    lines->fd = -1;
    if (lines->line != NULL)
        g_string_free(lines->line, TRUE);
    lines->line = NULL;
}

static gboolean
refill(WatchlistLines *lines, GError **error)
{
    gssize n = 0;

    if (lines->fd >= 0) {
        do
            n = read(lines->fd, lines->buffer, sizeof lines->buffer);
        while (n < 0 && errno == EINTR);
        if (n < 0) {
            dv_error_set_errno(error, errno, "cannot read %s", lines->path);
            return FALSE;
        }
    }
    lines->data = lines->buffer;
    lines->left = (gsize)n;
    lines->at_end = n == 0;
    return TRUE;
}

/* Up to and with the next line feed. *too_long: the rest was passed over. */
static gboolean
collect(WatchlistLines *lines, gboolean *too_long, gboolean *any, GError **error)
{
    g_string_truncate(lines->line, 0);
    *too_long = *any = FALSE;
    for (;;) {
        if (lines->left == 0 && !refill(lines, error))
            return FALSE;
        if (lines->left == 0)
            return TRUE;
        *any = TRUE;
        const guint8 *end = memchr(lines->data, '\n', lines->left);
        gsize length = end != NULL ? (gsize)(end - lines->data) : lines->left;
        if (lines->line->len + length > DV_WATCHLIST_LINE_MAX)
            *too_long = TRUE;
        else if (!*too_long)
            g_string_append_len(lines->line, (const char *)lines->data, (gssize)length);
        gsize used = length + (end != NULL ? 1 : 0);
        lines->data += used;
        lines->left -= used;
        if (end != NULL)
            return TRUE;
    }
}

WatchlistLineResult
watchlist_lines_next(WatchlistLines *lines, GError **error)
{
    gboolean too_long, any;

    for (;;) {
        if (!collect(lines, &too_long, &any, error))
            return WATCHLIST_TROUBLE;
        if (!any)
            return WATCHLIST_END;
        lines->number++;
        if (too_long) {
            g_set_error(error, DV_ERROR, DV_ERROR_INVALID, "the line is longer than %u bytes",
                        DV_WATCHLIST_LINE_MAX);
            return WATCHLIST_BAD_LINE;
        }
        if (!g_utf8_validate_len(lines->line->str, lines->line->len, NULL)) {
            g_set_error_literal(error, DV_ERROR, DV_ERROR_INVALID, "the line is not UTF-8 text");
            return WATCHLIST_BAD_LINE;
        }
        g_strstrip(lines->line->str);
        lines->line->len = strlen(lines->line->str);
        if (lines->number == 1 && g_str_has_prefix(lines->line->str, "\xef\xbb\xbf"))
            g_string_erase(lines->line, 0, 3);
        if (lines->line->len > 0)
            return WATCHLIST_LINE;
    }
}
