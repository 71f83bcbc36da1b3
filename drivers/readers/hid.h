// SPDX-License-Identifier: Apache-2.0
#pragma once
/* HID interfaces (Device Class Definition for HID 1.11) among what a device says of itself. Pure.
 */
#include <darvaza/driver.h>

enum { DV_HID_CLASS = 3, DV_HID_SUBCLASS_BOOT = 1, DV_HID_PROTOCOL_KEYBOARD = 1 };
/* Class requests to an interface (7.2). */
enum { DV_HID_TO_INTERFACE = 0x21, DV_HID_SET_IDLE = 0x0a, DV_HID_SET_PROTOCOL = 0x0b };

typedef struct {
    guint8 interface_number;
    guint8 in_endpoint;
    guint16 in_packet;
} DvHidPlaces;

/* The first HID interface with an interrupt input: a boot keyboard, or one that is none. FALSE when
 * there is none. */
gboolean dv_hid_find(const DvUsbShape *shape, gboolean keyboard, DvHidPlaces *places);
