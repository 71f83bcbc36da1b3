// SPDX-License-Identifier: Apache-2.0
#include "lines.h"
#include "list_file.h"
#include "source.h"

#include <darvaza/error.h>
#include <darvaza/file.h>

#include <unistd.h>

#define PROFILE_MAX 65536u
#define REFUSALS_MAX 1000u

/* One pass over a source. writer NULL: only judge. */
typedef struct {
    WatchlistLines *lines;
    WatchlistProfile *profile;
    char **names; /* CSV header; NULL: JSON lines */
    ListWriter *writer;
    DvWatchlistReport *report;
} Pass;

static void
free_refusal(gpointer data)
{
    DvWatchlistRefusal *refusal = data;

    g_free(refusal->text);
    g_free(refusal);
}

static DvWatchlistReport *
new_report(void)
{
    DvWatchlistReport *report = g_new0(DvWatchlistReport, 1);

    report->refusals = g_ptr_array_new_with_free_func(free_refusal);
    return report;
}

void
dv_watchlist_report_free(DvWatchlistReport *report)
{
    if (report == NULL)
        return;
    g_ptr_array_unref(report->refusals);
    g_free(report->list_id);
    g_free(report->state_hash);
    g_free(report);
}

static void
note_refusal(Pass *pass, const GError *error)
{
    pass->report->refused++;
    if (pass->report->refusals->len >= REFUSALS_MAX)
        return;
    DvWatchlistRefusal *refusal = g_new0(DvWatchlistRefusal, 1);
    refusal->line = pass->lines->number;
    refusal->text = g_strdup(error->message);
    g_ptr_array_add(pass->report->refusals, refusal);
}

/* The row's line as an object; NULL: refused. */
static json_t *
parse_line(const Pass *pass, GError **error)
{
    const GString *line = pass->lines->line;

    if (pass->names != NULL)
        return watchlist_csv_object(pass->names, line->str, error);
    return dv_json_parse(line->str, line->len, DV_WATCHLIST_LINE_MAX, error);
}

/* FALSE: the file cannot be written; a refused row is TRUE. */
static gboolean
take_row(Pass *pass, GError **error)
{
    g_autoptr(GError) refused = NULL;
    json_t *object = parse_line(pass, &refused);
    WatchlistRow row;

    if (object == NULL || !watchlist_row_judge(pass->profile, object, &row, &refused)) {
        note_refusal(pass, refused);
        return TRUE;
    }
    if (pass->writer != NULL && !list_writer_add(pass->writer, &row, &refused)) {
        watchlist_row_clear(&row);
        if (!g_error_matches(refused, DV_ERROR, DV_ERROR_CONFLICT)) {
            g_propagate_error(error, g_steal_pointer(&refused));
            return FALSE;
        }
        g_clear_error(&refused);
        g_set_error_literal(&refused, DV_ERROR, DV_ERROR_INVALID,
                            "alert_id stands on an earlier line already");
        note_refusal(pass, refused);
        return TRUE;
    }
    pass->report->taken++;
    if (g_str_equal(row.columns[COLUMN_SUBJECT], "person") && row.person_key == NULL)
        pass->report->no_exact_person++;
    watchlist_row_clear(&row);
    return TRUE;
}

static gboolean
take_rows(Pass *pass, GError **error)
{
    for (;;) {
        g_autoptr(GError) trouble = NULL;
        switch (watchlist_lines_next(pass->lines, &trouble)) {
        case WATCHLIST_LINE:
            if (!take_row(pass, error))
                return FALSE;
            break;
        case WATCHLIST_BAD_LINE:
            note_refusal(pass, trouble);
            break;
        case WATCHLIST_END:
            return TRUE;
        case WATCHLIST_TROUBLE:
            g_propagate_error(error, g_steal_pointer(&trouble));
            return FALSE;
        }
    }
}

/* Reads the source's head: the JSON lines' profile unless one was given, or the CSV's names. */
static gboolean
take_head(Pass *pass, GError **error)
{
    WatchlistLineResult result = watchlist_lines_next(pass->lines, error);

    if (result == WATCHLIST_END)
        g_set_error_literal(error, DV_ERROR, DV_ERROR_INVALID, "the source is empty");
    if (result != WATCHLIST_LINE)
        return FALSE;
    if (pass->lines->line->str[0] != '{') {
        if (pass->profile == NULL) {
            g_set_error_literal(error, DV_ERROR, DV_ERROR_INVALID,
                                "a CSV source needs its profile in a file beside it");
            return FALSE;
        }
        pass->names = watchlist_csv_split(pass->lines->line->str, error);
        return pass->names != NULL;
    }
    if (pass->profile != NULL)
        return take_row(pass, error);
    g_autoptr(json_t) object =
        dv_json_parse(pass->lines->line->str, pass->lines->line->len, DV_WATCHLIST_LINE_MAX, error);
    pass->profile = object != NULL ? watchlist_profile_parse(object, error) : NULL;
    return pass->profile != NULL;
}

static WatchlistProfile *
read_profile(const char *path, GError **error)
{
    g_autoptr(GBytes) bytes = dv_file_read(path, PROFILE_MAX, error);
    gsize length = 0;

    if (bytes == NULL)
        return NULL;
    const void *data = g_bytes_get_data(bytes, &length);
    g_autoptr(json_t) object = dv_json_parse(data, length, PROFILE_MAX, error);
    return object != NULL ? watchlist_profile_parse(object, error) : NULL;
}

static gboolean
finish(Pass *pass, GError **error)
{
    DvWatchlistReport *report = pass->report;

    report->list_id = g_strdup(pass->profile->list_id);
    report->version = pass->profile->version;
    report->state_hash = dv_hex(pass->writer->state, DV_SHA256_SIZE);
    if (report->taken == 0 && report->refused > 0) {
        g_set_error(error, DV_ERROR, DV_ERROR_INVALID,
                    "all %" G_GUINT64_FORMAT " rows were refused", report->refused);
        return FALSE;
    }
    return list_writer_finish(pass->writer, pass->profile, error);
}

static gboolean
build_temporary(Pass *pass, const char *source_path, const char *profile_path,
                const char *temporary, GError **error)
{
    gboolean ok = watchlist_lines_open(pass->lines, source_path, error);

    if (ok && profile_path != NULL) {
        pass->profile = read_profile(profile_path, error);
        ok = pass->profile != NULL;
    }
    ok = ok && list_writer_open(pass->writer, temporary, error) && take_head(pass, error) &&
         take_rows(pass, error) && finish(pass, error);
    list_writer_close(pass->writer);
    watchlist_lines_close(pass->lines);
    return ok;
}

gboolean
dv_watchlist_build(const char *source_path, const char *profile_path, const char *out_path,
                   DvWatchlistReport **report, GError **error)
{
    g_autofree WatchlistLines *lines = g_new0(WatchlistLines, 1);
    g_autofree char *temporary = g_strdup_printf("%s.%d.part", out_path, (int)getpid());
    ListWriter writer = {0};
    Pass pass = {.lines = lines, .writer = &writer, .report = new_report()};

    lines->fd = -1;
    *report = pass.report;
    unlink(temporary);
    gboolean ok = build_temporary(&pass, source_path, profile_path, temporary, error);
    watchlist_profile_free(pass.profile);
    g_strfreev(pass.names);
    if (!ok) {
        unlink(temporary);
        g_prefix_error(error, "watchlist source %s: ", source_path);
        return FALSE;
    }
    return dv_file_put(temporary, out_path, 0640, error);
}

guint64
dv_watchlist_judge_source(const void *data, gsize length)
{
    g_autofree WatchlistLines *lines = g_new0(WatchlistLines, 1);
    g_autoptr(DvWatchlistReport) report = new_report();
    Pass pass = {.lines = lines, .report = report};

    watchlist_lines_open_memory(lines, data, length);
    if (take_head(&pass, NULL))
        take_rows(&pass, NULL);
    watchlist_lines_close(lines);
    watchlist_profile_free(pass.profile);
    g_strfreev(pass.names);
    return report->taken;
}
