// SPDX-License-Identifier: Apache-2.0
#include "hid_keyboard_proto.h"
#include <string.h>

/* Usages of the keyboard page (HID Usage Tables 1.12, chapter 10). */
enum {
    USAGE_ROLL_OVER = 0x01, /* and two errors after it */
    USAGE_A = 0x04,
    USAGE_Z = 0x1d,
    USAGE_1 = 0x1e,
    USAGE_0 = 0x27,
    USAGE_ENTER = 0x28,
    USAGE_TAB = 0x2b,
    USAGE_SPACE = 0x2c,
    USAGE_MINUS = 0x2d,
    USAGE_SLASH = 0x38,
    USAGE_PAD_SLASH = 0x54,
    USAGE_PAD_ENTER = 0x58,
    USAGE_PAD_1 = 0x59,
    USAGE_PAD_0 = 0x62,
    USAGE_102ND = 0x64, /* beside the left Shift; "<" nearly everywhere but in the US */
};
enum { MOD_CTRL = 0x11, MOD_SHIFT = 0x22, MOD_ALT = 0x04, MOD_ALT_GR = 0x40 };

/* '~' stands for a character beyond ASCII. */
typedef struct {
    const char *name;
    const char *letters; /* what the keys that are A to Z in the US type, with and without Shift */
    const char *digits, *digits_shifted; /* of the keys 1 to 9 and 0 */
    const char *marks, *marks_shifted;   /* of usages 0x2d to 0x38, then 0x64 */
    guint8 less_by_alt_gr;               /* a usage that types '<' with AltGr; 0: none */
} Layout;

static const Layout layouts[] = {
    [DV_LAYOUT_US] = {"us", "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "1234567890", "!@#$%^&*()",
                      "-=[]\\#;'`,./\\", "_+{}|~:\"~<>?|", 0},
    [DV_LAYOUT_DE] = {"de", "ABCDEFGHIJKLMNOPQRSTUVWXZY", "1234567890",
                      "!\"~$%&/()=", "~~~+##~~^,.-<", "?`~*''~~~;:_>", 0},
    [DV_LAYOUT_FR] = {"fr", "QBCDEFGHIJKL,NOPARSTUVZXYW", "&~\"'(-~_~~", "1234567890",
                      ")=^$**M~~;:!<", "~+~~~~M%~./~>", 0},
    [DV_LAYOUT_TR] = {"tr", "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "1234567890",
                      "!'^+%&/()=", "*-~~,,~I\"~~.<", "?_~~;;~I~~~:>", 0x35},
};

gboolean
dv_layout_parse(const char *name, DvLayout *layout)
{
    for (guint i = 0; i < G_N_ELEMENTS(layouts); i++)
        if (strcmp(name, layouts[i].name) == 0) {
            *layout = (DvLayout)i;
            return TRUE;
        }
    return FALSE;
}

static gboolean
is_pad_digit(guint8 usage)
{
    return usage >= USAGE_PAD_1 && usage <= USAGE_PAD_0;
}

static guint
pad_digit(guint8 usage)
{
    return usage == USAGE_PAD_0 ? 0 : usage - USAGE_PAD_1 + 1u;
}

/* The key alone or with Shift; 0 for one that types nothing. */
static char
plain_character(const Layout *table, gboolean shift, guint8 usage)
{
    static const char pad_marks[] = "/*-+";
    if (usage >= USAGE_A && usage <= USAGE_Z)
        return table->letters[usage - USAGE_A];
    if (usage >= USAGE_1 && usage <= USAGE_0)
        return (shift ? table->digits_shifted : table->digits)[usage - USAGE_1];
    if (usage >= USAGE_MINUS && usage <= USAGE_SLASH)
        return (shift ? table->marks_shifted : table->marks)[usage - USAGE_MINUS];
    if (usage == USAGE_102ND)
        return (shift ? table->marks_shifted : table->marks)[USAGE_SLASH - USAGE_MINUS + 1];
    if (is_pad_digit(usage))
        return (char)('0' + pad_digit(usage));
    if (usage >= USAGE_PAD_SLASH && usage < USAGE_PAD_ENTER)
        return pad_marks[usage - USAGE_PAD_SLASH];
    if (usage == USAGE_ENTER || usage == USAGE_PAD_ENTER)
        return '\r';
    return usage == USAGE_TAB ? '\t' : usage == USAGE_SPACE ? ' ' : 0;
}

guint8
dv_layout_byte(DvLayout layout, guint8 modifiers, guint8 usage)
{
    const Layout *table = &layouts[layout];
    char typed = plain_character(table, (modifiers & MOD_SHIFT) != 0, usage);
    /* Without an AltGr of its own (US) the right Alt is one more Alt. */
    gboolean alt_gr = (modifiers & MOD_ALT_GR) != 0 && layout != DV_LAYOUT_US;
    if (typed == 0 || (modifiers & MOD_ALT) != 0)
        return 0;
    if (alt_gr && g_ascii_isgraph(typed))
        return usage == table->less_by_alt_gr ? '<' : '?';
    if ((modifiers & MOD_CTRL) != 0)
        return g_ascii_isupper(typed) ? (guint8)(typed & 0x1f) : 0;
    return typed == '~' ? '?' : (guint8)typed;
}

void
dv_keyboard_reset(DvKeyboard *keyboard, DvLayout layout)
{
    *keyboard = (DvKeyboard){.layout = layout};
    dv_zone_reset(&keyboard->zone);
}

/* Letting Alt go ends a number. */
static void
end_alt(DvKeyboard *keyboard, const DvReaderSink *sink)
{
    guint8 byte = keyboard->alt_value < 0x80 ? (guint8)keyboard->alt_value : '?';
    if (keyboard->alt_digits > 0)
        dv_zone_push(&keyboard->zone, &byte, 1, sink);
    keyboard->alt_digits = keyboard->alt_value = 0;
}

static void
key_down(DvKeyboard *keyboard, guint8 modifiers, guint8 usage, const DvReaderSink *sink)
{
    guint8 byte = dv_layout_byte(keyboard->layout, modifiers, usage);
    if (byte != 0) {
        dv_zone_push(&keyboard->zone, &byte, 1, sink);
    } else if ((modifiers & MOD_ALT) != 0 && is_pad_digit(usage) && keyboard->alt_digits < 4) {
        keyboard->alt_digits++;
        keyboard->alt_value = keyboard->alt_value * 10 + pad_digit(usage);
    }
}

void
dv_keyboard_push(DvKeyboard *keyboard, const guint8 *report, gsize length, const DvReaderSink *sink)
{
    guint8 keys[DV_KEYBOARD_KEYS] = {0};
    if (length < 3)
        return;
    for (gsize i = 0; i < DV_KEYBOARD_KEYS && i + 2 < length; i++) {
        keys[i] = report[i + 2];
        if (keys[i] >= USAGE_ROLL_OVER && keys[i] < USAGE_A)
            return; /* it does not know which keys are down */
    }
    if ((report[0] & MOD_ALT) == 0)
        end_alt(keyboard, sink);
    for (guint i = 0; i < DV_KEYBOARD_KEYS; i++)
        if (keys[i] != 0 && memchr(keyboard->held, keys[i], DV_KEYBOARD_KEYS) == NULL &&
            memchr(keys, keys[i], i) == NULL)
            key_down(keyboard, report[0], keys[i], sink);
    for (guint i = 0; i < DV_KEYBOARD_KEYS; i++)
        keyboard->held[i] = keys[i];
}

void
dv_keyboard_idle(DvKeyboard *keyboard, const DvReaderSink *sink)
{
    end_alt(keyboard, sink);
    dv_zone_end(&keyboard->zone, sink);
}

void
dv_keyboard_lost(DvKeyboard *keyboard, const DvReaderSink *sink)
{
    dv_zone_lost(&keyboard->zone, sink);
    dv_keyboard_reset(keyboard, keyboard->layout);
}
