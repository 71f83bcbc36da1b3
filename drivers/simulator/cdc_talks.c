// SPDX-License-Identifier: Apache-2.0
/* What serial readers speak, as their makers' manuals have it: hardware-notes/cdc-acm.md. */
#include "cdc_acm_model.h"
#include <string.h>

/* ---- frames between STX and ETX, with a byte before and after */

static GByteArray *
stx_frame(char **rows)
{
    static const guint8 start = '[', end = ']';
    GByteArray *text = dv_sim_frame_text("stx", rows);
    g_byte_array_prepend(text, &start, 1);
    g_byte_array_append(text, &end, 1);
    return text;
}

DvSimModel *
dv_sim_cdc_stx_new(guint16 vid, guint16 pid)
{
    static const DvSimTalk talk = {.default_frame = "stx", .frame = stx_frame};
    return dv_sim_serial_new(&talk, vid, pid);
}

/* ---- swipe reader: SOH, length, "OU", STX, flag, three rows, ETX, check byte */

static GByteArray *
soh_frame(char **rows)
{
    static const char head[] = {0x01, 0, 0, 'O', 'U', 0x02, '0'};
    guint count = g_strv_length(rows);
    gsize width = count == 3 ? 30 : 44;
    GString *block = g_string_new_len(head, sizeof head);
    for (guint missing = count; missing < 3; missing++)
        g_string_append_c(block, '\r');
    for (guint i = 0; i < count; i++) {
        g_string_append(block, rows[i]);
        for (gsize at = strlen(rows[i]); at < width; at++)
            g_string_append_c(block, '_');
        g_string_append_c(block, '\r');
    }
    g_string_append_c(block, 0x03);
    gsize length = block->len + 1; /* with the check byte */
    block->str[1] = (char)(length & 0xff);
    block->str[2] = (char)(length >> 8);
    guint8 sum = 0;
    for (gsize i = 1; i < block->len; i++)
        sum ^= (guint8)block->str[i];
    g_string_append_c(block, (char)sum);
    return g_bytes_unref_to_array(g_string_free_to_bytes(block));
}

DvSimModel *
dv_sim_cdc_soh_new(guint16 vid, guint16 pid)
{
    static const DvSimTalk talk = {.default_frame = "soh", .frame = soh_frame};
    return dv_sim_serial_new(&talk, vid, pid);
}

/* ---- tag, length, value */

static GByteArray *
tlv_frame(char **rows)
{
    GByteArray *block = g_byte_array_new();
    g_autofree char *text = g_strjoinv("\r", rows);
    gsize length = strlen(text) + 1;
    const guint8 head[] = {0x49, (guint8)(length >> 8), (guint8)(length & 0xff)};
    g_byte_array_append(block, head, sizeof head);
    g_byte_array_append(block, (const guint8 *)text, (guint)length - 1);
    g_byte_array_append(block, (const guint8 *)"\r", 1);
    return block;
}

static gboolean
is_whole(const GByteArray *block)
{
    return block->len >= 3 && block->len >= 3u + ((guint)block->data[1] << 8 | block->data[2]);
}

static void
arm(DvSimSerial *reader, gboolean on)
{
    const guint8 answer[] = {0x43, 0, 1, on ? 1 : 0};
    reader->ready = on;
    reader->asked = 0;
    dv_sim_serial_say(reader, answer, sizeof answer);
}

/* Goes out as it is read; with the last byte "continuous reading" is over. A command that came
 * meanwhile is obeyed then: answers are not put into the middle of a value. */
static void
armed_produce(DvSimSerial *reader, const guint8 *bytes, gsize length)
{
    dv_sim_serial_say(reader, bytes, length);
    g_byte_array_append(reader->lying, bytes, (guint)length);
    if (is_whole(reader->lying)) {
        reader->ready = FALSE;
        g_byte_array_set_size(reader->lying, 0);
        if (reader->asked > 0)
            arm(reader, TRUE);
    }
}

static void
take_away(DvSimSerial *reader)
{
    g_byte_array_set_size(reader->lying, 0);
    reader->lifted = TRUE;
}

/* Waits until it is asked for. */
static void
asked_produce(DvSimSerial *reader, const guint8 *bytes, gsize length)
{
    if (is_whole(reader->lying))
        take_away(reader);
    g_byte_array_append(reader->lying, bytes, (guint)length);
    reader->asked = 0;
}

/* The document lies there for two questions and is then taken away; between two documents there is
 * always a moment without one, which a question finds: people are slower than questions. */
static void
answer_question(DvSimSerial *reader)
{
    static const guint8 nothing[] = {0x49, 0, 0};
    if (!is_whole(reader->lying) || reader->lifted) {
        reader->lifted = FALSE;
        dv_sim_serial_say(reader, nothing, sizeof nothing);
        return;
    }
    dv_sim_serial_say(reader, reader->lying->data, reader->lying->len);
    if (++reader->asked == 2)
        take_away(reader);
}

static void
tlv_told(DvSimSerial *reader, const guint8 *bytes, gsize length)
{
    g_byte_array_append(reader->command, bytes, (guint)length);
    const guint8 *command = reader->command->data;
    if (!is_whole(reader->command))
        return;
    if (command[0] == 0x43 && reader->command->len == 4) {
        if (reader->lying->len > 0)
            reader->asked = command[3];
        else
            arm(reader, command[3] == 1);
    } else if (command[0] == 0x49) {
        answer_question(reader);
    }
    g_byte_array_set_size(reader->command, 0);
}

static gboolean
is_ready(const DvSimSerial *reader)
{
    return reader->ready;
}

DvSimModel *
dv_sim_cdc_tlv_new(guint16 vid, guint16 pid)
{
    static const DvSimTalk talk = {.default_frame = "tlv",
                                   .frame = tlv_frame,
                                   .produce = armed_produce,
                                   .told = tlv_told,
                                   .reads = is_ready};
    return dv_sim_serial_new(&talk, vid, pid);
}

DvSimModel *
dv_sim_cdc_tlv_asked_new(guint16 vid, guint16 pid)
{
    static const DvSimTalk talk = {
        .default_frame = "tlv", .frame = tlv_frame, .produce = asked_produce, .told = tlv_told};
    return dv_sim_serial_new(&talk, vid, pid);
}

/* ---- commands SYN M CR ..., trigger SYN T CR */

/* Says the command back with its status before the punctuation. */
static void
obey(DvSimSerial *reader)
{
    const char *text = (const char *)reader->command->data + 3;
    gsize length = reader->command->len - 3;
    gboolean known = g_str_has_prefix(text, "ocrena1");
    const guint8 status = known ? 0x06 : 0x05;
    reader->ready |= known;
    dv_sim_serial_say(reader, (const guint8 *)text, length - 1);
    dv_sim_serial_say(reader, &status, 1);
    dv_sim_serial_say(reader, (const guint8 *)text + length - 1, 1);
}

static void
syn_told(DvSimSerial *reader, const guint8 *bytes, gsize length)
{
    static const guint8 trigger[] = {0x16, 'T', '\r'};
    for (gsize i = 0; i < length; i++) {
        g_byte_array_append(reader->command, bytes + i, 1);
        gboolean menu = reader->command->len > 3 && reader->command->data[1] == 'M';
        if (menu && (bytes[i] == '!' || bytes[i] == '.')) {
            g_byte_array_append(reader->command, (const guint8 *)"", 1);
            g_byte_array_set_size(reader->command, reader->command->len - 1);
            obey(reader);
        } else if (reader->command->len == sizeof trigger &&
                   memcmp(reader->command->data, trigger, sizeof trigger) == 0) {
            reader->triggered = TRUE;
        } else {
            continue;
        }
        g_byte_array_set_size(reader->command, 0);
    }
}

static gboolean
is_triggered(const DvSimSerial *reader)
{
    return reader->ready && reader->triggered;
}

DvSimModel *
dv_sim_cdc_syn_new(guint16 vid, guint16 pid)
{
    static const DvSimTalk talk = {.default_frame = "cr", .told = syn_told, .reads = is_triggered};
    return dv_sim_serial_new(&talk, vid, pid);
}
