// SPDX-License-Identifier: Apache-2.0
#pragma once
/* A parsed zone as JSON: docs/formats/mrz-json.md. */
#include <darvaza/mrz.h>
#include <jansson.h>

/* A new object that the caller owns. */
json_t *dv_mrz_to_json(const DvMrz *mrz);
