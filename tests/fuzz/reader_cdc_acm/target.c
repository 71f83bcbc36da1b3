// SPDX-License-Identifier: Apache-2.0
/*
 * What a serial reader may send, and what it may say of itself.
 * First byte 0: second byte = length of the pieces; then the stream, in which 0xff stands for
 * silence and 0xfe for a disturbed line. Otherwise: interfaces as number, alternate, class,
 * subclass, count of endpoints, (address, pipe) each, length of class-specific bytes, these bytes.
 */
#include "cdc_acm_proto.h"
#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef struct {
    gboolean started; /* and no document since */
    gboolean dropped; /* since it started: that may have been its end */
} Seen;

static void
on_started(void *data)
{
    Seen *seen = data;
    g_assert_true(!seen->started || seen->dropped); /* once per document */
    seen->started = TRUE;
    seen->dropped = FALSE;
}

static void
on_document(const char *const *rows, void *data)
{
    Seen *seen = data;
    gsize length = strlen(rows[0]);
    guint count = g_strv_length((char **)rows);
    g_assert_true((length == 30 && count == 3) || ((length == 36 || length == 44) && count == 2));
    for (guint i = 0; i < count; i++) {
        g_assert_cmpuint(strlen(rows[i]), ==, length);
        for (const char *c = rows[i]; *c != '\0'; c++)
            g_assert_true(g_ascii_isprint(*c));
    }
    g_assert_true(seen->started);
    seen->started = FALSE;
}

static void
on_dropped(const char *why, void *data)
{
    Seen *seen = data;
    g_assert_nonnull(why);
    g_assert_true(seen->started);
    seen->dropped = TRUE;
}

static void
feed_stream(const uint8_t *data, size_t size)
{
    Seen seen = {FALSE, FALSE};
    DvAcmProto proto;
    const DvAcmSink sink = {on_started, on_document, on_dropped, &seen};
    size_t piece = size > 0 ? (data[0] & 63) + 1u : 1;
    dv_acm_proto_reset(&proto);
    for (size_t at = 1; at < size;) {
        size_t length = 0;
        while (length < piece && at + length < size && data[at + length] < 0xfe)
            length++;
        dv_acm_proto_push(&proto, data + at, length, &sink);
        at += length;
        if (at < size && data[at] >= 0xfe) {
            if (data[at] == 0xff)
                dv_acm_proto_idle(&proto, &sink);
            else
                dv_acm_proto_lost(&proto, &sink);
            g_assert_false(proto.started);
            at++;
        }
    }
}

static guint8
take(const uint8_t **data, size_t *size)
{
    if (*size == 0)
        return 0;
    (*size)--;
    return *(*data)++;
}

static void
feed_descriptors(const uint8_t *data, size_t size)
{
    DvUsbShape shape = {0};
    DvAcmPlaces places = {0};
    while (size > 0 && shape.interface_count < DV_USB_MAX_INTERFACES) {
        DvUsbInterface *interface = &shape.interfaces[shape.interface_count++];
        interface->number = take(&data, &size);
        interface->alternate = take(&data, &size);
        interface->class_code = take(&data, &size);
        interface->subclass = take(&data, &size);
        interface->endpoint_count = take(&data, &size) % (DV_USB_MAX_ENDPOINTS + 1);
        for (guint i = 0; i < interface->endpoint_count; i++) {
            interface->endpoints[i].address = take(&data, &size);
            interface->endpoints[i].pipe = (DvUsbPipe)(take(&data, &size) & 3);
        }
        size_t extra = take(&data, &size);
        extra = MIN(extra, size);
        interface->extra = data;
        interface->extra_length = extra;
        data += extra;
        size -= extra;
    }
    g_autoptr(GError) error = NULL;
    guint8 coding[DV_ACM_LINE_CODING_SIZE];
    dv_acm_line_coding(shape.interfaces[0].number * 9600u, coding);
    if (dv_acm_find(&shape, &places, &error))
        g_assert_true((places.in_endpoint & 0x80) != 0);
    else
        g_assert_nonnull(error);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    if (data[0] == 0)
        feed_stream(data + 1, size - 1);
    else
        feed_descriptors(data + 1, size - 1);
    return 0;
}
