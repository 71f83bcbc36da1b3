// SPDX-License-Identifier: Apache-2.0
/*
 * What a reader that types may report. First byte: layout (low two bits). Then items: 0xff silence,
 * 0xfe a disturbed line, 0xfd a report of the length and bytes that follow, anything else the
 * modifiers of a report with one key, the next byte, and then a report with none.
 */
#include "hid.h"
#include "hid_keyboard_proto.h"
#include "reader_events.h"
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
push_key(DvKeyboard *keyboard, guint8 modifiers, guint8 usage, const DvReaderSink *sink)
{
    const guint8 down[DV_KEYBOARD_REPORT] = {modifiers, 0, usage}, up[DV_KEYBOARD_REPORT] = {0};
    dv_keyboard_push(keyboard, down, sizeof down, sink);
    dv_keyboard_push(keyboard, up, sizeof up, sink);
}

/* The bytes as interfaces of class 3, to be looked through. */
static void
look_for_places(const uint8_t *data, size_t size)
{
    DvUsbShape shape = {0};
    DvHidPlaces places;
    for (size_t at = 0; at + 6 <= size && shape.interface_count < DV_USB_MAX_INTERFACES; at += 6)
        shape.interfaces[shape.interface_count++] = (DvUsbInterface){
            .class_code = DV_HID_CLASS,
            .alternate = data[at] & 1,
            .subclass = data[at + 1],
            .protocol = data[at + 2],
            .endpoint_count = data[at] >> 7,
            .endpoints = {{data[at + 3], (DvUsbPipe)(data[at + 4] & 3), data[at + 5]}}};
    for (gboolean keyboard = FALSE; keyboard <= TRUE; keyboard++)
        if (dv_hid_find(&shape, keyboard, &places))
            g_assert_true((places.in_endpoint & 0x80) != 0 && places.in_packet > 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const names[] = {"us", "de", "fr", "tr"};
    Seen seen = {FALSE, FALSE};
    const DvReaderSink sink = seen_sink(&seen);
    DvKeyboard keyboard;
    DvLayout layout = DV_LAYOUT_US;
    if (size == 0)
        return 0;
    g_assert_true(dv_layout_parse(names[data[0] & 3], &layout));
    g_assert_false(dv_layout_parse("dvorak", &layout));
    dv_keyboard_reset(&keyboard, layout);
    look_for_places(data, size);
    for (size_t at = 1; at < size;) {
        guint8 item = data[at++];
        if (item == 0xff)
            dv_keyboard_idle(&keyboard, &sink);
        else if (item == 0xfe)
            dv_keyboard_lost(&keyboard, &sink);
        if (item >= 0xfe)
            g_assert_false(keyboard.zone.started);
        if (item >= 0xfe || at == size)
            continue;
        guint8 next = data[at++];
        if (item == 0xfd) {
            size_t length = next & 15;
            length = MIN(length, size - at);
            dv_keyboard_push(&keyboard, data + at, length, &sink);
            at += length;
        } else {
            push_key(&keyboard, item, next, &sink);
        }
    }
    return 0;
}
