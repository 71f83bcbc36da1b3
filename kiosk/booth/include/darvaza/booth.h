// SPDX-License-Identifier: Apache-2.0
#pragma once
/*
 * darvaza-booth as a library: the lane of one kiosk, its page on loopback, its sockets to the
 * device service and to the uplink. main.c and tests start it.
 */
#include <darvaza/config.h>
#include <darvaza/daemon.h>
#include <glib.h>

typedef struct DvBooth DvBooth;

/* Every key that the daemon's configuration knows. */
extern const DvConfigKey dv_booth_config_keys[];
/* The daemon's description for dv_daemon_main(). */
extern const DvDaemon dv_booth_daemon;

/* Opens stores and keys and starts listening on the default main context. config must outlive it.
 * DV_ERROR_CONFIG, DV_ERROR_IO, DV_ERROR_CORRUPT, DV_ERROR_CRYPTO with what and where. */
DvBooth *dv_booth_new(const DvConfig *config, GError **error);
void dv_booth_free(DvBooth *booth);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DvBooth, dv_booth_free)
/* The port of the officer's page. */
guint16 dv_booth_port(const DvBooth *booth);
