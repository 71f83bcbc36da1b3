// SPDX-License-Identifier: Apache-2.0
#include <darvaza/clock.h>
#include <darvaza/error.h>
#include <darvaza/opener_audit.h>
#include <darvaza/opener_db.h>
#include <darvaza/opener_users.h>
#include <darvaza/password.h>
#include <string.h>

#define COLUMNS                                                                                    \
    "user, display, role, checkpoints, password, valid_from_us, valid_until_us, disabled"

void
dv_user_free(DvUser *user)
{
    if (!user)
        return;
    g_free(user->user);
    g_free(user->display);
    g_strfreev(user->checkpoints);
    g_free(user->password);
    g_free(user);
}

gboolean
dv_user_is_current(const DvUser *user, gint64 now_us)
{
    return !user->disabled && now_us >= user->valid_from_us &&
           (user->valid_until_us == 0 || now_us < user->valid_until_us);
}

gboolean
dv_user_covers(const DvUser *user, const char *checkpoint)
{
    for (char **code = user->checkpoints; code && *code; code++)
        if (strcmp(*code, "*") == 0 || g_strcmp0(*code, checkpoint) == 0)
            return TRUE;
    return FALSE;
}

static gboolean
only(const char *text, const char *alphabet, gsize max)
{
    gsize length = text ? strlen(text) : 0;
    return length > 0 && length <= max && strspn(text, alphabet) == length;
}

gboolean
dv_user_id_is_valid(const char *user)
{
    return only(user, "abcdefghijklmnopqrstuvwxyz0123456789._-", DV_USER_MAX);
}

gboolean
dv_checkpoint_is_valid(const char *checkpoint)
{
    return only(checkpoint, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-",
                DV_CHECKPOINT_MAX);
}

static DvUser *
user_from_row(sqlite3_stmt *stmt, GError **error)
{
    g_autoptr(DvUser) user = g_new0(DvUser, 1);
    user->user = g_strdup((const char *)sqlite3_column_text(stmt, 0));
    user->display = g_strdup((const char *)sqlite3_column_text(stmt, 1));
    user->checkpoints = g_strsplit((const char *)sqlite3_column_text(stmt, 3), " ", -1);
    user->password = g_strdup((const char *)sqlite3_column_text(stmt, 4));
    user->valid_from_us = sqlite3_column_int64(stmt, 5);
    user->valid_until_us = sqlite3_column_int64(stmt, 6);
    user->disabled = sqlite3_column_int(stmt, 7) != 0;
    if (!dv_role_parse((const char *)sqlite3_column_text(stmt, 2), &user->role)) {
        g_set_error(error, DV_ERROR, DV_ERROR_CORRUPT, "account %s: its role is unknown",
                    user->user);
        return NULL;
    }
    return g_steal_pointer(&user);
}

DvUser *
dv_users_get(sqlite3 *db, const char *user, GError **error)
{
    g_autoptr(sqlite3_stmt) stmt =
        dv_sqlite_prepare(db, "SELECT " COLUMNS " FROM users WHERE user = ?1", error);
    if (!stmt)
        return NULL;
    sqlite3_bind_text(stmt, 1, user, -1, SQLITE_TRANSIENT);
    gboolean row = FALSE;
    if (!dv_sqlite_step(stmt, &row, error) || !row)
        return NULL;
    return user_from_row(stmt, error);
}

GPtrArray *
dv_users_list(sqlite3 *db, GError **error)
{
    g_autoptr(sqlite3_stmt) stmt =
        dv_sqlite_prepare(db, "SELECT " COLUMNS " FROM users ORDER BY user", error);
    if (!stmt)
        return NULL;
    g_autoptr(GPtrArray) users = g_ptr_array_new_with_free_func((GDestroyNotify)dv_user_free);
    gboolean row = FALSE;
    while (TRUE) {
        if (!dv_sqlite_step(stmt, &row, error))
            return NULL;
        if (!row)
            return g_steal_pointer(&users);
        DvUser *user = user_from_row(stmt, error);
        if (!user)
            return NULL;
        g_ptr_array_add(users, user);
    }
}

static gboolean
checkpoints_are_valid(char **checkpoints)
{
    guint count = checkpoints ? g_strv_length(checkpoints) : 0;
    if (count == 1 && strcmp(checkpoints[0], "*") == 0)
        return TRUE;
    if (count == 0 || count > DV_CHECKPOINTS_MAX)
        return FALSE;
    for (guint i = 0; i < count; i++)
        if (!dv_checkpoint_is_valid(checkpoints[i]))
            return FALSE;
    return TRUE;
}

static gboolean
check_new(const DvUser *user, GError **error)
{
    const char *wrong = NULL;
    if (!dv_user_id_is_valid(user->user))
        wrong = "the id must be 1 to 32 of a-z 0-9 . _ -";
    else if (!user->display || !*user->display || strlen(user->display) > 80 ||
             !g_utf8_validate(user->display, -1, NULL))
        wrong = "the display name must be 1 to 80 bytes of UTF-8";
    else if ((guint)user->role >= DV_ROLE_COUNT)
        wrong = "the role is unknown";
    else if (!checkpoints_are_valid(user->checkpoints))
        wrong = "checkpoints must be codes of A-Z a-z 0-9 . _ - , or one *";
    else if (user->valid_until_us != 0 && user->valid_until_us <= user->valid_from_us)
        wrong = "it would end before it begins";
    if (!wrong)
        return TRUE;
    g_set_error(error, DV_ERROR, DV_ERROR_INVALID, "account %s: %s",
                user->user ? user->user : "(none)", wrong);
    return FALSE;
}

static char *
hash_new_password(const char *user, const char *password, GError **error)
{
    if (!password || g_utf8_strlen(password, -1) < DV_PASSWORD_MIN) {
        g_set_error(error, DV_ERROR, DV_ERROR_INVALID,
                    "account %s: a password needs at least %d characters", user, DV_PASSWORD_MIN);
        return NULL;
    }
    return dv_password_hash(password, error);
}

static gboolean
insert(sqlite3 *db, const DvUser *user, const char *hash, GError **error)
{
    g_autoptr(sqlite3_stmt) stmt = dv_sqlite_prepare(db,
                                                     "INSERT INTO users (" COLUMNS ", changed_us)"
                                                     " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
                                                     error);
    if (!stmt)
        return FALSE;
    g_autofree char *checkpoints = g_strjoinv(" ", user->checkpoints);
    sqlite3_bind_text(stmt, 1, user->user, -1, SQLITE_TRANSIENT);
    sqlite3_bind_text(stmt, 2, user->display, -1, SQLITE_TRANSIENT);
    sqlite3_bind_text(stmt, 3, dv_role_word(user->role), -1, SQLITE_STATIC);
    sqlite3_bind_text(stmt, 4, checkpoints, -1, SQLITE_TRANSIENT);
    sqlite3_bind_text(stmt, 5, hash, -1, SQLITE_TRANSIENT);
    sqlite3_bind_int64(stmt, 6, user->valid_from_us);
    sqlite3_bind_int64(stmt, 7, user->valid_until_us);
    sqlite3_bind_int(stmt, 8, user->disabled ? 1 : 0);
    sqlite3_bind_int64(stmt, 9, dv_clock_wall_us());
    return dv_sqlite_run(stmt, error);
}

/* Ends the transaction that a change began: with its audit entry, or not at all. */
static gboolean
finish_change(sqlite3 *db, gboolean ok, const char *actor, const char *verb, const char *object,
              GError **error)
{
    DvAuditEntry entry = {actor, verb, object, "ok", ""};
    ok = ok && dv_audit_append(db, &entry, error) && dv_opener_db_commit(db, error);
    if (!ok)
        dv_opener_db_rollback(db);
    return ok;
}

gboolean
dv_users_add(sqlite3 *db, const char *actor, const DvUser *user, const char *password,
             GError **error)
{
    if (!check_new(user, error))
        return FALSE;
    g_autofree char *hash = hash_new_password(user->user, password, error);
    if (!hash || !dv_opener_db_begin(db, error))
        return FALSE;
    g_autoptr(GError) why = NULL;
    gboolean ok = insert(db, user, hash, &why);
    if (!ok && why->code == DV_ERROR_CONFLICT)
        g_set_error(error, DV_ERROR, DV_ERROR_CONFLICT, "account %s: the id is taken", user->user);
    else if (!ok)
        g_propagate_error(error, g_steal_pointer(&why));
    return finish_change(db, ok, actor, "account.add", user->user, error);
}

/* Runs one UPDATE of an existing account and ends its sessions. */
static gboolean
change_user(sqlite3 *db, const char *sql, const char *user, const char *text, int number,
            GError **error)
{
    g_autoptr(sqlite3_stmt) update = dv_sqlite_prepare(db, sql, error);
    if (!update)
        return FALSE;
    sqlite3_bind_text(update, 1, user, -1, SQLITE_TRANSIENT);
    if (text)
        sqlite3_bind_text(update, 2, text, -1, SQLITE_TRANSIENT);
    else
        sqlite3_bind_int(update, 2, number);
    sqlite3_bind_int64(update, 3, dv_clock_wall_us());
    if (!dv_sqlite_run(update, error))
        return FALSE;
    if (sqlite3_changes(db) == 0) {
        g_set_error(error, DV_ERROR, DV_ERROR_INVALID, "account %s: there is none of that id",
                    user);
        return FALSE;
    }
    g_autoptr(sqlite3_stmt) end =
        dv_sqlite_prepare(db, "DELETE FROM sessions WHERE user = ?1", error);
    if (!end)
        return FALSE;
    sqlite3_bind_text(end, 1, user, -1, SQLITE_TRANSIENT);
    return dv_sqlite_run(end, error);
}

gboolean
dv_users_set_password(sqlite3 *db, const char *actor, const char *user, const char *password,
                      GError **error)
{
    g_autofree char *hash = hash_new_password(user, password, error);
    if (!hash || !dv_opener_db_begin(db, error))
        return FALSE;
    gboolean ok = change_user(db, "UPDATE users SET password = ?2, changed_us = ?3 WHERE user = ?1",
                              user, hash, 0, error);
    return finish_change(db, ok, actor, "account.passwd", user, error);
}

gboolean
dv_users_set_disabled(sqlite3 *db, const char *actor, const char *user, gboolean disabled,
                      GError **error)
{
    if (!dv_opener_db_begin(db, error))
        return FALSE;
    gboolean ok = change_user(db, "UPDATE users SET disabled = ?2, changed_us = ?3 WHERE user = ?1",
                              user, NULL, disabled ? 1 : 0, error);
    return finish_change(db, ok, actor, disabled ? "account.disable" : "account.enable", user,
                         error);
}
