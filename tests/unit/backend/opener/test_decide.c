// SPDX-License-Identifier: Apache-2.0
/* Decisions, holds, referrals, and the accounts that booths get. */
#include "accounts_issue.h"
#include "decide.h"
#include "expect.h"
#include "fixture.h"
#include "open.h"
#include "protection.h"

#include <darvaza/receipt.h>

#define ADMIT "{\"disposition\":\"ADMIT\",\"reason\":\"papers seen at second line\"}"
#define REFUSE                                                                                     \
    "{\"disposition\":\"REFUSE\",\"reason\":\"no visa was shown\",\"grounds\":[\"C\"],"            \
    "\"legal_basis\":\"Article 14\",\"language\":\"en\","                                          \
    "\"form\":{\"number\":\"R-1\",\"handed_over\":true,\"remedy_notice\":true},"                   \
    "\"protection_question\":{\"language\":\"en\",\"answer\":\"NO\"}}"

typedef struct {
    GBytes *answer, *copy;
} Sealed;

static void
sealed_clear(Sealed *sealed)
{
    g_clear_pointer(&sealed->answer, g_bytes_unref);
    g_clear_pointer(&sealed->copy, g_bytes_unref);
}

static gboolean
decide(const char *token, GBytes *wire, const char *text, DvHold hold, Sealed *sealed,
       GError **error)
{
    sealed_clear(sealed);
    g_autoptr(DvCase) judged = dv_decide_begin(centre, token, wire, text, error);
    return judged &&
           dv_decide_finish(centre, judged, dv_decide_asks_hold(judged) ? hold : DV_HOLD_FREE,
                            &sealed->answer, &sealed->copy, error);
}

static json_t *
open_answer(GBytes *answer)
{
    gsize length = 0;
    const void *data = g_bytes_get_data(answer, &length);
    g_autoptr(GError) error = NULL;
    json_t *payload = dv_answer_open(data, length, rig->keys->answers_key, rig->keys->answers,
                                     rig->keys->opener, &error);
    if (!payload)
        fail_msg("%s", error->message);
    return payload;
}

static void
decision_reaches_the_booth_alone(void **state)
{
    (void)state;
    g_autoptr(GError) error = NULL;
    g_autofree char *token = sign_in(centre, "sup");
    g_autoptr(GBytes) wire = record(101);
    Sealed sealed = {0};
    assert_true(decide(token, wire, ADMIT, DV_HOLD_UNKNOWN, &sealed, &error));
    g_autoptr(json_t) payload = open_answer(sealed.answer);
    assert_string_equal(json_string_value(json_object_get(payload, "kind")), "decision");
    assert_string_equal(json_string_value(json_object_get(payload, "disposition")), "ADMIT");
    assert_string_equal(json_string_value(json_object_get(payload, "decided_by")), "sup");
    assert_int_equal(json_integer_value(json_object_get(payload, "seq")), 101);
    assert_true(json_is_true(json_object_get(payload, "is_training")));
    gsize length = 0;
    const char *data = g_bytes_get_data(sealed.answer, &length);
    assert_null(memmem(data, length, "papers seen", 11));
    g_autofree char *entry = last_entry(centre);
    assert_true(g_str_has_prefix(entry, "sup decision.make KSK-1/1/101 ADMIT "));
    assert_null(strstr(entry, "papers"));
    /* The centre's own copy opens for a supervisor, and that look is logged too. */
    g_autofree char *copy = dv_open_decision(centre, token, sealed.copy, REASON, &error);
    assert_null(error);
    assert_non_null(strstr(copy, "papers seen at second line"));
    expect_entry(centre, "sup decision.open KSK-1/1/101 ok " REASON);
    g_autofree char *away = sign_in(centre, "away");
    assert_null(dv_open_decision(centre, away, sealed.copy, REASON, &error));
    expect_error(&error, DV_ERROR_DENIED, "scope");
    g_autoptr(GBytes) bent =
        g_bytes_new_from_bytes(sealed.copy, 0, g_bytes_get_size(sealed.copy) - 1);
    assert_null(dv_open_decision(centre, token, bent, REASON, &error));
    expect_error(&error, DV_ERROR_CRYPTO, "");
    sealed_clear(&sealed);
}

/* S1: the first officer never decides, whatever role the account has as well. */
static void
officer_does_not_decide_on_the_own_crossing(void **state)
{
    (void)state;
    static const char *const texts[] = {ADMIT, REFUSE};
    g_autofree char *token = sign_in(centre, "officer");
    g_autoptr(GBytes) wire = record(102);
    Sealed sealed = {0};
    for (gsize i = 0; i < G_N_ELEMENTS(texts); i++) {
        g_autoptr(GError) error = NULL;
        assert_false(decide(token, wire, texts[i], DV_HOLD_FREE, &sealed, &error));
        expect_error(&error, DV_ERROR_DENIED, "another supervisor");
        assert_null(sealed.answer);
        expect_entry(centre, "officer decision.make KSK-1/1/102 denied ");
    }
}

static void
others_do_not_decide(void **state)
{
    (void)state;
    static const char *const users[] = {"second", "it", "auditor", "away"};
    g_autoptr(GBytes) wire = record(103);
    Sealed sealed = {0};
    for (gsize i = 0; i < G_N_ELEMENTS(users); i++) {
        g_autofree char *token = sign_in(centre, users[i]);
        g_autoptr(GError) error = NULL;
        assert_false(decide(token, wire, REFUSE, DV_HOLD_FREE, &sealed, &error));
        expect_error(&error, DV_ERROR_DENIED, "");
    }
    g_autoptr(GError) error = NULL;
    assert_false(decide("", wire, REFUSE, DV_HOLD_FREE, &sealed, &error));
    expect_error(&error, DV_ERROR_EXPIRED, "");
}

/* S2: held or not to be asked, both mean no. */
static void
hold_stops_decisions_against_the_traveller(void **state)
{
    (void)state;
    g_autofree char *token = sign_in(centre, "sup");
    g_autoptr(GBytes) wire = referral(104);
    Sealed sealed = {0};
    g_autoptr(GError) error = NULL;
    assert_false(decide(token, wire, REFUSE, DV_HOLD_HELD, &sealed, &error));
    expect_error(&error, DV_ERROR_DENIED, "ask the protection unit");
    assert_null(sealed.answer);
    assert_false(decide(token, wire, REFUSE, DV_HOLD_UNKNOWN, &sealed, &error));
    expect_error(&error, DV_ERROR_DENIED, "cannot be asked now");
    assert_null(sealed.answer);
    /* Nothing was decided by that: another decision stands as the first. */
    assert_true(decide(token, wire, ADMIT, DV_HOLD_HELD, &sealed, &error));
    sealed_clear(&sealed);
    g_autoptr(GBytes) free_wire = record(105);
    assert_true(decide(token, free_wire, REFUSE, DV_HOLD_FREE, &sealed, &error));
    g_autoptr(json_t) payload = open_answer(sealed.answer);
    assert_string_equal(json_string_value(json_object_get(payload, "disposition")), "REFUSE");
    assert_int_equal(json_array_size(json_object_get(payload, "grounds")), 1);
    sealed_clear(&sealed);
}

static void
decided_stays_decided_until_reopened(void **state)
{
    (void)state;
    g_autofree char *token = sign_in(centre, "sup");
    g_autofree char *other = sign_in(centre, "sup2");
    g_autoptr(GBytes) wire = record(106);
    Sealed sealed = {0};
    g_autoptr(GError) error = NULL;
    assert_true(decide(token, wire, ADMIT, DV_HOLD_FREE, &sealed, &error));
    g_autoptr(json_t) first = open_answer(sealed.answer);
    /* The answer was lost on the way: the same words from the same person are the same decision. */
    assert_true(decide(token, wire, ADMIT, DV_HOLD_FREE, &sealed, &error));
    g_autoptr(json_t) again = open_answer(sealed.answer);
    assert_true(json_equal(first, again));
    assert_false(decide(other, wire, ADMIT, DV_HOLD_FREE, &sealed, &error));
    expect_error(&error, DV_ERROR_CONFLICT, "re-open it");
    assert_false(decide(token, wire, REFUSE, DV_HOLD_FREE, &sealed, &error));
    expect_error(&error, DV_ERROR_CONFLICT, "sup decided it");
    const char *reopened = "{\"disposition\":\"SECOND_LINE\",\"reason\":\"new facts came in\","
                           "\"reopen\":true}";
    assert_true(decide(other, wire, reopened, DV_HOLD_FREE, &sealed, &error));
    g_autoptr(json_t) second = open_answer(sealed.answer);
    assert_false(
        json_equal(json_object_get(first, "decision_id"), json_object_get(second, "decision_id")));
    /* Another record under the number that was decided. */
    g_autoptr(GBytes) twin = record(106);
    assert_false(decide(token, twin, ADMIT, DV_HOLD_FREE, &sealed, &error));
    expect_error(&error, DV_ERROR_CONFLICT, "another record");
    sealed_clear(&sealed);
}

static void
false_match_names_hits_of_the_record(void **state)
{
    (void)state;
    g_autofree char *token = sign_in(centre, "sup");
    g_autoptr(GBytes) wire = record(107);
    Sealed sealed = {0};
    g_autoptr(GError) error = NULL;
    assert_false(decide(token, wire,
                        "{\"disposition\":\"FALSE_MATCH\",\"reason\":\"not the same person\","
                        "\"alerts\":[\"OTHER-1\"]}",
                        DV_HOLD_FREE, &sealed, &error));
    expect_error(&error, DV_ERROR_INVALID, "no hit on an alert");
    assert_true(decide(token, wire,
                       "{\"disposition\":\"FALSE_MATCH\",\"reason\":\"not the same person\","
                       "\"alerts\":[\"SLTD-000017\"]}",
                       DV_HOLD_FREE, &sealed, &error));
    sealed_clear(&sealed);
}

/* ---- protection ---- */

static gboolean
held(GBytes *wire)
{
    gboolean answer = FALSE;
    g_autoptr(GError) error = NULL;
    if (!dv_referral_hold(protection, "uid 0", wire, &answer, &error))
        fail_msg("%s", error->message);
    return answer;
}

/* S2, S3: the unit finds its referrals, nobody else can; the hold lasts until it is closed. */
static void
referral_is_held_until_closed(void **state)
{
    (void)state;
    g_autoptr(GError) error = NULL;
    g_autofree char *token = sign_in(protection, "asylum");
    g_autoptr(GBytes) with = referral(201);
    g_autoptr(GBytes) without = record(202);
    g_autoptr(GBytes) garbage = g_bytes_new_static("x", 1);
    assert_true(held(with));
    assert_false(held(without));
    gboolean answer = FALSE;
    assert_false(dv_referral_hold(protection, "uid 0", garbage, &answer, &error));
    assert_true(answer);
    g_clear_error(&error);

    g_autoptr(GPtrArray) wires = g_ptr_array_new();
    g_ptr_array_add(wires, without);
    g_ptr_array_add(wires, garbage);
    g_ptr_array_add(wires, with);
    g_autoptr(json_t) scan = dv_referral_scan(protection, token, wires, &error);
    assert_null(error);
    const json_t *found = json_object_get(scan, "referrals");
    assert_int_equal(json_array_size(found), 1);
    assert_int_equal(json_integer_value(json_object_get(json_array_get(found, 0), "seq")), 201);
    assert_null(json_object_get(json_array_get(found, 0), "person"));
    assert_int_equal(json_array_size(json_object_get(scan, "unreadable")), 1);

    g_autofree char *opened = dv_open_record(protection, token, with, "first interview", &error);
    assert_null(error);
    assert_non_null(strstr(opened, "REFER_"));
    expect_entry(protection, "asylum referral.open KSK-1/1/201 ok first interview");
    assert_null(dv_open_record(protection, token, without, "first interview", &error));
    expect_error(&error, DV_ERROR_INVALID, "carries no referral");

    assert_false(dv_referral_close(protection, token, with, "", &error));
    expect_error(&error, DV_ERROR_INVALID, "A reason");
    assert_true(held(with));
    assert_true(
        dv_referral_close(protection, token, with, "claim decided by the authority", &error));
    assert_false(held(with));
    g_autofree char *auditor = sign_in(protection, "auditor");
    assert_null(dv_referral_scan(protection, auditor, wires, &error));
    expect_error(&error, DV_ERROR_DENIED, "auditor");
    assert_null(dv_open_record(protection, auditor, with, "curious about it", &error));
    expect_error(&error, DV_ERROR_DENIED, "auditor");
}

/* S11: a unit's account sees the referrals of its checkpoints; what it tries beyond is logged. */
static void
referral_of_another_checkpoint_stays_closed(void **state)
{
    (void)state;
    g_autoptr(GError) error = NULL;
    g_autofree char *token = sign_in(protection, "asylum-away");
    g_autoptr(GBytes) with = referral(203);
    g_autoptr(GPtrArray) wires = g_ptr_array_new();
    g_ptr_array_add(wires, with);
    g_autoptr(json_t) scan = dv_referral_scan(protection, token, wires, &error);
    assert_null(error);
    assert_int_equal(json_array_size(json_object_get(scan, "referrals")), 0);
    assert_int_equal(json_array_size(json_object_get(scan, "unreadable")), 0);
    assert_null(dv_open_record(protection, token, with, "asked for Eriksson", &error));
    expect_error(&error, DV_ERROR_DENIED, "outside this account's scope");
    expect_entry(protection, "asylum-away referral.open KSK-1/1/203 denied ");
    assert_false(dv_referral_close(protection, token, with, "claim decided", &error));
    expect_error(&error, DV_ERROR_DENIED, "outside this account's scope");
    expect_entry(protection, "asylum-away referral.close KSK-1/1/203 denied ");
    assert_true(held(with));
}

/* The protection unit's log outlives the referral as well: no traveller in it. */
static void
referral_reasons_do_not_name_the_traveller(void **state)
{
    (void)state;
    g_autofree char *token = sign_in(protection, "asylum");
    g_autoptr(GBytes) with = referral(204);
    g_autoptr(GError) error = NULL;
    assert_null(dv_open_record(protection, token, with, "interview of Eriksson", &error));
    expect_error(&error, DV_ERROR_INVALID, "write no name");
    expect_entry(protection, "asylum referral.open KSK-1/1/204 invalid ");
    assert_false(dv_referral_close(protection, token, with, "L898902C3 was granted", &error));
    expect_error(&error, DV_ERROR_INVALID, "write no name");
    expect_entry(protection, "asylum referral.close KSK-1/1/204 invalid ");
    assert_true(held(with));
}

/* ---- accounts for booths ---- */

static void
accounts_go_to_their_checkpoint(void **state)
{
    (void)state;
    g_autoptr(GError) error = NULL;
    g_autoptr(GBytes) bundle = dv_accounts_issue(centre, "KSK-1", &error);
    assert_null(error);
    gsize length = 0;
    const void *data = g_bytes_get_data(bundle, &length);
    g_autoptr(json_t) payload =
        dv_signed_json_verify("accounts", data, length, 1u << 20, rig->keys->opener, &error);
    assert_null(error);
    const json_t *accounts = json_object_get(payload, "accounts");
    assert_int_equal(json_array_size(accounts), 4); /* officer, second, sup, sup2 */
    assert_string_equal(json_string_value(json_object_get(payload, "kiosk")), "KSK-1");
    g_autoptr(GBytes) again = dv_accounts_issue(centre, "KSK-1", &error);
    assert_true(g_bytes_equal(bundle, again));
    assert_true(dv_users_set_disabled(centre->db, "test", "second", TRUE, &error));
    g_autoptr(GBytes) changed = dv_accounts_issue(centre, "KSK-1", &error);
    assert_false(g_bytes_equal(bundle, changed));
    assert_true(dv_users_set_disabled(centre->db, "test", "second", FALSE, &error));
    assert_null(dv_accounts_issue(centre, "KSK-2", &error));
    expect_error(&error, DV_ERROR_DENIED, "not registered");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decision_reaches_the_booth_alone),
        cmocka_unit_test(officer_does_not_decide_on_the_own_crossing),
        cmocka_unit_test(others_do_not_decide),
        cmocka_unit_test(hold_stops_decisions_against_the_traveller),
        cmocka_unit_test(decided_stays_decided_until_reopened),
        cmocka_unit_test(false_match_names_hits_of_the_record),
        cmocka_unit_test(referral_is_held_until_closed),
        cmocka_unit_test(referral_of_another_checkpoint_stays_closed),
        cmocka_unit_test(referral_reasons_do_not_name_the_traveller),
        cmocka_unit_test(accounts_go_to_their_checkpoint),
    };
    return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
