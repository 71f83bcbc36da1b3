// SPDX-License-Identifier: Apache-2.0
/*
 * Faces asked of darvaza-vision, confined as it is in the field: views, portraits, comparison, and
 * images that are none.
 * usage: test_face_process VISION CASCADE NETWORKS PAGE.jpg
 */
#include "drawn_face.h"
#include "expect.h"
#include "shared_data.h"
#include <darvaza/face_client.h>
#include <math.h>
#include <stdio.h>
#include <turbojpeg.h>
#include <unistd.h>

static const char *vision, *cascade, *networks, *page;

typedef struct {
    gboolean answered, failed;
    int code;
    DvFaceView view;
    GBytes *jpeg, *portrait, *page;
    DvFaceMatch match;
    DvFaceComparison comparison;
} Told;

static void
told_clear(Told *told)
{
    g_clear_pointer(&told->jpeg, g_bytes_unref);
    g_clear_pointer(&told->portrait, g_bytes_unref);
    g_clear_pointer(&told->page, g_bytes_unref);
    *told = (Told){0};
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Told, told_clear)

static void
take_error(Told *told, const GError *error)
{
    told->answered = TRUE;
    told->failed = error != NULL;
    told->code = error != NULL ? error->code : -1;
}

static void
on_view(const DvFaceView *view, GBytes *jpeg, GBytes *portrait, const GError *error, void *data)
{
    Told *told = data;
    take_error(told, error);
    if (view != NULL)
        told->view = *view;
    told->jpeg = jpeg != NULL ? g_bytes_ref(jpeg) : NULL;
    told->portrait = portrait != NULL ? g_bytes_ref(portrait) : NULL;
}

static void
on_compared(const DvFaceMatch *match, const DvFaceComparison *comparison, const GError *error,
            void *data)
{
    Told *told = data;
    take_error(told, error);
    if (match != NULL) {
        told->match = *match;
        told->comparison = *comparison;
    }
}

static void
on_page(GBytes *portrait, GBytes *of_document, const GError *error, void *data)
{
    Told *told = data;
    take_error(told, error);
    told->page = of_document != NULL ? g_bytes_ref(of_document) : NULL;
    told->portrait = portrait != NULL ? g_bytes_ref(portrait) : NULL;
}

static void
await(const Told *told)
{
    while (!told->answered)
        g_main_context_iteration(NULL, TRUE);
}

static DvVisionClient *
client_of(const char *const *arguments)
{
    const char *argv[8] = {vision, NULL};
    for (guint i = 0; arguments[i] != NULL; i++)
        argv[i + 1] = arguments[i];
    const DvVisionOptions options = {.argv = argv, .patience_ms = 60000, .pause_ms = 1};
    return dv_vision_client_new(&options);
}

static DvVisionClient *
client_with_cascade(void)
{
    const char *const arguments[] = {"--cascade", cascade, NULL};
    return client_of(arguments);
}

static GBytes *
jpeg_of(const DvImage *image)
{
    unsigned char *out = NULL;
    unsigned long size = 0;
    tjhandle handle = tjInitCompress();
    assert_int_equal(tjCompress2(handle, image->pixels, (int)image->width, 0, (int)image->height,
                                 TJPF_RGB, &out, &size, TJSAMP_420, 90, 0),
                     0);
    tjDestroy(handle);
    GBytes *bytes = g_bytes_new(out, size);
    tjFree(out);
    return bytes;
}

static GBytes *
traveller(guint width, guint height, gboolean present)
{
    g_autoptr(DvImage) image = dv_drawn_wall(width, height);
    if (present)
        dv_drawn_face(image, &(DvDrawnFace){width / 2.0, height * 0.4, height / 6.4, 0});
    return jpeg_of(image);
}

static void
ask_view(DvVisionClient *client, GBytes *bytes, gboolean judged, gboolean portrait, Told *told)
{
    gsize length;
    const guint8 *data = g_bytes_get_data(bytes, &length);
    int file = dv_vision_seal(data, length, NULL);
    const DvVisionImage image = {.format = DV_VISION_FILE, .file = file, .length = length};
    told_clear(told);
    assert_true(dv_vision_client_view(client, &image, judged, portrait, on_view, told, NULL));
    close(file);
    await(told);
}

static void
expect_picture(GBytes *bytes, guint width, guint height)
{
    gsize length;
    g_autoptr(GError) error = NULL;
    const guint8 *data = g_bytes_get_data(bytes, &length);
    g_autoptr(DvImage) image = dv_image_decode(data, length, &error);
    EXPECT_NO_ERROR(error);
    assert_int_equal(image->width, width);
    assert_int_equal(image->height, height);
}

/* ---- views */

static void
a_view_of_a_traveller(void **state)
{
    (void)state;
    g_autoptr(DvVisionClient) client = client_with_cascade();
    g_auto(Told) told = {0};
    static const guint sizes[][2] = {{640, 480}, {1280, 960}, {1000, 750}, {4800, 3600}};
    for (guint i = 0; i < G_N_ELEMENTS(sizes); i++) {
        g_autoptr(GBytes) frame = traveller(sizes[i][0], sizes[i][1], TRUE);
        ask_view(client, frame, TRUE, TRUE, &told);
        assert_false(told.failed);
        assert_true(told.view.judged && told.view.has_box);
        assert_int_equal(told.view.faces, 1);
        assert_int_equal(told.view.findings, 0);
        assert_false(told.view.pose_judged);
        assert_true(fabs(told.view.box[0] + told.view.box[2] / 2 - 0.5) < 0.05);
        expect_picture(told.jpeg, 640, 480);
        expect_picture(told.portrait, DV_PORTRAIT_WIDTH, DV_PORTRAIT_HEIGHT);
        ask_view(client, frame, TRUE, FALSE, &told);
        assert_null(told.portrait);
        ask_view(client, frame, FALSE, TRUE, &told);
        assert_false(told.view.judged);
        assert_null(told.portrait);
        expect_picture(told.jpeg, 640, 480);
    }
    assert_int_equal(dv_vision_client_state(client).starts, 1);
}

static void
a_view_of_nobody(void **state)
{
    (void)state;
    g_autoptr(DvVisionClient) client = client_with_cascade();
    g_auto(Told) told = {0};
    g_autoptr(GBytes) frame = traveller(640, 480, FALSE);
    ask_view(client, frame, TRUE, TRUE, &told);
    assert_int_equal(told.view.faces, 0);
    assert_int_equal(told.view.findings, 1);
    assert_int_equal(told.view.finding[0], DV_FACE_NONE);
    assert_null(told.portrait);
}

static void
raw_frames_too(void **state)
{
    (void)state;
    g_autoptr(DvVisionClient) client = client_with_cascade();
    g_auto(Told) told = {0};
    g_autofree guint8 *pixels = g_malloc(640 * 480 * 2);
    memset(pixels, 128, 640 * 480 * 2);
    int file = dv_vision_seal(pixels, 640 * 480 * 2, NULL);
    const DvVisionImage image = {.format = DV_VISION_YUY2,
                                 .width = 640,
                                 .height = 480,
                                 .stride = 1280,
                                 .file = file,
                                 .length = 640 * 480 * 2};
    assert_true(dv_vision_client_view(client, &image, TRUE, FALSE, on_view, &told, NULL));
    close(file);
    await(&told);
    assert_false(told.failed);
    expect_picture(told.jpeg, 640, 480);
}

/* Refused, and the same process goes on. */
static void
images_that_are_none(void **state)
{
    (void)state;
    g_autoptr(DvVisionClient) client = client_with_cascade();
    g_auto(Told) told = {0};
    g_autoptr(GBytes) frame = traveller(640, 480, TRUE);
    g_autoptr(GBytes) text = g_bytes_new_static("no image", 8);
    g_autoptr(GBytes) cut = g_bytes_new_from_bytes(frame, 0, g_bytes_get_size(frame) / 2);
    ask_view(client, text, TRUE, TRUE, &told);
    assert_true(told.failed && told.code == DV_ERROR_INVALID);
    ask_view(client, cut, TRUE, TRUE, &told);
    assert_true(told.failed && told.code == DV_ERROR_INVALID);
    ask_view(client, frame, TRUE, TRUE, &told);
    assert_false(told.failed);
    assert_int_equal(dv_vision_client_state(client).deaths, 0);
}

/* Without a model, or with a broken one, views go on without a judgement. */
static void
without_a_model(void **state)
{
    (void)state;
    const char *const nothing[] = {NULL};
    const char *const broken[] = {"--cascade", page, NULL};
    const char *const *const arguments[] = {nothing, broken};
    for (guint i = 0; i < G_N_ELEMENTS(arguments); i++) {
        g_autoptr(DvVisionClient) client = client_of(arguments[i]);
        g_auto(Told) told = {0};
        g_autoptr(GBytes) frame = traveller(640, 480, TRUE);
        ask_view(client, frame, TRUE, TRUE, &told);
        assert_false(told.failed);
        assert_false(told.view.judged);
        expect_picture(told.jpeg, 640, 480);
        told_clear(&told);
        assert_true(dv_vision_client_compare(client, frame, frame, on_compared, &told, NULL));
        await(&told);
        assert_true(told.failed); /* two portraits are small */
    }
}

/* ---- the document's page */

static void
ask_page(DvVisionClient *client, GBytes *bytes, Told *told)
{
    gsize length;
    const guint8 *data = g_bytes_get_data(bytes, &length);
    int file = dv_vision_seal(data, length, NULL);
    const DvVisionImage image = {.format = DV_VISION_FILE, .file = file, .length = length};
    told_clear(told);
    assert_true(dv_vision_client_page(client, &image, on_page, told, NULL));
    close(file);
    await(told);
}

/* Level, at six pixels a millimetre at the most: the zone is read on it again. */
static void
expect_page(GBytes *bytes)
{
    gsize length;
    DvReading reading;
    assert_non_null(bytes);
    const guint8 *jpeg = g_bytes_get_data(bytes, &length);
    assert_in_range(length, 4000, DV_PAGE_BYTES_MAX);
    g_autoptr(DvImage) image = dv_image_decode(jpeg, length, NULL);
    assert_non_null(image);
    assert_in_range(image->width, 300, 800);
    assert_in_range(image->height, 200, 620);
    dv_vision_read(image, &reading);
    assert_true(reading.has_quad);
    assert_true(fabs(reading.quad[1].y - reading.quad[0].y) < 6);
    assert_in_range((gint)reading.quad[0].x, image->width / 25, image->width / 12);
}

static void
the_documents_page(void **state)
{
    (void)state;
    g_autoptr(DvVisionClient) client = client_with_cascade();
    g_auto(Told) told = {0};
    for (gint face = 1; face >= 0; face--) {
        g_autoptr(DvImage) image = dv_drawn_page(page, face == 1);
        assert_non_null(image);
        g_autoptr(GBytes) bytes = jpeg_of(image);
        ask_page(client, bytes, &told);
        assert_false(told.failed);
        assert_true((told.portrait != NULL) == (face == 1));
        if (told.portrait)
            expect_picture(told.portrait, DV_PORTRAIT_WIDTH, DV_PORTRAIT_HEIGHT);
        expect_page(told.page);
    }
    told_clear(&told);
    g_autoptr(GBytes) nothing = traveller(640, 480, TRUE); /* no zone, so no page */
    ask_page(client, nothing, &told);
    assert_false(told.failed);
    assert_true(told.page == NULL && told.portrait == NULL);
}

/* The page comes with any process; the portrait wants a detector. */
static void
a_page_without_a_model(void **state)
{
    (void)state;
    const char *const nothing[] = {NULL};
    g_autoptr(DvVisionClient) client = client_of(nothing);
    g_auto(Told) told = {0};
    g_autoptr(DvImage) image = dv_drawn_page(page, TRUE);
    g_autoptr(GBytes) bytes = jpeg_of(image);
    ask_page(client, bytes, &told);
    assert_false(told.failed);
    assert_null(told.portrait);
    expect_page(told.page);
}

/* ---- comparison */

static char *
side_file(void)
{
    g_autofree char *network = g_build_filename(networks, "embedding.onnx", NULL), *bytes = NULL;
    gsize length = 0;
    assert_true(g_file_get_contents(network, &bytes, &length, NULL));
    g_autofree char *sum =
        g_compute_checksum_for_data(G_CHECKSUM_SHA256, (const guchar *)bytes, length);
    g_autofree char *text = g_strdup_printf(
        "[model]\nfile=%s\nsha256=%s\nname=Tiny\nlicence=Apache-2.0\n[rates]\nthreshold=900\n"
        "false_match_per_million=1000\nfalse_non_match_per_million=2\nmeasured_on=nothing\n",
        network, sum);
    char *path = g_build_filename(networks, "process-side.ini", NULL);
    assert_true(g_file_set_contents(path, text, -1, NULL));
    return path;
}

/* A "face" for the tests' network: a pure red field, in a picture of a portrait's size. */
static GBytes *
marked(guint8 shade)
{
    g_autoptr(DvImage) image = dv_drawn_wall(320, 320);
    memset(image->pixels + (gsize)140 * 320 * 3, shade, (gsize)180 * 320 * 3);
    for (guint y = 112; y < 136; y++)
        for (guint x = 152; x < 176; x++) {
            guint8 *pixel = image->pixels + ((gsize)y * 320 + x) * 3;
            pixel[0] = 255;
            pixel[1] = pixel[2] = 0;
        }
    return jpeg_of(image);
}

static void
comparison_with_an_operators_model(void **state)
{
    (void)state;
    g_autofree char *side = side_file(),
                    *detector = g_build_filename(networks, "detector.onnx", NULL);
    const char *const arguments[] = {"--detector", detector, "--comparison", side, NULL};
    g_autoptr(DvVisionClient) client = client_of(arguments);
    g_auto(Told) told = {0};
    g_autoptr(GBytes) one = marked(250), other = marked(5);
    assert_true(dv_vision_client_compare(client, one, one, on_compared, &told, NULL));
    await(&told);
    assert_false(told.failed);
    assert_int_equal(told.match.result, DV_FACE_MATCH_ABOVE);
    assert_int_equal(told.match.threshold, 900);
    assert_string_equal(told.comparison.name, "Tiny");
    assert_int_equal(told.comparison.false_match, 1000);
    told_clear(&told);
    assert_true(dv_vision_client_compare(client, one, other, on_compared, &told, NULL));
    await(&told);
    assert_int_equal(told.match.result, DV_FACE_MATCH_BELOW);
}

static void
no_comparison_without_one(void **state)
{
    (void)state;
    g_autoptr(DvVisionClient) client = client_with_cascade();
    g_auto(Told) told = {0};
    g_autoptr(GBytes) one = marked(250);
    assert_true(dv_vision_client_compare(client, one, one, on_compared, &told, NULL));
    await(&told);
    assert_false(told.failed);
    assert_int_equal(told.match.result, DV_FACE_MATCH_OFF);
    assert_string_equal(told.comparison.reason, "no comparison model is installed");
}

int
main(int argc, char **argv)
{
    if (argc != 5 || !g_file_test(argv[2], G_FILE_TEST_IS_REGULAR)) {
        fprintf(stderr, "skipped: no cascade; scripts/install-deps brings opencv-data\n");
        return DV_TEST_SKIP;
    }
    vision = argv[1];
    cascade = argv[2];
    networks = argv[3];
    page = argv[4];
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_view_of_a_traveller),
        cmocka_unit_test(a_view_of_nobody),
        cmocka_unit_test(raw_frames_too),
        cmocka_unit_test(images_that_are_none),
        cmocka_unit_test(without_a_model),
        cmocka_unit_test(the_documents_page),
        cmocka_unit_test(a_page_without_a_model),
        cmocka_unit_test(comparison_with_an_operators_model),
        cmocka_unit_test(no_comparison_without_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
