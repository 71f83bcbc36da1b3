// SPDX-License-Identifier: Apache-2.0
#include "format.h"

#include <darvaza/clock.h>
#include <darvaza/error.h>

static const char *const words[DV_WATCHLIST_FORMATS] = {
    [DV_WATCHLIST_FORMAT_ANY] = "any",           [DV_WATCHLIST_FORMAT_CSV] = "csv",
    [DV_WATCHLIST_FORMAT_JSONL] = "jsonl",       [DV_WATCHLIST_FORMAT_UN_XML] = "un-xml",
    [DV_WATCHLIST_FORMAT_OFAC_SDN] = "ofac-sdn",
};

const char *
dv_watchlist_format_word(DvWatchlistFormat format)
{
    return words[format];
}

gboolean
dv_watchlist_format_parse(const char *word, DvWatchlistFormat *format)
{
    for (int i = DV_WATCHLIST_FORMAT_CSV; i < DV_WATCHLIST_FORMATS; i++) {
        if (g_str_equal(word, words[i])) {
            *format = (DvWatchlistFormat)i;
            return TRUE;
        }
    }
    return FALSE;
}

gboolean
watchlist_format_detect(const WatchlistInput *input, DvWatchlistFormat *format, GError **error)
{
    gsize i = 0;

    while (i < input->left && g_ascii_isspace(input->data[i]))
        i++;
    if (i == input->left) {
        g_set_error_literal(error, DV_ERROR, DV_ERROR_INVALID, "the source is empty");
        return FALSE;
    }
    if (input->data[i] == '<')
        *format = DV_WATCHLIST_FORMAT_UN_XML;
    else if (input->data[i] == '{')
        *format = DV_WATCHLIST_FORMAT_JSONL;
    else if (g_ascii_isdigit(input->data[i])) /* our CSV begins with names */
        *format = DV_WATCHLIST_FORMAT_OFAC_SDN;
    else
        *format = DV_WATCHLIST_FORMAT_CSV;
    return TRUE;
}

json_t *
watchlist_profile_for_questions(const char *source_path, gint64 now_us)
{
    g_autofree char *id = g_path_get_basename(source_path);
    g_autofree char *now = dv_time_format(now_us != 0 ? now_us : dv_clock_wall_us());

    g_strcanon(id, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "._-", '_');
    if (*id == '.')
        *id = '_';
    g_autofree char *short_id = g_strndup(id, 32);
    return json_pack("{s:s, s:s, s:s, s:s, s:i, s:s, s:s, s:s, s:{s:s, s:s, s:s, s:s, s:s}}",
                     "list_id", short_id, "title", short_id, "owner", "not stated", "kind",
                     "alerts", "version", 1, "generated_at", now, "stale_after", "P1D",
                     "expires_at", "P1D", "defaults", "action", "INFO", "legal_basis", "not stated",
                     "owner", "not stated", "purpose", "questions only", "review_date", "P30D");
}
