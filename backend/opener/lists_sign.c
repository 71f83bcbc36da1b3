// SPDX-License-Identifier: Apache-2.0
/* Collecting signatures: the keys stay on the signers' machines; here it is known which person
 * handed in which signature, so that two keys are also two people (S11). */
#include "lists.h"

#include <darvaza/clock.h>
#include <darvaza/error.h>
#include <string.h>

#define EDITOR "watchlist_editor"
#define APPROVER "watchlist_approver"

typedef struct {
    char *key_id, *holder, *user, *role;
    gint64 at_us;
    GBytes *signature;
} Signature;

static void
signature_free(void *data)
{
    Signature *one = data;
    g_free(one->key_id);
    g_free(one->holder);
    g_free(one->user);
    g_free(one->role);
    g_bytes_unref(one->signature);
    g_free(one);
}

static char *
text_of(sqlite3_stmt *stmt, int column)
{
    return g_strdup((const char *)sqlite3_column_text(stmt, column));
}

/* Those of exactly this content: a draft that was made anew starts without any. */
static GPtrArray *
read_signatures(DvOpener *opener, const DvDraft *draft, GError **error)
{
    g_autoptr(GPtrArray) list = g_ptr_array_new_with_free_func(signature_free);
    g_autoptr(sqlite3_stmt) stmt =
        dv_sqlite_prepare(opener->db,
                          "SELECT key_id, holder, user, role, at_us, signature FROM list_signatures"
                          " WHERE release = ?1 AND content = ?2 ORDER BY at_us, key_id",
                          error);
    gboolean row = FALSE;
    if (!stmt)
        return NULL;
    sqlite3_bind_int64(stmt, 1, draft->number);
    sqlite3_bind_text(stmt, 2, draft->content, -1, SQLITE_TRANSIENT);
    while (dv_sqlite_step(stmt, &row, error)) {
        if (!row)
            return g_steal_pointer(&list);
        Signature *one = g_new0(Signature, 1);
        *one = (Signature){
            text_of(stmt, 0),
            text_of(stmt, 1),
            text_of(stmt, 2),
            text_of(stmt, 3),
            sqlite3_column_int64(stmt, 4),
            g_bytes_new(sqlite3_column_blob(stmt, 5), (gsize)sqlite3_column_bytes(stmt, 5))};
        g_ptr_array_add(list, one);
    }
    return NULL;
}

static gboolean
has_role(const GPtrArray *list, const char *role)
{
    for (guint i = 0; i < list->len; i++)
        if (strcmp(((const Signature *)list->pdata[i])->role, role) == 0)
            return TRUE;
    return FALSE;
}

/* What is missing, as a word for the page; NULL: nothing. */
static const char *
missing(const DvOpener *opener, const GPtrArray *list)
{
    if (!has_role(list, EDITOR))
        return EDITOR;
    if (!has_role(list, APPROVER))
        return APPROVER;
    return list->len < opener->lists->root->release.threshold ? "signature" : NULL;
}

json_t *
dv_signatures_json(DvOpener *opener, const DvDraft *draft, GError **error)
{
    g_autoptr(GPtrArray) list = read_signatures(opener, draft, error);
    if (!list)
        return NULL;
    json_t *array = json_array();
    for (guint i = 0; i < list->len; i++) {
        const Signature *one = list->pdata[i];
        g_autofree char *at = dv_time_format(one->at_us);
        json_array_append_new(array, json_pack("{s:s, s:s, s:s, s:s, s:s}", "key_id", one->key_id,
                                               "holder", one->holder, "user", one->user, "role",
                                               one->role, "at", at));
    }
    const char *needs = missing(opener, list);
    return json_pack("{s:o, s:I, s:b, s:s?}", "signatures", array, "threshold",
                     (json_int_t)opener->lists->root->release.threshold, "ready", needs == NULL,
                     "needs", needs);
}

GBytes *
dv_signatures_assemble(DvOpener *opener, const DvDraft *draft, GError **error)
{
    g_autoptr(GPtrArray) list = read_signatures(opener, draft, error);
    if (!list)
        return NULL;
    if (missing(opener, list)) {
        g_set_error(error, DV_ERROR, DV_ERROR_DENIED,
                    "Signatures are missing: an editor and another person, an approver, must both "
                    "have signed %s.",
                    draft->object);
        return NULL;
    }
    g_autoptr(GBytes) file = g_bytes_ref(draft->file);
    for (guint i = 0; i < list->len; i++) {
        const Signature *one = list->pdata[i];
        GBytes *more = dv_trust_add_signature(file, one->signature, opener->lists->root,
                                              DV_TRUST_ROLE_RELEASE, NULL, error);
        if (!more)
            return NULL;
        g_bytes_unref(file);
        file = more;
    }
    return dv_trust_signed_by(file, opener->lists->root, DV_TRUST_ROLE_RELEASE, NULL, NULL, NULL,
                              NULL, error) == DV_TRUST_OK
               ? g_steal_pointer(&file)
               : NULL;
}

/* ---- one more ---- */

static gboolean
is_new(const GPtrArray *list, const char *key_id, const char *user, GError **error)
{
    for (guint i = 0; i < list->len; i++) {
        const Signature *one = list->pdata[i];
        if (strcmp(one->user, user) == 0) {
            g_set_error(error, DV_ERROR, DV_ERROR_DENIED,
                        "You have handed in a signature of this release already; the next one must "
                        "be another person's.");
            return FALSE;
        }
        if (strcmp(one->key_id, key_id) == 0) {
            g_set_error(error, DV_ERROR, DV_ERROR_DENIED,
                        "This key has signed this release already (handed in by %s); the next "
                        "person signs with a key of their own.",
                        one->user);
            return FALSE;
        }
    }
    return TRUE;
}

static gboolean
insert(DvOpener *opener, const DvDraft *draft, const char *key_id, const DvUser *user,
       GBytes *signature, GError **error)
{
    const DvTrustKey *key = g_hash_table_lookup(opener->lists->root->keys, key_id);
    gsize length = 0;
    const void *data = g_bytes_get_data(signature, &length);
    g_autoptr(sqlite3_stmt) stmt = dv_sqlite_prepare(
        opener->db,
        "INSERT INTO list_signatures (release, content, key_id, holder, user, role, at_us,"
        " signature) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        error);
    if (!stmt)
        return FALSE;
    sqlite3_bind_int64(stmt, 1, draft->number);
    sqlite3_bind_text(stmt, 2, draft->content, -1, SQLITE_TRANSIENT);
    sqlite3_bind_text(stmt, 3, key_id, -1, SQLITE_TRANSIENT);
    sqlite3_bind_text(stmt, 4, key ? key->holder : "", -1, SQLITE_TRANSIENT);
    sqlite3_bind_text(stmt, 5, user->user, -1, SQLITE_TRANSIENT);
    sqlite3_bind_text(stmt, 6, dv_role_word(user->role), -1, SQLITE_TRANSIENT);
    sqlite3_bind_int64(stmt, 7, dv_clock_wall_us());
    sqlite3_bind_blob(stmt, 8, data, (int)length, SQLITE_TRANSIENT);
    return dv_sqlite_run(stmt, error);
}

static gboolean
still_waits(DvOpener *opener, const DvDraft *draft, GError **error)
{
    g_auto(DvRollout) rollout = {0};
    if (!dv_rollout_read(opener->db, &rollout, error))
        return FALSE;
    if (draft->number > rollout.release)
        return TRUE;
    g_set_error(error, DV_ERROR, DV_ERROR_CONFLICT,
                "This release waits for no signature: release %" G_GINT64_FORMAT " is in force.",
                rollout.release);
    return FALSE;
}

static gboolean
take(DvOpener *opener, const DvSession *session, const DvDraft *draft, GBytes *signature,
     GError **error)
{
    guint hands_in = DV_VERB_LIST_EDIT | DV_VERB_LIST_APPROVE;
    if (!(session->verbs & hands_in))
        return dv_session_may(session, DV_VERB_LIST_APPROVE, error);
    if (!still_waits(opener, draft, error))
        return FALSE;
    g_autofree char *key_id = dv_trust_signature_key_id(signature, error);
    if (!key_id)
        return FALSE;
    g_autoptr(GBytes) with = dv_trust_add_signature(draft->file, signature, opener->lists->root,
                                                    DV_TRUST_ROLE_RELEASE, NULL, error);
    g_autoptr(GPtrArray) list = with ? read_signatures(opener, draft, error) : NULL;
    return list && is_new(list, key_id, session->user->user, error) &&
           insert(opener, draft, key_id, session->user, signature, error);
}

json_t *
dv_lists_sign(DvOpener *opener, const char *token, gint64 number, GBytes *signature, GError **error)
{
    g_autoptr(DvSession) session = dv_session_find(opener, token, error);
    if (!session || !dv_lists_are_here(opener, error))
        return NULL;
    g_autoptr(GError) why = NULL;
    g_autoptr(DvDraft) draft = dv_draft_read(opener, number, &why);
    if (draft && dv_opener_db_begin(opener->db, &why)) {
        if (!take(opener, session, draft, signature, &why) ||
            !dv_opener_db_commit(opener->db, &why))
            dv_opener_db_rollback(opener->db);
    }
    g_autofree char *object =
        draft ? dv_draft_object(draft) : g_strdup_printf("release %" G_GINT64_FORMAT, number);
    if (!dv_opener_log_end(opener, session->user->user, "list.sign", object, "", &why, error))
        return NULL;
    return dv_signatures_json(opener, draft, error);
}

GBytes *
dv_lists_payload(DvOpener *opener, const char *token, gint64 number, GError **error)
{
    g_autoptr(DvSession) session = dv_session_find(opener, token, error);
    if (!session || !dv_lists_are_here(opener, error))
        return NULL;
    g_autoptr(GError) why = NULL;
    g_autoptr(DvDraft) draft =
        dv_session_may(session, DV_VERB_LISTS, &why) ? dv_draft_read(opener, number, &why) : NULL;
    g_autofree char *object =
        draft ? dv_draft_object(draft) : g_strdup_printf("release %" G_GINT64_FORMAT, number);
    if (!dv_opener_log_end(opener, session->user->user, "list.payload", object, "", &why, error))
        return NULL;
    return g_bytes_ref(draft->file);
}
