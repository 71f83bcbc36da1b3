// SPDX-License-Identifier: Apache-2.0
/*
 * A document reader that types: a boot keyboard (HID 1.11, appendix B and E). Until somebody takes
 * the interface from the kernel's driver, what it types goes to the desktop, and is counted.
 */
#include "model.h"
#include <errno.h>
#include <string.h>

enum { KEYS_IN = 0x81, TO_INTERFACE = 0x21, SET_IDLE = 0x0a, SET_PROTOCOL = 0x0b };
enum { SHIFT = 0x02, REPORT = 8 };
#define MAX_REPORTS 4096

static const guint8 report[] = {
    0x05, 0x01, 0x09, 0x06, 0xa1, 0x01, 0x05, 0x07, 0x19, 0xe0, 0x29, 0xe7, 0x15, 0x00, 0x25,
    0x01, 0x75, 0x01, 0x95, 0x08, 0x81, 0x02, 0x95, 0x01, 0x75, 0x08, 0x81, 0x01, 0x95, 0x06,
    0x75, 0x08, 0x15, 0x00, 0x25, 0x65, 0x05, 0x07, 0x19, 0x00, 0x29, 0x65, 0x81, 0x00, 0xc0,
};

/* configuration, interface 3/1/1, HID, endpoint */
static const guint8 config[] = {
    9,  2,    34,      0, 1, 1, 0,    0x80,
    50, /**/
    9,  4,    0,       0, 1, 3, 1,    1,
    0, /**/
    9,  0x21, 0x11,    1, 0, 1, 0x22, sizeof report,
    0, /**/
    7,  5,    KEYS_IN, 3, 8, 0, 1,
};

typedef struct {
    DvSimModel model;
    char layout;         /* u, d, f, t */
    gboolean kernel;     /* its driver has the keyboard */
    guint typed;         /* into the desktop */
    GByteArray *reports; /* owned */
} Keyboard;

static int
keyboard_control(DvSimModel *model, const guint8 setup[8], guint8 *data, gsize length)
{
    (void)model;
    (void)data;
    (void)length;
    return setup[0] == TO_INTERFACE && (setup[1] == SET_IDLE || setup[1] == SET_PROTOCOL) ? 0
                                                                                          : -EPIPE;
}

static int
keyboard_in(DvSimModel *model, guint8 endpoint, guint8 *buffer, gsize max)
{
    Keyboard *keyboard = (Keyboard *)model;
    if (endpoint != KEYS_IN || keyboard->reports->len == 0 || max < REPORT)
        return -EAGAIN;
    memcpy(buffer, keyboard->reports->data, REPORT);
    g_byte_array_remove_range(keyboard->reports, 0, REPORT);
    return REPORT;
}

/* Which key, by where the letter is printed on a keyboard of that country. */
static guint8
letter_key(char layout, char letter)
{
    static const char swapped[][2][7] = {{"YZ", "ZY"}, {"AQWZM", "QAZW;"}};
    const char *from = layout == 'd' ? swapped[0][0] : layout == 'f' ? swapped[1][0] : "";
    const char *at = strchr(from, letter);
    char us = at == NULL ? letter : swapped[layout == 'f'][1][at - from];
    return us == ';' ? 0x33 : (guint8)(0x04 + us - 'A');
}

/* Modifiers and key for what an MRZ has; 0 for anything else. */
static guint8
key_for(char layout, char c, guint8 *modifiers)
{
    *modifiers = 0;
    if (g_ascii_isupper(c)) {
        *modifiers = SHIFT;
        return letter_key(layout, c);
    }
    if (g_ascii_isdigit(c)) {
        *modifiers = layout == 'f' ? SHIFT : 0;
        return c == '0' ? 0x27 : (guint8)(0x1e + c - '1');
    }
    switch (c) {
    case '<':
        *modifiers = layout == 'u' ? SHIFT : 0;
        return layout == 'u' ? 0x36 : 0x64;
    case '_':
        *modifiers = layout == 'f' ? 0 : SHIFT;
        return layout == 'u' ? 0x2d : layout == 'd' ? 0x38 : layout == 'f' ? 0x25 : 0x2e;
    case '\r':
        return 0x28;
    case '\t':
        return 0x2b;
    default:
        return 0;
    }
}

static void
keyboard_produce(DvSimModel *model, const guint8 *bytes, gsize length)
{
    Keyboard *keyboard = (Keyboard *)model;
    for (gsize i = 0; i < length; i++) {
        guint8 down[REPORT] = {0}, up[REPORT] = {0};
        down[2] = key_for(keyboard->layout, (char)bytes[i], &down[0]);
        if (down[2] == 0 || keyboard->reports->len + 2 * REPORT > MAX_REPORTS * REPORT)
            continue;
        if (keyboard->kernel) {
            keyboard->typed++;
            continue;
        }
        g_byte_array_append(keyboard->reports, down, REPORT);
        g_byte_array_append(keyboard->reports, up, REPORT);
    }
}

static GByteArray *
keyboard_frame(DvSimModel *model, const char *frame, char **rows)
{
    (void)model;
    if (strcmp(frame, "tab") == 0) {
        g_autofree char *text = g_strjoinv("\t", rows);
        GByteArray *bytes = g_byte_array_new();
        g_byte_array_append(bytes, (const guint8 *)text, (guint)strlen(text));
        return bytes;
    }
    return dv_sim_frame_text(frame, rows);
}

static gboolean
keyboard_set(DvSimModel *model, const char *key, const char *value)
{
    static const char *const layouts[] = {"us", "de", "fr", "tr"};
    for (guint i = 0; strcmp(key, "layout") == 0 && i < G_N_ELEMENTS(layouts); i++)
        if (strcmp(value, layouts[i]) == 0) {
            ((Keyboard *)model)->layout = *value;
            return TRUE;
        }
    return FALSE;
}

static void
keyboard_kernel(DvSimModel *model, gboolean bound)
{
    Keyboard *keyboard = (Keyboard *)model;
    keyboard->kernel = bound;
    g_byte_array_set_size(keyboard->reports, 0);
}

static guint
keyboard_typed(const DvSimModel *model)
{
    return ((const Keyboard *)model)->typed;
}

static gboolean
keyboard_types(const DvSimModel *model)
{
    return ((const Keyboard *)model)->kernel;
}

static gboolean
keyboard_listening(const DvSimModel *model)
{
    return !((const Keyboard *)model)->kernel;
}

static void
keyboard_free(DvSimModel *model)
{
    g_byte_array_unref(((Keyboard *)model)->reports);
    g_free(model);
}

DvSimModel *
dv_sim_hid_keyboard_new(guint16 vid, guint16 pid)
{
    Keyboard *keyboard = g_new0(Keyboard, 1);
    keyboard->model = (DvSimModel){
        .config = config,
        .config_length = sizeof config,
        .report = report,
        .report_length = sizeof report,
        .data_in = KEYS_IN,
        .default_frame = "cr",
        .control = keyboard_control,
        .in = keyboard_in,
        .frame = keyboard_frame,
        .set = keyboard_set,
        .kernel = keyboard_kernel,
        .types = keyboard_types,
        .typed = keyboard_typed,
        .produce = keyboard_produce,
        .listening = keyboard_listening,
        .free = keyboard_free,
    };
    dv_sim_set_identity(&keyboard->model, 0, vid, pid);
    keyboard->layout = 'u';
    keyboard->kernel = TRUE;
    keyboard->reports = g_byte_array_new();
    return &keyboard->model;
}
