// SPDX-License-Identifier: Apache-2.0
/* Decoding: what is taken, and what is refused before a decoder sees it. */
#include "expect.h"
#include "grey.h"
#include <png.h>
#include <string.h>
#include <turbojpeg.h>

/* A ramp of grey levels as a JPEG of the quality that keeps them. */
static GByteArray *
make_jpeg(guint width, guint height)
{
    g_autofree guint8 *pixels = g_malloc((gsize)width * height);
    for (gsize i = 0; i < (gsize)width * height; i++)
        pixels[i] = (guint8)(i % width * 255 / width);
    unsigned char *out = NULL;
    unsigned long size = 0;
    tjhandle handle = tjInitCompress();
    assert_int_equal(tjCompress2(handle, pixels, (int)width, 0, (int)height, TJPF_GRAY, &out, &size,
                                 TJSAMP_GRAY, 95, 0),
                     0);
    tjDestroy(handle);
    GByteArray *bytes = g_byte_array_new();
    g_byte_array_append(bytes, out, (guint)size);
    tjFree(out);
    return bytes;
}

static GByteArray *
make_png(guint width, guint height, guint32 format)
{
    png_image image = {
        .version = PNG_IMAGE_VERSION, .width = width, .height = height, .format = format};
    g_autofree guint8 *pixels = g_malloc0(PNG_IMAGE_SIZE(image));
    png_alloc_size_t size = 0;
    assert_true(png_image_write_to_memory(&image, NULL, &size, 0, pixels, 0, NULL));
    GByteArray *bytes = g_byte_array_new();
    g_byte_array_set_size(bytes, (guint)size);
    assert_true(png_image_write_to_memory(&image, bytes->data, &size, 0, pixels, 0, NULL));
    g_byte_array_set_size(bytes, (guint)size);
    return bytes;
}

static void
refused(const guint8 *bytes, gsize length, const char *why)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(DvImage) image = dv_image_decode(bytes, length, &error);
    assert_null(image);
    assert_int_equal(error->code, DV_ERROR_INVALID);
    if (strstr(error->message, why) == NULL)
        fail_msg("\"%s\" does not say \"%s\"", error->message, why);
}

static void
good_jpeg(void **state)
{
    (void)state;
    g_autoptr(GByteArray) bytes = make_jpeg(320, 40);
    g_autoptr(DvImage) image = dv_image_decode(bytes->data, bytes->len, NULL);
    assert_non_null(image);
    assert_int_equal(image->width, 320);
    assert_int_equal(image->height, 40);
    assert_true(image->pixels[10] < 20 && image->pixels[310] > 235);
}

static void
large_jpeg_is_shrunk(void **state)
{
    (void)state;
    g_autoptr(GByteArray) bytes = make_jpeg(4000, 64);
    g_autoptr(DvImage) image = dv_image_decode(bytes->data, bytes->len, NULL);
    assert_non_null(image);
    assert_int_equal(image->width, 2000);
    assert_true(image->scale == 2.0);
}

static void
good_png(void **state)
{
    (void)state;
    g_autoptr(GByteArray) grey = make_png(33, 17, PNG_FORMAT_GRAY);
    g_autoptr(DvImage) image = dv_image_decode(grey->data, grey->len, NULL);
    assert_non_null(image);
    assert_int_equal(image->width, 33);
    assert_int_equal(image->pixels[0], 0);
    g_autoptr(GByteArray) clear = make_png(8, 8, PNG_FORMAT_RGBA);
    g_autoptr(DvImage) white = dv_image_decode(clear->data, clear->len, NULL);
    assert_non_null(white);
    assert_int_equal(white->pixels[0], 255); /* transparent */
}

static void
in_colour(void **state)
{
    (void)state;
    g_autoptr(GByteArray) jpeg = make_jpeg(320, 40);
    g_autoptr(DvImage) image = dv_image_decode_colour(jpeg->data, jpeg->len, NULL);
    assert_non_null(image);
    assert_int_equal(image->channels, 3);
    for (guint i = 0; i < 3; i++)
        assert_true(image->pixels[310 * 3 + i] > 235 && image->pixels[10 * 3 + i] < 20);
    g_autoptr(GByteArray) png = make_png(8, 8, PNG_FORMAT_RGBA);
    g_autoptr(DvImage) white = dv_image_decode_colour(png->data, png->len, NULL);
    assert_non_null(white);
    assert_int_equal(white->pixels[8 * 8 * 3 - 1], 255); /* transparent */
}

/* BT.601: red, and white above the range. */
static void
yuy2_in_colour(void **state)
{
    (void)state;
    static const guint8 pixels[] = {81, 90, 81, 240, 235, 128, 255, 128, 16, 128, 0, 128};
    g_autoptr(GError) error = NULL;
    g_autoptr(DvImage) image = dv_image_from_yuy2_colour(pixels, 12, 2, 3, 4, &error);
    EXPECT_NO_ERROR(error);
    static const guint8 right[] = {254, 0,   0,   254, 0, 0, 255, 255, 255,
                                   255, 255, 255, 0,   0, 0, 0,   0,   0};
    for (guint i = 0; i < sizeof right; i++)
        assert_in_range(image->pixels[i], MAX(right[i], 1) - 1, MIN(right[i] + 1, 255));
    assert_null(dv_image_from_yuy2_colour(pixels, 11, 2, 3, 4, &error));
    expect_error(&error, DV_ERROR_INVALID, "do not hold");
    assert_null(dv_image_from_yuy2_colour(pixels, 12, 3, 2, 6, &error));
    expect_error(&error, DV_ERROR_INVALID, "odd width");
}

static void
cut_files(void **state)
{
    (void)state;
    g_autoptr(GByteArray) jpeg = make_jpeg(320, 200);
    g_autoptr(GByteArray) png = make_png(64, 64, PNG_FORMAT_RGB);
    for (guint length = 0; length < jpeg->len; length += 7)
        refused(jpeg->data, length, length < 3 ? "neither" : "JPEG");
    for (guint length = 0; length < png->len; length++)
        refused(png->data, length, length < 8 ? "neither" : "PNG");
}

static void
sizes_that_lie(void **state)
{
    (void)state;
    g_autoptr(GByteArray) jpeg = make_jpeg(320, 40);
    guint8 *frame = memmem(jpeg->data, jpeg->len, "\xff\xc0", 2);
    assert_non_null(frame);
    frame[5] = frame[7] = 0xff; /* height and width of 65,000 */
    refused(jpeg->data, jpeg->len, "pixels are outside");
    frame[5] = frame[6] = 0;
    refused(jpeg->data, jpeg->len, "pixels are outside");
    g_autoptr(GByteArray) png = make_png(64, 64, PNG_FORMAT_RGB);
    png->data[16] = 0x7f;
    refused(png->data, png->len, "pixels are outside");
    png->data[16] = 0;
    png->data[18] = png->data[22] = 0x11; /* 4416 a side, three bytes a pixel */
    refused(png->data, png->len, "more than 48 MB");
}

/* Many scans: each passes over all pixels and costs a few bytes. */
static void
scan_bomb(void **state)
{
    static const guint8 scan[] = {0xff, 0xda, 0, 8, 1, 1, 0, 0, 63, 0};
    (void)state;
    g_autoptr(GByteArray) jpeg = make_jpeg(320, 40);
    g_byte_array_set_size(jpeg, jpeg->len - 2);
    for (guint i = 0; i < 100; i++)
        g_byte_array_append(jpeg, scan, sizeof scan);
    g_byte_array_append(jpeg, (const guint8 *)"\xff\xd9", 2);
    refused(jpeg->data, jpeg->len, "more scans");
}

static void
outline_of_nonsense(void **state)
{
    static const struct {
        const char *bytes;
        gsize length;
        const char *why;
    } cases[] = {
        {"\xff\xd8\xff\xd9", 4, "no picture"},
        {"\xff\xd8\xff\xe0\x00\x01", 6, "past its end"},
        {"\xff\xd8\xff\xe0\xff\xff", 6, "past its end"},
        {"\xff\xd8\xff\xe0\x00\x02zz\x00\x00", 10, "between its segments"},
        {"\xff\xd8\xff\xc3\x00\x08\x08\x00\x08\x00\x08\x01", 12, "no camera makes"},
        {"\xff\xd8\xff\xc0\x00\x03\x08\x00", 8, "short frame"},
        {"\xff\xd8\xff\xc0\x00\x08\x08\x00\x08\x00\x08\x09", 12, "components"},
        {"\xff\xd8\xff\xc0\x00\x08\x08\x00\x08\x00\x08\x01\xff\xc0\x00\x08\x08\x00\x08\x00\x08\x01",
         22, "two frame"},
        {"\xff\xd8\xff\xff\xff\xd0\xff\x01", 8, "cut off"},
    };
    (void)state;
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++)
        refused((const guint8 *)cases[i].bytes, cases[i].length, cases[i].why);
}

static void
too_many_bytes(void **state)
{
    (void)state;
    g_autofree guint8 *bytes = g_malloc0(DV_IMAGE_BYTES_MAX + 1);
    refused(bytes, DV_IMAGE_BYTES_MAX + 1, "are the most");
}

static void
raw_input(void **state)
{
    static const guint8 yuy2[] = {1, 128, 2,   128, 9,
                                  9, 3,   128, 4,   128}; /* two rows of 2, stride 6 */
    (void)state;
    g_autoptr(DvImage) image = dv_image_from_yuy2(yuy2, sizeof yuy2, 2, 2, 6, NULL);
    assert_non_null(image);
    assert_memory_equal(image->pixels, "\1\2\3\4", 4);
    assert_null(dv_image_from_yuy2(yuy2, sizeof yuy2 - 1, 2, 2, 6, NULL));
    assert_null(dv_image_from_yuy2(yuy2, sizeof yuy2, 3, 2, 6, NULL));
    assert_null(dv_image_from_grey(yuy2, sizeof yuy2, 11, 1, 11, NULL));
    assert_null(dv_image_from_grey(yuy2, sizeof yuy2, 2, 2, 1, NULL));
    assert_null(dv_image_from_grey(yuy2, sizeof yuy2, 0, 2, 1, NULL));
    assert_null(dv_image_from_grey(yuy2, sizeof yuy2, 2, 2, G_MAXSIZE, NULL));
    g_autoptr(DvImage) grey = dv_image_from_grey(yuy2, 4, 2, 2, 2, NULL);
    g_autoptr(DvImage) half = image_half(grey), twice = image_double(grey);
    assert_int_equal(half->pixels[0], (1 + 128 + 2 + 128 + 2) / 4);
    assert_int_equal(twice->width, 4);
    assert_int_equal(twice->pixels[0], 1);
    dv_image_free(NULL);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_jpeg),
        cmocka_unit_test(large_jpeg_is_shrunk),
        cmocka_unit_test(good_png),
        cmocka_unit_test(in_colour),
        cmocka_unit_test(yuy2_in_colour),
        cmocka_unit_test(cut_files),
        cmocka_unit_test(sizes_that_lie),
        cmocka_unit_test(scan_bomb),
        cmocka_unit_test(outline_of_nonsense),
        cmocka_unit_test(too_many_bytes),
        cmocka_unit_test(raw_input),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
