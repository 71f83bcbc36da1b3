// SPDX-License-Identifier: Apache-2.0
#include "registry.h"
#include <darvaza/cameras.h>

/* One row per family. */
static const DvDriver *const drivers[] = {&dv_uvc_driver, NULL};

const DvDriver *const *
dv_camera_drivers(void)
{
    return drivers;
}
