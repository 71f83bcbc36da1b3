// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <glib.h>

/* darvaza simulate attach [port=] [usbip=HOST:PORT] [vhci=FOLDER]: prints "ok PORT" of the kernel's
 * virtual host controller. argv[0] is the word itself. */
gboolean dv_simulate_attach(int argc, char **argv);
