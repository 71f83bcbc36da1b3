// SPDX-License-Identifier: Apache-2.0
/* A document reader with 64-byte HID reports, after Access-IS' manual: hardware-notes/hid-pos.md.
 */
#include "model.h"
#include <errno.h>
#include <string.h>

enum { REPORTS_IN = 0x82, REPORTS_OUT = 0x01, TO_INTERFACE = 0x21, SET_IDLE = 0x0a };
enum { REPORT = 64, DATA = 56 };
#define MAX_KEPT (64 * REPORT)

/* Vendor page, one input report 2 and one output report 0xfd, 63 bytes each. */
static const guint8 report[] = {
    0x06, 0x00, 0xff, 0x09, 0x01, 0xa1, 0x01, 0x15, 0x00, 0x26, 0xff, 0x00, 0x75, 0x08, 0x95,
    0x3f, 0x85, 0x02, 0x09, 0x02, 0x81, 0x02, 0x85, 0xfd, 0x09, 0x03, 0x91, 0x02, 0xc0,
};

/* configuration, interface 3/0/0, HID, endpoints */
static const guint8 config[] = {
    9,  2,    41,          0, 1,  1, 0,    0x80,
    50, /**/
    9,  4,    0,           0, 2,  3, 0,    0,
    0, /**/
    9,  0x21, 0x11,        1, 0,  1, 0x22, sizeof report,
    0,                                  /**/
    7,  5,    REPORTS_IN,  3, 64, 0, 1, /**/
    7,  5,    REPORTS_OUT, 3, 64, 0, 1,
};

typedef struct {
    DvSimModel model;
    gboolean opened; /* the host has set it up since it was taken */
    GByteArray *kept;
} Pos;

static int
pos_control(DvSimModel *model, const guint8 setup[8], guint8 *data, gsize length)
{
    Pos *pos = (Pos *)model;
    (void)data;
    (void)length;
    if (setup[0] != TO_INTERFACE || setup[1] != SET_IDLE)
        return -EPIPE;
    pos->opened = TRUE;
    g_byte_array_set_size(pos->kept, 0);
    return 0;
}

static int
pos_in(DvSimModel *model, guint8 endpoint, guint8 *buffer, gsize max)
{
    Pos *pos = (Pos *)model;
    if (endpoint != REPORTS_IN || pos->kept->len < REPORT || max < REPORT)
        return -EAGAIN;
    memcpy(buffer, pos->kept->data, REPORT);
    g_byte_array_remove_range(pos->kept, 0, REPORT);
    return REPORT;
}

/* A whole report goes out at once; the rest waits to become one. */
static void
pos_produce(DvSimModel *model, const guint8 *bytes, gsize length)
{
    Pos *pos = (Pos *)model;
    if (pos->opened && pos->kept->len + length <= MAX_KEPT)
        g_byte_array_append(pos->kept, bytes, (guint)length);
}

static GByteArray *
pos_frame(DvSimModel *model, const char *frame, char **rows)
{
    g_autoptr(GByteArray) text = dv_sim_frame_text(frame, rows);
    GByteArray *out = g_byte_array_new();
    (void)model;
    if (text == NULL) {
        g_byte_array_unref(out);
        return NULL;
    }
    for (guint at = 0; at < text->len; at += DATA) {
        guint8 bytes[REPORT] = {0x02, 0, ']', 'Z', '0'};
        guint length = MIN(DATA, text->len - at);
        bytes[1] = (guint8)length;
        memcpy(bytes + 5, text->data + at, length);
        bytes[63] = at + length < text->len;
        g_byte_array_append(out, bytes, REPORT);
    }
    return out;
}

/* A report is sent whole or not at all. */
static void
pos_lifted(DvSimModel *model)
{
    Pos *pos = (Pos *)model;
    g_byte_array_set_size(pos->kept, pos->kept->len - pos->kept->len % REPORT);
}

static gboolean
pos_listening(const DvSimModel *model)
{
    return ((const Pos *)model)->opened;
}

static void
pos_free(DvSimModel *model)
{
    g_byte_array_unref(((Pos *)model)->kept);
    g_free(model);
}

DvSimModel *
dv_sim_hid_pos_new(guint16 vid, guint16 pid)
{
    Pos *pos = g_new0(Pos, 1);
    pos->model = (DvSimModel){
        .config = config,
        .config_length = sizeof config,
        .report = report,
        .report_length = sizeof report,
        .data_in = REPORTS_IN,
        .default_frame = "cr",
        .control = pos_control,
        .in = pos_in,
        .frame = pos_frame,
        .produce = pos_produce,
        .lifted = pos_lifted,
        .listening = pos_listening,
        .free = pos_free,
    };
    dv_sim_set_identity(&pos->model, 0, vid, pid);
    pos->kept = g_byte_array_new();
    return &pos->model;
}
