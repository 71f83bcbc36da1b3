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

static char *
hash_of(const char *path)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(DvWatchlistInfo) info = dv_watchlist_info(path, &error);

    EXPECT_NO_ERROR(error);
    return g_strdup(info->state_hash);
}

#define DOCUMENT(number, rest)                                                                     \
    "{\"subject\":\"document\",\"document_number\":\"" number "\",\"issuing_state\":"              \
    "\"UTO\",\"action\":\"INFO\"" rest "}\n"

/* Older and the delta together are newer, persons, documents and ranges alike; a second delta goes
 * on top; an empty one is one. */
static void
a_delta_leads_to_the_new_list(void **state)
{
    (void)state;
    build("v1", PROFILE("t", 1, "") PERSON("1", "") PERSON("2", "") DOCUMENT("A1", "")
                    DOCUMENT("B0001", ",\"document_last\":\"B0100\"") DOCUMENT("C1", ""));
    build("v2",
          PROFILE("t", 2, "\"person_threshold\":850,\"thresholds\":{\"INFO\":900},")
              PERSON("2", ",\"aliases\":[{\"name\":\"A\"}]") PERSON("3", "")
                  DOCUMENT("A1", ",\"reason\":\"new\"") DOCUMENT("C1", "") DOCUMENT("D1", ""));
    build("v3", PROFILE("t", 3, "") PERSON("1", "") PERSON("2", "") DOCUMENT("A1", ""));
    build("v4", PROFILE("t", 4, "") PERSON("1", "") PERSON("2", "") DOCUMENT("A1", ""));
    g_autoptr(GPtrArray) stack = g_ptr_array_new_with_free_func(g_free);
    g_ptr_array_add(stack, lists_path(lists, "v1.dvlist"));
    g_ptr_array_add(stack, NULL);
    for (int version = 2; version <= 4; version++) {
        g_autofree char *name = g_strdup_printf("v%d.dvlist", version);
        g_autofree char *layer_name = g_strdup_printf("d%d.dvlist", version);
        g_autofree char *newer = lists_path(lists, name), *layer = lists_path(lists, layer_name);
        const char *const target[] = {newer, NULL};
        g_autoptr(DvWatchlistReport) report = NULL;
        g_autoptr(GError) error = NULL;
        DvWatchlistDiff diff;
        const DvWatchlistDiffOptions options = {0};
        assert_true(dv_watchlist_delta((const char *const *)stack->pdata, target, layer, NULL, NULL,
                                       &report, &error));
        EXPECT_NO_ERROR(error);
        stack->pdata[stack->len - 1] = g_strdup(layer);
        g_ptr_array_add(stack, NULL);
        g_autofree char *whole = hash_of(newer), *made = hash_of(layer);
        assert_string_equal(whole, made);
        assert_true(dv_watchlist_verify((const char *const *)stack->pdata, &error));
        assert_true(
            dv_watchlist_diff((const char *const *)stack->pdata, target, &options, &diff, &error));
        EXPECT_NO_ERROR(error);
        assert_int_equal(diff.counts[DV_WATCHLIST_ADDED] + diff.counts[DV_WATCHLIST_REMOVED] +
                             diff.counts[DV_WATCHLIST_CHANGED],
                         0);
        if (version == 4)
            assert_int_equal(report->taken + report->removed, 0);
    }
}

static void
a_profile_comes_back(void **state)
{
    (void)state;
    build("v2", PROFILE("t", 2, "\"person_threshold\":850,\"thresholds\":{\"INFO\":900},")
                    PERSON("2", ""));
    g_autofree char *path = lists_path(lists, "v2.dvlist");
    g_autoptr(GError) error = NULL;
    g_autoptr(json_t) profile = dv_watchlist_profile_of(path, &error);
    gsize length;

    EXPECT_NO_ERROR(error);
    g_autofree char *text = dv_json_canonical(profile, &length, NULL);
    assert_string_equal(
        text, "{\"expires_at\":\"2026-11-30T12:00:00.000Z\",\"generated_at\":"
              "\"2026-11-23T12:00:00.000Z\",\"is_training\":false,\"kind\":\"alerts\","
              "\"list_id\":\"t\",\"owner\":\"Owner\",\"person_threshold\":850,"
              "\"stale_after\":\"2026-11-24T12:00:00.000Z\",\"thresholds\":{\"INFO\":900},"
              "\"title\":\"Test list\",\"version\":2}");
    assert_null(dv_watchlist_profile_of("/nonexistent", &error));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_difference),
        cmocka_unit_test(rows_as_they_stand),
        cmocka_unit_test(dates_of_the_new_list),
        cmocka_unit_test(the_taker_may_end_it),
        cmocka_unit_test(a_delta_leads_to_the_new_list),
        cmocka_unit_test(a_profile_comes_back),
    };

    return cmocka_run_group_tests_name("diff", tests, setup, teardown);
}
