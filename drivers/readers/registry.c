// SPDX-License-Identifier: Apache-2.0
#include "registry.h"
#include <darvaza/readers.h>

/* One row per family. */
static const DvDriver *const drivers[] = {
    &dv_cdc_acm_driver,
    NULL,
};

const DvDriver *const *
dv_reader_drivers(void)
{
    return drivers;
}
