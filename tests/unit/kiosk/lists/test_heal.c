// SPDX-License-Identifier: Apache-2.0
/* A disk that forgets: what is damaged is fetched again, and what cannot be read is not thrown
 * away. */
#include "lists_scene.h"

#include "machine_private.h"

#include <darvaza/watchlist_rows.h>

#include <darvaza/error.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>
#include <utime.h>

#include <cmocka.h>

#define BLOCK 4096u

static int
setup(void **state)
{
    *state = lists_scene_new(200, 20);
    return 0;
}

static int
teardown(void **state)
{
    lists_scene_free(*state);
    return 0;
}

static char *
read_file(const char *path, gsize *length)
{
    char *data = NULL;
    return g_file_get_contents(path, &data, length, NULL) ? data : NULL;
}

/* Zeros in one block that the disk lost; the quick look does not see it. */
static void
rot(const char *path)
{
    gsize length = 0;
    g_autofree char *data = read_file(path, &length);
    g_assert_true(length >= 3 * BLOCK);
    memset(data + 2 * BLOCK, 0, BLOCK);
    g_assert_true(g_file_set_contents(path, data, (gssize)length, NULL));
    g_autoptr(DvWatchlistInfo) info = dv_watchlist_info(path, NULL);
    assert_non_null(info);
}

static void
a_layer_that_is_gone_comes_back_without_a_new_release(void **state)
{
    ListsScene *scene = *state;
    lists_scene_expect(scene, DV_TRUST_OK, 1);
    lists_scene_expect(scene, DV_TRUST_OK, 1);
    g_autofree char *base = lists_scene_base(scene, "docs");
    g_assert_true(unlink(base) == 0);
    lists_scene_expect(scene, DV_TRUST_OK, 1);
}

static void
another_lists_file_is_no_layer(void **state)
{
    ListsScene *scene = *state;
    gsize length = 0, again_length = 0;
    lists_scene_expect(scene, DV_TRUST_OK, 1);
    lists_scene_expect(scene, DV_TRUST_OK, 1);
    g_autofree char *docs = lists_scene_base(scene, "docs");
    g_autofree char *people = lists_scene_base(scene, "people");
    g_autofree char *good = read_file(docs, &length);
    g_autofree char *other = read_file(people, &again_length);
    g_assert_true(g_file_set_contents(docs, other, (gssize)again_length, NULL));
    lists_scene_expect(scene, DV_TRUST_OK, 1);
    g_autofree char *again = read_file(docs, &again_length);
    assert_int_equal(again_length, length);
    assert_memory_equal(again, good, length);
}

/* Every byte is read once after a start. */
static void
a_rotten_layer_is_found_after_a_start(void **state)
{
    ListsScene *scene = *state;
    gsize length = 0, again_length = 0;
    lists_scene_expect(scene, DV_TRUST_OK, 1);
    g_autofree char *base = lists_scene_base(scene, "docs");
    g_autofree char *good = read_file(base, &length);
    rot(base);
    lists_scene_restart(scene);
    lists_scene_expect(scene, DV_TRUST_OK, 1);
    g_autofree char *again = read_file(base, &again_length);
    assert_int_equal(again_length, length);
    assert_memory_equal(again, good, length);
}

/* It is not the new delta's fault: one run heals and updates. */
static void
a_rotten_base_does_not_stop_an_update(void **state)
{
    ListsScene *scene = *state;
    lists_scene_expect(scene, DV_TRUST_OK, 1);
    g_autofree char *docs = lists_scene_base(scene, "docs");
    g_autofree char *people = lists_scene_base(scene, "people");
    rot(docs);
    rot(people);
    lists_scene_publish(scene, 3);
    lists_scene_expect(scene, DV_TRUST_OK, 2);
}

/* ---- what cannot be read */

static guint
layers_here(const ListsScene *scene)
{
    g_autofree char *path = g_build_filename(scene->folder, "layers", NULL);
    g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
    guint count = 0;
    while (g_dir_read_name(dir) != NULL)
        count++;
    return count;
}

static void
an_unreadable_set_does_not_cost_its_layers(void **state)
{
    ListsScene *scene = *state;
    gsize length = 0;
    lists_scene_expect(scene, DV_TRUST_OK, 1);
    g_autofree char *path = g_build_filename(scene->folder, "current.json", NULL);
    g_autofree char *good = read_file(path, &length);
    g_assert_true(g_file_set_contents(path, "{\"format\":1,", -1, NULL));
    lists_scene_restart(scene);
    ListsSource *nothing = lists_source_folder_new(scene->dir);
    assert_int_equal(lists_machine_run(scene->machine, nothing, NULL), DV_TRUST_ABSENT);
    lists_source_folder_free(nothing);
    assert_int_equal(layers_here(scene), 2);
    g_assert_true(g_file_set_contents(path, good, (gssize)length, NULL));
    lists_scene_restart(scene);
    lists_scene_expect(scene, DV_TRUST_OK, 1);
}

static void
an_unreadable_set_is_made_anew(void **state)
{
    ListsScene *scene = *state;
    lists_scene_expect(scene, DV_TRUST_OK, 1);
    g_autofree char *path = g_build_filename(scene->folder, "current.json", NULL);
    g_assert_true(g_file_set_contents(path, "", 0, NULL));
    lists_scene_restart(scene);
    lists_scene_expect(scene, DV_TRUST_OK, 1);
}

/* Somebody may be about to open the old layers although the clock says that an hour has gone by. */
static void
a_clock_that_jumps_removes_nothing(void **state)
{
    ListsScene *scene = *state;
    const ListRepoRelease with_full = {.changes = 40, .with_full = TRUE};
    const struct utimbuf long_ago = {1000000000, 1000000000};
    scene->grace_us = G_GINT64_CONSTANT(3600) * G_USEC_PER_SEC;
    lists_scene_restart(scene);
    lists_scene_expect(scene, DV_TRUST_OK, 1);
    g_autofree char *old = lists_scene_base(scene, "docs");
    list_repo_publish(scene->repo, &with_full);
    lists_scene_expect(scene, DV_TRUST_OK, 2);
    g_autofree char *stray = lists_layer_path(scene->folder, "stray-1-0000.dvlist");
    g_assert_true(g_file_set_contents(stray, "x", 1, NULL));
    g_autofree char *path = g_build_filename(scene->folder, "current.json", NULL);
    g_assert_true(utime(path, &long_ago) == 0);
    lists_scene_expect(scene, DV_TRUST_OK, 2);
    assert_int_equal(access(stray, F_OK), 0);
    assert_int_equal(access(old, F_OK), 0);
}

static void
a_set_is_read_whole_or_not_at_all(void **state)
{
#define LIST "{\"layers\":[\"a-1.dvlist\"],\"list_id\":\"a\",\"version\":1}"
#define SET(format, lists)                                                                         \
    "{\"epoch\":1,\"format\":" format ",\"installed_at\":\"2026-01-01T00:00:00.000Z\","            \
    "\"release\":1" lists "}"
    static const struct {
        const char *text;
        gboolean good;
    } cases[] = {
        {SET("1", ",\"lists\":[" LIST "]"), TRUE},
        {SET("1", ",\"lists\":[]"), TRUE},
        {SET("2", ",\"lists\":[" LIST "]"), FALSE},
        {"{\"epoch\":1,\"lists\":[],\"release\":1}", FALSE},
        {SET("1", ""), FALSE},
        {SET("1", ",\"lists\":{}"), FALSE},
        {SET("1", ",\"lists\":[" LIST "," LIST "]"), FALSE},
        {SET("1", ",\"lists\":[{\"layers\":[],\"list_id\":\"a\",\"version\":1}]"), FALSE},
        {SET("1", ",\"lists\":[{\"layers\":[\"../a\"],\"list_id\":\"a\",\"version\":1}]"), FALSE},
    };
    const ListsScene *scene = *state;
    g_autofree char *folder = g_build_filename(scene->dir, "set", NULL);
    g_autofree char *path = g_build_filename(folder, "current.json", NULL);
    g_assert_true(g_mkdir_with_parents(folder, 0700) == 0);
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        g_assert_true(g_file_set_contents(path, cases[i].text, -1, NULL));
        g_autoptr(ListsSet) set = lists_set_read(folder, &error);
        if ((set != NULL) != cases[i].good)
            fail_msg("case %zu: %s", i, error != NULL ? error->message : "taken");
    }
}

int
main(void)
{
#define CASE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        CASE(a_layer_that_is_gone_comes_back_without_a_new_release),
        CASE(another_lists_file_is_no_layer),
        CASE(a_rotten_layer_is_found_after_a_start),
        CASE(a_rotten_base_does_not_stop_an_update),
        CASE(an_unreadable_set_does_not_cost_its_layers),
        CASE(an_unreadable_set_is_made_anew),
        CASE(a_clock_that_jumps_removes_nothing),
        CASE(a_set_is_read_whole_or_not_at_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
