// SPDX-License-Identifier: Apache-2.0
/* darvaza account and darvaza audit, as an administrator types them. */
#include "keys.h"

#include <darvaza/opener_audit.h>
#include <darvaza/opener_db.h>
#include <darvaza/opener_users.h>
#include <darvaza/password.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>

#include <cmocka.h>

static char *dir, *state_dir, *password_file;
static char *out, *err;

static int
setup(void **state)
{
    (void)state;
    dir = g_dir_make_tmp("dv-account-XXXXXX", NULL);
    state_dir = g_build_filename(dir, "state", NULL);
    password_file = g_build_filename(dir, "password", NULL);
    return g_file_set_contents(password_file, "correct horse battery\nsecond line\n", -1, NULL)
               ? 0
               : -1;
}

static int
teardown(void **state)
{
    (void)state;
    dv_test_remove_tree(dir);
    g_free(dir);
    g_free(state_dir);
    g_free(password_file);
    g_free(out);
    g_free(err);
    return 0;
}

/* Words parted by one space; %s as in printf. */
static int G_GNUC_PRINTF(1, 2) run(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    g_autofree char *line = g_strdup_vprintf(format, args);
    va_end(args);
    g_autofree char *whole = g_strdup_printf("%s %s", g_getenv("DARVAZA"), line);
    g_auto(GStrv) argv = g_strsplit(whole, " ", -1);
    g_clear_pointer(&out, g_free);
    g_clear_pointer(&err, g_free);
    int status = -1;
    g_autoptr(GError) error = NULL;
    if (!g_spawn_sync(NULL, argv, NULL, G_SPAWN_DEFAULT, NULL, NULL, &out, &err, &status, &error))
        fail_msg("%s", error->message);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void
accounts_live_from_add_to_disable(void **state)
{
    (void)state;
    assert_int_equal(run("account add --state %s --user sup --role supervisor --checkpoints "
                         "UTO-BAHNHOF,UTO-HAFEN --valid-until 2099-12-31 --password-file %s",
                         state_dir, password_file),
                     0);
    g_autoptr(GError) error = NULL;
    g_autoptr(sqlite3) db = dv_opener_db_open(state_dir, &error);
    g_autoptr(DvUser) user = dv_users_get(db, "sup", &error);
    assert_non_null(user);
    assert_int_equal(user->role, DV_ROLE_SUPERVISOR);
    assert_true(dv_user_covers(user, "UTO-HAFEN"));
    assert_true(dv_password_verify(user->password, "correct horse battery"));
    assert_int_equal(run("account add --state %s --user sup --role supervisor --checkpoints * "
                         "--password-file %s",
                         state_dir, password_file),
                     1);
    assert_non_null(strstr(err, "taken"));
    assert_int_equal(run("account disable --state %s --user sup", state_dir), 0);
    assert_int_equal(run("account list --state %s", state_dir), 0);
    assert_non_null(strstr(out, "disabled"));
    assert_null(strstr(out, "argon2"));
    assert_int_equal(run("account enable --state %s --user sup", state_dir), 0);
    assert_int_equal(run("account disable --state %s --user nobody", state_dir), 1);
    g_assert_true(g_file_set_contents(password_file, "another long word\n", -1, NULL));
    assert_int_equal(
        run("account passwd --state %s --user sup --password-file %s", state_dir, password_file),
        0);
    g_autoptr(DvUser) changed = dv_users_get(db, "sup", &error);
    assert_true(dv_password_verify(changed->password, "another long word"));
    assert_int_equal(
        run("account kiosk --state %s --kiosk KSK-1 --checkpoint UTO-HAFEN", state_dir), 0);
    assert_int_equal(run("account kiosk --state %s", state_dir), 0);
    assert_non_null(strstr(out, "UTO-HAFEN"));
}

static void
every_change_is_in_the_log(void **state)
{
    (void)state;
    assert_int_equal(run("audit list --state %s", state_dir), 0);
    static const char *const verbs[] = {"account.add",    "account.disable", "account.enable",
                                        "account.passwd", "kiosk.register",  "cli:"};
    for (gsize i = 0; i < G_N_ELEMENTS(verbs); i++)
        assert_non_null(strstr(out, verbs[i]));
    assert_null(strstr(out, "long word"));
    assert_int_equal(run("audit verify --state %s", state_dir), 0);
    assert_non_null(strstr(out, "\"entries\":5"));
}

static void
altered_log_is_said(void **state)
{
    (void)state;
    DvTestKeys *keys = dv_test_keys_new();
    g_autoptr(GError) error = NULL;
    sqlite3 *db = dv_opener_db_open(state_dir, &error);
    DvAuditHead head;
    assert_true(dv_audit_head(db, &head, &error));
    g_autoptr(GBytes) kept = dv_audit_head_sign(&head, keys->opener_key, &error);
    g_autofree char *head_file = g_build_filename(dir, "head", NULL);
    g_autofree char *cert = dv_test_keys_path(keys, "centre/opener.pem");
    assert_true(g_file_set_contents(head_file, g_bytes_get_data(kept, NULL),
                                    (gssize)g_bytes_get_size(kept), NULL));
    assert_int_equal(
        run("audit verify --state %s --head %s --opener-cert %s", state_dir, head_file, cert), 0);
    assert_true(dv_sqlite_exec(db, "DROP TRIGGER audit_no_delete; DELETE FROM audit WHERE seq = 5",
                               &error));
    assert_int_equal(run("audit verify --state %s", state_dir), 0);
    assert_int_equal(
        run("audit verify --state %s --head %s --opener-cert %s", state_dir, head_file, cert), 1);
    assert_non_null(strstr(err, "known head at entry 5"));
    assert_true(dv_sqlite_exec(
        db, "DROP TRIGGER audit_no_update; UPDATE audit SET actor = 'x' WHERE seq = 2", &error));
    assert_int_equal(run("audit verify --state %s", state_dir), 1);
    assert_non_null(strstr(err, "entry 2 is not as it was written"));
    sqlite3_close(db);
    dv_test_keys_free(keys);
}

static void
bad_use_is_explained(void **state)
{
    (void)state;
    assert_int_equal(run("account"), 2);
    assert_int_equal(run("account add"), 2);
    assert_int_equal(run("account steal --state %s", state_dir), 2);
    assert_int_equal(run("account add --state %s --user x", state_dir), 2);
    assert_int_equal(run("account add --state %s --user x --role king --checkpoints *", state_dir),
                     2);
    assert_int_equal(run("account add --state %s --user x --role it --checkpoints * --valid-until "
                         "tomorrow",
                         state_dir),
                     2);
    assert_int_equal(run("account kiosk --state %s --kiosk KSK-1", state_dir), 2);
    assert_int_equal(run("audit verify"), 2);
    assert_int_equal(run("audit verify --state %s --head x", state_dir), 2);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(accounts_live_from_add_to_disable),
        cmocka_unit_test(every_change_is_in_the_log),
        cmocka_unit_test(altered_log_is_said),
        cmocka_unit_test(bad_use_is_explained),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
