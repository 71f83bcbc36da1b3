// SPDX-License-Identifier: Apache-2.0
#pragma once
/* The transports by their names on the command line. */
#include "transport.h"

/* For --help: what follows the first. */
#ifdef DV_SIM_REDIR
#define DV_SIM_REDIR_HELP ", redir:FOLDER (a QEMU guest, through sockets there)"
#else
#define DV_SIM_REDIR_HELP ""
#endif
#define DV_SIM_TRANSPORT_HELP DV_SIM_REDIR_HELP ", usbip:PORT (a Linux kernel, through TCP)"

/* "umockdev", or KIND:WHERE as in --help. DV_ERROR_INVALID for another name. */
DvSimTransport *dv_sim_transport_new(const char *name, GError **error);
/* Its host is a program that the simulator runs. */
gboolean dv_sim_transport_needs_program(const char *name);
