// SPDX-License-Identifier: Apache-2.0
#pragma once
/* The document readers: one row per family, and what is printed from their identities. */
#include <darvaza/driver.h>

/* NULL-terminated. */
const DvDriver *const *dv_reader_drivers(void);
/* The udev rules for these families (udev/60-darvaza.rules), from their identity tables. Caller
 * frees. */
char *dv_readers_udev_rules(const DvDriver *const *drivers);
/* The same for the hardware database (udev/60-darvaza.hwdb, systemd-hwdb(8)). Caller frees. */
char *dv_readers_hwdb(const DvDriver *const *drivers);
