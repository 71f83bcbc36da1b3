// SPDX-License-Identifier: Apache-2.0
/* Bytes as OFAC's SDN list with its aliases: whoever comes out is a person of bounded size. */
#include "list_reader.h"

int LLVMFuzzerTestOneInput(const guint8 *data, gsize size);

int
LLVMFuzzerTestOneInput(const guint8 *data, gsize size)
{
    static WatchlistInput input, aliases;

    install_fixed_time();
    /* sdn.csv, and behind a line of its own alt.csv. */
    const char *mark =
        size == 0 ? NULL : g_strstr_len((const char *)data, (gssize)size, "\n====\n");
    gsize first = mark != NULL ? (gsize)(mark + 1 - (const char *)data) : size;
    watchlist_input_open_memory(&input, data, first);
    if (mark != NULL)
        watchlist_input_open_memory(&aliases, mark + 6, size - first - 5);
    read_all(watchlist_sdn_reader(&input, mark != NULL ? &aliases : NULL, NULL), size, TRUE);
    dv_watchlist_import_judge(data, size, DV_WATCHLIST_FORMAT_OFAC_SDN);
    return 0;
}
