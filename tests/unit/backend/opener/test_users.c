// SPDX-License-Identifier: Apache-2.0
/* Accounts, their rules, and the table of who may do what. */
#include "expect.h"
#include "keys.h"

#include <darvaza/opener_audit.h>
#include <darvaza/opener_db.h>
#include <darvaza/opener_users.h>
#include <darvaza/password.h>

#define PASSWORD "correct horse battery"

typedef struct {
    char *dir;
    sqlite3 *db;
} Fixture;

static int
setup(void **state)
{
    Fixture *f = g_new0(Fixture, 1);
    f->dir = g_dir_make_tmp("dv-users-XXXXXX", NULL);
    g_autoptr(GError) error = NULL;
    f->db = dv_opener_db_open(f->dir, &error);
    assert_null(error);
    *state = f;
    return 0;
}

static int
teardown(void **state)
{
    Fixture *f = *state;
    sqlite3_close(f->db);
    dv_test_remove_tree(f->dir);
    g_free(f->dir);
    g_free(f);
    return 0;
}

static DvUser
supervisor(char **checkpoints)
{
    return (DvUser){.user = (char *)"sup",
                    .display = (char *)"Shift supervisor",
                    .role = DV_ROLE_SUPERVISOR,
                    .checkpoints = checkpoints};
}

static void
account_comes_back_as_added(void **state)
{
    Fixture *f = *state;
    char *checkpoints[] = {(char *)"UTO-BAHNHOF", (char *)"UTO-HAFEN", NULL};
    const DvUser user = supervisor(checkpoints);
    g_autoptr(GError) error = NULL;
    assert_true(dv_users_add(f->db, "test", &user, PASSWORD, &error));
    g_autoptr(DvUser) read = dv_users_get(f->db, "sup", &error);
    assert_null(error);
    assert_string_equal(read->display, "Shift supervisor");
    assert_int_equal(read->role, DV_ROLE_SUPERVISOR);
    assert_true(dv_user_covers(read, "UTO-HAFEN"));
    assert_false(dv_user_covers(read, "UTO"));
    assert_false(dv_user_covers(read, ""));
    assert_false(dv_user_covers(read, NULL));
    assert_true(dv_password_verify(read->password, PASSWORD));
    assert_null(strstr(read->password, PASSWORD));
    assert_false(dv_users_add(f->db, "test", &user, PASSWORD, &error));
    expect_error(&error, DV_ERROR_CONFLICT, "taken");
    assert_null(dv_users_get(f->db, "nobody", &error));
    assert_null(error);
    DvAuditHead head;
    assert_true(dv_audit_verify(f->db, NULL, &head, &error));
    assert_int_equal(head.count, 1);
}

static void
bad_accounts_are_refused(void **state)
{
    Fixture *f = *state;
    char *good[] = {(char *)"UTO-BAHNHOF", NULL};
    char *none[] = {NULL};
    char *odd[] = {(char *)"UTO BAHNHOF", NULL};
    char *star[] = {(char *)"*", (char *)"UTO", NULL};
    const struct {
        const char *user, *display, *password;
        char **checkpoints;
        gint64 until;
        const char *says;
    } cases[] = {
        {"", "x", PASSWORD, good, 0, "the id"},
        {"Sup", "x", PASSWORD, good, 0, "the id"},
        {"a/../b", "x", PASSWORD, good, 0, "the id"},
        {"a12345678901234567890123456789012", "x", PASSWORD, good, 0, "the id"},
        {"sup", "", PASSWORD, good, 0, "display"},
        {"sup", "\xff", PASSWORD, good, 0, "display"},
        {"sup", "x", PASSWORD, none, 0, "checkpoints"},
        {"sup", "x", PASSWORD, odd, 0, "checkpoints"},
        {"sup", "x", PASSWORD, star, 0, "checkpoints"},
        {"sup", "x", PASSWORD, good, 5, "before it begins"},
        {"sup", "x", "short", good, 0, "password"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        const DvUser user = {.user = (char *)cases[i].user,
                             .display = (char *)cases[i].display,
                             .role = DV_ROLE_SUPERVISOR,
                             .checkpoints = cases[i].checkpoints,
                             .valid_from_us = 10,
                             .valid_until_us = cases[i].until};
        g_autoptr(GError) error = NULL;
        assert_false(dv_users_add(f->db, "test", &user, cases[i].password, &error));
        expect_error(&error, DV_ERROR_INVALID, cases[i].says);
    }
    g_autoptr(GPtrArray) users = dv_users_list(f->db, NULL);
    assert_int_equal(users->len, 0);
}

static void
validity_has_two_ends(void **state)
{
    (void)state;
    DvUser user = {.valid_from_us = 100, .valid_until_us = 200};
    assert_false(dv_user_is_current(&user, 99));
    assert_true(dv_user_is_current(&user, 100));
    assert_true(dv_user_is_current(&user, 199));
    assert_false(dv_user_is_current(&user, 200));
    user.disabled = TRUE;
    assert_false(dv_user_is_current(&user, 150));
    user = (DvUser){.valid_from_us = 100};
    assert_true(dv_user_is_current(&user, G_MAXINT64));
}

static void
changes_need_an_account(void **state)
{
    Fixture *f = *state;
    g_autoptr(GError) error = NULL;
    assert_false(dv_users_set_disabled(f->db, "test", "nobody", TRUE, &error));
    expect_error(&error, DV_ERROR_INVALID, "none of that id");
    assert_false(dv_users_set_password(f->db, "test", "nobody", PASSWORD, &error));
    expect_error(&error, DV_ERROR_INVALID, "none of that id");
    DvAuditHead head;
    assert_true(dv_audit_head(f->db, &head, &error));
    assert_int_equal(head.count, 0);
}

static void
kiosks_are_registered_and_moved(void **state)
{
    Fixture *f = *state;
    g_autoptr(GError) error = NULL;
    assert_null(dv_kiosks_checkpoint(f->db, "KSK-1", &error));
    assert_null(error);
    assert_true(dv_kiosks_set(f->db, "test", "KSK-1", "UTO-BAHNHOF", &error));
    assert_true(dv_kiosks_set(f->db, "test", "KSK-1", "UTO-HAFEN", &error));
    g_autofree char *checkpoint = dv_kiosks_checkpoint(f->db, "KSK-1", &error);
    assert_string_equal(checkpoint, "UTO-HAFEN");
    assert_false(dv_kiosks_set(f->db, "test", "../KSK", "UTO-HAFEN", &error));
    expect_error(&error, DV_ERROR_INVALID, "kiosk");
    assert_false(dv_kiosks_set(f->db, "test", "KSK-2", "", &error));
    expect_error(&error, DV_ERROR_INVALID, "kiosk");
}

/* S11, written out a second time on purpose: a new grant has to be argued for here as well. */
static void
roles_are_denied_by_default(void **state)
{
    (void)state;
    static const struct {
        DvOpenerMode mode;
        DvRole role;
        guint verbs;
    } granted[] = {
        {DV_OPENER_CENTRE, DV_ROLE_OFFICER, 0},
        {DV_OPENER_CENTRE, DV_ROLE_SECOND_LINE,
         DV_VERB_QUEUE | DV_VERB_OPEN | DV_VERB_OPEN_DECISION},
        {DV_OPENER_CENTRE, DV_ROLE_SUPERVISOR,
         DV_VERB_QUEUE | DV_VERB_CLAIM | DV_VERB_OPEN | DV_VERB_DECIDE | DV_VERB_DECIDE_ADVERSE |
             DV_VERB_OPEN_DECISION | DV_VERB_KIOSKS},
        {DV_OPENER_CENTRE, DV_ROLE_PROTECTION, 0},
        {DV_OPENER_CENTRE, DV_ROLE_IT,
         DV_VERB_KIOSKS | DV_VERB_LISTS | DV_VERB_LIST_DRY_RUN | DV_VERB_LIST_ROLL_OUT},
        {DV_OPENER_CENTRE, DV_ROLE_AUDITOR, DV_VERB_KIOSKS | DV_VERB_AUDIT},
        {DV_OPENER_CENTRE, DV_ROLE_DPO, DV_VERB_AUDIT},
        {DV_OPENER_CENTRE, DV_ROLE_WATCHLIST_EDITOR,
         DV_VERB_LISTS | DV_VERB_LIST_ROWS | DV_VERB_LIST_DRY_RUN | DV_VERB_LIST_EDIT},
        {DV_OPENER_CENTRE, DV_ROLE_WATCHLIST_APPROVER,
         DV_VERB_LISTS | DV_VERB_LIST_ROWS | DV_VERB_LIST_DRY_RUN | DV_VERB_LIST_APPROVE |
             DV_VERB_LIST_ROLL_OUT},
        {DV_OPENER_PROTECTION, DV_ROLE_WATCHLIST_EDITOR, 0},
        {DV_OPENER_PROTECTION, DV_ROLE_WATCHLIST_APPROVER, 0},
        {DV_OPENER_PROTECTION, DV_ROLE_OFFICER, 0},
        {DV_OPENER_PROTECTION, DV_ROLE_SECOND_LINE, 0},
        {DV_OPENER_PROTECTION, DV_ROLE_SUPERVISOR, 0},
        {DV_OPENER_PROTECTION, DV_ROLE_PROTECTION,
         DV_VERB_REFERRALS | DV_VERB_OPEN_REFERRAL | DV_VERB_CLOSE_REFERRAL},
        {DV_OPENER_PROTECTION, DV_ROLE_IT, 0},
        {DV_OPENER_PROTECTION, DV_ROLE_AUDITOR, DV_VERB_AUDIT},
        {DV_OPENER_PROTECTION, DV_ROLE_DPO, 0},
    };
    assert_int_equal(G_N_ELEMENTS(granted), 2 * DV_ROLE_COUNT);
    for (gsize i = 0; i < G_N_ELEMENTS(granted); i++)
        assert_int_equal(dv_role_verbs(granted[i].mode, granted[i].role), granted[i].verbs);
    DvRole role;
    for (guint i = 0; i < DV_ROLE_COUNT; i++)
        assert_true(dv_role_parse(dv_role_word((DvRole)i), &role) && role == (DvRole)i);
    assert_false(dv_role_parse("root", &role));
    assert_false(dv_role_parse("", &role));
    assert_int_equal(dv_role_verbs(DV_OPENER_CENTRE, DV_ROLE_COUNT), 0);
}

int
main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        CASE(account_comes_back_as_added),       CASE(bad_accounts_are_refused),
        cmocka_unit_test(validity_has_two_ends), CASE(changes_need_an_account),
        CASE(kiosks_are_registered_and_moved),   cmocka_unit_test(roles_are_denied_by_default),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
