// SPDX-License-Identifier: Apache-2.0
/* The profile under which a list file was built, from what it says of itself. */
#include "list_draft_private.h"
#include <darvaza/error.h>
#include <darvaza/sqlite.h>
#include <string.h>

#define TEXT_MAX 8192

static gboolean
take_thresholds(json_t *profile, const char *text, GError **error)
{
    g_autoptr(json_t) object = dv_json_parse(text, strlen(text), TEXT_MAX, error);
    return object && json_object_update_missing(profile, object) == 0;
}

static gboolean
take(json_t *profile, const char *key, const char *value, GError **error)
{
    static const char *const texts[] = {"list_id",      "title",       "owner",
                                        "generated_at", "stale_after", "expires_at"};
    for (gsize i = 0; i < G_N_ELEMENTS(texts); i++)
        if (strcmp(key, texts[i]) == 0)
            json_object_set_new(profile, key, json_string(value));
    if (strcmp(key, "version") == 0) {
        gint64 version;
        if (!g_ascii_string_to_signed(value, 10, 1, G_MAXINT64, &version, error))
            return FALSE;
        json_object_set_new(profile, key, json_integer(version));
    }
    if (strcmp(key, "is_training") == 0)
        json_object_set_new(profile, key, json_boolean(strcmp(value, "true") == 0));
    if (strcmp(key, "kind") == 0) {
        g_autofree char *kind = g_ascii_strdown(value, -1);
        json_object_set_new(profile, key, json_string(kind));
    }
    return strcmp(key, "thresholds") != 0 || !*value || take_thresholds(profile, value, error);
}

json_t *
list_profile_of(const char *path, GError **error)
{
    g_autoptr(json_t) profile = json_object();
    g_autoptr(sqlite3) db = dv_sqlite_open(path, DV_SQLITE_READ_ONLY, error);
    g_autoptr(sqlite3_stmt) stmt =
        db ? dv_sqlite_prepare(db, "SELECT key, value FROM meta", error) : NULL;
    gboolean row = TRUE;
    while (stmt && row) {
        if (!dv_sqlite_step(stmt, &row, error))
            return NULL;
        const char *key = row ? (const char *)sqlite3_column_text(stmt, 0) : NULL;
        const char *value = row ? (const char *)sqlite3_column_text(stmt, 1) : NULL;
        if (key && value && !take(profile, key, value, error))
            return NULL;
    }
    return stmt ? g_steal_pointer(&profile) : NULL;
}
