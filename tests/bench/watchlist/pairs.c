// SPDX-License-Identifier: Apache-2.0
/*
 * watchlist-pairs [FOLDER]: labelled pairs of names through the person index. The left names are
 * listed, the right ones asked for, both without a date; a pair is found when its own alert is
 * reported with at least the threshold. Recall by quality class, and precision, recall and F1 over
 * all.
 */
#include "person/person.h"
#include "shared_data.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    const char *listed, *asked, *label;
    gboolean same;
    gint64 alert;
    guint score;
} Pair;

static const guint thresholds[] = {300, 350, 400, 450, 500, 550, 600, 650, 700, 750, 800};

/* Takes the columns that the file has: ref name name label quality category, or number name type
 * name remarks, which are all the same person. */
static void
take_pairs(GArray *pairs, char **lines, gboolean labelled, GPtrArray *kept)
{
    for (guint i = 1; lines[0] != NULL && lines[i] != NULL; i++) {
        char **fields = g_strsplit(lines[i], "\t", -1);
        g_ptr_array_add(kept, fields);
        if (g_strv_length(fields) < 5)
            continue;
        Pair pair = {fields[1],
                     fields[labelled ? 2 : 3],
                     fields[labelled ? 4 : 2],
                     !labelled || strcmp(fields[3], "true") == 0,
                     0,
                     0};
        if (labelled && !pair.same)
            pair.label = "other person";
        else if (labelled && fields[5] != NULL && strcmp(fields[5], "un_original_script") == 0)
            pair.label = "original script";
        g_array_append_val(pairs, pair);
    }
}

static void
list_names(PersonWriter *writer, GArray *pairs)
{
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
    g_autoptr(GError) error = NULL;
    gint64 next = 1;

    for (guint i = 0; i < pairs->len; i++) {
        Pair *pair = &g_array_index(pairs, Pair, i);
        gint64 alert = (gint64)GPOINTER_TO_SIZE(g_hash_table_lookup(seen, pair->listed));
        if (alert == 0) {
            const PersonEntryName name = {pair->listed, NULL, FALSE};
            const PersonEntry entry = {.names = &name, .name_count = 1};
            alert = next++;
            g_hash_table_insert(seen, (gpointer)pair->listed, GSIZE_TO_POINTER((gsize)alert));
            if (!person_writer_add(writer, alert, &entry, &error))
                g_error("%s", error->message);
        }
        pair->alert = alert;
    }
    if (!person_writer_finish(writer, &error))
        g_error("%s", error->message);
}

static void
score_pairs(PersonIndex *index, GArray *pairs)
{
    g_autoptr(GError) error = NULL;

    for (guint i = 0; i < pairs->len; i++) {
        Pair *pair = &g_array_index(pairs, Pair, i);
        g_autoptr(GArray) found = g_array_new(FALSE, FALSE, sizeof(PersonCandidate));
        gboolean capped = FALSE;
        PersonQuery query;
        if (!person_query_init(&query, pair->asked, NULL, NULL, NULL, NULL))
            continue;
        if (!person_query_weigh(&query, &index, 1, &error) ||
            !person_index_find(index, &query, 0, found, &capped, &error))
            g_error("%s", error->message);
        for (guint k = 0; k < found->len; k++) {
            const PersonCandidate *candidate = &g_array_index(found, PersonCandidate, k);
            if (candidate->alert == pair->alert)
                pair->score = candidate->score;
        }
    }
}

static void
print_classes(const char *file, const GArray *pairs)
{
    g_autoptr(GHashTable) done = g_hash_table_new(g_str_hash, g_str_equal);

    for (guint i = 0; i < pairs->len; i++) {
        const char *label = g_array_index(pairs, Pair, i).label;
        if (!g_hash_table_add(done, (gpointer)label))
            continue;
        for (gsize t = 0; t < G_N_ELEMENTS(thresholds); t++) {
            guint count = 0, found = 0;
            for (guint k = 0; k < pairs->len; k++) {
                const Pair *pair = &g_array_index(pairs, Pair, k);
                gboolean here = strcmp(pair->label, label) == 0;
                count += here ? 1 : 0;
                found += here && pair->score >= thresholds[t] ? 1 : 0;
            }
            printf("{\"bench\":\"pairs\",\"file\":\"%s\",\"class\":\"%s\",\"n\":%u,"
                   "\"threshold\":%u,\"found\":%.3f}\n",
                   file, label, count, thresholds[t], (double)found / MAX(count, 1u));
        }
    }
}

/* Pairs of the class left out count on neither side. */
static void
print_quality(const char *file, const GArray *pairs, const char *without)
{
    for (gsize t = 0; t < G_N_ELEMENTS(thresholds); t++) {
        guint hits = 0, wrong = 0, missed = 0;
        for (guint i = 0; i < pairs->len; i++) {
            const Pair *pair = &g_array_index(pairs, Pair, i);
            if (strcmp(pair->label, without) == 0)
                continue;
            gboolean found = pair->score >= thresholds[t];
            hits += found && pair->same ? 1 : 0;
            wrong += found && !pair->same ? 1 : 0;
            missed += !found && pair->same ? 1 : 0;
        }
        double precision = (double)hits / MAX(hits + wrong, 1u);
        double recall = (double)hits / MAX(hits + missed, 1u);
        printf("{\"bench\":\"pairs\",\"file\":\"%s\",\"without\":\"%s\",\"threshold\":%u,"
               "\"precision\":%.3f,\"recall\":%.3f,\"f1\":%.3f}\n",
               file, without, thresholds[t], precision, recall,
               2 * precision * recall / MAX(precision + recall, 1e-9));
    }
}

static void
run(const char *folder, const char *file, gboolean labelled)
{
    g_autofree char *path = g_build_filename(folder, file, NULL), *text = NULL;
    g_autoptr(GArray) pairs = g_array_new(FALSE, FALSE, sizeof(Pair));
    g_autoptr(GPtrArray) kept = g_ptr_array_new_with_free_func((GDestroyNotify)g_strfreev);
    g_autoptr(sqlite3) db = NULL;
    g_autoptr(GError) error = NULL;

    if (!g_file_get_contents(path, &text, NULL, NULL)) {
        printf("{\"bench\":\"pairs\",\"file\":\"%s\",\"skipped\":\"it is not there\"}\n", file);
        return;
    }
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    take_pairs(pairs, lines, labelled, kept);
    if (sqlite3_open(":memory:", &db) != SQLITE_OK || !dv_sqlite_exec(db, "BEGIN", &error))
        g_error("no database in memory");
    g_autoptr(PersonWriter) writer = person_writer_new(db, g_get_tmp_dir(), &error);
    g_assert_no_error(error);
    list_names(writer, pairs);
    dv_sqlite_exec(db, "COMMIT", &error);
    g_assert_no_error(error);
    g_autoptr(PersonIndex) index = person_index_open(db, &error);
    g_assert_no_error(error);
    score_pairs(index, pairs);
    print_classes(file, pairs);
    if (labelled) {
        print_quality(file, pairs, "");
        print_quality(file, pairs, "WEAK");
    }
}

int
main(int argc, char **argv)
{
    g_autofree char *index = argc > 1 ? NULL : dv_test_shared_data("watchlist/index.tsv");
    g_autofree char *folder =
        index != NULL ? g_path_get_dirname(index) : g_strdup(argc > 1 ? argv[1] : "");

    run(folder, "pairs_derived_un.tsv", TRUE);
    run(folder, "pairs_derived_ofac_aka.tsv", FALSE);
    return 0;
}
