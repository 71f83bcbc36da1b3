// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <darvaza/crossing.h>

/* The wire form of parts that are known to be good. */
GBytes *dv_wire_encode(const DvCrossingWire *wire);
