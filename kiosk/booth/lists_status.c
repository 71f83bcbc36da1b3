// SPDX-License-Identifier: Apache-2.0
#include "lists_status.h"

#include <darvaza/crossing.h>
#include <darvaza/file.h>
#include <darvaza/receipt.h>
#include <string.h>

#define STATUS_MAX 16384u
#define REASON_MAX 32u

static const char *
word_of(const json_t *status, const char *key, const char *vocabulary)
{
    const char *word = dv_json_string_or_null(status, key);
    return word && g_strv_contains(dv_crossing_words(vocabulary), word) ? word : NULL;
}

static gboolean
is_code(const char *text)
{
    return strlen(text) <= REASON_MAX &&
           strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") == strlen(text);
}

/* Cut to what a heartbeat may carry, at a character's end. */
static char *
fit(const char *text)
{
    g_autofree char *cut = g_strndup(text ? text : "", DV_HEARTBEAT_DETAIL_MAX);
    const char *end = NULL;
    g_utf8_validate(cut, -1, &end);
    return g_strndup(cut, (gsize)(end - cut));
}

json_t *
dv_lists_status(const char *lists_folder)
{
    g_autofree char *path = g_build_filename(lists_folder, "status.json", NULL);
    g_autoptr(GBytes) bytes = dv_file_read(path, STATUS_MAX, NULL);
    gsize length = 0;
    const void *data = bytes ? g_bytes_get_data(bytes, &length) : NULL;
    g_autoptr(json_t) status = data ? dv_json_parse(data, length, STATUS_MAX, NULL) : NULL;
    gint64 epoch = 0, release = 0;
    if (!status || !dv_json_int(status, "epoch", 0, G_MAXINT32, &epoch, "status", NULL) ||
        !dv_json_int(status, "release", 0, G_MAXINT32, &release, "status", NULL))
        return NULL;
    const char *state = word_of(status, "state", "lists_state");
    const char *volume = word_of(status, "volume", "volume");
    const char *reason = dv_json_string_or_null(status, "reason");
    const char *at = dv_json_string_or_null(status, "at");
    if (!state || !volume || !reason || !is_code(reason) || !at)
        return NULL;
    g_autofree char *detail = fit(dv_json_string_or_null(status, "detail"));
    return json_pack("{s:I, s:I, s:s, s:s, s:s, s:s, s:s}", "epoch", (json_int_t)epoch, "release",
                     (json_int_t)release, "state", state, "reason", reason, "detail", detail, "at",
                     at, "volume", volume);
}
