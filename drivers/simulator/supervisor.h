// SPDX-License-Identifier: Apache-2.0
#pragma once
/*
 * Runs the program that shall see the simulated devices, and starts it again when it dies: a test
 * may kill -9 it and finds the reader still plugged in, as on a real desk.
 */
#include <glib.h>

typedef struct DvSimSupervisor DvSimSupervisor;

/* argv: NULL-terminated, copied. modes_hold: file modes stop the program even if it is root's, as
 * they stop a daemon in the field. gave_up is called when the program cannot be started or ends
 * again and again at once. */
DvSimSupervisor *dv_sim_supervisor_new(char *const *argv, gboolean modes_hold,
                                       void (*gave_up)(void *data), void *data, GError **error);
/* Ends the program (SIGTERM, after 3 s SIGKILL) and waits for it. */
void dv_sim_supervisor_free(DvSimSupervisor *supervisor);
/* 0 while none runs. */
GPid dv_sim_supervisor_pid(const DvSimSupervisor *supervisor);
/* SIGTERM; it is then started again. */
void dv_sim_supervisor_restart(DvSimSupervisor *supervisor);
/* How often it has ended; *status: with what at last, 128 + N for signal N. */
guint dv_sim_supervisor_ends(const DvSimSupervisor *supervisor, int *status);
