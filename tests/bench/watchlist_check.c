// SPDX-License-Identifier: Apache-2.0
/* One question to a list of PERSONS persons and DOCUMENTS documents, warm: microseconds for a
 * document that is listed, one that is not, a listed person, and the folder's look beside it. */
#include "list_folder.h"

#include <darvaza/clock.h>
#include <darvaza/watchlist_build.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <stdlib.h>

#define PERSONS 100000
#define DOCUMENTS 100000
#define QUESTIONS 20000

static const char profile[] =
    "{\"list_id\":\"bench\",\"title\":\"Bench\",\"owner\":\"O\",\"kind\":\"alerts\",\"version\":1,"
    "\"stale_after\":\"P1D\",\"expires_at\":\"P7D\",\"defaults\":{\"legal_basis\":\"L\","
    "\"owner\":\"O\",\"purpose\":\"P\",\"action\":\"INFO\",\"review_date\":\"P100D\","
    "\"issuing_state\":\"UTO\"}}\n";

static void
write_source(const char *path)
{
    FILE *out = fopen(path, "we");

    g_assert_nonnull(out);
    fputs(profile, out);
    for (int i = 0; i < DOCUMENTS; i++)
        fprintf(out,
                "{\"alert_id\":\"d%d\",\"subject\":\"document\",\"document_number\":\"N%08d\"}\n",
                i, i * 7);
    for (int i = 0; i < PERSONS; i++)
        fprintf(out,
                "{\"alert_id\":\"p%d\",\"subject\":\"person\",\"surname\":\"MARLOWE %c%c%c%c\","
                "\"given_names\":\"TESSA\",\"birth_date\":\"%04d-%02d-%02d\"}\n",
                i, 'A' + i % 26, 'A' + i / 26 % 26, 'A' + i / 676 % 26, 'A' + i / 17576 % 26,
                1940 + i % 60, 1 + i % 12, 1 + i % 28);
    g_assert_true(fclose(out) == 0);
}

static int
by_value(const void *a, const void *b)
{
    gint64 x = *(const gint64 *)a, y = *(const gint64 *)b;
    return (x > y) - (x < y);
}

typedef struct {
    char number[16], surname[32], birth[16];
} Words;

static void
fill(DvWatchlistSubject *subject, Words *words, const char *kind, int i)
{
    *subject = (DvWatchlistSubject){.issuing_state = "UTO"};
    if (kind[0] == 'p') {
        g_snprintf(words->surname, sizeof words->surname, "MARLOWE %c%c%c%c", 'A' + i % 26,
                   'A' + i / 26 % 26, 'A' + i / 676 % 26, 'A' + i / 17576 % 26);
        g_snprintf(words->birth, sizeof words->birth, "%04d-%02d-%02d", 1940 + i % 60, 1 + i % 12,
                   1 + i % 28);
        subject->surname = words->surname;
        subject->given_names = "TESSA";
        subject->birth_date = words->birth;
        return;
    }
    g_snprintf(words->number, sizeof words->number, "N%08d", i * 7 + (kind[0] == 'm' ? 1 : 0));
    subject->document_number = words->number;
}

static void
measure(DvWatchlist *lists, const char *kind, guint expected)
{
    static gint64 took[QUESTIONS];
    g_autoptr(GRand) rand = g_rand_new_with_seed(7);

    for (int i = 0; i < QUESTIONS; i++) {
        DvWatchlistSubject subject;
        Words words;
        fill(&subject, &words, kind, g_rand_int_range(rand, 0, PERSONS));
        gint64 before = dv_clock_mono_us();
        g_autoptr(DvWatchlistAnswer) answer =
            dv_watchlist_check(lists, &subject, dv_clock_wall_us());
        took[i] = dv_clock_mono_us() - before;
        g_assert_cmpuint(answer->hits->len, ==, expected);
        g_assert_true(answer->determined);
    }
    qsort(took, QUESTIONS, sizeof took[0], by_value);
    printf("{\"bench\":\"watchlist_check\",\"question\":\"%s\",\"persons\":%d,\"documents\":%d,"
           "\"p50_us\":%d,\"p99_us\":%d}\n",
           kind, PERSONS, DOCUMENTS, (int)took[QUESTIONS / 2], (int)took[QUESTIONS * 99 / 100]);
}

int
main(void)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(DvWatchlistReport) report = NULL;
    g_autofree char *folder = g_dir_make_tmp("dv-bench-XXXXXX", NULL);
    g_autofree char *source = g_build_filename(folder, "source", NULL);
    g_autofree char *out = list_folder_layer(folder, "bench");

    write_source(source);
    gint64 before = dv_clock_mono_us();
    if (!dv_watchlist_build(source, NULL, out, &report, &error))
        g_error("%s", error->message);
    GStatBuf info;
    g_assert_true(g_stat(out, &info) == 0);
    printf("{\"bench\":\"watchlist_build\",\"rows\":%d,\"ms\":%d,\"bytes\":%d}\n",
           (int)report->taken, (int)((dv_clock_mono_us() - before) / 1000), (int)info.st_size);
    list_folder_publish(folder);
    DvWatchlist *lists = dv_watchlist_open(folder, FALSE, &error);
    g_assert_nonnull(lists);
    measure(lists, "listed document", 1);
    measure(lists, "miss", 0);
    measure(lists, "person", 1);
    dv_watchlist_free(lists);
    g_unlink(source);
    list_folder_remove(folder);
    return 0;
}
