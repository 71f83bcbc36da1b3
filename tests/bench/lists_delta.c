// SPDX-License-Identifier: Apache-2.0
/*
 * A delta on a large set: how long from the signed packages to the set in force (fetched from a
 * folder, verified, decoded, proven, self-tested, swapped), and how long checks take meanwhile,
 * from a thread that asks without end. The peer is the physical limit of doing it by replacement:
 * copying the base files, with fsync.
 *
 * usage: lists_delta [--docs N] [--persons M] [--changes C] [--full]
 */
#include "lists_scene.h"

#include <darvaza/clock.h>
#include <darvaza/watchlist.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define BLOCK (1024 * 1024)

static gint docs = 5000000, persons = 100000, changes = 10000;
static gboolean full;
static const GOptionEntry options[] = {
    {"docs", 0, 0, G_OPTION_ARG_INT, &docs, "documents (5,000,000)", "N"},
    {"persons", 0, 0, G_OPTION_ARG_INT, &persons, "persons (100,000)", "M"},
    {"changes", 0, 0, G_OPTION_ARG_INT, &changes, "rows that go and come (10,000)", "C"},
    {"full", 0, 0, G_OPTION_ARG_NONE, &full, "138 million documents, 2 million persons", NULL},
    {NULL, 0, 0, 0, NULL, NULL, NULL},
};

/* ---- checks meanwhile */

typedef struct {
    const char *folder;
    atomic_bool ended;
    pthread_t thread;
    GArray *took_us; /* gint64 */
} Checker;

static void *
check_without_end(void *data)
{
    Checker *checker = data;
    g_autoptr(GError) error = NULL;
    g_autoptr(DvWatchlist) lists = dv_watchlist_open(checker->folder, FALSE, &error);
    g_autoptr(GRand) chance = g_rand_new_with_seed(1);

    if (lists == NULL)
        g_error("%s", error->message);
    while (!atomic_load(&checker->ended)) {
        g_autofree char *number =
            g_strdup_printf("D%07d", g_rand_int_range(chance, 0, docs + docs / 10 + 10));
        const DvWatchlistSubject subject = {
            .document_number = number, .issuing_state = "UTO", .document_type = "P"};
        gint64 from = dv_clock_mono_us();
        g_autoptr(DvWatchlistAnswer) answer =
            dv_watchlist_check(lists, &subject, dv_clock_wall_us());
        gint64 took = dv_clock_mono_us() - from;
        g_array_append_val(checker->took_us, took);
    }
    return NULL;
}

static int
by_size(gconstpointer a, gconstpointer b)
{
    gint64 first = *(const gint64 *)a, second = *(const gint64 *)b;
    return first < second ? -1 : first > second;
}

static gint64
share(const GArray *sorted, double part)
{
    guint at = (guint)((double)sorted->len * part);
    return g_array_index(sorted, gint64, MIN(at, sorted->len - 1));
}

/* ---- the peer */

static gint64
copy_file(const char *from, const char *to)
{
    int in = open(from, O_RDONLY | O_CLOEXEC);
    int out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    g_autofree char *block = g_malloc(BLOCK);
    gint64 size = 0;

    if (in < 0 || out < 0)
        g_error("cannot copy %s", from);
    for (gssize n; (n = read(in, block, BLOCK)) > 0; size += n)
        if (write(out, block, (gsize)n) != n)
            g_error("cannot write %s: %s", to, g_strerror(errno));
    if (fsync(out) != 0)
        g_error("cannot sync %s", to);
    close(in);
    close(out);
    unlink(to);
    return size;
}

static double
copy_bases(const ListsScene *scene, gint64 *bytes)
{
    static const char *const names[] = {"docs-1.dvlist", "people-1.dvlist"};
    gint64 from = dv_clock_mono_us();

    for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *base = g_build_filename(scene->dir, "plain", names[i], NULL);
        g_autofree char *copy = g_build_filename(scene->dir, "copy", NULL);
        *bytes += copy_file(base, copy);
    }
    return (double)(dv_clock_mono_us() - from) / G_USEC_PER_SEC;
}

/* ---- the run */

static double
install(ListsScene *scene)
{
    g_autoptr(GError) error = NULL;
    gint64 from = dv_clock_mono_us();

    if (lists_scene_run(scene, &error) != DV_TRUST_OK)
        g_error("%s", error->message);
    return (double)(dv_clock_mono_us() - from) / G_USEC_PER_SEC;
}

static double
install_while_checking(ListsScene *scene, Checker *checker)
{
    checker->folder = scene->folder;
    checker->took_us = g_array_new(FALSE, FALSE, sizeof(gint64));
    if (pthread_create(&checker->thread, NULL, check_without_end, checker) != 0)
        g_error("cannot start a thread");
    g_usleep(200000); /* it asks already */
    double seconds = install(scene);
    atomic_store(&checker->ended, TRUE);
    pthread_join(checker->thread, NULL);
    g_array_sort(checker->took_us, by_size);
    return seconds;
}

int
main(int argc, char **argv)
{
    g_autoptr(GOptionContext) context = g_option_context_new("- a delta on a large set");
    g_autoptr(GError) error = NULL;
    Checker checker = {.ended = FALSE};
    gint64 bytes = 0;

    g_option_context_add_main_entries(context, options, NULL);
    if (!g_option_context_parse(context, &argc, &argv, &error))
        g_error("%s", error->message);
    if (full) {
        docs = 138000000;
        persons = 2000000;
    }
    ListsScene *scene = lists_scene_new((guint)docs, (guint)persons);
    double whole = install(scene);
    /* In each of two lists so many rows go and as many come. */
    const ListRepoRelease what = {.changes = (guint)changes / 4};
    list_repo_publish(scene->repo, &what);
    double delta = install_while_checking(scene, &checker);
    double copy = copy_bases(scene, &bytes);
    printf("{\"docs\": %d, \"persons\": %d, \"changes\": %d, \"full_in_force_s\": %.2f, "
           "\"delta_in_force_s\": %.2f, \"delta_bytes\": %" G_GINT64_FORMAT
           ", \"checks_meanwhile\": %u, \"check_p50_us\": %" G_GINT64_FORMAT
           ", \"check_p99_us\": %" G_GINT64_FORMAT ", \"check_max_us\": %" G_GINT64_FORMAT
           ", \"peer_copy_s\": %.2f, \"base_bytes\": %" G_GINT64_FORMAT
           ", \"delta_to_copy\": %.2f}\n",
           docs, persons, changes, whole, delta, list_repo_delta_bytes(scene->repo),
           checker.took_us->len, share(checker.took_us, 0.5), share(checker.took_us, 0.99),
           share(checker.took_us, 1.0), copy, bytes, delta / copy);
    gboolean good = delta <= 10.0 && share(checker.took_us, 0.99) <= 10000;
    g_array_unref(checker.took_us);
    lists_scene_free(scene);
    return good ? 0 : 1;
}
