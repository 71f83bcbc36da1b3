// SPDX-License-Identifier: Apache-2.0
#pragma once
/*
 * The booth's side of org.darvaza.Devices1: claims its lane, comes back by itself after the daemon
 * or the socket was away, and lets nothing through that could not be a machine readable zone.
 */
#include <gio/gio.h>
#include <jansson.h>

/* Bounds on what a device may say; anything beyond is reported as a failed reading. */
#define DV_DEVICE_LINES_MAX 3
#define DV_DEVICE_LINE_BYTES_MAX 64
#define DV_DEVICE_TEXT_MAX 200

/* A document as a device read it. Pictures are JPEGs within their bounds, or NULL. Everything
 * belongs to the client: whoever keeps a picture takes a reference. */
typedef struct {
    const char *const *lines; /* ends with NULL; 1 to DV_DEVICE_LINES_MAX lines of printable ASCII,
                                 not judged further */
    gint64 arrived_us;        /* monotonic clock of the last byte, never in the future */
    gboolean by_camera;       /* what follows is of a camera alone */
    guint corrections;        /* characters that check digits decided; at most those of a zone */
    GBytes *portrait, *zone, *page;
} DvDeviceDocument;

typedef struct {
    void (*document)(const DvDeviceDocument *document, void *data);
    void (*reading)(void *data); /* something begins to arrive */
    void (*failed)(void *data);  /* what arrived was no document */
    void (*changed)(void *data); /* state or list of devices */
} DvDevicesEvents;

typedef struct DvDevicesClient DvDevicesClient;

/* Starts trying at once. events and data must outlive the client; lane is copied. */
DvDevicesClient *dv_devices_client_new(const char *socket, const char *lane,
                                       const DvDevicesEvents *events, void *data);
void dv_devices_client_free(DvDevicesClient *client);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DvDevicesClient, dv_devices_client_free)

/* "ready": a reader can read. "none": the daemon runs without a usable reader. "taken": another
 * client holds the lane. "away": the daemon cannot be reached. Static. */
const char *dv_devices_client_state(const DvDevicesClient *client);
/* [{"id", "name", "kind", "state", "detail"}]; a new reference. */
json_t *dv_devices_client_list(const DvDevicesClient *client);

/* The connection's proxy (DvBusDevices1) and what cancels its calls, for view.c; both belong to the
 * client. NULL while the lane is not claimed. */
void *dv_devices_client_proxy(const DvDevicesClient *client, GCancellable **cancel);

/* Whether lines from outside may go further; split out for tests. */
gboolean dv_devices_lines_ok(const char *const *lines);
