// SPDX-License-Identifier: Apache-2.0
/* Bytes as the UN's consolidated list: whoever comes out is a person of bounded size. */
#include "list_reader.h"

int LLVMFuzzerTestOneInput(const guint8 *data, gsize size);

int
LLVMFuzzerTestOneInput(const guint8 *data, gsize size)
{
    static WatchlistInput input;

    install_fixed_time();
    watchlist_input_open_memory(&input, data, size);
    read_all(watchlist_un_reader(&input), size, TRUE);
    dv_watchlist_import_judge(data, size, DV_WATCHLIST_FORMAT_UN_XML);
    return 0;
}
