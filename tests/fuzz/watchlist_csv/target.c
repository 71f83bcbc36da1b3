// SPDX-License-Identifier: Apache-2.0
/* Bytes as CSV of the source format: every record is a row, or is refused. */
#include "list_reader.h"

int LLVMFuzzerTestOneInput(const guint8 *data, gsize size);

int
LLVMFuzzerTestOneInput(const guint8 *data, gsize size)
{
    static WatchlistInput input;

    install_fixed_time();
    watchlist_input_open_memory(&input, data, size);
    read_all(watchlist_csv_reader(&input), size, FALSE);
    dv_watchlist_import_judge(data, size, DV_WATCHLIST_FORMAT_CSV);
    return 0;
}
