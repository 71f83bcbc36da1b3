// SPDX-License-Identifier: Apache-2.0
#include "registry.h"
#include <darvaza/readers.h>

/* One row per family. */
static const DvDriver *const drivers[] = {
    &dv_cdc_acm_driver, &dv_hid_keyboard_driver, &dv_hid_pos_driver, &dv_vendor_bulk_driver, NULL,
};

const DvDriver *const *
dv_reader_drivers(void)
{
    return drivers;
}
