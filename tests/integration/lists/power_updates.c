// SPDX-License-Identifier: Apache-2.0
/*
 * Power cuts during updates of the lists: what darvaza-lists' own code does to the list folder is
 * recorded (tests/integration/power), the power is cut at many places of the recording, and what is
 * left must be one whole published set, not older than the last one confirmed before the cut; the
 * next run then completes.
 *
 * Prints {cuts, mixed, old, completed, seed}. --cuts N, --seed S. --forget-layers leaves the fsyncs
 * of layers out of the recording, as if the program had none: then sets must be seen to be mixed.
 */
#include "disk.h"
#include "keys.h"
#include "run_once.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PUSH 60
#define FULL 200
#define RELEASES 6
#define KIOSK "KSK-1"
#define RUNS_MAX 4 /* to the end, after a cut */

/* Everything that is recorded lies in one of these. */
static const char *const folders[] = {KIOSK, KIOSK "/layers", KIOSK "/download", KIOSK "/trust",
                                      KIOSK "/stage"};

static gint cuts = 0;
static gint64 seed = -1;
static gboolean forget_layers = FALSE;
static const GOptionEntry options[] = {
    {"cuts", 0, 0, G_OPTION_ARG_INT, &cuts, "number of power cuts", "N"},
    {"seed", 0, 0, G_OPTION_ARG_INT64, &seed, "of all chance here", "S"},
    {"forget-layers", 0, 0, G_OPTION_ARG_NONE, &forget_layers, "as if no layer were synced", NULL},
    {NULL, 0, 0, 0, NULL, NULL, NULL},
};

/* Takes the place of the product's own, which knows no recording (linked with --wrap). */
void __wrap_dv_fault_point(const char *name);
void
__wrap_dv_fault_point(const char *name)
{
    iolog_mark("point %s", name);
}

static void
make_folders(const char *root)
{
    for (gsize i = 0; i < G_N_ELEMENTS(folders); i++) {
        g_autofree char *path = g_build_filename(root, folders[i], NULL);
        if (g_mkdir_with_parents(path, 0700) != 0)
            g_error("cannot make %s", path);
    }
    g_autofree char *link = g_build_filename(root, KIOSK, "stage", "layers", NULL);
    if (symlink("../layers", link) != 0)
        g_error("cannot make a link");
}

static void
record(const ListsKiosk *kiosk, const char *root, const char *log, GRand *chance)
{
    g_autofree char *folder = g_build_filename(root, KIOSK, NULL);

    iolog_start(root, log);
    for (gint64 release = 1; release <= RELEASES; release++) {
        g_autoptr(GError) error = NULL;
        const ListRepoRelease what = {.changes = (guint)g_rand_int_range(chance, 0, 80),
                                      .with_full = release % 3 == 0};
        if (release > 1)
            list_repo_publish(kiosk->repo, &what);
        iolog_mark("start %" G_GINT64_FORMAT, release);
        if (run_once(kiosk, folder, &error) != DV_TRUST_OK)
            g_error("%s", error->message);
        iolog_mark("done %" G_GINT64_FORMAT, release);
    }
    iolog_stop();
}

/* ---- cutting */

/* What was begun and what was done before an entry of the recording. */
typedef struct {
    gint64 started, done;
    gboolean near_swap; /* between the last preparations and the end of the update */
} Moment;

static void
feed_mark(Moment *moment, const IologEntry *entry)
{
    if (entry->kind != IOLOG_MARK)
        return;
    const char *text = iolog_data(entry);
    if (g_str_has_prefix(text, "start "))
        moment->started = g_ascii_strtoll(text + strlen("start "), NULL, 10);
    else if (g_str_has_prefix(text, "done "))
        moment->done = g_ascii_strtoll(text + strlen("done "), NULL, 10);
    if (strstr(text, "lists.decoded") != NULL || strstr(text, "lists.before_rename") != NULL)
        moment->near_swap = TRUE;
    if (g_str_has_prefix(text, "start "))
        moment->near_swap = FALSE;
}

/* Every second cut falls where it hurts most. */
static GArray *
plan(const Iolog *log, GRand *chance)
{
    g_autoptr(GArray) near_swap = g_array_new(FALSE, FALSE, sizeof(gint64));
    GArray *places = g_array_new(FALSE, FALSE, sizeof(gint64));
    Moment moment = {0};

    for (gsize at = 0; at < log->entries->len; at++) {
        gint64 place = (gint64)at;
        feed_mark(&moment, iolog_at(log, at));
        if (moment.near_swap)
            g_array_append_val(near_swap, place);
    }
    for (gint i = 0; i < cuts; i++) {
        gint64 place = i % 2 == 0
                           ? g_rand_int_range(chance, 0, (gint32)log->entries->len + 1)
                           : g_array_index(near_swap, gint64,
                                           g_rand_int_range(chance, 0, (gint32)near_swap->len));
        g_array_append_val(places, place);
    }
    return places;
}

typedef struct {
    guint mixed, old, completed;
} Count;

static void
say_mixed(Count *count, gint64 at, DiskMode mode, const char *what)
{
    count->mixed++;
    if (count->mixed <= 10)
        fprintf(stderr, "cut at %" G_GINT64_FORMAT " (%s): %s\n", at, disk_mode_word(mode), what);
}

static void
judge(const ListsKiosk *kiosk, const char *folder, const Moment *moment, gint64 at, DiskMode mode,
      Count *count)
{
    g_autoptr(GError) error = NULL;
    gint64 release = 0;

    if (!list_repo_judge(kiosk->repo, folder, &release, &error)) {
        say_mixed(count, at, mode, error->message);
        return;
    }
    if (release < moment->done || release > moment->started) {
        say_mixed(count, at, mode, "another release is in force than the old or the new one");
        return;
    }
    count->old += release < moment->started;
    /* A package of which the cut left something else is thrown away by one run and fetched by the
     * next, which is why there may be several. */
    for (guint i = 0; i < RUNS_MAX && run_once(kiosk, folder, NULL) != DV_TRUST_OK; i++)
        ;
    if (!list_repo_judge(kiosk->repo, folder, &release, &error) || release != RELEASES) {
        say_mixed(count, at, mode, error != NULL ? error->message : "it does not complete");
        return;
    }
    count->completed++;
}

static void
cut(const ListsKiosk *kiosk, const Disk *disk, const Moment *moment, gint64 at, GRand *chance,
    Count *count)
{
    g_autofree char *scratch = g_build_filename(kiosk->dir, "cut", NULL);
    g_autofree char *folder = g_build_filename(scratch, KIOSK, NULL);
    DiskMode mode = (DiskMode)g_rand_int_range(chance, DISK_NOTHING, DISK_MODES);

    make_folders(scratch);
    for (gsize i = 0; i < G_N_ELEMENTS(folders); i++) {
        g_autofree char *target = g_build_filename(scratch, folders[i], NULL);
        disk_cut(disk, folders[i], mode, chance, target);
    }
    judge(kiosk, folder, moment, at, mode, count);
    dv_test_remove_tree(scratch);
}

static int
by_place(gconstpointer a, gconstpointer b)
{
    gint64 first = *(const gint64 *)a, second = *(const gint64 *)b;
    return first < second ? -1 : first > second;
}

/* A sync of a layer, by its file's number; the files below layers/ are noted in layers. */
static gboolean
is_layer_sync(GHashTable *layers, const IologEntry *entry)
{
    gpointer file = GSIZE_TO_POINTER((gsize)entry->file);

    if (entry->kind == IOLOG_CREATE && strstr(iolog_data(entry), "/layers/") != NULL)
        g_hash_table_add(layers, file);
    return (entry->kind == IOLOG_SYNC_BEGIN || entry->kind == IOLOG_SYNC_END) &&
           g_hash_table_contains(layers, file);
}

static Count
cut_all(const ListsKiosk *kiosk, const Iolog *log, GRand *chance)
{
    g_autoptr(GArray) places = plan(log, chance);
    g_autoptr(Disk) disk = disk_new();
    g_autoptr(GHashTable) layers = g_hash_table_new(NULL, NULL);
    Moment moment = {0};
    Count count = {0};
    gint64 fed = 0;

    g_array_sort(places, by_place);
    for (guint i = 0; i < places->len; i++) {
        gint64 at = g_array_index(places, gint64, i);
        for (; fed < at; fed++) {
            gboolean layer_sync = is_layer_sync(layers, iolog_at(log, (gsize)fed));
            if (!forget_layers || !layer_sync)
                disk_feed(disk, iolog_at(log, (gsize)fed), fed);
            feed_mark(&moment, iolog_at(log, (gsize)fed));
        }
        cut(kiosk, disk, &moment, at, chance, &count);
    }
    return count;
}

static GLogWriterOutput
say_nothing(GLogLevelFlags level, const GLogField *fields, gsize n, gpointer data)
{
    (void)data;
    return (level & G_LOG_FLAG_FATAL) != 0 ? g_log_writer_default(level, fields, n, NULL)
                                           : G_LOG_WRITER_HANDLED;
}

int
main(int argc, char **argv)
{
    g_autoptr(GOptionContext) context = g_option_context_new("- cut the power during updates");
    g_autoptr(GError) error = NULL;

    g_option_context_add_main_entries(context, options, NULL);
    if (!g_option_context_parse(context, &argc, &argv, &error))
        g_error("%s", error->message);
    if (cuts <= 0)
        cuts = g_strcmp0(g_getenv("DARVAZA_FULL"), "1") == 0 ? FULL : PUSH;
    if (seed < 0)
        seed = g_random_int();
    printf("seed %" G_GINT64_FORMAT "\n", seed);
    fflush(stdout);
    g_log_set_writer_func(say_nothing, NULL, NULL);
    g_autoptr(GRand) chance = g_rand_new_with_seed((guint32)seed);
    ListsKiosk *kiosk = lists_kiosk_new(400, 40, "");
    g_autofree char *made = g_build_filename(kiosk->dir, "run", NULL);
    g_autofree char *recording = g_build_filename(kiosk->dir, "recording", NULL);
    make_folders(made);
    char *root = realpath(made, NULL);
    record(kiosk, root, recording, chance);
    Iolog *log = iolog_read(recording);
    Count count = cut_all(kiosk, log, chance);
    printf("{\"cuts\": %d, \"mixed\": %u, \"old\": %u, \"completed\": %u, \"entries\": %u, "
           "\"seed\": %" G_GINT64_FORMAT "}\n",
           cuts, count.mixed, count.old, count.completed, log->entries->len, seed);
    iolog_free(log);
    lists_kiosk_free(kiosk);
    free(root);
    return count.mixed == 0 && count.completed == (guint)cuts ? 0 : 1;
}
