// SPDX-License-Identifier: Apache-2.0
/*
 * Bytes as an upload: the wire form and its header. What is taken must be the one way to write it,
 * and nothing but what the golden kiosk signed may pass as its own.
 */
#include "keys.h"
#include "private.h"
#include "wire.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const guint8 *data, gsize size);

int
LLVMFuzzerTestOneInput(const guint8 *data, gsize size)
{
    static DvTestKeys *keys;
    if (!keys)
        keys = dv_test_keys_load(DV_GOLDEN_PKI);
    g_autoptr(GError) error = NULL;
    g_autoptr(DvCrossingWire) wire = dv_crossing_wire_parse(data, size, &error);
    if (!wire) {
        g_assert_nonnull(error);
        return 0;
    }
    g_autoptr(GBytes) again = dv_wire_encode(wire);
    g_autoptr(GBytes) input = g_bytes_new(data, size);
    g_assert_true(g_bytes_equal(again, input));
    guint8 link[DV_SHA256_SIZE];
    dv_crossing_link(wire, link);
    if (dv_crossing_wire_verify(wire, keys->sign, NULL))
        g_assert_cmpstr(wire->header.kiosk, ==, "KSK-1");
    g_autoptr(json_t) object = json_object();
    g_assert_false(dv_header_is_repeated(object, &wire->header, "body", NULL));
    json_object_set_new(object, "header", dv_header_repeat(&wire->header));
    g_assert_true(dv_header_is_repeated(object, &wire->header, "body", NULL));
    return 0;
}
