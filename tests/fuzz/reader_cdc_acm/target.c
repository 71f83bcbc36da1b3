// SPDX-License-Identifier: Apache-2.0
/*
 * What a serial reader may send, and what it may say of itself. The first byte's low half is the
 * framer, 0 to 4: lines, stx, soh, tlv, syn; its high half which options it has. Then: length of
 * the pieces; the stream, in which 0xff stands for silence and 0xfe for a disturbed line. First
 * byte 0xfe: options as text. 0xff: interfaces as number, alternate, class, subclass, count of
 * endpoints, (address, pipe) each, length of class-specific bytes, these bytes.
 */
#include "cdc_acm_proto.h"
#include "framer.h"
#include "reader_events.h"
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef struct {
    const char *pairs[8][2];
} Options;

static const char *
look_up(const char *key, const void *data)
{
    const Options *options = data;
    for (guint i = 0; i < G_N_ELEMENTS(options->pairs) && options->pairs[i][0] != NULL; i++)
        if (strcmp(options->pairs[i][0], key) == 0)
            return options->pairs[i][1];
    return NULL;
}

static void
feed_stream(guint8 which, const uint8_t *data, size_t size)
{
    static const char *const names[] = {"lines", "stx", "soh", "tlv", "syn"};
    Options options = {{{"framer", names[(which & 15) % 5]}}};
    guint count = 1;
    if ((which & 0x10) != 0) {
        options.pairs[count][0] = "start", options.pairs[count++][1] = "5b";
        options.pairs[count][0] = "end", options.pairs[count++][1] = "5d";
        options.pairs[count][0] = "row", options.pairs[count++][1] = "2c";
    }
    if ((which & 0x20) != 0)
        options.pairs[count][0] = "mode", options.pairs[count++][1] = "inquire";
    if ((which & 0x40) != 0) {
        options.pairs[count][0] = "setup", options.pairs[count++][1] = "ocrena1!,voxset0.";
        options.pairs[count][0] = "trigger", options.pairs[count++][1] = "yes";
    }
    Seen seen = {FALSE, FALSE};
    const DvReaderSink sink = seen_sink(&seen);
    DvFramer framer;
    size_t piece = size > 0 ? (data[0] & 63) + 1u : 1;
    g_assert_true(dv_framer_init(&framer, look_up, &options, NULL));
    dv_framer_listen(&framer, &sink);
    for (size_t at = 1; at < size;) {
        size_t length = 0;
        while (length < piece && at + length < size && data[at + length] < 0xfe)
            length++;
        dv_framer_push(&framer, data + at, length, &sink);
        at += length;
        if (at < size && data[at] >= 0xfe) {
            if (data[at] == 0xff)
                dv_framer_idle(&framer, &sink);
            else
                dv_framer_lost(&framer, &sink);
            g_assert_false(framer.zone.started);
            at++;
        }
    }
}

static void
feed_options(const uint8_t *data, size_t size)
{
    g_autofree char *text = g_strndup((const char *)data, size);
    g_auto(GStrv) words = g_strsplit(text, " ", 8);
    Options options = {0};
    guint count = 0;
    DvFramer framer;
    for (guint i = 0; words[i] != NULL; i++) {
        char *equals = strchr(words[i], '=');
        if (equals == NULL)
            continue;
        *equals = '\0';
        g_autoptr(GError) error = NULL;
        if (!dv_framer_check(words[i], equals + 1, &error))
            g_assert_nonnull(error);
        options.pairs[count][0] = words[i];
        options.pairs[count++][1] = equals + 1;
    }
    g_autoptr(GError) error = NULL;
    Seen seen = {FALSE, FALSE};
    const DvReaderSink sink = seen_sink(&seen);
    if (dv_framer_init(&framer, look_up, &options, &error))
        dv_framer_listen(&framer, &sink);
    else
        g_assert_nonnull(error);
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
        g_assert_true((places.in_endpoint & 0x80) != 0 && (places.out_endpoint & 0x80) == 0);
    else
        g_assert_nonnull(error);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    if (data[0] < 0xfe)
        feed_stream(data[0], data + 1, size - 1);
    else if (data[0] == 0xfe)
        feed_options(data + 1, size - 1);
    else
        feed_descriptors(data + 1, size - 1);
    return 0;
}
