// SPDX-License-Identifier: Apache-2.0
/*
 * The face beside the document: live view, portrait by itself and by key, a reason where there is
 * none, comparison as a finding, and all of it in the sealed record. The device service is a fake
 * that also says what no real one would; no image is decoded here, as the booth decodes none.
 */
#include "booth_steps.h"

#include <darvaza/clock.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static const guint8 frame[] = {0xff, 0xd8, 0xff, 0xe0, 'f', 0xff, 0xd9};
static const guint8 live[] = {0xff, 0xd8, 0xff, 0xe0, 'l', 'i', 'v', 'e', 0xff, 0xd9};
static const guint8 printed[] = {0xff, 0xd8, 0xff, 0xe0, 'd', 'o', 'c', 0xff, 0xd9};

static const char with_camera[] = "[camera]\ntraveller = 2-1\n";

static GVariant *
of_camera(GBytes *portrait)
{
    GVariantDict meta;
    g_variant_dict_init(&meta, NULL);
    g_variant_dict_insert(&meta, "family", "s", "document-camera");
    g_variant_dict_insert_value(&meta, "portrait", booth_bytes_variant(portrait));
    return g_variant_dict_end(&meta);
}

static BoothRig *
rig_with(const char *extra)
{
    BoothRig *rig = booth_rig_new(&(BoothRigOptions){.training = TRUE, .extra = extra});
    booth_rig_deliver_accounts(rig, DAY_S);
    booth_ready(rig, "INFO");
    return rig;
}

static void
show(BoothRig *rig, guint faces, const char *const *findings)
{
    g_autoptr(GBytes) portrait = faces ? g_bytes_new_static(live, sizeof live) : NULL;
    fake_devices_show(rig->devices, &(FakeView){.jpeg = frame,
                                                .length = sizeof frame,
                                                .width = 640,
                                                .height = 480,
                                                .faces = faces,
                                                .findings = findings,
                                                .portrait = portrait});
}

static const char *
camera_state(BoothRig *rig)
{
    assert_int_equal(booth_rig_get(rig, "/api/state"), 200);
    return booth_rig_text(rig, "cameras.traveller");
}

static void
wait_camera(BoothRig *rig, const char *word)
{
    for (guint i = 0; i < 10000; i++) {
        if (g_str_equal(camera_state(rig), word))
            return;
        g_usleep(1000);
    }
    fail_msg("the camera never was %s", word);
}

/* Whether a truth value of the crossing's face is set in the last state. */
static gboolean
face_has(BoothRig *rig, const char *member)
{
    assert_int_equal(booth_rig_get(rig, "/api/state"), 200);
    const json_t *face = json_object_get(json_object_get(rig->answer, "crossing"), "face");
    assert_non_null(face);
    return json_is_true(json_object_get(face, member));
}

static guint
look(BoothRig *rig)
{
    return booth_rig_get(rig, "/api/view/traveller?after=0");
}

static guint
post_portrait(BoothRig *rig, const char *id, const char *skip)
{
    return booth_rig_post(rig, "/api/portrait",
                          skip ? json_pack("{s:s, s:s}", "crossing_id", id, "skip", skip)
                               : json_pack("{s:s}", "crossing_id", id));
}

static json_t *
decide_and_open(BoothRig *rig)
{
    assert_int_equal(booth_rig_get(rig, "/api/state"), 200);
    g_autofree char *id = booth_current_id(rig);
    assert_int_equal(booth_decide(rig, id, "ADMIT", NULL), 200);
    DvCrossingHeader header;
    return booth_open_oldest(rig, &header, NULL);
}

static const char *
missing_of(const json_t *record)
{
    return json_string_value(json_object_get(json_object_get(record, "face"), "missing"));
}

/* The portrait of a kind as bytes; NULL: none. */
static GBytes *
portrait_in(const json_t *record, const char *kind)
{
    gsize i, length;
    json_t *one;
    json_array_foreach(json_object_get(record, "portraits"), i, one)
    {
        if (strcmp(json_string_value(json_object_get(one, "kind")), kind) == 0) {
            guchar *bytes =
                g_base64_decode(json_string_value(json_object_get(one, "jpeg")), &length);
            return g_bytes_new_take(bytes, length);
        }
    }
    return NULL;
}

static void
assert_bytes(GBytes *bytes, const guint8 *wanted, gsize size)
{
    assert_non_null(bytes);
    assert_int_equal(g_bytes_get_size(bytes), size);
    assert_memory_equal(g_bytes_get_data(bytes, NULL), wanted, size);
}

/* ---- live view ---- */

static void
live_view(void **state)
{
    (void)state;
    static const char *const dark[] = {"too_dark", "Not a word", "", NULL};
    BoothRig *rig = rig_with(with_camera);
    assert_int_equal(look(rig), 503); /* the camera is not plugged in */
    show(rig, 1, dark);
    wait_camera(rig, "ready");
    assert_int_equal(look(rig), 200);
    assert_non_null(strstr(rig->raw->str, "Content-Type: image/jpeg"));
    assert_non_null(strstr(rig->raw->str, "\"findings\":[\"too_dark\"]"));
    assert_non_null(strstr(rig->raw->str, "\"box\":[0.25,0.25,0.5,0.5]"));
    assert_memory_equal(rig->raw->str + rig->raw->len - sizeof frame, frame, sizeof frame);
    assert_int_equal(booth_rig_get(rig, "/api/view/traveller?after=x"), 400);
    assert_int_equal(booth_rig_get(rig, "/api/view/document"), 404); /* not configured */
    assert_int_equal(booth_rig_get(rig, "/api/view/other"), 404);
    assert_int_equal(booth_rig_post(rig, "/api/sign-out", json_object()), 200);
    assert_int_equal(look(rig), 401);
    booth_rig_free(rig);
}

/* What is no small sealed JPEG goes no further. */
static void
frames_that_are_none(void **state)
{
    (void)state;
    BoothRig *rig = rig_with(with_camera);
    g_autofree guint8 *large = g_malloc0(256 * 1024 + 1);
    memcpy(large, frame, 4);
    memcpy(large + 256 * 1024 - 1, frame + sizeof frame - 2, 2);
    const FakeView views[] = {
        {.jpeg = frame, .length = sizeof frame, .width = 640, .height = 480, .unsealed = TRUE},
        {.jpeg = frame, .length = sizeof frame - 1, .width = 640, .height = 480},
        {.jpeg = frame + 1, .length = sizeof frame - 1, .width = 640, .height = 480},
        {.jpeg = "", .length = 0, .width = 640, .height = 480},
        {.jpeg = large, .length = 256 * 1024 + 1, .width = 640, .height = 480},
        {.jpeg = frame, .length = sizeof frame, .width = 641, .height = 480},
        {.jpeg = frame, .length = sizeof frame, .width = 640, .height = 0},
        {.jpeg = NULL},
    };
    for (guint i = 0; i < G_N_ELEMENTS(views); i++) {
        fake_devices_show(rig->devices, &views[i]);
        assert_int_equal(look(rig), 503);
        assert_string_equal(booth_rig_text(rig, "error"), "no_picture");
    }
    show(rig, 0, NULL);
    assert_int_equal(look(rig), 200);
    booth_rig_free(rig);
}

/* ---- portraits ---- */

static void
taken_at_the_right_moment(void **state)
{
    (void)state;
    static const char *const blurred[] = {"blurred", NULL};
    BoothRig *rig = rig_with(with_camera);
    show(rig, 1, NULL);
    wait_camera(rig, "ready");
    for (guint i = 0; i < 5; i++)
        assert_int_equal(look(rig), 200); /* who stood there before is not this traveller */
    g_autoptr(GBytes) document = g_bytes_new_static(printed, sizeof printed);
    fake_devices_set_meta(rig->devices, of_camera(document));
    booth_lay(rig, ADMIT_ME);
    assert_false(face_has(rig, "live"));
    assert_true(face_has(rig, "document"));
    look(rig);
    look(rig);
    show(rig, 1, blurred);
    look(rig); /* the row is broken */
    show(rig, 1, NULL);
    look(rig);
    look(rig);
    assert_false(face_has(rig, "live"));
    fake_devices_show(rig->devices, &(FakeView){.jpeg = frame,
                                                .length = sizeof frame,
                                                .unjudged = TRUE,
                                                .width = 640,
                                                .height = 480,
                                                .faces = 1});
    look(rig); /* nobody looked at that frame: it counts for nothing */
    assert_false(face_has(rig, "live"));
    show(rig, 1, NULL);
    look(rig);
    assert_true(face_has(rig, "live"));
    g_autofree char *id = booth_current_id(rig);
    g_autofree char *path = g_strdup_printf("/api/portraits/%s/live", id),
                    *other = g_strdup_printf("/api/portraits/%s/document", id),
                    *none = g_strdup_printf("/api/portraits/%s/other", id);
    assert_int_equal(booth_rig_get(rig, path), 200);
    assert_memory_equal(rig->raw->str + rig->raw->len - sizeof live, live, sizeof live);
    assert_int_equal(booth_rig_get(rig, other), 200);
    assert_int_equal(booth_rig_get(rig, none), 404);
    g_autoptr(json_t) record = decide_and_open(rig);
    g_autoptr(GBytes) kept = portrait_in(record, "LIVE");
    g_autoptr(GBytes) of_document = portrait_in(record, "DOCUMENT");
    assert_bytes(kept, live, sizeof live);
    assert_bytes(of_document, printed, sizeof printed);
    assert_null(missing_of(record));
    assert_int_equal(booth_rig_get(rig, path), 409); /* it left the booth's memory */
    booth_rig_free(rig);
}

static void
taken_by_key_with_what_speaks_against_it(void **state)
{
    (void)state;
    static const char *const against[] = {"off_centre", "too_dark", NULL};
    BoothRig *rig = rig_with(with_camera);
    show(rig, 1, against);
    wait_camera(rig, "ready");
    look(rig);
    booth_lay(rig, ADMIT_ME);
    g_autofree char *id = booth_current_id(rig);
    assert_int_equal(post_portrait(rig, id, NULL), 409); /* that frame was before this traveller */
    assert_string_equal(booth_rig_text(rig, "error"), "no_picture");
    show(rig, 0, NULL);
    look(rig);
    assert_int_equal(post_portrait(rig, id, NULL), 409);
    assert_string_equal(booth_rig_text(rig, "error"), "no_face");
    show(rig, 2, NULL);
    look(rig);
    assert_int_equal(post_portrait(rig, id, NULL), 409);
    assert_string_equal(booth_rig_text(rig, "error"), "several_faces");
    show(rig, 1, against);
    for (guint i = 0; i < 5; i++)
        look(rig);
    assert_false(face_has(rig, "live")); /* never by itself */
    assert_int_equal(post_portrait(rig, id, NULL), 200);
    assert_true(face_has(rig, "live"));
    assert_int_equal(post_portrait(rig, "11111111-2222-4333-8444-555555555555", NULL), 409);
    g_autoptr(json_t) record = decide_and_open(rig);
    const json_t *face = json_object_get(record, "face");
    assert_string_equal(json_string_value(json_array_get(json_object_get(face, "findings"), 0)),
                        "off_centre");
    assert_true(json_is_true(json_object_get(face, "pose_judged")));
    assert_null(missing_of(record));
    booth_rig_free(rig);
}

static void
skipped_with_a_reason(void **state)
{
    (void)state;
    BoothRig *rig = rig_with(with_camera);
    show(rig, 1, NULL);
    wait_camera(rig, "ready");
    booth_lay(rig, ADMIT_ME);
    g_autofree char *id = booth_current_id(rig);
    assert_int_equal(post_portrait(rig, id, "BECAUSE"), 400);
    assert_int_equal(post_portrait(rig, id, "NO_CAMERA"), 400); /* the booth's own word */
    assert_int_equal(post_portrait(rig, id, "EXEMPT"), 200);
    for (guint i = 0; i < 5; i++)
        look(rig);
    assert_false(face_has(rig, "live")); /* who is left out stays left out */
    g_autoptr(json_t) record = decide_and_open(rig);
    assert_string_equal(missing_of(record), "EXEMPT");
    assert_int_equal(json_array_size(json_object_get(record, "portraits")), 0);
    booth_rig_free(rig);
}

/* Nobody has to say anything: the booth knows why, and nothing waits for a portrait. */
static void
missing_says_why(void **state)
{
    (void)state;
    static const struct {
        const char *configured;
        gint faces; /* negative: no camera is plugged in */
        guint looks;
        const char *word;
    } rows[] = {{"", -1, 0, "NO_CAMERA"},
                {with_camera, -1, 0, "DEVICE"},
                {with_camera, 1, 0, "OFFICER_SKIPPED"},
                {with_camera, 0, 1, "NO_FACE"},
                {with_camera, 2, 1, "SEVERAL_FACES"}};
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        BoothRig *rig = rig_with(rows[i].configured);
        if (rows[i].faces >= 0) {
            show(rig, (guint)rows[i].faces, NULL);
            wait_camera(rig, "ready");
        }
        booth_lay(rig, ADMIT_ME);
        for (guint looks = 0; looks < rows[i].looks; looks++)
            assert_int_equal(look(rig), 200);
        g_autoptr(json_t) record = decide_and_open(rig);
        assert_string_equal(missing_of(record), rows[i].word);
        booth_rig_free(rig);
    }
}

/* A booth whose device service has no detector: nobody skipped anything. */
static void
nothing_looks_for_faces(void **state)
{
    (void)state;
    static const char *const unjudged[] = {"unjudged", NULL};
    BoothRig *rig = rig_with(with_camera);
    fake_devices_show(rig->devices, &(FakeView){.jpeg = frame,
                                                .length = sizeof frame,
                                                .unjudged = TRUE,
                                                .findings = unjudged,
                                                .width = 640,
                                                .height = 480});
    wait_camera(rig, "ready");
    booth_lay(rig, ADMIT_ME);
    assert_int_equal(look(rig), 200);
    g_autoptr(json_t) record = decide_and_open(rig);
    assert_string_equal(missing_of(record), "DEVICE");
    booth_rig_free(rig);
}

/* Who was there all along may be the traveller before: taken by key, or once nobody was seen. */
static gint64 ahead_us;

static gint64
later_wall(void *data)
{
    (void)data;
    return g_get_real_time() + ahead_us;
}

static gint64
later_mono(void *data)
{
    (void)data;
    return g_get_monotonic_time() + ahead_us;
}

static void
look_often(BoothRig *rig)
{
    for (guint i = 0; i < 5; i++)
        assert_int_equal(look(rig), 200);
}

static void
not_the_traveller_before(void **state)
{
    (void)state;
    static const char *const far[] = {"too_far", NULL};
    BoothRig *rig = rig_with(with_camera);
    dv_clock_install(&(DvClock){later_wall, later_mono, NULL});
    show(rig, 1, NULL);
    wait_camera(rig, "ready");
    booth_lay(rig, ADMIT_ME);
    look_often(rig);
    assert_true(face_has(rig, "live"));
    g_autofree char *first = booth_current_id(rig);
    assert_int_equal(booth_decide(rig, first, "ADMIT", NULL), 200);
    look_often(rig); /* still packing */
    booth_lay(rig, "DOE", "JANE", "X12345677", "800101", "340415");
    look_often(rig);
    assert_false(face_has(rig, "live"));
    look(rig);
    assert_non_null(strstr(rig->raw->str, "\"findings\":[\"last_traveller\"]"));
    show(rig, 0, NULL);
    look_often(rig); /* bent down for a moment */
    show(rig, 1, NULL);
    look_often(rig);
    assert_false(face_has(rig, "live"));
    g_autofree char *second = booth_current_id(rig);
    assert_int_equal(post_portrait(rig, second, NULL), 200); /* the officer can tell */
    assert_int_equal(booth_decide(rig, second, "ADMIT", NULL), 200);
    show(rig, 2, far); /* nobody but the queue */
    look(rig);
    ahead_us += 2 * G_USEC_PER_SEC;
    look(rig);
    show(rig, 1, NULL);
    booth_lay(rig, ADMIT_ME);
    look_often(rig);
    assert_true(face_has(rig, "live"));
    booth_rig_free(rig);
    dv_clock_install(NULL);
}

/* The camera's answer is late, and another traveller stands on the lane when it comes. */
static void
frame_of_another_crossing(void **state)
{
    (void)state;
    BoothRig *rig = rig_with(with_camera);
    show(rig, 0, NULL);
    wait_camera(rig, "ready");
    g_auto(GStrv) lines = booth_rig_zone(ADMIT_ME);
    fake_devices_lay_before_view(rig->devices, lines);
    assert_int_equal(look(rig), 200);
    booth_rig_wait_lane(rig, "deciding");
    g_autofree char *id = booth_current_id(rig);
    assert_int_equal(post_portrait(rig, id, NULL), 409);
    assert_string_equal(booth_rig_text(rig, "error"), "no_picture"); /* not: no face */
    look(rig);
    assert_int_equal(post_portrait(rig, id, NULL), 409);
    assert_string_equal(booth_rig_text(rig, "error"), "no_face");
    booth_rig_free(rig);
}

/* ---- comparison ---- */

static const char above[] =
    "{'result': <'above'>, 'score': <412>, 'threshold': <363>, 'model': <'Tiny 1'>, "
    "'licence': <'Apache-2.0'>, 'measured_on': <'nothing'>, 'false_match': <uint32 1000>, "
    "'false_non_match': <uint32 20000>}";

static json_t *
compared(const char *answer)
{
    BoothRig *rig = rig_with(with_camera);
    g_autoptr(GBytes) document = g_bytes_new_static(printed, sizeof printed);
    show(rig, 1, NULL);
    wait_camera(rig, "ready");
    fake_devices_set_meta(rig->devices, of_camera(document));
    fake_devices_set_comparison(rig->devices, g_variant_new_parsed(answer));
    booth_lay(rig, ADMIT_ME);
    for (guint i = 0; i < 3; i++)
        look(rig);
    assert_true(face_has(rig, "live"));
    /* The answer follows; a contradiction leaves it unknown, for which a few turns must do. */
    for (guint i = 0; i < 50; i++) {
        assert_int_equal(booth_rig_get(rig, "/api/state"), 200);
        if (*booth_rig_text(rig, "crossing.face.compared.result"))
            break;
    }
    assert_int_equal(booth_rig_int(rig, "crossing.total"), 1); /* whatever it says */
    json_t *record = decide_and_open(rig);
    booth_rig_free(rig);
    return record;
}

static gint64
result_of(const json_t *record)
{
    return json_integer_value(json_object_get(json_object_get(record, "face"), "result"));
}

/* Whatever a model found, the check of that name says that it is the officer's. */
static void
expect_by_eye(const json_t *record)
{
    const json_t *one;
    gsize i;
    guint seen = 0;
    json_array_foreach(json_object_get(record, "checks"), i, one)
    {
        if (strcmp(json_string_value(json_object_get(one, "id")), "face") != 0)
            continue;
        seen++;
        assert_string_equal(json_string_value(json_object_get(one, "code")), "by_eye");
        assert_int_equal(json_integer_value(json_object_get(one, "result")), 4);
    }
    assert_int_equal(seen, 1);
}

static void
comparison_is_a_finding(void **state)
{
    (void)state;
    g_autoptr(json_t) record = compared(above);
    const json_t *face = json_object_get(record, "face");
    const json_t *model = json_object_get(face, "model");
    expect_by_eye(record);
    assert_int_equal(result_of(record), 1);
    assert_int_equal(json_integer_value(json_object_get(face, "score")), 412);
    assert_int_equal(json_integer_value(json_object_get(face, "threshold")), 363);
    assert_string_equal(json_string_value(json_object_get(model, "name")), "Tiny 1");
    assert_int_equal(json_integer_value(json_object_get(model, "false_match_per_million")), 1000);
    g_autoptr(GString) below = g_string_new(above);
    g_string_replace(below, "above", "below", 1);
    g_string_replace(below, "412", "-5", 1);
    g_autoptr(json_t) unlike = compared(below->str);
    expect_by_eye(unlike);
    assert_int_equal(result_of(unlike), 2);
    g_autoptr(json_t) off = compared("{'result': <'off'>, 'reason': <'no model is installed'>}");
    assert_int_equal(result_of(off), 4);
    g_autoptr(json_t) faceless = compared("{'result': <'no_face'>}");
    assert_int_equal(result_of(faceless), 3);
    assert_true(json_is_null(json_object_get(json_object_get(faceless, "face"), "score")));
}

static void
comparison_that_contradicts_itself(void **state)
{
    (void)state;
    static const char *const spoils[][2] = {{"412", "12"},        {"412", "1412"},
                                            {"'Tiny 1'", "''"},   {"'nothing'", "''"},
                                            {"20000", "1000001"}, {"above", "sure"}};
    for (guint i = 0; i < G_N_ELEMENTS(spoils); i++) {
        g_autoptr(GString) answer = g_string_new(above);
        assert_int_equal(g_string_replace(answer, spoils[i][0], spoils[i][1], 1), 1);
        g_autoptr(json_t) record = compared(answer->str);
        assert_int_equal(result_of(record), 5); /* asked for, and not answered */
        assert_true(json_is_null(json_object_get(json_object_get(record, "face"), "score")));
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(live_view),
        cmocka_unit_test(frames_that_are_none),
        cmocka_unit_test(taken_at_the_right_moment),
        cmocka_unit_test(taken_by_key_with_what_speaks_against_it),
        cmocka_unit_test(skipped_with_a_reason),
        cmocka_unit_test(missing_says_why),
        cmocka_unit_test(nothing_looks_for_faces),
        cmocka_unit_test(not_the_traveller_before),
        cmocka_unit_test(frame_of_another_crossing),
        cmocka_unit_test(comparison_is_a_finding),
        cmocka_unit_test(comparison_that_contradicts_itself),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
