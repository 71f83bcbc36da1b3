// SPDX-License-Identifier: Apache-2.0
/*
 * Safeguards and the uplink's socket, through a whole booth: no refusal (S1), protection holds and
 * does not show (S2, S3), discreet alerts look clean (S10), nothing on disk (S18), training marked
 * (S20); receipts, answers and heartbeats that are forged, replayed or for somebody else.
 */
#include "booth_steps.h"

#include <darvaza/bus.h>
#include <darvaza/clock.h>
#include <darvaza/crypto.h>
#include <darvaza/error.h>
#include <darvaza/receipt.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "http_peer.h"

static void
test_specimen_outside_training(void **state)
{
    (void)state;
    BoothRigOptions options = {.training = FALSE};
    BoothRig *rig = booth_rig_new(&options);
    booth_rig_deliver_accounts(rig, DAY_S);
    booth_ready(rig, "STOP_REFER");
    booth_lay(rig, ADMIT_ME);
    const char *code = NULL;
    assert_int_equal(booth_result_of(rig, "document_specimen", &code), 2);
    assert_string_equal(code, "specimen");
    g_autofree char *id = booth_current_id(rig);
    assert_int_equal(booth_decide(rig, id, "ADMIT", "never"), 409);
    assert_string_equal(booth_rig_text(rig, "error"), "specimen");
    assert_int_equal(booth_decide(rig, id, "SECOND_LINE", NULL), 200);
    DvCrossingHeader header;
    g_autoptr(json_t) record = booth_open_oldest(rig, &header, NULL);
    assert_true(json_is_false(json_object_get(record, "is_training"))); /* S20 */
    booth_rig_free(rig);
}

/* S10: total, actions and every check but the informational one are those of a clean crossing. */
static void
test_s10_discreet_looks_clean(void **state)
{
    BoothRig *rig = *state;
    booth_ready(rig, "DISCREET");
    booth_lay(rig, ADMIT_ME);
    g_autoptr(json_t) clean =
        json_deep_copy(json_object_get(json_object_get(rig->answer, "crossing"), "actions"));
    g_autofree char *first = booth_current_id(rig);
    assert_int_equal(booth_decide(rig, first, "ADMIT", NULL), 200);
    booth_lay(rig, LISTED_PERSON);
    assert_int_equal(booth_rig_int(rig, "crossing.total"), 1);
    assert_int_equal(booth_result_of(rig, "watchlist_person", NULL), 1);
    assert_int_equal(booth_result_of(rig, "watchlist_notice", NULL), 2);
    assert_true(
        json_equal(clean, json_object_get(json_object_get(rig->answer, "crossing"), "actions")));
    g_autofree char *id = booth_current_id(rig);
    assert_int_equal(booth_decide(rig, id, "ADMIT", NULL), 200);
}

/* ---- safeguards ---- */

static void
test_s1_no_refusal(void **state)
{
    static const char *const words[] = {"REFUSE",           "RETURNED", "EXIT_STOPPED",
                                        "ADMIT_CONDITIONS", "refuse",   ""};
    BoothRig *rig = *state;
    booth_ready(rig, "STOP_REFER");
    booth_lay(rig, LISTED_PERSON);
    g_autofree char *id = booth_current_id(rig);
    for (guint i = 0; i < G_N_ELEMENTS(words); i++) {
        assert_int_equal(booth_decide(rig, id, words[i], "reason"), 403);
        assert_string_equal(booth_rig_text(rig, "error"), "unknown_decision");
    }
    assert_int_equal(booth_rig_post(rig, "/api/decision",
                                    json_pack("{s:s, s:s, s:s}", "crossing_id", id, "decision",
                                              "SECOND_LINE", "direction", "RETURNED")),
                     409);
    assert_int_equal(booth_rig_post(rig, "/api/decision",
                                    json_pack("{s:s, s:s, s:[s]}", "crossing_id", id, "decision",
                                              "SECOND_LINE", "grounds", "A")),
                     400);
    booth_rig_wait_lane(rig, "deciding");
    assert_int_equal(booth_rig_int(rig, "banner.unsent"), 0);
}

static void
test_s2_protection_holds(void **state)
{
    BoothRig *rig = *state;
    booth_ready(rig, "STOP_REFER");
    booth_lay(rig, LISTED_PERSON); /* whatever the verdict says */
    g_autofree char *id = booth_current_id(rig);
    assert_int_equal(booth_decide(rig, id, "REFER_ASYLUM", "speaks of persecution"), 200);
    DvCrossingHeader header;
    json_t *protection = NULL;
    g_autoptr(json_t) record = booth_open_oldest(rig, &header, &protection);
    json_t *decision = json_object_get(record, "decision");
    assert_string_equal(json_string_value(json_object_get(decision, "outcome")), "SECOND_LINE");
    assert_true(json_is_null(json_object_get(decision, "note")));
    assert_string_equal(json_string_value(json_object_get(protection, "referral")), "REFER_ASYLUM");
    assert_string_equal(json_string_value(json_object_get(protection, "crossing_id")), id);
    json_decref(protection);

    /* The centre cannot refuse it, also after a restart; other answers still arrive. */
    booth_rig_restart(rig);
    g_autoptr(GError) error = NULL;
    const DvTestKeys *keys = rig->keys;
    assert_true(booth_deliver_answer(rig, 1, "KSK-1", id, "REFUSE", keys->opener_key, keys->opener,
                                     &error));
    assert_true(booth_deliver_answer(rig, 2, "KSK-1", id, "RETURNED", keys->opener_key,
                                     keys->opener, &error));
    assert_true(
        booth_deliver_answer(rig, 3, "KSK-1", id, "ADMIT", keys->opener_key, keys->opener, &error));
    g_assert_no_error(error);
    assert_int_equal(booth_rig_sign_in(rig, BOOTH_RIG_PASSWORD), 200);
    assert_int_equal(booth_rig_get(rig, "/api/recent"), 200);
    assert_int_equal(json_array_size(json_object_get(rig->answer, "answers")), 3);
    assert_string_equal(booth_rig_text(rig, "answers.0.payload.disposition"), "ADMIT");
    for (guint i = 1; i <= 2; i++) {
        json_t *one = json_array_get(json_object_get(rig->answer, "answers"), i);
        assert_null(json_object_get(one, "payload"));
        assert_string_equal(json_string_value(json_object_get(one, "refused")), "unacceptable");
    }
}

/* Asylum, other protection, vulnerable and plain second line leave the same trace outside the
 * compartment: priority, sizes, and every member of the body but ids and times. */
static void
test_s3_referrals_look_alike(void **state)
{
    static const char *const decisions[] = {"SECOND_LINE", "REFER_ASYLUM", "REFER_PROTECTION",
                                            "REFER_VULNERABLE"};
    BoothRig *rig = *state;
    booth_ready(rig, "STOP_REFER");
    g_autoptr(json_t) first = NULL;
    for (guint i = 0; i < G_N_ELEMENTS(decisions); i++) {
        booth_lay(rig, ADMIT_ME);
        g_autofree char *id = booth_current_id(rig);
        assert_int_equal(booth_decide(rig, id, decisions[i], NULL), 200);
        DvCrossingHeader header;
        g_autoptr(json_t) record = booth_open_oldest(rig, &header, NULL);
        assert_int_equal(header.priority, DV_PRIORITY_REVIEW);
        json_t *decision = json_object_get(record, "decision");
        if (first)
            assert_true(json_equal(first, decision));
        else
            first = json_deep_copy(decision);
        g_autoptr(GBytes) receipt = booth_make_receipt(rig, "KSK-1", rig->keys->receipt_key, 0);
        g_autoptr(GError) error = NULL;
        g_autoptr(GVariant) answer = booth_rig_call(
            rig, "DeliverReceipt", g_variant_new("(@ay)", booth_bytes_variant(receipt)), &error);
        g_assert_no_error(error);
    }
}

/* S2 on every screen: whatever the document or the reader made of the zone, each referral can be
 * recorded, and so can the traveller who leaves. */
static void
test_s2_any_document_can_be_referred(void **state)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789<<<<  .!~\"\\";
    static const char *const decisions[] = {"REFER_ASYLUM", "SECOND_LINE", "REFER_PROTECTION",
                                            "REFER_VULNERABLE", "WITHDRAWN"};
    BoothRig *rig = *state;
    booth_ready(rig, "STOP_REFER");
    g_autoptr(GRand) random = g_rand_new_with_seed(7);
    for (guint i = 0; i < 150; i++) {
        g_auto(GStrv) lines = booth_rig_zone(ADMIT_ME);
        guint changes = (guint)g_rand_int_range(random, 1, i < 100 ? 4 : 40);
        for (guint k = 0; k < changes; k++) {
            char *line = lines[g_rand_int_range(random, 0, 2)];
            line[g_rand_int_range(random, 0, (gint32)strlen(line))] =
                letters[g_rand_int_range(random, 0, (gint32)sizeof letters - 1)];
        }
        if (i == 0)
            memcpy(lines[1] + 10, "U7O", 3); /* a nationality that is none */
        booth_rig_lay(rig, (const char *const *)lines);
        g_autofree char *id = booth_current_id(rig);
        const char *decision = decisions[i % G_N_ELEMENTS(decisions)];
        guint status = booth_decide(rig, id, decision, "any");
        if (status != 200)
            fail_msg("%s of\n%s\n%s\nanswered %u: %s", decision, lines[0], lines[1], status,
                     rig->raw->str);
    }
}

/* ---- the record: what the booth fills in, beyond what its schema demands ---- */

static gint64 ticks_us;

/* Each look at the clock takes a millisecond, so that what came first has the lower number. */
static gint64
ticking(void *data)
{
    (void)data;
    ticks_us += 1000;
    return ticks_us;
}

static gint64
real_wall(void *data)
{
    (void)data;
    return g_get_real_time();
}

static const json_t *
check_of(const json_t *record, const char *id)
{
    const json_t *checks = json_object_get(record, "checks");
    for (gsize i = 0; i < json_array_size(checks); i++) {
        const json_t *one = json_array_get(checks, i);
        if (g_str_equal(json_string_value(json_object_get(one, "id")), id))
            return one;
    }
    fail_msg("no check %s", id);
    return NULL;
}

static gint64
number_of(const json_t *object, const char *member)
{
    const json_t *value = json_object_get(object, member);
    assert_true(json_is_integer(value));
    return json_integer_value(value);
}

static const char *
word_of(const json_t *object, const char *member)
{
    const char *word = json_string_value(json_object_get(object, member));
    assert_non_null(word);
    return word;
}

static void
check_hit(const json_t *record)
{
    const json_t *hit = json_array_get(json_object_get(record, "hits"), 0);
    assert_string_equal(word_of(hit, "list_id"), "TEST");
    assert_int_equal(number_of(hit, "list_version"), 3);
    assert_string_equal(word_of(hit, "match_kind"), "EXACT_PERSON");
    assert_string_equal(word_of(hit, "action"), "STOP_REFER");
    const json_t *explanation = json_object_get(hit, "explanation");
    assert_true(json_array_size(explanation) >= 3); /* both names and the birth date */
    for (gsize i = 0; i < json_array_size(explanation); i++) {
        const json_t *one = json_array_get(explanation, i);
        if (g_str_equal(word_of(one, "agreement"), "AGREES"))
            assert_string_equal(word_of(one, "document"), word_of(one, "listed"));
    }
}

/* An uplink that says "online" and stays: when it goes, the booth is offline again. */
typedef struct {
    const char *socket;
    GDBusConnection *bus;
} Uplink;

static void
go_online(void *data)
{
    Uplink *uplink = data;
    uplink->bus = dv_bus_connect(uplink->socket, 5000, NULL);
    if (!uplink->bus)
        return;
    g_autoptr(GVariant) answer =
        g_dbus_connection_call_sync(uplink->bus, NULL, "/org/darvaza/Booth1", "org.darvaza.Booth1",
                                    "SetLink", g_variant_new("(bs)", TRUE, "the centre answers"),
                                    NULL, G_DBUS_CALL_FLAGS_NONE, 5000, NULL, NULL);
    if (!answer)
        g_clear_object(&uplink->bus);
}

static void
test_record_says_all(void **state)
{
    const DvClock clock = {real_wall, ticking, NULL};
    BoothRig *rig = *state;
    booth_ready(rig, "STOP_REFER");
    g_autofree char *socket = g_build_filename(rig->dir, "booth.sock", NULL);
    Uplink uplink = {.socket = socket};
    http_peer_with_loop(go_online, &uplink);
    assert_non_null(uplink.bus);
    ticks_us = g_get_monotonic_time();
    dv_clock_install(&clock);
    booth_lay(rig, LISTED_PERSON);
    g_autofree char *shift = g_strdup(booth_rig_text(rig, "officer.shift_id"));
    g_autofree char *id = booth_current_id(rig);
    assert_int_equal(booth_decide(rig, id, "SECOND_LINE", "asked to wait"), 200);
    dv_clock_install(NULL);
    g_dbus_connection_close_sync(uplink.bus, NULL, NULL);
    g_object_unref(uplink.bus);
    DvCrossingHeader header;
    g_autoptr(json_t) record = booth_open_oldest(rig, &header, NULL);
    assert_string_equal(word_of(record, "capture_mode"), "ONLINE");
    assert_string_equal(word_of(record, "entry_method"), "MRZ");
    assert_string_equal(word_of(record, "shift_id"), shift);
    assert_string_equal(word_of(record, "checkpoint"), "XXTST");
    const json_t *list = json_array_get(json_object_get(record, "watchlists"), 0);
    assert_int_equal(number_of(list, "version"), 3);
    assert_true(number_of(list, "age_s") >= 3600);
    assert_string_equal(word_of(list, "status"), "FRESH");
    const json_t *checks = json_object_get(record, "checks");
    assert_true(json_array_size(checks) >= 11);
    for (gsize i = 0; i < json_array_size(checks); i++)
        assert_true(number_of(json_array_get(checks, i), "end_ms") >
                    number_of(json_array_get(checks, i), "start_ms"));
    /* The lists are asked before the rest is judged; their time is the question's. */
    assert_true(number_of(check_of(record, "watchlist_person"), "end_ms") <=
                number_of(check_of(record, "mrz_check_digits"), "start_ms"));
    const json_t *document = json_object_get(record, "document");
    assert_int_equal(json_array_size(json_object_get(document, "mrz_checks")), 5);
    assert_int_equal(json_array_size(json_object_get(document, "mrz")), 2);
    assert_string_equal(word_of(json_object_get(record, "decision"), "note"), "asked to wait");
    check_hit(record);
}

/* ---- the uplink's socket ---- */

static void
test_receipts(void **state)
{
    BoothRig *rig = *state;
    booth_ready(rig, "STOP_REFER");
    booth_lay(rig, ADMIT_ME);
    g_autofree char *id = booth_current_id(rig);
    assert_int_equal(booth_decide(rig, id, "ADMIT", NULL), 200);
    const DvTestKeys *keys = rig->keys;
    const struct {
        const char *kiosk;
        const DvKey *key;
        guint8 spoil;
        int code; /* -1: accepted */
    } rows[] = {
        {"KSK-1", keys->opener_key, 0, DV_ERROR_CRYPTO}, /* forged */
        {"KSK-2", keys->receipt_key, 0, DV_ERROR_DENIED},
        {"KSK-1", keys->receipt_key, 1, DV_ERROR_DENIED}, /* for another record */
        {"KSK-1", keys->receipt_key, 0, -1},
    };
    g_autoptr(GBytes) good = NULL;
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(GBytes) receipt =
            booth_make_receipt(rig, rows[i].kiosk, rows[i].key, rows[i].spoil);
        g_autoptr(GVariant) answer = booth_rig_call(
            rig, "DeliverReceipt", g_variant_new("(@ay)", booth_bytes_variant(receipt)), &error);
        assert_int_equal(answer != NULL, rows[i].code < 0);
        if (rows[i].code >= 0)
            assert_true(g_error_matches(error, DV_ERROR, rows[i].code));
        g_autofree char *path = g_strdup_printf("/api/crossings/%s", id);
        assert_int_equal(booth_rig_get(rig, path), 200);
        assert_int_equal(booth_rig_int(rig, "at_centre"), rows[i].code < 0);
        good = rows[i].code < 0 ? g_bytes_ref(receipt) : NULL;
    }
    /* Replayed: it is true still, and takes nothing away. */
    booth_lay(rig, ADMIT_ME);
    g_autofree char *second = booth_current_id(rig);
    assert_int_equal(booth_decide(rig, second, "ADMIT", NULL), 200);
    g_autoptr(GError) error = NULL;
    g_autoptr(GVariant) again = booth_rig_call(
        rig, "DeliverReceipt", g_variant_new("(@ay)", booth_bytes_variant(good)), &error);
    g_assert_no_error(error);
    booth_rig_get(rig, "/api/state");
    assert_int_equal(booth_rig_int(rig, "banner.unsent"), 1);
}

static void
test_answers_in_order_and_signed(void **state)
{
    BoothRig *rig = *state;
    booth_ready(rig, "STOP_REFER");
    booth_lay(rig, LISTED_PERSON);
    g_autofree char *id = booth_current_id(rig);
    assert_int_equal(booth_decide(rig, id, "SECOND_LINE", NULL), 200);
    const DvTestKeys *keys = rig->keys;
    g_autoptr(GError) error = NULL;
    /* A skipped number; one sealed to another kiosk's name is not even made. */
    assert_false(
        booth_deliver_answer(rig, 2, "KSK-1", id, "ADMIT", keys->opener_key, keys->opener, &error));
    assert_true(g_error_matches(error, DV_ERROR, DV_ERROR_CONFLICT));
    g_clear_error(&error);
    assert_false(
        booth_deliver_answer(rig, 1, "KSK-2", id, "ADMIT", keys->opener_key, keys->opener, &error));
    g_clear_error(&error);
    /* A refusal of an ordinary referral is the supervisor's to make. */
    assert_true(booth_deliver_answer(rig, 1, "KSK-1", id, "REFUSE", keys->opener_key, keys->opener,
                                     &error));
    g_assert_no_error(error);
    assert_true(booth_deliver_answer(rig, 1, "KSK-1", id, "REFUSE", keys->opener_key, keys->opener,
                                     &error));
    booth_rig_wait_notice(rig, "answer_arrived");
    assert_int_equal(booth_rig_get(rig, "/api/recent"), 200);
    assert_int_equal(json_array_size(json_object_get(rig->answer, "answers")), 1);
    assert_string_equal(booth_rig_text(rig, "crossings.0.crossing_id"), id);
    g_autoptr(GVariant) cursor = booth_rig_call(rig, "AnswerCursor", NULL, &error);
    guint64 last = 0;
    g_variant_get(cursor, "(t)", &last);
    assert_int_equal(last, 1);
}

static guint64
answer_cursor(BoothRig *rig)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GVariant) answer = booth_rig_call(rig, "AnswerCursor", NULL, &error);
    g_assert_no_error(error);
    guint64 last = 0;
    g_variant_get(answer, "(t)", &last);
    return last;
}

static gboolean
deliver_bytes(BoothRig *rig, guint64 number, const void *data, gsize length)
{
    g_autoptr(GError) error = NULL;
    GVariant *bytes = g_variant_new_fixed_array(G_VARIANT_TYPE_BYTE, data, length, 1);
    g_autoptr(GVariant) answer =
        booth_rig_call(rig, "DeliverAnswer", g_variant_new("(t@ay)", number, bytes), &error);
    return answer != NULL;
}

/* Bytes that do not verify never will: they are passed over, said aloud, and settle nothing. */
static void
test_spoiled_answer_holds_up_nothing(void **state)
{
    BoothRig *rig = *state;
    booth_ready(rig, "STOP_REFER");
    booth_lay(rig, LISTED_PERSON);
    g_autofree char *id = booth_current_id(rig);
    assert_int_equal(booth_decide(rig, id, "SECOND_LINE", NULL), 200);
    const DvTestKeys *keys = rig->keys;
    g_autofree char *huge = g_strnfill(200000, 'x');
    g_autoptr(GError) error = NULL;
    assert_true(deliver_bytes(rig, 1, "not sealed", 10));
    booth_rig_wait_notice(rig, "answer_refused");
    assert_true(deliver_bytes(rig, 2, huge, 200000));
    assert_true(deliver_bytes(rig, 3, "", 0));
    assert_true(
        booth_deliver_answer(rig, 4, "KSK-1", id, "ADMIT", keys->sign_key, keys->sign, &error));
    assert_true(
        booth_deliver_answer(rig, 5, "KSK-1", id, "ADMIT", keys->opener_key, keys->opener, &error));
    assert_int_equal(answer_cursor(rig), 5);
    assert_int_equal(booth_rig_get(rig, "/api/recent"), 200);
    assert_int_equal(json_array_size(json_object_get(rig->answer, "answers")), 5);
    assert_string_equal(booth_rig_text(rig, "answers.0.payload.disposition"), "ADMIT");
    assert_string_equal(booth_rig_text(rig, "answers.1.refused"), "unverified");
    /* A booth that starts again asks again, and takes the right answer in the spoiled one's place;
     * what was settled stays settled. */
    booth_rig_restart(rig);
    assert_int_equal(answer_cursor(rig), 0);
    assert_true(booth_deliver_answer(rig, 1, "KSK-1", id, "DUPLICATE", keys->opener_key,
                                     keys->opener, &error));
    for (guint64 number = 2; number <= 4; number++)
        assert_true(deliver_bytes(rig, number, "still not", 9));
    assert_true(deliver_bytes(rig, 5, "forged over it", 14));
    assert_int_equal(answer_cursor(rig), 5);
    assert_int_equal(booth_rig_sign_in(rig, BOOTH_RIG_PASSWORD), 200);
    assert_int_equal(booth_rig_get(rig, "/api/recent"), 200);
    assert_string_equal(booth_rig_text(rig, "answers.0.payload.disposition"), "ADMIT");
    assert_string_equal(booth_rig_text(rig, "answers.4.payload.disposition"), "DUPLICATE");
}

/* The number is outside the seal: an old answer under a new number shows nothing twice, and does
 * not use the number up. */
static void
test_replayed_answer(void **state)
{
    BoothRig *rig = *state;
    booth_ready(rig, "STOP_REFER");
    const DvTestKeys *keys = rig->keys;
    g_autoptr(GError) error = NULL;
    g_autofree char *id = dv_uuid_new();
    g_autofree char *decision_id = dv_uuid_new();
    g_autoptr(json_t) payload =
        json_pack("{s:s, s:s, s:s, s:s, s:s}", "kind", "decision", "decision_id", decision_id,
                  "crossing_id", id, "kiosk", "KSK-1", "disposition", "ADMIT");
    g_autoptr(GBytes) sealed =
        dv_answer_seal(payload, keys->opener_key, keys->opener, keys->answers, &error);
    g_assert_no_error(error);
    gsize length = 0;
    const void *data = g_bytes_get_data(sealed, &length);
    assert_true(deliver_bytes(rig, 1, data, length));
    assert_true(deliver_bytes(rig, 2, data, length));
    assert_int_equal(booth_rig_get(rig, "/api/recent"), 200);
    assert_int_equal(json_array_size(json_object_get(rig->answer, "answers")), 1);
    booth_rig_restart(rig);
    assert_int_equal(answer_cursor(rig), 1);
    assert_true(booth_deliver_answer(rig, 2, "KSK-1", id, "SECOND_LINE", keys->opener_key,
                                     keys->opener, &error));
    assert_int_equal(booth_rig_sign_in(rig, BOOTH_RIG_PASSWORD), 200);
    assert_int_equal(booth_rig_get(rig, "/api/recent"), 200);
    assert_string_equal(booth_rig_text(rig, "answers.0.payload.disposition"), "SECOND_LINE");
}

static void
test_heartbeat(void **state)
{
    BoothRig *rig = *state;
    booth_ready(rig, "STOP_REFER");
    booth_lay(rig, ADMIT_ME);
    g_autofree char *id = booth_current_id(rig);
    assert_int_equal(booth_decide(rig, id, "ADMIT", NULL), 200);
    g_autoptr(GError) error = NULL;
    g_autoptr(GVariant) answer = booth_rig_call(rig, "MakeHeartbeat", NULL, &error);
    g_assert_no_error(error);
    g_autoptr(GVariant) bytes = g_variant_get_child_value(answer, 0);
    gsize length = 0;
    const void *data = g_variant_get_fixed_array(bytes, &length, 1);
    DvHeartbeat beat = {0};
    assert_true(dv_heartbeat_verify(data, length, rig->keys->sign, &beat, &error));
    assert_int_equal(beat.seq, 1);
    assert_int_equal(beat.unsent, 1);
    assert_int_equal(json_array_size(beat.lists), 1);
    dv_heartbeat_clear(&beat);
}

/* ---- S18: nothing on the disk names the traveller ---- */

static gboolean
tree_holds(const char *folder, const char *text)
{
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    const char *name;
    while (dir && (name = g_dir_read_name(dir))) {
        g_autofree char *path = g_build_filename(folder, name, NULL);
        if (g_file_test(path, G_FILE_TEST_IS_DIR) ? tree_holds(path, text) : FALSE)
            return TRUE;
        g_autofree char *content = NULL;
        gsize length = 0;
        if (g_file_get_contents(path, &content, &length, NULL) &&
            memmem(content, length, text, strlen(text)))
            return TRUE;
    }
    return FALSE;
}

static void
test_s18_nothing_on_disk(void **state)
{
    static const char *const traces[] = {"ERIKSSON",   "ANNA",        "L898902C3",   "740812",
                                         "1974-08-12", "persecution", "REFER_ASYLUM"};
    BoothRig *rig = *state;
    booth_ready(rig, "STOP_REFER");
    booth_lay(rig, ADMIT_ME);
    g_autofree char *id = booth_current_id(rig);
    assert_int_equal(booth_decide(rig, id, "REFER_ASYLUM", "speaks of persecution"), 200);
    g_autofree char *folder = g_build_filename(rig->dir, "state", NULL);
    assert_true(tree_holds(folder, id)); /* the search itself works */
    for (guint i = 0; i < G_N_ELEMENTS(traces); i++)
        if (tree_holds(folder, traces[i]))
            fail_msg("trace %u is on the disk", i);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        BOOTH_TEST(test_s10_discreet_looks_clean),
        BOOTH_TEST(test_s1_no_refusal),
        BOOTH_TEST(test_s2_protection_holds),
        BOOTH_TEST(test_s2_any_document_can_be_referred),
        BOOTH_TEST(test_s3_referrals_look_alike),
        cmocka_unit_test(test_specimen_outside_training),
        BOOTH_TEST(test_record_says_all),
        BOOTH_TEST(test_receipts),
        BOOTH_TEST(test_answers_in_order_and_signed),
        BOOTH_TEST(test_spoiled_answer_holds_up_nothing),
        BOOTH_TEST(test_replayed_answer),
        BOOTH_TEST(test_heartbeat),
        BOOTH_TEST(test_s18_nothing_on_disk),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
