// SPDX-License-Identifier: Apache-2.0
#include "watchlist_sources.h"
#include "progress.h"
#include <darvaza/error.h>
#include <darvaza/watchlist_import.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <unistd.h>

#define SAID_MAX 20u /* refused rows that are named */

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

/* Which rows no question will find, and why. */
static void
say_report(const char *source, const DvWatchlistImport *report)
{
    const GPtrArray *refusals = report->built->refusals;

    for (guint i = 0; i < MIN(refusals->len, SAID_MAX); i++) {
        const DvWatchlistRefusal *refusal = g_ptr_array_index(refusals, i);
        fprintf(stderr, "darvaza watchlist: %s line %" G_GUINT64_FORMAT ": refused: %s\n", source,
                refusal->line, refusal->text);
    }
    if (report->built->refused > 0)
        fprintf(stderr,
                "darvaza watchlist: %s: %" G_GUINT64_FORMAT
                " rows were refused and cannot be found\n",
                source, report->built->refused);
    for (guint i = 0; i < MIN(report->changes->len, 3); i++) {
        const DvWatchlistNote *note = g_ptr_array_index(report->changes, i);
        fprintf(stderr, "darvaza watchlist: %s line %" G_GUINT64_FORMAT ": changed: %s\n", source,
                note->line, note->rule);
    }
    if (report->changed > 0)
        fprintf(stderr, "darvaza watchlist: %s: %" G_GUINT64_FORMAT " rows were changed\n", source,
                report->changed);
}

static void
note_refused(DvCompiledSources *compiled, const char *source, guint64 refused)
{
    g_autofree char *name = g_path_get_basename(source);
    g_autofree char *before = compiled->refused;

    if (refused == 0)
        compiled->refused = g_steal_pointer(&before);
    else
        compiled->refused = g_strdup_printf(
            "%s%s%" G_GUINT64_FORMAT " rows of the source %s were refused and were not asked",
            before != NULL ? before : "", before != NULL ? "; " : "", refused, name);
}

static gboolean
compile(DvCompiledSources *compiled, const char *source, const DvWatchlistImportOptions *wanted,
        const char *out, GError **error)
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
    if (report != NULL && report->built != NULL) {
        say_report(source, report);
        note_refused(compiled, source, report->built->refused);
    }
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
        if (out == NULL || !compile(compiled, source, &options, out, error))
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
    g_clear_pointer(&compiled->refused, g_free);
}
