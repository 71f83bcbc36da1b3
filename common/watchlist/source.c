// SPDX-License-Identifier: Apache-2.0
#include "source.h"

#include "keys.h"

#include <darvaza/clock.h>
#include <darvaza/error.h>

#include <string.h>

#define LIST_ID_MAX 32
#define ALERT_ID_MAX 64
#define VERSION_MAX 1000000000

const char *const watchlist_column_names[COLUMNS + 1] = {
    [COLUMN_ALERT_ID] = "alert_id",
    [COLUMN_SUBJECT] = "subject",
    [COLUMN_DOCUMENT_NUMBER] = "document_number",
    [COLUMN_ISSUING_STATE] = "issuing_state",
    [COLUMN_DOCUMENT_TYPE] = "document_type",
    [COLUMN_SURNAME] = "surname",
    [COLUMN_GIVEN_NAMES] = "given_names",
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
};

static gboolean G_GNUC_PRINTF(2, 3) refuse(GError **error, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    g_autofree char *text = g_strdup_vprintf(format, args);
    va_end(args);
    g_set_error_literal(error, DV_ERROR, DV_ERROR_INVALID, text);
    return FALSE;
}

static gboolean
is_id(const char *text, gsize max)
{
    gsize length = strlen(text);

    return length > 0 && length <= max &&
           strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-") ==
               length &&
           text[0] != '.';
}

/* ---- the profile */

void
watchlist_profile_free(WatchlistProfile *profile)
{
    if (profile == NULL)
        return;
    g_free(profile->list_id);
    g_free(profile->title);
    g_free(profile->owner);
    json_decref(profile->defaults);
    g_free(profile);
}

static gboolean
take_string(const json_t *object, const char *key, gsize max, char **out, GError **error)
{
    const char *text = dv_json_string(object, key, max, "list profile", error);

    if (text == NULL)
        return FALSE;
    if (*text == '\0')
        return refuse(error, "list profile: \"%s\" is empty", key);
    *out = g_strdup(text);
    return TRUE;
}

/* "P7D" or "PT12H": an ISO 8601 duration in days or in hours. */
static gboolean
parse_duration(const char *text, gint64 *us)
{
    gboolean hours = g_str_has_prefix(text, "PT");
    const char *p = text + (hours ? 2 : 1);
    gint64 number = 0;

    if (*text != 'P' || !g_ascii_isdigit(*p))
        return FALSE;
    for (; g_ascii_isdigit(*p) && number < 100000; p++)
        number = number * 10 + (*p - '0');
    *us = number * (hours ? WATCHLIST_DAY_US / 24 : WATCHLIST_DAY_US);
    return p[0] == (hours ? 'H' : 'D') && p[1] == '\0' && number > 0;
}

/* A time, or a duration counted from base_us where base_us is not 0. */
static gboolean
take_time(const json_t *object, const char *key, gint64 base_us, gint64 *out, GError **error)
{
    const char *text = dv_json_string(object, key, 32, "list profile", error);

    if (text == NULL)
        return FALSE;
    if (base_us != 0 && parse_duration(text, out)) {
        *out += base_us;
        return TRUE;
    }
    if (!dv_time_parse(text, out, error)) {
        g_prefix_error(error, "list profile: \"%s\": ", key);
        return FALSE;
    }
    return TRUE;
}

/* A source without generated_at is made at the moment at which it is built. */
static gboolean
take_times(const json_t *object, WatchlistProfile *profile, GError **error)
{
    profile->generated_us = dv_clock_wall_us();
    if (json_object_get(object, "generated_at") != NULL &&
        !take_time(object, "generated_at", 0, &profile->generated_us, error))
        return FALSE;
    return take_time(object, "stale_after", profile->generated_us, &profile->stale_us, error) &&
           take_time(object, "expires_at", profile->generated_us, &profile->expires_us, error);
}

static gboolean
take_kind(const json_t *object, DvWatchlistKind *kind, GError **error)
{
    const char *word = dv_json_string(object, "kind", 32, "list profile", error);

    if (word == NULL)
        return FALSE;
    *kind =
        g_str_equal(word, "lost_stolen") ? DV_WATCHLIST_KIND_LOST_STOLEN : DV_WATCHLIST_KIND_ALERTS;
    if (*kind == DV_WATCHLIST_KIND_ALERTS && !g_str_equal(word, "alerts"))
        return refuse(error, "list profile: \"kind\" must be alerts or lost_stolen");
    return TRUE;
}

static gboolean
take_defaults(const json_t *object, WatchlistProfile *profile, GError **error)
{
    static const char *const allowed[] = {
        "issuing_state", "document_type", "action",      "legal_basis",
        "owner",         "purpose",       "review_date", NULL};
    json_t *defaults = json_object_get(object, "defaults");
    const char *key;
    json_t *value;

    if (defaults == NULL)
        return TRUE;
    if (!dv_json_only(defaults, allowed, "list profile: \"defaults\"", error))
        return FALSE;
    json_object_foreach(defaults, key, value)
    {
        if (!json_is_string(value))
            return refuse(error, "list profile: a default is no string");
    }
    profile->defaults = json_deep_copy(defaults);
    const char *review = dv_json_string_or_null(defaults, "review_date");
    gint64 after_us;
    if (review != NULL && parse_duration(review, &after_us)) {
        g_autofree char *when = dv_time_format(profile->generated_us + after_us);
        when[10] = '\0';
        json_object_set_new(profile->defaults, "review_date", json_string(when));
    }
    return TRUE;
}

WatchlistProfile *
watchlist_profile_parse(const json_t *object, GError **error)
{
    static const char *const members[] = {
        "list_id",     "title",      "owner",       "kind",     "version", "generated_at",
        "stale_after", "expires_at", "is_training", "defaults", NULL};
    g_autoptr(WatchlistProfile) profile = g_new0(WatchlistProfile, 1);

    if (!dv_json_only(object, members, "list profile", error) ||
        !take_string(object, "list_id", LIST_ID_MAX, &profile->list_id, error) ||
        !take_string(object, "title", 128, &profile->title, error) ||
        !take_string(object, "owner", 128, &profile->owner, error) ||
        !take_kind(object, &profile->kind, error) ||
        !dv_json_int(object, "version", 1, VERSION_MAX, &profile->version, "list profile", error) ||
        !take_times(object, profile, error) || !take_defaults(object, profile, error))
        return NULL;
    if (json_object_get(object, "is_training") != NULL &&
        !dv_json_bool(object, "is_training", &profile->is_training, "list profile", error))
        return NULL;
    if (!is_id(profile->list_id, LIST_ID_MAX))
        refuse(error, "list profile: \"list_id\" must be of A-Z a-z 0-9 . _ -");
    else if (!(profile->generated_us < profile->stale_us &&
               profile->stale_us <= profile->expires_us))
        refuse(error, "list profile: the times must be generated_at < stale_after <= expires_at");
    else
        return g_steal_pointer(&profile);
    return NULL;
}

/* ---- a row */

void
watchlist_row_clear(WatchlistRow *row)
{
    g_clear_pointer(&row->document_key, g_free);
    g_clear_pointer(&row->document_fold, g_free);
    g_clear_pointer(&row->person_key, g_free);
    g_clear_pointer(&row->object, json_decref);
}

static gboolean
take_columns(const WatchlistProfile *profile, WatchlistRow *row, GError **error)
{
    static const gsize longest[COLUMNS] = {
        [COLUMN_ALERT_ID] = ALERT_ID_MAX,
        [COLUMN_SUBJECT] = 16,
        [COLUMN_DOCUMENT_NUMBER] = 48,
        [COLUMN_ISSUING_STATE] = 3,
        [COLUMN_DOCUMENT_TYPE] = 2,
        [COLUMN_SURNAME] = 512,
        [COLUMN_GIVEN_NAMES] = 512,
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
    };

    for (int i = 0; i < COLUMNS; i++) {
        const char *name = watchlist_column_names[i];
        json_t *value = json_object_get(row->object, name);
        if (value == NULL || json_is_null(value))
            value = json_object_get(profile->defaults, name);
        row->columns[i] = "";
        if (value == NULL)
            continue;
        if (!json_is_string(value))
            return refuse(error, "%s is no string", name);
        if (json_string_length(value) > longest[i])
            return refuse(error, "%s is longer than %" G_GSIZE_FORMAT " bytes", name, longest[i]);
        row->columns[i] = json_string_value(value);
    }
    return TRUE;
}

static gboolean
check_duties(const WatchlistRow *row, GError **error)
{
    static const int duties[] = {COLUMN_ALERT_ID, COLUMN_SUBJECT, COLUMN_LEGAL_BASIS, COLUMN_OWNER,
                                 COLUMN_PURPOSE,  COLUMN_ACTION,  COLUMN_REVIEW_DATE};

    for (gsize i = 0; i < G_N_ELEMENTS(duties); i++) {
        if (row->columns[duties[i]][strspn(row->columns[duties[i]], " \t")] == '\0')
            return refuse(error, "%s is missing", watchlist_column_names[duties[i]]);
    }
    if (!is_id(row->columns[COLUMN_ALERT_ID], ALERT_ID_MAX))
        return refuse(error, "alert_id must be of A-Z a-z 0-9 . _ -");
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
    return refuse(error, "action is none of the action codes");
}

/* Review within three years of the list's making; an alert whose review was missed or whose
 * validity ended does not match any more, as if it had been deleted. */
static gboolean
take_validity(const WatchlistProfile *profile, WatchlistRow *row, GError **error)
{
    g_autoptr(GDateTime) made =
        g_date_time_new_from_unix_utc(profile->generated_us / G_USEC_PER_SEC);
    g_autoptr(GDateTime) latest = g_date_time_add_years(made, DV_WATCHLIST_REVIEW_YEARS);
    const char *from = row->columns[COLUMN_VALID_FROM];
    const char *until = row->columns[COLUMN_VALID_UNTIL];
    gint64 review_us, until_us;

    if (!watchlist_date_parse(row->columns[COLUMN_REVIEW_DATE], &review_us))
        return refuse(error, "review_date is no date of the form YYYY-MM-DD");
    if (review_us > g_date_time_to_unix(latest) * G_USEC_PER_SEC)
        return refuse(error, "review_date lies more than %d years ahead of generated_at",
                      DV_WATCHLIST_REVIEW_YEARS);
    if (*from != '\0' && !watchlist_date_parse(from, &row->from_us))
        return refuse(error, "valid_from is no date of the form YYYY-MM-DD");
    if (*from == '\0')
        row->from_us = G_MININT64;
    row->until_us = review_us + WATCHLIST_DAY_US;
    if (*until != '\0') {
        if (!watchlist_date_parse(until, &until_us))
            return refuse(error, "valid_until is no date of the form YYYY-MM-DD");
        row->until_us = MIN(row->until_us, until_us + WATCHLIST_DAY_US);
    }
    if (row->until_us <= profile->generated_us)
        return refuse(error, "the alert had ended before the list was made");
    if (row->until_us <= row->from_us)
        return refuse(error, "the alert ends before it begins");
    return TRUE;
}

static gboolean
is_state(const char *code)
{
    gsize length = strlen(code);

    return length <= 3 && strspn(code, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == length;
}

static gboolean
check_vocabulary(const WatchlistRow *row, GError **error)
{
    const char *sex = row->columns[COLUMN_SEX], *type = row->columns[COLUMN_DOCUMENT_TYPE];
    const char *birth = row->columns[COLUMN_BIRTH_DATE];

    if (!is_state(row->columns[COLUMN_ISSUING_STATE]))
        return refuse(error, "issuing_state is no code of up to three capital letters");
    if (!is_state(row->columns[COLUMN_NATIONALITY]))
        return refuse(error, "nationality is no code of up to three capital letters");
    if (*sex != '\0' && strchr("FMX", *sex) == NULL)
        return refuse(error, "sex is none of F, M, X");
    if (strspn(type, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != strlen(type))
        return refuse(error, "document_type is no Doc 9303 document code");
    if (*birth != '\0' && !watchlist_date_is_partial(birth))
        return refuse(error, "birth_date is no date of the form YYYY-MM-DD with XX for unknown");
    return TRUE;
}

static gboolean
take_subject(WatchlistRow *row, GError **error)
{
    const char *subject = row->columns[COLUMN_SUBJECT];
    const char *number = row->columns[COLUMN_DOCUMENT_NUMBER];

    row->document_key = watchlist_document_key(number);
    row->document_fold = watchlist_document_fold(number);
    if (*number != '\0' && row->document_key == NULL)
        return refuse(error, "document_number has a character other than A-Z, 0-9, '<', space, -");
    if (g_str_equal(subject, "document")) {
        if (row->document_key == NULL)
            return refuse(error, "document_number is missing");
        if (*row->columns[COLUMN_ISSUING_STATE] == '\0')
            return refuse(error, "issuing_state is missing");
        return TRUE;
    }
    if (!g_str_equal(subject, "person"))
        return refuse(error, "subject must be document or person");
    if (*row->columns[COLUMN_SURNAME] == '\0' && *row->columns[COLUMN_GIVEN_NAMES] == '\0')
        return refuse(error, "surname and given_names are missing");
    row->person_key =
        watchlist_person_key(row->columns[COLUMN_SURNAME], row->columns[COLUMN_GIVEN_NAMES],
                             row->columns[COLUMN_BIRTH_DATE]);
    return TRUE;
}

gboolean
watchlist_row_judge(const WatchlistProfile *profile, json_t *object, WatchlistRow *row,
                    GError **error)
{
    memset(row, 0, sizeof *row);
    row->object = object;
    if (dv_json_only(object, watchlist_column_names, "the row", error) &&
        take_columns(profile, row, error) && check_duties(row, error) && take_action(row, error) &&
        take_validity(profile, row, error) && check_vocabulary(row, error) &&
        take_subject(row, error))
        return TRUE;
    watchlist_row_clear(row);
    return FALSE;
}
