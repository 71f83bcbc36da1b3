// SPDX-License-Identifier: Apache-2.0
/* Plaintexts of a few sizes: the ciphertext's length says little about what is in it. */
#include "private.h"
#include <darvaza/error.h>
#include <string.h>

static const gsize size_classes[] = {4096, 8192, 16384, 32768, 65536, DV_PLAIN_MAX};

/* 0: there is no class for so much. */
static gsize
class_for(gsize length)
{
    for (gsize i = 0; i < G_N_ELEMENTS(size_classes); i++)
        if (length <= size_classes[i])
            return size_classes[i];
    return 0;
}

gboolean
dv_crossing_fits(const json_t *body)
{
    gsize length = 0;
    g_autofree char *text = dv_json_canonical(body, &length, NULL);
    return text && length + 1 + DV_WIRE_HEADER_MAX <= DV_PLAIN_MAX;
}

GBytes *
dv_pad(const json_t *object, gsize size, const char *what, GError **error)
{
    gsize length;
    g_autofree char *text = dv_json_canonical(object, &length, error);
    if (!text)
        return NULL;
    gsize padded = size ? size : class_for(length + 1);
    if (padded == 0 || length + 1 > padded) {
        g_set_error(error, DV_ERROR, DV_ERROR_FULL,
                    "sealing a %s: its %" G_GSIZE_FORMAT " bytes are more than the %" G_GSIZE_FORMAT
                    " that fit",
                    what, length, (size ? size : DV_PLAIN_MAX) - 1);
        return NULL;
    }
    GByteArray *plain = g_byte_array_sized_new((guint)padded);
    g_byte_array_append(plain, (const guint8 *)text, (guint)length);
    g_byte_array_append(plain, (const guint8 *)"\n", 1);
    g_byte_array_set_size(plain, (guint)padded);
    memset(plain->data + length + 1, ' ', padded - length - 1);
    return g_byte_array_free_to_bytes(plain);
}

json_t *
dv_unpad(GBytes *plain, gsize size, const char *what, GError **error)
{
    gsize length;
    const void *data = g_bytes_get_data(plain, &length);
    g_autoptr(json_t) object = dv_json_parse(data, length, DV_PLAIN_MAX, error);
    if (!object) {
        g_prefix_error(error, "opening a %s: ", what);
        return NULL;
    }
    /* One object has one plaintext: whatever else it might carry along is refused. */
    g_autoptr(GBytes) again = dv_pad(object, size, what, error);
    if (!again)
        return NULL;
    if (!json_is_object(object) || !g_bytes_equal(again, plain)) {
        g_set_error(error, DV_ERROR, DV_ERROR_INVALID,
                    "opening a %s: it is not one canonical object, padded to its size", what);
        return NULL;
    }
    return g_steal_pointer(&object);
}
