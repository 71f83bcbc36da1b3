// SPDX-License-Identifier: Apache-2.0
#include "lists.h"

#include "list_folder.h"

#include <darvaza/clock.h>
#include <glib/gstdio.h>

Lists *
lists_new(void)
{
    Lists *lists = g_new0(Lists, 1);

    lists->folder = g_dir_make_tmp("dv-lists-XXXXXX", NULL);
    g_assert_nonnull(lists->folder);
    g_autofree char *layer = list_folder_layer(lists->folder, "any");
    g_assert_true(dv_time_parse(NOW, &lists->now_us, NULL));
    return lists;
}

void
lists_free(Lists *lists)
{
    list_folder_remove(lists->folder);
    g_free(lists->folder);
    g_free(lists);
}

char *
lists_path(const Lists *lists, const char *file)
{
    const char *folder = g_str_has_suffix(file, DV_WATCHLIST_SUFFIX) ? "layers" : ".";

    return g_build_filename(lists->folder, folder, file, NULL);
}

DvWatchlistReport *
lists_build(Lists *lists, const char *name, const char *source, GError **error)
{
    g_autofree char *source_path = lists_path(lists, "source");
    g_autofree char *out = list_folder_layer(lists->folder, name);
    DvWatchlistReport *report = NULL;

    g_assert_true(g_file_set_contents(source_path, source, -1, NULL));
    gboolean built = dv_watchlist_build(source_path, NULL, out, &report, error);
    g_remove(source_path);
    if (built)
        list_folder_publish(lists->folder);
    else
        g_clear_pointer(&report, dv_watchlist_report_free);
    return report;
}
