// SPDX-License-Identifier: Apache-2.0
/* The reference reader: hardware-notes/vendor-bulk.md, from the reader's side. */
#include "model.h"
#include <errno.h>
#include <string.h>

enum { BULK_IN = 0x81, BULK_OUT = 0x01, TO_INTERFACE = 0x41, START = 0x01, VERSION = 1 };
enum { PRESENCE = 0x02, DOCUMENT = 0x03, ACKNOWLEDGE = 0x82, AGAIN = 0x83 };
enum { HEAD = 6, COMMAND = 8, MAX_PACKET = 64 };
#define MAX_KEPT 8192

/* configuration, interface 0xff, endpoints */
static const guint8 config[] = {
    9, 2, 32,       0, 1,  1,    0, 0x80, 50, /**/
    9, 4, 0,        0, 2,  0xff, 0, 0,    0,  /**/
    7, 5, BULK_IN,  2, 64, 0,    0,           /**/
    7, 5, BULK_OUT, 2, 64, 0,    0,
};

typedef struct {
    DvSimModel model;
    gboolean started;
    guint8 sequence;
    GByteArray *kept;     /* waits for the host; owned */
    GByteArray *document; /* the last one, until it is acknowledged; owned */
    guint produced;       /* bytes of it that the head has read */
    GByteArray *command;  /* owned */
} Reader;

static guint16
crc_of(const guint8 *bytes, gsize length)
{
    guint16 crc = 0xffff;
    while (length-- > 0) {
        guint8 x = (guint8)(crc >> 8 ^ *bytes++);
        x ^= x >> 4;
        crc = (guint16)(crc << 8 ^ (guint16)(x << 12) ^ (guint16)(x << 5) ^ x);
    }
    return crc;
}

static void
append_packet(GByteArray *out, guint8 type, guint8 sequence, const guint8 *payload, guint length)
{
    const guint8 head[HEAD] = {
        0xa5, 0x5a, type, sequence, (guint8)(length & 0xff), (guint8)(length >> 8)};
    guint from = out->len + 2;
    g_byte_array_append(out, head, HEAD);
    g_byte_array_append(out, payload, length);
    guint16 crc = crc_of(out->data + from, out->len - from);
    const guint8 tail[] = {(guint8)(crc & 0xff), (guint8)(crc >> 8)};
    g_byte_array_append(out, tail, sizeof tail);
}

static void
forget_all(Reader *reader)
{
    g_byte_array_set_size(reader->kept, 0);
    g_byte_array_set_size(reader->document, 0);
    g_byte_array_set_size(reader->command, 0);
    reader->produced = 0;
}

static int
reader_control(DvSimModel *model, const guint8 setup[8], guint8 *data, gsize length)
{
    Reader *reader = (Reader *)model;
    (void)data;
    (void)length;
    if (setup[0] != TO_INTERFACE || setup[1] != START || setup[2] != VERSION)
        return -EPIPE;
    reader->started = TRUE;
    forget_all(reader);
    return 0;
}

static void
obey(Reader *reader, guint8 type, guint8 sequence)
{
    if (type == ACKNOWLEDGE && sequence == reader->sequence)
        g_byte_array_set_size(reader->document, 0);
    /* Told again only when it is whole; else the rest is on its way. */
    if (type == AGAIN && reader->document->len > 0 && reader->produced == reader->document->len)
        g_byte_array_append(reader->kept, reader->document->data, reader->document->len);
}

static void
reader_out(DvSimModel *model, guint8 endpoint, const guint8 *bytes, gsize length)
{
    Reader *reader = (Reader *)model;
    if (endpoint != BULK_OUT)
        return;
    g_byte_array_append(reader->command, bytes, (guint)length);
    while (reader->command->len >= COMMAND) {
        obey(reader, reader->command->data[2], reader->command->data[3]);
        g_byte_array_remove_range(reader->command, 0, COMMAND);
    }
}

static int
reader_in(DvSimModel *model, guint8 endpoint, guint8 *buffer, gsize max)
{
    Reader *reader = (Reader *)model;
    if (endpoint != BULK_IN || reader->kept->len == 0)
        return -EAGAIN;
    guint moved = (guint)MIN(MIN(max, MAX_PACKET), reader->kept->len);
    memcpy(buffer, reader->kept->data, moved);
    g_byte_array_remove_range(reader->kept, 0, moved);
    return (int)moved;
}

static void
reader_produce(DvSimModel *model, const guint8 *bytes, gsize length)
{
    Reader *reader = (Reader *)model;
    if (!reader->started || reader->kept->len + length > MAX_KEPT)
        return;
    g_byte_array_append(reader->kept, bytes, (guint)length);
    reader->produced = MIN(reader->produced + (guint)length, reader->document->len);
}

static GByteArray *
reader_frame(DvSimModel *model, const char *frame, char **rows)
{
    Reader *reader = (Reader *)model;
    g_autofree char *text = g_strjoinv("\n", rows);
    if (strcmp(frame, "packet") != 0 || strlen(text) > 512)
        return NULL;
    reader->sequence++;
    reader->produced = 0;
    g_byte_array_set_size(reader->document, 0);
    append_packet(reader->document, PRESENCE, 0, (const guint8 *)"\1", 1);
    append_packet(reader->document, DOCUMENT, reader->sequence, (const guint8 *)text,
                  (guint)strlen(text));
    GByteArray *out = g_byte_array_new();
    return g_byte_array_append(out, reader->document->data, reader->document->len);
}

static gboolean
reader_listening(const DvSimModel *model)
{
    return ((const Reader *)model)->started;
}

static void
reader_free(DvSimModel *model)
{
    Reader *reader = (Reader *)model;
    g_byte_array_unref(reader->kept);
    g_byte_array_unref(reader->document);
    g_byte_array_unref(reader->command);
    g_free(reader);
}

DvSimModel *
dv_sim_vendor_bulk_new(guint16 vid, guint16 pid)
{
    Reader *reader = g_new0(Reader, 1);
    reader->model = (DvSimModel){
        .config = config,
        .config_length = sizeof config,
        .data_in = BULK_IN,
        .default_frame = "packet",
        .control = reader_control,
        .in = reader_in,
        .out = reader_out,
        .frame = reader_frame,
        .produce = reader_produce,
        .listening = reader_listening,
        .free = reader_free,
    };
    dv_sim_set_identity(&reader->model, 0xff, vid, pid);
    reader->kept = g_byte_array_new();
    reader->document = g_byte_array_new();
    reader->command = g_byte_array_new();
    return &reader->model;
}
