// SPDX-License-Identifier: Apache-2.0
/* Packages that are rightly signed and wrong: each is refused by its own reason, and current.json
 * stays as it was, byte for byte. */
#include "lists_scene.h"

#include "machine_private.h"

#include <darvaza/clock.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static int
setup(void **state)
{
    *state = lists_scene_new(300, 30);
    return 0;
}

static int
teardown(void **state)
{
    dv_clock_install(NULL);
    lists_scene_free(*state);
    return 0;
}

static char *
current_of(const ListsScene *scene)
{
    g_autofree char *path = g_build_filename(scene->folder, "current.json", NULL);
    char *text = NULL;
    g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
    return text;
}

/* Refused by each look, and by the looks after a restart; what is here stays. */
static void
refuses(ListsScene *scene, const char *name, DvTrustReason reason)
{
    g_autofree char *before = current_of(scene);

    for (guint i = 0; i < 2; i++) {
        g_autoptr(GError) error = NULL;
        DvTrustReason got = lists_scene_run(scene, &error);
        if (got != reason || error == NULL)
            fail_msg("%s: %s instead of %s: %s", name, dv_trust_reason_word(got),
                     dv_trust_reason_word(reason), error != NULL ? error->message : "");
        g_autofree char *after = current_of(scene);
        assert_string_equal(after, before);
        lists_scene_restart(scene);
    }
    gint64 release = 0;
    assert_true(list_repo_judge(scene->repo, scene->folder, &release, NULL));
    assert_int_equal(release, 1);
}

static void
wrong_packages_are_refused_by_their_own_reason(void **state)
{
    static const struct {
        const char *name;
        ListRepoSpoil spoil;
        DvTrustReason reason;
    } attacks[] = {
        {"takes away", LIST_REPO_TAKES_AWAY, DV_TRUST_NOT_ADD_ONLY},
        {"other rows", LIST_REPO_OTHER_ROWS, DV_TRUST_WRONG_CONTENT},
        {"other hash", LIST_REPO_OTHER_HASH, DV_TRUST_WRONG_CONTENT},
        {"other list", LIST_REPO_OTHER_LIST, DV_TRUST_WRONG_CONTENT},
        {"garbled", LIST_REPO_GARBLED, DV_TRUST_UNDECODABLE},
        {"other key", LIST_REPO_OTHER_KEY, DV_TRUST_WRONG_KEY},
        {"other digest", LIST_REPO_OTHER_DIGEST, DV_TRUST_BIT_FLIPPED},
        {"inside short", LIST_REPO_INSIDE_SHORT, DV_TRUST_MALFORMED},
        {"inside long", LIST_REPO_INSIDE_LONG, DV_TRUST_MALFORMED},
        {"no keys", LIST_REPO_NO_KEYS, DV_TRUST_ABSENT},
    };
    (void)state;
    for (gsize i = 0; i < G_N_ELEMENTS(attacks); i++) {
        ListsScene *scene = lists_scene_new(60, 10);
        const ListRepoRelease what = {.changes = 3, .spoil = attacks[i].spoil};
        lists_scene_expect(scene, DV_TRUST_OK, 1);
        list_repo_publish(scene->repo, &what);
        refuses(scene, attacks[i].name, attacks[i].reason);
        lists_scene_free(scene);
    }
}

static void
what_is_sealed_to_another_is_not_for_us(void **state)
{
    ListsScene *scene = *state;
    g_autofree char *path = g_build_filename(scene->dir, "pki/centre/lists.pem", NULL);
    g_autoptr(DvCert) centre = dv_cert_load(path, NULL);
    const ListRepoRelease what = {.changes = 3, .only_for = centre};
    assert_non_null(centre);
    lists_scene_expect(scene, DV_TRUST_OK, 1);
    list_repo_publish(scene->repo, &what);
    refuses(scene, "sealed to another", DV_TRUST_NOT_FOR_US);
}

/* ---- damage on the way */

static void
damage(const char *path, gssize keep)
{
    g_autofree char *data = NULL;
    gsize length = 0;
    g_assert_true(g_file_get_contents(path, &data, &length, NULL));
    if (keep < 0)
        data[length / 2] ^= 4;
    g_assert_true(g_file_set_contents(path, data, keep < 0 ? (gssize)length : keep, NULL));
}

static void
damage_on_the_way_is_refused(void **state)
{
    ListsScene *scene = *state;
    lists_scene_expect(scene, DV_TRUST_OK, 1);
    lists_scene_publish(scene, 4);
    g_autofree char *delta = list_repo_delta_path(scene->repo, 1);
    damage(delta, -1);
    refuses(scene, "flipped", DV_TRUST_BIT_FLIPPED);
    damage(delta, 100);
    refuses(scene, "cut", DV_TRUST_TRUNCATED);
}

static void
a_release_that_is_not_there_is_absent(void **state)
{
    ListsScene *scene = *state;
    lists_scene_expect(scene, DV_TRUST_OK, 1);
    lists_scene_publish(scene, 4);
    g_autofree char *path =
        g_build_filename(list_repo_folder(scene->repo), "lists/release/2.json", NULL);
    g_assert_true(remove(path) == 0);
    refuses(scene, "no release", DV_TRUST_ABSENT);
}

/* ---- a root past its year */

static gint64
wall_in_a_year(void *data)
{
    (void)data;
    return g_get_real_time() + G_GINT64_CONSTANT(301) * 86400 * G_USEC_PER_SEC;
}

static gint64
mono(void *data)
{
    (void)data;
    return g_get_monotonic_time();
}

static void
nothing_is_taken_under_a_root_that_has_expired(void **state)
{
    static const DvClock later = {wall_in_a_year, mono, NULL};
    ListsScene *scene = *state;
    lists_scene_expect(scene, DV_TRUST_OK, 1);
    dv_clock_install(&later);
    lists_scene_publish(scene, 4);
    refuses(scene, "root", DV_TRUST_ROOT_EXPIRED);
}

int
main(void)
{
#define CASE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wrong_packages_are_refused_by_their_own_reason),
        CASE(what_is_sealed_to_another_is_not_for_us),
        CASE(damage_on_the_way_is_refused),
        CASE(a_release_that_is_not_there_is_absent),
        CASE(nothing_is_taken_under_a_root_that_has_expired),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
