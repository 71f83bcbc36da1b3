// SPDX-License-Identifier: Apache-2.0
#include "usb_camera.h"
#include <glib.h>
#include <libusb.h>
#include <stdio.h>
#include <string.h>

enum { VENDOR = 0x1209, STREAM_IN = 0x81, PROBE_LENGTH = 34, TRANSFERS = 4, PACKETS = 32 };
enum { END_OF_FRAME = 2, PACKET = 3072, BULK_LENGTH = 32768, TIMEOUT_MS = 5000 };

typedef struct {
    const char *path;
    GByteArray *frame;
    guint64 last;
    guint good, bad, missing;
} Camera;

static void
end_frame(Camera *camera)
{
    const GByteArray *frame = camera->frame;
    guint64 number = 0;
    g_byte_array_append(camera->frame, (const guint8 *)"", 1);
    gboolean whole =
        frame->len > 64 && frame->data[frame->len - 3] == 0xff &&
        frame->data[frame->len - 2] == 0xd9 &&
        sscanf((const char *)frame->data + 6, "darvaza-frame %" G_GUINT64_FORMAT, &number) == 1;
    if (whole) {
        if (camera->last != 0)
            camera->missing += (guint)(number - camera->last - 1);
        camera->last = number;
        camera->good++;
    } else
        camera->bad++;
    g_byte_array_set_size(camera->frame, 0);
    g_autofree char *seen =
        g_strdup_printf("%u %u %u\n", camera->good, camera->bad, camera->missing);
    g_file_set_contents(camera->path, seen, -1, NULL);
}

static void
take_payload(Camera *camera, const guint8 *bytes, int length)
{
    if (length < 2 || bytes[0] < 2 || bytes[0] > length)
        return;
    g_byte_array_append(camera->frame, bytes + bytes[0], (guint)(length - bytes[0]));
    if ((bytes[1] & END_OF_FRAME) != 0)
        end_frame(camera);
}

static void LIBUSB_CALL
on_transfer(struct libusb_transfer *transfer)
{
    Camera *camera = transfer->user_data;
    if (transfer->status != LIBUSB_TRANSFER_COMPLETED)
        return;
    for (int i = 0; i < transfer->num_iso_packets; i++)
        take_payload(camera, libusb_get_iso_packet_buffer_simple(transfer, (unsigned)i),
                     (int)transfer->iso_packet_desc[i].actual_length);
    if (transfer->num_iso_packets == 0)
        take_payload(camera, transfer->buffer, transfer->actual_length);
    libusb_submit_transfer(transfer);
}

static libusb_device_handle *
open_camera(unsigned product)
{
    libusb_device_handle *handle = NULL;
    for (guint i = 0; handle == NULL && i < 1000; i++) {
        handle = libusb_open_device_with_vid_pid(NULL, VENDOR, (guint16)product);
        if (handle == NULL)
            g_usleep(10000);
    }
    return handle;
}

static gboolean
agree(libusb_device_handle *handle)
{
    guint8 probe[PROBE_LENGTH] = {0, 0, 1, 1, 0x15, 0x16, 0x05};
    return libusb_claim_interface(handle, 0) == 0 && libusb_claim_interface(handle, 1) == 0 &&
           libusb_control_transfer(handle, 0x21, 0x01, 0x0100, 1, probe, PROBE_LENGTH,
                                   TIMEOUT_MS) == PROBE_LENGTH &&
           libusb_control_transfer(handle, 0xa1, 0x81, 0x0100, 1, probe, PROBE_LENGTH,
                                   TIMEOUT_MS) == PROBE_LENGTH &&
           libusb_control_transfer(handle, 0x21, 0x01, 0x0200, 1, probe, PROBE_LENGTH,
                                   TIMEOUT_MS) == PROBE_LENGTH;
}

int
usb_camera_run(unsigned product, const char *path)
{
    static guint8 buffers[TRANSFERS][PACKETS * PACKET];
    Camera camera = {.path = path, .frame = g_byte_array_new()};
    if (libusb_init(NULL) != 0)
        return 1;
    libusb_device_handle *handle = open_camera(product);
    if (handle == NULL || !agree(handle))
        return 1;
    gboolean iso = libusb_set_interface_alt_setting(handle, 1, 4) == 0;
    for (guint i = 0; i < TRANSFERS; i++) {
        struct libusb_transfer *transfer = libusb_alloc_transfer(iso ? PACKETS : 0);
        if (iso) {
            libusb_fill_iso_transfer(transfer, handle, STREAM_IN, buffers[i], PACKETS * PACKET,
                                     PACKETS, on_transfer, &camera, 0);
            libusb_set_iso_packet_lengths(transfer, PACKET);
        } else
            libusb_fill_bulk_transfer(transfer, handle, STREAM_IN, buffers[i], BULK_LENGTH,
                                      on_transfer, &camera, 0);
        if (libusb_submit_transfer(transfer) != 0)
            return 1;
    }
    for (;;)
        libusb_handle_events(NULL);
}
