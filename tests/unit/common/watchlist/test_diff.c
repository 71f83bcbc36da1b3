// SPDX-License-Identifier: Apache-2.0
/* Two versions of a list side by side: every difference is seen, once, and said as it is. */
#include "expect.h"
#include "lists.h"

#include <darvaza/watchlist_diff.h>

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

#define PERSON(id, rest)                                                                           \
    "{\"alert_id\":\"" id                                                                          \
    "\",\"subject\":\"person\",\"surname\":\"ERIKSSON\",\"action\":\"INFO\"" rest "}\n"

static void
build(const char *name, const char *source)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(DvWatchlistReport) report = lists_build(lists, name, source, &error);

    EXPECT_NO_ERROR(error);
    assert_int_equal(report->refused, 0);
}

/* The JSON of the comparison at NOW, canonical, without the state hashes. */
static char *
compare(const char *older, const char *newer, guint rows, guint review_days)
{
    g_autofree char *old_path = lists_path(lists, older != NULL ? older : "");
    g_autofree char *new_path = lists_path(lists, newer);
    const char *const old_layers[] = {old_path, NULL}, *const new_layers[] = {new_path, NULL};
    const DvWatchlistDiffOptions options = {.now_us = lists->now_us, .review_days = review_days};
    g_autoptr(GError) error = NULL;
    g_autoptr(json_t) diff = dv_watchlist_diff_json(older != NULL ? old_layers : NULL, new_layers,
                                                    rows, &options, &error);
    gsize length;

    EXPECT_NO_ERROR(error);
    json_object_del(diff, "from_state_hash");
    json_object_del(diff, "to_state_hash");
    return dv_json_canonical(diff, &length, NULL);
}

static void
every_difference(void **state)
{
    (void)state;
    build("a", PROFILE("t", 1, "") PERSON("1", "") PERSON("2", "") PERSON("4", "")
                   PERSON("5", ",\"aliases\":[{\"name\":\"A\"}]"));
    build("b", PROFILE("t", 2, "") PERSON("0", "") PERSON("2", ",\"sex\":\"F\"") PERSON("3", "")
                   PERSON("4", "") PERSON("5", ",\"aliases\":[{\"name\":\"B\"}],\"sex\":\"X\""));
    g_autofree char *text = compare("a.dvlist", "b.dvlist", 0, 0);

    assert_string_equal(
        text, "{\"capped\":true,\"counts\":{\"added\":2,\"changed\":2,\"expired\":0,"
              "\"no_review_date\":0,\"removed\":1,\"review_due\":0,\"unchanged\":1},\"from\":1,"
              "\"list_id\":\"t\",\"members\":{\"extra\":1,\"sex\":2},\"rows\":[],\"to\":2}");
}

static void
rows_as_they_stand(void **state)
{
    (void)state;
    build("a", PROFILE("t", 1, "") PERSON("1", "") PERSON("2", ",\"reason\":\"old\""));
    build("b",
          PROFILE("t", 2, "") PERSON("2", ",\"reason\":\"new\",\"aliases\":[{\"name\":\"A\"}]"));
    g_autofree char *text = compare("a.dvlist", "b.dvlist", 9, 0);
    g_autoptr(json_t) diff = json_loads(text, 0, NULL);
    const json_t *rows = json_object_get(diff, "rows");
    gsize length;

    assert_true(json_is_false(json_object_get(diff, "capped")));
    assert_int_equal(json_array_size(rows), 2);
    const json_t *removed = json_array_get(rows, 0), *changed = json_array_get(rows, 1);
    assert_string_equal(dv_json_string_or_null(removed, "change"), "removed");
    assert_string_equal(dv_json_string_or_null(removed, "alert_id"), "1");
    assert_true(json_is_null(json_object_get(removed, "after")));
    assert_string_equal(dv_json_string_or_null(changed, "change"), "changed");
    g_autofree char *members =
        dv_json_canonical(json_object_get(changed, "members"), &length, NULL);
    g_autofree char *after = dv_json_canonical(json_object_get(changed, "after"), &length, NULL);
    assert_string_equal(members, "[\"reason\",\"extra\"]");
    assert_string_equal(
        after, "{\"action\":\"INFO\",\"alert_id\":\"2\",\"aliases\":[{\"name\":\"A\",\"quality\":"
               "\"good\"}],\"legal_basis\":\"Act 1\",\"owner\":\"Owner\",\"purpose\":\"Test\","
               "\"reason\":\"new\",\"review_date\":\"2028-01-31\",\"subject\":\"person\","
               "\"surname\":\"ERIKSSON\"}");
}

static void
dates_of_the_new_list(void **state)
{
    (void)state;
    build("b", PROFILE("t", 2, "") PERSON("1", ",\"valid_until\":\"2026-11-23\"")
                   PERSON("2", ",\"review_date\":\"2026-12-23\"")
                       PERSON("3", ",\"review_date\":\"2026-12-24\""));
    g_autofree char *text = compare(NULL, "b.dvlist", 0, 30);

    assert_non_null(strstr(text, "\"added\":3,"));
    assert_non_null(strstr(text, "\"expired\":0,"));
    assert_non_null(strstr(text, "\"review_due\":1,"));
    assert_non_null(strstr(text, "\"from\":null"));
    lists->now_us += 2 * G_GINT64_CONSTANT(86400) * G_USEC_PER_SEC;
    g_autofree char *later = compare(NULL, "b.dvlist", 0, 30);
    lists->now_us -= 2 * G_GINT64_CONSTANT(86400) * G_USEC_PER_SEC;
    assert_non_null(strstr(later, "\"expired\":1,"));
    assert_non_null(strstr(later, "\"review_due\":2,"));
}

static gboolean
stop(DvWatchlistDifference difference, const char *const *older, const char *const *newer,
     void *data, GError **error)
{
    (void)difference;
    (void)older;
    (void)newer;
    ++*(int *)data;
    g_set_error_literal(error, DV_ERROR, DV_ERROR_FULL, "no space");
    return FALSE;
}

static void
the_taker_may_end_it(void **state)
{
    (void)state;
    build("a", PROFILE("t", 1, "") PERSON("1", "") PERSON("2", ""));
    build("u", PROFILE("u", 1, "") PERSON("1", ""));
    g_autofree char *a = lists_path(lists, "a.dvlist"), *u = lists_path(lists, "u.dvlist");
    const char *const one[] = {a, NULL}, *const other[] = {u, NULL}, *const none[] = {NULL};
    int calls = 0;
    const DvWatchlistDiffOptions options = {.take = stop, .take_data = &calls};
    g_autoptr(GError) error = NULL;
    DvWatchlistDiff diff;

    assert_false(dv_watchlist_diff(NULL, one, &options, &diff, &error));
    expect_error(&error, DV_ERROR_FULL, "no space");
    assert_int_equal(calls, 1);
    assert_false(dv_watchlist_diff(other, one, &options, &diff, &error));
    expect_error(&error, DV_ERROR_INVALID, "u and t are two lists");
    assert_int_equal(calls, 1);
    assert_false(dv_watchlist_diff(one, none, &options, &diff, &error));
    expect_error(&error, DV_ERROR_INVALID, "no list file");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_difference),
        cmocka_unit_test(rows_as_they_stand),
        cmocka_unit_test(dates_of_the_new_list),
        cmocka_unit_test(the_taker_may_end_it),
    };

    return cmocka_run_group_tests_name("diff", tests, setup, teardown);
}
