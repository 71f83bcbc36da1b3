// SPDX-License-Identifier: Apache-2.0
#include "list_meta.h"

#include "checksum.h"

#include <darvaza/clock.h>
#include <darvaza/error.h>

#include <string.h>

void
list_meta_clear(ListMeta *meta)
{
    g_free(meta->list_id);
    g_free(meta->title);
    g_free(meta->owner);
    memset(meta, 0, sizeof *meta);
}

void
list_meta_from_profile(ListMeta *meta, const WatchlistProfile *profile)
{
    meta->list_id = g_strdup(profile->list_id);
    meta->title = g_strdup(profile->title);
    meta->owner = g_strdup(profile->owner);
    meta->kind = profile->kind;
    meta->is_training = profile->is_training;
    meta->version = profile->version;
    meta->generated_us = profile->generated_us;
    meta->stale_us = profile->stale_us;
    meta->expires_us = profile->expires_us;
    meta->person_threshold = profile->person_threshold;
    for (int i = 0; i < DV_WATCHLIST_ACTIONS; i++)
        meta->thresholds[i] = profile->thresholds[i];
}

/* The members in the order in which they are checked. */
typedef enum { META_TEXT, META_KIND, META_FLAG, META_LAYER, META_NUMBER, META_TIME } MetaType;
static const struct {
    const char *key;
    MetaType type;
    gsize offset;
} members[] = {
    {"list_id", META_TEXT, G_STRUCT_OFFSET(ListMeta, list_id)},
    {"title", META_TEXT, G_STRUCT_OFFSET(ListMeta, title)},
    {"owner", META_TEXT, G_STRUCT_OFFSET(ListMeta, owner)},
    {"kind", META_KIND, G_STRUCT_OFFSET(ListMeta, kind)},
    {"is_training", META_FLAG, G_STRUCT_OFFSET(ListMeta, is_training)},
    {"layer", META_LAYER, G_STRUCT_OFFSET(ListMeta, is_delta)},
    {"version", META_NUMBER, G_STRUCT_OFFSET(ListMeta, version)},
    {"base_version", META_NUMBER, G_STRUCT_OFFSET(ListMeta, base_version)},
    {"generated_at", META_TIME, G_STRUCT_OFFSET(ListMeta, generated_us)},
    {"stale_after", META_TIME, G_STRUCT_OFFSET(ListMeta, stale_us)},
    {"expires_at", META_TIME, G_STRUCT_OFFSET(ListMeta, expires_us)},
    {"rows", META_NUMBER, G_STRUCT_OFFSET(ListMeta, rows)},
    {"documents", META_NUMBER, G_STRUCT_OFFSET(ListMeta, documents)},
    {"persons", META_NUMBER, G_STRUCT_OFFSET(ListMeta, persons)},
    {"layer_rows", META_NUMBER, G_STRUCT_OFFSET(ListMeta, layer_rows)},
    {"removed", META_NUMBER, G_STRUCT_OFFSET(ListMeta, removed)},
    {"plain_documents", META_NUMBER, G_STRUCT_OFFSET(ListMeta, plain)},
    {"alerts", META_NUMBER, G_STRUCT_OFFSET(ListMeta, alerts)},
    {"ranges", META_NUMBER, G_STRUCT_OFFSET(ListMeta, ranges)},
    {"doc_entries", META_NUMBER, G_STRUCT_OFFSET(ListMeta, entries)},
    {"filter_parts", META_NUMBER, G_STRUCT_OFFSET(ListMeta, parts)},
};
#define MEMBERS G_N_ELEMENTS(members)
/* Beside the members: "state_hash", "thresholds", and "sum" over all of these. */
enum { SUMMED = MEMBERS + 2 };

static char *
text_of(const ListMeta *meta, gsize i)
{
    gconstpointer at = (const guint8 *)meta + members[i].offset;

    switch (members[i].type) {
    case META_TEXT:
        return g_strdup(*(char *const *)at);
    case META_KIND:
        return g_strdup(dv_watchlist_kind_word(*(const DvWatchlistKind *)at));
    case META_FLAG:
        return g_strdup(*(const gboolean *)at ? "true" : "false");
    case META_LAYER:
        return g_strdup(*(const gboolean *)at ? "delta" : "full");
    case META_NUMBER:
        return g_strdup_printf("%" G_GINT64_FORMAT, *(const gint64 *)at);
    case META_TIME:
        break;
    }
    return dv_time_format(*(const gint64 *)at);
}

static char *
thresholds_text(const ListMeta *meta)
{
    WatchlistProfile profile = {.person_threshold = meta->person_threshold};

    for (int i = 0; i < DV_WATCHLIST_ACTIONS; i++)
        profile.thresholds[i] = meta->thresholds[i];
    return watchlist_thresholds_text(&profile);
}

static gboolean
write_pair(sqlite3_stmt *stmt, const char *key, const char *value, GError **error)
{
    sqlite3_bind_text(stmt, 1, key, -1, SQLITE_STATIC);
    sqlite3_bind_text(stmt, 2, value, -1, SQLITE_STATIC);
    return dv_sqlite_run(stmt, error);
}

gboolean
list_meta_write(const ListMeta *meta, sqlite3 *db, GError **error)
{
    g_autoptr(sqlite3_stmt) stmt =
        dv_sqlite_prepare(db, "INSERT INTO meta (key, value) VALUES (?,?)", error);
    g_autoptr(GPtrArray) values = g_ptr_array_new_with_free_func(g_free);

    if (stmt == NULL)
        return FALSE;
    for (gsize i = 0; i < MEMBERS; i++) {
        g_ptr_array_add(values, text_of(meta, i));
        if (!write_pair(stmt, members[i].key, g_ptr_array_index(values, i), error))
            return FALSE;
    }
    g_ptr_array_add(values, dv_hex(meta->state.sum, DV_SHA256_SIZE));
    g_ptr_array_add(values, thresholds_text(meta));
    g_autofree char *sum = g_strdup_printf(
        "%" G_GINT64_FORMAT, checksum_texts(0, (const char *const *)values->pdata, SUMMED));
    return write_pair(stmt, "state_hash", g_ptr_array_index(values, MEMBERS), error) &&
           write_pair(stmt, "thresholds", g_ptr_array_index(values, MEMBERS + 1), error) &&
           write_pair(stmt, "sum", sum, error);
}

static GHashTable *
read_pairs(sqlite3 *db, GError **error)
{
    g_autoptr(GHashTable) pairs = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    g_autoptr(sqlite3_stmt) stmt = dv_sqlite_prepare(db, "SELECT key, value FROM meta", error);
    gboolean row = FALSE;

    if (stmt == NULL)
        return NULL;
    for (;;) {
        if (!dv_sqlite_step(stmt, &row, error))
            return NULL;
        if (!row)
            return g_steal_pointer(&pairs);
        g_hash_table_insert(pairs, g_strdup((const char *)sqlite3_column_text(stmt, 0)),
                            g_strdup((const char *)sqlite3_column_text(stmt, 1)));
    }
}

static gboolean
take_member(ListMeta *meta, gsize i, const char *text)
{
    gpointer at = (guint8 *)meta + members[i].offset;

    switch (members[i].type) {
    case META_TEXT:
        *(char **)at = g_strdup(text);
        return TRUE;
    case META_KIND:
        *(DvWatchlistKind *)at = g_str_equal(text, "LOST_STOLEN") ? DV_WATCHLIST_KIND_LOST_STOLEN
                                                                  : DV_WATCHLIST_KIND_ALERTS;
        return TRUE;
    case META_FLAG:
        *(gboolean *)at = g_str_equal(text, "true");
        return TRUE;
    case META_LAYER:
        *(gboolean *)at = g_str_equal(text, "delta");
        return TRUE;
    case META_NUMBER:
        return g_ascii_string_to_signed(text, 10, 0, G_MAXINT64, at, NULL);
    case META_TIME:
        break;
    }
    return dv_time_parse(text, at, NULL);
}

static gboolean
take_thresholds(ListMeta *meta, const char *text)
{
    g_autoptr(json_t) object = dv_json_parse(text, strlen(text), 4096, NULL);
    WatchlistProfile profile = {0};

    if (object == NULL || !watchlist_thresholds_parse(object, &profile, NULL))
        return FALSE;
    meta->person_threshold = profile.person_threshold;
    for (int i = 0; i < DV_WATCHLIST_ACTIONS; i++)
        meta->thresholds[i] = profile.thresholds[i];
    return TRUE;
}

static gboolean
take_pairs(ListMeta *meta, GHashTable *pairs)
{
    const char *values[SUMMED];

    for (gsize i = 0; i < SUMMED; i++) {
        const char *key = i < MEMBERS ? members[i].key : i == MEMBERS ? "state_hash" : "thresholds";
        values[i] = g_hash_table_lookup(pairs, key);
        if (values[i] == NULL || (i < MEMBERS && !take_member(meta, i, values[i])))
            return FALSE;
    }
    g_autofree char *sum = g_strdup_printf("%" G_GINT64_FORMAT, checksum_texts(0, values, SUMMED));
    return g_strcmp0(g_hash_table_lookup(pairs, "sum"), sum) == 0 &&
           dv_hex_parse(values[MEMBERS], meta->state.sum, DV_SHA256_SIZE) &&
           take_thresholds(meta, values[MEMBERS + 1]) && meta->version > 0;
}

gboolean
list_meta_read(ListMeta *meta, sqlite3 *db, const char *path, GError **error)
{
    g_autoptr(GHashTable) pairs = read_pairs(db, error);

    if (pairs == NULL)
        return FALSE;
    if (!take_pairs(meta, pairs)) {
        g_set_error(error, DV_ERROR, DV_ERROR_CORRUPT, "list file %s: its profile is damaged",
                    path);
        return FALSE;
    }
    return TRUE;
}
