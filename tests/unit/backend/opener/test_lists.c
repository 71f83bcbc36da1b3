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
    return dv_lists_step(centre, token, release, percent, "", WHY, out, error);
}

/* ---- signatures */

static void
two_persons_sign(void **state)
{
    (void)state;
    g_autoptr(GError) error = NULL;
    lists_rig_draft(lists, 42, 1, numbers);
    assert_true(hand_in("editor", 42, SIGNER_RELEASE_1, &error));
    expect_release_entry(centre, 42, "editor list.sign release 42 <content> ok ");
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
            g_strdup_printf("%s list.sign release 42 <content> %s ", cases[i].user, cases[i].entry);
        expect_release_entry(centre, 42, entry);
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
    expect_release_entry(centre, 42, "it list.put-in-force release 42 <content> denied " WHY);
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
    expect_release_entry(centre, 42, "approver list.put-in-force release 42 <content> ok " WHY);
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
            g_strdup_printf("it list.step release 42 <content> to %u %% ok " WHY, steps[i]);
        expect_release_entry(centre, 42, entry);
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
    expect_release_entry(centre, 43, "it list.halt release 43 <content> ok " WHY);
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

/* Whoever goes on without the canary booths: the log says without which. */
static void
a_step_despite_canaries_is_in_the_log(void **state)
{
    (void)state;
    g_autoptr(GError) error = NULL;
    g_auto(DvInForce) out = {0};
    g_auto(DvInForce) none = {0};
    lists_rig_draft(lists, 42, 1, numbers);
    sign_fully(42);
    assert_true(put("it", 42, &out, &error));
    dv_in_force_clear(&out);
    g_autofree char *token = sign_in(centre, "it");
    assert_false(dv_lists_step(centre, token, 42, 10, "KSK-1\n", WHY, &none, &error));
    expect_error(&error, DV_ERROR_INVALID, "not readable");
    assert_true(dv_lists_step(centre, token, 42, 10, "KSK-1 failed", WHY, &out, &error));
    expect_release_entry(centre, 42,
                         "it list.step release 42 <content> to 10 % despite KSK-1 failed ok " WHY);
}

static void
who_takes_the_payload_is_in_the_log(void **state)
{
    (void)state;
    g_autoptr(GError) error = NULL;
    lists_rig_draft(lists, 42, 1, numbers);
    g_autofree char *editor = sign_in(centre, "editor");
    g_autofree char *sup = sign_in(centre, "sup");
    g_autoptr(GBytes) file = dv_lists_payload(centre, editor, 42, &error);
    g_autoptr(GBytes) there = lists_rig_read(lists, "drafts/42/release.json");
    assert_true(g_bytes_equal(file, there));
    expect_release_entry(centre, 42, "editor list.payload release 42 <content> ok ");
    assert_null(dv_lists_payload(centre, sup, 42, &error));
    expect_error(&error, DV_ERROR_DENIED, "The role supervisor may not");
    expect_entry(centre, "sup list.payload release 42 denied ");
}

/* ---- the clock */

#define DAY_US (G_GINT64_CONSTANT(86400) * G_USEC_PER_SEC)

static int
entries_of(const char *verb)
{
    g_autoptr(sqlite3_stmt) stmt =
        dv_sqlite_prepare(centre->db, "SELECT count(*) FROM audit WHERE verb = ?1", NULL);
    gboolean row = FALSE;
    sqlite3_bind_text(stmt, 1, verb, -1, SQLITE_STATIC);
    assert_true(dv_sqlite_step(stmt, &row, NULL) && row);
    return sqlite3_column_int(stmt, 0);
}

/* Nothing is signed by a clock that has run away: once it is right again, all is as before. */
static void
a_clock_ahead_once_does_not_poison(void **state)
{
    (void)state;
    g_autoptr(GError) error = NULL;
    g_auto(DvInForce) first = {0};
    g_auto(DvInForce) none = {0};
    g_auto(DvInForce) after = {0};
    lists_rig_draft(lists, 42, 1, numbers);
    sign_fully(42);
    assert_true(put("it", 42, &first, &error));
    gint64 right = shift_us;
    shift_us += 3650 * DAY_US;
    for (int i = 0; i < 3; i++) {
        assert_false(dv_lists_timestamp(centre, &none, &error));
        expect_error(&error, DV_ERROR_CONFLICT, "The centre's clock says 2036-11");
    }
    assert_int_equal(entries_of("list.timestamp"), 1); /* not one a minute */
    assert_false(go("it", 42, 10, &none, &error));
    expect_error(&error, DV_ERROR_CONFLICT, "The centre's clock says");
    g_autofree char *it = sign_in(centre, "it");
    assert_false(dv_lists_confirm_clock(centre, it, "2026-11-24", WHY, &none, &error));
    expect_error(&error, DV_ERROR_CONFLICT, "its clock is wrong");
    expect_entry(centre, "it list.clock date 2026-11-24 conflict " WHY);
    shift_us = right + G_GINT64_CONSTANT(2) * 3600 * G_USEC_PER_SEC;
    assert_true(dv_lists_timestamp(centre, &after, &error));
    g_autoptr(DvTrustTimestamp) stamp = dv_trust_timestamp_read(after.timestamp, NULL, NULL);
    assert_true(stamp->issued_us <= dv_clock_wall_us());
    assert_int_equal(kiosk_takes(&after, "KSK-1"), DV_TRUST_OK);
}

/* After a long stop the clock is right all the same: a person says so. */
static void
a_date_is_confirmed_by_a_person(void **state)
{
    (void)state;
    g_autoptr(GError) error = NULL;
    g_auto(DvInForce) first = {0};
    g_auto(DvInForce) none = {0};
    g_auto(DvInForce) after = {0};
    lists_rig_draft(lists, 42, 1, numbers);
    sign_fully(42);
    assert_true(put("it", 42, &first, &error));
    g_autofree char *early = sign_in(centre, "it");
    assert_false(dv_lists_confirm_clock(centre, early, "2026-11-24", WHY, &none, &error));
    expect_error(&error, DV_ERROR_CONFLICT, "No date waits");
    shift_us += 5 * DAY_US; /* a day, and the release's week is not over */
    assert_false(dv_lists_timestamp(centre, &none, &error));
    g_clear_error(&error);
    g_autofree char *it = sign_in(centre, "it");
    g_autofree char *editor = sign_in(centre, "editor");
    g_autoptr(json_t) releases = dv_lists_releases(centre, it, &error);
    assert_true(json_is_object(json_object_get(releases, "clock")));
    g_autofree char *now = dv_time_format(dv_clock_wall_us());
    g_autofree char *today = g_strndup(now, 10);
    assert_false(dv_lists_confirm_clock(centre, editor, today, WHY, &none, &error));
    expect_error(&error, DV_ERROR_DENIED, "may not");
    assert_true(dv_lists_confirm_clock(centre, it, today, WHY, &after, &error));
    assert_int_equal(kiosk_takes(&after, "KSK-1"), DV_TRUST_OK);
    g_auto(DvInForce) later = {0};
    assert_true(dv_lists_timestamp(centre, &later, &error));
}

/* ---- looks */

/* Of the draft's list, as the page shows it. */
static json_t *
open_list(const char *user, gint64 release)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *token = sign_in(centre, user);
    g_autoptr(json_t) draft = dv_lists_open(centre, token, release, &error);
    if (!draft)
        fail_msg("%s", error->message);
    return json_incref(json_array_get(json_object_get(draft, "lists"), 0));
}

static const char *
text_of(const json_t *object, const char *member)
{
    return json_string_value(json_object_get(object, member));
}

/* What two persons sign is on the page with its digests; the signed statement can be found by it.
 */
static void
digests_are_shown(void **state)
{
    (void)state;
    lists_rig_draft(lists, 42, 1, numbers);
    g_autoptr(json_t) list = open_list("editor", 42);
    g_autofree char *name =
        g_strdup_printf("drafts/42/statement/%s.json", text_of(list, "statement_sha256"));
    g_autoptr(GBytes) file = lists_rig_read(lists, name);
    assert_non_null(file);
    g_autoptr(DvTrustStatement) statement = dv_trust_statement_read(file, NULL, NULL);
    assert_string_equal(text_of(list, "state_hash"), statement->state_hash);
    assert_string_equal(text_of(list, "diff"), "OK");
    g_autoptr(GBytes) signature_file = signature(42, SIGNER_RELEASE_1);
    g_autoptr(json_t) json = json_loadb(g_bytes_get_data(signature_file, NULL),
                                        g_bytes_get_size(signature_file), 0, NULL);
    g_autoptr(DvDraft) draft = dv_draft_read(centre, 42, NULL);
    assert_string_equal(text_of(json, "signed_sha256"), draft->content);
}

static void
lay_foreign_diff(const char *from, const char *to)
{
    g_autoptr(GBytes) bytes = lists_rig_read(lists, from);
    g_autofree char *path = g_build_filename(lists->dir, to, NULL);
    g_file_set_contents(path, g_bytes_get_data(bytes, NULL), (gssize)g_bytes_get_size(bytes), NULL);
}

/* diff.json is signed by nobody: it counts only where it leads to the signed state hash. */
static void
a_diff_of_something_else_is_not_shown(void **state)
{
    static const char *const other[] = {"X3333333", NULL};
    (void)state;
    g_autoptr(GError) error = NULL;
    lists_rig_draft(lists, 42, 1, numbers);
    lists_rig_draft(lists, 43, 1, other);
    lay_foreign_diff("drafts/43/diff.json", "drafts/42/diff.json");
    g_autoptr(json_t) list = open_list("it", 42);
    assert_string_equal(text_of(list, "diff"), "DIFFERS");
    assert_true(json_is_null(json_object_get(list, "changes")));
    g_autofree char *editor = sign_in(centre, "editor");
    assert_null(dv_lists_rows(centre, editor, 42, LISTS_RIG_ID, 0, WHY, &error));
    expect_error(&error, DV_ERROR_CRYPTO, "is not of the list that its owner signed");
}

static void
older_releases_are_listed(void **state)
{
    (void)state;
    g_autoptr(GError) error = NULL;
    for (gint64 release = 42; release <= 43; release++) {
        g_auto(DvInForce) out = {0};
        lists_rig_draft(lists, release, release - 41, numbers);
        sign_fully(release);
        assert_true(put("it", release, &out, &error));
    }
    g_autofree char *it = sign_in(centre, "it");
    g_autoptr(json_t) releases = dv_lists_releases(centre, it, &error);
    const json_t *older = json_object_get(releases, "older");
    assert_int_equal(json_array_size(older), 1);
    const json_t *one = json_array_get(older, 0);
    assert_int_equal(json_integer_value(json_object_get(one, "release")), 42);
    const json_t *list = json_array_get(json_object_get(one, "lists"), 0);
    assert_string_equal(text_of(list, "list_id"), LISTS_RIG_ID);
    assert_int_equal(json_integer_value(json_object_get(list, "version")), 1);
    assert_true(json_is_null(json_object_get(releases, "clock")));
}

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
        CASE(a_step_despite_canaries_is_in_the_log),
        CASE(who_takes_the_payload_is_in_the_log),
        CASE(a_clock_ahead_once_does_not_poison),
        CASE(a_date_is_confirmed_by_a_person),
        CASE(digests_are_shown),
        CASE(a_diff_of_something_else_is_not_shown),
        CASE(older_releases_are_listed),
        CASE(numbers_for_it_rows_for_editors),
        CASE(broken_drafts_are_shown),
        CASE(the_next_root_is_taken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
