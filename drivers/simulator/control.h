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
    const char *model; /* what is plugged in without naming one */
    guint16 vid, pid;  /* and its identity; 0: the model's own */
    void (*quit)(void *data);
    void *data;
} DvSimDesk;

/* "1209:0001". DV_ERROR_INVALID. */
gboolean dv_sim_parse_identity(const char *text, guint16 *vid, guint16 *pid, GError **error);
/* The socket file is replaced, mode 0600. desk must outlive the control. */
DvSimControl *dv_sim_control_new(const char *socket_path, const DvSimDesk *desk, GError **error);
void dv_sim_control_free(DvSimControl *control);
