// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "bus.h"

/* The device at port, with the bus locked; NULL (DV_ERROR_UNAVAILABLE) with nothing locked. */
DvSimDevice *dv_sim_bus_lock_device(DvSimBus *bus, const char *port, GError **error);
