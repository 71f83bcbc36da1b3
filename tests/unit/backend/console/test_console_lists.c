// SPDX-License-Identifier: Apache-2.0
/* Releases of lists through the console's API, over a real opener: from a draft to files that a
 * kiosk takes. */
#include "client.h"
#include "lists_rig.h"
#include "opener_rig.h"

#include <darvaza/clock.h>
#include <glib/gstdio.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define DESPITE "{\"percent\":10,\"reason\":\"the booth is closed\",\"despite_canaries\":true}"
#define STEP_43 "/api/lists/43/step"
#define AS_PLANNED "{\"percent\":10,\"reason\":\"as planned\"}"
#define WHY "{\"reason\":\"checked and signed\"}"

DvConsole *console;
static OpenerRig *rig;
static ListsRig *lists;
static DvStore *store;

/* The example's traveller holds L898902C3. */
static const char *const numbers[] = {"L898902C3", "X1111111", NULL};

static void
append(gint64 seq, guint8 *link)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GBytes) bytes = dv_record_example_sealed(rig->keys, 1, seq, seq > 1 ? link : NULL,
                                                       DV_PRIORITY_ROUTINE, NULL, link);
    gsize length = 0;
    const void *data = g_bytes_get_data(bytes, &length);
    g_autoptr(DvCrossingWire) wire = dv_crossing_wire_parse(data, length, &error);
    DvAppend item = {.wire = wire, .received_us = g_get_real_time()};
    memcpy(item.link, link, DV_SHA256_SIZE);
    assert_true(dv_store_append(store, &item, 1, &error));
}

static int
setup(void **state)
{
    (void)state;
    g_autoptr(GError) error = NULL;
    guint8 link[DV_SHA256_SIZE] = {0};
    rig = opener_rig_new();
    lists = lists_rig_new();
    rig->centre_more = g_strdup_printf("[lists]\nrepository = %s\ntrust = %s\ntimestamp_key = %s\n",
                                       lists->dir, lists->trust_dir, lists->timestamp_key);
    opener_rig_start_centre(rig);
    g_autofree char *path = g_build_filename(rig->dir, "store.db", NULL);
    store = dv_store_open(path, &error);
    for (gint64 seq = 1; seq <= 22; seq++)
        append(seq, link);
    const DvConsoleOptions options = {.address = "127.0.0.1",
                                      .web_root = rig->dir,
                                      .opener_socket = rig->socket,
                                      .lists_repository = lists->dir,
                                      .store = store};
    console = dv_console_new(&options, &error);
    if (!console)
        g_error("%s", error->message);
    lists_rig_draft(lists, 42, 1, numbers);
    lists_rig_draft(lists, 43, 2, numbers);
    return 0;
}

static int
teardown(void **state)
{
    (void)state;
    dv_console_free(console);
    dv_store_close(store);
    lists_rig_free(lists);
    opener_rig_free(rig);
    return 0;
}

static guint
hand_in(Client *client, gint64 release, DvTestSigner signer)
{
    g_autofree char *signature = lists_rig_signature(lists, release, signer);
    g_autoptr(json_t) body = json_pack("{s:s}", "signature", signature);
    g_autofree char *dumped = json_dumps(body, 0);
    g_autofree char *path = g_strdup_printf("/api/lists/%" G_GINT64_FORMAT "/signatures", release);
    return ask(client, "POST", path, dumped);
}

static void
nothing_without_session_role_or_token(void **state)
{
    static const struct {
        const char *method, *path, *body;
        gboolean editor, it; /* who may; a supervisor never */
    } routes[] = {
        {"GET", "/api/lists", NULL, TRUE, TRUE},
        {"GET", "/api/lists/booths", NULL, TRUE, TRUE},
        {"GET", "/api/lists/43/payload", NULL, TRUE, TRUE},
        {"POST", "/api/lists/43/open", "{}", TRUE, TRUE},
        {"POST", "/api/lists/43/rows",
         "{\"list_id\":\"utopia\",\"after\":0,\"reason\":\"checking it\"}", TRUE, FALSE},
        {"POST", "/api/lists/43/dry-run", WHY, TRUE, TRUE},
        {"POST", "/api/lists/43/put-in-force", WHY, FALSE, FALSE},
        {"POST", "/api/lists/43/step", "{\"percent\":10,\"reason\":\"as planned\"}", FALSE, FALSE},
    };
    static const char *const users[] = {"editor", "it", "sup"};
    (void)state;
    Client nobody = {0};
    for (gsize i = 0; i < G_N_ELEMENTS(routes); i++)
        expect(&nobody, routes[i].method, routes[i].path, routes[i].body, 401);
    client_clear(&nobody);
    for (gsize u = 0; u < G_N_ELEMENTS(users); u++) {
        Client client = {0};
        sign_in(&client, users[u], "centre");
        for (gsize i = 0; i < G_N_ELEMENTS(routes); i++) {
            gboolean may = u == 0 ? routes[i].editor : u == 1 && routes[i].it;
            /* IT may roll out, but not what nobody signed or what is not in force. */
            guint status = ask(&client, routes[i].method, routes[i].path, routes[i].body);
            guint denied = u == 1 && strstr(routes[i].path, "step") ? 409 : 403;
            if (status != (may ? 200 : denied))
                fail_msg("%s %s: %u", users[u], routes[i].path, status);
        }
        g_clear_pointer(&client.csrf, g_free);
        for (gsize i = 3; i < G_N_ELEMENTS(routes); i++)
            expect(&client, "POST", routes[i].path, routes[i].body, 403);
        client_clear(&client);
    }
}

static void
paths_and_bodies_are_bounded(void **state)
{
    static const struct {
        const char *path, *body;
        guint status;
    } cases[] = {
        {"/api/lists/0/open", "{}", 400},
        {"/api/lists/042/open", "{}", 400},
        {"/api/lists/-1/open", "{}", 400},
        {"/api/lists/4e1/open", "{}", 400},
        {"/api/lists/99999999999/open", "{}", 400},
        {"/api/lists/7/open", "{}", 400},
        {"/api/lists/%2e%2e/open", "{}", 400},
        {"/api/lists/43/dry-run", "{}", 400},
        {"/api/lists/43/dry-run", "{\"reason\":\"\"}", 400},
        {"/api/lists/43/step", "{\"reason\":\"as planned\"}", 400},
        {"/api/lists/43/step", "{\"reason\":\"as planned\",\"percent\":101}", 400},
        {"/api/lists/43/signatures", "{}", 400},
        {"/api/lists/43/signatures", "{\"signature\":1}", 400},
        {"/api/lists/43/signatures", "{\"signature\":\"\"}", 400},
    };
    (void)state;
    Client client = {0};
    sign_in(&client, "approver", "centre");
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++)
        expect(&client, "POST", cases[i].path, cases[i].body, cases[i].status);
    expect(&client, "GET", "/api/lists/7/payload", NULL, 400);
    expect(&client, "POST", "/api/lists/clock", "{\"reason\":\"as planned\"}", 400);
    expect(&client, "POST", "/api/lists/clock",
           "{\"reason\":\"as planned\",\"date\":\"2026-11-24\"}", 409);
    g_autofree char *large = g_strnfill(8192, ' ');
    expect(&client, "POST", "/api/lists/43/signatures", large, 413);
    expect(&client, "POST", "/api/lists/43/dry-run", large, 413);
    client_clear(&client);
}

/* ---- the whole way */

static void
kiosk_takes(gint64 release, guint percent)
{
    g_autoptr(GBytes) root = lists_rig_read(lists, "lists/root/1.json");
    g_autoptr(GBytes) timestamp = lists_rig_read(lists, "lists/timestamp.json");
    g_autofree char *name = g_strdup_printf("lists/release/%" G_GINT64_FORMAT ".json", release);
    g_autoptr(GBytes) file = lists_rig_read(lists, name);
    g_autoptr(DvTrust) trust = dv_trust_new(root, NULL, NULL);
    gint64 now = dv_clock_wall_us();
    assert_non_null(file);
    assert_int_equal(dv_trust_take_timestamp(trust, timestamp, now, NULL), DV_TRUST_OK);
    assert_int_equal(dv_trust_timestamp(trust)->percent, percent);
    assert_int_equal(dv_trust_take_release(trust, file, now, NULL), DV_TRUST_OK);
    assert_int_equal(dv_trust_turn(trust, "KSK-1"), DV_TRUST_OK);
    const DvTrustList *list = dv_trust_release(trust)->lists->pdata[0];
    g_autofree char *statement_name =
        g_strdup_printf("lists/statement/%s.json", list->statement_sha256);
    g_autofree char *package_name = g_strdup_printf("lists/package/%s", list->full.sha256);
    g_autofree char *keys_name = g_strdup_printf("lists/keys/%s", list->full.sha256);
    g_autoptr(GBytes) statement = lists_rig_read(lists, statement_name);
    g_autoptr(GBytes) package = lists_rig_read(lists, package_name);
    g_autoptr(GBytes) keys = lists_rig_read(lists, keys_name);
    assert_true(package && keys);
    assert_int_equal(dv_trust_take_statement(trust, LISTS_RIG_ID, statement, now, NULL),
                     DV_TRUST_OK);
    assert_true(dv_trust_confirm(trust, now, NULL));
}

static void
a_draft_becomes_what_kiosks_take(void **state)
{
    (void)state;
    Client editor = {0}, approver = {0}, it = {0};
    sign_in(&editor, "editor", "centre");
    sign_in(&approver, "approver", "centre");
    sign_in(&it, "it", "centre");
    expect(&it, "POST", "/api/lists/42/dry-run", WHY, 200);
    const json_t *extra = json_object_get(it.body, "crossings_hit");
    assert_int_equal(json_integer_value(json_object_get(extra, "n")), 22);
    expect(&editor, "GET", "/api/lists/42/payload", NULL, 200);
    assert_non_null(strstr(editor.head, "attachment; filename=\"release-42.json\""));
    expect(&it, "POST", "/api/lists/42/put-in-force", WHY, 403);
    assert_int_equal(hand_in(&editor, 42, SIGNER_RELEASE_1), 200);
    assert_int_equal(hand_in(&editor, 42, SIGNER_RELEASE_2), 403);
    assert_non_null(strstr(text(&editor, "message"), "another person"));
    assert_int_equal(hand_in(&approver, 42, SIGNER_RELEASE_1), 403);
    assert_int_equal(hand_in(&approver, 42, SIGNER_STRANGER), 403);
    assert_int_equal(hand_in(&it, 42, SIGNER_RELEASE_2), 403);
    assert_int_equal(hand_in(&approver, 42, SIGNER_RELEASE_2), 200);
    assert_true(json_is_true(json_object_get(approver.body, "ready")));
    expect(&it, "POST", "/api/lists/42/put-in-force", WHY, 200);
    kiosk_takes(42, 0);
    /* No canary booth has said that it has it. */
    expect(&it, "POST", "/api/lists/42/step", "{\"percent\":10,\"reason\":\"as planned\"}", 409);
    assert_string_equal(text(&it, "error"), "canaries");
    assert_non_null(strstr(text(&it, "message"), "KSK-1 unknown"));
    expect(&it, "POST", "/api/lists/42/step", DESPITE, 200);
    kiosk_takes(42, 10);
    expect(&it, "POST", "/api/lists/42/step", "{\"percent\":0,\"reason\":\"false alarms\"}", 200);
    expect(&it, "GET", "/api/lists", NULL, 200);
    const json_t *stands = json_object_get(it.body, "in_force");
    assert_true(json_is_true(json_object_get(stands, "halted")));
    assert_int_equal(json_array_size(json_object_get(it.body, "drafts")), 1);
    assert_int_equal(json_array_size(json_object_get(it.body, "history")), 3);
    client_clear(&editor);
    client_clear(&approver);
    client_clear(&it);
}

/* What a release names must be there before any booth hears of it. */
static void
an_incomplete_draft_goes_nowhere(void **state)
{
    (void)state;
    Client editor = {0}, approver = {0};
    sign_in(&editor, "editor", "centre");
    sign_in(&approver, "approver", "centre");
    assert_int_equal(hand_in(&editor, 43, SIGNER_RELEASE_1), 200);
    assert_int_equal(hand_in(&approver, 43, SIGNER_RELEASE_2), 200);
    g_autofree char *packages = g_build_filename(lists->dir, "drafts/43/package", NULL);
    g_autofree char *away = g_strconcat(packages, ".away", NULL);
    assert_int_equal(g_rename(packages, away), 0);
    expect(&approver, "POST", "/api/lists/43/put-in-force", WHY, 400);
    assert_non_null(strstr(text(&approver, "message"), "is not complete"));
    kiosk_takes(42, 0); /* halted by the test before */
    assert_int_equal(g_rename(away, packages), 0);
    expect(&approver, "POST", "/api/lists/43/put-in-force", WHY, 200);
    kiosk_takes(43, 0);
    client_clear(&editor);
    client_clear(&approver);
}

/* ---- the grid */

static char *
signed_state_hash(gint64 number)
{
    g_autofree char *name = g_strdup_printf("drafts/%" G_GINT64_FORMAT "/release.json", number);
    g_autoptr(GBytes) file = lists_rig_read(lists, name);
    g_autoptr(DvTrustRelease) release = dv_trust_release_read(file, NULL, NULL);
    const DvTrustList *list = release->lists->pdata[0];
    g_autofree char *path = g_strdup_printf("drafts/%" G_GINT64_FORMAT "/statement/%s.json", number,
                                            list->statement_sha256);
    g_autoptr(GBytes) bytes = lists_rig_read(lists, path);
    g_autoptr(DvTrustStatement) statement = dv_trust_statement_read(bytes, NULL, NULL);
    return g_strdup(statement->state_hash);
}

/* state_hash "": the one that the owner of release 43 signed. */
static void
beat_holding(const char *kiosk, const char *update, const char *state_hash, gint64 seen_us)
{
    g_autofree char *signed_hash = signed_state_hash(43);
    g_autofree char *held = g_strdup_printf("[{\"list_id\":\"utopia\",\"version\":2,\"age_s\":60,"
                                            "\"status\":\"FRESH\",\"state_hash\":\"%s\"}]",
                                            *state_hash ? state_hash : signed_hash);
    g_autoptr(GError) error = NULL;
    DvChainState chain;
    gint64 missing = 0;
    DvBeat one = {.time_us = seen_us,
                  .received_us = seen_us,
                  .software = "test",
                  .lists = held,
                  .update = update};
    g_strlcpy(one.kiosk, kiosk, sizeof one.kiosk);
    if (!dv_store_heartbeat(store, &one, &chain, &missing, &error))
        fail_msg("%s", error->message);
}

static void
beat(const char *kiosk, const char *update, gint64 seen_us)
{
    beat_holding(kiosk, update, "", seen_us);
}

static char *
update_of(gint64 release, const char *reason)
{
    return g_strdup_printf("{\"epoch\":1,\"release\":%" G_GINT64_FORMAT
                           ",\"state\":\"IDLE\",\"reason\":\"%s\",\"detail\":\"\"}",
                           release, reason);
}

static const char *
standing_of(const Client *client, const char *kiosk)
{
    const json_t *booths = json_object_get(client->body, "booths");
    for (gsize i = 0; i < json_array_size(booths); i++) {
        const json_t *booth = json_array_get(booths, i);
        if (g_strcmp0(json_string_value(json_object_get(booth, "kiosk")), kiosk) == 0)
            return json_string_value(json_object_get(booth, "standing"));
    }
    return "";
}

static void
the_grid_says_who_has_it(void **state)
{
    (void)state;
    gint64 now = dv_clock_wall_us();
    g_autofree char *has = update_of(43, "");
    g_autofree char *old = update_of(42, "");
    g_autofree char *failed = update_of(42, "NO_SPACE");
    g_autofree char *waits = update_of(42, "WAITING");
    beat("KSK-1", has, now);
    beat("KSK-2", waits, now);
    beat("KSK-3", failed, now);
    beat("KSK-4", old, now - G_GINT64_CONSTANT(3600) * G_USEC_PER_SEC);
    beat("KSK-5", NULL, now);
    Client it = {0};
    sign_in(&it, "it", "centre");
    expect(&it, "GET", "/api/lists/booths", NULL, 200);
    assert_int_equal(json_integer_value(json_object_get(it.body, "release")), 43);
    assert_int_equal(json_integer_value(json_object_get(it.body, "has")), 1);
    assert_string_equal(standing_of(&it, "KSK-1"), "has");
    assert_string_equal(standing_of(&it, "KSK-2"), "waits");
    assert_string_equal(standing_of(&it, "KSK-3"), "failed");
    assert_string_equal(standing_of(&it, "KSK-4"), "silent");
    assert_string_equal(standing_of(&it, "KSK-5"), "unknown");
    /* The right number, and another content. */
    beat_holding("KSK-1", has, "ab12", now);
    expect(&it, "GET", "/api/lists/booths", NULL, 200);
    assert_string_equal(standing_of(&it, "KSK-1"), "differs");
    assert_int_equal(json_integer_value(json_object_get(it.body, "has")), 0);
    beat("KSK-1", old, now);
    expect(&it, "GET", "/api/lists/booths", NULL, 200);
    assert_string_equal(standing_of(&it, "KSK-1"), "fetching");
    client_clear(&it);
}

/* Nobody else gets it while a canary booth failed, is silent or holds something else, unless a
 * person says so. */
static void
canaries_are_waited_for(void **state)
{
    (void)state;
    gint64 now = dv_clock_wall_us();
    g_autofree char *has = update_of(43, "");
    g_autofree char *failed = update_of(42, "NO_SPACE");
    Client it = {0};
    sign_in(&it, "it", "centre");
    beat("KSK-1", failed, now);
    expect(&it, "POST", STEP_43, AS_PLANNED, 409);
    assert_non_null(strstr(text(&it, "message"), "KSK-1 failed"));
    beat_holding("KSK-1", has, "ab12", now);
    expect(&it, "POST", STEP_43, AS_PLANNED, 409);
    assert_non_null(strstr(text(&it, "message"), "KSK-1 differs"));
    beat("KSK-1", has, now);
    expect(&it, "POST", STEP_43, AS_PLANNED, 200);
    beat("KSK-1", failed, now);
    expect(&it, "POST", STEP_43, "{\"percent\":50,\"reason\":\"as planned\"}", 409);
    expect(&it, "POST", STEP_43, "{\"percent\":0,\"reason\":\"it fails\"}",
           200); /* halting waits for nobody */
    client_clear(&it);
}

static void
lay_short_package(gint64 number, DvTrustPackage *package)
{
    static const char *const folders[] = {"package", "keys"};
    g_autoptr(GBytes) bytes = g_bytes_new_static("adds", 4);
    dv_test_digest(bytes, package->sha256);
    package->size = 4;
    for (gsize i = 0; i < G_N_ELEMENTS(folders); i++) {
        g_autofree char *path = g_strdup_printf("%s/drafts/%" G_GINT64_FORMAT "/%s/%s", lists->dir,
                                                number, folders[i], package->sha256);
        assert_true(g_file_set_contents(path, "adds", 4, NULL));
    }
}

/* The draft again as an urgent one; adds: an add-only delta leads to it from the version below. */
static void
make_urgent(gint64 number, gboolean adds)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *name = g_strdup_printf("drafts/%" G_GINT64_FORMAT "/release.json", number);
    g_autofree char *path = g_build_filename(lists->dir, name, NULL);
    g_autoptr(GBytes) file = lists_rig_read(lists, name);
    g_autoptr(DvTrustRelease) release = dv_trust_release_read(file, NULL, &error);
    DvTrustList *list = release->lists->pdata[0];
    release->urgent = TRUE;
    if (adds) {
        DvTrustPackage *delta = g_memdup2(&list->full, sizeof list->full);
        delta->from = delta->to - 1;
        delta->add_only = TRUE;
        lay_short_package(number, delta);
        g_ptr_array_add(list->deltas, delta);
    }
    g_autoptr(GBytes) again = dv_trust_release_make(release, &error);
    if (!again)
        fail_msg("%s", error->message);
    assert_true(g_file_set_contents(path, g_bytes_get_data(again, NULL),
                                    (gssize)g_bytes_get_size(again), NULL));
}

/* Urgent means out of turn only where it adds to what the booth has, as the booth itself judges. */
static void
urgent_is_a_booths_turn_only_where_it_adds(void **state)
{
    (void)state;
    g_autofree char *waits = update_of(43, "WAITING");
    Client editor = {0}, approver = {0};
    sign_in(&editor, "editor", "centre");
    sign_in(&approver, "approver", "centre");
    for (gint64 release = 44; release <= 45; release++) {
        g_autofree char *path =
            g_strdup_printf("/api/lists/%" G_GINT64_FORMAT "/put-in-force", release);
        lists_rig_draft(lists, release, 3, numbers);
        make_urgent(release, release == 45);
        assert_int_equal(hand_in(&editor, release, SIGNER_RELEASE_1), 200);
        assert_int_equal(hand_in(&approver, release, SIGNER_RELEASE_2), 200);
        expect(&approver, "POST", path, WHY, 200);
        beat("KSK-2", waits, dv_clock_wall_us());
        expect(&approver, "GET", "/api/lists/booths", NULL, 200);
        assert_string_equal(standing_of(&approver, "KSK-2"), release == 44 ? "waits" : "fetching");
    }
    client_clear(&editor);
    client_clear(&approver);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_without_session_role_or_token),
        cmocka_unit_test(paths_and_bodies_are_bounded),
        cmocka_unit_test(a_draft_becomes_what_kiosks_take),
        cmocka_unit_test(an_incomplete_draft_goes_nowhere),
        cmocka_unit_test(the_grid_says_who_has_it),
        cmocka_unit_test(canaries_are_waited_for),
        cmocka_unit_test(urgent_is_a_booths_turn_only_where_it_adds),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
