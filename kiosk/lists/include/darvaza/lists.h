// SPDX-License-Identifier: Apache-2.0
#pragma once
/*
 * darvaza-lists: the only writer of the list folder. It takes signed metadata and encrypted
 * packages from the uplink or from a folder (a USB stick), proves them, and puts a set in force by
 * one rename. It has no network, and no key but the one that opens the envelopes made for this
 * kiosk.
 */
#include <darvaza/config.h>
#include <darvaza/daemon.h>

extern const DvConfigKey dv_lists_config_keys[];
extern const DvDaemon dv_lists_daemon;
