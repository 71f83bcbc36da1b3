// SPDX-License-Identifier: Apache-2.0
#include "alert_draft.h"

#include "countries.h"
#include "keys.h"

#include <string.h>

#define REASON_MAX 2048u
#define BIRTHS_MAX 32u
#define NATIONALITIES_MAX 8u
#define DOCUMENTS_MAX 32u
#define YEARS_MAX 15 /* a span beyond it says next to nothing */

void
alert_draft_begin(AlertDraft *draft, WatchlistItem *item)
{
    draft->item = item;
    draft->object = json_object();
    draft->aliases = json_array();
    draft->births = json_array();
    draft->nationalities = json_array();
    draft->documents = json_array();
    draft->reason = g_string_new(NULL);
}

void
alert_draft_clear(AlertDraft *draft)
{
    g_clear_pointer(&draft->object, json_decref);
    g_clear_pointer(&draft->aliases, json_decref);
    g_clear_pointer(&draft->births, json_decref);
    g_clear_pointer(&draft->nationalities, json_decref);
    g_clear_pointer(&draft->documents, json_decref);
    if (draft->reason != NULL)
        g_string_free(draft->reason, TRUE);
    draft->reason = NULL;
}

void
alert_draft_set(AlertDraft *draft, const char *member, const char *text)
{
    g_autofree char *plain = g_strstrip(g_strdup(text));

    if (*plain != '\0')
        json_object_set_new(draft->object, member, json_string(plain));
}

/* ---- birth dates */

static gboolean
holds(const json_t *array, const char *text)
{
    for (gsize i = 0; i < json_array_size(array); i++)
        if (g_str_equal(json_string_value(json_array_get(array, i)), text))
            return TRUE;
    return FALSE;
}

void
alert_draft_birth(AlertDraft *draft, int year, int month, int day)
{
    char date[32];

    if (month == 0)
        g_snprintf(date, sizeof date, "%04d-XX-XX", year);
    else if (day == 0)
        g_snprintf(date, sizeof date, "%04d-%02d-XX", year, month);
    else
        g_snprintf(date, sizeof date, "%04d-%02d-%02d", year, month, day);
    if (year <= 0 || !watchlist_date_is_partial(date)) {
        watchlist_item_change(draft->item, "a birth date that is no date was left out");
        return;
    }
    if (holds(draft->births, date))
        return;
    if (json_array_size(draft->births) == BIRTHS_MAX)
        watchlist_item_change(draft->item, "birth dates beyond the 32nd were left out");
    else
        json_array_append_new(draft->births, json_string(date));
}

void
alert_draft_birth_years(AlertDraft *draft, int from, int to)
{
    if (from > to || to - from > YEARS_MAX) {
        watchlist_item_change(draft->item, "a span of birth years longer than 16 was left out");
        return;
    }
    watchlist_item_change(draft->item, "a span of birth dates was taken as each of its years");
    for (int year = from; year <= to; year++)
        alert_draft_birth(draft, year, 0, 0);
}

void
alert_draft_birth_about(AlertDraft *draft, int year)
{
    watchlist_item_change(draft->item,
                          "an approximate birth date was taken as its year and those beside it");
    alert_draft_birth(draft, year, 0, 0);
    alert_draft_birth(draft, year - 1, 0, 0);
    alert_draft_birth(draft, year + 1, 0, 0);
}

/* ---- countries and documents */

void
alert_draft_nationality(AlertDraft *draft, const char *country)
{
    char code[4];

    if (watchlist_country_code(country, code) == NULL) {
        watchlist_item_change(draft->item,
                              "a nationality that is no known country stands in the reason only");
        alert_draft_reason(draft, "Nationality as listed: ", country);
    } else if (!holds(draft->nationalities, code)) {
        if (json_array_size(draft->nationalities) == NATIONALITIES_MAX)
            watchlist_item_change(draft->item, "nationalities beyond the 8th were left out");
        else
            json_array_append_new(draft->nationalities, json_string(code));
    }
}

void
alert_draft_document(AlertDraft *draft, const char *type, const char *text, const char *country)
{
    gboolean changed;
    g_autofree char *number = alert_number_from_text(text, &changed);
    char code[4] = "";

    if (number == NULL) {
        watchlist_item_change(draft->item, "a document without a usable number was left out");
        return;
    }
    if (changed)
        watchlist_item_change(draft->item,
                              "a document number was freed of the words and signs around it");
    if (country != NULL && *country != '\0' && watchlist_country_code(country, code) == NULL) {
        watchlist_item_change(
            draft->item, "an issuing country that is no known country stands in the reason only");
        alert_draft_reason(draft, "Issuing country as listed: ", country);
    }
    if (json_array_size(draft->documents) == DOCUMENTS_MAX) {
        watchlist_item_change(draft->item, "documents beyond the 32nd were left out");
        return;
    }
    json_t *document = json_pack("{s:s}", "document_number", number);
    if (*code != '\0')
        json_object_set_new(document, "issuing_state", json_string(code));
    if (*type != '\0')
        json_object_set_new(document, "document_type", json_string(type));
    for (gsize i = 0; i < json_array_size(draft->documents); i++) {
        if (json_equal(json_array_get(draft->documents, i), document)) {
            json_decref(document);
            return;
        }
    }
    json_array_append_new(draft->documents, document);
}

/* ---- the end */

/* What stands there already is not said again. */
void
alert_draft_reason(AlertDraft *draft, const char *label, const char *text)
{
    g_autofree char *plain = g_strstrip(g_strdup(text));

    if (*plain == '\0' || strstr(draft->reason->str, plain) != NULL)
        return;
    if (draft->reason->len > 0)
        g_string_append(draft->reason,
                        draft->reason->str[draft->reason->len - 1] == '.' ? " " : ". ");
    if (label != NULL)
        g_string_append(draft->reason, label);
    g_string_append(draft->reason, plain);
}

static void
put_reason(AlertDraft *draft)
{
    if (draft->reason->len > REASON_MAX) {
        const char *end = draft->reason->str + REASON_MAX;
        while ((*end & 0xc0) == 0x80)
            end--;
        g_string_truncate(draft->reason, (gsize)(end - draft->reason->str));
        watchlist_item_change(draft->item, "the reason was cut to 2,048 bytes");
    }
    if (draft->reason->len > 0)
        json_object_set_new(draft->object, "reason", json_string(draft->reason->str));
}

/* The one at that place becomes the member, the others the array. */
static void
put_first(AlertDraft *draft, json_t *array, gsize first, const char *member, const char *others)
{
    if (json_array_size(array) == 0)
        return;
    json_object_set(draft->object, member, json_array_get(array, first));
    json_array_remove(array, first);
    if (json_array_size(array) > 0)
        json_object_set(draft->object, others, array);
}

/* A whole date before those with unknown parts. */
static gsize
best_birth(const json_t *births)
{
    for (gsize i = 0; i < json_array_size(births); i++)
        if (strchr(json_string_value(json_array_get(births, i)), 'X') == NULL)
            return i;
    return 0;
}

/* The first passport, else the first document, becomes the row's own. */
static void
put_documents(AlertDraft *draft)
{
    gsize first = 0;

    for (gsize i = json_array_size(draft->documents); i-- > 0;) {
        const char *type =
            dv_json_string_or_null(json_array_get(draft->documents, i), "document_type");
        if (type != NULL && g_str_equal(type, "P"))
            first = i;
    }
    if (json_array_size(draft->documents) == 0)
        return;
    json_object_update(draft->object, json_array_get(draft->documents, first));
    json_array_remove(draft->documents, first);
    if (json_array_size(draft->documents) > 0)
        json_object_set(draft->object, "other_documents", draft->documents);
}

void
alert_draft_end(AlertDraft *draft)
{
    put_first(draft, draft->births, best_birth(draft->births), "birth_date", "other_birth_dates");
    put_first(draft, draft->nationalities, 0, "nationality", "other_nationalities");
    put_documents(draft);
    if (json_array_size(draft->aliases) > 0)
        json_object_set(draft->object, "aliases", draft->aliases);
    put_reason(draft);
    draft->item->object = g_steal_pointer(&draft->object);
    alert_draft_clear(draft);
}
