// SPDX-License-Identifier: Apache-2.0
#include "cdc_acm_proto.h"
#include <darvaza/error.h>
#include <darvaza/mrz.h>
#include <string.h>

enum { STX = 0x02, ETX = 0x03 };

/* ---- rows */

static guint
rows_of_document(gsize row_length)
{
    return row_length == 30 ? 3 : row_length == 36 || row_length == 44 ? 2 : 0;
}

/* Only asked whether it agrees, to tell which row is which. */
static gboolean
digit_agrees(const char *row, guint from, guint length, guint at)
{
    return row[at] != '\0' && row[at] == dv_mrz_check_digit(row + from, length);
}

/* Does this look like the row that carries the dates? Two of the digits that it must carry agree:
 * by chance one row in a hundred. */
static gboolean
is_dates_row(const char *row, gsize length)
{
    if (length == 30)
        return digit_agrees(row, 0, 6, 6) && digit_agrees(row, 8, 6, 14);
    guint agreeing = (guint)digit_agrees(row, 0, 9, 9) + (guint)digit_agrees(row, 13, 6, 19) +
                     (guint)digit_agrees(row, 21, 6, 27);
    /* The French identity card of 1988 has other fields in its 2 x 36. */
    gboolean french = length == 36 && digit_agrees(row, 0, 12, 12) && digit_agrees(row, 27, 6, 33);
    return agreeing >= 2 || french;
}

/* Document code and issuing state, as every first row begins (9303-4 to -7). */
static gboolean
is_first_row(const char *row)
{
    static const char codes[] = "PVIAC";
    if (memchr(codes, row[0], sizeof codes - 1) == NULL)
        return FALSE;
    for (guint i = 1; i < 5; i++)
        if (!g_ascii_isupper(row[i]) && row[i] != '<' && row[i] != '0')
            return FALSE;
    return TRUE;
}

static gboolean
same_length(const DvAcmProto *proto, guint from, guint count)
{
    for (guint i = 1; i < count; i++)
        if (strlen(proto->rows[from + i]) != strlen(proto->rows[from]))
            return FALSE;
    return TRUE;
}

/* Rows that certainly are one document, in order. */
static gboolean
is_proven(const DvAcmProto *proto, guint from, guint count)
{
    const char *dates = proto->rows[from + 1];
    return same_length(proto, from, count) && is_first_row(proto->rows[from]) &&
           is_dates_row(dates, strlen(dates)) && !is_dates_row(proto->rows[from], strlen(dates));
}

static void
forget(DvAcmProto *proto)
{
    proto->row_count = 0;
    proto->started = FALSE;
    proto->odd = FALSE;
    proto->line_length = 0;
    /* overlong stays: the rest of that line is still to come */
}

static void
pass_on(DvAcmProto *proto, guint from, guint count, const DvAcmSink *sink)
{
    const char *rows[4] = {NULL};
    for (guint i = 0; i < count; i++)
        rows[i] = proto->rows[from + i];
    if (from > 0 || proto->odd)
        sink->dropped("rows of an incomplete document came before a complete one", sink->data);
    sink->document(rows, sink->data);
    forget(proto);
}

static void
add_row(DvAcmProto *proto, const char *text, gsize length, const DvAcmSink *sink)
{
    if (proto->row_count == DV_ACM_MAX_ROWS) {
        for (guint i = 1; i < DV_ACM_MAX_ROWS; i++)
            g_strlcpy(proto->rows[i - 1], proto->rows[i], sizeof proto->rows[0]);
        proto->row_count--;
        proto->odd = TRUE;
    }
    g_assert(length <= DV_ACM_MAX_ROW);
    char *row = proto->rows[proto->row_count++];
    g_snprintf(row, sizeof proto->rows[0], "%.*s", (int)length, text);
    guint count = rows_of_document(length);
    if (proto->row_count >= count && is_proven(proto, proto->row_count - count, count))
        pass_on(proto, proto->row_count - count, count, sink);
}

/* ---- lines */

/* Cuts spaces and what a reader fills a short row up with, but never into a row. */
static gsize
trim(const char **text, gsize length)
{
    while (length > 0 && **text == ' ') {
        (*text)++;
        length--;
    }
    while (length > 0 && (*text)[length - 1] == ' ')
        length--;
    gsize bare = length;
    while (bare > 0 && (*text)[bare - 1] == '_')
        bare--;
    if (bare == 0 || rows_of_document(length) == 0)
        return rows_of_document(bare) != 0 || bare == 0 ? bare : length;
    /* A 30 filled up to 36 or 44, a 36 filled up to 44. */
    return rows_of_document(bare) != 0 ? bare : length;
}

/* Several rows that came without anything between them. */
static gsize
row_length_within(gsize length)
{
    static const gsize lengths[] = {30, 36, 44};
    for (guint i = 0; i < G_N_ELEMENTS(lengths); i++)
        if (length % lengths[i] == 0 && length / lengths[i] <= rows_of_document(lengths[i]))
            return lengths[i];
    return 0;
}

static void
end_line(DvAcmProto *proto, const DvAcmSink *sink)
{
    const char *text = proto->line;
    gsize length = trim(&text, proto->line_length);
    gsize row = row_length_within(length);
    proto->overlong = FALSE;
    proto->line_length = 0;
    if (length == 0)
        return;
    if (row == 0)
        proto->odd = TRUE;
    for (gsize at = 0; row != 0 && at < length; at += row)
        add_row(proto, text + at, row, sink);
}

/* The reader is done: what stands here is one document, or nothing that can be told. */
static void
end_burst(DvAcmProto *proto, const DvAcmSink *sink)
{
    end_line(proto, sink);
    if (!proto->started)
        return;
    guint rows = proto->row_count;
    gsize length = rows > 0 ? strlen(proto->rows[rows - 1]) : 0;
    guint count = rows_of_document(length);
    gboolean one = count > 0 && rows == count && !proto->odd && same_length(proto, 0, count);
    /* Two halves of two documents: the row with the dates before a first row. */
    if (one && is_dates_row(proto->rows[0], length) && is_first_row(proto->rows[1]))
        one = FALSE;
    if (one) {
        pass_on(proto, 0, count, sink);
        return;
    }
    sink->dropped(rows > 0 ? "the rows make no complete document"
                           : "what came has no row of 30, 36 or 44 characters",
                  sink->data);
    forget(proto);
}

static void
add_byte(DvAcmProto *proto, guint8 byte, const DvAcmSink *sink)
{
    if (!proto->started && byte != ' ' && byte != '_') { /* fillers alone are nothing */
        proto->started = TRUE;
        sink->started(sink->data);
    }
    if (proto->overlong)
        return;
    if (proto->line_length == DV_ACM_MAX_LINE) {
        proto->overlong = TRUE;
        proto->odd = TRUE;
        proto->line_length = 0;
        return;
    }
    /* A byte that no MRZ has keeps its place, so that the row keeps its length. */
    proto->line[proto->line_length++] = byte < 0x7f ? (char)byte : '?';
}

void
dv_acm_proto_push(DvAcmProto *proto, const guint8 *bytes, gsize length, const DvAcmSink *sink)
{
    for (gsize i = 0; i < length; i++) {
        if (bytes[i] == STX || bytes[i] == ETX)
            end_burst(proto, sink);
        else if (bytes[i] == 0)
            continue; /* padding of fixed-size packets */
        else if (bytes[i] < 0x20)
            end_line(proto, sink);
        else
            add_byte(proto, bytes[i], sink);
    }
}

void
dv_acm_proto_idle(DvAcmProto *proto, const DvAcmSink *sink)
{
    end_burst(proto, sink);
}

void
dv_acm_proto_lost(DvAcmProto *proto, const DvAcmSink *sink)
{
    if (proto->started)
        sink->dropped("the connection was disturbed in the middle of a document", sink->data);
    dv_acm_proto_reset(proto);
}

void
dv_acm_proto_reset(DvAcmProto *proto)
{
    forget(proto);
    proto->overlong = FALSE;
}

/* ---- interfaces and requests */

enum { CLASS_COMMUNICATION = 0x02, SUBCLASS_ACM = 0x02, CLASS_DATA = 0x0a };
enum { CS_INTERFACE = 0x24, UNION = 0x06 };

/* The subordinate interface that the union descriptor names, else the next one. */
static guint
data_interface_of(const DvUsbInterface *control)
{
    const guint8 *at = control->extra;
    gsize left = control->extra_length;
    while (left >= 2 && at[0] >= 2 && at[0] <= left) {
        if (at[0] >= 5 && at[1] == CS_INTERFACE && at[2] == UNION)
            return at[4];
        left -= at[0];
        at += at[0];
    }
    return control->number + 1u;
}

static gboolean
find_data(const DvUsbShape *shape, guint number, DvAcmPlaces *places)
{
    for (guint i = 0; i < shape->interface_count; i++) {
        const DvUsbInterface *interface = &shape->interfaces[i];
        if (interface->number != number || interface->alternate != 0 ||
            interface->class_code != CLASS_DATA)
            continue;
        for (guint e = 0; e < interface->endpoint_count; e++) {
            const DvUsbEndpoint *endpoint = &interface->endpoints[e];
            if (endpoint->pipe != DV_USB_BULK || (endpoint->address & 0x80) == 0)
                continue;
            places->data_interface = interface->number;
            places->in_endpoint = endpoint->address;
            places->in_packet = endpoint->max_packet;
            return TRUE;
        }
    }
    return FALSE;
}

gboolean
dv_acm_find(const DvUsbShape *shape, DvAcmPlaces *places, GError **error)
{
    gboolean control = FALSE;
    for (guint i = 0; i < shape->interface_count; i++) {
        const DvUsbInterface *interface = &shape->interfaces[i];
        if (interface->class_code != CLASS_COMMUNICATION || interface->subclass != SUBCLASS_ACM)
            continue;
        control = TRUE;
        places->control_interface = interface->number;
        if (find_data(shape, data_interface_of(interface), places))
            return TRUE;
    }
    g_set_error(error, DV_ERROR, DV_ERROR_INVALID, "USB device %04x:%04x is no serial reader: %s",
                shape->vid, shape->pid,
                control ? "its data interface has no bulk input"
                        : "it has no interface of class 2/2 (abstract control model)");
    return FALSE;
}

void
dv_acm_line_coding(guint32 bits_per_second, guint8 out[DV_ACM_LINE_CODING_SIZE])
{
    out[0] = (guint8)(bits_per_second & 0xff);
    out[1] = (guint8)(bits_per_second >> 8 & 0xff);
    out[2] = (guint8)(bits_per_second >> 16 & 0xff);
    out[3] = (guint8)(bits_per_second >> 24);
    out[4] = 0; /* 1 stop bit */
    out[5] = 0; /* no parity */
    out[6] = 8;
}
