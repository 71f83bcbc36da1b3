// SPDX-License-Identifier: Apache-2.0
#include "keys.h"
#include "source.h"

#include <darvaza/clock.h>
#include <darvaza/error.h>

#include <string.h>

#define VERSION_MAX 1000000000

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
        return watchlist_refuse(error, "list profile: \"%s\" is empty", key);
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
    g_autoptr(GDateTime) made =
        g_date_time_new_from_unix_utc(profile->generated_us / G_USEC_PER_SEC);
    g_autoptr(GDateTime) latest = g_date_time_add_years(made, DV_WATCHLIST_REVIEW_YEARS);
    profile->review_latest_us = g_date_time_to_unix(latest) * G_USEC_PER_SEC;
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
        return watchlist_refuse(error, "list profile: \"kind\" must be alerts or lost_stolen");
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
            return watchlist_refuse(error, "list profile: a default is no string");
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

/* "person_threshold": N and "thresholds": {"STOP_REFER": N, ...}, 1 to 1000. */
gboolean
watchlist_thresholds_parse(const json_t *object, WatchlistProfile *profile, GError **error)
{
    const char *words[DV_WATCHLIST_ACTIONS + 1] = {NULL};
    json_t *each = json_object_get(object, "thresholds");
    gint64 value = 0;

    if (json_object_get(object, "person_threshold") != NULL &&
        !dv_json_int(object, "person_threshold", 1, 1000, &value, "list profile", error))
        return FALSE;
    profile->person_threshold = (guint)value;
    if (each == NULL)
        return TRUE;
    for (int i = 0; i < DV_WATCHLIST_ACTIONS; i++)
        words[i] = dv_watchlist_action_word((DvWatchlistAction)i);
    if (!dv_json_only(each, words, "list profile: \"thresholds\"", error))
        return FALSE;
    for (int i = 0; i < DV_WATCHLIST_ACTIONS; i++) {
        if (json_object_get(each, words[i]) == NULL)
            continue;
        if (!dv_json_int(each, words[i], 1, 1000, &value, "list profile: \"thresholds\"", error))
            return FALSE;
        profile->thresholds[i] = (guint)value;
    }
    return TRUE;
}

char *
watchlist_thresholds_text(const WatchlistProfile *profile)
{
    g_autoptr(json_t) object = json_object();
    json_t *each = json_object();
    gsize length;

    for (int i = 0; i < DV_WATCHLIST_ACTIONS; i++) {
        if (profile->thresholds[i] != 0)
            json_object_set_new(each, dv_watchlist_action_word((DvWatchlistAction)i),
                                json_integer(profile->thresholds[i]));
    }
    json_object_set_new(object, "thresholds", each);
    if (profile->person_threshold != 0)
        json_object_set_new(object, "person_threshold", json_integer(profile->person_threshold));
    return dv_json_canonical(object, &length, NULL);
}

WatchlistProfile *
watchlist_profile_parse(const json_t *object, GError **error)
{
    static const char *const members[] = {
        "list_id",     "title",      "owner",       "kind",     "version",    "generated_at",
        "stale_after", "expires_at", "is_training", "defaults", "thresholds", "person_threshold",
        NULL};
    g_autoptr(WatchlistProfile) profile = g_new0(WatchlistProfile, 1);

    if (!dv_json_only(object, members, "list profile", error) ||
        !take_string(object, "list_id", LIST_ID_MAX, &profile->list_id, error) ||
        !take_string(object, "title", 128, &profile->title, error) ||
        !take_string(object, "owner", 128, &profile->owner, error) ||
        !take_kind(object, &profile->kind, error) ||
        !dv_json_int(object, "version", 1, VERSION_MAX, &profile->version, "list profile", error) ||
        !take_times(object, profile, error) || !take_defaults(object, profile, error) ||
        !watchlist_thresholds_parse(object, profile, error))
        return NULL;
    if (json_object_get(object, "is_training") != NULL &&
        !dv_json_bool(object, "is_training", &profile->is_training, "list profile", error))
        return NULL;
    if (!watchlist_is_id(profile->list_id, LIST_ID_MAX))
        watchlist_refuse(error, "list profile: \"list_id\" must be of A-Z a-z 0-9 . _ -");
    else if (!(profile->generated_us < profile->stale_us &&
               profile->stale_us <= profile->expires_us))
        watchlist_refuse(
            error, "list profile: the times must be generated_at < stale_after <= expires_at");
    else
        return g_steal_pointer(&profile);
    return NULL;
}
