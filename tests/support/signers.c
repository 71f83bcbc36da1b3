// SPDX-License-Identifier: Apache-2.0
#include "signers.h"
#include <darvaza/json.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#define YEAR_US (G_GINT64_CONSTANT(365) * 86400 * G_USEC_PER_SEC)

static const char *const holders[SIGNERS] = {
    "root desk 1",    "root desk 2",    "root desk 3",    "owner's desk",  "release desk 1",
    "release desk 2", "release desk 3", "centre's clock", "nobody's desk",
};

DvTestSigners *
dv_test_signers_new(void)
{
    DvTestSigners *signers = g_new0(DvTestSigners, 1);
    for (int i = 0; i < SIGNERS; i++) {
        signers->keys[i] = dv_key_new_ed25519(NULL);
        g_assert_true(dv_trust_key_id(signers->keys[i], signers->ids[i], NULL));
    }
    return signers;
}

/* PKCS #8 around a seed of 32 equal bytes (RFC 8410, section 7). */
static DvKey *
fixed_key(int number)
{
    guint8 der[48] = {0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06,
                      0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20};
    for (gsize i = 16; i < sizeof der; i++)
        der[i] = (guint8)(number + 1);
    g_autofree char *base64 = g_base64_encode(der, sizeof der);
    g_autofree char *pem =
        g_strdup_printf("-----BEGIN PRIVATE KEY-----\n%s\n-----END PRIVATE KEY-----\n", base64);
    g_autofree char *path = NULL;
    int fd = g_file_open_tmp("dv-signer-XXXXXX", &path, NULL);
    g_assert_true(fd >= 0 && g_file_set_contents(path, pem, -1, NULL));
    close(fd);
    DvKey *key = dv_key_load_protected(path, NULL, NULL);
    g_unlink(path);
    g_assert_nonnull(key);
    return key;
}

DvTestSigners *
dv_test_signers_fixed(void)
{
    DvTestSigners *signers = g_new0(DvTestSigners, 1);
    for (int i = 0; i < SIGNERS; i++) {
        signers->keys[i] = fixed_key(i);
        g_assert_true(dv_trust_key_id(signers->keys[i], signers->ids[i], NULL));
    }
    return signers;
}

void
dv_test_signers_free(DvTestSigners *signers)
{
    for (int i = 0; signers && i < SIGNERS; i++)
        dv_key_free(signers->keys[i]);
    g_free(signers);
}

static void
let(DvTrustRoot *root, const DvTestSigners *signers, DvTestSigner signer, DvTrustRole role,
    const char *list_id)
{
    guint8 public_key[DV_ED25519_PUBLIC_SIZE];
    char id[DV_TRUST_HEX];
    g_assert_true(dv_key_public(signers->keys[signer], public_key, NULL));
    g_assert_true(dv_trust_root_add_key(root, public_key, holders[signer], id, NULL));
    dv_trust_root_let(root, role, list_id, id);
}

DvTrustRoot *
dv_test_root(const DvTestSigners *signers, gint64 version, gint64 issued_us,
             const char *const *list_ids)
{
    DvTrustRoot *root = dv_trust_root_new();
    root->version = version;
    root->issued_us = issued_us;
    root->expires_us = issued_us + YEAR_US;
    for (int i = SIGNER_ROOT_1; i <= SIGNER_ROOT_3; i++)
        let(root, signers, (DvTestSigner)i, DV_TRUST_ROLE_ROOT, NULL);
    for (int i = SIGNER_RELEASE_1; i <= SIGNER_RELEASE_3; i++)
        let(root, signers, (DvTestSigner)i, DV_TRUST_ROLE_RELEASE, NULL);
    let(root, signers, SIGNER_TIMESTAMP, DV_TRUST_ROLE_TIMESTAMP, NULL);
    for (; *list_ids; list_ids++)
        let(root, signers, SIGNER_OWNER, DV_TRUST_ROLE_OWNER, *list_ids);
    dv_trust_root_set_threshold(root, DV_TRUST_ROLE_ROOT, NULL, 2);
    return root;
}

static void
add_signature(json_t *file, GBytes *detached)
{
    gsize length;
    const void *data = g_bytes_get_data(detached, &length);
    g_autoptr(json_t) object = dv_json_parse(data, length, DV_TRUST_SIGNATURE_MAX, NULL);
    json_array_append_new(json_object_get(file, "signatures"),
                          json_pack("{s:O, s:O}", "key_id", json_object_get(object, "key_id"),
                                    "signature", json_object_get(object, "signature")));
}

GBytes *
dv_test_signed(const DvTestSigners *signers, GBytes *file, DvTrustRole role, guint mask)
{
    gsize length;
    g_assert_nonnull(file);
    const void *data = g_bytes_get_data(file, &length);
    g_autoptr(json_t) object = dv_json_parse(data, length, length, NULL);
    for (int i = 0; i < SIGNERS; i++) {
        if (!(mask & SIGNED_BY(i)))
            continue;
        g_autoptr(GBytes) detached = dv_trust_sign(file, role, signers->keys[i], NULL);
        g_assert_nonnull(detached);
        add_signature(object, detached);
    }
    g_bytes_unref(file);
    char *text = dv_json_canonical(object, &length, NULL);
    return g_bytes_new_take(text, length);
}

void
dv_test_digest(GBytes *bytes, char out[DV_TRUST_HEX])
{
    guint8 digest[DV_SHA256_SIZE];
    dv_sha256(g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes), digest);
    g_autofree char *hex = dv_hex(digest, sizeof digest);
    g_strlcpy(out, hex, DV_TRUST_HEX);
}
