// SPDX-License-Identifier: Apache-2.0
/* What the image advises whoever holds the document, whatever way ink is looked for.
 * usage: test_guide PAGE.jpg */
#include "drawn_desk.h"
#include "drawn_face.h"
#include "expect.h"
#include "grey.h"
#include "guide.h"
#include "guide_look.h"

static const char *page_path;

/* The advice of each way of finding ink for a picture that no way reads. */
static void
assert_advice(const DvImage *picture, guint wanted)
{
    g_autoptr(DvImage) grey = image_grey_of(picture);
    for (guint set = 0; set <= DV_VISION_SETS; set++) {
        DvReading reading;
        dv_vision_read_with(grey, set, &reading);
        assert_int_equal(reading.line_count, 0);
        if (reading.guides != wanted)
            fail_msg("way %u advises %u, not %u", set, reading.guides, wanted);
    }
}

static void
each_word(void **state)
{
    static const struct {
        const char *why;
        DvDesk desk;
        guint wanted;
    } rows[] = {{"far", {640, 480, .28, .1, 0, 0, 0, 0, 0}, DV_GUIDE_CLOSER},
                {"far and turned", {300, 700, .25, 2, 0, 0, 0, 0, 0}, DV_GUIDE_CLOSER},
                {"a lamp on the zone", {640, 480, .9, 0, 0, 620, 800, 150, 60}, DV_GUIDE_GLARE},
                {"sideways", {640, 480, .9, 0, 24, 0, 0, 0, 0}, DV_GUIDE_STILL},
                {"faster", {640, 480, .8, .2, 40, 0, 0, 0, 0}, DV_GUIDE_STILL}};
    g_autoptr(DvImage) page = dv_drawn_page(page_path, TRUE);
    (void)state;
    assert_non_null(page);
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(DvImage) picture = dv_drawn_desk(page, &rows[i].desk);
        print_message("%s\n", rows[i].why);
        assert_advice(picture, rows[i].wanted);
    }
}

static void
other_side(void **state)
{
    g_autoptr(DvImage) print = dv_drawn_print(800, 600);
    static const DvDesk desk = {640, 480, .9, .1, 0, 0, 0, 0, 0};
    static const DvDesk lamp = {640, 480, .9, .1, 0, 640, 480, 150, 80};
    static const DvDesk moved = {640, 480, .9, 0, 20, 0, 0, 0, 0};
    g_autoptr(DvImage) still = dv_drawn_desk(print, &desk);
    g_autoptr(DvImage) burnt = dv_drawn_desk(print, &lamp);
    g_autoptr(DvImage) smeared = dv_drawn_desk(print, &moved);
    (void)state;
    assert_advice(still, DV_GUIDE_TURN);
    assert_advice(burnt, DV_GUIDE_GLARE);
    assert_advice(smeared, DV_GUIDE_STILL);
}

static void
nothing_lies_there(void **state)
{
    static const DvDesk desks[] = {{.scale = 1}, {640, 480, 1, 0, 0, 640, 480, 200, 150}};
    (void)state;
    for (guint i = 0; i < G_N_ELEMENTS(desks); i++) {
        g_autoptr(DvImage) empty = dv_drawn_desk(NULL, &desks[i]);
        assert_advice(empty, 0); /* neither its grain nor a lamp in it is print */
    }
}

static void
read_needs_none(void **state)
{
    static const DvDesk desk = {640, 480, .9, .1, 0, 0, 0, 0, 0};
    g_autoptr(DvImage) page = dv_drawn_page(page_path, TRUE);
    g_autoptr(DvImage) picture = dv_drawn_desk(page, &desk);
    g_autoptr(DvImage) grey = image_grey_of(picture);
    DvReading reading;
    (void)state;
    dv_vision_read(grey, &reading);
    assert_int_equal(reading.line_count, 2);
    assert_int_equal(reading.guides, 0);
}

/* A zone that was found and not read: what is said of it comes first. */
static void
of_a_zone(void **state)
{
    g_autoptr(DvImage) image = image_new(640, 480);
    DvReading reading = {.has_quad = TRUE,
                         .quad = {{100, 200}, {500, 200}, {500, 250}, {100, 250}}};
    (void)state;
    memset(image->pixels, 120, 640 * 480);
    guide_settle(image, &reading);
    assert_int_equal(reading.guides, DV_GUIDE_STILL);
    for (guint y = 210; y < 240; y++)
        memset(image->pixels + y * 640 + 200, 255, 40);
    guide_settle(image, &reading);
    assert_int_equal(reading.guides, DV_GUIDE_GLARE);
    reading.quad[1].x = reading.quad[2].x = 380;
    guide_settle(image, &reading);
    assert_int_equal(reading.guides, DV_GUIDE_CLOSER | DV_GUIDE_GLARE);
}

/* Images of any size, and quads that lie anywhere. */
static void
sizes(void **state)
{
    static const guint sides[][2] = {{16, 16},  {31, 400},  {8192, 16}, {64, 64},
                                     {65, 639}, {640, 641}, {1281, 33}};
    (void)state;
    for (guint i = 0; i < G_N_ELEMENTS(sides); i++) {
        g_autoptr(DvImage) image = image_new(sides[i][0], sides[i][1]);
        for (gsize at = 0; at < (gsize)image->width * image->height; at++)
            image->pixels[at] = (guint8)(at * at / 3);
        GuideLook look;
        guide_look(image, &look);
        assert_true(look.printed >= 0 && look.printed <= 1000 && look.extent <= 1);
        DvReading reading = {.has_quad = TRUE,
                             .quad = {{-1e9, -5}, {1e9, -5}, {1e9, 1e9}, {-1e9, 1e9}}};
        guide_settle(image, &reading);
        assert_true(reading.guides != 0 && reading.guides <= DV_GUIDES_ALL);
    }
}

int
main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_word),       cmocka_unit_test(other_side),
        cmocka_unit_test(read_needs_none), cmocka_unit_test(nothing_lies_there),
        cmocka_unit_test(of_a_zone),       cmocka_unit_test(sizes),
    };
    if (argc != 2)
        return 2;
    page_path = argv[1];
    return cmocka_run_group_tests(tests, NULL, NULL);
}
