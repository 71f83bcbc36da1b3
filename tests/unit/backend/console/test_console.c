// SPDX-License-Identifier: Apache-2.0
/* The console's API over real openers and a real store, as a browser and as a rude one. */
#include "client.h"
#include "opener_rig.h"

#include <darvaza/clock.h>
#include <darvaza/console.h>
#include <darvaza/opener_db.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define OPEN_REASON "{\"reason\":\"review of flagged crossing\"}"
#define ADMIT "{\"disposition\":\"ADMIT\",\"reason\":\"papers seen at second line\"}"
#define REFUSE                                                                                     \
    "{\"disposition\":\"REFUSE\",\"reason\":\"no visa was shown\",\"grounds\":[\"C\"],"            \
    "\"legal_basis\":\"Article 14\",\"language\":\"en\","                                          \
    "\"form\":{\"number\":\"R-1\",\"handed_over\":true,\"remedy_notice\":true},"                   \
    "\"protection_question\":{\"language\":\"en\",\"answer\":\"NO\"}}"

static OpenerRig *rig;
static DvStore *store;
DvConsole *console;

static void
append(gint64 seq, DvPriority priority, gboolean referred, guint8 *link)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(json_t) compartment = referred ? dv_referral_example() : NULL;
    g_autoptr(GBytes) bytes = dv_record_example_sealed(rig->keys, 1, seq, seq > 1 ? link : NULL,
                                                       priority, compartment, link);
    gsize length = 0;
    const void *data = g_bytes_get_data(bytes, &length);
    g_autoptr(DvCrossingWire) wire = dv_crossing_wire_parse(data, length, &error);
    DvAppend item = {.wire = wire, .received_us = g_get_real_time()};
    memcpy(item.link, link, DV_SHA256_SIZE);
    if (!dv_store_append(store, &item, 1, &error) || item.outcome != DV_APPEND_NEW)
        g_error("append: %s", error ? error->message : "refused");
}

static int
setup(void **state)
{
    (void)state;
    rig = opener_rig_new();
    opener_rig_start_protection(rig);
    opener_rig_start_centre(rig);
    g_autoptr(GError) error = NULL;
    g_autofree char *path = g_build_filename(rig->dir, "store.db", NULL);
    store = dv_store_open(path, &error);
    guint8 link[DV_SHA256_SIZE] = {0};
    append(1, DV_PRIORITY_ROUTINE, FALSE, link);
    append(2, DV_PRIORITY_REVIEW, TRUE, link);
    for (gint64 seq = 3; seq <= 8; seq++)
        append(seq, DV_PRIORITY_HIT, FALSE, link);
    g_autofree char *web = g_build_filename(rig->dir, "web", NULL);
    g_mkdir_with_parents(web, 0700);
    g_autofree char *index = g_build_filename(web, "index.html", NULL);
    g_file_set_contents(index, "<!doctype html>the page", -1, NULL);
    const DvConsoleOptions options = {.address = "127.0.0.1",
                                      .web_root = web,
                                      .opener_socket = rig->socket,
                                      .protection_socket = rig->protection_socket,
                                      .store = store};
    console = dv_console_new(&options, &error);
    if (!console)
        g_error("%s", error->message);
    return 0;
}

static int
teardown(void **state)
{
    (void)state;
    dv_console_free(console);
    dv_store_close(store);
    opener_rig_free(rig);
    return 0;
}

/* ---- sessions ---- */

static void
token_stays_in_the_cookie(void **state)
{
    (void)state;
    Client client = {0};
    sign_in(&client, "sup", "centre");
    assert_null(json_object_get(client.body, "token"));
    assert_non_null(strstr(client.head, "HttpOnly"));
    assert_non_null(strstr(client.head, "SameSite=Strict"));
    assert_non_null(strstr(client.head, "no-store"));
    expect(&client, "GET", "/api/session", NULL, 200);
    assert_string_equal(text(&client, "user"), "sup");
    assert_null(json_object_get(client.body, "token"));
    expect(&client, "POST", "/api/sign-out", "{}", 200);
    expect(&client, "GET", "/api/session", NULL, 401);
    client_clear(&client);
}

static void
nothing_without_a_session(void **state)
{
    (void)state;
    static const char *const paths[] = {"/api/session", "/api/queue", "/api/kiosks",
                                        "/api/referrals", "/api/vocabulary"};
    Client client = {0};
    for (gsize i = 0; i < G_N_ELEMENTS(paths); i++)
        expect(&client, "GET", paths[i], NULL, 401);
    client.cookie = g_strdup("c.0000000000000000000000000000000000000000000000000000000000000000");
    for (gsize i = 0; i < G_N_ELEMENTS(paths); i++)
        expect(&client, "GET", paths[i], NULL, 401);
    expect(&client, "POST", "/api/queue/KSK-1/1/3/open", OPEN_REASON, 401);
    client_clear(&client);
}

static void
wrong_sign_ins_are_refused(void **state)
{
    static const struct {
        const char *body;
        guint status;
    } cases[] = {
        {"{\"user\":\"it\",\"password\":\"wrong password\"}", 403},
        {"{\"user\":\"it\"}", 400},
        {"{\"user\":1,\"password\":\"x\"}", 400},
        {"{\"user\":\"it\",\"password\":\"x\",\"more\":1}", 400},
        {"[]", 400},
        {"{\"user\":", 400},
        {"", 400},
    };
    (void)state;
    Client client = {0};
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++)
        expect(&client, "POST", "/api/sign-in", cases[i].body, cases[i].status);
    g_autofree char *long_body = g_strnfill(4096, ' ');
    expect(&client, "POST", "/api/sign-in", long_body, 413);
    client_clear(&client);
}

/* A page elsewhere, a stolen cookie without its token: nothing moves. */
static void
foreign_pages_cannot_act(void **state)
{
    static const char *const extras[] = {
        "Origin: https://elsewhere.example\r\n",
        "Origin: null\r\n",
        "Sec-Fetch-Site: cross-site\r\n",
    };
    (void)state;
    Client client = {0};
    sign_in(&client, "sup", "centre");
    for (gsize i = 0; i < G_N_ELEMENTS(extras); i++) {
        client.extra = extras[i];
        expect(&client, "POST", "/api/queue/KSK-1/1/3/claim", "{}", 403);
    }
    client.extra = NULL;
    g_autofree char *csrf = g_steal_pointer(&client.csrf);
    expect(&client, "POST", "/api/queue/KSK-1/1/3/claim", "{}", 403);
    client.csrf = g_strdup(csrf);
    client.csrf[0] = client.csrf[0] == '0' ? '1' : '0';
    expect(&client, "POST", "/api/queue/KSK-1/1/3/claim", "{}", 403);
    g_free(client.csrf);
    client.csrf = g_strdup(csrf);
    g_autofree char *own = g_strdup_printf(
        "Origin: http://127.0.0.1:%u\r\nSec-Fetch-Site: same-origin\r\n", dv_console_port(console));
    client.extra = own;
    expect(&client, "POST", "/api/queue/KSK-1/1/3/claim", "{}", 200);
    expect(&client, "POST", "/api/queue/KSK-1/1/3/release", "{}", 200);
    client_clear(&client);
}

static void
roles_see_their_own_views(void **state)
{
    static const struct {
        const char *user, *unit, *path;
        guint status;
    } cases[] = {
        {"it", "centre", "/api/kiosks", 200},
        {"it", "centre", "/api/queue", 403},
        {"it", "centre", "/api/referrals", 403},
        {"second", "centre", "/api/queue", 200},
        {"second", "centre", "/api/kiosks", 403},
        {"sup", "centre", "/api/referrals", 403},
        {"asylum", "protection", "/api/queue", 403},
        {"asylum", "protection", "/api/kiosks", 403},
        {"asylum", "protection", "/api/referrals", 200},
    };
    (void)state;
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        Client client = {0};
        sign_in(&client, cases[i].user, cases[i].unit);
        expect(&client, "GET", cases[i].path, NULL, cases[i].status);
        client_clear(&client);
    }
}

/* ---- the queue ---- */

static void
queue_shows_flagged_crossings_in_order(void **state)
{
    (void)state;
    Client client = {0};
    sign_in(&client, "sup", "centre");
    expect(&client, "GET", "/api/queue", NULL, 200);
    const json_t *items = json_object_get(client.body, "items");
    assert_int_equal(json_array_size(items), 7);
    const json_t *first = json_array_get(items, 0);
    assert_string_equal(json_string_value(json_object_get(first, "priority")), "HIT");
    assert_int_equal(json_integer_value(json_object_get(first, "seq")), 3);
    assert_string_equal(json_string_value(json_object_get(first, "checkpoint")), "UTO-BAHNHOF");
    const json_t *last = json_array_get(items, 6);
    assert_string_equal(json_string_value(json_object_get(last, "priority")), "REVIEW");
    client_clear(&client);
    /* Another checkpoint's supervisor has none of it, not by guessing either. */
    sign_in(&client, "away", "centre");
    expect(&client, "GET", "/api/queue", NULL, 200);
    assert_int_equal(json_array_size(json_object_get(client.body, "items")), 0);
    expect(&client, "POST", "/api/queue/KSK-1/1/3/claim", "{}", 404);
    expect(&client, "POST", "/api/queue/KSK-1/1/3/open", OPEN_REASON, 404);
    client_clear(&client);
}

static void
paths_name_crossings_or_nothing(void **state)
{
    static const struct {
        const char *path;
        guint status;
    } cases[] = {
        {"/api/queue/KSK-1/1/99/claim", 404},
        {"/api/queue/KSK-1/1/1/claim", 404},
        {"/api/queue/KSK-1/0/3/claim", 400},
        {"/api/queue/KSK-1/x/3/claim", 400},
        {"/api/queue/KSK-1/1/-3/claim", 400},
        {"/api/queue/KSK-1/1/99999999999999999999/claim", 400},
        {"/api/queue/KSK-1/1/99/open", 404},
    };
    (void)state;
    Client client = {0};
    sign_in(&client, "sup", "centre");
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++)
        expect(&client, "POST", cases[i].path, OPEN_REASON, cases[i].status);
    client_clear(&client);
}

/* The whole way of one crossing: claimed, opened, decided, read again, re-opened. */
static void
crossing_goes_through_the_console(void **state)
{
    (void)state;
    Client sup = {0}, other = {0};
    sign_in(&sup, "sup", "centre");
    sign_in(&other, "sup2", "centre");
    expect(&sup, "POST", "/api/queue/KSK-1/1/4/decide", ADMIT, 409); /* not claimed */
    expect(&sup, "POST", "/api/queue/KSK-1/1/4/claim", "{}", 200);
    assert_string_equal(text(&sup, "state"), "IN_PROGRESS");
    expect(&other, "POST", "/api/queue/KSK-1/1/4/claim", "{}", 409);
    expect(&other, "POST", "/api/queue/KSK-1/1/4/decide", ADMIT, 409);
    expect(&sup, "POST", "/api/queue/KSK-1/1/4/open", "{\"reason\":\"\"}", 400);
    expect(&sup, "POST", "/api/queue/KSK-1/1/4/open", "{}", 400);
    expect(&sup, "POST", "/api/queue/KSK-1/1/4/open", OPEN_REASON, 200);
    const json_t *document = json_object_get(json_object_get(sup.body, "record"), "document");
    assert_string_equal(json_string_value(json_object_get(document, "number")), "L898902C3");
    expect(&sup, "POST", "/api/queue/KSK-1/1/4/decide", "{\"disposition\":\"ADMIT\"}", 400);
    expect(&sup, "POST", "/api/queue/KSK-1/1/4/decide", ADMIT, 200);
    assert_int_equal(json_integer_value(json_object_get(sup.body, "answer_number")), 1);
    const json_t *item = json_object_get(sup.body, "item");
    assert_string_equal(json_string_value(json_object_get(item, "state")), "REVIEWED");

    /* What waits for the booth is sealed. */
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) answers = dv_store_answers(store, "KSK-1", 0, 10, &error);
    assert_int_equal(answers->len, 1);
    const DvStoredAnswer *answer = g_ptr_array_index(answers, 0);
    gsize length = 0;
    const void *data = g_bytes_get_data(answer->answer, &length);
    assert_null(memmem(data, length, "papers seen", 11));

    expect(&other, "POST", "/api/queue/KSK-1/1/4/decisions/1", OPEN_REASON, 200);
    assert_string_equal(text(&other, "reason"), "papers seen at second line");
    expect(&other, "POST", "/api/queue/KSK-1/1/4/decisions/2", OPEN_REASON, 404);
    expect(&other, "POST", "/api/queue/KSK-1/1/4/claim", "{}", 409); /* reviewed */
    expect(&other, "POST", "/api/queue/KSK-1/1/4/reopen", "{}", 200);
    expect(&other, "POST", "/api/queue/KSK-1/1/4/claim", "{}", 200);
    expect(&other, "POST", "/api/queue/KSK-1/1/4/decide",
           "{\"disposition\":\"SECOND_LINE\",\"reason\":\"new facts came in\"}", 200);
    assert_int_equal(json_integer_value(json_object_get(other.body, "answer_number")), 2);
    client_clear(&sup);
    client_clear(&other);
}

static void
safeguards_reach_the_page_in_words(void **state)
{
    (void)state;
    Client client = {0};
    sign_in(&client, "officer", "centre");
    expect(&client, "POST", "/api/queue/KSK-1/1/5/claim", "{}", 200);
    expect(&client, "POST", "/api/queue/KSK-1/1/5/decide", ADMIT, 403);
    assert_non_null(strstr(text(&client, "message"), "another supervisor"));
    expect(&client, "POST", "/api/queue/KSK-1/1/5/release", "{}", 200);
    client_clear(&client);
    sign_in(&client, "sup", "centre");
    expect(&client, "POST", "/api/queue/KSK-1/1/2/claim", "{}", 200);
    expect(&client, "POST", "/api/queue/KSK-1/1/2/decide", REFUSE, 403);
    assert_non_null(strstr(text(&client, "message"), "ask the protection unit"));
    expect(&client, "POST", "/api/queue/KSK-1/1/2/release", "{}", 200);
    expect(&client, "GET", "/api/vocabulary", NULL, 200);
    assert_non_null(json_object_get(client.body, "grounds"));
    client_clear(&client);
}

/* The store as it was when the backend ended between the opener's commit and its own. */
static void
forget_decision_at(gint64 seq)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *path = g_build_filename(rig->dir, "store.db", NULL);
    g_autoptr(sqlite3) db = dv_sqlite_open(path, DV_SQLITE_DURABLE, &error);
    g_autofree char *sql = g_strdup_printf(
        "DELETE FROM decision WHERE seq = %" G_GINT64_FORMAT ";"
        "UPDATE queue SET state = 1, claimed_by = 'sup' WHERE seq = %" G_GINT64_FORMAT,
        seq, seq);
    if (!db || !dv_sqlite_exec(db, sql, &error))
        fail_msg("%s", error->message);
}

static gint64
decisions_in_opener(gint64 seq)
{
    g_autoptr(sqlite3) db = dv_opener_db_open(rig->centre_state, NULL);
    g_autoptr(sqlite3_stmt) stmt =
        dv_sqlite_prepare(db, "SELECT count(*) FROM decisions WHERE seq = ?1", NULL);
    gboolean row = FALSE;
    sqlite3_bind_int64(stmt, 1, seq);
    assert_true(dv_sqlite_step(stmt, &row, NULL) && row);
    return sqlite3_column_int64(stmt, 0);
}

/* A decision whose answer was lost can be sent again as it was, or reworded, or made by the next
 * supervisor; the crossing is never stuck. */
static void
lost_answer_leaves_the_crossing_decidable(void **state)
{
    (void)state;
    Client sup = {0};
    sign_in(&sup, "sup", "centre");
    expect(&sup, "POST", "/api/queue/KSK-1/1/6/claim", "{}", 200);
    expect(&sup, "POST", "/api/queue/KSK-1/1/6/decide", ADMIT, 200);
    assert_int_equal(decisions_in_opener(6), 1);
    forget_decision_at(6);
    expect(&sup, "POST", "/api/queue/KSK-1/1/6/decide", ADMIT, 200);
    assert_int_equal(decisions_in_opener(6), 1); /* the same decision again */
    forget_decision_at(6);
    expect(&sup, "POST", "/api/queue/KSK-1/1/6/decide",
           "{\"disposition\":\"SECOND_LINE\",\"reason\":\"better have a look\"}", 200);
    assert_int_equal(decisions_in_opener(6), 2);
    client_clear(&sup);
}

/* Sent once more after the answer was lost on its way to the browser: the same decision, once. */
static void
repeated_decision_is_the_same_one(void **state)
{
    (void)state;
    Client sup = {0}, other = {0};
    sign_in(&sup, "sup", "centre");
    sign_in(&other, "sup2", "centre");
    expect(&sup, "POST", "/api/queue/KSK-1/1/7/claim", "{}", 200);
    expect(&sup, "POST", "/api/queue/KSK-1/1/7/decide", ADMIT, 200);
    const json_int_t number = json_integer_value(json_object_get(sup.body, "answer_number"));
    expect(&sup, "POST", "/api/queue/KSK-1/1/7/decide", ADMIT, 200);
    assert_int_equal(json_integer_value(json_object_get(sup.body, "answer_number")), number);
    assert_int_equal(decisions_in_opener(7), 1);
    static const char other_words[] =
        "{\"disposition\":\"SECOND_LINE\",\"reason\":\"better have a look\",\"reopen\":true}";
    expect(&sup, "POST", "/api/queue/KSK-1/1/7/decide", other_words, 409);
    expect(&other, "POST", "/api/queue/KSK-1/1/7/decide", ADMIT, 409);
    assert_non_null(strstr(text(&other, "message"), "decided already"));
    assert_int_equal(decisions_in_opener(7), 1);
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) answers = dv_store_answers(store, "KSK-1", number - 1, 10, &error);
    assert_int_equal(answers->len, 1);
    client_clear(&sup);
    client_clear(&other);
}

static void
protection_unit_finds_its_referral(void **state)
{
    (void)state;
    Client client = {0};
    sign_in(&client, "asylum", "protection");
    expect(&client, "GET", "/api/referrals?after=0", NULL, 200);
    const json_t *found = json_object_get(client.body, "referrals");
    assert_int_equal(json_array_size(found), 1);
    assert_int_equal(json_integer_value(json_object_get(json_array_get(found, 0), "seq")), 2);
    assert_int_equal(json_integer_value(json_object_get(client.body, "next")), 8);
    expect(&client, "GET", "/api/referrals?after=8", NULL, 200);
    assert_int_equal(json_array_size(json_object_get(client.body, "referrals")), 0);
    expect(&client, "GET", "/api/referrals?after=x", NULL, 400);
    expect(&client, "POST", "/api/referrals/KSK-1/1/2/open", OPEN_REASON, 200);
    assert_non_null(json_object_get(client.body, "person"));
    expect(&client, "POST", "/api/referrals/KSK-1/1/3/open", OPEN_REASON, 400);
    expect(&client, "POST", "/api/referrals/KSK-1/1/2/close",
           "{\"reason\":\"decided by the authority\"}", 200);
    client_clear(&client);
    sign_in(&client, "sup", "centre");
    expect(&client, "POST", "/api/queue/KSK-1/1/2/claim", "{}", 200);
    expect(&client, "POST", "/api/queue/KSK-1/1/2/decide", REFUSE, 200);
    client_clear(&client);
}

/* The opener goes and comes back; the console says so and goes on. */
static void
lost_opener_is_said_and_found_again(void **state)
{
    (void)state;
    Client client = {0};
    sign_in(&client, "sup", "centre");
    opener_rig_stop_centre(rig);
    expect(&client, "GET", "/api/queue", NULL, 503);
    assert_non_null(strstr(text(&client, "message"), "try again"));
    opener_rig_start_centre(rig);
    for (int i = 0; i < 100 && ask(&client, "GET", "/api/queue", NULL) != 200; i++)
        g_usleep(50000);
    assert_int_equal(client.status, 200);
    client_clear(&client);
}

static void
pages_are_served_and_nothing_beside_them(void **state)
{
    (void)state;
    Client client = {0};
    expect(&client, "GET", "/", NULL, 200);
    assert_non_null(strstr(client.head, "Content-Security-Policy"));
    expect(&client, "GET", "/../store.db", NULL, 400);
    expect(&client, "GET", "/%2e%2e/store.db", NULL, 400);
    expect(&client, "GET", "/nothing.js", NULL, 404);
    expect(&client, "DELETE", "/api/queue", NULL, 405);
    client_clear(&client);
}

static gint64 stopped_us;

static gint64
stopped(void *data)
{
    (void)data;
    return stopped_us;
}

static void
one_address_cannot_flood(void **state)
{
    (void)state;
    Client client = {0};
    stopped_us = g_get_monotonic_time();
    const DvClock clock = {stopped, stopped, NULL};
    dv_clock_install(&clock);
    guint limited = 0;
    for (int i = 0; i < 400 && !limited; i++)
        limited = ask(&client, "GET", "/api/session", NULL) == 429;
    assert_true(limited);
    assert_non_null(strstr(client.head, "Retry-After"));
    stopped_us += 10 * G_USEC_PER_SEC;
    expect(&client, "GET", "/api/session", NULL, 401);
    dv_clock_install(NULL);
    client_clear(&client);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(token_stays_in_the_cookie),
        cmocka_unit_test(nothing_without_a_session),
        cmocka_unit_test(wrong_sign_ins_are_refused),
        cmocka_unit_test(foreign_pages_cannot_act),
        cmocka_unit_test(roles_see_their_own_views),
        cmocka_unit_test(queue_shows_flagged_crossings_in_order),
        cmocka_unit_test(paths_name_crossings_or_nothing),
        cmocka_unit_test(crossing_goes_through_the_console),
        cmocka_unit_test(safeguards_reach_the_page_in_words),
        cmocka_unit_test(lost_answer_leaves_the_crossing_decidable),
        cmocka_unit_test(repeated_decision_is_the_same_one),
        cmocka_unit_test(protection_unit_finds_its_referral),
        cmocka_unit_test(lost_opener_is_said_and_found_again),
        cmocka_unit_test(pages_are_served_and_nothing_beside_them),
        cmocka_unit_test(one_address_cannot_flood),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
