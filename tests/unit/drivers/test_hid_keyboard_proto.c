// SPDX-License-Identifier: Apache-2.0
/* From keyboard reports to rows: layouts, modifiers, repetition, rollover, and what ends a row. */
#include "hid.h"
#include "hid_keyboard_proto.h"
#include "reader_events.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum { CTRL = 0x01, SHIFT = 0x02, ALT = 0x04, RIGHT_SHIFT = 0x20, ALT_GR = 0x40 };
enum { KEY_ENTER = 0x28, KEY_TAB = 0x2b, KEY_CAPS = 0x39, PAD_1 = 0x59, PAD_0 = 0x62 };

typedef struct {
    ReaderEvents seen;
    DvKeyboard keyboard;
} Fixture;

static int
setup(void **state)
{
    Fixture *fixture = g_new0(Fixture, 1);
    events_init(&fixture->seen);
    dv_keyboard_reset(&fixture->keyboard, DV_LAYOUT_US);
    *state = fixture;
    return 0;
}

static int
teardown(void **state)
{
    Fixture *fixture = *state;
    events_clear(&fixture->seen);
    g_free(fixture);
    return 0;
}

static void
push(Fixture *fixture, guint8 modifiers, guint8 first, guint8 second)
{
    const guint8 report[DV_KEYBOARD_REPORT] = {modifiers, 0, first, second};
    dv_keyboard_push(&fixture->keyboard, report, sizeof report, &fixture->seen.sink);
}

static void
strike(Fixture *fixture, guint8 modifiers, guint8 usage)
{
    push(fixture, modifiers, usage, 0);
    push(fixture, 0, 0, 0);
}

/* The key that types the character, found in the layout itself; tables are tested by themselves. */
static void
find_key(DvLayout layout, char c, guint8 *modifiers, guint8 *usage)
{
    static const guint8 tried[] = {0, SHIFT};
    for (guint m = 0; m < G_N_ELEMENTS(tried); m++)
        for (guint u = 0x04; u <= 0x64; u++)
            if (dv_layout_byte(layout, tried[m], (guint8)u) == (guint8)c) {
                *modifiers = tried[m];
                *usage = (guint8)u;
                return;
            }
    fail();
}

static void
type(Fixture *fixture, const char *text)
{
    for (const char *c = text; *c != '\0'; c++) {
        guint8 modifiers = 0, usage = 0;
        find_key(fixture->keyboard.layout, *c, &modifiers, &usage);
        strike(fixture, modifiers, usage);
    }
}

static void
idle(Fixture *fixture)
{
    dv_keyboard_idle(&fixture->keyboard, &fixture->seen.sink);
}

/* What stands on the keys of each country, by where they are on a US keyboard. */
static void
test_layout_tables(void **state)
{
    static const struct {
        DvLayout layout;
        guint8 modifiers, usage;
        char typed;
    } keys[] = {
        {DV_LAYOUT_US, SHIFT, 0x04, 'A'},  {DV_LAYOUT_US, 0, 0x1d, 'Z'},
        {DV_LAYOUT_US, 0, 0x27, '0'},      {DV_LAYOUT_US, SHIFT, 0x1e, '!'},
        {DV_LAYOUT_US, SHIFT, 0x36, '<'},  {DV_LAYOUT_US, RIGHT_SHIFT, 0x36, '<'},
        {DV_LAYOUT_US, 0, 0x36, ','},      {DV_LAYOUT_US, SHIFT, 0x2d, '_'},
        {DV_LAYOUT_US, ALT_GR, 0x04, 'A'}, {DV_LAYOUT_DE, SHIFT, 0x1c, 'Z'},
        {DV_LAYOUT_DE, SHIFT, 0x1d, 'Y'},  {DV_LAYOUT_DE, 0, 0x64, '<'},
        {DV_LAYOUT_DE, SHIFT, 0x64, '>'},  {DV_LAYOUT_DE, SHIFT, 0x38, '_'},
        {DV_LAYOUT_DE, 0, 0x2f, '?'},      {DV_LAYOUT_DE, ALT_GR, 0x64, '?'},
        {DV_LAYOUT_FR, SHIFT, 0x04, 'Q'},  {DV_LAYOUT_FR, SHIFT, 0x14, 'A'},
        {DV_LAYOUT_FR, SHIFT, 0x1a, 'Z'},  {DV_LAYOUT_FR, SHIFT, 0x1d, 'W'},
        {DV_LAYOUT_FR, SHIFT, 0x33, 'M'},  {DV_LAYOUT_FR, SHIFT, 0x1e, '1'},
        {DV_LAYOUT_FR, 0, 0x1e, '&'},      {DV_LAYOUT_FR, SHIFT, 0x27, '0'},
        {DV_LAYOUT_FR, 0, 0x64, '<'},      {DV_LAYOUT_FR, 0, 0x25, '_'},
        {DV_LAYOUT_TR, SHIFT, 0x0c, 'I'},  {DV_LAYOUT_TR, SHIFT, 0x34, 'I'},
        {DV_LAYOUT_TR, 0, 0x34, 'I'},      {DV_LAYOUT_TR, 0, 0x64, '<'},
        {DV_LAYOUT_TR, ALT_GR, 0x35, '<'}, {DV_LAYOUT_TR, SHIFT, 0x2e, '_'},
        {DV_LAYOUT_TR, 0, 0x1e, '1'},      {DV_LAYOUT_DE, 0, PAD_1, '1'},
        {DV_LAYOUT_FR, 0, PAD_0, '0'},     {DV_LAYOUT_US, 0, KEY_ENTER, '\r'},
        {DV_LAYOUT_US, 0, KEY_TAB, '\t'},  {DV_LAYOUT_US, 0, 0x58, '\r'},
        {DV_LAYOUT_US, CTRL, 0x05, 0x02},  {DV_LAYOUT_FR, CTRL, 0x33, 0x0d},
        {DV_LAYOUT_US, 0, KEY_CAPS, 0},    {DV_LAYOUT_US, CTRL, 0x1e, 0},
        {DV_LAYOUT_US, ALT, 0x04, 0},      {DV_LAYOUT_US, 0, 0x3a, 0},
    };
    (void)state;
    for (guint i = 0; i < G_N_ELEMENTS(keys); i++)
        assert_int_equal(dv_layout_byte(keys[i].layout, keys[i].modifiers, keys[i].usage),
                         keys[i].typed);
}

static void
test_every_layout_types_every_character(void **state)
{
    static const char *const names[] = {"us", "de", "fr", "tr"};
    Fixture *fixture = *state;
    for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
        DvLayout layout = DV_LAYOUT_US;
        assert_true(dv_layout_parse(names[i], &layout));
        dv_keyboard_reset(&fixture->keyboard, layout);
        type(fixture, "ABCDEFGHIJKLMNOPQRSTUVWXYZ<_");
        dv_keyboard_lost(&fixture->keyboard, &fixture->seen.sink);
        events_expect(&fixture->seen, "started dropped");
        type(fixture, TD3_1 "\r" TD3_2 "\r");
        events_expect(&fixture->seen, "started " TD3);
        type(fixture, TD1_1 "\t" TD1_2 "\t" TD1_3);
        events_expect(&fixture->seen, "started");
        idle(fixture);
        events_expect(&fixture->seen, TD1);
    }
    DvLayout layout = DV_LAYOUT_FR;
    assert_false(dv_layout_parse("dvorak", &layout));
}

static void
test_a_repeated_report_is_one_key(void **state)
{
    Fixture *fixture = *state;
    type(fixture, TD3_1 "\r");
    for (const char *c = TD3_2; *c != '\0'; c++) {
        guint8 modifiers = 0, usage = 0;
        find_key(DV_LAYOUT_US, *c, &modifiers, &usage);
        for (guint i = 0; i < 5; i++)
            push(fixture, modifiers, usage, 0);
        push(fixture, modifiers, 0, 0); /* the key is let go before Shift */
        push(fixture, 0, 0, 0);
    }
    strike(fixture, 0, KEY_ENTER);
    events_expect(&fixture->seen, "started " TD3);
}

static void
test_rollover(void **state)
{
    Fixture *fixture = *state;
    type(fixture, TD3_1 "\r");
    /* Every key stays down until the next one is. */
    guint8 last = 0;
    for (const char *c = TD3_2; *c != '\0'; c++) {
        guint8 modifiers = 0, usage = 0;
        find_key(DV_LAYOUT_US, *c, &modifiers, &usage);
        if (usage == last)
            push(fixture, 0, 0, 0);
        else if (last != 0)
            push(fixture, modifiers, last, usage);
        push(fixture, modifiers, usage, 0);
        const guint8 confused[DV_KEYBOARD_REPORT] = {0, 0, 1, 1, 1, 1, 1, 1};
        dv_keyboard_push(&fixture->keyboard, confused, sizeof confused, &fixture->seen.sink);
        last = usage;
    }
    strike(fixture, 0, KEY_ENTER);
    events_expect(&fixture->seen, "started " TD3);
}

static void
test_control_keys_and_numbers(void **state)
{
    Fixture *fixture = *state;
    /* Ctrl-B, rows with Ctrl-M, Ctrl-C. */
    strike(fixture, CTRL, 0x05);
    type(fixture, TD3_1);
    strike(fixture, CTRL, 0x10);
    type(fixture, TD3_2);
    strike(fixture, CTRL, 0x06);
    events_expect(&fixture->seen, "started " TD3);
    /* Every '<' as Alt with 0060 on the keypad, on a layout where it is elsewhere. */
    dv_keyboard_reset(&fixture->keyboard, DV_LAYOUT_FR);
    for (const char *c = TD3_1 "\r" TD3_2 "\r"; *c != '\0'; c++) {
        guint8 modifiers = 0, usage = 0;
        if (*c != '<') {
            find_key(DV_LAYOUT_FR, *c, &modifiers, &usage);
            strike(fixture, modifiers, usage);
            continue;
        }
        const guint8 digits[] = {PAD_0, PAD_0, PAD_1 + 5, PAD_0};
        push(fixture, ALT, 0, 0);
        for (guint i = 0; i < sizeof digits; i++) {
            push(fixture, ALT, digits[i], 0);
            push(fixture, ALT, 0, 0);
        }
        push(fixture, 0, 0, 0);
    }
    events_expect(&fixture->seen, "started " TD3);
}

static void
test_a_cut_zone_never_meets_the_next(void **state)
{
    Fixture *fixture = *state;
    type(fixture, &TD3_1[20]);
    type(fixture, "\r" TD3_2 "\r" TD3_1 "\r" TD3_2 "\r");
    events_expect(&fixture->seen, "started dropped " TD3);
    type(fixture, TD3_1 "\r");
    dv_keyboard_lost(&fixture->keyboard, &fixture->seen.sink);
    type(fixture, TD3_2 "\r");
    idle(fixture);
    events_expect(&fixture->seen, "started dropped started dropped");
    /* Reports of no use, and a keyboard in the wrong layout. */
    const guint8 stub[] = {0, 0};
    dv_keyboard_push(&fixture->keyboard, stub, sizeof stub, &fixture->seen.sink);
    events_expect(&fixture->seen, "");
}

static void
test_finds_the_keyboard(void **state)
{
    DvUsbShape shape = {
        .interface_count = 3,
        .interfaces = {{.number = 0,
                        .class_code = 3,
                        .endpoint_count = 1,
                        .endpoints = {{0x81, DV_USB_INTERRUPT, 64}}},
                       {.number = 1,
                        .class_code = 3,
                        .subclass = 1,
                        .protocol = 2, /* a mouse */
                        .endpoint_count = 1,
                        .endpoints = {{0x82, DV_USB_INTERRUPT, 8}}},
                       {.number = 2,
                        .class_code = 3,
                        .subclass = 1,
                        .protocol = 1,
                        .endpoint_count = 2,
                        .endpoints = {{0x03, DV_USB_INTERRUPT, 8}, {0x83, DV_USB_INTERRUPT, 8}}}},
    };
    DvHidPlaces places = {0};
    (void)state;
    assert_true(dv_hid_find(&shape, TRUE, &places));
    assert_int_equal(places.interface_number, 2);
    assert_int_equal(places.in_endpoint, 0x83);
    assert_true(dv_hid_find(&shape, FALSE, &places));
    assert_int_equal(places.interface_number, 0);
    shape.interface_count = 2;
    assert_false(dv_hid_find(&shape, TRUE, &places));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_layout_tables),
        cmocka_unit_test_setup_teardown(test_every_layout_types_every_character, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_repeated_report_is_one_key, setup, teardown),
        cmocka_unit_test_setup_teardown(test_rollover, setup, teardown),
        cmocka_unit_test_setup_teardown(test_control_keys_and_numbers, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_cut_zone_never_meets_the_next, setup, teardown),
        cmocka_unit_test(test_finds_the_keyboard),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
