// SPDX-License-Identifier: Apache-2.0
#pragma once
/* The families, each defined in its own <family>.c. */
#include <darvaza/driver.h>

extern const DvDriver dv_uvc_driver;
