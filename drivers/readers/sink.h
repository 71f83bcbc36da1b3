// SPDX-License-Identifier: Apache-2.0
#pragma once
/* What a parser reports, handed on to the transport. */
#include "zone.h"
#include <darvaza/driver.h>

/* The state of the device begins with the arrival of the last bytes (gint64, monotonic). send: NULL
 * where the family sends nothing; its data is the device. */
DvReaderSink dv_sink_for_device(DvDevice *device,
                                void (*send)(const guint8 *bytes, gsize length, void *data));
