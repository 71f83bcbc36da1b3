// SPDX-License-Identifier: Apache-2.0
/*
 * Random rows against a hash table: whatever is added, replaced and removed over several deltas,
 * the stack answers as a naive search of the table does, holds its rows, and proves to be the same
 * list as a full file of them.
 */
#include "expect.h"
#include "list_folder.h"
#include "lists.h"

#include <darvaza/error.h>
#include <darvaza/watchlist_rows.h>
#include <string.h>

#define ROWS 1500
#define CHANGES 300
#define DELTAS 3

static const char *const issuers[] = {"UTO", "XXA", "D", "DEU"};
static const char *const kinds[] = {"", "P", "ID"};

typedef struct {
    char *columns[DV_WATCHLIST_COLUMNS];
} Row;

typedef struct {
    Lists *lists;
    GRand *rand;
    GHashTable *rows;  /* Row by alert_id */
    GPtrArray *layers; /* paths, then NULL */
    int next;
} World;

static void
row_free(gpointer data)
{
    Row *row = data;

    for (int i = 0; i < DV_WATCHLIST_COLUMNS; i++)
        g_free(row->columns[i]);
    g_free(row);
}

static int
setup(void **state)
{
    World *world = g_new0(World, 1);

    world->lists = lists_new();
    world->rand = g_rand_new_with_seed(5);
    world->rows = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, row_free);
    world->layers = g_ptr_array_new_with_free_func(g_free);
    g_ptr_array_add(world->layers, NULL);
    *state = world;
    return 0;
}

static int
teardown(void **state)
{
    World *world = *state;

    lists_free(world->lists);
    g_rand_free(world->rand);
    g_hash_table_unref(world->rows);
    g_ptr_array_unref(world->layers);
    g_free(world);
    return 0;
}

static void
put(Row *row, DvWatchlistColumn column, const char *text)
{
    g_free(row->columns[column]);
    row->columns[column] = g_strdup(text);
}

/* Few characters, and those with look-alikes among them, so that numbers meet. */
static void
random_number(GRand *rand, char number[8])
{
    static const char all[] = "0O1I5S7X";
    int length = g_rand_int_range(rand, 1, 6);

    for (int i = 0; i < length; i++)
        number[i] = all[g_rand_int_range(rand, 0, 8)];
    number[length] = '\0';
}

static const char *
pick(GRand *rand, const char *const *words, int count)
{
    return words[g_rand_int_range(rand, 0, count)];
}

static void
make_range(GRand *rand, Row *row)
{
    int a = g_rand_int_range(rand, 0, 1000), b = g_rand_int_range(rand, a, 1000);
    char first[8], last[8];

    g_snprintf(first, sizeof first, "S%03d", a);
    g_snprintf(last, sizeof last, "S%03d", b);
    put(row, DV_WATCHLIST_COLUMN_DOCUMENT_NUMBER, first);
    put(row, DV_WATCHLIST_COLUMN_DOCUMENT_LAST, a == b ? "" : last);
}

static void
make_person(World *world, Row *row)
{
    char number[8], text[128];

    put(row, DV_WATCHLIST_COLUMN_SUBJECT, "person");
    put(row, DV_WATCHLIST_COLUMN_SURNAME, "TEST");
    if (g_rand_boolean(world->rand))
        put(row, DV_WATCHLIST_COLUMN_DOCUMENT_NUMBER, "");
    random_number(world->rand, number);
    g_snprintf(text, sizeof text,
               "{\"other_documents\":[{\"document_number\":\"%s\",\"issuing_state\":\"%s\"}]}",
               number, pick(world->rand, issuers, 4));
    put(row, DV_WATCHLIST_COLUMN_EXTRA, text);
}

/* As it will stand in the list: ids derived, members in their canonical form. */
static Row *
make_row(World *world, const char *id)
{
    GRand *rand = world->rand;
    Row *row = g_new0(Row, 1);
    char number[8], text[64];
    int kind = g_rand_int_range(rand, 0, 10);

    for (int i = 0; i < DV_WATCHLIST_COLUMNS; i++)
        row->columns[i] = g_strdup("");
    random_number(rand, number);
    put(row, DV_WATCHLIST_COLUMN_SUBJECT, "document");
    put(row, DV_WATCHLIST_COLUMN_DOCUMENT_NUMBER, number);
    put(row, DV_WATCHLIST_COLUMN_ISSUING_STATE, pick(rand, issuers, 4));
    put(row, DV_WATCHLIST_COLUMN_DOCUMENT_TYPE, pick(rand, kinds, 3));
    put(row, DV_WATCHLIST_COLUMN_ACTION, g_rand_boolean(rand) ? "INFO" : "DISCREET");
    put(row, DV_WATCHLIST_COLUMN_LEGAL_BASIS, "Act \"1\"\n");
    put(row, DV_WATCHLIST_COLUMN_OWNER, "Owner");
    put(row, DV_WATCHLIST_COLUMN_PURPOSE, "Test");
    g_snprintf(text, sizeof text, "2027-%02d-28", g_rand_int_range(rand, 1, 13));
    put(row, DV_WATCHLIST_COLUMN_REVIEW_DATE, text);
    if (g_rand_int_range(rand, 0, 10) == 0)
        put(row, DV_WATCHLIST_COLUMN_VALID_FROM, "2027-01-01");
    if (kind == 0)
        make_range(rand, row);
    else if (kind == 1)
        make_person(world, row);
    g_snprintf(text, sizeof text, "a%d", world->next++);
    if (id != NULL)
        put(row, DV_WATCHLIST_COLUMN_ALERT_ID, id);
    else if (kind < 4)
        put(row, DV_WATCHLIST_COLUMN_ALERT_ID, text);
    return row;
}

/* The id that a document without one gets. */
static void
derive(Row *row)
{
    const char *type = row->columns[DV_WATCHLIST_COLUMN_DOCUMENT_TYPE];
    const char *last = row->columns[DV_WATCHLIST_COLUMN_DOCUMENT_LAST];

    if (*row->columns[DV_WATCHLIST_COLUMN_ALERT_ID] != '\0')
        return;
    g_autofree char *id = g_strconcat(
        row->columns[DV_WATCHLIST_COLUMN_ISSUING_STATE], ".", *type != '\0' ? type : "_", ".",
        row->columns[DV_WATCHLIST_COLUMN_DOCUMENT_NUMBER], *last != '\0' ? "-" : "", last, NULL);
    put(row, DV_WATCHLIST_COLUMN_ALERT_ID, id);
}

/* Adds it to the table and the builder. A second row of one id in one layer is refused there. */
static void
add(World *world, DvWatchlistBuilder *builder, Row *row, GHashTable *in_layer)
{
    const char *columns[DV_WATCHLIST_COLUMNS];
    g_autoptr(GError) error = NULL;

    for (int i = 0; i < DV_WATCHLIST_COLUMNS; i++)
        columns[i] = row->columns[i];
    gboolean ok = dv_watchlist_builder_add_columns(builder, columns, &error);
    if (!ok)
        expect_error(&error, DV_ERROR_INVALID, "earlier line");
    derive(row);
    const char *id = row->columns[DV_WATCHLIST_COLUMN_ALERT_ID];
    if (g_hash_table_contains(in_layer, id)) {
        row_free(row);
        return;
    }
    assert_true(ok);
    g_hash_table_add(in_layer, g_strdup(id));
    g_hash_table_replace(world->rows, row->columns[DV_WATCHLIST_COLUMN_ALERT_ID], row);
}

static DvWatchlistBuilder *
start(World *world, int version, gboolean on_layers, char **path)
{
    g_autofree char *text = g_strdup_printf(
        "{\"list_id\":\"t\",\"title\":\"T\",\"owner\":\"O\",\"kind\":\"alerts\",\"version\":%d,"
        "\"generated_at\":\"" NOW "\",\"stale_after\":\"P1D\",\"expires_at\":\"P7D\"}",
        version);
    g_autofree char *name = g_strdup_printf("%s%d", on_layers ? "t" : "whole", version);
    g_autoptr(json_t) profile = dv_json_parse(text, strlen(text), 4096, NULL);
    g_autoptr(GError) error = NULL;
    gboolean is_delta = on_layers && world->layers->len > 1;

    *path = list_folder_layer(world->lists->folder, name);
    DvWatchlistBuilder *builder = dv_watchlist_builder_new(
        profile, is_delta ? (const char *const *)world->layers->pdata : NULL, *path, &error);
    EXPECT_NO_ERROR(error);
    return builder;
}

static DvWatchlistReport *
finish(DvWatchlistBuilder *builder)
{
    g_autoptr(GError) error = NULL;
    DvWatchlistReport *report = NULL;

    dv_watchlist_builder_finish(builder, &report, &error);
    EXPECT_NO_ERROR(error);
    dv_watchlist_builder_free(builder);
    return report;
}

/* Some id of the table that this layer did not touch yet; NULL by chance. */
static const char *
some_id(World *world, GHashTable *in_layer)
{
    GHashTableIter iter;
    gpointer id;
    int skip = g_rand_int_range(world->rand, 0, (gint32)g_hash_table_size(world->rows));

    g_hash_table_iter_init(&iter, world->rows);
    while (g_hash_table_iter_next(&iter, &id, NULL)) {
        if (skip-- <= 0 && !g_hash_table_contains(in_layer, id))
            return id;
    }
    return NULL;
}

static void
change(World *world, DvWatchlistBuilder *builder, GHashTable *in_layer)
{
    const char *id = some_id(world, in_layer);
    g_autoptr(GError) error = NULL;

    if (id == NULL || g_rand_int_range(world->rand, 0, 3) == 0) {
        add(world, builder, make_row(world, NULL), in_layer);
    } else if (g_rand_boolean(world->rand)) {
        add(world, builder, make_row(world, id), in_layer);
    } else {
        g_autofree char *gone = g_strdup(id);
        assert_true(dv_watchlist_builder_remove(builder, gone, &error));
        assert_false(dv_watchlist_builder_remove(builder, gone, &error));
        g_hash_table_remove(world->rows, gone);
    }
}

static void
build_layer(World *world, int version)
{
    g_autoptr(GHashTable) in_layer = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    char *path = NULL;
    DvWatchlistBuilder *builder = start(world, version, TRUE, &path);

    for (int i = 0; version == 1 && i < ROWS; i++)
        add(world, builder, make_row(world, NULL), in_layer);
    for (int i = 0; version > 1 && i < CHANGES; i++)
        change(world, builder, in_layer);
    g_autoptr(DvWatchlistReport) report = finish(builder);
    assert_int_equal(report->rows, g_hash_table_size(world->rows));
    g_ptr_array_insert(world->layers, (gint)world->layers->len - 1, path);
}

/* ---- the stack holds the table's rows, and says so */

static void
compare_rows(World *world)
{
    g_autoptr(GError) error = NULL;
    const char *const *layers = (const char *const *)world->layers->pdata;
    g_autoptr(DvWatchlistRows) rows = dv_watchlist_rows_new(layers, &error);
    const char *const *columns;
    guint count = 0;

    EXPECT_NO_ERROR(error);
    for (;; count++) {
        assert_true(dv_watchlist_rows_next(rows, &columns, &error));
        if (columns == NULL)
            break;
        const Row *row = g_hash_table_lookup(world->rows, columns[DV_WATCHLIST_COLUMN_ALERT_ID]);
        assert_non_null(row);
        for (int i = 0; i < DV_WATCHLIST_COLUMNS; i++)
            assert_string_equal(columns[i], row->columns[i]);
    }
    assert_int_equal(count, g_hash_table_size(world->rows));
}

static void
compare_with_whole(World *world, int version)
{
    g_autoptr(GError) error = NULL;
    const char *const *layers = (const char *const *)world->layers->pdata;
    g_autofree char *path = NULL;
    DvWatchlistBuilder *builder = start(world, version, FALSE, &path);
    GHashTableIter iter;
    gpointer row;

    g_hash_table_iter_init(&iter, world->rows);
    while (g_hash_table_iter_next(&iter, NULL, &row))
        assert_true(dv_watchlist_builder_add_columns(
            builder, (const char *const *)((Row *)row)->columns, &error));
    g_autoptr(DvWatchlistReport) report = finish(builder);
    g_autoptr(DvWatchlistInfo) whole = dv_watchlist_info(path, &error);
    g_autoptr(DvWatchlistInfo) top = dv_watchlist_info(layers[world->layers->len - 2], &error);
    assert_string_equal(whole->state_hash, top->state_hash);
    assert_int_equal(whole->rows, top->rows);
    assert_true(dv_watchlist_verify_file(path, &error));
    assert_true(dv_watchlist_verify(layers, &error));
    assert_true(dv_watchlist_verify_top(layers, &error));
    remove(path);
}

/* ---- and answers as a naive search does */

static void
fold(const char *number, char out[64])
{
    static const char from[] = "OISBZ", to[] = "01582";

    for (; *number != '\0'; number++) {
        const char *found = strchr(from, *number);
        *out++ = found != NULL ? to[found - from] : *number;
    }
    *out = '\0';
}

static gboolean
numbers_meet(const char *listed, const char *last, const char *asked)
{
    char a[64], b[64], c[64];

    fold(listed, a);
    fold(asked, b);
    if (*last == '\0')
        return g_str_equal(a, b);
    /* Ranges here are an S and three digits. */
    fold(last, c);
    return strlen(b) == 4 && strcmp(a, b) <= 0 && strcmp(b, c) <= 0 && b[0] == a[0] &&
           strspn(b, "0123456789") == 4;
}

static gboolean
issuers_meet(const char *listed, const char *asked)
{
    const char *a = g_str_equal(listed, "D") ? "DEU" : listed;
    const char *b = g_str_equal(asked, "D") ? "DEU" : asked;

    return *a == '\0' || *b == '\0' || g_str_equal(a, b);
}

static gboolean
is_hit(const Row *row, const char *number, const char *issuer)
{
    char *const *columns = row->columns;
    const char *extra = columns[DV_WATCHLIST_COLUMN_EXTRA];

    if (*columns[DV_WATCHLIST_COLUMN_VALID_FROM] != '\0')
        return FALSE;
    if (*columns[DV_WATCHLIST_COLUMN_DOCUMENT_NUMBER] != '\0' &&
        numbers_meet(columns[DV_WATCHLIST_COLUMN_DOCUMENT_NUMBER],
                     columns[DV_WATCHLIST_COLUMN_DOCUMENT_LAST], number) &&
        issuers_meet(columns[DV_WATCHLIST_COLUMN_ISSUING_STATE], issuer))
        return TRUE;
    if (*extra == '\0')
        return FALSE;
    g_autoptr(json_t) object = dv_json_parse(extra, strlen(extra), 4096, NULL);
    const json_t *other = json_array_get(json_object_get(object, "other_documents"), 0);
    return numbers_meet(json_string_value(json_object_get(other, "document_number")), "", number) &&
           issuers_meet(json_string_value(json_object_get(other, "issuing_state")), issuer);
}

static void
ask_one(World *world, DvWatchlist *lists)
{
    char number[8];
    g_autoptr(GPtrArray) expected = g_ptr_array_new();
    GHashTableIter iter;
    gpointer row;

    if (g_rand_int_range(world->rand, 0, 4) == 0)
        g_snprintf(number, sizeof number, "%c%03d", g_rand_boolean(world->rand) ? 'S' : '5',
                   g_rand_int_range(world->rand, 0, 1000));
    else
        random_number(world->rand, number);
    const char *issuer =
        g_rand_int_range(world->rand, 0, 6) == 0 ? "" : pick(world->rand, issuers, 4);
    const DvWatchlistSubject subject = {.document_number = number, .issuing_state = issuer};
    g_autoptr(DvWatchlistAnswer) answer = dv_watchlist_check(lists, &subject, world->lists->now_us);
    assert_true(answer->determined);
    g_hash_table_iter_init(&iter, world->rows);
    while (g_hash_table_iter_next(&iter, NULL, &row)) {
        if (is_hit(row, number, issuer))
            g_ptr_array_add(expected, ((Row *)row)->columns[DV_WATCHLIST_COLUMN_ALERT_ID]);
    }
    if (answer->hits->len != MIN(expected->len, DV_WATCHLIST_HITS_MAX))
        fail_msg("%s of %s: %u hits instead of %u", number, issuer, answer->hits->len,
                 expected->len);
    for (guint i = 0; i < answer->hits->len; i++) {
        const DvWatchlistHit *hit = g_ptr_array_index(answer->hits, i);
        assert_true(g_ptr_array_find_with_equal_func(expected, hit->alert_id, g_str_equal, NULL));
    }
}

static void
stack_is_the_table(void **state)
{
    World *world = *state;

    for (int version = 1; version <= 1 + DELTAS; version++) {
        g_autoptr(GError) error = NULL;
        build_layer(world, version);
        compare_rows(world);
        compare_with_whole(world, version);
        list_folder_publish(world->lists->folder);
        g_autoptr(DvWatchlist) lists = dv_watchlist_open(world->lists->folder, FALSE, &error);
        EXPECT_NO_ERROR(error);
        for (int i = 0; i < 3000; i++)
            ask_one(world, lists);
    }
}

/* An empty delta, one that changes nothing, and what a delta may not do. */
static void
deltas_of_nothing(void **state)
{
    World *world = *state;
    g_autoptr(GError) error = NULL;
    char *path = NULL;

    build_layer(world, 1);
    DvWatchlistBuilder *builder = start(world, 2, TRUE, &path);
    g_autoptr(GHashTable) nothing = g_hash_table_new(g_str_hash, g_str_equal);
    const Row *same = g_hash_table_lookup(world->rows, some_id(world, nothing));
    assert_non_null(same);
    assert_true(
        dv_watchlist_builder_add_columns(builder, (const char *const *)same->columns, &error));
    assert_false(dv_watchlist_builder_remove(builder, "nobody", &error));
    expect_error(&error, DV_ERROR_INVALID, "no such alert");
    g_autoptr(DvWatchlistReport) report = finish(builder);
    assert_int_equal(report->taken, 0);
    assert_int_equal(report->removed, 0);
    g_ptr_array_insert(world->layers, 1, path);
    compare_rows(world);
    compare_with_whole(world, 2);
    g_autoptr(DvWatchlistInfo) info = dv_watchlist_info(path, &error);
    assert_true(info->is_delta);
    assert_int_equal(info->base_version, 1);
    const char *const alone[] = {path, NULL};
    assert_false(dv_watchlist_verify(alone, &error));
    expect_error(&error, DV_ERROR_INVALID, "without the list below");
    const char *const upside[] = {path, world->layers->pdata[0], NULL};
    assert_null(dv_watchlist_rows_new(upside, NULL));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(stack_is_the_table, setup, teardown),
        cmocka_unit_test_setup_teardown(deltas_of_nothing, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
