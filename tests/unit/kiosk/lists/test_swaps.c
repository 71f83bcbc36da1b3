// SPDX-License-Identifier: Apache-2.0
/* A booth goes on asking while one release after another comes into force: every answer is
 * determined and of one release, its lists and all, and never of an older one than before. */
#include "lists_scene.h"

#include <darvaza/clock.h>
#include <darvaza/watchlist.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define RELEASES 24
#define DOCS 300
#define PEOPLE 30

typedef struct {
    const char *folder;
    atomic_bool end;
    atomic_uint answers, releases; /* how many, and of how many different releases */
    char *trouble;                 /* the first; NULL: none */
} Reader;

/* In this repository a list's version is its release's number. */
static char *
judge(const DvWatchlistAnswer *answer, gint64 least)
{
    if (!answer->determined)
        return g_strdup(answer->undetermined_because);
    if (answer->release < least)
        return g_strdup("an older release came back");
    if (answer->lists->len != LIST_REPO_LISTS)
        return g_strdup("a list is missing");
    for (guint i = 0; i < answer->lists->len; i++) {
        const DvWatchlistList *list = g_ptr_array_index(answer->lists, i);
        if (list->version != answer->release)
            return g_strdup_printf("release %" G_GINT64_FORMAT " with a list of %" G_GINT64_FORMAT,
                                   answer->release, list->version);
    }
    for (guint i = 0; i < answer->hits->len; i++) {
        const DvWatchlistHit *hit = g_ptr_array_index(answer->hits, i);
        if (hit->list_version != answer->release)
            return g_strdup("a hit is of another release");
    }
    return answer->hits->len > 0 ? NULL : g_strdup("a listed number was not found");
}

static void *
read_on(void *data)
{
    Reader *reader = data;
    const char *number = "D0000299"; /* no release takes it away */
    const DvWatchlistSubject subject = {.document_number = number, .issuing_state = "UTO"};
    g_autoptr(DvWatchlist) lists = dv_watchlist_open(reader->folder, FALSE, NULL);
    gint64 newest = 0;

    while (!atomic_load(&reader->end) && reader->trouble == NULL) {
        g_autoptr(DvWatchlistAnswer) answer =
            dv_watchlist_check(lists, &subject, dv_clock_wall_us());
        reader->trouble = judge(answer, newest);
        if (answer->release != newest)
            atomic_fetch_add(&reader->releases, 1);
        newest = answer->release;
        atomic_fetch_add(&reader->answers, 1);
    }
    return NULL;
}

static void
a_booth_asks_while_sets_are_swapped(void **state)
{
    (void)state;
    ListsScene *scene = lists_scene_new(DOCS, PEOPLE);
    Reader reader = {.folder = scene->folder};
    pthread_t thread;

    scene->grace_us = 60 * G_USEC_PER_SEC; /* as it is shipped */
    lists_scene_restart(scene);
    lists_scene_expect(scene, DV_TRUST_OK, 1);
    g_assert_true(pthread_create(&thread, NULL, read_on, &reader) == 0);
    for (gint64 release = 2; release <= RELEASES; release++) {
        const ListRepoRelease what = {.changes = 5, .with_full = release % 5 == 0};
        list_repo_publish(scene->repo, &what);
        guint before = atomic_load(&reader.answers);
        lists_scene_expect(scene, DV_TRUST_OK, release);
        /* One answer at least of each: swapping must not outrun the reader. */
        while (atomic_load(&reader.answers) < before + 3 && reader.trouble == NULL)
            g_usleep(100);
    }
    atomic_store(&reader.end, TRUE);
    pthread_join(thread, NULL);
    print_message("%u answers of %u releases\n", atomic_load(&reader.answers),
                  atomic_load(&reader.releases));
    if (reader.trouble != NULL)
        fail_msg("%s", reader.trouble);
    assert_true(atomic_load(&reader.releases) > RELEASES / 2);
    lists_scene_free(scene);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_booth_asks_while_sets_are_swapped)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
