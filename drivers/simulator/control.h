// SPDX-License-Identifier: Apache-2.0
#pragma once
/* The simulator's control socket: docs/formats/simulator-control.md. */
#include "feeder.h"
#include "supervisor.h"

typedef struct DvSimControl DvSimControl;

typedef struct {
    DvSimBus *bus;
    DvSimFeeder *feeder;
    DvSimSupervisor *supervisor;
    guint16 vid, pid; /* identity of what is plugged in without naming one */
    void (*quit)(void *data);
    void *data;
} DvSimDesk;

/* The socket file is replaced, mode 0600. desk must outlive the control. */
DvSimControl *dv_sim_control_new(const char *socket_path, const DvSimDesk *desk, GError **error);
void dv_sim_control_free(DvSimControl *control);
