// SPDX-License-Identifier: Apache-2.0
/* The portrait: what speaks against it, how it is cut, from a page as well, and comparison by an
 * operator's network, for which the tests' own stands in. */
#include "drawn_face.h"
#include "expect.h"
#include "shared_data.h"
#include <darvaza/crypto.h>
#include <darvaza/face.h>
#include <math.h>
#include <stdio.h>

static const char *cascade, *networks; /* a file, a folder */

/* A face whose eyes the test knows. */
static DvFace
face_at(double x, double y, double distance, double turn)
{
    static const double at[5][2] = {{-.5, 0}, {.5, 0}, {0, .6}, {-.36, 1.08}, {.36, 1.08}};
    DvFace face = {
        x - 1.2 * distance, y - distance, 2.4 * distance, 2.7 * distance, 1, TRUE, {{0}}};
    for (guint i = 0; i < G_N_ELEMENTS(at); i++) {
        double dx = at[i][0] * distance, dy = at[i][1] * distance;
        face.landmark[i] =
            (DvPoint){x + dx * cos(turn) - dy * sin(turn), y + dx * sin(turn) + dy * cos(turn)};
    }
    return face;
}

static DvImage *
traveller(double x, double y, double distance, double turn)
{
    DvImage *image = dv_drawn_wall(640, 480);
    dv_drawn_face(image, &(DvDrawnFace){x, y, distance, turn});
    return image;
}

/* ---- what speaks against it ---- */

static DvFaceReport
judge(const DvImage *image, const DvFace *face, guint count)
{
    DvFaceList list = {.count = count};
    DvFaceReport report;
    g_autoptr(GError) error = NULL;
    for (guint i = 0; i < count; i++)
        list.face[i] = *face;
    dv_faces_judge(image, &list, &report, &error);
    EXPECT_NO_ERROR(error);
    return report;
}

static void
says(const DvFaceReport *report, DvFaceCode code)
{
    for (guint i = 0; i < report->count; i++)
        if (report->finding[i].code == code)
            return;
    fail_msg("%s is not among %u findings", dv_face_code_word(code), report->count);
}

static void
says_nothing(const DvFaceReport *report)
{
    if (report->count > 0)
        fail_msg("%s: %d, limit %d", dv_face_code_word(report->finding[0].code),
                 report->finding[0].value, report->finding[0].limit);
}

static void
good_portrait(void **state)
{
    (void)state;
    g_autoptr(DvImage) image = traveller(320, 190, 75, 0);
    DvFace face = face_at(320, 190, 75, 0);
    DvFaceReport report = judge(image, &face, 1);
    says_nothing(&report);
    assert_true(report.pose_judged);
    assert_true(fabs(report.eye_distance - 75) < 0.01);
    face.has_landmarks = FALSE; /* a box alone says nothing of the pose, and the report says so */
    report = judge(image, &face, 1);
    assert_false(report.pose_judged);
}

static void
place_and_number(void **state)
{
    (void)state;
    g_autoptr(DvImage) image = traveller(320, 190, 75, 0);
    DvFace face = face_at(320, 190, 75, 0);
    DvFaceReport report = judge(image, &face, 0);
    assert_int_equal(report.count, 1);
    says(&report, DV_FACE_NONE);
    report = judge(image, &face, 2);
    says(&report, DV_FACE_SEVERAL);
    static const struct {
        double x, y, distance;
        DvFaceCode code;
    } rows[] = {{320, 200, 45, DV_FACE_TOO_FAR},
                {320, 240, 140, DV_FACE_TOO_CLOSE},
                {480, 190, 65, DV_FACE_OFF_CENTRE},
                {320, 40, 75, DV_FACE_CUT_OFF}};
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(DvImage) other = traveller(rows[i].x, rows[i].y, rows[i].distance, 0);
        face = face_at(rows[i].x, rows[i].y, rows[i].distance, 0);
        report = judge(other, &face, 1);
        assert_int_equal(report.finding[0].code, rows[i].code);
    }
}

static void
darken(guint8 *pixel, guint x)
{
    (void)x;
    for (guint i = 0; i < 3; i++)
        pixel[i] = (guint8)(pixel[i] / 4);
}

static void
brighten(guint8 *pixel, guint x)
{
    (void)x;
    for (guint i = 0; i < 3; i++)
        pixel[i] = (guint8)MIN(pixel[i] + 90, 255);
}

static void
flatten(guint8 *pixel, guint x)
{
    (void)x;
    for (guint i = 0; i < 3; i++)
        pixel[i] = (guint8)(110 + pixel[i] / 16);
}

static void
from_one_side(guint8 *pixel, guint x)
{
    for (guint i = 0; i < 3; i++)
        pixel[i] = (guint8)(pixel[i] * (x < 320 ? 5 : 10) / 10);
}

static void
through_blue(guint8 *pixel, guint x)
{
    (void)x;
    pixel[0] = (guint8)(pixel[0] / 2);
    pixel[2] = (guint8)MIN(pixel[2] + 60, 255);
}

static void
light_and_colour(void **state)
{
    (void)state;
    static const struct {
        void (*spoil)(guint8 *pixel, guint x);
        DvFaceCode code;
    } rows[] = {{darken, DV_FACE_TOO_DARK},      {brighten, DV_FACE_TOO_BRIGHT},
                {brighten, DV_FACE_GLARE},       {flatten, DV_FACE_FLAT},
                {from_one_side, DV_FACE_UNEVEN}, {through_blue, DV_FACE_TINTED}};
    DvFace face = face_at(320, 190, 75, 0);
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(DvImage) image = traveller(320, 190, 75, 0);
        for (guint at = 0; at < image->width * image->height; at++)
            rows[i].spoil(image->pixels + (gsize)at * 3, at % image->width);
        DvFaceReport report = judge(image, &face, 1);
        says(&report, rows[i].code);
    }
}

/* Each pixel the mean of the nine to its right, twice. */
static void
blurred_portrait(void **state)
{
    (void)state;
    g_autoptr(DvImage) image = traveller(320, 190, 75, 0);
    gsize end = (gsize)image->width * image->height * 3;
    for (guint pass = 0; pass < 2; pass++)
        for (gsize at = 0; at + 27 < end; at++) {
            guint sum = 0;
            for (guint i = 0; i < 9; i++)
                sum += image->pixels[at + (gsize)3 * i];
            image->pixels[at] = (guint8)(sum / 9);
        }
    DvFace face = face_at(316, 190, 75, 0);
    DvFaceReport report = judge(image, &face, 1);
    says(&report, DV_FACE_BLURRED);
}

static void
pose(void **state)
{
    (void)state;
    g_autoptr(DvImage) image = traveller(320, 190, 75, 0);
    DvFace face = face_at(320, 190, 75, 0);
    face.landmark[DV_FACE_NOSE].x += 25;
    DvFaceReport report = judge(image, &face, 1);
    says(&report, DV_FACE_TURNED);
    face = face_at(320, 190, 75, 0);
    face.landmark[DV_FACE_NOSE].y = 200;
    report = judge(image, &face, 1);
    says(&report, DV_FACE_NODDED);
    g_autoptr(DvImage) tilted = traveller(320, 190, 75, 0.3);
    face = face_at(320, 190, 75, 0.3);
    report = judge(tilted, &face, 1);
    says(&report, DV_FACE_TILTED);
    assert_int_equal(report.count, 1); /* a tilted head is not turned */
}

static void
every_code_has_words(void **state)
{
    (void)state;
    for (guint i = 0; i < DV_FACE_CODES; i++) {
        assert_non_null(dv_face_code_word(i));
        assert_true(g_str_has_suffix(dv_face_code_advice(i), "."));
    }
    assert_null(dv_face_code_word(DV_FACE_CODES));
}

/* ---- how it is cut ---- */

static guint8
level(const DvImage *image, guint x, guint y)
{
    return image->pixels[((gsize)y * image->width + x) * image->channels];
}

/* Irises are the darkest of a face: they must stand where the header says, 75 px apart at 144.6. */
static void
expect_eyes(const DvPortrait *portrait)
{
    g_autoptr(GError) error = NULL;
    assert_in_range(portrait->length, 2000, DV_PORTRAIT_BYTES_MAX);
    g_autoptr(DvImage) cut = dv_image_decode(portrait->jpeg, portrait->length, &error);
    EXPECT_NO_ERROR(error);
    assert_int_equal(cut->width, DV_PORTRAIT_WIDTH);
    assert_int_equal(cut->height, DV_PORTRAIT_HEIGHT);
    for (gint side = -1; side <= 1; side += 2) {
        guint x = (guint)(120 + side * 37.5), y = 139;
        assert_true(level(cut, x, y) < 90);                         /* iris */
        assert_true(level(cut, x, y + 30) > 130);                   /* cheek */
        assert_true(level(cut, x + 11, y) > level(cut, x, y) + 60); /* white of the eye */
    }
}

static void
cut_is_upright_and_to_scale(void **state)
{
    (void)state;
    static const DvDrawnFace rows[] = {
        {320, 190, 75, 0}, {300, 220, 60, 0.25}, {320, 240, 110, -0.3}, {200, 200, 40, 0}};
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(DvImage) image = traveller(rows[i].x, rows[i].y, rows[i].distance, rows[i].turn);
        DvFace face = face_at(rows[i].x, rows[i].y, rows[i].distance, rows[i].turn);
        DvPortrait portrait;
        assert_true(dv_faces_portrait(image, &face, &portrait, NULL));
        assert_int_equal(portrait.quality, 90);
        expect_eyes(&portrait);
    }
}

static void
noise_fits_as_well(void **state)
{
    (void)state;
    g_autoptr(DvImage) image = dv_drawn_wall(640, 480);
    guint32 random = 7;
    for (gsize i = 0; i < (gsize)640 * 480 * 3; i++) {
        random = random * 1664525u + 1013904223u;
        image->pixels[i] = (guint8)(random >> 24);
    }
    DvFace face = face_at(320, 190, 75, 0);
    DvPortrait portrait;
    assert_true(dv_faces_portrait(image, &face, &portrait, NULL));
    assert_in_range(portrait.length, 1, DV_PORTRAIT_BYTES_MAX);
    assert_true(portrait.quality < 90);
}

static void
outside_repeats_the_edge(void **state)
{
    (void)state;
    g_autoptr(DvImage) image = traveller(320, 190, 75, 0);
    static const double places[][3] = {{0, 0, 75}, {639, 479, 300}, {-500, 9000, 5}, {320, 1, 1e6}};
    for (guint i = 0; i < G_N_ELEMENTS(places); i++) {
        DvFace face = face_at(places[i][0], places[i][1], places[i][2], 0);
        DvPortrait portrait;
        assert_true(dv_faces_portrait(image, &face, &portrait, NULL));
        assert_in_range(portrait.length, 1, DV_PORTRAIT_BYTES_MAX);
    }
}

/* ---- the document's ---- */

/* A page at 8 px a millimetre: the portrait left above a zone whose left end is at (60, 620). */
static DvImage *
page(DvReading *reading, double distance)
{
    DvImage *image = dv_drawn_wall(1000, 720);
    dv_drawn_face(image, &(DvDrawnFace){180, 300, distance, 0});
    double right = 60 + 44.2 * 2.54 * 8;
    *reading = (DvReading){.line_count = 2, .has_quad = TRUE};
    reading->quad[0] = (DvPoint){60, 620};
    reading->quad[1] = (DvPoint){right, 620};
    reading->quad[2] = (DvPoint){right, 680};
    reading->quad[3] = (DvPoint){60, 680};
    memset(reading->lines[0], '<', 44);
    memset(reading->lines[1], '<', 44);
    return image;
}

/* Turns image and quad by a quarter, clockwise. */
static DvImage *
quarter(const DvImage *image, DvReading *reading)
{
    DvImage *turned = dv_drawn_wall(image->height, image->width);
    for (guint y = 0; y < image->height; y++)
        for (guint x = 0; x < image->width; x++)
            memcpy(turned->pixels + ((gsize)x * turned->width + (turned->width - 1 - y)) * 3,
                   image->pixels + ((gsize)y * image->width + x) * 3, 3);
    for (guint i = 0; i < 4; i++)
        reading->quad[i] = (DvPoint){turned->width - 1 - reading->quad[i].y, reading->quad[i].x};
    return turned;
}

static void
document_portrait(void **state)
{
    (void)state;
    DvFaceFiles files = {.cascade = cascade};
    g_autoptr(DvFaces) faces = dv_faces_load(&files, NULL);
    DvReading reading;
    g_autoptr(DvImage) image = page(&reading, 70);
    for (guint turn = 0; turn < 4; turn++) {
        DvPortrait portrait;
        g_autoptr(GError) error = NULL;
        dv_faces_document(faces, image, &reading, &portrait, &error);
        EXPECT_NO_ERROR(error);
        assert_in_range(portrait.length, 2000, DV_PORTRAIT_BYTES_MAX);
        g_autoptr(DvImage) cut = dv_image_decode_colour(portrait.jpeg, portrait.length, NULL);
        DvFaceList list;
        assert_true(dv_faces_find(faces, cut, &list, NULL));
        assert_int_equal(list.count, 1); /* upright again, whatever way the page lay */
        assert_true(fabs(list.face[0].x + list.face[0].width / 2 - 120) < 20);
        DvImage *next = quarter(image, &reading);
        dv_image_free(g_steal_pointer(&image));
        image = next;
    }
}

static void
no_document_portrait(void **state)
{
    (void)state;
    DvFaceFiles files = {.cascade = cascade};
    g_autoptr(DvFaces) faces = dv_faces_load(&files, NULL);
    DvReading reading;
    DvPortrait portrait;
    g_autoptr(DvImage) image = page(&reading, 70);
    DvReading without = reading;
    without.has_quad = FALSE;
    assert_true(dv_faces_document(faces, image, &without, &portrait, NULL));
    assert_int_equal(portrait.length, 0);
    reading.line_count = 3; /* TD1 */
    assert_true(dv_faces_document(faces, image, &reading, &portrait, NULL));
    assert_int_equal(portrait.length, 0);
    g_autoptr(DvImage) giant = page(&reading, 180); /* 57 mm wide: a person behind the page */
    assert_true(dv_faces_document(faces, giant, &reading, &portrait, NULL));
    assert_int_equal(portrait.length, 0);
    reading.quad[1] = reading.quad[0];
    assert_true(dv_faces_document(faces, image, &reading, &portrait, NULL));
    assert_int_equal(portrait.length, 0);
}

/* ---- comparison ---- */

static const char side_good[] = "[model]\nfile=embedding.onnx\nsha256=%s\nname=Tiny\n"
                                "licence=Apache-2.0\n[rates]\nthreshold=900\n"
                                "false_match_per_million=1000\nfalse_non_match_per_million=20000\n"
                                "measured_on=nothing but drawn faces\n";

static char *
sha256_of(const char *name)
{
    g_autofree char *path = g_build_filename(networks, name, NULL), *bytes = NULL;
    gsize length = 0;
    assert_true(g_file_get_contents(path, &bytes, &length, NULL));
    return g_compute_checksum_for_data(G_CHECKSUM_SHA256, (const guchar *)bytes, length);
}

static DvFaces *
load_with(const char *side, const char *detector)
{
    g_autofree char *path = g_build_filename(networks, "side.ini", NULL),
                    *network = detector ? g_build_filename(networks, detector, NULL) : NULL;
    g_autoptr(GError) error = NULL;
    if (side)
        assert_true(g_file_set_contents(path, side, -1, NULL));
    else
        remove(path);
    DvFaceFiles files = {.cascade = cascade, .detector = network, .comparison = path};
    DvFaces *faces = dv_faces_load(&files, &error);
    EXPECT_NO_ERROR(error);
    return faces;
}

static char *
side_with(const char *from, const char *to)
{
    g_autofree char *sum = sha256_of("embedding.onnx");
    g_autofree char *text = g_strdup_printf(side_good, sum);
    g_auto(GStrv) parts = g_strsplit(text, from, 2);
    assert_int_equal(g_strv_length(parts), 2);
    return g_strjoinv(to, parts);
}

static void
off_because(const char *side, const char *detector, const char *why)
{
    g_autoptr(DvFaces) faces = load_with(side, detector);
    const DvFaceComparison *comparison = dv_faces_comparison(faces);
    assert_false(comparison->on);
    if (strstr(comparison->reason, why) == NULL)
        fail_msg("\"%s\" does not say \"%s\"", comparison->reason, why);
    DvFaceMatch match;
    g_autoptr(DvImage) image = dv_drawn_wall(320, 320);
    assert_true(dv_faces_compare(faces, image, image, &match, NULL));
    assert_int_equal(match.result, DV_FACE_MATCH_OFF);
}

static void
comparison_is_off_unless_all_is_stated(void **state)
{
    (void)state;
    static const struct {
        const char *from, *to, *why;
    } rows[] = {{"threshold=900\n", "", "threshold"},
                {"threshold=900", "threshold=1001", "threshold"},
                {"false_match_per_million=1000\n", "", "false_match_per_million"},
                {"false_match_per_million=1000", "false_match_per_million=few", "whole number"},
                {"false_match_per_million=1000", "false_match_per_million=1000001", "1000000"},
                {"false_non_match_per_million=20000\n", "", "false_non_match_per_million"},
                {"false_non_match_per_million=20000", "false_non_match_per_million=-1", "1000000"},
                {"name=Tiny",
                 "name=Tinyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy",
                 "too much under name"},
                {"licence=Apache-2.0\n", "", "licence"},
                {"licence=Apache-2.0", "licence= ", "licence"},
                {"measured_on=nothing but drawn faces", "measured_on=", "measured_on"},
                {"name=Tiny", "name=Tiny\ncolour=red", "colour"},
                {"sha256=", "sha256=00", "SHA-256"},
                {"file=embedding.onnx", "file=absent.onnx", "absent.onnx"},
                {"file=embedding.onnx", "file=wrong.onnx", "not the file"}};
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *side = side_with(rows[i].from, rows[i].to);
        off_because(side, "detector.onnx", rows[i].why);
    }
    off_because(NULL, "detector.onnx", "side.ini");
    off_because("[model", "detector.onnx", "side.ini");
    g_autofree char *good = side_with("x", "x");
    off_because(good, NULL, "no landmarks");
    g_autofree char *sum = sha256_of("wrong.onnx"), *old = sha256_of("embedding.onnx");
    g_autofree char *other = side_with("embedding.onnx", "wrong.onnx");
    g_auto(GStrv) parts = g_strsplit(other, old, 2);
    g_autofree char *swapped = g_strjoinv(sum, parts);
    off_because(swapped, "detector.onnx", "embedding");
    DvFaceFiles none = {.cascade = cascade};
    g_autoptr(DvFaces) faces = dv_faces_load(&none, NULL);
    assert_string_equal(dv_faces_comparison(faces)->reason, "no comparison model is installed");
}

/* A picture with a "face" for the tests' network; shade fills its lower half. */
static DvImage *
marked(guint8 shade)
{
    DvImage *image = dv_drawn_wall(320, 320);
    for (guint y = 140; y < 320; y++)
        memset(image->pixels + (gsize)y * 320 * 3, shade, (gsize)320 * 3);
    for (guint y = 120; y < 128; y++)
        for (guint x = 160; x < 168; x++) {
            guint8 *pixel = image->pixels + ((gsize)y * 320 + x) * 3;
            pixel[0] = 255;
            pixel[1] = pixel[2] = 0;
        }
    return image;
}

static void
comparison_is_a_finding(void **state)
{
    (void)state;
    g_autofree char *side = side_with("x", "x");
    g_autoptr(DvFaces) faces = load_with(side, "detector.onnx");
    const DvFaceComparison *comparison = dv_faces_comparison(faces);
    if (!comparison->on)
        fail_msg("%s", comparison->reason);
    assert_string_equal(comparison->name, "Tiny");
    assert_string_equal(comparison->licence, "Apache-2.0");
    assert_string_equal(comparison->measured_on, "nothing but drawn faces");
    assert_int_equal(comparison->false_match, 1000);
    assert_int_equal(comparison->false_non_match, 20000);
    g_autoptr(DvImage) one = marked(250), other = marked(5), nobody = dv_drawn_wall(320, 320);
    DvFaceMatch match;
    assert_true(dv_faces_compare(faces, one, one, &match, NULL));
    assert_int_equal(match.result, DV_FACE_MATCH_ABOVE);
    assert_int_equal(match.score, 1000);
    assert_int_equal(match.threshold, 900);
    assert_true(dv_faces_compare(faces, one, other, &match, NULL));
    assert_int_equal(match.result, DV_FACE_MATCH_BELOW);
    assert_true(match.score < 900);
    assert_true(dv_faces_compare(faces, one, nobody, &match, NULL));
    assert_int_equal(match.result, DV_FACE_MATCH_NO_FACE);
    assert_int_equal(match.score, 0);
}

int
main(int argc, char **argv)
{
    if (argc != 3 || !g_file_test(argv[1], G_FILE_TEST_IS_REGULAR)) {
        fprintf(stderr, "skipped: no cascade; scripts/install-deps brings opencv-data\n");
        return DV_TEST_SKIP;
    }
    cascade = argv[1];
    networks = argv[2];
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_portrait),
        cmocka_unit_test(place_and_number),
        cmocka_unit_test(light_and_colour),
        cmocka_unit_test(blurred_portrait),
        cmocka_unit_test(pose),
        cmocka_unit_test(every_code_has_words),
        cmocka_unit_test(cut_is_upright_and_to_scale),
        cmocka_unit_test(noise_fits_as_well),
        cmocka_unit_test(outside_repeats_the_edge),
        cmocka_unit_test(document_portrait),
        cmocka_unit_test(no_document_portrait),
        cmocka_unit_test(comparison_is_off_unless_all_is_stated),
        cmocka_unit_test(comparison_is_a_finding),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
