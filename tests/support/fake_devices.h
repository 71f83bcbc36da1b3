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
void fake_devices_reading(FakeDevices *devices);
void fake_devices_reading_failed(FakeDevices *devices);
/* "ready", "gone", "fault": the reader's state. */
void fake_devices_set_reader(FakeDevices *devices, const char *state);
