// SPDX-License-Identifier: Apache-2.0
#pragma once
/*
 * A desk with ports: what is plugged in, and what befalls it. The host stands behind a transport
 * (transport.h). Called on the main thread; one lock holds between it and the transport's own.
 */
#include "transport.h"

/* The bus owns the transport. */
DvSimBus *dv_sim_bus_new(DvSimTransport *transport);
void dv_sim_bus_free(DvSimBus *bus);

/* port: "1-1" ... "1-9". The bus owns the model, also when it fails (DV_ERROR_CONFLICT: something
 * is plugged in there). */
gboolean dv_sim_bus_plug(DvSimBus *bus, const char *port, DvSimModel *model, GError **error);
/* DV_ERROR_UNAVAILABLE when nothing is plugged in there, as for the functions below. */
gboolean dv_sim_bus_unplug(DvSimBus *bus, const char *port, DvSimUnplug shape, GError **error);
/* The kernel's "add" event once more, as when enumeration and monitor overlap. */
gboolean dv_sim_bus_announce(DvSimBus *bus, const char *port, GError **error);
/* The endpoint of the documents halts, with everything that is queued on it. */
gboolean dv_sim_bus_stall(DvSimBus *bus, const char *port, GError **error);
/* The machine sleeps and wakes: what is pending ends with -ESHUTDOWN, the device is reset and,
 * until the host has taken it again, the kernel's. No request can come in between, since programs
 * sleep too. */
gboolean dv_sim_bus_sleep(DvSimBus *bus, const char *port, GError **error);
/* The next count reads end with a transmission error. */
gboolean dv_sim_bus_fail_reads(DvSimBus *bus, const char *port, guint count, GError **error);
/* Whether the node may be opened: its file mode is 0600 or nothing. Root is not stopped by that
 * unless CAP_DAC_OVERRIDE is dropped (dv_sim_supervisor_new). */
gboolean dv_sim_bus_permit(DvSimBus *bus, const char *port, gboolean permitted, GError **error);
/* Whether another program holds the interfaces: claims are then refused with EBUSY. */
gboolean dv_sim_bus_hold(DvSimBus *bus, const char *port, gboolean held, GError **error);
gboolean dv_sim_bus_produce(DvSimBus *bus, const char *port, const guint8 *bytes, gsize length,
                            GError **error);
/* What a document with these rows makes the reader at port produce. frame NULL: its usual one.
 * Caller frees; DV_ERROR_INVALID when the reader has no such frame. */
GBytes *dv_sim_bus_frame(DvSimBus *bus, const char *port, const char *frame, char **rows,
                         GError **error);
/* Would what is produced go to the desktop now? */
gboolean dv_sim_bus_types(DvSimBus *bus, const char *port);
/* The document at port was taken away half read. */
void dv_sim_bus_lift(DvSimBus *bus, const char *port);
/* Characters that the device at port typed into the desktop, through the kernel's keyboard driver.
 */
guint dv_sim_bus_typed(DvSimBus *bus, const char *port, GError **error);
/* The model's name; NULL where nothing is plugged in. */
const char *dv_sim_bus_model(DvSimBus *bus, const char *port);
gboolean dv_sim_bus_is_plugged(DvSimBus *bus, const char *port);
/* The host has opened the device and waits for data. halted (or NULL): the endpoint of the
 * documents is, and the host has not cleared it yet. */
gboolean dv_sim_bus_is_listening(DvSimBus *bus, const char *port, gboolean *halted);
/* Plugged ports, NULL-terminated, sorted. Caller frees with g_strfreev(). */
char **dv_sim_bus_ports(DvSimBus *bus);

/* ---- cameras; DV_ERROR_INVALID where there is none at port */

/* A JPEG file now lies before the camera; NULL: its test card. */
gboolean dv_sim_bus_show(DvSimBus *bus, const char *port, const char *path, GError **error);
/* Frames sent so far, and those that it dropped because the host was slow. */
gboolean dv_sim_bus_frames(DvSimBus *bus, const char *port, guint64 *sent, guint64 *dropped,
                           GError **error);
/* The next count frames go out wrong. */
gboolean dv_sim_bus_spoil(DvSimBus *bus, const char *port, const char *kind, guint count,
                          GError **error);
/* Frames come no faster than so many a second, whatever was agreed on: as in dim light. */
gboolean dv_sim_bus_set_rate(DvSimBus *bus, const char *port, const char *rate, GError **error);
/* The first port with a camera; NULL: none. Caller frees. */
char *dv_sim_bus_camera(DvSimBus *bus);
