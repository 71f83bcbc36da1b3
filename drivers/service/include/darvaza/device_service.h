// SPDX-License-Identifier: Apache-2.0
#pragma once
/*
 * darvaza-devices as a library: the kiosk's USB devices offered as org.darvaza.Devices1
 * (docs/formats/devices-ipc.md). One client claims the lane and alone is told what happens there.
 * A document that is read while nobody holds the lane is dropped and counted: kept, it would turn
 * up in front of the next traveller.
 */
#include <darvaza/config.h>
#include <darvaza/driver.h>
#include <glib.h>

typedef struct DvDeviceService DvDeviceService;

/* The keys of darvaza-devices.ini. */
extern const DvConfigKey dv_device_service_keys[];

/* drivers: NULL-terminated, must outlive the service. Runs on the default main context. */
DvDeviceService *dv_device_service_new(const DvConfig *config, const DvDriver *const *drivers,
                                       GError **error);
void dv_device_service_free(DvDeviceService *service);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DvDeviceService, dv_device_service_free)
