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

static json_int_t
below(const Outcome *outcome, const char *member)
{
    const json_t *count = json_object_get(outcome->result, member);
    assert_null(json_object_get(count, "n"));
    return json_integer_value(json_object_get(count, "below"));
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
    assert_int_equal(n(&outcome, "crossings_hit"), 30);
    assert_int_equal(below(&outcome, "crossings_gone"), 5);
    assert_false(json_is_true(json_object_get(outcome.result, "compared")));
    expect_release_entry(centre, 42, "it list.dry-run-end release 42 <content> ok " WHY);
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
    assert_int_equal(below(&same, "crossings_hit"), 5);
    assert_int_equal(below(&same, "crossings_gone"), 5);
    g_auto(Outcome) fewer = {0};
    assert_true(run("approver", 43, wires, &fewer, &error));
    assert_int_equal(below(&fewer, "crossings_hit"), 5);
    assert_int_equal(n(&fewer, "crossings_gone"), 25);
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
    assert_null(json_object_get(few.result, "crossings_hit"));
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

/* The same traveller with a document that stands on no list. */
static GBytes *
other_record(gint64 seq)
{
    g_autoptr(GError) error = NULL;
    const DvSealKeys seal = dv_test_seal_keys(rig->keys);
    DvCrossingHeader header = {
        .kiosk = "KSK-1", .epoch = 1, .seq = seq, .priority = DV_PRIORITY_ROUTINE};
    g_autoptr(json_t) body = dv_record_example();
    g_autofree char *id = dv_uuid_new();
    json_object_set_new(body, "crossing_id", json_string(id));
    json_object_set_new(json_object_get(body, "document"), "number", json_string("Y5555555"));
    guint8 link[DV_SHA256_SIZE];
    GBytes *wire = dv_crossing_seal(&seal, &header, body, NULL, link, &error);
    if (!wire)
        g_error("%s", error->message);
    return wire;
}

/* Crossings of the example's traveller, the rest of one who is on no list. */
static GPtrArray *
crossings_of(guint count, guint others)
{
    GPtrArray *list = records(count);
    for (guint i = 0; i < others; i++)
        g_ptr_array_add(list, other_record((gint64)(100 + i)));
    return list;
}

/* A draft with one row is a question about one traveller: 0 must say what 1 to 4 say. */
static void
one_row_does_not_tell_who_crossed(void **state)
{
    static const char *const one[] = {"L898902C3", NULL};
    (void)state;
    g_autoptr(GError) error = NULL;
    g_autofree char *first = NULL;
    lists_rig_draft(lists, 42, 1, one);
    for (guint count = 0; count <= 5; count++) {
        g_auto(Outcome) outcome = {0};
        g_autoptr(GPtrArray) wires = crossings_of(count, 25 - count);
        if (!run("it", 42, wires, &outcome, &error))
            fail_msg("%s", error->message);
        g_autofree char *text = json_dumps(outcome.result, JSON_SORT_KEYS);
        assert_int_equal(json_integer_value(json_object_get(outcome.result, "crossings")), 25);
        if (count == 0)
            first = g_steal_pointer(&text);
        else if (count < 5)
            assert_string_equal(text, first);
        else
            assert_int_equal(n(&outcome, "crossings_hit"), 5);
    }
}

/* Six alerts of one traveller are one crossing each time. */
static void
crossings_are_counted_not_hits(void **state)
{
    static const char *const twice[] = {"L898902C3", "L898902C2", "L89890ZC3", NULL};
    (void)state;
    g_autoptr(GError) error = NULL;
    g_auto(Outcome) outcome = {0};
    g_autoptr(GPtrArray) wires = crossings_of(2, 23);
    lists_rig_draft(lists, 42, 1, twice);
    assert_true(run("it", 42, wires, &outcome, &error));
    assert_int_equal(below(&outcome, "crossings_hit"), 5);
}

/* ---- only what was signed is asked */

static void
copy_layer(gint64 from, gint64 to, gint64 from_version, gint64 to_version)
{
    g_autofree char *name = g_strdup_printf("drafts/%" G_GINT64_FORMAT "/layers/" LISTS_RIG_ID
                                            "-%" G_GINT64_FORMAT ".dvlist",
                                            from, from_version);
    g_autofree char *out = g_strdup_printf("%s/drafts/%" G_GINT64_FORMAT "/layers/" LISTS_RIG_ID
                                           "-%" G_GINT64_FORMAT ".dvlist",
                                           lists->dir, to, to_version);
    g_autoptr(GBytes) layer = lists_rig_read(lists, name);
    assert_true(g_file_set_contents(out, g_bytes_get_data(layer, NULL),
                                    (gssize)g_bytes_get_size(layer), NULL));
}

static void
expect_refused_run(gint64 release, const char *says)
{
    g_autoptr(GError) error = NULL;
    g_auto(Outcome) outcome = {0};
    g_autoptr(GPtrArray) wires = records(25);
    if (run("it", release, wires, &outcome, &error))
        g_propagate_error(&error, g_steal_pointer(&outcome.error));
    assert_null(outcome.result);
    expect_error(&error, DV_ERROR_CRYPTO, says);
}

static void
a_swapped_layer_is_refused(void **state)
{
    (void)state;
    lists_rig_draft(lists, 42, 1, without);
    lists_rig_draft(lists, 43, 1, with_traveller);
    copy_layer(43, 42, 1, 1);
    expect_refused_run(42, "is not the one that its release names");
    expect_release_entry(centre, 42,
                         "it list.dry-run-end release 42 <content> does not verify " WHY);
}

/* Whoever makes a draft can name any layer in it; the owner's word on its rows he cannot make. */
static void
a_layer_that_no_owner_signed_is_refused(void **state)
{
    (void)state;
    lists_rig_draft(lists, 42, 1, without);
    lists_rig_draft(lists, 43, 1, with_traveller);
    copy_layer(43, 42, 1, 1);
    lists_rig_name_layers(lists, 42);
    expect_refused_run(42, "are not those that its owner signed");
}

/* What stands is compared with, so that another layer there would be a question as well. */
static void
a_swapped_layer_in_force_is_refused(void **state)
{
    (void)state;
    lists_rig_draft(lists, 41, 1, with_traveller);
    lists_rig_draft(lists, 42, 2, with_traveller);
    lists_rig_draft(lists, 43, 1, without);
    put_in_force(41);
    copy_layer(43, 41, 1, 1);
    expect_refused_run(42, "is not the one that its release names");
    lists_rig_name_layers(lists, 41);
    expect_refused_run(42, "does not hold what was signed");
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
    g_autofree char *path = g_build_filename(rig->centre_state, "opener.db", NULL);
    g_autoptr(sqlite3) db = dv_sqlite_open(path, DV_SQLITE_READ_ONLY, &error);
    g_autoptr(sqlite3_stmt) stmt = dv_sqlite_prepare(
        db, "SELECT verb || ' ' || outcome FROM audit ORDER BY seq DESC LIMIT 2", &error);
    static const char *const entries[] = {"list.dry-run-end unavailable", "list.dry-run ok"};
    for (gsize i = 0; i < G_N_ELEMENTS(entries); i++) {
        gboolean row = FALSE;
        assert_true(dv_sqlite_step(stmt, &row, &error) && row);
        assert_string_equal((const char *)sqlite3_column_text(stmt, 0), entries[i]);
    }
}

int
main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, fixture_lists_setup, fixture_teardown)
    const struct CMUnitTest tests[] = {
        CASE(extra_hits_are_counted),
        CASE(what_is_in_force_is_compared_with),
        CASE(small_numbers_are_not_told),
        CASE(only_those_who_work_with_lists_run),
        CASE(one_row_does_not_tell_who_crossed),
        CASE(crossings_are_counted_not_hits),
        CASE(a_swapped_layer_is_refused),
        CASE(a_layer_that_no_owner_signed_is_refused),
        CASE(a_swapped_layer_in_force_is_refused),
        CASE(runs_are_bounded),
        CASE(stopping_ends_a_run),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
