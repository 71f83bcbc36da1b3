// SPDX-License-Identifier: Apache-2.0
#include "persons.h"

#include <darvaza/clock.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#define ALIAS_SHARE 0.4
#define SCORES 1001

typedef struct {
    const PersonsOptions *options;
    People *people;
    sqlite3 *db;
    PersonIndex *index;
    char *path;
    guint threshold;
    gint64 kept[VARIANTS][SCORES]; /* variants by the score with which their person was found */
    gint64 asked[VARIANTS];
    gint64 by_origin[ORIGINS][2];   /* asked with one change, and found */
    gint64 alarms[ORIGINS][SCORES]; /* clean travellers by the score of their best candidate */
    gint64 travellers[ORIGINS];
    gint64 same[ORIGINS]; /* of the alarms: names and date are those listed */
    GArray *times;        /* gint64, microseconds */
} Bench;

/* ---- the register */

void
bench_listed(const People *people, GRand *rand, Listed *listed)
{
    Asked own;

    people_draw(people, rand, -1, &listed->person);
    asked_init(&own, &listed->person);
    g_strlcpy(listed->birth_date, own.birth_date, sizeof listed->birth_date);
    double unsure = g_rand_double(rand);
    if (unsure < 0.01)
        listed->birth_date[0] = '\0';
    else if (unsure < 0.04)
        g_strlcpy(listed->birth_date + 4, "-XX-XX", sizeof listed->birth_date - 4);
    if (g_rand_double(rand) >= ALIAS_SHARE ||
        !variant_make(people, rand, &listed->person, VARIANT_ROMANISED, &listed->alias))
        listed->alias.surname[0] = '\0';
}

static void
add_person(PersonWriter *writer, const People *people, GRand *rand, gint64 number)
{
    g_autoptr(GError) error = NULL;
    Listed listed;

    bench_listed(people, rand, &listed);
    const Person *person = &listed.person;
    const PersonEntryName names[] = {
        {person->surname, person->given_names, FALSE},
        {listed.alias.surname, listed.alias.given_names, FALSE},
    };
    const char *dates[] = {listed.birth_date}, *nations[] = {person->nationality};
    const char sex[] = {person->sex, '\0'};
    PersonEntry entry = {names, listed.alias.surname[0] != '\0' ? 2 : 1, dates, 1, sex, nations, 1};
    if (!person_writer_add(writer, number, &entry, &error))
        g_error("%s", error->message);
}

static void
build(Bench *bench)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GRand) rand = g_rand_new_with_seed(bench->options->seed);
    g_autofree char *folder = g_path_get_dirname(bench->path);
    gint64 before = dv_clock_mono_us();
    sqlite3 *db = dv_sqlite_open(bench->path, DV_SQLITE_BUILD, &error);
    if (db == NULL || !dv_sqlite_exec(db, "PRAGMA page_size = 4096; BEGIN", &error))
        g_error("%s", error->message);
    PersonWriter *writer = person_writer_new(db, folder, &error);
    for (gint64 i = 0; writer && i < bench->options->persons; i++)
        add_person(writer, bench->people, rand, i);
    if (writer == NULL || !person_writer_finish(writer, &error) ||
        !dv_sqlite_exec(db, "COMMIT", &error))
        g_error("%s", error->message);
    person_writer_free(writer);
    sqlite3_close_v2(db);
    struct stat info;
    g_assert_true(stat(bench->path, &info) == 0);
    bench->db = dv_sqlite_open(bench->path, DV_SQLITE_READ_ONLY, &error);
    if (bench->db == NULL || !dv_sqlite_exec(bench->db,
                                             "PRAGMA mmap_size = 4294967296; BEGIN;"
                                             "SELECT count(*) FROM person_meta",
                                             &error))
        g_error("%s", error->message);
    bench->index = person_index_open(bench->db, &error);
    if (bench->index == NULL)
        g_error("%s", error->message);
    printf("{\"bench\":\"persons_build\",\"persons\":%" G_GINT64_FORMAT
           ",\"names\":%" G_GINT64_FORMAT ",\"ms\":%d,\"bytes\":%" G_GINT64_FORMAT
           ",\"bytes_a_person\":%.1f,\"real_names\":%s}\n",
           bench->options->persons, person_index_names(bench->index),
           (int)((dv_clock_mono_us() - before) / 1000), (gint64)info.st_size,
           (double)info.st_size / (double)bench->options->persons,
           people_are_real(bench->people) ? "true" : "false");
}

/* ---- asking */

/* Of this thread: others on the machine do not count. */
static gint64
cpu_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (gint64)now.tv_sec * G_USEC_PER_SEC + now.tv_nsec / 1000;
}

/* Best score of any candidate; *own: that of the alert asked for. */
static guint
ask(Bench *bench, const Asked *asked, guint threshold, gint64 alert, guint *own, gboolean *same)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GArray) found = g_array_new(FALSE, FALSE, sizeof(PersonCandidate));
    gboolean capped = FALSE;
    PersonQuery query;
    gint64 before = cpu_us();

    person_query_init(&query, asked->surname, asked->given_names, asked->birth_date, asked->sex,
                      asked->nationality);
    if (!person_query_weigh(&query, &bench->index, 1, &error) ||
        !person_index_find(bench->index, &query, threshold, found, &capped, &error))
        g_error("%s", error->message);
    gint64 took = cpu_us() - before;
    g_array_append_val(bench->times, took);
    *own = 0;
    for (guint i = 0; i < found->len; i++) {
        const PersonCandidate *candidate = &g_array_index(found, PersonCandidate, i);
        if (candidate->alert == alert)
            *own = candidate->score;
    }
    *same = found->len > 0 && g_array_index(found, PersonCandidate, 0).date_kind == DATE_SAME;
    return found->len > 0 ? g_array_index(found, PersonCandidate, 0).score : 0;
}

/* The register is drawn again from its seed and every n-th person asked for, in one variant each.
 */
static void
ask_variants(Bench *bench)
{
    g_autoptr(GRand) rand = g_rand_new_with_seed(bench->options->seed);
    g_autoptr(GRand) other = g_rand_new_with_seed(bench->options->seed ^ 0x5bd1e995u);
    gint64 every = MAX(bench->options->persons / bench->options->variants, 1);

    for (gint64 i = 0; i < bench->options->persons; i++) {
        Listed listed;
        Asked asked;
        bench_listed(bench->people, rand, &listed);
        const Person *person = &listed.person;
        if (strlen(listed.birth_date) != 10 || strchr(listed.birth_date, 'X') != NULL)
            continue;
        Variant first = (Variant)(i / every % VARIANTS);
        if (i % every != 0 && !(first == VARIANT_CUT && i % every < 200))
            continue;
        gboolean made = FALSE, same;
        for (int tries = 0; tries < 5 && !made; tries++)
            made = variant_make(bench->people, other, person, first, &asked);
        if (!made ||
            (first == VARIANT_CUT && bench->asked[first] > bench->options->variants / VARIANTS))
            continue;
        guint own;
        ask(bench, &asked, bench->threshold, i, &own, &same);
        bench->asked[first]++;
        bench->kept[first][own]++;
        if (first < VARIANT_TWO_TYPOS) {
            bench->by_origin[person->origin][0]++;
            bench->by_origin[person->origin][1] += own >= PERSON_THRESHOLD;
        }
    }
}

static void
ask_clean(Bench *bench)
{
    g_autoptr(GRand) rand = g_rand_new_with_seed(bench->options->seed + 77777u);

    for (gint64 i = 0; i < bench->options->clean; i++) {
        Person person;
        Asked asked;
        guint own;
        gboolean same;
        people_draw(bench->people, rand, (int)(i % ORIGINS), &person);
        asked_init(&asked, &person);
        guint score = ask(bench, &asked, bench->threshold, -1, &own, &same);
        bench->travellers[person.origin]++;
        bench->alarms[person.origin][score]++;
        if (score >= PERSON_THRESHOLD && same)
            bench->same[person.origin]++;
    }
}

/* Clean travellers of all the world that others made, where the file is there. */
static void
ask_negatives(Bench *bench)
{
    g_autofree char *path =
        g_build_filename(bench->options->names ? bench->options->names : "/nowhere",
                         "yente_validation_negatives_global.csv", NULL);
    g_autofree char *text = NULL;
    guint alarms = 0, count = 0;

    if (!g_file_get_contents(path, &text, NULL, NULL)) {
        printf("{\"bench\":\"persons_negatives\",\"skipped\":\"there is no file of them\"}\n");
        return;
    }
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    for (guint i = 1; lines[i] != NULL; i++) {
        g_auto(GStrv) fields = g_strsplit(lines[i], ",", -1);
        Asked asked = {.nationality = ""};
        gboolean same;
        guint own;
        if (g_strv_length(fields) != 8)
            continue;
        g_strlcpy(asked.surname, fields[0], sizeof asked.surname);
        g_strlcpy(asked.birth_date, fields[5], sizeof asked.birth_date);
        asked.sex[0] = fields[4][0] == 'm' ? 'M' : fields[4][0] == 'f' ? 'F' : '\0';
        alarms += ask(bench, &asked, bench->threshold, -1, &own, &same) >= PERSON_THRESHOLD;
        count++;
    }
    printf("{\"bench\":\"persons_negatives\",\"n\":%u,\"alarms\":%u}\n", count, alarms);
}

/* ---- printing */

static int
by_value(const void *a, const void *b)
{
    gint64 x = *(const gint64 *)a, y = *(const gint64 *)b;
    return (x > y) - (x < y);
}

static void
print_times(Bench *bench, const char *what)
{
    gint64 *times = (gint64 *)(void *)bench->times->data;
    guint count = bench->times->len;
    if (count == 0)
        return;
    qsort(times, count, sizeof *times, by_value);
    printf("{\"bench\":\"persons_cpu_time\",\"asked\":\"%s\",\"n\":%u,\"p50_us\":%d,\"p95_us\":%d,"
           "\"p99_us\":%d,\"max_us\":%d}\n",
           what, count, (int)times[count / 2], (int)times[count * 95 / 100],
           (int)times[count * 99 / 100], (int)times[count - 1]);
    g_array_set_size(bench->times, 0);
}

static gint64
at_least(const gint64 scores[SCORES], guint threshold)
{
    gint64 sum = 0;
    for (guint i = threshold; i < SCORES; i++)
        sum += scores[i];
    return sum;
}

static void
print_recall(const Bench *bench)
{
    for (int v = 0; v < VARIANTS; v++)
        if (bench->asked[v] > 0)
            printf("{\"bench\":\"persons_recall\",\"variant\":\"%s\",\"n\":%" G_GINT64_FORMAT
                   ",\"recall\":%.4f}\n",
                   variant_words[v], bench->asked[v],
                   (double)at_least(bench->kept[v], PERSON_THRESHOLD) / (double)bench->asked[v]);
}

static void
print_origins(const Bench *bench)
{
    for (int o = 0; o < ORIGINS; o++)
        printf("{\"bench\":\"persons_recall\",\"origin\":\"%s\",\"n\":%" G_GINT64_FORMAT
               ",\"recall\":%.4f}\n",
               origin_words[o], bench->by_origin[o][0],
               (double)bench->by_origin[o][1] / (double)MAX(bench->by_origin[o][0], 1));
}

static void
print_overall(const Bench *bench, int from, int to, const char *what)
{
    gint64 kept = 0, asked = 0;
    for (int v = from; v < to; v++) {
        kept += at_least(bench->kept[v], PERSON_THRESHOLD);
        asked += bench->asked[v];
    }
    printf("{\"bench\":\"persons_recall\",\"variant\":\"%s\",\"n\":%" G_GINT64_FORMAT
           ",\"recall\":%.4f}\n",
           what, asked, (double)kept / (double)MAX(asked, 1));
}

static void
print_alarms(const Bench *bench)
{
    gint64 all = 0, travellers = 0;
    for (int o = 0; o < ORIGINS; o++) {
        all += at_least(bench->alarms[o], PERSON_THRESHOLD);
        travellers += bench->travellers[o];
    }
    printf("{\"bench\":\"persons_false_alarms\",\"origin\":\"all\",\"n\":%" G_GINT64_FORMAT
           ",\"alarms\":%" G_GINT64_FORMAT ",\"rate\":%.5f}\n",
           travellers, all, (double)all / (double)MAX(travellers, 1));
    for (int o = 0; o < ORIGINS; o++) {
        gint64 alarms = at_least(bench->alarms[o], PERSON_THRESHOLD);
        double rate = (double)alarms / (double)MAX(bench->travellers[o], 1);
        printf("{\"bench\":\"persons_false_alarms\",\"origin\":\"%s\",\"n\":%" G_GINT64_FORMAT
               ",\"alarms\":%" G_GINT64_FORMAT ",\"same_date\":%" G_GINT64_FORMAT
               ",\"rate\":%.5f,\"of_overall\":%.2f}\n",
               origin_words[o], bench->travellers[o], alarms, bench->same[o], rate,
               rate / MAX((double)all / (double)MAX(travellers, 1), 1e-9));
    }
}

static void
print_curve(const Bench *bench)
{
    for (guint threshold = 500; threshold <= 900; threshold += 20) {
        gint64 kept = 0, asked = 0, alarms = 0, travellers = 0;
        for (int v = 0; v < VARIANT_TWO_TYPOS; v++) {
            kept += at_least(bench->kept[v], threshold);
            asked += bench->asked[v];
        }
        for (int o = 0; o < ORIGINS; o++) {
            alarms += at_least(bench->alarms[o], threshold);
            travellers += bench->travellers[o];
        }
        printf(
            "{\"bench\":\"persons_curve\",\"threshold\":%u,\"recall\":%.4f,\"false_alarms\":%.5f}"
            "\n",
            threshold, (double)kept / (double)MAX(asked, 1),
            (double)alarms / (double)MAX(travellers, 1));
    }
}

static void
ask_all(Bench *bench, guint threshold, const char *clean, const char *variants)
{
    memset(bench->kept, 0, sizeof bench->kept);
    memset(bench->asked, 0, sizeof bench->asked);
    memset(bench->alarms, 0, sizeof bench->alarms);
    memset(bench->travellers, 0, sizeof bench->travellers);
    bench->threshold = threshold;
    ask_clean(bench);
    print_times(bench, clean);
    ask_variants(bench);
    print_times(bench, variants);
}

void
bench_persons(const PersonsOptions *options)
{
    g_autofree Bench *bench = g_new0(Bench, 1);

    bench->options = options;
    bench->people = people_new(options->names);
    bench->path = g_build_filename(options->folder, "persons.sqlite", NULL);
    bench->times = g_array_new(FALSE, FALSE, sizeof(gint64));
    build(bench);
    ask_all(bench, PERSON_THRESHOLD, "clean", "variant");
    print_recall(bench);
    print_origins(bench);
    print_overall(bench, 0, VARIANT_TWO_TYPOS, "all with one change");
    print_overall(bench, VARIANT_TWO_TYPOS, VARIANTS, "all with two changes");
    print_alarms(bench);
    ask_negatives(bench);
    if (options->curve) {
        /* With a lower threshold more is compared, so that its times are apart. */
        ask_all(bench, 500, "clean at 500", "variant at 500");
        print_curve(bench);
    }
    bench_person_peers(options, bench->people);
    person_index_free(bench->index);
    sqlite3_close_v2(bench->db);
    people_free(bench->people);
    g_array_unref(bench->times);
    g_unlink(bench->path);
    g_free(bench->path);
}
