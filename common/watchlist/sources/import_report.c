// SPDX-License-Identifier: Apache-2.0
#include "import_report.h"

#include "builder.h"

static void
free_note(gpointer data)
{
    DvWatchlistNote *note = data;

    g_free(note->rule);
    g_free(note);
}

DvWatchlistImport *
import_report_new(void)
{
    DvWatchlistImport *report = g_new0(DvWatchlistImport, 1);

    report->built = builder_report_new();
    report->changes = g_ptr_array_new_with_free_func(free_note);
    report->passed = g_ptr_array_new_with_free_func(free_note);
    return report;
}

void
dv_watchlist_import_free(DvWatchlistImport *report)
{
    if (report == NULL)
        return;
    dv_watchlist_report_free(report->built);
    g_ptr_array_unref(report->changes);
    g_ptr_array_unref(report->passed);
    g_free(report);
}

static void
add_note(GPtrArray *notes, guint64 line, const char *rule)
{
    if (notes->len >= DV_WATCHLIST_NOTES_MAX)
        return;
    DvWatchlistNote *note = g_new0(DvWatchlistNote, 1);
    note->line = line;
    note->rule = g_strdup(rule);
    g_ptr_array_add(notes, note);
}

void
import_report_pass(DvWatchlistImport *report, const WatchlistItem *item)
{
    report->passed_over++;
    add_note(report->passed, item->line, item->passed_over);
}

void
import_report_take(DvWatchlistImport *report, const WatchlistItem *item)
{
    const char *subject = dv_json_string_or_null(item->object, "subject");
    const char *number = dv_json_string_or_null(item->object, "document_number");

    report->persons += subject != NULL && g_str_equal(subject, "person");
    report->aliases += json_array_size(json_object_get(item->object, "aliases"));
    report->documents += (number != NULL && *number != '\0') +
                         json_array_size(json_object_get(item->object, "other_documents"));
    report->changed += item->changes->len > 0;
    for (guint i = 0; i < item->changes->len; i++)
        add_note(report->changes, item->line, g_ptr_array_index(item->changes, i));
}

/* ---- as JSON */

static void
append(json_t *array, guint64 line, const char *rule)
{
    json_array_append_new(array, json_pack("{s:I, s:s}", "line", (json_int_t)line, "rule", rule));
}

static json_t *
notes_json(const GPtrArray *notes)
{
    json_t *array = json_array();

    for (guint i = 0; i < notes->len; i++) {
        const DvWatchlistNote *note = g_ptr_array_index(notes, i);
        append(array, note->line, note->rule);
    }
    return array;
}

static json_t *
refusals_json(const GPtrArray *refusals)
{
    json_t *array = json_array();

    for (guint i = 0; i < refusals->len; i++) {
        const DvWatchlistRefusal *refusal = g_ptr_array_index(refusals, i);
        append(array, refusal->line, refusal->text);
    }
    return array;
}

json_t *
dv_watchlist_import_json(const DvWatchlistImport *report)
{
    const DvWatchlistReport *built = report->built;

    return json_pack(
        "{s:s, s:s?, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:s?, s:o, s:o, s:o}", "format",
        dv_watchlist_format_word(report->format), "list_id", built->list_id, "version",
        (json_int_t)built->version, "taken", (json_int_t)built->taken, "changed",
        (json_int_t)report->changed, "refused", (json_int_t)built->refused, "passed_over",
        (json_int_t)report->passed_over, "persons", (json_int_t)report->persons, "aliases",
        (json_int_t)report->aliases, "documents", (json_int_t)report->documents, "no_exact_person",
        (json_int_t)built->no_exact_person, "state_hash", built->state_hash, "changes",
        notes_json(report->changes), "refusals", refusals_json(built->refusals), "passed",
        notes_json(report->passed));
}
