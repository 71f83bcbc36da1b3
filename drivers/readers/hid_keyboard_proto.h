// SPDX-License-Identifier: Apache-2.0
#pragma once
/*
 * A reader that types: boot reports of a keyboard (HID 1.11, appendix B.1) to the text it means,
 * and by zone.h to rows. A key counts when it goes down, once, however often its report is
 * repeated; a report that says "too many keys" (01) changes nothing. Letters come out as capitals
 * whatever Shift and Caps Lock say, for an MRZ has no others; Turkish dotted and dotless i are both
 * I.
 *
 * Enter ends a row and so does Tab; Ctrl with a letter is the control byte (Ctrl-B, Ctrl-C: STX,
 * ETX), and Alt with digits of the keypad is the byte of that number, as scanners type what the
 * layout lacks.
 */
#include "zone.h"

#define DV_KEYBOARD_REPORT 8 /* modifiers, reserved, six keys */
#define DV_KEYBOARD_KEYS 6

typedef enum { DV_LAYOUT_US, DV_LAYOUT_DE, DV_LAYOUT_FR, DV_LAYOUT_TR } DvLayout;

typedef struct {
    DvLayout layout;
    guint8 held[DV_KEYBOARD_KEYS];
    guint alt_digits; /* typed on the keypad while Alt is down */
    guint alt_value;
    DvZone zone;
} DvKeyboard;

/* "us", "de" (QWERTZ), "fr" (AZERTY), "tr" (Turkish Q). */
gboolean dv_layout_parse(const char *name, DvLayout *layout);
/* What a key types, a byte of ASCII or a control byte; '?' for a character that no MRZ has, 0 for a
 * key that types nothing (or with a keypad's digit under Alt). */
guint8 dv_layout_byte(DvLayout layout, guint8 modifiers, guint8 usage);

void dv_keyboard_reset(DvKeyboard *keyboard, DvLayout layout);
/* One report. Less than 8 bytes are a report of a keyboard that ended early: keys missing. */
void dv_keyboard_push(DvKeyboard *keyboard, const guint8 *report, gsize length,
                      const DvReaderSink *sink);
void dv_keyboard_idle(DvKeyboard *keyboard, const DvReaderSink *sink);
void dv_keyboard_lost(DvKeyboard *keyboard, const DvReaderSink *sink);
