// SPDX-License-Identifier: Apache-2.0
/*
 * Nanoseconds per document, text to judged fields, beside what nothing can undercut: one pass over
 * the same bytes that copies them and forms their weighted sum. One JSON line.
 */
#include <darvaza/mrz.h>
#include <darvaza/mrz_json.h>
#include <stdio.h>
#include <string.h>

#define ROUNDS 9
#define DOCUMENTS_PER_ROUND 40000

static const char *const documents[] = {
    "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\n"
    "L898902C36UTO7408122F1204159ZE184226B<<<<<10\n",
    "I<UTOD23145890<7349<<<<<<<<<<<\n3407127M9507122UTO<<<<<<<<<<<2\n"
    "STEVENSON<<PETER<JOHN<<<<<<<<<\n",
    "I<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<\nD231458907UTO7408122F1204159<<<<<<<6\n",
    "V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<\nL8988901C4XXX4009078F9612109<<<<<<<<\n",
};

/* One of two misread characters: what a repair costs. */
static const char misread[] = "P<UTOERIKSSON<<ANNA<<<<<<<<<<<<<<<<<<<<<<<<<\n"
                              "AB12G45679UTO7408122F3404159<<<<<<<<<<<<<<08\n";

static GDate today;
static guint sink; /* keeps the work alive */

static void
parse(const char *text, gsize length)
{
    g_autoptr(DvMrz) mrz = dv_mrz_parse(text, (gssize)length, &today);
    sink += mrz->verdict;
}

static void
parse_to_json(const char *text, gsize length)
{
    g_autoptr(DvMrz) mrz = dv_mrz_parse(text, (gssize)length, &today);
    json_t *object = dv_mrz_to_json(mrz);
    char *line = json_dumps(object, JSON_COMPACT);
    sink += (guchar)line[0];
    free(line);
    json_decref(object);
}

static void
pass_over(const char *text, gsize length)
{
    static const guint weights[] = {7, 3, 1};
    char copy[128];
    guint sum = 0;
    for (gsize i = 0; i < length; i++) {
        copy[i] = text[i];
        sum += (guint)(guchar)copy[i] * weights[i % 3];
    }
    sink += sum % 10;
}

static gint
ascending(gconstpointer a, gconstpointer b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

/* The median of several rounds. */
static double
measure(void (*work)(const char *, gsize), const char *const *texts, gsize count,
        gsize documents_run)
{
    double times[ROUNDS];
    for (gsize round = 0; round < ROUNDS; round++) {
        gint64 start = g_get_monotonic_time();
        for (gsize i = 0; i < documents_run; i++)
            work(texts[i % count], strlen(texts[i % count]));
        times[round] = (double)(g_get_monotonic_time() - start) * 1000.0 / (double)documents_run;
    }
    qsort(times, ROUNDS, sizeof times[0], ascending);
    return times[ROUNDS / 2];
}

int
main(void)
{
    const char *const one_misread[] = {misread};
    gsize count = G_N_ELEMENTS(documents);
    g_date_clear(&today, 1);
    g_date_set_dmy(&today, 1, G_DATE_AUGUST, 2026);
    double floor_ns = measure(pass_over, documents, count, DOCUMENTS_PER_ROUND);
    double parse_ns = measure(parse, documents, count, DOCUMENTS_PER_ROUND);
    double json_ns = measure(parse_to_json, documents, count, DOCUMENTS_PER_ROUND / 4);
    double repair_ns = measure(parse, one_misread, 1, DOCUMENTS_PER_ROUND / 40);
    printf("{\"bench\": \"mrz_parse\", \"ns_per_document\": %.0f, \"ns_with_json\": %.0f, "
           "\"ns_misread_repaired\": %.0f, \"ns_floor_one_pass\": %.0f, \"times_floor\": %.1f}\n",
           parse_ns, json_ns, repair_ns, floor_ns, parse_ns / floor_ns);
    return sink == 0;
}
