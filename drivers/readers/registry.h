// SPDX-License-Identifier: Apache-2.0
#pragma once
/* The families, each defined in its own <family>.c. */
#include <darvaza/driver.h>

extern const DvDriver dv_cdc_acm_driver, dv_hid_keyboard_driver, dv_hid_pos_driver,
    dv_vendor_bulk_driver;
