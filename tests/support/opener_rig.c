// SPDX-License-Identifier: Apache-2.0
#include "opener_rig.h"

#include <darvaza/bus.h>
#include <darvaza/opener_db.h>
#include <darvaza/opener_users.h>
#include <darvaza/password.h>

#define HERE "UTO-BAHNHOF"

static const struct {
    const char *user;
    DvRole role;
    const char *checkpoint;
    gboolean protection;
} accounts[] = {
    {"sup", DV_ROLE_SUPERVISOR, HERE, FALSE},
    {"sup2", DV_ROLE_SUPERVISOR, HERE, FALSE},
    {"away", DV_ROLE_SUPERVISOR, "UTO-HAFEN", FALSE},
    {"officer", DV_ROLE_SUPERVISOR, HERE, FALSE},
    {"second", DV_ROLE_SECOND_LINE, HERE, FALSE},
    {"it", DV_ROLE_IT, "*", FALSE},
    {"auditor", DV_ROLE_AUDITOR, "*", FALSE},
    {"editor", DV_ROLE_WATCHLIST_EDITOR, "*", FALSE},
    {"editor2", DV_ROLE_WATCHLIST_EDITOR, "*", FALSE},
    {"approver", DV_ROLE_WATCHLIST_APPROVER, "*", FALSE},
    {"asylum", DV_ROLE_PROTECTION, "*", TRUE},
    {"asylum-away", DV_ROLE_PROTECTION, "UTO-HAFEN", TRUE},
    {"auditor", DV_ROLE_AUDITOR, "*", TRUE},
};

/* Written directly: what a password costs is for real accounts, and each of them would cost it;
 * here one cheap hash serves all. */
static void
add_account(sqlite3 *db, const char *user, DvRole role, const char *checkpoint, const char *hash)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(sqlite3_stmt) stmt = dv_sqlite_prepare(
        db,
        "INSERT INTO users (user, display, role, checkpoints, password, valid_from_us,"
        " valid_until_us, disabled, changed_us) VALUES (?1, ?1, ?2, ?3, ?4, 0, 0, 0, 0)",
        &error);
    if (!stmt)
        g_error("%s", error->message);
    sqlite3_bind_text(stmt, 1, user, -1, SQLITE_STATIC);
    sqlite3_bind_text(stmt, 2, dv_role_word(role), -1, SQLITE_STATIC);
    sqlite3_bind_text(stmt, 3, checkpoint, -1, SQLITE_STATIC);
    sqlite3_bind_text(stmt, 4, hash, -1, SQLITE_STATIC);
    if (!dv_sqlite_run(stmt, &error))
        g_error("%s", error->message);
}

static void
add_accounts(sqlite3 *db, gboolean protection)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *hash = dv_password_hash_cost(RIG_PASSWORD, 64, 1, &error);
    if (!hash)
        g_error("%s", error->message);
    for (gsize i = 0; i < G_N_ELEMENTS(accounts); i++)
        if (accounts[i].protection == protection)
            add_account(db, accounts[i].user, accounts[i].role, accounts[i].checkpoint, hash);
    if (!protection && (!dv_kiosks_set(db, "test", "KSK-1", HERE, &error) ||
                        !dv_kiosks_set(db, "test", "KSK-9", "UTO-HAFEN", &error)))
        g_error("%s", error->message);
}

static char *
lay_state(const OpenerRig *rig, const char *name, gboolean protection)
{
    g_autoptr(GError) error = NULL;
    char *state = g_build_filename(rig->dir, name, NULL);
    g_autoptr(sqlite3) db = dv_opener_db_open(state, &error);
    if (!db)
        g_error("%s", error->message);
    add_accounts(db, protection);
    return state;
}

OpenerRig *
opener_rig_new(void)
{
    OpenerRig *rig = g_new0(OpenerRig, 1);
    rig->keys = dv_test_keys_new();
    rig->dir = g_dir_make_tmp("dv-opener-XXXXXX", NULL);
    rig->centre_state = lay_state(rig, "centre", FALSE);
    rig->protection_state = lay_state(rig, "protection", TRUE);
    rig->socket = g_build_filename(rig->dir, "opener.sock", NULL);
    rig->protection_socket = g_build_filename(rig->dir, "protection.sock", NULL);
    rig->hold_socket = g_build_filename(rig->dir, "hold.sock", NULL);
    return rig;
}

static GSubprocess *
start(OpenerRig *rig, const char *name, const char *settings, const char *socket)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *path = g_strdup_printf("%s/%s.ini", rig->dir, name);
    if (!g_file_set_contents(path, settings, -1, &error))
        g_error("%s", error->message);
    GSubprocess *process = g_subprocess_new(G_SUBPROCESS_FLAGS_STDERR_SILENCE, &error,
                                            g_getenv("DARVAZA_OPENER"), "--config", path, NULL);
    if (!process)
        g_error("%s", error->message);
    for (int i = 0; i < 500; i++) {
        g_autoptr(GDBusConnection) peer = dv_bus_connect(socket, 1000, NULL);
        if (peer)
            return process;
        g_usleep(20000);
    }
    g_error("%s does not listen", name);
}

void
opener_rig_start_centre(OpenerRig *rig)
{
    g_autofree char *settings = g_strdup_printf(
        "[opener]\nmode = centre\nstate = %s\nsocket = %s\nkeys = %s/centre\ntrust = %s/trust\n"
        "protection_socket = %s\n%s",
        rig->centre_state, rig->socket, rig->keys->dir, rig->keys->dir, rig->hold_socket,
        rig->centre_more ? rig->centre_more : "");
    rig->centre = start(rig, "centre", settings, rig->socket);
}

void
opener_rig_start_protection(OpenerRig *rig)
{
    g_autofree char *settings = g_strdup_printf(
        "[opener]\nmode = protection\nstate = %s\nsocket = %s\nkeys = %s/protection\n"
        "trust = %s/trust\nhold_socket = %s\n",
        rig->protection_state, rig->protection_socket, rig->keys->dir, rig->keys->dir,
        rig->hold_socket);
    rig->protection = start(rig, "protection", settings, rig->protection_socket);
}

static void
stop(GSubprocess **process)
{
    if (!*process)
        return;
    g_subprocess_send_signal(*process, 15);
    g_subprocess_wait(*process, NULL, NULL);
    g_clear_object(process);
}

void
opener_rig_stop_centre(OpenerRig *rig)
{
    stop(&rig->centre);
}

void
opener_rig_stop_protection(OpenerRig *rig)
{
    stop(&rig->protection);
}

void
opener_rig_free(OpenerRig *rig)
{
    stop(&rig->centre);
    stop(&rig->protection);
    dv_test_remove_tree(rig->dir);
    dv_test_keys_free(rig->keys);
    g_free(rig->dir);
    g_free(rig->centre_state);
    g_free(rig->protection_state);
    g_free(rig->socket);
    g_free(rig->protection_socket);
    g_free(rig->hold_socket);
    g_free(rig->centre_more);
    g_free(rig);
}
