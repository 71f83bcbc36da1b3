// SPDX-License-Identifier: Apache-2.0
#include "source.h"

DvTrustReason
lists_source_read_all(ListsSource *source, const char *kind, const char *name, gsize max,
                      GBytes **bytes, GError **error)
{
    g_autoptr(GByteArray) all = g_byte_array_new();

    while (all->len <= max) {
        g_autoptr(GBytes) chunk = NULL;
        gsize want = MIN(max + 1 - all->len, LISTS_CHUNK);
        DvTrustReason reason =
            source->read(source, kind, name, (gint64)all->len, want, &chunk, error);
        if (reason != DV_TRUST_OK)
            return reason;
        gsize length = 0;
        const void *data = g_bytes_get_data(chunk, &length);
        g_byte_array_append(all, data, (guint)length);
        if (length < want)
            break;
    }
    *bytes = g_byte_array_free_to_bytes(g_steal_pointer(&all));
    return DV_TRUST_OK;
}
