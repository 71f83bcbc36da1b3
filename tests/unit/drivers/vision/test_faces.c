// SPDX-License-Identifier: Apache-2.0
/* Faces: found, judged and cut from drawn ones; by the cascade that Debian brings, and by a network
 * of the tests' own that answers as YuNet does. */
#include "drawn_face.h"
#include "expect.h"
#include "shared_data.h"
#include <darvaza/face.h>
#include <math.h>
#include <stdio.h>
#include <sys/resource.h>

static const char *cascade, *networks; /* a file, a folder */

static DvFaces *
load(const char *cascade_file, const char *network)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *path = network ? g_build_filename(networks, network, NULL) : NULL;
    DvFaceFiles files = {.cascade = cascade_file, .detector = path};
    DvFaces *faces = dv_faces_load(&files, &error);
    EXPECT_NO_ERROR(error);
    return faces;
}

static DvImage *
traveller(double x, double y, double distance)
{
    DvImage *image = dv_drawn_wall(640, 480);
    dv_drawn_face(image, &(DvDrawnFace){x, y, distance, 0});
    return image;
}

static DvFaceList
find(DvFaces *faces, const DvImage *image)
{
    DvFaceList list;
    g_autoptr(GError) error = NULL;
    dv_faces_find(faces, image, &list, &error);
    EXPECT_NO_ERROR(error);
    return list;
}

/* ---- where they are ---- */

static void
cascade_finds(void **state)
{
    (void)state;
    g_autoptr(DvFaces) faces = load(cascade, NULL);
    assert_false(dv_faces_have_landmarks(faces));
    static const DvDrawnFace places[] = {
        {320, 200, 75, 0}, {200, 220, 40, 0}, {450, 180, 50, 0}, {320, 210, 95, 0}};
    for (guint i = 0; i < G_N_ELEMENTS(places); i++) {
        g_autoptr(DvImage) image = traveller(places[i].x, places[i].y, places[i].distance);
        DvFaceList list = find(faces, image);
        assert_int_equal(list.count, 1);
        const DvFace *face = &list.face[0];
        assert_false(face->has_landmarks);
        assert_true(fabs(face->x + face->width / 2 - places[i].x) < places[i].distance / 4);
        assert_true(fabs(face->y + face->height * 0.37 - places[i].y) < places[i].distance / 3);
    }
}

static void
grey_will_do(void **state)
{
    (void)state;
    g_autoptr(DvFaces) faces = load(cascade, NULL);
    g_autoptr(DvImage) image = traveller(320, 200, 75);
    for (gsize i = 0; i < (gsize)image->width * image->height; i++)
        image->pixels[i] = image->pixels[3 * i + 1];
    image->channels = 1;
    assert_int_equal(find(faces, image).count, 1);
}

static void
nothing_where_nobody_is(void **state)
{
    (void)state;
    g_autoptr(DvFaces) faces = load(cascade, NULL);
    g_autoptr(DvImage) wall = dv_drawn_wall(640, 480);
    assert_int_equal(find(faces, wall).count, 0);
    static const guint sides[][2] = {{1, 1}, {1, 300}, {300, 1}, {23, 25}};
    for (guint i = 0; i < G_N_ELEMENTS(sides); i++) {
        g_autoptr(DvImage) tiny = dv_drawn_wall(sides[i][0], sides[i][1]);
        assert_int_equal(find(faces, tiny).count, 0);
    }
}

static void
two_are_two(void **state)
{
    (void)state;
    g_autoptr(DvFaces) faces = load(cascade, NULL);
    g_autoptr(DvImage) image = traveller(180, 200, 60);
    dv_drawn_face(image, &(DvDrawnFace){480, 200, 45, 0});
    DvFaceList list = find(faces, image);
    assert_int_equal(list.count, 2);
    assert_true(list.face[0].width > list.face[1].width); /* largest first */
    assert_true(list.face[0].x < list.face[1].x);
}

/* A pure red field of 8 x 8 at the network's scale is a face to the tests' network. */
static void
red_field(DvImage *image, guint x, guint y, guint side)
{
    for (guint row = y; row < y + side; row++)
        for (guint column = x; column < x + side; column++) {
            guint8 *pixel = image->pixels + ((gsize)row * image->width + column) * 3;
            pixel[0] = 255;
            pixel[1] = pixel[2] = 0;
        }
}

static void
network_is_decoded(void **state)
{
    (void)state;
    g_autoptr(DvFaces) faces = load(NULL, "detector.onnx");
    assert_true(dv_faces_have_landmarks(faces));
    g_autoptr(DvImage) image = dv_drawn_wall(640, 480);
    red_field(image, 320, 160, 16); /* cell (20, 10) of 8 px, shrunk to a half */
    DvFaceList list = find(faces, image);
    assert_int_equal(list.count, 1);
    const DvFace *face = &list.face[0];
    double side = exp(2.5) * 16; /* of tiny_networks.py: BOX and POINTS in strides */
    assert_true(face->has_landmarks);
    assert_true(fabs(face->width - side) < 0.5 && fabs(face->height - side) < 0.5);
    assert_true(fabs(face->x + side / 2 - (320 + 8)) < 0.5);
    assert_true(fabs(face->y + side / 2 - (160 + 8)) < 0.5);
    assert_true(fabs(face->landmark[DV_FACE_RIGHT_EYE].x - (320 - 32)) < 0.5);
    assert_true(fabs(face->landmark[DV_FACE_RIGHT_EYE].y - (160 - 24)) < 0.5);
    assert_true(fabs(face->landmark[DV_FACE_MOUTH_LEFT].x - (320 + 40)) < 0.5);
    assert_true(fabs(face->landmark[DV_FACE_MOUTH_LEFT].y - (160 + 56)) < 0.5);
    red_field(image, 336, 160, 16); /* its neighbour is the same face */
    assert_int_equal(find(faces, image).count, 1);
    red_field(image, 32, 320, 16);
    assert_int_equal(find(faces, image).count, 2);
}

static void
operators_network(void **state)
{
    (void)state;
    g_autofree char *path = dv_test_shared_data("../models/yunet_s_320_320.onnx");
    if (path == NULL)
        skip();
    g_autoptr(GError) error = NULL;
    DvFaceFiles files = {.cascade = cascade, .detector = path};
    g_autoptr(DvFaces) faces = dv_faces_load(&files, &error);
    EXPECT_NO_ERROR(error);
    g_autoptr(DvImage) image = traveller(320, 200, 75);
    DvFaceList list = find(faces, image);
    assert_int_equal(list.count, 1);
    const DvPoint *eyes = list.face[0].landmark;
    assert_true(hypot(eyes[DV_FACE_RIGHT_EYE].x - 282, eyes[DV_FACE_RIGHT_EYE].y - 200) < 12);
    assert_true(hypot(eyes[DV_FACE_LEFT_EYE].x - 358, eyes[DV_FACE_LEFT_EYE].y - 200) < 12);
    assert_true(fabs(list.face[0].landmark[DV_FACE_NOSE].x - 320) < 12);
}

/* ---- what cannot be loaded ---- */

static void
refused(const char *cascade_file, const char *detector, int code, const char *part)
{
    g_autoptr(GError) error = NULL;
    DvFaceFiles files = {.cascade = cascade_file, .detector = detector};
    g_autoptr(DvFaces) faces = dv_faces_load(&files, &error);
    assert_null(faces);
    expect_error(&error, code, part);
}

static void
write_file(const char *path, const char *bytes, gsize length)
{
    assert_true(g_file_set_contents(path, bytes, (gssize)length, NULL));
}

static void
models_that_are_none(void **state)
{
    (void)state;
    g_autofree char *wrong = g_build_filename(networks, "wrong.onnx", NULL);
    g_autofree char *broken = g_build_filename(networks, "broken", NULL);
    g_autofree char *text = NULL;
    gsize length = 0;
    refused(NULL, NULL, DV_ERROR_CONFIG, "neither a cascade nor a network");
    refused("", "", DV_ERROR_CONFIG, "neither a cascade nor a network");
    refused("/nowhere/cascade.xml", NULL, DV_ERROR_IO, "/nowhere/cascade.xml");
    refused(cascade, "/nowhere/net.onnx", DV_ERROR_IO, "/nowhere/net.onnx");
    refused(NULL, wrong, DV_ERROR_CONFIG, "does not answer as YuNet");
    refused(wrong, NULL, DV_ERROR_CONFIG, "no cascade");
    assert_true(g_file_get_contents(cascade, &text, &length, NULL));
    write_file(broken, text, length / 2);
    refused(broken, NULL, DV_ERROR_CONFIG, "no cascade");
    write_file(broken, "", 0);
    refused(broken, NULL, DV_ERROR_CONFIG, "no cascade");
    refused(NULL, broken, DV_ERROR_CONFIG, "");
    write_file(broken, "\x08\x07\x3a\xff\xff\xff\xff\x0f", 8);
    refused(NULL, broken, DV_ERROR_CONFIG, "no network");
}

/* Nothing thrown inside crosses: a picture of two channels is a caller's mistake, and an error. */
static void
exceptions_stay_inside(void **state)
{
    (void)state;
    g_autoptr(DvFaces) faces = load(cascade, NULL);
    g_autoptr(DvImage) image = traveller(320, 200, 75);
    g_autoptr(GError) error = NULL;
    DvFaceList list = find(faces, image);
    DvFaceReport report;
    DvPortrait portrait;
    image->channels = 2;
    assert_false(dv_faces_find(faces, image, &(DvFaceList){0}, &error));
    expect_error(&error, DV_ERROR_INVALID, "looking for faces");
    assert_false(dv_faces_judge(image, &list, &report, &error));
    expect_error(&error, DV_ERROR_INVALID, "judging");
    assert_false(dv_faces_portrait(image, &list.face[0], &portrait, &error));
    expect_error(&error, DV_ERROR_INVALID, "cutting");
    assert_int_equal(portrait.length, 0);
}

/* Pages of address space; more than a terabyte is a sanitizer's shadow, which no limit bears. */
static gsize
address_space(void)
{
    g_autofree char *text = NULL;
    assert_true(g_file_get_contents("/proc/self/statm", &text, NULL, NULL));
    return (gsize)g_ascii_strtoull(text, NULL, 10) * 4096;
}

static void
running_out_of_memory_stays_inside(void **state)
{
    (void)state;
    if (address_space() > (gsize)1 << 40)
        skip(); /* before anything is made: it leaves without cleaning up */
    g_autoptr(DvFaces) faces = load(cascade, NULL);
    g_autoptr(DvImage) image = dv_drawn_wall(8000, 2400);
    g_autoptr(GError) error = NULL;
    DvFaceList list;
    struct rlimit before, tight;
    assert_int_equal(getrlimit(RLIMIT_AS, &before), 0);
    tight = before;
    tight.rlim_cur = address_space() + (4 << 20); /* its grey levels alone take 19 MB */
    assert_int_equal(setrlimit(RLIMIT_AS, &tight), 0);
    gboolean done = dv_faces_find(faces, image, &list, &error);
    assert_int_equal(setrlimit(RLIMIT_AS, &before), 0);
    assert_false(done);
    expect_error(&error, DV_ERROR_FULL, "looking for faces");
    assert_true(dv_faces_find(faces, image, &list, NULL)); /* and it works again afterwards */
}

/* What decodes any format there is must not be in the process at all. */
static void
no_codecs_are_linked(void **state)
{
    (void)state;
    g_autofree char *maps = NULL;
    assert_true(g_file_get_contents("/proc/self/maps", &maps, NULL, NULL));
    assert_non_null(strstr(maps, "libopencv_dnn"));
    assert_null(strstr(maps, "libopencv_imgcodecs"));
    assert_null(strstr(maps, "libopencv_videoio"));
    assert_null(strstr(maps, "libopencv_highgui"));
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
        cmocka_unit_test(cascade_finds),
        cmocka_unit_test(grey_will_do),
        cmocka_unit_test(two_are_two),
        cmocka_unit_test(nothing_where_nobody_is),
        cmocka_unit_test(network_is_decoded),
        cmocka_unit_test(operators_network),
        cmocka_unit_test(models_that_are_none),
        cmocka_unit_test(exceptions_stay_inside),
        cmocka_unit_test(running_out_of_memory_stays_inside),
        cmocka_unit_test(no_codecs_are_linked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
