// SPDX-License-Identifier: Apache-2.0
/* S7: one altered byte, one missing entry, a rewritten past are seen. */
#include "expect.h"
#include "keys.h"

#include <darvaza/opener_audit.h>
#include <darvaza/opener_db.h>

typedef struct {
    char *dir;
    sqlite3 *db;
    DvAuditHead middle; /* after entry 3 of 5 */
} Fixture;

static int
setup(void **state)
{
    Fixture *f = g_new0(Fixture, 1);
    f->dir = g_dir_make_tmp("dv-audit-XXXXXX", NULL);
    g_autoptr(GError) error = NULL;
    f->db = dv_opener_db_open(f->dir, &error);
    assert_null(error);
    for (int i = 1; i <= 5; i++) {
        g_autofree char *object = g_strdup_printf("KSK-1/1/%d", i);
        const DvAuditEntry entry = {"sup", "record.open", object, "ok", "a flagged crossing"};
        assert_true(dv_audit_append(f->db, &entry, &error));
        if (i == 3)
            assert_true(dv_audit_head(f->db, &f->middle, &error));
    }
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

static void
tamper(Fixture *f, const char *sql)
{
    g_autoptr(GError) error = NULL;
    dv_sqlite_exec(f->db, "DROP TRIGGER IF EXISTS audit_no_update", &error);
    dv_sqlite_exec(f->db, "DROP TRIGGER IF EXISTS audit_no_delete", &error);
    if (!dv_sqlite_exec(f->db, sql, &error))
        fail_msg("%s", error->message);
}

static void
good_log_verifies(void **state)
{
    Fixture *f = *state;
    DvAuditHead head, again;
    g_autoptr(GError) error = NULL;
    assert_true(dv_audit_verify(f->db, &f->middle, &head, &error));
    assert_int_equal(head.count, 5);
    assert_true(dv_audit_head(f->db, &again, &error));
    assert_memory_equal(head.head, again.head, DV_SHA256_SIZE);
}

static void
log_is_append_only(void **state)
{
    Fixture *f = *state;
    g_autoptr(GError) error = NULL;
    assert_false(dv_sqlite_exec(f->db, "UPDATE audit SET actor = 'x' WHERE seq = 2", &error));
    g_clear_error(&error);
    assert_false(dv_sqlite_exec(f->db, "DELETE FROM audit WHERE seq = 5", &error));
}

static void
one_altered_member_is_found(void **state)
{
    static const char *const blows[] = {
        "UPDATE audit SET actor = 'sua' WHERE seq = 2",
        "UPDATE audit SET verb = 'record.opem' WHERE seq = 2",
        "UPDATE audit SET object = 'KSK-1/1/3' WHERE seq = 2",
        "UPDATE audit SET outcome = 'no' WHERE seq = 2",
        "UPDATE audit SET reason = 'a flagged crossinh' WHERE seq = 2",
        "UPDATE audit SET time_us = time_us + 1 WHERE seq = 2",
        "UPDATE audit SET prev = zeroblob(32) WHERE seq = 2",
        "UPDATE audit SET hash = zeroblob(32) WHERE seq = 2",
        "UPDATE audit SET hash = zeroblob(0) WHERE seq = 2",
        "UPDATE audit SET actor = CAST(x'80' AS TEXT) WHERE seq = 2",
    };
    (void)state;
    for (gsize i = 0; i < G_N_ELEMENTS(blows); i++) {
        void *fresh = NULL;
        setup(&fresh);
        Fixture *f = fresh;
        tamper(f, blows[i]);
        DvAuditHead head;
        g_autoptr(GError) error = NULL;
        assert_false(dv_audit_verify(f->db, NULL, &head, &error));
        expect_error(&error, DV_ERROR_CORRUPT, "entry 2 ");
        teardown(&fresh);
    }
}

static void
missing_entry_is_found(void **state)
{
    Fixture *f = *state;
    DvAuditHead head;
    g_autoptr(GError) error = NULL;
    tamper(f, "DELETE FROM audit WHERE seq = 3");
    assert_false(dv_audit_verify(f->db, NULL, &head, &error));
    expect_error(&error, DV_ERROR_CORRUPT, "entry 3 is missing");
}

/* Cutting the end leaves a chain that is good in itself: only a head kept elsewhere sees it. */
static void
cut_end_is_found_by_who_kept_a_head(void **state)
{
    Fixture *f = *state;
    DvAuditHead head;
    g_autoptr(GError) error = NULL;
    tamper(f, "DELETE FROM audit WHERE seq >= 3");
    assert_true(dv_audit_verify(f->db, NULL, &head, &error));
    assert_false(dv_audit_verify(f->db, &f->middle, &head, &error));
    expect_error(&error, DV_ERROR_CORRUPT, "known head at entry 3");
    /* Somebody writes a new, well-formed past over it. */
    const DvAuditEntry entry = {"sup", "record.open", "KSK-1/1/9", "ok", "other"};
    assert_true(dv_audit_append(f->db, &entry, &error));
    assert_true(dv_audit_append(f->db, &entry, &error));
    assert_true(dv_audit_verify(f->db, NULL, &head, &error));
    assert_false(dv_audit_verify(f->db, &f->middle, &head, &error));
    expect_error(&error, DV_ERROR_CORRUPT, "known head at entry 3");
}

static void
rolled_back_act_leaves_no_entry(void **state)
{
    Fixture *f = *state;
    DvAuditHead head;
    g_autoptr(GError) error = NULL;
    const DvAuditEntry entry = {"sup", "account.add", "x", "ok", ""};
    assert_true(dv_opener_db_begin(f->db, &error));
    assert_true(dv_audit_append(f->db, &entry, &error));
    dv_opener_db_rollback(f->db);
    assert_true(dv_audit_verify(f->db, NULL, &head, &error));
    assert_int_equal(head.count, 5);
}

static void
head_is_signed(void **state)
{
    Fixture *f = *state;
    DvTestKeys *keys = dv_test_keys_new();
    g_autoptr(GError) error = NULL;
    g_autoptr(GBytes) bytes = dv_audit_head_sign(&f->middle, keys->opener_key, &error);
    assert_null(error);
    DvAuditHead read;
    gsize length = 0;
    const void *data = g_bytes_get_data(bytes, &length);
    assert_true(dv_audit_head_read(data, length, keys->opener, &read, &error));
    assert_int_equal(read.count, 3);
    assert_memory_equal(read.head, f->middle.head, DV_SHA256_SIZE);
    assert_false(dv_audit_head_read(data, length, keys->record, &read, &error));
    expect_error(&error, DV_ERROR_CRYPTO, "");
    dv_test_keys_free(keys);
}

int
main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        CASE(good_log_verifies),
        CASE(log_is_append_only),
        cmocka_unit_test(one_altered_member_is_found),
        CASE(missing_entry_is_found),
        CASE(cut_end_is_found_by_who_kept_a_head),
        CASE(rolled_back_act_leaves_no_entry),
        CASE(head_is_signed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
