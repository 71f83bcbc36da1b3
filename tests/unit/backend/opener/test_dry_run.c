// SPDX-License-Identifier: Apache-2.0
/* Dry runs: numbers and nothing else, none that points at one traveller, each in the log. */
#include "expect.h"
#include "fixture.h"
#include "lists.h"

#include <darvaza/clock.h>
#include <string.h>

#define WHY "before signing it"

/* The example's traveller holds L898902C3. */
static const char *const with_traveller[] = {"L898902C3", "X1111111", NULL};
static const char *const without[] = {"X1111111", NULL};

static GPtrArray *
records(guint count)
{
    GPtrArray *list = g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref);
    for (guint i = 0; i < count; i++)
        g_ptr_array_add(list, record((gint64)i + 1));
    return list;
}

typedef struct {
    gboolean called;
    json_t *result;
    GError *error;
} Outcome;

static void
on_done(const json_t *result, const GError *error, void *data)
{
    Outcome *outcome = data;
    assert_false(outcome->called);
    outcome->called = TRUE;
    outcome->result = json_deep_copy(result);
    outcome->error = error ? g_error_copy(error) : NULL;
}

static void
outcome_clear(Outcome *outcome)
{
    json_decref(outcome->result);
    g_clear_error(&outcome->error);
    *outcome = (Outcome){0};
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Outcome, outcome_clear)

static gboolean
run(const char *user, gint64 release, GPtrArray *wires, Outcome *outcome, GError **error)
{
    g_autofree char *token = sign_in(centre, user);
    if (!dv_lists_dry_run(centre, token, release, wires, WHY, on_done, outcome, error))
        return FALSE;
    while (!outcome->called)
        g_main_context_iteration(NULL, TRUE);
    return TRUE;
}

static json_int_t
n(const Outcome *outcome, const char *member)
{
    const json_t *count = json_object_get(outcome->result, member);
    assert_true(json_is_integer(json_object_get(count, "n")));
    return json_integer_value(json_object_get(count, "n"));
}

static void
extra_hits_are_counted(void **state)
{
    (void)state;
    g_autoptr(GError) error = NULL;
    g_auto(Outcome) outcome = {0};
    g_autoptr(GPtrArray) wires = records(30);
    g_ptr_array_add(wires, g_bytes_ref(wires->pdata[0])); /* the same again counts once */
    lists_rig_draft(lists, 42, 1, with_traveller);
    assert_true(run("it", 42, wires, &outcome, &error));
    assert_null(outcome.error);
    assert_int_equal(json_integer_value(json_object_get(outcome.result, "crossings")), 30);
    assert_int_equal(n(&outcome, "extra_hits"), 30);
    assert_int_equal(n(&outcome, "crossings_hit"), 30);
    assert_int_equal(n(&outcome, "fewer_hits"), 0);
    assert_false(json_is_true(json_object_get(outcome.result, "compared")));
    expect_entry(centre, "it list.dry-run release 42 ok " WHY);
    g_autofree char *text = json_dumps(outcome.result, 0);
    assert_null(strstr(text, "L898902C3"));
    assert_null(strstr(text, "ERIKSSON"));
    assert_null(strstr(text, "U-1"));
}

static void
put_in_force(gint64 release)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *editor = sign_in(centre, "editor");
    g_autofree char *approver = sign_in(centre, "approver");
    char *first = lists_rig_signature(lists, release, SIGNER_RELEASE_1);
    char *second = lists_rig_signature(lists, release, SIGNER_RELEASE_2);
    g_autoptr(GBytes) one = g_bytes_new_take(first, strlen(first));
    g_autoptr(GBytes) two = g_bytes_new_take(second, strlen(second));
    g_autoptr(json_t) a = dv_lists_sign(centre, editor, release, one, &error);
    g_autoptr(json_t) b = dv_lists_sign(centre, approver, release, two, &error);
    g_auto(DvInForce) out = {0};
    if (!a || !b || !dv_lists_put_in_force(centre, approver, release, WHY, &out, &error))
        fail_msg("%s", error->message);
}

static void
what_is_in_force_is_compared_with(void **state)
{
    (void)state;
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) wires = records(25);
    lists_rig_draft(lists, 41, 1, with_traveller);
    lists_rig_draft(lists, 42, 2, with_traveller);
    lists_rig_draft(lists, 43, 3, without);
    put_in_force(41);
    g_auto(Outcome) same = {0};
    assert_true(run("editor", 42, wires, &same, &error));
    assert_true(json_is_true(json_object_get(same.result, "compared")));
    assert_int_equal(n(&same, "extra_hits"), 0);
    assert_int_equal(n(&same, "fewer_hits"), 0);
    g_auto(Outcome) fewer = {0};
    assert_true(run("approver", 43, wires, &fewer, &error));
    assert_int_equal(n(&fewer, "extra_hits"), 0);
    assert_int_equal(n(&fewer, "fewer_hits"), 25);
}

/* With few crossings a number is a traveller. */
static void
small_numbers_are_not_told(void **state)
{
    (void)state;
    g_autoptr(GError) error = NULL;
    g_auto(Outcome) few = {0};
    g_autoptr(GPtrArray) wires = records(19);
    lists_rig_draft(lists, 42, 1, with_traveller);
    assert_true(run("it", 42, wires, &few, &error));
    assert_true(json_is_false(json_object_get(few.result, "enough")));
    assert_null(json_object_get(few.result, "extra_hits"));
    assert_null(json_object_get(few.result, "crossings"));
    /* Twenty that can be read, and a few that cannot. */
    g_auto(Outcome) some = {0};
    g_ptr_array_add(wires, record(20));
    for (int i = 0; i < 3; i++)
        g_ptr_array_add(wires, g_bytes_new_static("rubbish", 7));
    assert_true(run("it", 42, wires, &some, &error));
    const json_t *unreadable = json_object_get(some.result, "unreadable");
    assert_int_equal(json_integer_value(json_object_get(unreadable, "below")), 5);
    assert_null(json_object_get(unreadable, "n"));
}

static void
only_those_who_work_with_lists_run(void **state)
{
    static const char *const users[] = {"sup", "second", "auditor"};
    (void)state;
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) wires = records(1);
    lists_rig_draft(lists, 42, 1, without);
    for (gsize i = 0; i < G_N_ELEMENTS(users); i++) {
        Outcome outcome = {0};
        assert_false(run(users[i], 42, wires, &outcome, &error));
        expect_error(&error, DV_ERROR_DENIED, "may not");
        g_autofree char *entry =
            g_strdup_printf("%s list.dry-run release 42 denied " WHY, users[i]);
        expect_entry(centre, entry);
        assert_false(outcome.called);
    }
    Outcome outcome = {0};
    g_autofree char *it = sign_in(centre, "it");
    assert_false(dv_lists_dry_run(centre, it, 42, wires, "", on_done, &outcome, &error));
    expect_error(&error, DV_ERROR_INVALID, "A reason in words");
    assert_false(run("it", 7, wires, &outcome, &error));
    expect_error(&error, DV_ERROR_INVALID, "There is no draft");
}

static void
runs_are_bounded(void **state)
{
    (void)state;
    g_autoptr(GError) error = NULL;
    lists_rig_draft(lists, 42, 1, without);
    g_autoptr(GPtrArray) many = g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref);
    g_autoptr(GBytes) rubbish = g_bytes_new_static("x", 1);
    for (int i = 0; i < 2001; i++)
        g_ptr_array_add(many, g_bytes_ref(rubbish));
    Outcome none = {0};
    assert_false(run("it", 42, many, &none, &error));
    expect_error(&error, DV_ERROR_INVALID, "at most 2000 crossings");
    g_autoptr(GPtrArray) wires = records(1);
    g_autofree char *token = sign_in(centre, "it");
    g_auto(Outcome) first = {0};
    assert_true(dv_lists_dry_run(centre, token, 42, wires, WHY, on_done, &first, &error));
    assert_false(run("editor", 42, wires, &none, &error));
    expect_error(&error, DV_ERROR_UNAVAILABLE, "under way");
    while (!first.called)
        g_main_context_iteration(NULL, TRUE);
    for (int i = 1; i < 12; i++) {
        g_auto(Outcome) outcome = {0};
        assert_true(run("it", 42, wires, &outcome, &error));
    }
    assert_false(run("it", 42, wires, &none, &error));
    expect_error(&error, DV_ERROR_UNAVAILABLE, "within an hour");
    shift_us += G_GINT64_CONSTANT(2) * 3600 * G_USEC_PER_SEC;
    g_auto(Outcome) later = {0};
    assert_true(run("it", 42, wires, &later, &error));
}

/* Whoever asked is answered also when the opener stops meanwhile (the teardown does that). */
static void
stopping_ends_a_run(void **state)
{
    static Outcome outcome;
    (void)state;
    g_autoptr(GError) error = NULL;
    lists_rig_draft(lists, 42, 1, without);
    g_autoptr(GPtrArray) wires = records(2);
    g_autofree char *token = sign_in(centre, "it");
    outcome = (Outcome){0};
    assert_true(dv_lists_dry_run(centre, token, 42, wires, WHY, on_done, &outcome, &error));
    dv_opener_free(centre);
    centre = NULL;
    assert_true(outcome.called);
    expect_error(&outcome.error, DV_ERROR_UNAVAILABLE, "stopping");
}

int
main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, fixture_lists_setup, fixture_teardown)
    const struct CMUnitTest tests[] = {
        CASE(extra_hits_are_counted),     CASE(what_is_in_force_is_compared_with),
        CASE(small_numbers_are_not_told), CASE(only_those_who_work_with_lists_run),
        CASE(runs_are_bounded),           CASE(stopping_ends_a_run),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
