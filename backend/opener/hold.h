// SPDX-License-Identifier: Apache-2.0
#pragma once
/* The centre's question to the protection unit's opener: is this crossing held? */
#include "decide.h"

typedef void (*DvHoldFunc)(DvHold hold, void *data);
/* Asks; func is called once, later, on the main context. Whatever goes wrong is DV_HOLD_UNKNOWN.
 * A busy peer is waited for at most one second to connect and three to answer. */
void dv_hold_ask(const char *socket, GBytes *wire, DvHoldFunc func, void *data);
