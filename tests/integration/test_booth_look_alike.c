// SPDX-License-Identifier: Apache-2.0
/*
 * S3: a protection referral and a plain second line leave the same traces outside the compartment:
 * header, sizes, every member of the body, log lines, the page of the next officer. With hits and
 * without, and when the disk is full.
 */
#include "booth_steps.h"

#include <darvaza/json.h>
#include <darvaza/receipt.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/resource.h>

#include <cmocka.h>

static const char *const decisions[] = {"SECOND_LINE", "REFER_ASYLUM", "REFER_PROTECTION",
                                        "REFER_VULNERABLE"};

/* ---- log lines, with what names one crossing taken out */

static GString *log_lines;

static char *
mask(const char *text)
{
    g_autoptr(GRegex) ids = g_regex_new("[0-9a-f]{8}-[0-9a-f-]{27}|[0-9]+/[0-9]+", 0, 0, NULL);
    return g_regex_replace_literal(ids, text, -1, 0, "#", 0, NULL);
}

static GLogWriterOutput
keep_line(GLogLevelFlags level, const GLogField *fields, gsize count, gpointer data)
{
    (void)data;
    for (gsize i = 0; i < count; i++)
        if (g_str_equal(fields[i].key, "MESSAGE")) {
            g_autofree char *line = mask(fields[i].value);
            g_string_append_printf(log_lines, "%d %s\n", (int)level, line);
        }
    return G_LOG_WRITER_HANDLED;
}

/* ---- what a record shows to everybody but the protection unit */

typedef struct {
    json_t *body; /* without ids and times */
    gsize body_plain, body_sealed, protection_sealed;
    int priority;
    char *log;
} Trace;

static void
trace_clear(Trace *trace)
{
    json_decref(trace->body);
    g_free(trace->log);
}

static void
drop_times(json_t *body)
{
    static const char *const own[] = {"crossing_id", "event_time", "header", "shift_id"};
    for (guint i = 0; i < G_N_ELEMENTS(own); i++)
        json_object_del(body, own[i]);
    gsize i;
    json_t *one;
    json_array_foreach(json_object_get(body, "checks"), i, one)
    {
        json_object_del(one, "start_ms");
        json_object_del(one, "end_ms");
    }
    json_array_foreach(json_object_get(body, "watchlists"), i, one) json_object_del(one, "age_s");
}

static void
take_wire(BoothRig *rig, Trace *trace)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GVariant) answer =
        booth_rig_call(rig, "NextRecords", g_variant_new("(u)", 1), &error);
    g_assert_no_error(error);
    g_autoptr(GVariant) list = g_variant_get_child_value(answer, 0);
    g_autoptr(GVariant) row = g_variant_get_child_value(list, 0);
    g_autoptr(GVariant) bytes = g_variant_get_child_value(row, 2);
    gsize length = 0;
    const void *data = g_variant_get_fixed_array(bytes, &length, 1);
    g_autoptr(DvCrossingWire) wire = dv_crossing_wire_parse(data, length, &error);
    g_assert_no_error(error);
    trace->body_sealed = g_bytes_get_size(wire->body);
    trace->protection_sealed = g_bytes_get_size(wire->protection);
}

static Trace
trace_of(BoothRig *rig, const char *decision, gboolean hits)
{
    Trace trace = {0};
    g_string_truncate(log_lines, 0);
    if (hits)
        booth_lay(rig, LISTED_PERSON);
    else
        booth_lay(rig, ADMIT_ME);
    g_autofree char *id = booth_current_id(rig);
    assert_int_equal(booth_decide(rig, id, decision, NULL), 200);
    trace.log = g_strdup(log_lines->str);
    DvCrossingHeader header;
    trace.body = booth_open_oldest(rig, &header, NULL);
    trace.priority = header.priority;
    gsize length = 0;
    g_autofree char *text = dv_json_canonical(trace.body, &length, NULL);
    trace.body_plain = length;
    drop_times(trace.body);
    take_wire(rig, &trace);
    g_autoptr(GError) error = NULL;
    g_autoptr(GBytes) receipt = booth_make_receipt(rig, "KSK-1", rig->keys->receipt_key, 0);
    g_autoptr(GVariant) answer = booth_rig_call(
        rig, "DeliverReceipt", g_variant_new("(@ay)", booth_bytes_variant(receipt)), &error);
    g_assert_no_error(error);
    return trace;
}

static void
assert_near(gsize a, gsize b, gsize slack)
{
    if (MAX(a, b) - MIN(a, b) > slack)
        fail_msg("%zu and %zu bytes tell the two apart", a, b);
}

/* DER writes the two numbers of an ECDSA signature with a byte more or less, at random. */
#define SIGNATURE_SLACK 12
/* Milliseconds of checks and the age of lists have one digit or four. */
#define DIGITS_SLACK 80

static void
compare_all(BoothRig *rig, gboolean hits)
{
    Trace warm_up = trace_of(rig, decisions[0], hits); /* the first use of a list is logged */
    trace_clear(&warm_up);
    Trace first = trace_of(rig, decisions[0], hits);
    assert_int_equal(json_array_size(json_object_get(first.body, "hits")), hits ? 1 : 0);
    for (guint i = 1; i < G_N_ELEMENTS(decisions); i++) {
        Trace other = trace_of(rig, decisions[i], hits);
        assert_true(json_equal(first.body, other.body));
        assert_int_equal(first.priority, other.priority);
        assert_near(first.body_plain, other.body_plain, DIGITS_SLACK);
        assert_near(first.body_sealed, other.body_sealed, SIGNATURE_SLACK);
        assert_near(first.protection_sealed, other.protection_sealed, SIGNATURE_SLACK);
        assert_string_equal(first.log, other.log);
        trace_clear(&other);
    }
    trace_clear(&first);
}

static void
test_records_look_alike(void **state)
{
    BoothRig *rig = *state;
    booth_ready(rig, "STOP_REFER");
    compare_all(rig, FALSE);
    compare_all(rig, TRUE);
}

/* A clean traveller is let through: that this differs shows that the comparison can see. */
static void
test_the_comparison_sees(void **state)
{
    BoothRig *rig = *state;
    booth_ready(rig, "STOP_REFER");
    Trace referred = trace_of(rig, "SECOND_LINE", FALSE), admitted = trace_of(rig, "ADMIT", FALSE);
    assert_false(json_equal(referred.body, admitted.body));
    assert_int_not_equal(referred.priority, admitted.priority);
    trace_clear(&referred);
    trace_clear(&admitted);
}

/* The shift's list shows what the sealed body says, and nothing after a restart. */
static void
test_recent_looks_alike(void **state)
{
    BoothRig *rig = *state;
    booth_ready(rig, "STOP_REFER");
    for (guint i = 0; i < G_N_ELEMENTS(decisions); i++) {
        Trace trace = trace_of(rig, decisions[i], FALSE);
        trace_clear(&trace);
    }
    assert_int_equal(booth_rig_get(rig, "/api/recent"), 200);
    json_t *list = json_object_get(rig->answer, "crossings");
    assert_int_equal(json_array_size(list), G_N_ELEMENTS(decisions));
    for (gsize i = 0; i < json_array_size(list); i++)
        assert_string_equal(json_string_value(json_object_get(json_array_get(list, i), "decision")),
                            "SECOND_LINE");
    assert_null(strstr(rig->raw->str, "REFER_"));
    booth_rig_restart(rig);
    assert_int_equal(booth_rig_sign_in(rig, BOOTH_RIG_PASSWORD), 200);
    assert_int_equal(booth_rig_get(rig, "/api/recent"), 200);
    assert_int_equal(json_array_size(json_object_get(rig->answer, "crossings")), 0);
}

/* A referral touches one file more; a log that named it would tell. */
static void
test_full_disk_looks_alike(void **state)
{
    BoothRig *rig = *state;
    booth_ready(rig, "STOP_REFER");
    signal(SIGXFSZ, SIG_IGN);
    booth_lay(rig, ADMIT_ME);
    g_autofree char *id = booth_current_id(rig);
    g_autofree char *first = NULL;
    for (guint i = 0; i < G_N_ELEMENTS(decisions); i++) {
        struct rlimit limit;
        getrlimit(RLIMIT_FSIZE, &limit);
        struct rlimit small = {512, limit.rlim_max};
        g_string_truncate(log_lines, 0);
        setrlimit(RLIMIT_FSIZE, &small);
        guint status = booth_decide(rig, id, decisions[i], NULL);
        setrlimit(RLIMIT_FSIZE, &limit);
        assert_int_equal(status, 507);
        assert_true(log_lines->len > 0);
        if (first)
            assert_string_equal(first, log_lines->str);
        else
            first = g_strdup(log_lines->str);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        BOOTH_TEST(test_records_look_alike),
        BOOTH_TEST(test_the_comparison_sees),
        BOOTH_TEST(test_recent_looks_alike),
        BOOTH_TEST(test_full_disk_looks_alike),
    };
    log_lines = g_string_new(NULL);
    g_log_set_writer_func(keep_line, NULL, NULL);
    int result = cmocka_run_group_tests(tests, NULL, NULL);
    g_string_free(log_lines, TRUE);
    return result;
}
