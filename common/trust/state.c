// SPDX-License-Identifier: Apache-2.0
/* The trusted state as it is kept: root.json and state.json, outside the set in force. */
#include "accept.h"
#include <darvaza/error.h>
#include <darvaza/file.h>

#define WHAT "the trusted state of the lists"
#define STATE_LISTS_MAX 1024

static json_t *
lists_json(const DvTrust *trust)
{
    json_t *object = json_object();
    GHashTableIter iter;
    gpointer list_id, value;
    g_hash_table_iter_init(&iter, trust->lists);
    while (g_hash_table_iter_next(&iter, &list_id, &value)) {
        const TrustListState *state = value;
        json_object_set_new(object, list_id,
                            json_pack("{s:s, s:I}", "state_hash", state->state_hash, "version",
                                      (json_int_t)state->version));
    }
    return object;
}

static json_t *
numbered(gint64 number, const char *sha256)
{
    return number ? json_pack("{s:I, s:s}", "number", (json_int_t)number, "sha256", sha256)
                  : json_null();
}

GBytes *
dv_trust_state(const DvTrust *trust)
{
    gsize length;
    g_autoptr(json_t) object =
        json_pack("{s:i, s:I, s:o, s:o, s:o, s:o, s:o, s:o}", "format", 1, "epoch",
                  (json_int_t)trust->root->version, "timestamp",
                  numbered(trust->timestamp_version, trust->timestamp_sha256), "release",
                  numbered(trust->release, trust->release_sha256), "release_seen",
                  numbered(trust->release_seen, trust->seen_sha256), "clock_floor",
                  trust_time_json(trust->clock_floor_us), "last_good",
                  trust->last_good_us ? trust_time_json(trust->last_good_us) : json_null(), "lists",
                  lists_json(trust));
    char *text = dv_json_canonical(object, &length, NULL);
    g_assert(text);
    return g_bytes_new_take(text, length);
}

/* ---- reading */

static gboolean
read_numbered(const json_t *object, const char *key, gint64 *number, char sha256[DV_TRUST_HEX],
              GError **error)
{
    static const char *const members[] = {"number", "sha256", NULL};
    if (json_is_null(json_object_get(object, key)))
        return TRUE;
    const json_t *pair = trust_get_many(object, key, JSON_OBJECT, 2, WHAT, error);
    return pair && dv_json_only(pair, members, WHAT, error) &&
           trust_get_number(pair, "number", 1, number, WHAT, error) &&
           trust_get_hash(pair, "sha256", sha256, WHAT, error);
}

static gboolean
read_lists(DvTrust *trust, const json_t *object, GError **error)
{
    static const char *const members[] = {"state_hash", "version", NULL};
    const json_t *lists =
        trust_get_many(object, "lists", JSON_OBJECT, STATE_LISTS_MAX, WHAT, error);
    const char *list_id;
    json_t *value;
    if (!lists)
        return FALSE;
    json_object_foreach((json_t *)lists, list_id, value)
    {
        TrustListState *state = g_new0(TrustListState, 1);
        g_hash_table_replace(trust->lists, g_strdup(list_id), state);
        if (!trust_list_id_is_valid(list_id) || !json_is_object(value))
            return trust_invalid(error, WHAT, "a list is not in order");
        if (!dv_json_only(value, members, WHAT, error) ||
            !trust_get_number(value, "version", 1, &state->version, WHAT, error) ||
            !trust_get_hash(value, "state_hash", state->state_hash, WHAT, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean
read_times(DvTrust *trust, const json_t *object, GError **error)
{
    gint64 floor_us;
    if (!trust_get_time(object, "clock_floor", &floor_us, WHAT, error))
        return FALSE;
    trust->clock_floor_us = MAX(trust->clock_floor_us, floor_us);
    return json_is_null(json_object_get(object, "last_good")) ||
           trust_get_time(object, "last_good", &trust->last_good_us, WHAT, error);
}

static gboolean
read_state(DvTrust *trust, GBytes *bytes, GError **error)
{
    static const char *const members[] = {"clock_floor",  "epoch",     "format",
                                          "last_good",    "lists",     "release",
                                          "release_seen", "timestamp", NULL};
    gsize length;
    gint64 format, epoch;
    const void *data = g_bytes_get_data(bytes, &length);
    g_autoptr(json_t) object = dv_json_parse(data, length, DV_TRUST_STATE_MAX, error);
    if (!object)
        return FALSE;
    if (!json_is_object(object))
        return trust_invalid(error, WHAT, "is no object");
    if (!dv_json_only(object, members, WHAT, error) ||
        !dv_json_int(object, "format", 1, 1, &format, WHAT, error) ||
        !trust_get_number(object, "epoch", 1, &epoch, WHAT, error))
        return FALSE;
    /* A newer root may have been stored without its state; an older one must not stand here. */
    if (epoch > trust->root->version)
        return trust_invalid(error, WHAT, "knows a newer root than the one beside it");
    return read_numbered(object, "timestamp", &trust->timestamp_version, trust->timestamp_sha256,
                         error) &&
           read_numbered(object, "release", &trust->release, trust->release_sha256, error) &&
           read_numbered(object, "release_seen", &trust->release_seen, trust->seen_sha256, error) &&
           read_times(trust, object, error) && read_lists(trust, object, error);
}

static void
free_statement(gpointer statement)
{
    dv_trust_statement_free(statement);
}

static gboolean
as_corrupt(GError **error, GError *cause)
{
    g_set_error(error, DV_ERROR, DV_ERROR_CORRUPT, "what this machine trusts: %s", cause->message);
    g_error_free(cause);
    return FALSE;
}

DvTrust *
dv_trust_new(GBytes *root, GBytes *state, GError **error)
{
    GError *cause = NULL;
    g_autoptr(DvTrust) trust = g_new0(DvTrust, 1);
    trust->lists = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    trust->statements = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, free_statement);
    trust->root_file = g_bytes_ref(root);
    trust->root = dv_trust_root_read(root, NULL, &cause);
    if (trust->root)
        trust->clock_floor_us = trust->root->issued_us;
    if (!trust->root ||
        dv_trust_signed_by(root, trust->root, DV_TRUST_ROLE_ROOT, NULL, NULL, NULL, NULL, &cause) !=
            DV_TRUST_OK ||
        (state && !read_state(trust, state, &cause))) {
        as_corrupt(error, cause);
        return NULL;
    }
    return g_steal_pointer(&trust);
}

void
dv_trust_free(DvTrust *trust)
{
    if (!trust)
        return;
    trust_forget_from(trust, PHASE_START);
    g_hash_table_unref(trust->statements);
    g_hash_table_unref(trust->lists);
    g_bytes_unref(trust->root_file);
    dv_trust_root_free(trust->root);
    g_free(trust);
}

DvTrust *
dv_trust_load(const char *folder, GError **error)
{
    g_autofree char *root_path = g_build_filename(folder, "root.json", NULL);
    g_autofree char *state_path = g_build_filename(folder, "state.json", NULL);
    if (!g_file_test(root_path, G_FILE_TEST_EXISTS)) {
        g_set_error(error, DV_ERROR, DV_ERROR_CONFIG,
                    "%s is missing: the first root of the lists' keys is laid there when the "
                    "machine is enrolled",
                    root_path);
        return NULL;
    }
    g_autoptr(GBytes) root = dv_file_read(root_path, DV_TRUST_ROOT_MAX, error);
    if (!root)
        return NULL;
    g_autoptr(GBytes) state = NULL;
    if (g_file_test(state_path, G_FILE_TEST_EXISTS)) {
        state = dv_file_read(state_path, DV_TRUST_STATE_MAX, error);
        if (!state)
            return NULL;
    }
    return dv_trust_new(root, state, error);
}

static gboolean
store_one(const char *folder, const char *name, GBytes *bytes, GError **error)
{
    g_autofree char *path = g_build_filename(folder, name, NULL);
    return dv_file_write(path, g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes), 0644, error);
}

gboolean
dv_trust_store(const DvTrust *trust, const char *folder, GError **error)
{
    g_autoptr(GBytes) state = dv_trust_state(trust);
    return store_one(folder, "root.json", trust->root_file, error) &&
           store_one(folder, "state.json", state, error);
}
