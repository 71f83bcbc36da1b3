// SPDX-License-Identifier: Apache-2.0
/*
 * What sealing and opening cost, beside the floor: the bare operations that any such seal needs
 * (one ECDSA signature or verification, one ephemeral key and ECDH, AES-256-GCM over the same
 * bytes), measured in the same run, so that the ratio holds on a loaded machine.
 */
#include "record_example.h"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>

#define ROUNDS 9
#define PER_ROUND 60
#define SIZE 4096

static DvTestKeys *keys;
static guint8 plain[SIZE], cipher[SIZE], tag[16], signature[80];
static gsize signature_length;
static EVP_PKEY *own, *peer;
static GBytes *sealed, *wire_bytes;
static json_t *record;

/* Every step is checked: a bench of failures would be fast. */
static void
must(gboolean good)
{
    if (!good)
        g_error("bench seal: an operation failed");
}

static void
raw_sign(void)
{
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    signature_length = sizeof signature;
    must(EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, own) == 1 &&
         EVP_DigestSign(ctx, signature, &signature_length, plain, SIZE) == 1);
    EVP_MD_CTX_free(ctx);
}

static void
raw_verify(void)
{
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    must(EVP_DigestVerifyInit(ctx, NULL, EVP_sha256(), NULL, own) == 1 &&
         EVP_DigestVerify(ctx, signature, signature_length, plain, SIZE) == 1);
    EVP_MD_CTX_free(ctx);
}

static void
raw_derive(EVP_PKEY *mine, guint8 secret[32])
{
    gsize length = 32;
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(mine, NULL);
    must(EVP_PKEY_derive_init(ctx) == 1 && EVP_PKEY_derive_set_peer(ctx, peer) == 1 &&
         EVP_PKEY_derive(ctx, secret, &length) == 1);
    EVP_PKEY_CTX_free(ctx);
}

static void
raw_cipher(const guint8 key[32], gboolean encrypt)
{
    static const guint8 nonce[12];
    static guint8 out[SIZE];
    int length = 0;
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    must(EVP_CipherInit_ex(ctx, EVP_aes_256_gcm(), NULL, key, nonce, encrypt) == 1 &&
         EVP_CipherUpdate(ctx, encrypt ? cipher : out, &length, encrypt ? plain : cipher, SIZE) ==
             1);
    if (encrypt)
        must(EVP_CipherFinal_ex(ctx, cipher, &length) == 1 &&
             EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, sizeof tag, tag) == 1);
    else
        must(EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, sizeof tag, tag) == 1 &&
             EVP_CipherFinal_ex(ctx, out, &length) == 1);
    EVP_CIPHER_CTX_free(ctx);
}

static void
floor_seal(void)
{
    static const guint8 key[32];
    guint8 secret[32];
    EVP_PKEY *ephemeral = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
    raw_sign();
    raw_derive(ephemeral, secret);
    raw_cipher(key, TRUE);
    EVP_PKEY_free(ephemeral);
}

static void
floor_open(void)
{
    static const guint8 key[32];
    guint8 secret[32];
    raw_derive(own, secret);
    raw_cipher(key, FALSE);
    raw_verify();
}

static void
cms_seal(void)
{
    g_clear_pointer(&sealed, g_bytes_unref);
    sealed = dv_cms_seal(plain, SIZE, keys->sign_key, keys->sign, keys->record, NULL);
    must(sealed != NULL);
}

static void
cms_open(void)
{
    g_autoptr(GBytes) opened = dv_cms_open(g_bytes_get_data(sealed, NULL), g_bytes_get_size(sealed),
                                           keys->record_key, keys->record, keys->sign, NULL);
    must(opened != NULL);
}

static void
crossing_seal(void)
{
    const DvSealKeys seal = dv_test_seal_keys(keys);
    DvCrossingHeader header = {.kiosk = "KSK-1", .epoch = 1, .seq = 1};
    guint8 link[DV_SHA256_SIZE];
    g_clear_pointer(&wire_bytes, g_bytes_unref);
    wire_bytes = dv_crossing_seal(&seal, &header, record, NULL, link, NULL);
    must(wire_bytes != NULL);
}

static void
crossing_open(void)
{
    gsize length;
    const void *data = g_bytes_get_data(wire_bytes, &length);
    g_autoptr(DvCrossingWire) wire = dv_crossing_wire_parse(data, length, NULL);
    g_autoptr(json_t) body =
        dv_crossing_open(wire, keys->record_key, keys->record, keys->sign, NULL);
    must(body != NULL);
}

static int
ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

typedef struct {
    const char *name;
    void (*run)(void);
    double times[ROUNDS]; /* microseconds for one */
} Work;

int
main(void)
{
    Work work[] = {
        {"floor_seal_us", floor_seal, {0}},       {"floor_open_us", floor_open, {0}},
        {"cms_seal_us", cms_seal, {0}},           {"cms_open_us", cms_open, {0}},
        {"crossing_seal_us", crossing_seal, {0}}, {"crossing_open_us", crossing_open, {0}}};
    keys = dv_test_keys_new();
    record = dv_record_example();
    own = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
    peer = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
    /* Round by round through all of them: a busy moment then hits floor and product alike. */
    for (gsize round = 0; round < ROUNDS; round++) {
        for (gsize i = 0; i < G_N_ELEMENTS(work); i++) {
            gint64 start = g_get_monotonic_time();
            for (int n = 0; n < PER_ROUND; n++)
                work[i].run();
            work[i].times[round] = (double)(g_get_monotonic_time() - start) / PER_ROUND;
        }
    }
    printf("{\"bench\": \"seal\", \"plaintext_bytes\": %d", SIZE);
    for (gsize i = 0; i < G_N_ELEMENTS(work); i++) {
        qsort(work[i].times, ROUNDS, sizeof work[i].times[0], ascending);
        printf(", \"%s\": %.0f", work[i].name, work[i].times[ROUNDS / 2]);
    }
    printf(", \"cms_seal_times_floor\": %.1f, \"cms_open_times_floor\": %.1f}\n",
           work[2].times[ROUNDS / 2] / work[0].times[ROUNDS / 2],
           work[3].times[ROUNDS / 2] / work[1].times[ROUNDS / 2]);
    g_bytes_unref(sealed);
    g_bytes_unref(wire_bytes);
    json_decref(record);
    EVP_PKEY_free(own);
    EVP_PKEY_free(peer);
    dv_test_keys_free(keys);
    return 0;
}
