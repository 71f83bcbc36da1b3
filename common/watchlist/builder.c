// SPDX-License-Identifier: Apache-2.0
/* One layer, row by row, to a file that appears whole or not at all. */
#include "builder.h"

#include "store/list_writer.h"

#include <darvaza/error.h>
#include <darvaza/file.h>

#include <string.h>
#include <unistd.h>

#define REFUSALS_MAX 1000u
#define TWICE "alert_id stands on an earlier line already"

struct DvWatchlistBuilder {
    WatchlistProfile *profile;
    char *out_path, *temporary;
    ListStack *below; /* NULL: a full list */
    ListWriter *writer;
    DvWatchlistReport *report;
    guint64 line;
    gboolean line_is_set;
};

/* ---- the report */

static void
free_refusal(gpointer data)
{
    DvWatchlistRefusal *refusal = data;

    g_free(refusal->text);
    g_free(refusal);
}

DvWatchlistReport *
builder_report_new(void)
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

void
builder_report_refuse(DvWatchlistReport *report, guint64 line, const char *text)
{
    report->refused++;
    if (report->refusals->len >= REFUSALS_MAX)
        return;
    DvWatchlistRefusal *refusal = g_new0(DvWatchlistRefusal, 1);
    refusal->line = line;
    refusal->text = g_strdup(text);
    g_ptr_array_add(report->refusals, refusal);
}

/* ---- the builder */

DvWatchlistBuilder *
builder_new(WatchlistProfile *profile, const char *const *below, const char *out_path,
            GError **error)
{
    g_autoptr(DvWatchlistBuilder) builder = g_new0(DvWatchlistBuilder, 1);

    builder->profile = profile;
    builder->report = builder_report_new();
    builder->report->list_id = g_strdup(profile->list_id);
    builder->report->version = profile->version;
    builder->out_path = g_strdup(out_path);
    builder->temporary = g_strdup_printf("%s.%d.part", out_path, (int)getpid());
    unlink(builder->temporary);
    if (below != NULL && (builder->below = list_stack_open(below, error)) == NULL)
        return NULL;
    builder->writer = list_writer_new(builder->temporary, profile, builder->below, error);
    return builder->writer != NULL ? g_steal_pointer(&builder) : NULL;
}

DvWatchlistBuilder *
dv_watchlist_builder_new(const json_t *profile, const char *const *below, const char *out_path,
                         GError **error)
{
    WatchlistProfile *parsed = watchlist_profile_parse(profile, error);

    return parsed != NULL ? builder_new(parsed, below, out_path, error) : NULL;
}

void
dv_watchlist_builder_free(DvWatchlistBuilder *builder)
{
    if (builder == NULL)
        return;
    list_writer_free(builder->writer);
    list_stack_free(builder->below);
    if (builder->temporary != NULL)
        unlink(builder->temporary);
    watchlist_profile_free(builder->profile);
    dv_watchlist_report_free(builder->report);
    g_free(builder->temporary);
    g_free(builder->out_path);
    g_free(builder);
}

void
dv_watchlist_builder_set_line(DvWatchlistBuilder *builder, guint64 line)
{
    builder->line = line;
    builder->line_is_set = TRUE;
}

void
dv_watchlist_builder_refuse(DvWatchlistBuilder *builder, const char *text)
{
    if (!builder->line_is_set)
        builder->line++;
    builder_report_refuse(builder->report, builder->line, text);
}

static gboolean
refuse(DvWatchlistBuilder *builder, GError *refused, GError **error)
{
    builder_report_refuse(builder->report, builder->line, refused->message);
    g_propagate_error(error, refused);
    return FALSE;
}

static gboolean
take(DvWatchlistBuilder *builder, const WatchlistRow *row, GError **error)
{
    GError *trouble = NULL;
    gboolean unchanged = FALSE;

    if (!list_writer_add(builder->writer, row, builder->line, &unchanged, &trouble)) {
        if (!g_error_matches(trouble, DV_ERROR, DV_ERROR_CONFLICT)) {
            g_propagate_error(error, trouble);
            return FALSE;
        }
        g_clear_error(&trouble);
        g_set_error_literal(&trouble, DV_ERROR, DV_ERROR_INVALID, TWICE);
        return refuse(builder, trouble, error);
    }
    if (unchanged)
        return TRUE;
    builder->report->taken++;
    if (g_str_equal(row->columns[COLUMN_SUBJECT], "person") && row->person_key == NULL)
        builder->report->no_exact_person++;
    return TRUE;
}

gboolean
dv_watchlist_builder_add(DvWatchlistBuilder *builder, json_t *row, GError **error)
{
    GError *refused = NULL;
    WatchlistRow judged;

    if (!builder->line_is_set)
        builder->line++;
    if (!watchlist_row_judge(builder->profile, json_incref(row), &judged, &refused))
        return refuse(builder, refused, error);
    gboolean ok = take(builder, &judged, error);
    watchlist_row_clear(&judged);
    return ok;
}

gboolean
dv_watchlist_builder_add_columns(DvWatchlistBuilder *builder, const char *const *columns,
                                 GError **error)
{
    GError *refused = NULL;
    WatchlistRow judged;

    if (!builder->line_is_set)
        builder->line++;
    if (!watchlist_row_judge_columns(builder->profile, columns, &judged, &refused))
        return refuse(builder, refused, error);
    gboolean ok = take(builder, &judged, error);
    watchlist_row_clear(&judged);
    return ok;
}

gboolean
dv_watchlist_builder_remove(DvWatchlistBuilder *builder, const char *alert_id, GError **error)
{
    return list_writer_remove(builder->writer, alert_id, error);
}

static void
note_twice(gpointer data, guint64 line)
{
    DvWatchlistReport *report = data;

    report->taken--;
    builder_report_refuse(report, line, TWICE);
}

static gboolean
finish(DvWatchlistBuilder *builder, GError **error)
{
    DvWatchlistReport *report = builder->report;
    const ListMeta *meta = list_writer_meta(builder->writer);

    if (report->taken == 0 && report->refused > 0)
        return watchlist_refuse(error, "all %" G_GUINT64_FORMAT " rows were refused",
                                report->refused);
    if (!list_writer_finish(builder->writer, note_twice, report, error))
        return FALSE;
    report->state_hash = dv_hex(meta->state.sum, DV_SHA256_SIZE);
    report->rows = (guint64)meta->rows;
    report->removed = (guint64)meta->removed;
    g_clear_pointer(&builder->writer, list_writer_free);
    return dv_file_put(builder->temporary, builder->out_path, 0640, error);
}

gboolean
dv_watchlist_builder_finish(DvWatchlistBuilder *builder, DvWatchlistReport **report, GError **error)
{
    gboolean ok = finish(builder, error);

    if (report != NULL)
        *report = g_steal_pointer(&builder->report);
    return ok;
}
