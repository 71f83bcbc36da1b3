// SPDX-License-Identifier: Apache-2.0
/*
 * The power-cut test: records what two booths and the centre write while crossings are made, sent
 * and acknowledged, then cuts the power at many places of the recording: writes that were not
 * synced are dropped, kept in part or out of order, and the product's own code must open what is
 * left, with nothing lost that was said to be recorded and nothing doubled once all was sent again.
 *
 * Prints {recorded, at_centre, lost, doubled, kills, seed}: counts over all cuts, kills is the
 * number of cuts. --replay DIR --seed S repeats a run that --keep DIR kept (a failed run keeps its
 * folder). --expect-loss is for builds that acknowledge before fsync: both the booths' and the
 * centre's broken promise must be found.
 */
#include "disk.h"
#include "judge.h"
#include "strikes.h"

#include <darvaza/file.h>
#include <darvaza/pki.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static gint cut_count, crossing_count;
static gint64 seed = -1;
static gboolean expect_loss;
static char *keep_dir, *replay_dir, *work_dir;

static const GOptionEntry options[] = {
    {"cuts", 0, 0, G_OPTION_ARG_INT, &cut_count, "number of power cuts", "N"},
    {"crossings", 0, 0, G_OPTION_ARG_INT, &crossing_count, "crossings in the recorded run", "N"},
    {"seed", 0, 0, G_OPTION_ARG_INT64, &seed, "of all chance here", "S"},
    {"expect-loss", 0, 0, G_OPTION_ARG_NONE, &expect_loss, "fail unless losses are found", NULL},
    {"keep", 0, 0, G_OPTION_ARG_FILENAME, &keep_dir, "work in this folder and keep it", "DIR"},
    {"work", 0, 0, G_OPTION_ARG_FILENAME, &work_dir, "work in this folder, kept on failure", "DIR"},
    {"replay", 0, 0, G_OPTION_ARG_FILENAME, &replay_dir, "cut a kept recording", "DIR"},
    {NULL, 0, 0, 0, NULL, NULL, NULL},
};

static void
make_dir(const char *parent, const char *name)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *path = g_build_filename(parent, name, NULL);

    if (!dv_file_make_dir(path, 0700, &error))
        g_error("%s", error->message);
}

/* ---- one cut */

/* The wal-index is rebuilt after a crash whatever stands in it. */
static void
leave_shared_memory(const char *dir, const char *name, GRand *chance)
{
    g_autofree char *path = g_strdup_printf("%s/%s-shm", dir, name);
    guint32 junk[8192];

    if (g_rand_boolean(chance))
        return;
    for (gsize i = 0; i < G_N_ELEMENTS(junk); i++)
        junk[i] = g_rand_int(chance);
    g_file_set_contents_full(path, (const char *)junk, sizeof junk, G_FILE_SET_CONTENTS_NONE, 0600,
                             NULL);
}

static void
strike(const Disk *disk, const World *world, const Cut *cut, const char *scratch,
       Judgement *judgement)
{
    g_autoptr(GRand) chance = g_rand_new_with_seed(cut->seed);
    g_autofree char *dir = g_build_filename(scratch, "cut", NULL);
    g_autoptr(GString) how = g_string_new(NULL);
    guint64 before = judgement->troubles + judgement->lost + judgement->doubled;

    for (guint m = 0; m < MACHINES; m++) {
        g_autofree char *target = g_build_filename(dir, machine_names[m], NULL);
        gboolean dark = (cut->machines & 1u << m) != 0;
        DiskMode mode =
            dark ? (DiskMode)g_rand_int_range(chance, DISK_NOTHING, DISK_MODES) : DISK_RUNNING;
        make_dir(dir, machine_names[m]);
        disk_cut(disk, machine_names[m], mode, chance, target);
        if (dark)
            leave_shared_memory(target, m < RUN_KIOSKS ? "outbox.db" : "store.db", chance);
        g_string_append_printf(how, " %s: %s;", machine_names[m], disk_mode_word(mode));
    }
    judge(world, dir, cut->at, judgement);
    if (judgement->troubles + judgement->lost + judgement->doubled > before &&
        judgement->words->len < 8000)
        g_string_append_printf(judgement->words,
                               "cut at %" G_GINT64_FORMAT " (%s ) broke promises\n", cut->at,
                               how->str);
    dv_test_remove_tree(dir);
}

static void
strike_all(const Iolog *log, const World *world, GArray *cuts, const char *scratch,
           Strikes *strikes, Judgement *judgement)
{
    g_autoptr(Disk) disk = disk_new();
    gint64 fed = 0;

    for (guint i = 0; i < cuts->len; i++) {
        const Cut *cut = &g_array_index(cuts, Cut, i);
        for (; fed < cut->at; fed++) {
            disk_feed(disk, iolog_at(log, (gsize)fed), fed);
            strikes_feed(strikes, iolog_at(log, (gsize)fed));
        }
        strikes_note(strikes, cut->machines);
        strike(disk, world, cut, scratch, judgement);
        if (cuts->len >= 500 && (i + 1) % 250 == 0)
            fprintf(stderr, "%u of %u cuts\n", i + 1, cuts->len);
    }
}

/* ---- the whole */

static DvTestKeys *
record_run(const char *dir, const char *recording)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *pki = g_build_filename(dir, "pki", NULL);
    g_autofree char *root = g_build_filename(dir, "run", NULL);

    if (!dv_pki_init(pki, run_kiosks, &error))
        g_error("%s", error->message);
    DvTestKeys *keys = dv_test_keys_load(pki);
    for (guint m = 0; m < MACHINES; m++)
        make_dir(root, machine_names[m]);
    iolog_start(root, recording);
    run_recorded(keys, root, (guint)crossing_count, (guint32)seed);
    iolog_stop();
    return keys;
}

static int
verdict(const Judgement *judgement, const Strikes *strikes, guint cuts)
{
    guint missed = 0;
    g_autofree char *states = strikes_json(strikes, &missed);
    gboolean broken = judgement->lost + judgement->doubled + judgement->troubles > 0 ||
                      judgement->recorded != judgement->at_centre;

    printf("{\"recorded\": %" G_GUINT64_FORMAT ", \"at_centre\": %" G_GUINT64_FORMAT
           ", \"lost\": %" G_GUINT64_FORMAT ", \"doubled\": %" G_GUINT64_FORMAT
           ", \"kills\": %u, \"seed\": %" G_GINT64_FORMAT "}\n{\"struck\": %s}\n",
           judgement->recorded, judgement->at_centre, judgement->lost, judgement->doubled, cuts,
           seed, states);
    if (!expect_loss)
        fprintf(stderr, "%s", judgement->words->str);
    if (missed > 0)
        fprintf(stderr, "%u states were never struck\n", missed);
    if (!expect_loss)
        return broken || missed > 0 || judgement->recorded == 0;
    fprintf(stderr,
            "sabotage: %" G_GUINT64_FORMAT " lost after a receipt, %" G_GUINT64_FORMAT
            " lost in all\n",
            judgement->lost_centre, judgement->lost);
    return judgement->lost_centre == 0 || judgement->lost == judgement->lost_centre || missed > 0;
}

static char *
working_folder(void)
{
    const char *given = replay_dir != NULL ? replay_dir : keep_dir;
    g_autofree char *dir = NULL;

    if (given == NULL && work_dir != NULL) {
        dv_test_remove_tree(work_dir); /* of a former failure */
        given = work_dir;
    }
    if (given == NULL)
        dir = g_dir_make_tmp("dv-power-XXXXXX", NULL);
    else if (g_mkdir_with_parents(given, 0700) == 0)
        dir = g_strdup(given);
    char *real = dir != NULL ? realpath(dir, NULL) : NULL;
    if (real == NULL)
        g_error("cannot make a working folder");
    return real;
}

static void
take_options(int argc, char **argv)
{
    g_autoptr(GOptionContext) context = g_option_context_new("- cut the power");
    g_autoptr(GError) error = NULL;
    gboolean full = g_strcmp0(g_getenv("DARVAZA_FULL"), "1") == 0;

    g_option_context_add_main_entries(context, options, NULL);
    if (!g_option_context_parse(context, &argc, &argv, &error) || argc > 1) {
        fprintf(stderr, "%s\n", error != NULL ? error->message : "no arguments are taken");
        exit(2);
    }
    if (cut_count <= 0)
        cut_count = full ? 3000 : 300;
    if (crossing_count <= 0)
        crossing_count = full ? 240 : 64;
    if (seed < 0)
        seed = g_random_int();
}

/* A sabotaged build finds its losses by itself and says so hundreds of times. */
static GLogWriterOutput
say_nothing(GLogLevelFlags level, const GLogField *fields, gsize n, gpointer data)
{
    (void)level;
    (void)fields;
    (void)n;
    (void)data;
    return G_LOG_WRITER_HANDLED;
}

int
main(int argc, char **argv)
{
    take_options(argc, argv);
    if (expect_loss)
        g_log_set_writer_func(say_nothing, NULL, NULL);
    g_autofree char *dir = working_folder();
    g_autofree char *recording = g_build_filename(dir, "recording", NULL);
    g_autofree char *pki = g_build_filename(dir, "pki", NULL);
    gboolean memory = g_file_test("/dev/shm", G_FILE_TEST_IS_DIR);
    g_autofree char *scratch =
        g_build_filename(memory ? "/dev/shm" : g_get_tmp_dir(), "dv-cuts-XXXXXX", NULL);
    DvTestKeys *keys = replay_dir != NULL ? dv_test_keys_load(pki) : record_run(dir, recording);

    if (g_mkdtemp(scratch) == NULL)
        g_error("cannot make a folder in memory");
    Iolog *log = iolog_read(recording);
    World *world = world_new(log, keys);
    g_autoptr(GRand) chance = g_rand_new_with_seed((guint32)seed);
    g_autoptr(GArray) cuts = strikes_plan(log, (guint)cut_count, chance);
    Strikes *strikes = strikes_new();
    Judgement judgement = {.words = g_string_new(NULL)};
    strike_all(log, world, cuts, scratch, strikes, &judgement);
    int result = verdict(&judgement, strikes, cuts->len);

    dv_test_remove_tree(scratch);
    if (result != 0)
        fprintf(stderr, "kept: --replay %s --seed %" G_GINT64_FORMAT " --cuts %d\n", dir, seed,
                cut_count);
    else if (keep_dir == NULL && replay_dir == NULL)
        dv_test_remove_tree(dir);
    g_string_free(judgement.words, TRUE);
    strikes_free(strikes);
    world_free(world);
    iolog_free(log);
    dv_test_keys_free(keys);
    return result;
}
