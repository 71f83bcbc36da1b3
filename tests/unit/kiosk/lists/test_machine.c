// SPDX-License-Identifier: Apache-2.0
/* The machine over a folder laid out as the centre's repository. */
#include "lists_scene.h"

#include "machine_private.h"

#include <darvaza/clock.h>
#include <darvaza/file.h>
#include <darvaza/watchlist.h>
#include <glib/gstdio.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define DOCS 400
#define PEOPLE 40

static int
setup(void **state)
{
    *state = lists_scene_new(DOCS, PEOPLE);
    return 0;
}

static int
teardown(void **state)
{
    lists_scene_free(*state);
    return 0;
}

static guint
layers_of(const ListsScene *scene, const char *list_id)
{
    g_autoptr(ListsSet) set = lists_set_read(scene->folder, NULL);
    return lists_set_find(set, list_id)->layers->len;
}

/* ---- the good way */

static void
a_full_list_and_then_deltas_come_into_force(void **state)
{
    ListsScene *scene = *state;
    lists_scene_expect(scene, DV_TRUST_OK, 1);
    assert_int_equal(layers_of(scene, "docs"), 1);
    lists_scene_publish(scene, 7);
    lists_scene_expect(scene, DV_TRUST_OK, 2);
    assert_int_equal(layers_of(scene, "docs"), 2);
    lists_scene_publish(scene, 0); /* an empty delta says "still so" */
    lists_scene_expect(scene, DV_TRUST_OK, 3);
    lists_scene_expect(scene, DV_TRUST_OK, 3); /* and nothing to do */
}

/* The booth's own view: the set answers, with list and version. */
static void
the_set_answers_questions(void **state)
{
    ListsScene *scene = *state;
    lists_scene_expect(scene, DV_TRUST_OK, 1);
    lists_scene_publish(scene, 5);
    lists_scene_expect(scene, DV_TRUST_OK, 2);
    g_autoptr(DvWatchlist) lists = dv_watchlist_open(scene->folder, FALSE, NULL);
    g_autofree char *number = g_strdup_printf("D%07u", DOCS + 4);
    const DvWatchlistSubject subject = {.document_number = number, .issuing_state = "UTO"};
    g_autoptr(DvWatchlistAnswer) answer = dv_watchlist_check(lists, &subject, dv_clock_wall_us());
    assert_int_equal(answer->hits->len, 1);
    const DvWatchlistHit *hit = g_ptr_array_index(answer->hits, 0);
    assert_string_equal(hit->list_id, "docs");
    assert_int_equal(hit->list_version, 2);
    /* and the row that went gives none */
    const DvWatchlistSubject gone = {.document_number = "D0000001", .issuing_state = "UTO"};
    g_autoptr(DvWatchlistAnswer) none = dv_watchlist_check(lists, &gone, dv_clock_wall_us());
    assert_int_equal(none->hits->len, 0);
}

static void
a_kiosk_that_slept_takes_the_chain_or_the_full_list(void **state)
{
    ListsScene *scene = *state;
    lists_scene_expect(scene, DV_TRUST_OK, 1);
    lists_scene_publish(scene, 3);
    lists_scene_publish(scene, 3);
    lists_scene_expect(scene, DV_TRUST_OK, 3);
    assert_int_equal(layers_of(scene, "docs"), 3);
    /* four layers are the most here: then a full one is taken where there is one */
    const ListRepoRelease with_full = {.changes = 3, .with_full = TRUE};
    lists_scene_publish(scene, 3);
    list_repo_publish(scene->repo, &with_full);
    lists_scene_expect(scene, DV_TRUST_OK, 5);
    assert_int_equal(layers_of(scene, "docs"), 1);
}

static void
a_new_root_is_taken_on_the_way(void **state)
{
    ListsScene *scene = *state;
    lists_scene_expect(scene, DV_TRUST_OK, 1);
    list_repo_new_root(scene->repo);
    list_repo_new_root(scene->repo);
    lists_scene_publish(scene, 2);
    lists_scene_expect(scene, DV_TRUST_OK, 2);
    assert_int_equal(lists_machine_epoch(scene->machine), 3);
    lists_scene_restart(scene);
    lists_scene_publish(scene, 2);
    lists_scene_expect(scene, DV_TRUST_OK, 3);
}

/* ---- who takes what when */

static void
a_kiosk_waits_for_its_turn(void **state)
{
    ListsScene *scene = *state;
    lists_scene_expect(scene, DV_TRUST_OK, 1);
    const ListRepoRelease other = {.changes = 2, .percent = 1, .canary = "KSK-2"};
    list_repo_publish(scene->repo, &other);
    guint cohort = dv_trust_cohort("KSK-1", 2);
    if (cohort < 1) { /* then its turn has come already */
        lists_scene_expect(scene, DV_TRUST_OK, 2);
        return;
    }
    lists_scene_expect(scene, DV_TRUST_WAITING, 1);
    list_repo_stamp(scene->repo, 100);
    lists_scene_expect(scene, DV_TRUST_OK, 2);
}

static void
a_canary_kiosk_takes_it_first(void **state)
{
    ListsScene *scene = *state;
    lists_scene_expect(scene, DV_TRUST_OK, 1);
    const ListRepoRelease first = {.changes = 2, .percent = 1, .canary = "KSK-1"};
    list_repo_publish(scene->repo, &first);
    lists_scene_expect(scene, DV_TRUST_OK, 2);
}

static void
urgent_additions_wait_for_nobody(void **state)
{
    ListsScene *scene = *state;
    lists_scene_expect(scene, DV_TRUST_OK, 1);
    const ListRepoRelease urgent = {
        .changes = 1, .add_only = TRUE, .urgent = TRUE, .percent = 1, .canary = "KSK-2"};
    list_repo_publish(scene->repo, &urgent);
    lists_scene_expect(scene, DV_TRUST_OK, 2);
}

/* ---- what changes nothing */

static void
flip(const char *path, gint64 at)
{
    g_autofree char *text = NULL;
    gsize length = 0;
    g_assert_true(g_file_get_contents(path, &text, &length, NULL));
    text[at < 0 ? (gint64)length + at : at] ^= 1;
    g_assert_true(g_file_set_contents(path, text, (gssize)length, NULL));
}

static void
damaged_packages_change_nothing_and_are_fetched_anew(void **state)
{
    ListsScene *scene = *state;
    lists_scene_expect(scene, DV_TRUST_OK, 1);
    lists_scene_publish(scene, 5);
    g_autofree char *path = list_repo_delta_path(scene->repo, 0);
    flip(path, -3);
    lists_scene_expect(scene, DV_TRUST_BIT_FLIPPED, 1);
    flip(path, -3);
    lists_scene_expect(scene, DV_TRUST_OK, 2);
}

static void
a_package_that_ends_early_is_resumed_not_taken(void **state)
{
    ListsScene *scene = *state;
    lists_scene_expect(scene, DV_TRUST_OK, 1);
    lists_scene_publish(scene, 50);
    g_autofree char *path = list_repo_delta_path(scene->repo, 1);
    g_autofree char *text = NULL;
    gsize length = 0;
    g_assert_true(g_file_get_contents(path, &text, &length, NULL));
    g_assert_true(truncate(path, (off_t)length / 2) == 0);
    lists_scene_expect(scene, DV_TRUST_TRUNCATED, 1);
    g_assert_true(g_file_set_contents(path, text, (gssize)length, NULL));
    lists_scene_restart(scene);
    lists_scene_expect(scene, DV_TRUST_OK, 2);
}

static void
a_canary_row_without_its_answer_stops_the_swap(void **state)
{
    ListsScene *scene = *state;
    lists_scene_expect(scene, DV_TRUST_OK, 1);
    const ListRepoRelease wrong = {.changes = 2, .wrong_canary_row = TRUE};
    list_repo_publish(scene->repo, &wrong);
    lists_scene_expect(scene, DV_TRUST_SELFTEST, 1);
    lists_scene_publish(scene, 2); /* the next release mends it */
    lists_scene_expect(scene, DV_TRUST_OK, 3);
}

static void
an_older_stick_is_refused_by_its_own_reason(void **state)
{
    ListsScene *scene = *state;
    g_autofree char *path =
        g_build_filename(list_repo_folder(scene->repo), "lists/timestamp.json", NULL);
    g_autofree char *old = NULL;
    gsize length = 0;
    g_assert_true(g_file_get_contents(path, &old, &length, NULL));
    lists_scene_publish(scene, 2);
    lists_scene_expect(scene, DV_TRUST_OK, 2);
    g_assert_true(g_file_set_contents(path, old, (gssize)length, NULL));
    lists_scene_expect(scene, DV_TRUST_ROLLED_BACK, 2);
}

static void
an_empty_folder_is_no_update(void **state)
{
    ListsScene *scene = *state;
    ListsSource *source = lists_source_folder_new(scene->dir);
    g_autoptr(GError) error = NULL;
    assert_int_equal(lists_machine_run(scene->machine, source, &error), DV_TRUST_ABSENT);
    assert_non_null(error);
    lists_source_folder_free(source);
}

/* ---- restarts */

/* The swap was done and the end was not reached: the next run confirms. */
static void
a_swap_without_its_end_is_confirmed_by_the_next_run(void **state)
{
    ListsScene *scene = *state;
    lists_scene_expect(scene, DV_TRUST_OK, 1);
    g_autofree char *trust = g_build_filename(scene->folder, "trust/state.json", NULL);
    g_autofree char *before = NULL;
    gsize length = 0;
    g_assert_true(g_file_get_contents(trust, &before, &length, NULL));
    lists_scene_publish(scene, 2);
    lists_scene_expect(scene, DV_TRUST_OK, 2);
    g_assert_true(g_file_set_contents(trust, before, (gssize)length, NULL));
    lists_scene_restart(scene);
    lists_scene_expect(scene, DV_TRUST_OK, 2);
    g_autofree char *folder = g_path_get_dirname(trust);
    g_autoptr(DvTrust) kept = dv_trust_load(folder, NULL);
    assert_int_equal(dv_trust_numbers(kept).release, 2);
}

static void
a_layer_that_is_gone_is_fetched_again(void **state)
{
    ListsScene *scene = *state;
    lists_scene_expect(scene, DV_TRUST_OK, 1);
    g_autoptr(ListsSet) set = lists_set_read(scene->folder, NULL);
    g_autofree char *layer =
        lists_layer_path(scene->folder, g_ptr_array_index(lists_set_find(set, "docs")->layers, 0));
    lists_scene_publish(scene, 2);
    g_assert_true(unlink(layer) == 0);
    lists_scene_expect(scene, DV_TRUST_OK, 2);
}

static void
layers_that_nobody_names_are_removed(void **state)
{
    ListsScene *scene = *state;
    lists_scene_expect(scene, DV_TRUST_OK, 1);
    g_autofree char *stray = lists_layer_path(scene->folder, "stray-1-0000.dvlist");
    g_assert_true(g_file_set_contents(stray, "x", 1, NULL));
    lists_scene_publish(scene, 2);
    lists_scene_expect(scene, DV_TRUST_OK, 2);
    assert_int_not_equal(access(stray, F_OK), 0);
}

int
main(void)
{
#define CASE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        CASE(a_full_list_and_then_deltas_come_into_force),
        CASE(the_set_answers_questions),
        CASE(a_kiosk_that_slept_takes_the_chain_or_the_full_list),
        CASE(a_new_root_is_taken_on_the_way),
        CASE(a_kiosk_waits_for_its_turn),
        CASE(a_canary_kiosk_takes_it_first),
        CASE(urgent_additions_wait_for_nobody),
        CASE(damaged_packages_change_nothing_and_are_fetched_anew),
        CASE(a_package_that_ends_early_is_resumed_not_taken),
        CASE(a_canary_row_without_its_answer_stops_the_swap),
        CASE(an_older_stick_is_refused_by_its_own_reason),
        CASE(an_empty_folder_is_no_update),
        CASE(a_swap_without_its_end_is_confirmed_by_the_next_run),
        CASE(a_layer_that_is_gone_is_fetched_again),
        CASE(layers_that_nobody_names_are_removed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
