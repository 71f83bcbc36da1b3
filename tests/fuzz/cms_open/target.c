// SPDX-License-Identifier: Apache-2.0
/*
 * First byte 'E': the rest is an envelope as it comes over the wire. 'S': the rest is what somebody
 * who has the public key put into an honest envelope, so that what reads SignedData is reached.
 * Only what the golden kiosk signed may come out of it as a record; without a signature, as content
 * keys are enveloped, what was put in comes out and nothing else.
 */
#include "crypto_private.h"
#include "keys.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const guint8 *data, gsize size);

static void
unwrap(const DvTestKeys *keys, GBytes *envelope, GBytes *put_in)
{
    g_autoptr(GError) error = NULL;
    gsize length;
    const void *der = g_bytes_get_data(envelope, &length);
    g_autoptr(GBytes) plain = dv_cms_unwrap(der, length, keys->record_key, keys->record, &error);
    g_assert_true((plain == NULL) == (error != NULL));
    if (put_in)
        g_assert_true(plain && g_bytes_equal(plain, put_in));
}

int
LLVMFuzzerTestOneInput(const guint8 *data, gsize size)
{
    static DvTestKeys *keys;
    if (!keys)
        keys = dv_test_keys_load(DV_GOLDEN_PKI);
    if (size == 0)
        return 0;
    g_autoptr(GBytes) rest = g_bytes_new(data + 1, size - 1);
    g_autoptr(GBytes) envelope =
        data[0] == 'S' ? dv_cms_encrypt(rest, keys->record) : g_bytes_ref(rest);
    g_assert_nonnull(envelope);
    unwrap(keys, envelope, data[0] == 'S' ? rest : NULL);
    gsize length;
    const void *der = g_bytes_get_data(envelope, &length);
    g_autoptr(GError) error = NULL;
    g_autoptr(GBytes) plain =
        dv_cms_open(der, length, keys->record_key, keys->record, keys->sign, &error);
    if (!plain) {
        g_assert_nonnull(error);
        return 0;
    }
    g_autoptr(GBytes) golden = g_bytes_new_static("golden content", strlen("golden content"));
    g_assert_true(g_bytes_equal(plain, golden));
    return 0;
}
