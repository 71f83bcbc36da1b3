// SPDX-License-Identifier: Apache-2.0
/*
 * First byte 'W': the rest is a receipt and a heartbeat as they come over the wire. 'R' or 'H': the
 * rest is the payload of one that is rightly signed, so that what reads payloads is reached.
 */
#include "keys.h"

#include <darvaza/receipt.h>

int LLVMFuzzerTestOneInput(const guint8 *data, gsize size);

static DvTestKeys *keys;

static void
read_receipt(GBytes *bytes)
{
    gsize length;
    const void *data = g_bytes_get_data(bytes, &length);
    g_autoptr(GError) error = NULL;
    DvReceipt receipt = {0};
    if (!dv_receipt_verify(data, length, keys->receipt, &receipt, &error)) {
        g_assert_nonnull(error);
        return;
    }
    g_autoptr(GBytes) again = dv_receipt_make(&receipt, keys->receipt_key, &error);
    g_assert_true(g_bytes_equal(again, bytes)); /* Ed25519: one value */
}

static void
read_heartbeat(GBytes *bytes)
{
    gsize length;
    const void *data = g_bytes_get_data(bytes, &length);
    g_autoptr(GError) error = NULL;
    DvHeartbeat beat = {0};
    if (!dv_heartbeat_verify(data, length, keys->sign, &beat, &error)) {
        g_assert_nonnull(error);
        return;
    }
    g_assert_cmpstr(beat.kiosk, ==, "KSK-1");
    g_autoptr(GBytes) again = dv_heartbeat_make(&beat, keys->sign_key, &error);
    g_assert_nonnull(again);
    dv_heartbeat_clear(&beat);
}

int
LLVMFuzzerTestOneInput(const guint8 *data, gsize size)
{
    if (!keys)
        keys = dv_test_keys_load(DV_GOLDEN_PKI);
    if (size == 0)
        return 0;
    g_autoptr(GBytes) rest = g_bytes_new(data + 1, size - 1);
    if (data[0] == 'W') {
        read_receipt(rest);
        read_heartbeat(rest);
        return 0;
    }
    g_autoptr(json_t) payload = dv_json_parse(data + 1, size - 1, 16384, NULL);
    if (!json_is_object(payload))
        return 0;
    gboolean beat = data[0] == 'H';
    g_autoptr(GBytes) made = dv_signed_json_make(beat ? "heartbeat" : "receipt", payload,
                                                 beat ? keys->sign_key : keys->receipt_key, NULL);
    if (made && beat)
        read_heartbeat(made);
    else if (made)
        read_receipt(made);
    return 0;
}
