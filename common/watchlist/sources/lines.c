// SPDX-License-Identifier: Apache-2.0
#include "lines.h"

#include <darvaza/error.h>

#include <string.h>

void
watchlist_lines_init(WatchlistLines *lines, WatchlistInput *input)
{
    lines->input = input;
    lines->number = 0;
    lines->line = g_string_new(NULL);
}

void
watchlist_lines_clear(WatchlistLines *lines)
{
    if (lines->line != NULL)
        g_string_free(lines->line, TRUE);
    lines->line = NULL;
}

/* Up to and with the next line feed. *too_long: the rest was passed over. */
static gboolean
collect(WatchlistLines *lines, gboolean *too_long, gboolean *any, GError **error)
{
    WatchlistInput *input = lines->input;

    g_string_truncate(lines->line, 0);
    *too_long = *any = FALSE;
    for (;;) {
        if (input->left == 0 && !watchlist_input_fill(input, error))
            return FALSE;
        if (input->left == 0)
            return TRUE;
        *any = TRUE;
        const guint8 *end = memchr(input->data, '\n', input->left);
        gsize length = end != NULL ? (gsize)(end - input->data) : input->left;
        if (lines->line->len + length > DV_WATCHLIST_LINE_MAX)
            *too_long = TRUE;
        else if (!*too_long)
            g_string_append_len(lines->line, (const char *)input->data, (gssize)length);
        gsize used = length + (end != NULL ? 1 : 0);
        input->data += used;
        input->left -= used;
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
