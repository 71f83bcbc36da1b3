// SPDX-License-Identifier: Apache-2.0
#include "source.h"

#include "keys.h"

#include <darvaza/error.h>

#include <string.h>

const char *const dv_watchlist_column_names[COLUMNS + 1] = {
    [COLUMN_ALERT_ID] = "alert_id",
    [COLUMN_SUBJECT] = "subject",
    [COLUMN_DOCUMENT_NUMBER] = "document_number",
    [COLUMN_DOCUMENT_LAST] = "document_last",
    [COLUMN_ISSUING_STATE] = "issuing_state",
    [COLUMN_DOCUMENT_TYPE] = "document_type",
    [COLUMN_SURNAME] = "surname",
    [COLUMN_GIVEN_NAMES] = "given_names",
    [COLUMN_NAME] = "name",
    [COLUMN_BIRTH_DATE] = "birth_date",
    [COLUMN_SEX] = "sex",
    [COLUMN_NATIONALITY] = "nationality",
    [COLUMN_ACTION] = "action",
    [COLUMN_LEGAL_BASIS] = "legal_basis",
    [COLUMN_OWNER] = "owner",
    [COLUMN_PURPOSE] = "purpose",
    [COLUMN_REVIEW_DATE] = "review_date",
    [COLUMN_VALID_FROM] = "valid_from",
    [COLUMN_VALID_UNTIL] = "valid_until",
    [COLUMN_REASON] = "reason",
    [COLUMN_EXTRA] = "extra",
};

gboolean
watchlist_refuse(GError **error, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    g_autofree char *text = g_strdup_vprintf(format, args);
    va_end(args);
    g_set_error_literal(error, DV_ERROR, DV_ERROR_INVALID, text);
    return FALSE;
}

gboolean
watchlist_is_id(const char *text, gsize max)
{
    gsize length = strlen(text);

    return length > 0 && length <= max &&
           strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-") ==
               length &&
           text[0] != '.';
}

gboolean
watchlist_is_state(const char *code)
{
    gsize length = strlen(code);

    return length <= 3 && strspn(code, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == length;
}

void
watchlist_row_clear(WatchlistRow *row)
{
    g_clear_pointer(&row->person_key, g_free);
    g_clear_pointer(&row->extra, g_free);
    g_clear_pointer(&row->object, json_decref);
}

/* ---- documents */

gboolean
watchlist_derive_id(const char *const columns[COLUMNS], char id[ALERT_ID_MAX + 1])
{
    const char *type = columns[COLUMN_DOCUMENT_TYPE], *last = columns[COLUMN_DOCUMENT_LAST];

    return g_snprintf(id, ALERT_ID_MAX + 1, "%s.%s.%s%s%s", columns[COLUMN_ISSUING_STATE],
                      *type != '\0' ? type : "_", columns[COLUMN_DOCUMENT_NUMBER],
                      *last != '\0' ? "-" : "", last) <= ALERT_ID_MAX;
}

gboolean
watchlist_row_is_plain(const char *const columns[COLUMNS])
{
    static const int empty[] = {COLUMN_DOCUMENT_LAST, COLUMN_SURNAME,    COLUMN_GIVEN_NAMES,
                                COLUMN_NAME,          COLUMN_BIRTH_DATE, COLUMN_SEX,
                                COLUMN_NATIONALITY,   COLUMN_EXTRA};
    char id[ALERT_ID_MAX + 1];

    if (!g_str_equal(columns[COLUMN_SUBJECT], "document"))
        return FALSE;
    for (gsize i = 0; i < G_N_ELEMENTS(empty); i++) {
        if (*columns[empty[i]] != '\0')
            return FALSE;
    }
    return watchlist_derive_id(columns, id) && g_str_equal(columns[COLUMN_ALERT_ID], id);
}

/* A range counts its digits up: same length, and the same letters in the same places. */
static gboolean
check_range(const char *first, const char *last, GError **error)
{
    if (strlen(first) != strlen(last))
        return watchlist_refuse(error, "document_last is not as long as document_number");
    for (gsize i = 0; first[i] != '\0'; i++) {
        if (first[i] != last[i] && !(g_ascii_isdigit(first[i]) && g_ascii_isdigit(last[i])))
            return watchlist_refuse(error, "document_last differs in more than its digits");
    }
    if (strcmp(first, last) > 0)
        return watchlist_refuse(error, "document_last comes before document_number");
    return TRUE;
}

static gboolean
take_numbers(WatchlistRow *row, GError **error)
{
    const char *number = row->columns[COLUMN_DOCUMENT_NUMBER];
    const char *last = row->columns[COLUMN_DOCUMENT_LAST];

    if (!watchlist_document_normalise(number, row->document_key) && *number != '\0')
        return watchlist_refuse(
            error, "document_number has a character other than A-Z, 0-9, '<', space, -");
    watchlist_document_fold_key(row->document_key, row->document_fold);
    row->columns[COLUMN_DOCUMENT_NUMBER] = row->document_key;
    if (*last == '\0')
        return TRUE;
    if (!watchlist_document_normalise(last, row->document_last))
        return watchlist_refuse(error,
                                "document_last has a character other than A-Z, 0-9, '<', space, -");
    if (!g_str_equal(row->columns[COLUMN_SUBJECT], "document"))
        return watchlist_refuse(error, "document_last is for documents only");
    if (!check_range(row->document_key, row->document_last, error))
        return FALSE;
    if (g_str_equal(row->document_key, row->document_last))
        row->document_last[0] = '\0';
    row->columns[COLUMN_DOCUMENT_LAST] = row->document_last;
    return TRUE;
}

/* ---- duties, validity, vocabulary */

static gboolean
check_lengths(const WatchlistRow *row, GError **error)
{
    static const gsize longest[COLUMNS] = {
        [COLUMN_ALERT_ID] = ALERT_ID_MAX,
        [COLUMN_SUBJECT] = 16,
        [COLUMN_DOCUMENT_NUMBER] = NUMBER_TEXT_MAX,
        [COLUMN_DOCUMENT_LAST] = NUMBER_TEXT_MAX,
        [COLUMN_ISSUING_STATE] = 3,
        [COLUMN_DOCUMENT_TYPE] = 2,
        [COLUMN_SURNAME] = 512,
        [COLUMN_GIVEN_NAMES] = 512,
        [COLUMN_NAME] = 1024,
        [COLUMN_BIRTH_DATE] = 10,
        [COLUMN_SEX] = 1,
        [COLUMN_NATIONALITY] = 3,
        [COLUMN_ACTION] = 32,
        [COLUMN_LEGAL_BASIS] = 512,
        [COLUMN_OWNER] = 256,
        [COLUMN_PURPOSE] = 512,
        [COLUMN_REVIEW_DATE] = 10,
        [COLUMN_VALID_FROM] = 10,
        [COLUMN_VALID_UNTIL] = 10,
        [COLUMN_REASON] = 2048,
        [COLUMN_EXTRA] = DV_WATCHLIST_LINE_MAX,
    };

    for (int i = 0; i < COLUMNS; i++) {
        if (strnlen(row->columns[i], longest[i] + 1) > longest[i])
            return watchlist_refuse(error, "%s is longer than %" G_GSIZE_FORMAT " bytes",
                                    dv_watchlist_column_names[i], longest[i]);
    }
    return TRUE;
}

static gboolean
check_duties(const WatchlistRow *row, GError **error)
{
    static const int duties[] = {COLUMN_SUBJECT, COLUMN_LEGAL_BASIS, COLUMN_OWNER,
                                 COLUMN_PURPOSE, COLUMN_ACTION,      COLUMN_REVIEW_DATE};

    for (gsize i = 0; i < G_N_ELEMENTS(duties); i++) {
        if (row->columns[duties[i]][strspn(row->columns[duties[i]], " \t")] == '\0')
            return watchlist_refuse(error, "%s is missing", dv_watchlist_column_names[duties[i]]);
    }
    return TRUE;
}

/* Only a document can do without an id of its own. */
static gboolean
take_id(WatchlistRow *row, GError **error)
{
    const char *id = row->columns[COLUMN_ALERT_ID];

    if (*id == '\0' && g_str_equal(row->columns[COLUMN_SUBJECT], "document")) {
        if (!watchlist_derive_id(row->columns, row->alert_id))
            return watchlist_refuse(error, "alert_id is missing, and the numbers are too long to "
                                           "make one of");
        row->columns[COLUMN_ALERT_ID] = row->alert_id;
        return TRUE;
    }
    if (*id == '\0')
        return watchlist_refuse(error, "alert_id is missing");
    if (!watchlist_is_id(id, ALERT_ID_MAX))
        return watchlist_refuse(error, "alert_id must be of A-Z a-z 0-9 . _ -");
    return TRUE;
}

static gboolean
take_action(WatchlistRow *row, GError **error)
{
    for (int i = 0; i < DV_WATCHLIST_ACTIONS; i++) {
        if (g_str_equal(row->columns[COLUMN_ACTION],
                        dv_watchlist_action_word((DvWatchlistAction)i))) {
            row->action = (DvWatchlistAction)i;
            return TRUE;
        }
    }
    return watchlist_refuse(error, "action is none of the action codes");
}

/* Review within three years of the list's making; an alert whose review was missed or whose
 * validity ended does not match any more, as if it had been deleted. */
static gboolean
take_validity(const WatchlistProfile *profile, WatchlistRow *row, GError **error)
{
    const char *from = row->columns[COLUMN_VALID_FROM];
    const char *until = row->columns[COLUMN_VALID_UNTIL];
    gint64 review_us;

    if (!watchlist_date_parse(row->columns[COLUMN_REVIEW_DATE], &review_us))
        return watchlist_refuse(error, "review_date is no date of the form YYYY-MM-DD");
    if (review_us > profile->review_latest_us)
        return watchlist_refuse(error, "review_date lies more than %d years ahead of generated_at",
                                DV_WATCHLIST_REVIEW_YEARS);
    if (*from != '\0' && !watchlist_date_parse(from, &row->from_us))
        return watchlist_refuse(error, "valid_from is no date of the form YYYY-MM-DD");
    if (*until != '\0' && !watchlist_date_parse(until, &row->until_us))
        return watchlist_refuse(error, "valid_until is no date of the form YYYY-MM-DD");
    watchlist_validity(row->columns[COLUMN_REVIEW_DATE], from, until, &row->from_us,
                       &row->until_us);
    if (row->until_us <= profile->generated_us)
        return watchlist_refuse(error, "the alert had ended before the list was made");
    if (row->until_us <= row->from_us)
        return watchlist_refuse(error, "the alert ends before it begins");
    return TRUE;
}

static gboolean
check_vocabulary(const WatchlistRow *row, GError **error)
{
    const char *sex = row->columns[COLUMN_SEX], *type = row->columns[COLUMN_DOCUMENT_TYPE];
    const char *birth = row->columns[COLUMN_BIRTH_DATE];

    if (!watchlist_is_state(row->columns[COLUMN_ISSUING_STATE]))
        return watchlist_refuse(error, "issuing_state is no code of up to three capital letters");
    if (!watchlist_is_state(row->columns[COLUMN_NATIONALITY]))
        return watchlist_refuse(error, "nationality is no code of up to three capital letters");
    if (*sex != '\0' && strchr("FMX", *sex) == NULL)
        return watchlist_refuse(error, "sex is none of F, M, X");
    if (strspn(type, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != strlen(type))
        return watchlist_refuse(error, "document_type is no Doc 9303 document code");
    if (*birth != '\0' && !watchlist_date_is_partial(birth))
        return watchlist_refuse(error, "birth_date is no date of the form YYYY-MM-DD with XX for "
                                       "unknown");
    return TRUE;
}

static gboolean
take_person(WatchlistRow *row, GError **error)
{
    const char *surname = row->columns[COLUMN_SURNAME], *given = row->columns[COLUMN_GIVEN_NAMES];
    const char *name = row->columns[COLUMN_NAME];

    if (*name != '\0' && (*surname != '\0' || *given != '\0'))
        return watchlist_refuse(error, "name stands beside surname or given_names");
    if (*name == '\0' && *surname == '\0' && *given == '\0')
        return watchlist_refuse(error, "surname, given_names and name are missing");
    row->person_key = watchlist_person_key(*name != '\0' ? name : surname, given,
                                           row->columns[COLUMN_BIRTH_DATE]);
    return TRUE;
}

static gboolean
take_subject(WatchlistRow *row, GError **error)
{
    const char *subject = row->columns[COLUMN_SUBJECT];

    if (g_str_equal(subject, "document")) {
        if (row->document_key[0] == '\0')
            return watchlist_refuse(error, "document_number is missing");
        if (*row->columns[COLUMN_ISSUING_STATE] == '\0')
            return watchlist_refuse(error, "issuing_state is missing");
    } else if (!g_str_equal(subject, "person")) {
        return watchlist_refuse(error, "subject must be document or person");
    } else if (!take_person(row, error)) {
        return FALSE;
    }
    if (!take_id(row, error))
        return FALSE;
    row->is_plain = watchlist_row_is_plain(row->columns);
    return TRUE;
}

static gboolean
judge(const WatchlistProfile *profile, WatchlistRow *row, GError **error)
{
    return check_lengths(row, error) && check_duties(row, error) && take_action(row, error) &&
           take_validity(profile, row, error) && check_vocabulary(row, error) &&
           take_numbers(row, error) && take_subject(row, error);
}

/* ---- where the values come from */

static const char *
default_of(const WatchlistProfile *profile, int column)
{
    const json_t *value = json_object_get(profile->defaults, dv_watchlist_column_names[column]);

    return value != NULL ? json_string_value(value) : "";
}

static gboolean
take_members(const WatchlistProfile *profile, WatchlistRow *row, GError **error)
{
    for (int i = 0; i < COLUMN_EXTRA; i++) {
        const json_t *value = json_object_get(row->object, dv_watchlist_column_names[i]);
        if (value == NULL || json_is_null(value))
            row->columns[i] = default_of(profile, i);
        else if (json_is_string(value))
            row->columns[i] = json_string_value(value);
        else
            return watchlist_refuse(error, "%s is no string", dv_watchlist_column_names[i]);
    }
    row->extra = watchlist_extra_from(row->object, error);
    row->columns[COLUMN_EXTRA] = row->extra;
    return row->extra != NULL;
}

static gboolean
check_members(const json_t *object, GError **error)
{
    const char *members[COLUMNS + 8] = {NULL};
    gsize n = 0;

    for (int i = 0; i < COLUMN_EXTRA; i++)
        members[n++] = dv_watchlist_column_names[i];
    for (gsize i = 0; watchlist_extra_members[i] != NULL; i++)
        members[n++] = watchlist_extra_members[i];
    return dv_json_only(object, members, "the row", error);
}

gboolean
watchlist_row_judge(const WatchlistProfile *profile, json_t *object, WatchlistRow *row,
                    GError **error)
{
    memset(row, 0, sizeof *row);
    row->object = object;
    if (check_members(object, error) && take_members(profile, row, error) &&
        judge(profile, row, error))
        return TRUE;
    watchlist_row_clear(row);
    return FALSE;
}

gboolean
watchlist_row_judge_columns(const WatchlistProfile *profile, const char *const columns[COLUMNS],
                            WatchlistRow *row, GError **error)
{
    memset(row, 0, sizeof *row);
    for (int i = 0; i < COLUMNS; i++)
        row->columns[i] = columns[i] != NULL ? columns[i] : default_of(profile, i);
    if (*row->columns[COLUMN_EXTRA] != '\0') {
        row->extra = watchlist_extra_check(row->columns[COLUMN_EXTRA], error);
        if (row->extra == NULL)
            return FALSE;
        row->columns[COLUMN_EXTRA] = row->extra;
    }
    if (judge(profile, row, error))
        return TRUE;
    watchlist_row_clear(row);
    return FALSE;
}
