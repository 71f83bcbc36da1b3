// SPDX-License-Identifier: Apache-2.0
/* The owner's statement of a list file. */
#include "list_draft.h"
#include <darvaza/clock.h>
#include <darvaza/error.h>
#include <darvaza/watchlist.h>
#include <darvaza/watchlist_rows.h>
#include <string.h>

#define DAY_US (G_GINT64_CONSTANT(86400) * G_USEC_PER_SEC)
#define CANARY_WANTED 4
#define SPECIMEN_STATE "UTO" /* Doc 9303's invented state */
#define CANARY_PREFIX "CANARY-"

#define COLUMN(name) columns[DV_WATCHLIST_COLUMN_##name]

static void
set(json_t *query, const char *member, const char *value)
{
    if (value && *value)
        json_object_set_new(query, member, json_string(value));
}

/* A question that an exact match answers; NULL for a row that was not put there for it. A statement
 * is readable for everybody who has the repository: it must name nobody. */
static json_t *
question(const char *const *columns)
{
    gboolean person = strcmp(COLUMN(SUBJECT), "person") == 0;
    if (!g_str_has_prefix(COLUMN(ALERT_ID), CANARY_PREFIX) ||
        strcmp(person ? COLUMN(NATIONALITY) : COLUMN(ISSUING_STATE), SPECIMEN_STATE) != 0)
        return NULL;
    json_t *query = json_object();
    set(query, "document_number", COLUMN(DOCUMENT_NUMBER));
    set(query, "issuing_state", COLUMN(ISSUING_STATE));
    set(query, "document_type", COLUMN(DOCUMENT_TYPE));
    if (person) {
        set(query, "surname", COLUMN(SURNAME));
        set(query, "given_names", COLUMN(GIVEN_NAMES));
        set(query, "birth_date", COLUMN(BIRTH_DATE));
    }
    return query;
}

gboolean
list_finds(DvWatchlist *lists, const json_t *query, const char *alert_id)
{
    const DvWatchlistSubject subject = {
        .surname = dv_json_string_or_null(query, "surname"),
        .given_names = dv_json_string_or_null(query, "given_names"),
        .birth_date = dv_json_string_or_null(query, "birth_date"),
        .sex = dv_json_string_or_null(query, "sex"),
        .nationality = dv_json_string_or_null(query, "nationality"),
        .document_number = dv_json_string_or_null(query, "document_number"),
        .issuing_state = dv_json_string_or_null(query, "issuing_state"),
        .document_type = dv_json_string_or_null(query, "document_type"),
    };
    g_autoptr(DvWatchlistAnswer) answer = dv_watchlist_check(lists, &subject, dv_clock_wall_us());
    for (guint i = 0; i < answer->hits->len; i++)
        if (strcmp(((DvWatchlistHit *)g_ptr_array_index(answer->hits, i))->alert_id, alert_id) == 0)
            return TRUE;
    return FALSE;
}

static void
take_row(DvTrustStatement *out, DvWatchlist *lists, const char *const *columns)
{
    g_autoptr(json_t) query = question(columns);
    if (query && out->canary_rows->len < CANARY_WANTED &&
        list_finds(lists, query, COLUMN(ALERT_ID)))
        dv_trust_statement_add_canary(out, query, COLUMN(ALERT_ID));
    if (!out->legal_basis)
        out->legal_basis = g_strdup(COLUMN(LEGAL_BASIS));
    if (!out->purpose)
        out->purpose = g_strdup(COLUMN(PURPOSE));
}

/* Alerts with ids of their own come first, in the order of their ids. */
static gboolean
is_past(const char *const *columns)
{
    return strcmp(COLUMN(ALERT_ID), CANARY_PREFIX) > 0 &&
           !g_str_has_prefix(COLUMN(ALERT_ID), CANARY_PREFIX);
}

static gboolean
read_rows(DvTrustStatement *out, const char *path, gboolean training, GError **error)
{
    const char *const paths[] = {path, NULL};
    const char *const *columns = NULL;
    g_autoptr(DvWatchlist) lists = dv_watchlist_open_files(paths, training);
    g_autoptr(DvWatchlistRows) rows = dv_watchlist_rows_new(paths, error);
    if (!rows)
        return FALSE;
    do {
        if (!dv_watchlist_rows_next(rows, &columns, error))
            return FALSE;
        if (columns)
            take_row(out, lists, columns);
    } while (columns && out->canary_rows->len < CANARY_WANTED && !is_past(columns));
    return TRUE;
}

/* The format has milliseconds. */
static gint64
whole_ms(gint64 time_us)
{
    return time_us / 1000 * 1000;
}

GBytes *
list_statement_make(const char *path, const char *legal_basis, const char *purpose, GError **error)
{
    g_autoptr(DvWatchlistInfo) info = dv_watchlist_info(path, error);
    g_autoptr(DvTrustStatement) out = dv_trust_statement_new();
    if (!info)
        return NULL;
    out->list_id = g_strdup(info->list_id);
    out->version = info->version;
    out->issued_us = whole_ms(dv_clock_wall_us());
    out->expires_us = out->issued_us + 30 * DAY_US;
    out->rows = info->rows;
    g_strlcpy(out->state_hash, info->state_hash, DV_TRUST_HEX);
    out->generated_us = whole_ms(info->generated_us);
    out->stale_us = whole_ms(info->stale_us);
    out->list_expires_us = whole_ms(info->expires_us);
    out->legal_basis = g_strdup(legal_basis);
    out->purpose = g_strdup(purpose);
    if (!read_rows(out, path, info->is_training, error))
        return NULL;
    if (!out->legal_basis || !out->purpose) {
        g_set_error(error, DV_ERROR, DV_ERROR_INVALID,
                    "the list %s is empty: say --legal-basis and --purpose", info->list_id);
        return NULL;
    }
    if (out->canary_rows->len == 0) {
        g_set_error(error, DV_ERROR, DV_ERROR_INVALID,
                    "the list %s has no row for the booths' self test: an invented alert on the "
                    "state " SPECIMEN_STATE ", with an alert_id that begins with " CANARY_PREFIX
                    " (darvaza watchlist import --self-test adds some)",
                    info->list_id);
        return NULL;
    }
    return dv_trust_statement_make(out, error);
}

GBytes *
list_statement_sign(GBytes *statement, const DvTrustRoot *root, const DvKey *key, GError **error)
{
    g_autoptr(DvTrustStatement) read = dv_trust_statement_read(statement, NULL, error);
    g_autoptr(GBytes) signature =
        read ? dv_trust_sign(statement, DV_TRUST_ROLE_OWNER, key, error) : NULL;
    GBytes *whole = signature ? dv_trust_add_signature(statement, signature, root,
                                                       DV_TRUST_ROLE_OWNER, read->list_id, error)
                              : NULL;
    if (read && !whole)
        g_prefix_error(error, "the statement of the list %s: ", read->list_id);
    return whole;
}
