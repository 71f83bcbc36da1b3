// SPDX-License-Identifier: Apache-2.0
/* The schema: every member of a record with nothing unknown is broken in every way, and named. */
#include "record_example.h"
#include <darvaza/error.h>
#include <darvaza/file.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static const char *const vocabularies[] = {
    "clock_quality", "entry_method", "capture_mode",  "list_status",    "sex",
    "mrz_format",    "mrz_verdict",  "mrz_check",     "mrz_field",      "change_by",
    "image",         "check_result", "obligation",    "face_missing",   "direction",
    "mode",          "purpose",      "visa_entries",  "completeness",   "traveller_class",
    "subject",       "match_kind",   "agreement",     "action",         "hit_disposition",
    "decision",      "referral",     "referral_kind", "face_missing_2", "portrait",
    "read_by",       "scan_missing"};

/* The example with everything known: what is null there, as JSON. */
static const char known[] =
    "{\"group_id\": \"11111111-2222-4333-8444-555555555555\","
    " \"supersedes_id\": \"11111111-2222-4333-8444-555555555556\","
    " \"person.native_surname\": \"\xd0\xad\xd1\x80\xd0\xb8\xd0\xba\","
    " \"person.native_given_names\": \"\xd8\xa2\xd9\x86\xd8\xa7\","
    " \"document.mrz_corrected\": [\"P<UTO\"],"
    " \"document.mrz_changes\":"
    "   [{\"line\": 1, \"column\": 44, \"from\": \"0\", \"to\": \"O\", \"by\": \"OFFICER\"}],"
    " \"document.images\": [{\"kind\": \"PORTRAIT\", \"sha256\":"
    "   \"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\"}],"
    " \"face\": {\"score\": 912, \"threshold\": 700, \"result\": 1, \"missing\": \"CHILD\"},"
    " \"movement.carrier\": \"UTO Rail\", \"movement.voyage\": \"7\","
    " \"movement.plate\": \"UTO 1\", \"movement.origin\": \"Utopia\","
    " \"movement.destination\": \"Utopia\", \"movement.authorised_until\": \"2026-12-31\","
    " \"movement.visa\": {\"number\": \"1\", \"issuer\": \"UTO\", \"type\": \"C\","
    "   \"entries\": \"SINGLE\", \"valid_until\": \"2027-02-28\", \"days\": 90},"
    " \"movement.stay_calc\": {\"used_days\": 3, \"remaining_days\": 87,"
    "   \"inputs\": [{\"entry\": \"2026-11-20\", \"exit\": \"2026-11-22\"}],"
    "   \"completeness\": \"PARTIAL\"},"
    " \"decision.approved_by\": \"supervisor\", \"decision.legal_basis\": \"Act 1\","
    " \"decision.grounds\": [\"A\"], \"decision.conditions\": \"none\","
    " \"decision.language\": \"fa\"}";

static json_t *
full_record(void)
{
    json_t *record = dv_record_example();
    g_autoptr(GError) error = NULL;
    g_autoptr(json_t) values = dv_json_parse(known, strlen(known), sizeof known, &error);
    const char *path;
    json_t *value;
    assert_null(error);
    json_object_foreach(values, path, value)
    {
        g_auto(GStrv) parts = g_strsplit(path, ".", 2);
        json_t *object = parts[1] ? json_object_get(record, parts[0]) : record;
        json_object_set(object, parts[1] ? parts[1] : parts[0], value);
    }
    json_t *list = json_array_get(json_object_get(record, "watchlists"), 1);
    json_object_set_new(list, "version", json_integer(1));
    json_object_set_new(list, "age_s", json_integer(1));
    json_t *checks = json_object_get(record, "checks");
    for (gsize i = 0; i < json_array_size(checks); i++)
        json_object_set_new(json_array_get(checks, i), "code", json_string("why"));
    json_t *hit = json_array_get(json_object_get(record, "hits"), 0);
    json_object_set_new(hit, "disposition", json_string("UNRESOLVED"));
    json_object_set_new(hit, "decided_by", json_string("supervisor"));
    json_object_set_new(hit, "reason", json_string("Because."));
    return record;
}

/* The same of version 2. A live portrait and a reason for its absence exclude each other, so that
 * the record with everything known has no live one. */
static json_t *
full_record_2(void)
{
    json_t *record = full_record();
    json_object_set_new(record, "schema_version", json_integer(2));
    json_t *face = json_object_get(record, "face");
    json_object_set_new(face, "missing", json_string("NO_CAMERA"));
    json_object_set_new(face, "findings", json_pack("[s, s]", "too_far", "blurred"));
    json_object_set_new(face, "pose_judged", json_true());
    json_object_set_new(face, "model",
                        json_pack("{s:s, s:s, s:s, s:i, s:i}", "name", "Example 1", "licence",
                                  "Apache-2.0", "measured_on", "nothing", "false_match_per_million",
                                  1000, "false_non_match_per_million", 20000));
    json_object_set_new(record, "portraits",
                        json_pack("[{s:s, s:s}]", "kind", "DOCUMENT", "jpeg", "/9j/2Q=="));
    return record;
}

/* The same of version 3. A scan that has everything has nothing missing. */
static json_t *
full_record_3(gboolean whole)
{
    json_t *record = full_record_2();
    json_object_set_new(record, "schema_version", json_integer(3));
    json_object_set_new(record, "read_by", json_string("CAMERA"));
    json_object_set_new(record, "scan",
                        json_pack("{s:i, s:s, s:s?, s:s?}", "corrections", 2, "zone",
                                  "/9j/2Q==", "page", whole ? "/9j/2QA=" : NULL, "missing",
                                  whole ? NULL : "NO_ROOM"));
    return record;
}

/* ---- the walk ---- */

typedef struct {
    json_t *record; /* the whole, for validation */
    guint broken;   /* how many ways were tried */
} Walk;

static void
expect_named(Walk *walk, const char *path, const char *how)
{
    g_autoptr(GError) error = NULL;
    walk->broken++;
    if (dv_crossing_validate(walk->record, &error))
        fail_msg("%s %s was taken", path, how);
    assert_true(g_error_matches(error, DV_ERROR, DV_ERROR_INVALID));
    g_autofree char *start = g_strconcat("record: ", path, NULL);
    if (!g_str_has_prefix(error->message, start))
        fail_msg("%s %s: \"%s\"", path, how, error->message);
}

static void
try_value(Walk *walk, json_t *object, const char *name, json_t *value, const char *path,
          const char *how)
{
    json_t *saved = json_incref(json_object_get(object, name));
    json_object_set_new(object, name, value);
    expect_named(walk, path, how);
    json_object_set_new(object, name, saved);
}

static void
break_text(Walk *walk, json_t *object, const char *name, const char *path)
{
    g_autofree char *long_text = g_strnfill(4000, 'A');
    try_value(walk, object, name, json_string(""), path, "empty");
    try_value(walk, object, name, json_string(long_text), path, "too long");
    try_value(walk, object, name, json_string("\x01"), path, "a control character");
    try_value(walk, object, name,
              json_string("a\xe2\x80\xae"
                          "b"),
              path, "a text that turns round");
    try_value(walk, object, name, json_integer(1), path, "a number");
}

static void
break_member(Walk *walk, json_t *object, const char *name, const char *path)
{
    json_t *value = json_object_get(object, name);
    switch (json_typeof(value)) {
    case JSON_STRING:
        break_text(walk, object, name, path);
        break;
    case JSON_INTEGER:
        try_value(walk, object, name, json_integer(G_GINT64_CONSTANT(9007199254740992)), path,
                  "too large");
        try_value(walk, object, name, json_integer(-100000), path, "too small");
        try_value(walk, object, name, json_string("1"), path, "a text");
        try_value(walk, object, name, json_real(1.0), path, "a fraction");
        break;
    case JSON_ARRAY:
        try_value(walk, object, name, json_object(), path, "an object");
        break;
    case JSON_OBJECT:
        try_value(walk, object, name, json_array(), path, "an array");
        break;
    case JSON_TRUE:
    case JSON_FALSE:
        try_value(walk, object, name, json_integer(1), path, "a number");
        try_value(walk, object, name, json_null(), path, "null");
        break;
    default: /* of a scan, what is there in one record is missing in the other */
        if (!g_str_has_prefix(path, "scan."))
            fail_msg("%s is unknown in the full record", path);
        try_value(walk, object, name, json_integer(1), path, "a number");
    }
    json_t *saved = json_incref(value);
    json_object_del(object, name);
    expect_named(walk, path, "missing");
    json_object_set_new(object, name, saved);
}

static void walk_object(Walk *walk, json_t *object, const char *path);

static void
walk_array(Walk *walk, json_t *array, const char *path)
{
    if (json_array_size(array) == 0)
        fail_msg("%s is empty in the full record", path);
    for (gsize i = 0; i < json_array_size(array); i++) {
        g_autofree char *place = g_strdup_printf("%s[%zu]", path, i);
        json_t *item = json_array_get(array, i);
        if (json_is_object(item)) {
            walk_object(walk, item, place);
            continue;
        }
        json_t *saved = json_incref(item);
        json_array_set_new(array, i, json_string("\x02"));
        expect_named(walk, place, "a control character");
        json_array_set_new(array, i, json_integer(3));
        expect_named(walk, place, "a number");
        json_array_set_new(array, i, saved);
    }
    gsize count = json_array_size(array);
    for (gsize i = count; i < 200; i++)
        json_array_append(array, json_array_get(array, 0));
    expect_named(walk, path, "too many");
    while (json_array_size(array) > count)
        json_array_remove(array, json_array_size(array) - 1);
}

static void
walk_object(Walk *walk, json_t *object, const char *path)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    const char *name;
    json_t *value;
    json_object_foreach(object, name, value)
    {
        g_ptr_array_add(names, g_strdup(name));
    }
    for (guint i = 0; i < names->len; i++) {
        const char *member = names->pdata[i];
        g_autofree char *place = *path ? g_strdup_printf("%s.%s", path, member) : g_strdup(member);
        break_member(walk, object, member, place);
        value = json_object_get(object, member);
        if (json_is_object(value))
            walk_object(walk, value, place);
        else if (json_is_array(value))
            walk_array(walk, value, place);
    }
    g_autofree char *unknown =
        *path ? g_strdup_printf("%s.unheard_of", path) : g_strdup("unheard_of");
    json_object_set_new(object, "unheard_of", json_null());
    expect_named(walk, unknown, "is a member that nobody knows");
    json_object_del(object, "unheard_of");
}

static void
every_member_is_checked_and_named(void **state)
{
    (void)state;
    g_autoptr(GError) error = NULL;
    json_t *records[] = {full_record(), full_record_2(), full_record_3(TRUE), full_record_3(FALSE)};
    for (gsize i = 0; i < G_N_ELEMENTS(records); i++) {
        Walk walk = {records[i], 0};
        if (!dv_crossing_validate(walk.record, &error))
            fail_msg("%s", error->message);
        walk_object(&walk, walk.record, "");
        assert_true(dv_crossing_validate(walk.record, &error)); /* everything was put back */
        assert_true(walk.broken > 500);
        json_decref(walk.record);
    }
}

/* ---- words ---- */

/* Where each vocabulary stands, and a word that is none of it. */
static void
words_outside_the_vocabulary_are_refused(void **state)
{
    (void)state;
    static const char *const places[][2] = {
        {"", "clock_quality"},       {"", "entry_method"},      {"", "capture_mode"},
        {"", "traveller_class"},     {"person", "sex"},         {"document", "mrz_format"},
        {"document", "mrz_verdict"}, {"movement", "direction"}, {"movement", "mode"},
        {"movement", "purpose"},     {"decision", "outcome"},   {"face", "missing"}};
    for (gsize i = 0; i < G_N_ELEMENTS(places); i++) {
        Walk walk = {full_record(), 0};
        json_t *object = *places[i][0] ? json_object_get(walk.record, places[i][0]) : walk.record;
        g_autofree char *path = *places[i][0] ? g_strdup_printf("%s.%s", places[i][0], places[i][1])
                                              : g_strdup(places[i][1]);
        try_value(&walk, object, places[i][1], json_string("UNHEARD_OF"), path, "another word");
        json_decref(walk.record);
    }
}

static void
every_word_of_a_vocabulary_is_taken(void **state)
{
    (void)state;
    static const char *const places[][3] = {
        {"movement", "purpose", "purpose"},       {"movement", "mode", "mode"},
        {"movement", "direction", "direction"},   {"person", "sex", "sex"},
        {"document", "mrz_format", "mrz_format"}, {"face", "missing", "face_missing"}};
    for (gsize i = 0; i < G_N_ELEMENTS(places); i++) {
        g_autoptr(json_t) record = full_record();
        const char *const *words = dv_crossing_words(places[i][2]);
        for (gsize w = 0; words[w]; w++) {
            json_object_set_new(json_object_get(record, places[i][0]), places[i][1],
                                json_string(words[w]));
            g_autoptr(GError) error = NULL;
            if (!dv_crossing_validate(record, &error))
                fail_msg("%s: %s", words[w], error->message);
        }
    }
}

static void
vocabularies_are_known_and_sound(void **state)
{
    (void)state;
    for (gsize i = 0; i < G_N_ELEMENTS(vocabularies); i++) {
        const char *const *words = dv_crossing_words(vocabularies[i]);
        if (!words || !words[0])
            fail_msg("%s is unknown", vocabularies[i]);
        for (gsize a = 0; words[a]; a++)
            for (gsize b = a + 1; words[b]; b++)
                assert_string_not_equal(words[a], words[b]);
    }
    assert_null(dv_crossing_words("unheard-of"));
    assert_null(dv_crossing_words(NULL));
}

/* ---- rules between members ---- */

static gboolean
judge(json_t *record, const char *part)
{
    g_autoptr(GError) error = NULL;
    gboolean taken = dv_crossing_validate(record, &error);
    if (!taken && part && !strstr(error->message, part))
        fail_msg("\"%s\" instead of \"%s\"", error->message, part);
    return taken;
}

static void
set(json_t *record, const char *group, const char *member, json_t *value)
{
    json_object_set_new(json_object_get(record, group), member, value);
}

static void
referral_never_stands_in_the_record(void **state)
{
    (void)state;
    g_autoptr(json_t) record = dv_record_example();
    set(record, "decision", "outcome", json_string("REFER_ASYLUM"));
    assert_false(judge(record, "protection"));
    set(record, "decision", "outcome", json_string("REFER_PROTECTION"));
    assert_false(judge(record, "protection"));
}

/* S1: no first line and no program records a refusal. */
static void
refusal_needs_a_second_person(void **state)
{
    (void)state;
    g_autoptr(json_t) record = full_record();
    set(record, "decision", "outcome", json_string("REFUSE"));
    set(record, "decision", "remedy_notice", json_true());
    assert_true(judge(record, NULL));
    set(record, "decision", "approved_by", json_null());
    assert_false(judge(record, "second person"));
    set(record, "decision", "approved_by", json_string("officer"));
    assert_false(judge(record, "second person"));
    set(record, "decision", "approved_by", json_string("supervisor"));
    set(record, "decision", "grounds", json_array());
    assert_false(judge(record, "at least one ground"));
    set(record, "decision", "grounds", json_pack("[s]", "A"));
    set(record, "decision", "note", json_null());
    assert_false(judge(record, "reason in words"));
    set(record, "decision", "note", json_string("No visa."));
    set(record, "decision", "remedy_notice", json_false());
    assert_false(judge(record, "issued form"));
}

static void
specimens_pass_in_training_alone(void **state)
{
    (void)state;
    static const char *const passing[] = {"ADMIT", "ADMIT_CONDITIONS", "EXIT_OK"};
    g_autoptr(json_t) record = dv_record_example();
    for (gsize i = 0; i < G_N_ELEMENTS(passing); i++) {
        set(record, "decision", "outcome", json_string(passing[i]));
        json_object_set_new(record, "is_training", json_true());
        assert_true(judge(record, NULL));
        json_object_set_new(record, "is_training", json_false());
        assert_false(judge(record, "training alone"));
    }
    set(record, "document", "issuing_state", json_string("D"));
    assert_false(judge(record, "training alone")); /* the nationality still is */
    set(record, "person", "nationalities", json_pack("[s]", "D"));
    assert_true(judge(record, NULL));
    set(record, "document", "issuing_state", json_string("UTO"));
    set(record, "decision", "outcome", json_string("SECOND_LINE"));
    assert_true(judge(record, NULL));
    set(record, "decision", "outcome", json_string("WITHDRAWN"));
    assert_true(judge(record, NULL));
}

/* A JPEG of n bytes, as far as anybody here looks. */
static json_t *
portrait(const char *kind, gsize n)
{
    g_autofree guint8 *bytes = g_malloc0(n);
    static const guint8 start[] = {0xff, 0xd8, 0xff};
    for (gsize i = 0; i < sizeof start; i++)
        bytes[i] = start[i];
    g_autofree char *text = g_base64_encode(bytes, n);
    return json_pack("{s:s, s:s}", "kind", kind, "jpeg", text);
}

static void
a_face_is_there_or_says_why_not(void **state)
{
    (void)state;
    g_autoptr(json_t) record = full_record_2();
    json_t *list = json_object_get(record, "portraits");
    assert_true(judge(record, NULL));
    json_array_append_new(list, portrait("LIVE", DV_RECORD_PORTRAIT_MAX));
    assert_false(judge(record, "face.missing"));
    set(record, "face", "missing", json_null());
    assert_true(judge(record, NULL));
    json_array_set_new(list, 0, portrait("LIVE", 99));
    assert_false(judge(record, "two of one kind"));
    json_array_remove(list, 0);
    json_array_set_new(list, 0, portrait("DOCUMENT", 99));
    assert_false(judge(record, "face.missing"));
    json_array_set_new(list, 0, portrait("LIVE", DV_RECORD_PORTRAIT_MAX + 3));
    assert_false(judge(record, "jpeg"));
    json_object_set_new(record, "schema_version", json_integer(1));
    assert_false(judge(record, "is not known")); /* version 1 has none */
    json_object_set_new(record, "schema_version", json_integer(4));
    assert_false(judge(record, "schema_version"));
}

/* What a camera's lines were read from is there or is missed, and nothing else has it. */
static void
a_scan_is_there_where_a_camera_read(void **state)
{
    (void)state;
    g_autoptr(json_t) record = full_record_3(TRUE);
    assert_true(judge(record, NULL));
    json_object_set_new(record, "read_by", json_string("READER"));
    assert_false(judge(record, "scan: is there"));
    json_object_set_new(record, "read_by", json_string("OFFICER"));
    json_object_set_new(record, "entry_method", json_string("MANUAL"));
    assert_false(judge(record, "scan: is there"));
    json_object_set_new(record, "scan", json_null());
    assert_true(judge(record, NULL));
    json_object_set_new(record, "read_by", json_string("READER"));
    assert_false(judge(record, "read_by"));
    json_object_set_new(record, "entry_method", json_string("MRZ"));
    assert_true(judge(record, NULL));
    json_object_set_new(record, "read_by", json_string("CAMERA"));
    assert_false(judge(record, "scan: is there"));
}

static void
a_scan_says_what_it_lacks(void **state)
{
    (void)state;
    static const char *const parts[] = {"zone", "page"};
    static const gsize most[] = {DV_RECORD_ZONE_MAX, DV_RECORD_PAGE_MAX};
    for (guint i = 0; i < G_N_ELEMENTS(parts); i++) {
        g_autoptr(json_t) record = full_record_3(TRUE);
        set(record, "scan", parts[i], json_null());
        assert_false(judge(record, "scan.missing"));
        set(record, "scan", "missing", json_string("NO_ROOM"));
        assert_true(judge(record, NULL));
        g_autoptr(json_t) largest = portrait("ZONE", most[i]);
        g_autoptr(json_t) larger = portrait("ZONE", most[i] + 3);
        set(record, "scan", parts[i], json_incref(json_object_get(largest, "jpeg")));
        assert_false(judge(record, "scan.missing")); /* nothing is */
        set(record, "scan", "missing", json_null());
        assert_true(judge(record, NULL));
        set(record, "scan", parts[i], json_incref(json_object_get(larger, "jpeg")));
        assert_false(judge(record, parts[i]));
    }
}

static void
portraits_are_jpeg_in_one_spelling(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        gboolean taken;
    } rows[] = {{"/9j/2Q==", TRUE},    {"/9j/2QA=", TRUE},  {"/9j/2QAA", TRUE},
                {"/9j/2R==", FALSE},   {"/9j/2Q=", FALSE},  {"/9j/2Q", FALSE},
                {"/9j/2Q==\n", FALSE}, {"/9j/-_==", FALSE}, {"iVBORw==", FALSE},
                {"/9j/=Q==", FALSE},   {"/9j/", FALSE},     {"/9j/====", FALSE}};
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(json_t) record = full_record_2();
        json_t *one = json_array_get(json_object_get(record, "portraits"), 0);
        json_object_set_new(one, "jpeg", json_string(rows[i].text));
        if (judge(record, "jpeg") != rows[i].taken)
            fail_msg("%s", rows[i].text);
    }
}

static void
examples_of_all_versions(void **state)
{
    (void)state;
    static const char *const files[] = {"record.json", "record-2.json", "record-3.json"};
    for (guint i = 0; i < G_N_ELEMENTS(files); i++) {
        g_autoptr(GError) error = NULL;
        g_autofree char *path = g_build_filename(DV_GOLDEN, files[i], NULL);
        g_autoptr(GBytes) bytes = dv_file_read(path, 65536, &error);
        assert_non_null(bytes);
        g_autoptr(json_t) record =
            dv_json_parse(g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes), 65536, &error);
        assert_non_null(record);
        assert_true(judge(record, NULL));
        assert_int_equal(json_integer_value(json_object_get(record, "schema_version")), i + 1);
    }
}

static void
checks_end_after_they_start(void **state)
{
    (void)state;
    g_autoptr(json_t) record = dv_record_example();
    json_t *check = json_array_get(json_object_get(record, "checks"), 0);
    json_object_set_new(check, "start_ms", json_integer(2));
    assert_false(judge(record, "ends before it starts"));
}

/* A name that is somebody's is not repeated in a message. */
static void
messages_hold_no_values(void **state)
{
    (void)state;
    g_autoptr(json_t) record = dv_record_example();
    json_object_set_new(record, "ERIKSSON ANNA", json_null());
    g_autoptr(GError) error = NULL;
    assert_false(dv_crossing_validate(record, &error));
    assert_null(strstr(error->message, "ERIKSSON"));
    json_object_del(record, "ERIKSSON ANNA");
    json_object_set_new(record, "clock_quality", json_string("ERIKSSON"));
    g_clear_error(&error);
    assert_false(dv_crossing_validate(record, &error));
    assert_null(strstr(error->message, "ERIKSSON"));
    assert_false(dv_crossing_validate(NULL, NULL));
    g_autoptr(json_t) array = json_array();
    assert_false(dv_crossing_validate(array, NULL));
}

/* ---- forms ---- */

static void
forms_take_what_they_say(void **state)
{
    (void)state;
    static const struct {
        const char *group, *member, *text;
        gboolean taken;
    } cases[] = {
        {"person", "birth_date", "XXXX-XX-XX", TRUE},
        {"person", "birth_date", "1974-XX-XX", TRUE},
        {"person", "birth_date", "2000-02-29", TRUE},
        {"person", "birth_date", "XXXX-02-29", TRUE},
        {"person", "birth_date", "2001-02-29", FALSE},
        {"person", "birth_date", "1974-00-12", FALSE},
        {"person", "birth_date", "1974-13-01", FALSE},
        {"person", "birth_date", "19XX-01-01", FALSE},
        {"person", "birth_date", "1974-8-12", FALSE},
        {"person", "birth_date", "0000-01-01", FALSE},
        {"movement", "authorised_until", "2026-12-31", TRUE},
        {"movement", "authorised_until", "2026-12-XX", FALSE},
        {"document", "issuing_state", "D", TRUE},
        {"document", "issuing_state", "d", FALSE},
        {"document", "issuing_state", "DEUT", FALSE},
        {"decision", "decided_by", "a.b-c_9", TRUE},
        {"decision", "decided_by", "Anna", FALSE},
        {"decision", "language", "zh-Hant", TRUE},
        {"decision", "note", "two\nlines", TRUE},
        {"decision", "note", "a\rb", FALSE},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(json_t) record = dv_record_example();
        set(record, cases[i].group, cases[i].member, json_string(cases[i].text));
        if (judge(record, cases[i].member) != cases[i].taken)
            fail_msg("%s: \"%s\"", cases[i].member, cases[i].text);
    }
    static const char *const bad_times[] = {"2026-11-23T19:02:48Z", "2026-11-23T19:02:48.123+00:00",
                                            "2026-02-30T19:02:48.123Z", "2026-11-23 19:02:48.123Z"};
    for (gsize i = 0; i < G_N_ELEMENTS(bad_times); i++) {
        g_autoptr(json_t) record = dv_record_example();
        json_object_set_new(record, "event_time", json_string(bad_times[i]));
        assert_false(judge(record, "event_time"));
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_member_is_checked_and_named),
        cmocka_unit_test(words_outside_the_vocabulary_are_refused),
        cmocka_unit_test(every_word_of_a_vocabulary_is_taken),
        cmocka_unit_test(vocabularies_are_known_and_sound),
        cmocka_unit_test(referral_never_stands_in_the_record),
        cmocka_unit_test(refusal_needs_a_second_person),
        cmocka_unit_test(specimens_pass_in_training_alone),
        cmocka_unit_test(checks_end_after_they_start),
        cmocka_unit_test(a_face_is_there_or_says_why_not),
        cmocka_unit_test(portraits_are_jpeg_in_one_spelling),
        cmocka_unit_test(examples_of_all_versions),
        cmocka_unit_test(a_scan_is_there_where_a_camera_read),
        cmocka_unit_test(a_scan_says_what_it_lacks),
        cmocka_unit_test(messages_hold_no_values),
        cmocka_unit_test(forms_take_what_they_say),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
