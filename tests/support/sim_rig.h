// SPDX-License-Identifier: Apache-2.0
#pragma once
/*
 * darvaza-devices with simulated readers, as demo and tests run it: the real daemon, driver and
 * libusb on a desk of darvaza-simulator. Paths come from DARVAZA_SIMULATOR and DARVAZA_DEVICES.
 * Waits fail the test after RIG_PATIENCE_S and measure nothing.
 */
#include "dv-devices1.h"
#include <glib.h>

#define RIG_PATIENCE_S 20
#define RIG_LANE "lane-1"

typedef struct {
    char *directory, *control_path, *socket_path;
    GPid simulator;
    GSocketConnection *control;
    GDataInputStream *answers;
} SimRig;

/* One peer of darvaza-devices and what it was told. */
typedef struct {
    GDBusConnection *connection;
    DvBusDevices1 *proxy;
    GPtrArray *documents; /* "1-1|ROW|ROW" */
    GArray *serials;      /* guint64 */
    GArray *told_us;      /* gint64: monotonic time at which the signal was handled */
    guint started, failed;
    GPtrArray *states; /* "1-1 ready" */
} SimClient;

/* extra: more command-line words for the simulator, NULL-terminated; NULL: none. */
SimRig *sim_rig_new(const char *const *extra);
/* The same with "[reader] devices" in the daemon's configuration. */
SimRig *sim_rig_new_with(const char *const *extra, const char *settings);
void sim_rig_free(SimRig *rig);
/* Sends a command, returns the answer (caller frees). */
char *sim_rig_send(SimRig *rig, const char *format, ...) G_GNUC_PRINTF(2, 3);
/* The same, and the answer must begin with "ok". */
void sim_rig_do(SimRig *rig, const char *format, ...) G_GNUC_PRINTF(2, 3);
GPid sim_rig_daemon(SimRig *rig);
/* Until darvaza-devices reads from the reader at port, and after a stall has cleared it. */
void sim_rig_await_listening(SimRig *rig, const char *port);

/* Connects as soon as the socket is there; claims nothing. */
SimClient *sim_client_new(SimRig *rig);
void sim_client_free(SimClient *client);
/* TRUE, or FALSE with the error of the claim. */
gboolean sim_client_claim(SimClient *client, GError **error);
/* Runs the main context until so many documents have come. */
void sim_client_await_documents(SimClient *client, guint count);
void sim_client_await_failures(SimClient *client, guint count);
/* Until "PORT STATE" is the last that was told. */
void sim_client_await_state(SimClient *client, const char *state);
/* Everything that was sent before now has been handled after this. */
void sim_client_sync(SimClient *client);
