// SPDX-License-Identifier: Apache-2.0
/* A source from end to end: profile, reader, builder, report. */
#include "builder.h"
#include "format.h"
#include "import_report.h"
#include "source.h"
#include "spelling.h"

#include <darvaza/error.h>
#include <darvaza/file.h>

#include <stdio.h>
#include <string.h>

#define PROFILE_MAX 65536u

typedef struct {
    const DvWatchlistImportOptions *options;
    const char *source_path; /* NULL: in memory */
    const char *out_path;    /* NULL: only judge */
    WatchlistInput input, aliases;
    WatchlistReader *reader;
    json_t *profile;
    gboolean numbered; /* rows without alert_id are numbered */
    DvWatchlistBuilder *builder;
    WatchlistProfile *judge; /* without builder */
    DvWatchlistImport *report;
} Import;

/* ---- the head: format and profile */

static gboolean
open_reader(Import *import, GError **error)
{
    DvWatchlistFormat format = import->options->format;
    WatchlistInput *input = &import->input;

    if (input->left == 0 && !watchlist_input_fill(input, error))
        return FALSE;
    if (input->left >= 3 && memcmp(input->data, "\xef\xbb\xbf", 3) == 0) {
        input->data += 3;
        input->left -= 3;
    }
    if (format == DV_WATCHLIST_FORMAT_ANY && !watchlist_format_detect(input, &format, error))
        return FALSE;
    import->report->format = format;
    gboolean is_sdn = format == DV_WATCHLIST_FORMAT_OFAC_SDN;
    gboolean has_aliases = import->options->aliases_path != NULL;
    if (import->options->for_questions)
        has_aliases = has_aliases && is_sdn; /* they may belong to another source */
    if (has_aliases && !is_sdn)
        return watchlist_refuse(error, "only a source in the format ofac-sdn has aliases apart");
    if (has_aliases &&
        !watchlist_input_open(&import->aliases, import->options->aliases_path, error))
        return FALSE;
    if (format == DV_WATCHLIST_FORMAT_UN_XML)
        import->reader = watchlist_un_reader(input);
    else if (format == DV_WATCHLIST_FORMAT_JSONL)
        import->reader = watchlist_jsonl_reader(input);
    else if (is_sdn)
        import->reader = watchlist_sdn_reader(input, has_aliases ? &import->aliases : NULL, error);
    else
        import->reader = watchlist_csv_reader(input);
    return import->reader != NULL;
}

static gboolean
read_profile(Import *import, GError **error)
{
    const char *path = import->options->profile_path;
    g_autoptr(GBytes) bytes = dv_file_read(path, PROFILE_MAX, error);
    gsize length = 0;

    if (bytes == NULL)
        return FALSE;
    const void *data = g_bytes_get_data(bytes, &length);
    import->profile = dv_json_parse(data, length, PROFILE_MAX, error);
    if (import->profile == NULL)
        g_prefix_error(error, "profile %s: ", path);
    return import->profile != NULL;
}

static void
stand_in(Import *import)
{
    const char *path = import->source_path != NULL ? import->source_path : "memory";

    import->profile = watchlist_profile_for_questions(path, import->options->now_us);
    import->numbered = TRUE;
}

/* The builder, or for judging alone the profile. */
static gboolean
start(Import *import, GError **error)
{
    if (import->out_path != NULL)
        import->builder = dv_watchlist_builder_new(import->profile, NULL, import->out_path, error);
    else
        import->judge = watchlist_profile_parse(import->profile, error);
    return import->builder != NULL || import->judge != NULL;
}

/* ---- the rows */

/* For questions: what a row lacks and can be told. */
static void
complete(const Import *import, WatchlistItem *item)
{
    if (!import->numbered || !json_is_object(item->object))
        return;
    if (json_object_get(item->object, "alert_id") == NULL)
        json_object_set_new(item->object, "alert_id",
                            json_sprintf("line-%" G_GUINT64_FORMAT, item->line));
    gboolean named = json_object_get(item->object, "name") != NULL ||
                     json_object_get(item->object, "surname") != NULL ||
                     json_object_get(item->object, "given_names") != NULL;
    if (json_object_get(item->object, "subject") == NULL)
        json_object_set_new(item->object, "subject", json_string(named ? "person" : "document"));
}

static gboolean
judge(Import *import, WatchlistItem *item, GError **error)
{
    WatchlistRow row;

    if (!watchlist_row_judge(import->judge, json_incref(item->object), &row, error))
        return FALSE;
    watchlist_row_clear(&row);
    import->report->built->taken++;
    return TRUE;
}

/* FALSE: the list cannot be written; a refused row is TRUE. */
static gboolean
take_item(Import *import, WatchlistItem *item, GError **error)
{
    g_autoptr(GError) refused = NULL;
    gboolean taken;

    if (item->object == NULL) {
        import_report_pass(import->report, item);
        return TRUE;
    }
    complete(import, item);
    watchlist_spelling_row(item, import->options->for_questions);
    if (import->builder != NULL) {
        dv_watchlist_builder_set_line(import->builder, item->line);
        taken = dv_watchlist_builder_add(import->builder, item->object, &refused);
    } else {
        taken = judge(import, item, &refused);
    }
    if (taken) {
        import_report_take(import->report, item);
    } else if (!g_error_matches(refused, DV_ERROR, DV_ERROR_INVALID)) {
        g_propagate_error(error, g_steal_pointer(&refused));
        return FALSE;
    }
    return TRUE;
}

/* The first line of JSON lines is the profile unless one was given. */
static gboolean
take_head(Import *import, gboolean *is_row, WatchlistItem *item, GError **error)
{
    *is_row = TRUE;
    if (import->profile == NULL && import->options->for_questions &&
        json_object_get(item->object, "list_id") == NULL)
        stand_in(import);
    if (import->profile == NULL) {
        import->profile = g_steal_pointer(&item->object);
        *is_row = FALSE;
    }
    return start(import, error);
}

static void
refuse_item(Import *import, const WatchlistItem *item, const GError *refused)
{
    if (import->builder == NULL)
        return;
    dv_watchlist_builder_set_line(import->builder, item->line);
    dv_watchlist_builder_refuse(import->builder, refused->message);
}

/* One item. *more FALSE: that was the end. */
static gboolean
step(Import *import, gboolean *more, GError **error)
{
    g_autoptr(GError) refused = NULL;
    gboolean is_row = TRUE, ok = TRUE, started = import->builder != NULL || import->judge != NULL;
    WatchlistItem item;

    watchlist_item_init(&item);
    WatchlistLineResult result = import->reader->next(import->reader, &item, &refused);
    *more = result != WATCHLIST_END;
    if (result == WATCHLIST_TROUBLE || (result == WATCHLIST_BAD_LINE && !started)) {
        g_propagate_error(error, g_steal_pointer(&refused));
        ok = FALSE;
    } else if (result == WATCHLIST_BAD_LINE) {
        refuse_item(import, &item, refused);
    } else if (result == WATCHLIST_LINE) {
        ok = (started || take_head(import, &is_row, &item, error)) &&
             (!is_row || take_item(import, &item, error));
    }
    watchlist_item_clear(&item);
    return ok;
}

/* They take from the profile what every row must have. */
static gboolean
add_self_test(Import *import, GError **error)
{
    static const char *const numbers[] = {"CANARY001", "CANARY002"};

    for (gsize i = 0; i < G_N_ELEMENTS(numbers); i++) {
        g_autoptr(json_t) row =
            json_pack("{s:s, s:s, s:s, s:s, s:s, s:s}", "subject", i == 0 ? "document" : "person",
                      "document_number", numbers[i], "issuing_state", "UTO", "document_type", "P",
                      "action", "INFO", "reason", "Invented for the self test of booths");
        json_object_set_new(row, "alert_id", json_string(i == 0 ? "CANARY-D-1" : "CANARY-P-1"));
        if (i == 1) {
            json_object_set_new(row, "surname", json_string("ZZYXCANARY"));
            json_object_set_new(row, "given_names", json_string("SELFTEST"));
            json_object_set_new(row, "birth_date", json_string("1900-01-01"));
            json_object_set_new(row, "nationality", json_string("UTO"));
        }
        if (!dv_watchlist_builder_add(import->builder, row, error)) {
            g_prefix_error(error, "the rows for the self test: ");
            return FALSE;
        }
    }
    return TRUE;
}

static gboolean
run(Import *import, GError **error)
{
    gboolean more = TRUE;

    if (!open_reader(import, error))
        return FALSE;
    if (import->options->profile_path != NULL && !read_profile(import, error))
        return FALSE;
    if (import->profile == NULL && import->report->format != DV_WATCHLIST_FORMAT_JSONL) {
        if (!import->options->for_questions)
            return watchlist_refuse(error,
                                    "a source in the format %s needs its profile in a file "
                                    "beside it",
                                    dv_watchlist_format_word(import->report->format));
        stand_in(import);
    }
    if (import->profile != NULL && !start(import, error))
        return FALSE;
    while (more)
        if (!step(import, &more, error))
            return FALSE;
    if (import->builder == NULL)
        return import->judge != NULL || watchlist_refuse(error, "the source is empty");
    if (import->options->self_test && !add_self_test(import, error))
        return FALSE;
    g_clear_pointer(&import->report->built, dv_watchlist_report_free);
    return dv_watchlist_builder_finish(import->builder, &import->report->built, error);
}

static void
import_free(Import *import)
{
    watchlist_reader_free(import->reader);
    watchlist_input_close(&import->input);
    watchlist_input_close(&import->aliases);
    json_decref(import->profile);
    dv_watchlist_builder_free(import->builder);
    watchlist_profile_free(import->judge);
    g_free(import);
}

static Import *
import_new(const DvWatchlistImportOptions *options, DvWatchlistImport *report)
{
    Import *import = g_new0(Import, 1);

    import->options = options;
    import->report = report;
    import->input.fd = import->aliases.fd = -1;
    return import;
}

/* ---- the room's face */

gboolean
dv_watchlist_import(const char *source_path, const DvWatchlistImportOptions *options,
                    const char *out_path, DvWatchlistImport **report, GError **error)
{
    *report = import_report_new();
    Import *import = import_new(options, *report);
    import->source_path = source_path;
    import->out_path = out_path;
    gboolean ok = watchlist_input_open(&import->input, source_path, error);
    import->input.progress = options->progress;
    import->input.progress_data = options->progress_data;
    ok = ok && run(import, error);
    import_free(import);
    if (!ok)
        g_prefix_error(error, "watchlist source %s: ", source_path);
    return ok;
}

gboolean
dv_watchlist_import_any(const char *source_path, const char *profile_path, gint64 now_us,
                        const char *out_path, DvWatchlistImport **report, GError **error)
{
    const DvWatchlistImportOptions options = {
        .profile_path = profile_path, .for_questions = TRUE, .now_us = now_us};

    return dv_watchlist_import(source_path, &options, out_path, report, error);
}

gboolean
dv_watchlist_is_list_file(const char *path)
{
    char begin[16] = "";
    FILE *file = fopen(path, "re");

    if (file == NULL)
        return FALSE;
    gsize length = fread(begin, 1, sizeof begin, file);
    fclose(file);
    return length == sizeof begin && memcmp(begin, "SQLite format 3", 16) == 0;
}

gboolean
dv_watchlist_build(const char *source_path, const char *profile_path, const char *out_path,
                   DvWatchlistReport **report, GError **error)
{
    const DvWatchlistImportOptions options = {.profile_path = profile_path};
    DvWatchlistImport *import = NULL;
    gboolean ok = dv_watchlist_import(source_path, &options, out_path, &import, error);

    *report = g_steal_pointer(&import->built);
    dv_watchlist_import_free(import);
    return ok;
}

guint64
dv_watchlist_import_judge(const void *data, gsize length, DvWatchlistFormat format)
{
    const DvWatchlistImportOptions options = {.format = format, .for_questions = TRUE};
    g_autoptr(DvWatchlistImport) report = import_report_new();
    Import *import = import_new(&options, report);

    watchlist_input_open_memory(&import->input, data, length);
    run(import, NULL);
    import_free(import);
    return report->built->taken;
}
