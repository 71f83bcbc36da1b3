// SPDX-License-Identifier: Apache-2.0
#include "sink.h"

static void
on_started(void *data)
{
    dv_device_reading(data);
}

static void
on_document(const char *const *rows, void *data)
{
    const gint64 *arrived_us = dv_device_state(data);
    dv_device_document(data, rows, *arrived_us);
}

static void
on_dropped(const char *why, void *data)
{
    dv_device_dropped(data, why);
}

static void
on_refused(const char *why, void *data)
{
    dv_device_fail(data, "%s", why);
}

DvReaderSink
dv_sink_for_device(DvDevice *device, void (*send)(const guint8 *bytes, gsize length, void *data))
{
    return (DvReaderSink){on_started, on_document, on_dropped, send, on_refused, device};
}
