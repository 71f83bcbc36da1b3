// SPDX-License-Identifier: Apache-2.0
#include "watchlist_sources.h"
#include "progress.h"
#include <darvaza/error.h>
#include <darvaza/watchlist_import.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <unistd.h>

static char *
new_file(DvCompiledSources *compiled, GError **error)
{
    if (compiled->folder == NULL) {
        g_autoptr(GError) why = NULL;
        compiled->folder = g_dir_make_tmp("darvaza-lists-XXXXXX", &why);
        compiled->files = g_ptr_array_new_with_free_func(g_free);
        if (compiled->folder == NULL) {
            g_set_error(error, DV_ERROR, DV_ERROR_IO, "cannot make a temporary folder: %s",
                        why->message);
            return NULL;
        }
    }
    char *path =
        g_strdup_printf("%s/%u" DV_WATCHLIST_SUFFIX, compiled->folder, compiled->files->len);
    g_ptr_array_add(compiled->files, path);
    return path;
}

static gboolean
compile(const char *source, const DvWatchlistImportOptions *wanted, const char *out, GError **error)
{
    DvWatchlistImportOptions options = *wanted;
    g_autofree char *what = g_strdup_printf("reading %s", source);
    g_autoptr(DvWatchlistImport) report = NULL;
    DvProgress progress;

    dv_progress_begin(&progress, what, DV_PROGRESS_BYTES);
    options.progress = dv_progress_callback;
    options.progress_data = &progress;
    gboolean ok = dv_watchlist_import(source, &options, out, &report, error);
    dv_progress_end(&progress);
    if (ok && report->built->refused > 0)
        fprintf(stderr,
                "darvaza watchlist: %s: %" G_GUINT64_FORMAT
                " rows were refused; import says which\n",
                source, report->built->refused);
    return ok;
}

gboolean
dv_compiled_sources_make(DvCompiledSources *compiled, GPtrArray *paths, const char *profile,
                         const char *aliases, gint64 now_us, GError **error)
{
    const DvWatchlistImportOptions options = {
        .profile_path = profile, .aliases_path = aliases, .for_questions = TRUE, .now_us = now_us};

    for (guint i = 0; i < paths->len; i++) {
        char *source = g_ptr_array_index(paths, i);
        if (access(source, R_OK) != 0 || dv_watchlist_is_list_file(source))
            continue;
        char *out = new_file(compiled, error);
        if (out == NULL || !compile(source, &options, out, error))
            return FALSE;
        paths->pdata[i] = g_strdup(out);
        g_free(source);
    }
    return TRUE;
}

void
dv_compiled_sources_clear(DvCompiledSources *compiled)
{
    for (guint i = 0; compiled->files != NULL && i < compiled->files->len; i++)
        g_remove(g_ptr_array_index(compiled->files, i));
    if (compiled->folder != NULL)
        g_rmdir(compiled->folder);
    g_clear_pointer(&compiled->files, g_ptr_array_unref);
    g_clear_pointer(&compiled->folder, g_free);
}
