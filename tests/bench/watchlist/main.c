// SPDX-License-Identifier: Apache-2.0
/*
 * watchlist-bench --docs N --persons M --seed S [--out DIR] [--full]
 *
 * Builds lists of that size and asks them, beside other stores; a JSON line for each figure.
 * --full: 138 million documents and 2 million persons. --docs 0 or --persons 0 leaves that part
 * out.
 */
#include "documents.h"
#include "persons.h"
#include "shared_data.h"

#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>

#define PEER_MAX 5000000
#define PEER_PERSONS_MAX 100000

static gboolean
take_number(const char *text, gint64 max, gint64 *number)
{
    return text != NULL && g_ascii_string_to_signed(text, 10, 0, max, number, NULL);
}

static int
bad_use(void)
{
    fputs("usage: watchlist-bench --docs N --persons M --seed S [--out DIR] [--full]\n", stderr);
    return 2;
}

/* Names come from the shared data where it is there, else they are invented. */
static void
measure_persons(gint64 persons, guint32 seed, const char *folder)
{
    g_autofree char *index = dv_test_shared_data("watchlist/index.tsv");
    g_autofree char *names = index != NULL ? g_path_get_dirname(index) : NULL;
    const PersonsOptions options = {
        .persons = persons,
        .variants = MIN(persons, 12000),
        .clean = 30000,
        .peer_persons = MIN(persons, PEER_PERSONS_MAX),
        .peer_questions = 1000,
        .seed = seed,
        .curve = TRUE,
        .folder = folder,
        .names = names,
    };

    bench_persons(&options);
}

int
main(int argc, char **argv)
{
    gint64 documents = 5000000, persons = 100000, seed = 1;
    const char *out = NULL;
    g_autoptr(GError) error = NULL;

    for (int i = 1; i < argc; i++) {
        const char *next = i + 1 < argc ? argv[i + 1] : NULL;
        gboolean ok = TRUE;
        if (strcmp(argv[i], "--full") == 0) {
            documents = 138000000;
            persons = 2000000;
            continue;
        }
        if (strcmp(argv[i], "--docs") == 0)
            ok = take_number(next, 1000000000, &documents);
        else if (strcmp(argv[i], "--persons") == 0)
            ok = take_number(next, 100000000, &persons);
        else if (strcmp(argv[i], "--seed") == 0)
            ok = take_number(next, G_MAXUINT32, &seed);
        else if (strcmp(argv[i], "--out") == 0)
            ok = (out = next) != NULL;
        else
            ok = FALSE;
        if (!ok)
            return bad_use();
        i++;
    }
    if (documents == 0 && persons == 0)
        return bad_use();
    g_autofree char *folder =
        out != NULL ? g_strdup(out) : g_dir_make_tmp("dv-bench-XXXXXX", &error);
    if (folder == NULL)
        g_error("%s", error->message);
    const DocumentsOptions options = {
        .documents = documents,
        .persons = persons,
        .seed = (guint32)seed,
        .folder = folder,
        .questions = 20000,
        .cold = 500,
        .peer_documents = MIN(documents, PEER_MAX),
    };
    if (documents > 0)
        bench_documents(&options);
    if (persons > 0)
        measure_persons(persons, (guint32)seed, folder);
    if (out == NULL)
        g_rmdir(folder);
    return 0;
}
