// SPDX-License-Identifier: Apache-2.0
#include "iolog.h"

#define ALIGNED(n) (((gsize)(n) + 7u) & ~(gsize)7u)

Iolog *
iolog_read(const char *path)
{
    Iolog *log = g_new0(Iolog, 1);
    char *text = NULL;
    gsize length = 0, at = 0;

    if (!g_file_get_contents(path, &text, &length, NULL))
        g_error("cannot read the recording %s", path);
    log->bytes = g_bytes_new_take(text, length);
    log->entries = g_ptr_array_new();
    while (at < length) {
        const IologEntry *entry = (const void *)(text + at);
        if (length - at < sizeof *entry || length - at - sizeof *entry < entry->length)
            g_error("the recording %s is cut short", path);
        g_ptr_array_add(log->entries, (void *)(guintptr)entry);
        at += sizeof *entry + ALIGNED(entry->length);
    }
    return log;
}

void
iolog_free(Iolog *log)
{
    if (log == NULL)
        return;
    g_ptr_array_unref(log->entries);
    g_bytes_unref(log->bytes);
    g_free(log);
}
