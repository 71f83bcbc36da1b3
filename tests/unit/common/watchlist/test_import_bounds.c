// SPDX-License-Identifier: Apache-2.0
/* What a source may cost: its readers' memory grows neither with its rows nor with one of them. */
#include "expect.h"
#include "lists.h"
#include "reader.h"

#include <glib/gstdio.h>
#include <stdio.h>
#include <sys/resource.h>

#define FEW 2000
#define MANY 100000
#define HUGE_BYTES (100u << 20)
/* Beyond this the peak has grown with the source: a hundredth of what MANY rows weigh. */
#define SLACK_KB 1500

static Lists *lists;

static int
setup(void **state)
{
    (void)state;
    lists = lists_new();
    return 0;
}

static int
teardown(void **state)
{
    (void)state;
    lists_free(lists);
    return 0;
}

static long
peak_kb(void)
{
    struct rusage usage;

    assert_int_equal(getrusage(RUSAGE_SELF, &usage), 0);
    return usage.ru_maxrss;
}

typedef struct {
    const char *name;
    WatchlistReader *(*open)(WatchlistInput *input);
    const char *head, *row, *tail; /* row takes the row's number once */
} Format;

static WatchlistReader *
open_sdn(WatchlistInput *input)
{
    return watchlist_sdn_reader(input, NULL, NULL);
}

static const Format formats[] = {
    {"jsonl", watchlist_jsonl_reader, "",
     "{\"alert_id\":\"%d\",\"subject\":\"person\",\"name\":\"ANNA MARIA ERIKSSON\"}\n", ""},
    {"csv", watchlist_csv_reader, "alert_id,subject,name\n", "%d,person,\"ANNA\nMARIA\"\n", ""},
    {"un-xml", watchlist_un_reader, "<CONSOLIDATED_LIST><INDIVIDUALS>\n",
     "<INDIVIDUAL><DATAID>%d</DATAID><FIRST_NAME>ANNA</FIRST_NAME></INDIVIDUAL>\n",
     "</INDIVIDUALS></CONSOLIDATED_LIST>\n"},
    {"ofac-sdn", open_sdn, "",
     "%d,\"ERIKSSON, Anna\",\"individual\",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,\"DOB 1970; "
     "a.k.a. 'ANNIE'.\"\r\n",
     ""},
};

static char *
write_rows(const Format *format, int rows)
{
    char *path = lists_path(lists, "rows");
    FILE *file = fopen(path, "we");

    assert_non_null(file);
    fputs(format->head, file);
    for (int i = 0; i < rows; i++) {
        g_auto(GStrv) parts = g_strsplit(format->row, "%d", 2);
        fprintf(file, "%s%d%s", parts[0], i, parts[1]);
    }
    fputs(format->tail, file);
    assert_int_equal(fclose(file), 0);
    return path;
}

/* A row whose text does not end, and a good one behind it. */
static char *
write_huge(const char *head, const char *tail)
{
    char *path = lists_path(lists, "huge");
    g_autofree char *block = g_strnfill(1u << 20, 'x');
    FILE *file = fopen(path, "we");

    assert_non_null(file);
    fputs(head, file);
    for (guint i = 0; i < HUGE_BYTES >> 20; i++)
        fputs(block, file);
    fputs(tail, file);
    assert_int_equal(fclose(file), 0);
    return path;
}

/* Reads all; returns how many rows came. *last: how it ended; *refused: bad ones. */
static guint
read_all(const Format *format, const char *path, WatchlistLineResult *last, guint *refused)
{
    g_autofree WatchlistInput *input = g_new0(WatchlistInput, 1);
    guint rows = 0;

    assert_true(watchlist_input_open(input, path, NULL));
    WatchlistReader *reader = format->open(input);
    *refused = 0;
    do {
        WatchlistItem item;
        watchlist_item_init(&item);
        *last = reader->next(reader, &item, NULL);
        rows += item.object != NULL;
        *refused += *last == WATCHLIST_BAD_LINE;
        watchlist_item_clear(&item);
    } while (*last == WATCHLIST_LINE || *last == WATCHLIST_BAD_LINE);
    watchlist_reader_free(reader);
    watchlist_input_close(input);
    g_remove(path);
    return rows;
}

static void
memory_does_not_grow_with_rows(void **state)
{
    (void)state;
    for (gsize i = 0; i < G_N_ELEMENTS(formats); i++) {
        WatchlistLineResult last;
        guint refused;
        g_autofree char *few = write_rows(&formats[i], FEW);
        assert_int_equal(read_all(&formats[i], few, &last, &refused), FEW);
        long before = peak_kb();
        g_autofree char *many = write_rows(&formats[i], MANY);
        assert_int_equal(read_all(&formats[i], many, &last, &refused), MANY);
        assert_int_equal(last, WATCHLIST_END);
        print_message("%s: peak %ld kB at %d rows, %ld kB at %d\n", formats[i].name, before, FEW,
                      peak_kb(), MANY);
        assert_true(peak_kb() - before < SLACK_KB);
    }
}

static void
memory_does_not_grow_with_one_row(void **state)
{
    (void)state;
    static const struct {
        guint format;
        const char *head, *tail;
        WatchlistLineResult last;
        guint rows, refused;
    } cases[] = {
        {0, "", "\n{}\n", WATCHLIST_END, 1, 1},
        {1, "name\n", "\nANNA\n", WATCHLIST_END, 1, 1},
        {1, "name\n\"", "\nANNA\n", WATCHLIST_END, 1, 1},
        {1, "name\n", "", WATCHLIST_END, 0, 1},
        {2, "<CONSOLIDATED_LIST><INDIVIDUALS><INDIVIDUAL><FIRST_NAME>", "", WATCHLIST_TROUBLE, 0,
         0},
        {2, "<CONSOLIDATED_LIST><INDIVIDUALS><INDIVIDUAL a=\"", "", WATCHLIST_TROUBLE, 0, 0},
        {2, "<CONSOLIDATED_LIST><", "", WATCHLIST_TROUBLE, 0, 0},
        {2, "<!--", "", WATCHLIST_TROUBLE, 0, 0},
        {3, "1,\"", "\n", WATCHLIST_END, 0, 1},
    };
    long before = peak_kb() + 8192; /* the bounds themselves: a million bytes, a few times over */

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        WatchlistLineResult last;
        guint refused;
        g_autofree char *path = write_huge(cases[i].head, cases[i].tail);
        guint rows = read_all(&formats[cases[i].format], path, &last, &refused);
        if (rows != cases[i].rows || refused != cases[i].refused || last != cases[i].last)
            fail_msg("case %d: %u rows, %u refused", (int)i, rows, refused);
        if (peak_kb() > before)
            fail_msg("case %d: the peak grew by %ld kB", (int)i, peak_kb() - before + 8192);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_does_not_grow_with_rows),
        cmocka_unit_test(memory_does_not_grow_with_one_row),
    };

    return cmocka_run_group_tests_name("import-bounds", tests, setup, teardown);
}
