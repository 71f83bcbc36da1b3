// SPDX-License-Identifier: Apache-2.0
#pragma once
/*
 * usbfs tells by poll(POLLOUT) that a request is done. umockdev makes a device node a plain file,
 * which is always writable, so libusb would spin. The gate puts a FIFO there instead: full, it is
 * not writable and libusb sleeps; emptied, libusb wakes up and reaps.
 */
#include <glib.h>

typedef struct {
    int fd;
    gboolean open;
} DvSimGate;

/* Replaces the file at path. */
gboolean dv_sim_gate_init(DvSimGate *gate, const char *path, GError **error);
void dv_sim_gate_set(DvSimGate *gate, gboolean open);
void dv_sim_gate_clear(DvSimGate *gate);
