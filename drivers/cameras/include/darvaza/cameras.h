// SPDX-License-Identifier: Apache-2.0
#pragma once
/* The cameras: one row per family. */
#include <darvaza/driver.h>

/* NULL-terminated. */
const DvDriver *const *dv_camera_drivers(void);
