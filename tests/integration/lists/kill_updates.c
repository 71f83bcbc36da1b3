// SPDX-License-Identifier: Apache-2.0
/*
 * Kills darvaza-lists by SIGKILL at every state and at random instants of an update. After each
 * kill the set in force must be the one before or the new one, whole: every list read row by row
 * and its state hash one that was published, all lists of one release. In the end the update
 * completes.
 *
 * A booth has the set open all the time and is asked after each kill: its answer is determined and
 * of the release in force, its lists and all.
 *
 * Prints {kills, old, new, completed, answers, releases, seed} and what was struck.
 * usage: kill_updates [--kills N] [--seed S]
 */
#include "kiosk.h"

#include <darvaza/clock.h>
#include <darvaza/watchlist.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#define PUSH 40
#define FULL 1000
#define DOCS 2000
#define PEOPLE 200

/* Each must have been the last point passed by a process that was killed. */
static const char *const points[] = {
    "lists.timestamp", "lists.root",         "lists.manifest",  "lists.plan",
    "lists.download",  "lists.chunk",        "lists.verify",    "lists.stage",
    "lists.decoded",   "lists.selftest",     "lists.swap",      "lists.before_rename",
    "lists.confirm",   "lists.after_rename", "lists.confirmed", "lists.idle",
};
#define POINTS G_N_ELEMENTS(points)

static gint kills = 0;
static gint64 seed = -1;
static const GOptionEntry options[] = {
    {"kills", 0, 0, G_OPTION_ARG_INT, &kills, "number of kills", "N"},
    {"seed", 0, 0, G_OPTION_ARG_INT64, &seed, "of all chance here", "S"},
    {NULL, 0, 0, 0, NULL, NULL, NULL},
};

typedef struct {
    ListsKiosk *kiosk;
    GRand *chance;
    gint64 newest, in_force;
    gint64 usual_us; /* how long a whole update takes */
    guint struck[POINTS];
    guint old, fresh, completed, done;
    DvWatchlist *reader; /* a booth that has the set open all the time */
    guint answers;
} Run;

static void
publish(Run *run)
{
    const ListRepoRelease what = {
        .changes = (guint)g_rand_int_range(run->chance, 0, 60),
        .add_only = g_rand_boolean(run->chance),
        .with_full = g_rand_int_range(run->chance, 0, 4) == 0,
    };
    if (g_rand_int_range(run->chance, 0, 3) == 0)
        list_repo_new_root(run->kiosk->repo);
    run->newest = list_repo_publish(run->kiosk->repo, &what);
}

static void
note_struck(Run *run)
{
    g_autofree char *text = NULL;

    if (!g_file_get_contents(run->kiosk->fault_state, &text, NULL, NULL))
        return;
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    for (guint i = 0; lines[i] != NULL; i++)
        for (guint p = 0; p < POINTS; p++)
            run->struck[p] += g_str_equal(g_strstrip(lines[i]), points[p]) ? 1 : 0;
}

/* The booth's own view, after each blow: determined, and all lists of the release in force. */
static void
ask(Run *run)
{
    const DvWatchlistSubject subject = {.document_number = "D9999999", .issuing_state = "UTO"};
    g_autoptr(DvWatchlistAnswer) answer =
        dv_watchlist_check(run->reader, &subject, dv_clock_wall_us());

    if (!answer->determined || answer->release != run->in_force)
        g_error("a booth that had the set open: release %" G_GINT64_FORMAT
                " instead of %" G_GINT64_FORMAT ": %s",
                answer->release, run->in_force, answer->undetermined_because);
    for (guint i = 0; i < answer->lists->len; i++) {
        const DvWatchlistList *list = g_ptr_array_index(answer->lists, i);
        if (list->version != answer->release)
            g_error("a booth that had the set open: MIXED lists");
    }
    run->answers++;
}

static void
judge(Run *run)
{
    gint64 before = run->in_force;

    run->in_force = lists_kiosk_judge(run->kiosk);
    if (run->in_force != before && run->in_force != run->newest)
        g_error("release %" G_GINT64_FORMAT " is neither the old one nor the new one",
                run->in_force);
    run->old += run->in_force == before;
    run->fresh += run->in_force != before;
    ask(run);
}

/* TRUE: it was killed, not done before that. */
static gboolean
was_killed(GPid pid)
{
    int status = lists_kiosk_wait(pid);
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL)
        return TRUE;
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        g_error("darvaza-lists ended with %d", status);
    return FALSE;
}

static gboolean
aimed_kill(Run *run, guint point, guint pass)
{
    g_autofree char *aim = g_strdup_printf("DARVAZA_FAULT_KILL=%s:%u", points[point], pass);
    return was_killed(lists_kiosk_import(run->kiosk, aim));
}

static gboolean
random_kill(Run *run)
{
    GPid pid = lists_kiosk_import(run->kiosk, NULL);
    g_usleep((gulong)(g_rand_double(run->chance) * (double)run->usual_us));
    kill(pid, SIGKILL);
    return was_killed(pid);
}

static void
complete(Run *run)
{
    if (was_killed(lists_kiosk_import(run->kiosk, NULL)))
        g_error("nobody killed it");
    run->in_force = lists_kiosk_judge(run->kiosk);
    if (run->in_force != run->newest)
        g_error("the update did not complete: %" G_GINT64_FORMAT " instead of %" G_GINT64_FORMAT,
                run->in_force, run->newest);
    run->completed++;
}

/* The point that was struck least, so that all get their turn. */
static guint
next_aim(const Run *run)
{
    guint least = (guint)g_rand_int_range(run->chance, 0, POINTS);
    for (guint p = 0; p < POINTS; p++)
        if (run->struck[p] < run->struck[least])
            least = p;
    return least;
}

static void
one_blow(Run *run)
{
    gboolean aimed = g_rand_int_range(run->chance, 0, 2) == 0;

    if (run->in_force == run->newest)
        publish(run);
    gboolean hit = aimed
                       ? aimed_kill(run, next_aim(run), (guint)g_rand_int_range(run->chance, 1, 3))
                       : random_kill(run);
    if (hit) {
        run->done++;
        note_struck(run);
    }
    judge(run);
    if (g_rand_int_range(run->chance, 0, 3) == 0)
        complete(run);
}

static guint
missed(const Run *run)
{
    guint count = 0;
    for (guint p = 0; p < POINTS; p++)
        count += run->struck[p] == 0;
    return count;
}

static void
strike(Run *run)
{
    gint64 from = g_get_monotonic_time();

    complete(run);
    run->reader = dv_watchlist_open(run->kiosk->folder, FALSE, NULL);
    run->usual_us = (g_get_monotonic_time() - from) * 5 / 4;
    /* Some points come only now and then (a new root); a bound ends what never comes. */
    for (guint blows = 0; (run->done < (guint)kills || missed(run) > 0) && blows < 20000; blows++) {
        one_blow(run);
        if (kills >= 200 && blows % 200 == 199)
            fprintf(stderr, "%u kills\n", run->done);
    }
    if (run->in_force != run->newest)
        complete(run);
}

int
main(int argc, char **argv)
{
    g_autoptr(GOptionContext) context = g_option_context_new("- kill updates");
    g_autoptr(GError) error = NULL;

    g_option_context_add_main_entries(context, options, NULL);
    if (!g_option_context_parse(context, &argc, &argv, &error))
        g_error("%s", error->message);
    if (kills <= 0)
        kills = g_strcmp0(g_getenv("DARVAZA_FULL"), "1") == 0 ? FULL : PUSH;
    if (seed < 0)
        seed = g_random_int();
    printf("seed %" G_GINT64_FORMAT "\n", seed);
    fflush(stdout);
    Run run = {.chance = g_rand_new_with_seed((guint32)seed), .newest = 1};
    run.kiosk = lists_kiosk_new(DOCS, PEOPLE, "");
    strike(&run);
    printf("{\"kills\": %u, \"old\": %u, \"new\": %u, \"mixed\": 0, \"completed\": %u, "
           "\"answers\": %u, \"releases\": %" G_GINT64_FORMAT ", \"seed\": %" G_GINT64_FORMAT
           "}\n{\"struck\": {",
           run.done, run.old, run.fresh, run.completed, run.answers, run.newest, seed);
    for (guint p = 0; p < POINTS; p++)
        printf("%s\"%s\": %u", p > 0 ? ", " : "", points[p], run.struck[p]);
    printf("}}\n");
    guint never = missed(&run);
    if (never > 0)
        fprintf(stderr, "%u states were never struck\n", never);
    dv_watchlist_free(run.reader);
    lists_kiosk_free(run.kiosk);
    g_rand_free(run.chance);
    return never > 0 ? 1 : 0;
}
