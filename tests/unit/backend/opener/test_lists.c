// SPDX-License-Identifier: Apache-2.0
/* Releases of lists at the opener: who may hand in which signature, when a release goes out, and
 * that what goes out is what a kiosk takes. */
#include "expect.h"
#include "fixture.h"
#include "lists.h"

#include <darvaza/clock.h>
#include <string.h>

#define WHY "checked and signed by two"

static const char *const numbers[] = {"L898902C3", "X1111111", NULL};

static GBytes *
signature(gint64 release, DvTestSigner signer)
{
    char *text = lists_rig_signature(lists, release, signer);
    return g_bytes_new_take(text, strlen(text));
}

static gboolean
hand_in(const char *user, gint64 release, DvTestSigner signer, GError **error)
{
    g_autofree char *token = sign_in(centre, user);
    g_autoptr(GBytes) bytes = signature(release, signer);
    g_autoptr(json_t) state = dv_lists_sign(centre, token, release, bytes, error);
    return state != NULL;
}

static void
sign_fully(gint64 release)
{
    g_autoptr(GError) error = NULL;
    if (!hand_in("editor", release, SIGNER_RELEASE_1, &error) ||
        !hand_in("approver", release, SIGNER_RELEASE_2, &error))
        fail_msg("%s", error->message);
}

static gboolean
put(const char *user, gint64 release, DvInForce *out, GError **error)
{
    g_autofree char *token = sign_in(centre, user);
    return dv_lists_put_in_force(centre, token, release, WHY, out, error);
}

static gboolean
go(const char *user, gint64 release, guint percent, DvInForce *out, GError **error)
{
    g_autofree char *token = sign_in(centre, user);
    return dv_lists_step(centre, token, release, percent, WHY, out, error);
}

/* ---- signatures */

static void
two_persons_sign(void **state)
{
    (void)state;
    g_autoptr(GError) error = NULL;
    lists_rig_draft(lists, 42, 1, numbers);
    assert_true(hand_in("editor", 42, SIGNER_RELEASE_1, &error));
    expect_entry(centre, "editor list.sign release 42 ok ");
    g_autofree char *token = sign_in(centre, "approver");
    g_autoptr(GBytes) second = signature(42, SIGNER_RELEASE_2);
    g_autoptr(json_t) after = dv_lists_sign(centre, token, 42, second, &error);
    assert_true(json_is_true(json_object_get(after, "ready")));
    assert_int_equal(json_array_size(json_object_get(after, "signatures")), 2);
    assert_true(json_is_null(json_object_get(after, "needs")));
}

static void
wrong_hands_are_refused(void **state)
{
    static const struct {
        const char *user;
        DvTestSigner signer;
        DvErrorCode code;
        const char *says, *entry;
    } cases[] = {
        {"it", SIGNER_RELEASE_2, DV_ERROR_DENIED, "The role it may not", "denied"},
        {"sup", SIGNER_RELEASE_2, DV_ERROR_DENIED, "The role supervisor may not", "denied"},
        {"auditor", SIGNER_RELEASE_2, DV_ERROR_DENIED, "The role auditor may not", "denied"},
        {"editor", SIGNER_RELEASE_2, DV_ERROR_DENIED, "another person's", "denied"},
        {"approver", SIGNER_RELEASE_1, DV_ERROR_DENIED, "This key has signed", "denied"},
        {"approver", SIGNER_STRANGER, DV_ERROR_DENIED, "", "denied"},
        {"approver", SIGNER_TIMESTAMP, DV_ERROR_DENIED, "", "denied"},
        {"approver", SIGNER_ROOT_1, DV_ERROR_DENIED, "", "denied"},
    };
    (void)state;
    g_autoptr(GError) error = NULL;
    lists_rig_draft(lists, 42, 1, numbers);
    assert_true(hand_in("editor", 42, SIGNER_RELEASE_1, &error));
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        if (hand_in(cases[i].user, 42, cases[i].signer, &error))
            fail_msg("case %zu was taken", i);
        expect_error(&error, cases[i].code, cases[i].says);
        g_autofree char *entry =
            g_strdup_printf("%s list.sign release 42 %s ", cases[i].user, cases[i].entry);
        expect_entry(centre, entry);
    }
}

static void
wrong_signatures_are_refused(void **state)
{
    static const char *const texts[] = {"", "{}", "[]", "not json", "{\"format\":1}"};
    (void)state;
    g_autoptr(GError) error = NULL;
    g_autofree char *token = sign_in(centre, "approver");
    lists_rig_draft(lists, 42, 1, numbers);
    lists_rig_draft(lists, 43, 2, numbers);
    g_autoptr(GBytes) other = signature(43, SIGNER_RELEASE_2);
    assert_null(dv_lists_sign(centre, token, 42, other, &error));
    assert_non_null(error);
    g_clear_error(&error);
    for (gsize i = 0; i < G_N_ELEMENTS(texts); i++) {
        g_autoptr(GBytes) bytes = g_bytes_new_static(texts[i], strlen(texts[i]));
        assert_null(dv_lists_sign(centre, token, 42, bytes, &error));
        assert_non_null(error);
        g_clear_error(&error);
    }
    assert_null(dv_lists_sign(centre, token, 7, other, &error));
    expect_error(&error, DV_ERROR_INVALID, "There is no draft of release 7");
    expect_entry(centre, "approver list.sign release 7 invalid ");
}

/* Two keys are not enough: an editor and an approver must stand behind them. */
static void
two_editors_are_not_enough(void **state)
{
    (void)state;
    g_autoptr(GError) error = NULL;
    g_auto(DvInForce) out = {0};
    lists_rig_draft(lists, 42, 1, numbers);
    assert_true(hand_in("editor", 42, SIGNER_RELEASE_1, &error));
    assert_true(hand_in("editor2", 42, SIGNER_RELEASE_2, &error));
    assert_false(put("it", 42, &out, &error));
    expect_error(&error, DV_ERROR_DENIED, "Signatures are missing");
    expect_entry(centre, "it list.put-in-force release 42 denied " WHY);
    assert_true(hand_in("approver", 42, SIGNER_RELEASE_3, &error));
    assert_true(put("it", 42, &out, &error));
}

/* Signatures are of content: a draft that was made anew has none, whatever its number. */
static void
a_changed_draft_starts_without_signatures(void **state)
{
    static const char *const more[] = {"L898902C3", "X1111111", "X2222222", NULL};
    (void)state;
    g_autoptr(GError) error = NULL;
    g_auto(DvInForce) out = {0};
    lists_rig_draft(lists, 42, 1, numbers);
    sign_fully(42);
    lists_rig_draft(lists, 42, 1, more);
    assert_false(put("it", 42, &out, &error));
    expect_error(&error, DV_ERROR_DENIED, "Signatures are missing");
}

/* ---- in force */

/* What a kiosk does with what came out: KSK-1 is a canary. */
static DvTrustReason
kiosk_takes(const DvInForce *out, const char *kiosk)
{
    g_autoptr(GBytes) root = lists_rig_read(lists, "lists/root/1.json");
    g_autoptr(DvTrust) trust = dv_trust_new(root, NULL, NULL);
    gint64 now = dv_clock_wall_us();
    assert_int_equal(dv_trust_take_timestamp(trust, out->timestamp, now, NULL), DV_TRUST_OK);
    assert_int_equal(dv_trust_take_release(trust, out->file, now, NULL), DV_TRUST_OK);
    DvTrustReason turn = dv_trust_turn(trust, kiosk);
    if (turn != DV_TRUST_OK)
        return turn;
    const DvTrustList *list = dv_trust_release(trust)->lists->pdata[0];
    g_autofree char *name = g_strdup_printf("drafts/%" G_GINT64_FORMAT "/statement/%s.json",
                                            out->release, list->statement_sha256);
    g_autoptr(GBytes) statement = lists_rig_read(lists, name);
    assert_int_equal(dv_trust_take_statement(trust, LISTS_RIG_ID, statement, now, NULL),
                     DV_TRUST_OK);
    assert_true(dv_trust_confirm(trust, now, NULL));
    return DV_TRUST_OK;
}

static void
a_release_goes_out_step_by_step(void **state)
{
    (void)state;
    g_autoptr(GError) error = NULL;
    g_auto(DvInForce) canary = {0};
    lists_rig_draft(lists, 42, 1, numbers);
    sign_fully(42);
    assert_true(put("approver", 42, &canary, &error));
    expect_entry(centre, "approver list.put-in-force release 42 ok " WHY);
    assert_int_equal(kiosk_takes(&canary, "KSK-1"), DV_TRUST_OK);
    assert_int_equal(kiosk_takes(&canary, "KSK-2"), DV_TRUST_WAITING);
    g_auto(DvInForce) none = {0};
    assert_false(go("it", 42, 50, &none, &error));
    expect_error(&error, DV_ERROR_CONFLICT, "knows no step from 0 % to 50 %");
    assert_false(go("it", 42, 100, &none, &error));
    expect_error(&error, DV_ERROR_CONFLICT, "knows no step");
    assert_false(go("editor", 42, 10, &none, &error));
    expect_error(&error, DV_ERROR_DENIED, "The role watchlist_editor may not");
    assert_false(go("it", 41, 10, &none, &error));
    expect_error(&error, DV_ERROR_CONFLICT, "is not the one in force");
    static const guint steps[] = {10, 50, 100};
    for (gsize i = 0; i < G_N_ELEMENTS(steps); i++) {
        g_auto(DvInForce) out = {0};
        assert_true(go("it", 42, steps[i], &out, &error));
        g_autofree char *entry =
            g_strdup_printf("it list.step release 42 to %u %% ok " WHY, steps[i]);
        expect_entry(centre, entry);
        assert_int_equal(kiosk_takes(&out, "KSK-2"),
                         dv_trust_cohort("KSK-2", 42) < steps[i] ? DV_TRUST_OK : DV_TRUST_WAITING);
    }
    assert_false(go("it", 42, 0, &none, &error));
    expect_error(&error, DV_ERROR_CONFLICT, "halting changes nothing");
    assert_false(put("it", 42, &none, &error));
    expect_error(&error, DV_ERROR_CONFLICT, "only a higher one");
}

/* A halted release is not what others fall back to; older content comes under a higher number. */
static void
a_halted_release_is_followed_by_older_content(void **state)
{
    (void)state;
    g_autoptr(GError) error = NULL;
    g_auto(DvInForce) out = {0};
    lists_rig_draft(lists, 42, 1, numbers);
    sign_fully(42);
    assert_true(put("it", 42, &out, &error));
    static const guint steps[] = {10, 50, 100};
    for (gsize i = 0; i < G_N_ELEMENTS(steps); i++) {
        dv_in_force_clear(&out);
        assert_true(go("it", 42, steps[i], &out, &error));
    }
    lists_rig_draft(lists, 43, 2, numbers);
    sign_fully(43);
    dv_in_force_clear(&out);
    assert_true(put("it", 43, &out, &error));
    dv_in_force_clear(&out);
    assert_true(go("it", 43, 0, &out, &error));
    expect_entry(centre, "it list.halt release 43 ok " WHY);
    lists_rig_draft(lists, 44, 3, numbers);
    sign_fully(44);
    dv_in_force_clear(&out);
    assert_true(put("it", 44, &out, &error));
    g_autoptr(DvTrustTimestamp) stamp = dv_trust_timestamp_read(out.timestamp, NULL, &error);
    assert_int_equal(stamp->current.release, 44);
    assert_true(stamp->has_previous);
    assert_int_equal(stamp->previous.release, 42);
}

static void
the_timestamp_is_renewed_with_time(void **state)
{
    (void)state;
    g_autoptr(GError) error = NULL;
    g_auto(DvInForce) none = {0};
    assert_true(dv_lists_timestamp(centre, &none, &error));
    assert_int_equal(none.release, 0);
    lists_rig_draft(lists, 42, 1, numbers);
    sign_fully(42);
    g_auto(DvInForce) first = {0};
    g_auto(DvInForce) same = {0};
    g_auto(DvInForce) later = {0};
    assert_true(put("it", 42, &first, &error));
    assert_true(dv_lists_timestamp(centre, &same, &error));
    assert_true(g_bytes_equal(first.timestamp, same.timestamp));
    shift_us += G_GINT64_CONSTANT(2) * 3600 * G_USEC_PER_SEC;
    assert_true(dv_lists_timestamp(centre, &later, &error));
    expect_entry(centre, "opener list.timestamp  ok ");
    g_autoptr(DvTrustTimestamp) before = dv_trust_timestamp_read(first.timestamp, NULL, NULL);
    g_autoptr(DvTrustTimestamp) after = dv_trust_timestamp_read(later.timestamp, NULL, NULL);
    assert_true(after->version > before->version && after->expires_us > before->expires_us);
    assert_int_equal(kiosk_takes(&later, "KSK-1"), DV_TRUST_OK);
}

/* ---- looks */

static void
numbers_for_it_rows_for_editors(void **state)
{
    (void)state;
    g_autoptr(GError) error = NULL;
    lists_rig_draft(lists, 42, 1, numbers);
    g_autofree char *it = sign_in(centre, "it");
    g_autoptr(json_t) draft = dv_lists_open(centre, it, 42, &error);
    expect_entry(centre, "it list.open release 42 ok ");
    g_autofree char *text = json_dumps(draft, 0);
    assert_non_null(strstr(text, "\"added\": 2"));
    assert_null(strstr(text, "L898902C3"));
    assert_null(dv_lists_rows(centre, it, 42, LISTS_RIG_ID, 0, WHY, &error));
    expect_error(&error, DV_ERROR_DENIED, "The role it may not");
    expect_entry(centre, "it list.rows release 42 " LISTS_RIG_ID " denied " WHY);
    g_autofree char *editor = sign_in(centre, "editor");
    assert_null(dv_lists_rows(centre, editor, 42, LISTS_RIG_ID, 0, "", &error));
    expect_error(&error, DV_ERROR_INVALID, "A reason in words");
    g_autoptr(json_t) rows = dv_lists_rows(centre, editor, 42, LISTS_RIG_ID, 0, WHY, &error);
    assert_int_equal(json_array_size(json_object_get(rows, "rows")), 2);
    expect_entry(centre, "editor list.rows release 42 " LISTS_RIG_ID " ok " WHY);
    assert_null(dv_lists_rows(centre, editor, 42, "ERIKSSON, ANNA", 0, WHY, &error));
    expect_error(&error, DV_ERROR_INVALID, "does not say what changes");
    expect_entry(centre, "editor list.rows release 42 (no list) invalid ");
    g_autofree char *sup = sign_in(centre, "sup");
    assert_null(dv_lists_open(centre, sup, 42, &error));
    expect_error(&error, DV_ERROR_DENIED, "The role supervisor may not");
    assert_null(dv_lists_releases(centre, sup, &error));
    expect_error(&error, DV_ERROR_DENIED, "The role supervisor may not");
}

/* A draft that nobody could release is shown with the reason. */
static void
broken_drafts_are_shown(void **state)
{
    (void)state;
    g_autoptr(GError) error = NULL;
    lists_rig_draft(lists, 42, 1, numbers);
    g_autofree char *path = g_build_filename(lists->dir, "drafts/43", NULL);
    assert_int_equal(g_mkdir_with_parents(path, 0700), 0);
    g_autofree char *it = sign_in(centre, "it");
    g_autoptr(json_t) releases = dv_lists_releases(centre, it, &error);
    const json_t *drafts = json_object_get(releases, "drafts");
    assert_int_equal(json_array_size(drafts), 2);
    assert_null(json_object_get(json_array_get(drafts, 0), "broken"));
    assert_non_null(json_object_get(json_array_get(drafts, 1), "broken"));
}

static void
the_next_root_is_taken(void **state)
{
    static const char *const ids[] = {LISTS_RIG_ID, NULL};
    (void)state;
    g_autoptr(GError) error = NULL;
    g_autoptr(DvTrustRoot) forged = dv_test_root(lists->signers, 2, dv_clock_wall_us(), ids);
    forged->issued_us = forged->issued_us / 1000 * 1000;
    g_autoptr(GBytes) bad = dv_test_signed(lists->signers, dv_trust_root_make(forged, &error),
                                           DV_TRUST_ROLE_ROOT, SIGNED_BY(SIGNER_ROOT_1));
    g_autofree char *path = g_build_filename(lists->dir, "lists/root/2.json", NULL);
    g_file_set_contents(path, g_bytes_get_data(bad, NULL), (gssize)g_bytes_get_size(bad), NULL);
    assert_int_equal(dv_lists_root(centre, &error)->version, 1);
    g_autoptr(GBytes) good = dv_test_signed(lists->signers, dv_trust_root_make(forged, &error),
                                            DV_TRUST_ROLE_ROOT, SIGNED_ROOT);
    g_file_set_contents(path, g_bytes_get_data(good, NULL), (gssize)g_bytes_get_size(good), NULL);
    assert_int_equal(dv_lists_root(centre, &error)->version, 2);
    expect_entry(centre, "opener list.root root 2 ok ");
}

int
main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, fixture_lists_setup, fixture_teardown)
    const struct CMUnitTest tests[] = {
        CASE(two_persons_sign),
        CASE(wrong_hands_are_refused),
        CASE(wrong_signatures_are_refused),
        CASE(two_editors_are_not_enough),
        CASE(a_changed_draft_starts_without_signatures),
        CASE(a_release_goes_out_step_by_step),
        CASE(a_halted_release_is_followed_by_older_content),
        CASE(the_timestamp_is_renewed_with_time),
        CASE(numbers_for_it_rows_for_editors),
        CASE(broken_drafts_are_shown),
        CASE(the_next_root_is_taken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
