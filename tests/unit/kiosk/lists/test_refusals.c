// SPDX-License-Identifier: Apache-2.0
/* What is refused is not fetched again at every look; what is nobody's fault is no alarm. */
#include "lists_scene.h"

#include "machine_private.h"

#include <darvaza/clock.h>
#include <darvaza/watchlist.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static int
setup(void **state)
{
    *state = lists_scene_new(200, 20);
    return 0;
}

static int
teardown(void **state)
{
    dv_clock_install(NULL);
    lists_scene_free(*state);
    return 0;
}

static gint64 later_us; /* added to the clock that never jumps */

static gint64
wall(void *data)
{
    (void)data;
    return g_get_real_time();
}

static gint64
mono(void *data)
{
    (void)data;
    return g_get_monotonic_time() + later_us;
}

static void
poll_expect(ListsScene *scene, DvTrustReason reason, gint64 release)
{
    g_autoptr(GError) error = NULL;
    DvTrustReason got = lists_scene_poll(scene, &error);
    if (got != reason)
        fail_msg("%s instead of %s: %s", dv_trust_reason_word(got), dv_trust_reason_word(reason),
                 error != NULL ? error->message : "");
    assert_int_equal(error != NULL, reason != DV_TRUST_OK && reason != DV_TRUST_WAITING);
    assert_int_equal(lists_machine_release(scene->machine), release);
}

/* A renewed timestamp changes nothing, a restart tries once more, the next release mends it. */
static void
what_is_signed_and_wrong_is_fetched_once(void **state)
{
    ListsScene *scene = *state;
    const ListRepoRelease wrong = {.changes = 2, .wrong_canary_row = TRUE};
    poll_expect(scene, DV_TRUST_OK, 1);
    list_repo_publish(scene->repo, &wrong);
    poll_expect(scene, DV_TRUST_SELFTEST, 1);
    guint fetched = scene->asked;
    for (guint i = 0; i < 3; i++) {
        list_repo_stamp(scene->repo, 100);
        poll_expect(scene, DV_TRUST_SELFTEST, 1);
    }
    assert_int_equal(scene->asked, fetched);
    g_autofree char *path = list_repo_delta_path(scene->repo, 0);
    lists_scene_restart(scene);
    g_assert_true(unlink(path) == 0); /* seen to be looked for again */
    g_autofree char *part = g_build_filename(scene->folder, "download", strrchr(path, '/'), NULL);
    unlink(part);
    poll_expect(scene, DV_TRUST_ABSENT, 1);
}

static void
the_next_release_is_tried_at_once(void **state)
{
    ListsScene *scene = *state;
    const ListRepoRelease wrong = {.changes = 2, .wrong_canary_row = TRUE};
    poll_expect(scene, DV_TRUST_OK, 1);
    list_repo_publish(scene->repo, &wrong);
    poll_expect(scene, DV_TRUST_SELFTEST, 1);
    lists_scene_publish(scene, 2);
    poll_expect(scene, DV_TRUST_OK, 3);
}

static void
flip(const char *path)
{
    g_autofree char *text = NULL;
    gsize length = 0;
    g_assert_true(g_file_get_contents(path, &text, &length, NULL));
    text[length / 2] ^= 1;
    g_assert_true(g_file_set_contents(path, text, (gssize)length, NULL));
}

/* 20 s, then 40 s with looks of 10 s. */
static void
a_damaged_transfer_is_tried_after_twice_the_time(void **state)
{
    static const DvClock clock = {wall, mono, NULL};
    ListsScene *scene = *state;
    later_us = 0;
    dv_clock_install(&clock);
    poll_expect(scene, DV_TRUST_OK, 1);
    lists_scene_publish(scene, 4);
    g_autofree char *path = list_repo_delta_path(scene->repo, 0);
    flip(path);
    for (guint wait_s = 20; wait_s <= 80; wait_s *= 2) {
        guint before = scene->asked;
        poll_expect(scene, DV_TRUST_BIT_FLIPPED, 1);
        guint fetched = scene->asked;
        assert_true(fetched > before);
        later_us += (wait_s - 10) * G_USEC_PER_SEC;
        poll_expect(scene, DV_TRUST_BIT_FLIPPED, 1);
        assert_int_equal(scene->asked, fetched);
        later_us += 11 * G_USEC_PER_SEC;
    }
    flip(path);
    poll_expect(scene, DV_TRUST_OK, 2);
}

/* Whoever puts a stick in is not told to come back later. */
static void
a_stick_does_not_wait(void **state)
{
    ListsScene *scene = *state;
    poll_expect(scene, DV_TRUST_OK, 1);
    lists_scene_publish(scene, 4);
    g_autofree char *path = list_repo_delta_path(scene->repo, 0);
    flip(path);
    poll_expect(scene, DV_TRUST_BIT_FLIPPED, 1);
    flip(path);
    lists_scene_expect(scene, DV_TRUST_OK, 2);
}

/* ---- staged rollouts */

/* Release 2 reached this kiosk, and 3 took its place before it reached all: 1 is the previous one,
 * to which nobody goes back. */
static void
supersede(ListsScene *scene)
{
    const ListRepoRelease ours = {.changes = 2, .percent = 1, .canary = "KSK-1"};
    const ListRepoRelease theirs = {
        .changes = 2, .percent = 1, .canary = "KSK-2", .supersedes = TRUE};
    lists_scene_expect(scene, DV_TRUST_OK, 1);
    list_repo_publish(scene->repo, &ours);
    lists_scene_expect(scene, DV_TRUST_OK, 2);
    list_repo_publish(scene->repo, &theirs);
}

static void
a_superseded_release_stays_until_our_turn(void **state)
{
    ListsScene *scene = *state;
    supersede(scene);
    lists_scene_expect(scene, DV_TRUST_WAITING, 2);
    lists_scene_restart(scene);
    lists_scene_expect(scene, DV_TRUST_WAITING, 2);
    list_repo_stamp(scene->repo, 100);
    lists_scene_expect(scene, DV_TRUST_OK, 3);
}

static void
a_damaged_superseded_release_says_that_there_is_no_way(void **state)
{
    ListsScene *scene = *state;
    g_autoptr(GError) error = NULL;
    supersede(scene);
    g_autofree char *base = lists_scene_base(scene, "docs");
    g_assert_true(unlink(base) == 0);
    assert_int_equal(lists_scene_run(scene, &error), DV_TRUST_NO_PATH);
    list_repo_stamp(scene->repo, 100);
    lists_scene_expect(scene, DV_TRUST_OK, 3);
}

/* ---- canary rows */

static DvTrustStatement *
statement_of(const char *query)
{
    DvTrustStatement *statement = dv_trust_statement_new();
    statement->list_id = g_strdup("docs");
    statement->version = 1;
    statement->generated_us = 0;
    statement->list_expires_us = G_MAXINT64;
    g_autoptr(json_t) body = query != NULL ? json_loads(query, 0, NULL) : NULL;
    if (body != NULL)
        dv_trust_statement_add_canary(statement, body, "UTO._.D0000003");
    return statement;
}

static void
a_list_is_tested_by_all_that_its_owner_asks(void **state)
{
    static const struct {
        const char *query;
        gboolean good;
    } cases[] = {
        {"{\"document_number\": \"D0000003\", \"issuing_state\": \"UTO\"}", TRUE},
        {NULL, FALSE}, /* no row at all */
        {"{}", FALSE},
        {"{\"document_number\": \"D0000003\", \"mrz\": \"X\"}", FALSE},
        {"{\"document_number\": \"D0000003\", \"issuing_state\": 7}", FALSE},
        {"{\"document_number\": \"D9999999\"}", FALSE},
    };
    ListsScene *scene = *state;
    lists_scene_expect(scene, DV_TRUST_OK, 1);
    g_autoptr(DvWatchlist) lists = dv_watchlist_open(scene->folder, FALSE, NULL);
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(DvTrustStatement) statement = statement_of(cases[i].query);
        if (lists_test_list(lists, statement, &error) != cases[i].good)
            fail_msg("case %zu", i);
        assert_int_equal(error == NULL, cases[i].good);
    }
}

/* ---- room on the disk */

static void
what_is_here_already_needs_no_room(void **state)
{
    const ListsScene *scene = *state;
    g_autofree char *path = g_build_filename(scene->dir, "part", NULL);
    DvTrustPackage package = {.size = 1000, .plain_size = 5000};
    ListsPiece piece = {.package = &package, .part = path};
    g_autoptr(GPtrArray) pieces = g_ptr_array_new();
    const ListsMachine machine = {.pieces = pieces};
    guint64 spare = lists_room_needed(&machine);
    g_ptr_array_add(pieces, &piece);
    assert_int_equal(lists_room_needed(&machine) - spare, 6000);
    g_autofree char *text = g_strnfill(700, 'x');
    g_assert_true(g_file_set_contents(path, text, 700, NULL));
    assert_int_equal(lists_room_needed(&machine) - spare, 5300);
}

int
main(void)
{
#define CASE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        CASE(what_is_signed_and_wrong_is_fetched_once),
        CASE(the_next_release_is_tried_at_once),
        CASE(a_damaged_transfer_is_tried_after_twice_the_time),
        CASE(a_stick_does_not_wait),
        CASE(a_superseded_release_stays_until_our_turn),
        CASE(a_damaged_superseded_release_says_that_there_is_no_way),
        CASE(a_list_is_tested_by_all_that_its_owner_asks),
        CASE(what_is_here_already_needs_no_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
