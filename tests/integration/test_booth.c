// SPDX-License-Identifier: Apache-2.0
/*
 * The booth whole: device service -> lane -> verdict -> decision -> outbox -> uplink's socket, over
 * its real sockets, with lists, keys and accounts made for the test.
 */
#include "booth_steps.h"
#include "list_folder.h"

#include <darvaza/clock.h>
#include <darvaza/error.h>
#include <darvaza/receipt.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/resource.h>

#include <cmocka.h>

/* ---- sign-in ---- */

static void
test_sign_in(void **state)
{
    BoothRig *rig = *state;
    assert_int_equal(booth_rig_get(rig, "/api/state"), 401);
    assert_int_equal(booth_rig_sign_in(rig, "wrong"), 403);
    assert_string_equal(booth_rig_text(rig, "error"), "wrong_password");
    assert_int_equal(booth_rig_post(rig, "/api/sign-in",
                                    json_pack("{s:s, s:s}", "user", "nobody", "password", "x")),
                     403);
    assert_string_equal(booth_rig_text(rig, "error"), "wrong_password");
    assert_int_equal(booth_rig_sign_in(rig, BOOTH_RIG_PASSWORD), 200);
    assert_non_null(strstr(rig->raw->str, "HttpOnly"));
    assert_non_null(strstr(rig->raw->str, "SameSite=Strict"));
    assert_int_equal(booth_rig_get(rig, "/api/state"), 200);
    assert_string_equal(booth_rig_text(rig, "lane"), "idle");
    assert_string_equal(booth_rig_text(rig, "officer.user"), "o1");
    assert_int_equal(booth_rig_int(rig, "banner.online"), 0);
    assert_int_equal(booth_rig_post(rig, "/api/sign-out", json_object()), 200);
    assert_int_equal(booth_rig_get(rig, "/api/state"), 401);
}

static void
test_wrong_passwords_lock(void **state)
{
    BoothRig *rig = *state;
    guint status = 0;
    for (int i = 0; i < 6; i++)
        status = booth_rig_sign_in(rig, "wrong");
    assert_int_equal(status, 429);
    assert_non_null(strstr(rig->raw->str, "Retry-After: "));
    assert_int_equal(booth_rig_sign_in(rig, BOOTH_RIG_PASSWORD), 429);
}

static void
test_account_expired(void **state)
{
    (void)state;
    BoothRigOptions options = {.training = TRUE};
    BoothRig *rig = booth_rig_new(&options);
    assert_int_equal(booth_rig_sign_in(rig, BOOTH_RIG_PASSWORD), 503);
    assert_string_equal(booth_rig_text(rig, "error"), "no_accounts");
    booth_rig_deliver_accounts(rig, -60);
    assert_int_equal(booth_rig_sign_in(rig, BOOTH_RIG_PASSWORD), 403);
    assert_string_equal(booth_rig_text(rig, "error"), "account_expired");
    booth_rig_free(rig);
}

static void
test_csrf_host_origin(void **state)
{
    BoothRig *rig = *state;
    booth_ready(rig, NULL);
    json_t *body = json_pack("{s:s}", "mrz", "X");
    char *csrf = rig->csrf;
    rig->csrf = NULL;
    assert_int_equal(booth_rig_http(rig, "POST", "/api/manual", body, NULL), 403);
    rig->csrf = csrf;
    assert_int_equal(
        booth_rig_http(rig, "POST", "/api/manual", body, "Origin: http://evil.example\r\n"), 403);
    assert_int_equal(booth_rig_http(rig, "GET", "/api/state", NULL, "Host: evil.example\r\n"), 403);
    assert_int_equal(
        booth_rig_http(rig, "GET", "/api/state", NULL, "Sec-Fetch-Site: cross-site\r\n"), 403);
    assert_int_equal(booth_rig_http(rig, "GET", "/", NULL, "Host: evil.example\r\n"), 403);
    assert_int_equal(booth_rig_get(rig, "/"), 200);
    assert_int_equal(booth_rig_get(rig, "/web/../booth.ini"), 400);
    assert_int_equal(booth_rig_get(rig, "/web/%2e%2e/booth.ini"), 400);
    json_decref(body);
}

/* ---- a crossing ---- */

static void
test_clean_crossing(void **state)
{
    BoothRig *rig = *state;
    booth_ready(rig, "STOP_REFER");
    booth_lay(rig, ADMIT_ME);
    assert_int_equal(booth_rig_int(rig, "crossing.total"), 1);
    assert_string_equal(booth_rig_text(rig, "crossing.traveller.document_number"), "L898902C3");
    assert_string_equal(booth_rig_text(rig, "crossing.traveller.birth_date"), "1974-08-12");
    assert_int_equal(booth_rig_int(rig, "banner.unsent"), 0);
    g_autofree char *id = booth_current_id(rig);
    assert_int_equal(booth_decide(rig, id, "ADMIT", NULL), 200);
    assert_int_equal(booth_rig_int(rig, "recorded"), 1);
    gint64 seq = booth_rig_int(rig, "seq"), epoch = booth_rig_int(rig, "epoch");
    assert_int_equal(seq, 1);

    /* Asking once more is answered with the same numbers and makes no second record. */
    assert_int_equal(booth_decide(rig, id, "ADMIT", NULL), 200);
    assert_int_equal(booth_rig_int(rig, "seq"), seq);
    booth_rig_wait_lane(rig, "recorded");
    assert_int_equal(booth_rig_int(rig, "banner.unsent"), 1);
    assert_null(json_object_get(json_object_get(rig->answer, "crossing"), "traveller"));

    DvCrossingHeader header;
    json_t *protection = NULL;
    g_autoptr(json_t) record = booth_open_oldest(rig, &header, &protection);
    g_autoptr(GError) error = NULL;
    assert_true(dv_crossing_validate(record, &error));
    assert_null(protection);
    assert_int_equal(header.epoch, epoch);
    assert_int_equal(header.priority, DV_PRIORITY_ROUTINE);
    assert_string_equal(json_string_value(json_object_get(record, "crossing_id")), id);
    assert_string_equal(json_string_value(json_object_get(record, "officer_id")), "o1");
    assert_string_equal(json_string_value(json_object_get(record, "capture_mode")), "LOCAL_STORE");
    assert_true(json_is_true(json_object_get(record, "is_training")));
    assert_int_equal(json_array_size(json_object_get(record, "watchlists")), 1);

    /* The booth knows it again after a restart, for a page that lost the answer. */
    booth_rig_restart(rig);
    assert_int_equal(booth_rig_sign_in(rig, BOOTH_RIG_PASSWORD), 200);
    g_autofree char *path = g_strdup_printf("/api/crossings/%s", id);
    assert_int_equal(booth_rig_get(rig, path), 200);
    assert_int_equal(booth_rig_int(rig, "recorded"), 1);
    assert_int_equal(booth_decide(rig, id, "ADMIT", NULL), 200);
    assert_int_equal(booth_rig_int(rig, "seq"), seq);
}

static void
test_second_document_is_not_taken(void **state)
{
    BoothRig *rig = *state;
    booth_ready(rig, "STOP_REFER");
    booth_lay(rig, ADMIT_ME);
    g_autofree char *id = booth_current_id(rig);
    g_auto(GStrv) other = booth_rig_zone(LISTED_PERSON);
    fake_devices_lay(rig->devices, 0, (const char *const *)other);
    booth_rig_wait_notice(rig, "second_document");
    assert_string_equal(booth_rig_text(rig, "crossing.crossing_id"), id);
    assert_string_equal(booth_rig_text(rig, "crossing.traveller.surname"), "ERIKSSON");
    g_auto(GStrv) same = booth_rig_zone(ADMIT_ME);
    fake_devices_lay(rig->devices, 0, (const char *const *)same);
    booth_rig_wait_notice(rig, "same_document");
    /* Typing is no way around it either. */
    assert_int_equal(booth_rig_post(rig, "/api/manual", json_pack("{s:s}", "mrz", "P<UTO")), 409);
    assert_int_equal(booth_decide(rig, id, "ADMIT", NULL), 200);
    /* Then the next may come. */
    booth_rig_lay(rig, (const char *const *)other);
    assert_string_equal(booth_rig_text(rig, "crossing.traveller.surname"), "MARLOWE");
}

static void
test_stop_hit(void **state)
{
    BoothRig *rig = *state;
    booth_ready(rig, "STOP_REFER");
    booth_lay(rig, LISTED_PERSON);
    const char *code = NULL;
    assert_int_equal(booth_rig_int(rig, "crossing.total"), 2);
    assert_int_equal(booth_result_of(rig, "watchlist_person", &code), 2);
    assert_string_equal(code, "hit");
    assert_int_equal(booth_result_of(rig, "watchlist_document", NULL), 1);
    assert_string_equal(booth_rig_text(rig, "crossing.hits.0.list_id"), "TEST");
    assert_string_equal(booth_rig_text(rig, "crossing.hits.0.alert_id"), "P-1");
    g_autofree char *id = booth_current_id(rig);
    assert_int_equal(booth_decide(rig, id, "ADMIT", "the officer insists"), 409);
    assert_string_equal(booth_rig_text(rig, "error"), "stop_stands");
    assert_int_equal(booth_decide(rig, id, "SECOND_LINE", NULL), 200);
    DvCrossingHeader header;
    g_autoptr(json_t) record = booth_open_oldest(rig, &header, NULL);
    assert_int_equal(header.priority, DV_PRIORITY_STOP);
    assert_int_equal(json_array_size(json_object_get(record, "hits")), 1);
}

static void
test_document_hit(void **state)
{
    BoothRig *rig = *state;
    booth_ready(rig, "SEIZE_DOCUMENT");
    booth_lay(rig, LISTED_DOCUMENT);
    assert_int_equal(booth_result_of(rig, "watchlist_document", NULL), 2);
    assert_int_equal(booth_result_of(rig, "watchlist_person", NULL), 1);
    /* S9: one look-alike character makes it possible, never a stop. */
    g_autofree char *id = booth_current_id(rig);
    assert_int_equal(booth_decide(rig, id, "SECOND_LINE", NULL), 200);
    booth_lay(rig, "SPECIMEN", "OTTO", "X1234S678", "900101", "340415");
    const char *code = NULL;
    assert_int_equal(booth_result_of(rig, "watchlist_document", &code), 3);
    assert_string_equal(code, "possible_hit");
    g_autofree char *next = booth_current_id(rig);
    assert_int_equal(booth_decide(rig, next, "ADMIT", NULL), 409);
    assert_string_equal(booth_rig_text(rig, "error"), "needs_note");
    assert_int_equal(booth_decide(rig, next, "ADMIT", "compared with the owner's copy"), 200);
}

/* ---- the disk is full ---- */

static void
limit_files(rlim_t bytes)
{
    struct rlimit limit;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = MIN(bytes, limit.rlim_max);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void
test_full_disk_keeps_the_crossing(void **state)
{
    static const char *const decisions[] = {"ADMIT", "REFER_ASYLUM"};
    BoothRig *rig = *state;
    booth_ready(rig, "STOP_REFER");
    signal(SIGXFSZ, SIG_IGN); /* the write then fails as it does on a full disk */
    booth_lay(rig, ADMIT_ME);
    g_autofree char *id = booth_current_id(rig);
    for (guint i = 0; i < G_N_ELEMENTS(decisions); i++) {
        limit_files(512);
        guint status = booth_decide(rig, id, decisions[i], NULL);
        limit_files(RLIM_INFINITY);
        assert_int_equal(status, 507);
        assert_string_equal(booth_rig_text(rig, "error"), "full");
        booth_rig_wait_notice(rig, "disk_full");
        assert_string_equal(booth_rig_text(rig, "lane"), "deciding");
        assert_string_equal(booth_rig_text(rig, "crossing.crossing_id"), id);
        assert_int_equal(booth_rig_int(rig, "banner.unsent"), 0);
        g_autofree char *path = g_strdup_printf("/api/crossings/%s", id);
        assert_int_equal(booth_rig_get(rig, path), 200);
        assert_int_equal(booth_rig_int(rig, "recorded"), 0);
    }
    assert_int_equal(booth_decide(rig, id, "ADMIT", NULL), 200);
    booth_rig_wait_lane(rig, "recorded");
    assert_int_equal(booth_rig_int(rig, "banner.unsent"), 1);
}

/* ---- lists that cannot answer ---- */

static void
test_no_list_is_not_clear(void **state)
{
    BoothRig *rig = *state;
    booth_ready(rig, NULL);
    booth_lay(rig, ADMIT_ME);
    const char *code = NULL;
    assert_int_equal(booth_result_of(rig, "watchlist_document", &code), 3);
    assert_string_equal(code, "no_list");
    assert_int_equal(booth_result_of(rig, "watchlist_person", NULL), 3);
    assert_int_equal(booth_result_of(rig, "watchlist_notice", NULL), 3);
    assert_int_equal(booth_rig_int(rig, "crossing.total"), 3);
}

static void
test_expired_list_is_not_clear(void **state)
{
    BoothRig *rig = *state;
    booth_rig_add_demo_list(rig, "OLD", "STOP_REFER", -60);
    booth_rig_add_demo_list(rig, "NEW", "STOP_REFER", DAY_S);
    booth_ready(rig, NULL);
    booth_lay(rig, ADMIT_ME);
    const char *code = NULL;
    assert_int_equal(booth_result_of(rig, "watchlist_person", &code), 3);
    assert_string_equal(code, "list_expired");
    assert_int_equal(booth_rig_int(rig, "crossing.total"), 3);
    g_autofree char *id = booth_current_id(rig);
    assert_int_equal(booth_decide(rig, id, "ADMIT", "list expired, telephone check made"), 200);
    DvCrossingHeader header;
    g_autoptr(json_t) record = booth_open_oldest(rig, &header, NULL);
    assert_int_equal(header.priority, DV_PRIORITY_REVIEW);
}

static void
test_garbage_list_is_not_clear(void **state)
{
    BoothRig *rig = *state;
    booth_rig_add_demo_list(rig, "NEW", "STOP_REFER", DAY_S);
    g_autofree char *folder = g_build_filename(rig->dir, "lists", NULL);
    g_autofree char *path = list_folder_layer(folder, "BAD");
    assert_true(g_file_set_contents(path, "this is no list", -1, NULL));
    list_folder_publish(folder);
    booth_ready(rig, NULL);
    booth_lay(rig, ADMIT_ME);
    const char *code = NULL;
    assert_int_equal(booth_result_of(rig, "watchlist_person", &code), 5);
    assert_string_equal(code, "query_failed");
    assert_int_equal(booth_rig_int(rig, "crossing.total"), 5);
}

/* ---- bad devices ---- */

static void
test_nobody_signed_in(void **state)
{
    BoothRig *rig = *state;
    g_auto(GStrv) lines = booth_rig_zone(ADMIT_ME);
    fake_devices_lay(rig->devices, 0, (const char *const *)lines);
    booth_ready(rig, NULL);
    booth_rig_wait_notice(rig, "nobody_signed_in");
    assert_string_equal(booth_rig_text(rig, "lane"), "idle");
    assert_true(json_is_null(json_object_get(rig->answer, "crossing")));
}

static void
test_garbage_from_devices(void **state)
{
    BoothRig *rig = *state;
    booth_ready(rig, "STOP_REFER");
    g_autofree char *long_line = g_strnfill(5000, 'A');
    const char *const bad[][5] = {
        {NULL},          {"", NULL},          {long_line, NULL}, {"A", "B", "C", "D", NULL},
        {"A\x01", NULL}, {"A\xc3\xa9", NULL},
    };
    for (guint i = 0; i < G_N_ELEMENTS(bad); i++) {
        fake_devices_reading(rig->devices);
        fake_devices_lay(rig->devices, 0, bad[i]);
        booth_rig_wait_notice(rig, "reading_failed");
        booth_rig_wait_lane(rig, "idle");
    }
    /* Printable nonsense is shown as what it is; nobody goes on with it unseen. */
    const char *const nonsense[] = {"HELLO WORLD", NULL};
    booth_rig_lay(rig, nonsense);
    assert_string_equal(booth_rig_text(rig, "crossing.mrz.raw_lines.0"), nonsense[0]);
    const char *code = NULL;
    assert_int_equal(booth_result_of(rig, "mrz_check_digits", &code), 2);
    assert_string_equal(code, "no_zone");
    g_autofree char *id = booth_current_id(rig);
    assert_int_equal(booth_decide(rig, id, "ADMIT", NULL), 409);
    assert_int_equal(booth_rig_post(rig, "/api/clear", json_pack("{s:s}", "crossing_id", id)), 200);
    DvCrossingHeader header;
    g_autoptr(json_t) record = booth_open_oldest(rig, &header, NULL);
    assert_string_equal(
        json_string_value(json_object_get(json_object_get(record, "decision"), "outcome")),
        "WITHDRAWN");
}

static void
test_devices_come_back(void **state)
{
    BoothRig *rig = *state;
    booth_ready(rig, "STOP_REFER");
    booth_rig_get(rig, "/api/state");
    assert_string_equal(booth_rig_text(rig, "reader.state"), "ready");
    fake_devices_set_reader(rig->devices, "gone");
    booth_rig_wait_lane(rig, "idle");
    g_autofree char *socket = g_build_filename(rig->dir, "devices.sock", NULL);
    fake_devices_free(rig->devices);
    rig->devices = fake_devices_new(socket);
    while (fake_devices_claims(rig->devices) == 0)
        g_main_context_iteration(NULL, TRUE);
    booth_lay(rig, ADMIT_ME);
    assert_int_equal(booth_rig_int(rig, "crossing.total"), 1);
}

/* ---- by hand ---- */

static void
test_manual_and_correction(void **state)
{
    BoothRig *rig = *state;
    booth_ready(rig, "STOP_REFER");
    g_auto(GStrv) lines = booth_rig_zone(ADMIT_ME);
    g_autofree char *first = g_strdup(lines[1]);
    /* Two characters wrong: nothing proves a repair, the officer corrects. */
    lines[1][0] = 'X';
    lines[1][13] = lines[1][13] == '7' ? '3' : '7';
    lines[1][15] = lines[1][15] == '0' ? '5' : '0';
    g_autofree char *typed = g_strjoinv("\n", lines);
    assert_int_equal(booth_rig_post(rig, "/api/manual", json_pack("{s:s}", "mrz", typed)), 200);
    const char *code = NULL;
    assert_int_equal(booth_result_of(rig, "mrz_check_digits", &code), 2);
    assert_string_equal(code, "digits_fail");
    assert_string_equal(booth_rig_text(rig, "crossing.entry"), "MANUAL_MRZ");
    g_autofree char *id = booth_current_id(rig);
    assert_int_equal(booth_rig_post(rig, "/api/correct",
                                    json_pack("{s:s, s:[s, s]}", "crossing_id", id, "lines",
                                              lines[0], "TOO SHORT")),
                     400);
    assert_int_equal(
        booth_rig_post(rig, "/api/correct",
                       json_pack("{s:s, s:[s, s]}", "crossing_id", id, "lines", lines[0], first)),
        200);
    assert_int_equal(booth_result_of(rig, "mrz_check_digits", &code), 1);
    assert_string_equal(code, "digits_corrected");
    assert_string_equal(booth_rig_text(rig, "crossing.mrz.raw_lines.1"), lines[1]);
    assert_int_equal(booth_rig_int(rig, "crossing.mrz.changes.0.by_officer"), 1);
    assert_int_equal(booth_decide(rig, id, "ADMIT", NULL), 200);
    DvCrossingHeader header;
    g_autoptr(json_t) record = booth_open_oldest(rig, &header, NULL);
    json_t *document = json_object_get(record, "document");
    assert_string_equal(json_string_value(json_object_get(record, "entry_method")), "MANUAL");
    assert_string_equal(json_string_value(json_array_get(json_object_get(document, "mrz"), 1)),
                        lines[1]);
    assert_true(json_array_size(json_object_get(document, "mrz_changes")) >= 3);
}

/* Whoever alters a document makes a digit fail; a repair must not turn that green by itself. */
static void
test_repaired_waits_for_the_officer(void **state)
{
    BoothRig *rig = *state;
    booth_ready(rig, "STOP_REFER");
    g_auto(GStrv) lines = booth_rig_zone(ADMIT_ME);
    g_autofree char *printed = g_strdup(lines[1]);
    assert_int_equal(lines[1][5], '0');
    lines[1][5] = 'O'; /* of all confusions only 0 satisfies both digits */
    g_autofree char *typed = g_strjoinv("\n", lines);
    assert_int_equal(booth_rig_post(rig, "/api/manual", json_pack("{s:s}", "mrz", typed)), 200);
    const char *code = NULL;
    assert_int_equal(booth_result_of(rig, "mrz_check_digits", &code), 3);
    assert_string_equal(code, "digits_repaired");
    assert_int_equal(booth_rig_int(rig, "crossing.total"), 3);
    assert_string_equal(booth_rig_text(rig, "crossing.mrz.raw_lines.1"), lines[1]);
    assert_string_equal(booth_rig_text(rig, "crossing.mrz.lines.1"), printed);
    g_autofree char *id = booth_current_id(rig);
    assert_int_equal(booth_decide(rig, id, "ADMIT", NULL), 409);
    /* The officer has compared and confirms; it stays written that check digits made the change. */
    assert_int_equal(
        booth_rig_post(rig, "/api/correct",
                       json_pack("{s:s, s:[s, s]}", "crossing_id", id, "lines", lines[0], printed)),
        200);
    assert_int_equal(booth_result_of(rig, "mrz_check_digits", &code), 1);
    assert_string_equal(code, "digits_repaired");
    assert_int_equal(booth_rig_int(rig, "crossing.mrz.changes.0.by_officer"), 0);
    assert_int_equal(booth_rig_int(rig, "crossing.total"), 1);
    assert_int_equal(booth_decide(rig, id, "ADMIT", NULL), 200);
}

static void
test_manual_fields(void **state)
{
    BoothRig *rig = *state;
    booth_ready(rig, "STOP_REFER");
    assert_int_equal(
        booth_rig_post(rig, "/api/manual",
                       json_pack("{s:{s:s, s:s}}", "fields", "surname", "N4M3", "sex", "F")),
        400);
    assert_int_equal(
        booth_rig_post(rig, "/api/manual",
                       json_pack("{s:{s:s, s:s, s:s, s:s, s:s, s:s, s:s}}", "fields",
                                 "document_code", "P", "document_number", "k0000001",
                                 "issuing_state", "UTO", "surname", "Marlowe", "given_names",
                                 "tessa", "birth_date", "1985-03-14", "expiry_date", "2034-01-01")),
        200);
    assert_int_equal(booth_result_of(rig, "watchlist_person", NULL), 2);
    g_autofree char *id = booth_current_id(rig);
    assert_int_equal(booth_decide(rig, id, "SECOND_LINE", NULL), 200);
    /* A person without any document can be referred to protection. */
    assert_int_equal(booth_rig_post(rig, "/api/manual", json_pack("{s:{}}", "fields")), 200);
    g_autofree char *bare = booth_current_id(rig);
    assert_int_equal(booth_decide(rig, bare, "REFER_ASYLUM", NULL), 200);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        BOOTH_TEST(test_sign_in),
        BOOTH_TEST(test_wrong_passwords_lock),
        cmocka_unit_test(test_account_expired),
        BOOTH_TEST(test_csrf_host_origin),
        BOOTH_TEST(test_clean_crossing),
        BOOTH_TEST(test_second_document_is_not_taken),
        BOOTH_TEST(test_stop_hit),
        BOOTH_TEST(test_document_hit),
        BOOTH_TEST(test_full_disk_keeps_the_crossing),
        BOOTH_TEST(test_no_list_is_not_clear),
        BOOTH_TEST(test_expired_list_is_not_clear),
        BOOTH_TEST(test_garbage_list_is_not_clear),
        BOOTH_TEST(test_nobody_signed_in),
        BOOTH_TEST(test_garbage_from_devices),
        BOOTH_TEST(test_devices_come_back),
        BOOTH_TEST(test_manual_and_correction),
        BOOTH_TEST(test_repaired_waits_for_the_officer),
        BOOTH_TEST(test_manual_fields),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
