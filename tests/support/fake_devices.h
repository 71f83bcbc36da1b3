// SPDX-License-Identifier: Apache-2.0
#pragma once
/* org.darvaza.Devices1 without hardware: says what a test tells it to say, also what no real
 * device service would. Runs on the default main context. */
#include <glib.h>

typedef struct FakeDevices FakeDevices;

/* Listens at socket with one ready reader. */
FakeDevices *fake_devices_new(const char *socket);
/* Ends every connection and stops listening. */
void fake_devices_free(FakeDevices *devices);
/* How many clients hold the lane now (0 or 1). */
guint fake_devices_claims(const FakeDevices *devices);
/* Sends one document to the holder of the lane; lines ends with NULL. serial 0: the next one. */
void fake_devices_lay(FakeDevices *devices, guint64 serial, const char *const *lines);
/* The same in the middle of the next ViewFrame: after it was asked for, before it is answered. */
void fake_devices_lay_before_view(FakeDevices *devices, char **lines);
void fake_devices_reading(FakeDevices *devices);
void fake_devices_reading_failed(FakeDevices *devices);
/* What the next documents' meta holds beside arrived_us: an "a{sv}", taken over; NULL: nothing. */
void fake_devices_set_meta(FakeDevices *devices, GVariant *meta);

/* What camera "2-1" shows; the camera is there from the first call on. Nothing of it is checked. */
typedef struct {
    const void *jpeg; /* copied; NULL: ViewFrame is refused as .Unavailable */
    gsize length;
    gboolean unsealed, unjudged;
    guint width, height, faces;
    const char *const *findings; /* NULL: none; static */
    GBytes *portrait;            /* given where wanted; NULL: none */
} FakeView;
void fake_devices_show(FakeDevices *devices, const FakeView *view);
/* What CompareFaces answers; an "a{sv}", taken over. */
void fake_devices_set_comparison(FakeDevices *devices, GVariant *answer);
/* "ready", "gone", "fault": the reader's state. */
void fake_devices_set_reader(FakeDevices *devices, const char *state);
