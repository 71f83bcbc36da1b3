// SPDX-License-Identifier: Apache-2.0
/* The page and the zone as they are kept: cut by the zone, level, within their bytes, and nothing
 * beside the page. */
#include "drawn_face.h"
#include <darvaza/face.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define PER_MM 8
#define ZONE_X 320 /* of the zone's upper left corner */
#define ZONE_Y 760

static void
paint(DvImage *image, double x, double y, double width, double height, guint32 colour)
{
    for (guint row = 0; row < image->height; row++)
        for (guint column = 0; column < image->width; column++)
            if (column >= x && column < x + width && row >= y && row < y + height)
                for (guint i = 0; i < 3; i++)
                    image->pixels[((gsize)row * image->width + column) * 3 + i] =
                        (guint8)(colour >> (16 - 8 * i));
}

/* A grey page of a passport with a green mark 60 mm above the zone's left end and 5 mm to the
 * right, and what must not be kept around it: all red. */
static DvImage *
scene(DvReading *reading)
{
    DvImage *image = dv_drawn_wall(1700, 1100);
    double length = 44.2 * 2.54 * PER_MM, left = ZONE_X, top = ZONE_Y;
    paint(image, 0, 0, image->width, image->height, 0xff0000);
    paint(image, left - 10 * PER_MM, top - 74 * PER_MM, length + 20 * PER_MM, 98 * PER_MM,
          0xa0a0a0);
    paint(image, left + 5 * PER_MM, top - 60 * PER_MM, 4 * PER_MM, 4 * PER_MM, 0x00c000);
    *reading = (DvReading){.line_count = 2, .has_quad = TRUE};
    reading->quad[0] = (DvPoint){left, top};
    reading->quad[1] = (DvPoint){left + length, top};
    reading->quad[2] = (DvPoint){left + length, top + 60};
    reading->quad[3] = (DvPoint){left, top + 60};
    memset(reading->lines[0], '<', 44);
    memset(reading->lines[1], '<', 44);
    return image;
}

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

static DvImage *
cut(const DvImage *image, const DvReading *reading)
{
    static guint8 jpeg[DV_PAGE_BYTES_MAX];
    g_autoptr(GError) error = NULL;
    gsize length = 0;
    assert_true(dv_faces_page(image, reading, jpeg, sizeof jpeg, &length, &error));
    assert_in_range(length, 500, sizeof jpeg);
    return dv_image_decode_colour(jpeg, length, NULL);
}

static void
level_and_no_more(void **state)
{
    (void)state;
    DvReading reading;
    g_autoptr(DvImage) image = scene(&reading);
    for (guint turn = 0; turn < 4; turn++) {
        g_autoptr(DvImage) page = cut(image, &reading);
        assert_in_range(page->width, 765, 772); /* 128 mm */
        assert_in_range(page->height, 544, 552);
        guint red = 0, green = 0;
        double x = 0, y = 0;
        for (guint i = 0; i < page->width * page->height; i++) {
            const guint8 *pixel = page->pixels + (gsize)i * 3;
            red += pixel[0] > 200 && pixel[1] < 100;
            if (pixel[1] > pixel[0] + 60) {
                green++;
                x += i % page->width;
                y += i / page->width;
            }
        }
        assert_int_equal(red, 0);
        assert_in_range(green, 400, 800);           /* 24 x 24 */
        assert_in_range((gint)(x / green), 86, 94); /* 8 + 5 + 2 mm */
        assert_in_range((gint)(y / green), 80, 88); /* 72 - 60 + 2 mm */
        DvImage *next = quarter(image, &reading);
        dv_image_free(g_steal_pointer(&image));
        image = next;
    }
}

static void
small_pictures_stay_small(void **state)
{
    (void)state;
    DvReading reading;
    g_autoptr(DvImage) image = scene(&reading);
    image->scale =
        3; /* as if it had been shrunk: the same page of a picture three times as large */
    for (guint i = 0; i < 4; i++)
        reading.quad[i] = (DvPoint){reading.quad[i].x * 3, reading.quad[i].y * 3};
    g_autoptr(DvImage) page = cut(image, &reading);
    assert_in_range(page->width, 765, 772);
    image->scale = 1;
    for (guint i = 0; i < 4; i++)
        reading.quad[i] = (DvPoint){reading.quad[i].x / 9, reading.quad[i].y / 9};
    g_autoptr(DvImage) little = cut(image, &reading);
    assert_in_range(little->width, 330, 345); /* 2.7 pixels a millimetre, as they are */
}

/* Noise is what compresses worst. */
static void
within_their_bytes(void **state)
{
    (void)state;
    DvReading reading;
    g_autoptr(DvImage) image = scene(&reading);
    g_autoptr(GRand) dice = g_rand_new_with_seed(7);
    guint8 bytes[DV_ZONE_BYTES_MAX];
    for (gsize i = 0; i < (gsize)image->width * image->height * 3; i++)
        image->pixels[i] = (guint8)g_rand_int(dice);
    g_autoptr(DvImage) page = cut(image, &reading);
    assert_non_null(page);
    g_autofree guint8 *levels = g_memdup2(image->pixels, (gsize)image->width * image->height);
    DvImage grey = {image->width, image->height, 1, levels, 1};
    gsize length = dv_vision_cut_zone(&grey, &reading, bytes, sizeof bytes);
    assert_in_range(length, 1000, sizeof bytes);
    g_autoptr(DvImage) zone = dv_image_decode(bytes, length, NULL);
    assert_non_null(zone);
    assert_int_equal(dv_vision_cut_zone(&grey, &reading, bytes, 64), 0);
}

static void
nothing_to_cut(void **state)
{
    (void)state;
    DvReading reading;
    guint8 bytes[64];
    gsize length = 1;
    g_autoptr(DvImage) image = scene(&reading);
    DvReading refused = reading, without = reading, point = reading;
    refused.line_count = 0;
    without.has_quad = FALSE;
    point.quad[1] = point.quad[0];
    const DvReading *const none[] = {&refused, &without, &point, &reading /* no room */};
    for (guint i = 0; i < G_N_ELEMENTS(none); i++) {
        assert_true(dv_faces_page(image, none[i], bytes, sizeof bytes, &length, NULL));
        assert_int_equal(length, 0);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(level_and_no_more),
        cmocka_unit_test(small_pictures_stay_small),
        cmocka_unit_test(within_their_bytes),
        cmocka_unit_test(nothing_to_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
