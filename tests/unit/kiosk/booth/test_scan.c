// SPDX-License-Identifier: Apache-2.0
/* A record that has no room for all its images is made without some, in order, and is valid. */
#include "scan.h"

#include <darvaza/crossing.h>
#include <darvaza/error.h>
#include <darvaza/file.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static json_t *
example(void)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GBytes) text = dv_file_read(DV_RECORD_EXAMPLE_3, 65536, &error);
    assert_non_null(text);
    json_t *record =
        dv_json_parse(g_bytes_get_data(text, NULL), g_bytes_get_size(text), 65536, &error);
    assert_non_null(record);
    return record;
}

static json_t *
jpeg(gsize n)
{
    g_autofree guint8 *bytes = g_malloc0(n);
    bytes[0] = bytes[2] = 0xff;
    bytes[1] = 0xd8;
    g_autofree char *text = g_base64_encode(bytes, n);
    return json_string(text);
}

/* With all images of the largest size and as many bytes of hits as wanted or a little more. */
static json_t *
record_of(gsize hits_bytes)
{
    json_t *record = example(), *scan = json_object_get(record, "scan"),
           *hits = json_object_get(record, "hits");
    json_object_set_new(scan, "zone", jpeg(DV_RECORD_ZONE_MAX));
    json_object_set_new(scan, "page", jpeg(DV_RECORD_PAGE_MAX));
    for (gsize i = 0; i < 2; i++)
        json_object_set_new(json_array_get(json_object_get(record, "portraits"), i), "jpeg",
                            jpeg(DV_RECORD_PORTRAIT_MAX));
    json_t *reasons = json_object_get(json_array_get(hits, 0), "explanation");
    g_autofree char *value = g_strnfill(195, 'V');
    while (json_array_size(reasons) < 8)
        json_array_append_new(reasons,
                              json_pack("{s:s, s:s, s:s, s:s}", "field", "surname", "document",
                                        value, "listed", value, "agreement", "SIMILAR"));
    for (gsize size = 0; size < hits_bytes; size += 3500)
        json_array_append(hits, json_array_get(hits, 0));
    return record;
}

static gboolean
has(const json_t *record, const char *part)
{
    return json_is_string(json_object_get(json_object_get(record, "scan"), part));
}

static void
left_out_in_order(void **state)
{
    (void)state;
    static const struct {
        gsize hits;
        gboolean page, zone;
        gsize portraits;
    } rows[] = {{0, TRUE, TRUE, 2},
                {12000, TRUE, TRUE, 2},
                {30000, FALSE, TRUE, 2},
                {45000, FALSE, TRUE, 2}};
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(json_t) record = record_of(rows[i].hits);
        g_autoptr(GError) error = NULL;
        dv_scan_make_room(record);
        assert_true(dv_crossing_fits(record));
        assert_int_equal(has(record, "page"), rows[i].page);
        assert_int_equal(has(record, "zone"), rows[i].zone);
        assert_int_equal(json_array_size(json_object_get(record, "portraits")), rows[i].portraits);
        const json_t *missing = json_object_get(json_object_get(record, "scan"), "missing");
        assert_true(json_is_null(missing) == (rows[i].page && rows[i].zone));
        if (!dv_crossing_validate(record, &error))
            fail_msg("%s", error->message);
    }
}

/* Whatever else stands in it: the live portrait stays, and a reader's record has no scan. */
static void
what_is_never_left_out(void **state)
{
    (void)state;
    g_autofree char *much = g_strnfill(60 * 1024, 'n'), *more = g_strnfill(80 * 1024, 'n');
    g_autoptr(json_t) record = record_of(0);
    json_object_set_new(json_object_get(record, "decision"), "note", json_string(much));
    dv_scan_make_room(record);
    assert_true(dv_crossing_fits(record));
    assert_false(has(record, "page") || has(record, "zone"));
    assert_int_equal(json_array_size(json_object_get(record, "portraits")), 2);
    json_object_set_new(json_object_get(record, "decision"), "note", json_string(more));
    json_object_set_new(record, "scan", json_null());
    dv_scan_make_room(record);
    assert_true(dv_crossing_fits(record));
    const json_t *portraits = json_object_get(record, "portraits");
    assert_int_equal(json_array_size(portraits), 1);
    assert_string_equal(json_string_value(json_object_get(json_array_get(portraits, 0), "kind")),
                        "LIVE");
    assert_true(json_is_null(json_object_get(record, "scan")));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(left_out_in_order),
        cmocka_unit_test(what_is_never_left_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
