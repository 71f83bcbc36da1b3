// SPDX-License-Identifier: Apache-2.0
/*
 * A document reader with a serial personality, as a microcontroller would implement it: USB CDC 1.2
 * with the PSTN 1.2 abstract control model. What it keeps is thrown away when DTR falls.
 */
#include "cdc_acm_model.h"
#include <errno.h>
#include <string.h>

enum { BULK_IN = 0x81, BULK_OUT = 0x02, NOTIFY_IN = 0x83 };
enum { SET_LINE_CODING = 0x20, GET_LINE_CODING = 0x21, SET_CONTROL_LINE_STATE = 0x22 };
enum { SEND_BREAK = 0x23, TO_INTERFACE = 0x21, FROM_INTERFACE = 0xa1, DTR = 1 };
#define MAX_PACKET 64
/* Bytes that wait for a slow host; what comes beyond is lost, as in a real one. */
#define MAX_KEPT 4096

static const guint8 config[] = {
    /* configuration: 2 interfaces, bus-powered, 500 mA */
    9,
    2,
    67,
    0,
    2,
    1,
    0,
    0x80,
    250,
    /* interface 0: communication, abstract control model; header, call management, ACM, union */
    9,
    4,
    0,
    0,
    1,
    2,
    2,
    1,
    0,
    5,
    0x24,
    0x00,
    0x10,
    0x01,
    5,
    0x24,
    0x01,
    0x00,
    0x01,
    4,
    0x24,
    0x02,
    0x02,
    5,
    0x24,
    0x06,
    0x00,
    0x01,
    7,
    5,
    NOTIFY_IN,
    3,
    10,
    0,
    8,
    /* interface 1: data */
    9,
    4,
    1,
    0,
    2,
    10,
    0,
    0,
    0,
    7,
    5,
    BULK_IN,
    2,
    64,
    0,
    0,
    7,
    5,
    BULK_OUT,
    2,
    64,
    0,
    0,
};

static int
reader_control(DvSimModel *model, const guint8 setup[8], guint8 *data, gsize length)
{
    DvSimSerial *reader = (DvSimSerial *)model;
    gsize coding = sizeof reader->line_coding;
    if (setup[0] == TO_INTERFACE && setup[1] == SET_LINE_CODING && length == coding) {
        memcpy(reader->line_coding, data, coding);
        return (int)coding;
    }
    if (setup[0] == FROM_INTERFACE && setup[1] == GET_LINE_CODING) {
        gsize moved = MIN(length, coding);
        memcpy(data, reader->line_coding, moved);
        return (int)moved;
    }
    if (setup[0] == TO_INTERFACE && setup[1] == SET_CONTROL_LINE_STATE) {
        reader->dtr = (setup[2] & DTR) != 0;
        if (!reader->dtr) {
            g_byte_array_set_size(reader->kept, 0);
            g_byte_array_set_size(reader->lying, 0);
            g_byte_array_set_size(reader->command, 0);
            reader->ready = reader->triggered = reader->lifted = FALSE;
        }
        return 0;
    }
    if (setup[0] == TO_INTERFACE && setup[1] == SEND_BREAK)
        return 0;
    return -EPIPE;
}

static int
reader_in(DvSimModel *model, guint8 endpoint, guint8 *buffer, gsize max)
{
    DvSimSerial *reader = (DvSimSerial *)model;
    if (endpoint != BULK_IN || reader->kept->len == 0)
        return -EAGAIN;
    guint moved = (guint)MIN(MIN(max, MAX_PACKET), reader->kept->len);
    memcpy(buffer, reader->kept->data, moved);
    g_byte_array_remove_range(reader->kept, 0, moved);
    return (int)moved;
}

void
dv_sim_serial_say(DvSimSerial *reader, const guint8 *bytes, gsize length)
{
    if (reader->dtr && reader->kept->len + length <= MAX_KEPT)
        g_byte_array_append(reader->kept, bytes, (guint)length);
}

static void
reader_produce(DvSimModel *model, const guint8 *bytes, gsize length)
{
    DvSimSerial *reader = (DvSimSerial *)model;
    if (reader->talk->produce != NULL)
        reader->talk->produce(reader, bytes, length);
    else
        dv_sim_serial_say(reader, bytes, length);
}

static void
reader_out(DvSimModel *model, guint8 endpoint, const guint8 *bytes, gsize length)
{
    DvSimSerial *reader = (DvSimSerial *)model;
    if (endpoint == BULK_OUT && reader->talk->told != NULL)
        reader->talk->told(reader, bytes, length);
}

static GByteArray *
reader_frame(DvSimModel *model, const char *frame, char **rows)
{
    const DvSimTalk *talk = ((const DvSimSerial *)model)->talk;
    return talk->frame != NULL ? talk->frame(rows) : dv_sim_frame_text(frame, rows);
}

static void
reader_lifted(DvSimModel *model)
{
    g_byte_array_set_size(((DvSimSerial *)model)->lying, 0);
}

static gboolean
reader_listening(const DvSimModel *model)
{
    const DvSimSerial *reader = (const DvSimSerial *)model;
    return reader->dtr && (reader->talk->reads == NULL || reader->talk->reads(reader));
}

static void
reader_free(DvSimModel *model)
{
    DvSimSerial *reader = (DvSimSerial *)model;
    g_byte_array_unref(reader->kept);
    g_byte_array_unref(reader->lying);
    g_byte_array_unref(reader->command);
    g_free(reader);
}

DvSimModel *
dv_sim_serial_new(const DvSimTalk *talk, guint16 vid, guint16 pid)
{
    DvSimSerial *reader = g_new0(DvSimSerial, 1);
    reader->talk = talk;
    reader->model = (DvSimModel){
        .config = config,
        .config_length = sizeof config,
        .data_in = BULK_IN,
        .default_frame = talk->default_frame,
        .control = reader_control,
        .in = reader_in,
        .out = reader_out,
        .frame = reader_frame,
        .produce = reader_produce,
        .lifted = reader_lifted,
        .listening = reader_listening,
        .free = reader_free,
    };
    dv_sim_set_identity(&reader->model, 2, vid, pid);
    reader->kept = g_byte_array_new();
    reader->lying = g_byte_array_new();
    reader->command = g_byte_array_new();
    return &reader->model;
}

DvSimModel *
dv_sim_cdc_acm_new(guint16 vid, guint16 pid)
{
    static const DvSimTalk talk = {.default_frame = "cr"};
    return dv_sim_serial_new(&talk, vid, pid);
}
