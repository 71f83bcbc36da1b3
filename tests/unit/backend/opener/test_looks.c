// SPDX-License-Identifier: Apache-2.0
/* Sessions, looks, decisions and holds, asked of the library itself. */
#include "accounts_issue.h"
#include "decide.h"
#include "expect.h"
#include "open.h"
#include "opener_rig.h"
#include "protection.h"

#include <darvaza/clock.h>
#include <darvaza/receipt.h>

#define REASON "review of flagged crossing"

static OpenerRig *rig;
static DvOpener *centre, *protection;
static gint64 shift_us; /* the only way in which time passes here */

static gint64
shifted(void *data)
{
    (void)data;
    return G_GINT64_CONSTANT(1795460568) * G_USEC_PER_SEC + shift_us;
}

static DvOpener *
open_one(DvOpenerMode mode)
{
    gboolean at_centre = mode == DV_OPENER_CENTRE;
    g_autofree char *keys =
        g_build_filename(rig->keys->dir, at_centre ? "centre" : "protection", NULL);
    g_autofree char *trust = g_build_filename(rig->keys->dir, "trust", NULL);
    const DvOpenerOptions options = {
        .mode = mode,
        .state_dir = at_centre ? rig->centre_state : rig->protection_state,
        .socket = at_centre ? rig->socket : rig->protection_socket,
        .client_uid = -1,
        .keys_dir = keys,
        .trust_dir = trust,
        .hold_client_uid = -1,
    };
    g_autoptr(GError) error = NULL;
    DvOpener *opener = dv_opener_new(&options, &error);
    if (!opener)
        g_error("%s", error->message);
    return opener;
}

static int
setup(void **state)
{
    (void)state;
    const DvClock clock = {shifted, shifted, NULL};
    dv_clock_install(&clock);
    rig = opener_rig_new();
    centre = open_one(DV_OPENER_CENTRE);
    protection = open_one(DV_OPENER_PROTECTION);
    return 0;
}

static int
teardown(void **state)
{
    (void)state;
    dv_opener_free(centre);
    dv_opener_free(protection);
    opener_rig_free(rig);
    dv_clock_install(NULL);
    return 0;
}

static char *
sign_in(DvOpener *opener, const char *user)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(json_t) session = dv_session_sign_in(opener, user, RIG_PASSWORD, "127.0.0.1", &error);
    if (!session)
        fail_msg("%s", error->message);
    return g_strdup(json_string_value(json_object_get(session, "token")));
}

static GBytes *
record(gint64 seq)
{
    return dv_record_example_sealed(rig->keys, 1, seq, NULL, DV_PRIORITY_HIT, NULL, NULL);
}

static GBytes *
referral(gint64 seq)
{
    g_autoptr(json_t) compartment = dv_referral_example();
    return dv_record_example_sealed(rig->keys, 1, seq, NULL, DV_PRIORITY_REVIEW, compartment, NULL);
}

/* The newest audit entry as "actor verb object outcome reason". */
static char *
last_entry(DvOpener *opener)
{
    g_autoptr(sqlite3_stmt) stmt = dv_sqlite_prepare(
        opener->db,
        "SELECT actor || ' ' || verb || ' ' || object || ' ' || outcome || ' ' || reason"
        " FROM audit ORDER BY seq DESC LIMIT 1",
        NULL);
    gboolean row = FALSE;
    assert_true(dv_sqlite_step(stmt, &row, NULL) && row);
    return g_strdup((const char *)sqlite3_column_text(stmt, 0));
}

static void
expect_entry(DvOpener *opener, const char *text)
{
    g_autofree char *entry = last_entry(opener);
    assert_string_equal(entry, text);
}

/* ---- sessions ---- */

static void
sign_in_tells_what_the_page_needs(void **state)
{
    (void)state;
    g_autoptr(GError) error = NULL;
    g_autoptr(json_t) session =
        dv_session_sign_in(centre, "sup", RIG_PASSWORD, "127.0.0.1", &error);
    assert_null(error);
    const char *token = json_string_value(json_object_get(session, "token"));
    assert_int_equal(strlen(token), DV_SESSION_TOKEN_SIZE);
    assert_string_equal(json_string_value(json_object_get(session, "role")), "supervisor");
    assert_string_equal(json_string_value(json_object_get(session, "unit")), "centre");
    const json_t *kiosks = json_object_get(session, "kiosks");
    assert_string_equal(json_string_value(json_object_get(kiosks, "KSK-1")), "UTO-BAHNHOF");
    assert_null(json_object_get(kiosks, "KSK-9"));
    const json_t *elsewhere = json_object_get(session, "elsewhere");
    assert_string_equal(json_string_value(json_array_get(elsewhere, 0)), "KSK-9");
    g_autoptr(json_t) again = dv_session_describe(centre, token, &error);
    assert_null(error);
    assert_true(json_equal(json_object_get(again, "csrf"), json_object_get(session, "csrf")));
    expect_entry(centre, "sup session.sign-in 127.0.0.1 ok ");
}

/* The database holds nothing with which a session could be taken over. */
static void
tokens_are_stored_hashed(void **state)
{
    (void)state;
    g_autofree char *token = sign_in(centre, "sup");
    g_autofree char *wal = g_build_filename(rig->centre_state, "opener.db-wal", NULL);
    g_autofree char *db = g_build_filename(rig->centre_state, "opener.db", NULL);
    const char *files[] = {wal, db};
    guint8 raw[DV_SESSION_TOKEN_SIZE / 2];
    assert_true(dv_hex_parse(token, raw, sizeof raw));
    for (gsize i = 0; i < G_N_ELEMENTS(files); i++) {
        g_autofree char *content = NULL;
        gsize length = 0;
        if (!g_file_get_contents(files[i], &content, &length, NULL))
            continue;
        assert_null(memmem(content, length, token, strlen(token)));
        assert_null(memmem(content, length, raw, sizeof raw));
        assert_null(memmem(content, length, RIG_PASSWORD, strlen(RIG_PASSWORD)));
    }
}

static void
one_message_for_whatever_was_wrong(void **state)
{
    (void)state;
    static const struct {
        const char *user, *password, *entry;
    } cases[] = {
        {"second", "wrong password", "second session.sign-in 10.1.0.0 denied "},
        {"nobody", RIG_PASSWORD, "- session.sign-in 10.1.0.1 denied "},
        {"", "", "- session.sign-in 10.1.0.2 denied "},
        {"asylum", RIG_PASSWORD, "- session.sign-in 10.1.0.3 denied "}, /* the other unit's */
        {RIG_PASSWORD, "sup", "- session.sign-in 10.1.0.4 denied "},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        g_autofree char *peer = g_strdup_printf("10.1.0.%zu", i);
        assert_null(dv_session_sign_in(centre, cases[i].user, cases[i].password, peer, &error));
        expect_error(&error, DV_ERROR_DENIED, "The account or the password is not right.");
        expect_entry(centre, cases[i].entry);
    }
}

/* Whether an account exists is not to be heard from the delays either. */
static void
throttle_is_the_same_for_unknown_accounts(void **state)
{
    (void)state;
    static const char *const users[] = {"away", "nobody2"};
    for (gsize u = 0; u < G_N_ELEMENTS(users); u++) {
        for (int i = 0; i < DV_THROTTLE_USER_FREE; i++) {
            g_autofree char *peer = g_strdup_printf("10.2.%zu.%d", u, i);
            assert_null(dv_session_sign_in(centre, users[u], "wrong", peer, NULL));
        }
        g_autoptr(GError) error = NULL;
        assert_null(dv_session_sign_in(centre, users[u], RIG_PASSWORD, "10.2.9.9", &error));
        expect_error(&error, DV_ERROR_UNAVAILABLE, "try again in 1 seconds");
    }
    shift_us += 10 * G_USEC_PER_SEC;
    g_autofree char *token = sign_in(centre, "away");
    assert_non_null(token);
}

static void
sessions_end(void **state)
{
    (void)state;
    g_autoptr(GError) error = NULL;
    g_autofree char *idle = sign_in(centre, "sup");
    shift_us += 899 * (gint64)G_USEC_PER_SEC;
    g_autoptr(DvSession) alive = dv_session_find(centre, idle, &error);
    if (!alive)
        fail_msg("%s", error->message);
    shift_us += 899 * (gint64)G_USEC_PER_SEC;
    g_autoptr(DvSession) renewed = dv_session_find(centre, idle, &error);
    assert_non_null(renewed);
    shift_us += 901 * (gint64)G_USEC_PER_SEC;
    assert_null(dv_session_find(centre, idle, &error));
    expect_error(&error, DV_ERROR_EXPIRED, "sign in again");

    /* However busy, twelve hours are the end. */
    g_autofree char *busy = sign_in(centre, "sup");
    for (int i = 0; i < 12 * 6 - 1; i++) {
        shift_us += 600 * (gint64)G_USEC_PER_SEC;
        g_autoptr(DvSession) session = dv_session_find(centre, busy, &error);
        assert_non_null(session);
    }
    shift_us += 600 * (gint64)G_USEC_PER_SEC;
    assert_null(dv_session_find(centre, busy, &error));
    expect_error(&error, DV_ERROR_EXPIRED, "sign in again");

    g_autofree char *out = sign_in(centre, "sup");
    assert_true(dv_session_sign_out(centre, out, &error));
    assert_null(dv_session_find(centre, out, &error));
    expect_error(&error, DV_ERROR_EXPIRED, "sign in again");
    assert_true(dv_session_sign_out(centre, out, &error));
}

static void
forged_tokens_name_no_session(void **state)
{
    (void)state;
    g_autofree char *token = sign_in(centre, "sup");
    g_autofree char *flipped = g_strdup(token);
    flipped[5] = flipped[5] == '0' ? '1' : '0';
    g_autofree char *upper = g_ascii_strup(token, -1);
    g_autofree char *shorter = g_strndup(token, DV_SESSION_TOKEN_SIZE - 1);
    const char *forged[] = {"", "x", flipped, shorter, "' OR 1=1 --"};
    for (gsize i = 0; i < G_N_ELEMENTS(forged); i++) {
        g_autoptr(GError) error = NULL;
        assert_null(dv_session_find(centre, forged[i], &error));
        expect_error(&error, DV_ERROR_EXPIRED, "sign in again");
    }
    g_autoptr(GError) error = NULL;
    assert_null(dv_session_find(protection, token, &error));
    expect_error(&error, DV_ERROR_EXPIRED, "sign in again");
}

static void
disabled_account_is_out_at_once(void **state)
{
    (void)state;
    g_autoptr(GError) error = NULL;
    g_autofree char *token = sign_in(centre, "sup2");
    assert_true(dv_users_set_disabled(centre->db, "test", "sup2", TRUE, &error));
    assert_null(dv_session_find(centre, token, &error));
    expect_error(&error, DV_ERROR_EXPIRED, "sign in again");
    assert_null(dv_session_sign_in(centre, "sup2", RIG_PASSWORD, "127.0.0.1", &error));
    expect_error(&error, DV_ERROR_DENIED, "not right");
    assert_true(dv_users_set_disabled(centre->db, "test", "sup2", FALSE, &error));
}

/* ---- looks ---- */

static void
look_is_shown_and_logged(void **state)
{
    (void)state;
    g_autoptr(GError) error = NULL;
    g_autofree char *token = sign_in(centre, "sup");
    g_autoptr(GBytes) wire = record(17);
    g_autofree char *body = dv_open_record(centre, token, wire, REASON, &error);
    assert_null(error);
    g_autoptr(json_t) json = json_loads(body, 0, NULL);
    const json_t *document = json_object_get(json, "document");
    assert_string_equal(json_string_value(json_object_get(document, "number")), "L898902C3");
    expect_entry(centre, "sup record.open KSK-1/1/17 ok " REASON);
    DvAuditHead head;
    assert_true(dv_audit_verify(centre->db, NULL, &head, &error));
}

static void
look_needs_a_reason_in_words(void **state)
{
    (void)state;
    static const char *const reasons[] = {"", "    ", "12345", "x", "two\nlines", "\xff\xfe..."};
    g_autofree char *token = sign_in(centre, "sup");
    g_autoptr(GBytes) wire = record(17);
    for (gsize i = 0; i < G_N_ELEMENTS(reasons); i++) {
        g_autoptr(GError) error = NULL;
        assert_null(dv_open_record(centre, token, wire, reasons[i], &error));
        expect_error(&error, DV_ERROR_INVALID, "A reason");
    }
}

/* The log outlives the record: it must not carry the traveller. */
static void
reason_does_not_name_the_traveller(void **state)
{
    (void)state;
    static const char *const reasons[] = {"looking for Eriksson", "passport L898902C3",
                                          "is l 898902-c3 the one?", "ask Anna-Maria"};
    g_autofree char *token = sign_in(centre, "sup");
    g_autoptr(GBytes) wire = record(17);
    for (gsize i = 0; i < G_N_ELEMENTS(reasons); i++) {
        g_autoptr(GError) error = NULL;
        assert_null(dv_open_record(centre, token, wire, reasons[i], &error));
        expect_error(&error, DV_ERROR_INVALID, "write no name");
        expect_entry(centre, "sup record.open KSK-1/1/17 invalid ");
    }
}

static void
look_is_denied_by_role_and_checkpoint_and_logged(void **state)
{
    (void)state;
    static const struct {
        const char *user, *says, *entry;
    } cases[] = {
        {"it", "The role it may not", "it record.open KSK-1/1/17 denied " REASON},
        {"auditor", "The role auditor may not", "auditor record.open KSK-1/1/17 denied " REASON},
        {"away", "outside this account's scope", "away record.open KSK-1/1/17 denied " REASON},
    };
    g_autoptr(GBytes) wire = record(17);
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *token = sign_in(centre, cases[i].user);
        g_autoptr(GError) error = NULL;
        assert_null(dv_open_record(centre, token, wire, REASON, &error));
        expect_error(&error, DV_ERROR_DENIED, cases[i].says);
        expect_entry(centre, cases[i].entry);
    }
}

static void
forged_and_foreign_records_do_not_open(void **state)
{
    (void)state;
    g_autofree char *token = sign_in(centre, "sup");
    g_autoptr(GError) error = NULL;
    g_autoptr(GBytes) garbage = g_bytes_new_static("DVR1garbage", 11);
    assert_null(dv_open_record(centre, token, garbage, REASON, &error));
    expect_error(&error, DV_ERROR_INVALID, "");
    expect_entry(centre, "sup record.open (unreadable) invalid ");
    g_autoptr(GBytes) nothing = g_bytes_new(NULL, 0);
    assert_null(dv_open_record(centre, token, nothing, REASON, &error));
    expect_error(&error, DV_ERROR_INVALID, "");

    /* Every byte of a record counts. */
    g_autoptr(GBytes) wire = record(17);
    gsize length = 0;
    const guint8 *data = g_bytes_get_data(wire, &length);
    for (gsize at = 0; at < length; at += length / 37) {
        guint8 *copy = g_memdup2(data, length);
        copy[at] ^= 1;
        g_autoptr(GBytes) bent = g_bytes_new_take(copy, length);
        assert_null(dv_open_record(centre, token, bent, REASON, &error));
        assert_non_null(error);
        g_clear_error(&error);
    }

    /* KSK-2's signature under a header of KSK-1, and a kiosk that nobody registered here. */
    DvSealKeys seal = dv_test_seal_keys(rig->keys);
    seal.kiosk_key = rig->keys->other_key;
    seal.kiosk_cert = rig->keys->other;
    g_autoptr(json_t) body = dv_record_example();
    DvCrossingHeader header = {.kiosk = "KSK-1", .epoch = 1, .seq = 1};
    guint8 link[DV_SHA256_SIZE];
    g_autoptr(GBytes) foreign = dv_crossing_seal(&seal, &header, body, NULL, link, &error);
    assert_null(error);
    assert_null(dv_open_record(centre, token, foreign, REASON, &error));
    expect_error(&error, DV_ERROR_CRYPTO, "");
    json_object_set_new(body, "kiosk_id", json_string("KSK-7"));
    DvCrossingHeader unknown = {.kiosk = "KSK-7", .epoch = 1, .seq = 1};
    g_autoptr(GBytes) stranger = dv_crossing_seal(&seal, &unknown, body, NULL, link, &error);
    assert_null(error);
    assert_null(dv_open_record(centre, token, stranger, REASON, &error));
    expect_error(&error, DV_ERROR_DENIED, "not one that this centre trusts");
}

/* ---- decisions ---- */

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
        cmocka_unit_test(sign_in_tells_what_the_page_needs),
        cmocka_unit_test(tokens_are_stored_hashed),
        cmocka_unit_test(one_message_for_whatever_was_wrong),
        cmocka_unit_test(throttle_is_the_same_for_unknown_accounts),
        cmocka_unit_test(sessions_end),
        cmocka_unit_test(forged_tokens_name_no_session),
        cmocka_unit_test(disabled_account_is_out_at_once),
        cmocka_unit_test(look_is_shown_and_logged),
        cmocka_unit_test(look_needs_a_reason_in_words),
        cmocka_unit_test(reason_does_not_name_the_traveller),
        cmocka_unit_test(look_is_denied_by_role_and_checkpoint_and_logged),
        cmocka_unit_test(forged_and_foreign_records_do_not_open),
        cmocka_unit_test(decision_reaches_the_booth_alone),
        cmocka_unit_test(officer_does_not_decide_on_the_own_crossing),
        cmocka_unit_test(others_do_not_decide),
        cmocka_unit_test(hold_stops_decisions_against_the_traveller),
        cmocka_unit_test(decided_stays_decided_until_reopened),
        cmocka_unit_test(false_match_names_hits_of_the_record),
        cmocka_unit_test(referral_is_held_until_closed),
        cmocka_unit_test(accounts_go_to_their_checkpoint),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
