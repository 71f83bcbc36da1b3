// SPDX-License-Identifier: Apache-2.0
/* Hashes, identifiers, signatures, and the CMS profile against altered and foreign input. */
#include "keys.h"
#include <darvaza/error.h>
#include <openssl/cms.h>
#include <openssl/pem.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static DvTestKeys *keys;

static int
setup(void **state)
{
    (void)state;
    keys = dv_test_keys_new();
    return 0;
}

static int
teardown(void **state)
{
    (void)state;
    dv_test_keys_free(keys);
    return 0;
}

/* FIPS 180-4's example "abc". */
static void
sha256_of_abc(void **state)
{
    (void)state;
    guint8 digest[DV_SHA256_SIZE];
    dv_sha256("abc", 3, digest);
    g_autofree char *hex = dv_hex(digest, sizeof digest);
    assert_string_equal(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

static void
hex_takes_exactly_its_length(void **state)
{
    (void)state;
    guint8 out[2] = {0};
    assert_true(dv_hex_parse("0aF1", out, 2));
    assert_int_equal(out[0], 0x0a);
    assert_int_equal(out[1], 0xf1);
    assert_false(dv_hex_parse("0aF", out, 2));
    assert_false(dv_hex_parse("0aF1a", out, 2));
    assert_false(dv_hex_parse("0aG1", out, 2));
    assert_false(dv_hex_parse(NULL, out, 2));
}

static void
uuids_are_valid_and_differ(void **state)
{
    (void)state;
    g_autofree char *a = dv_uuid_new();
    g_autofree char *b = dv_uuid_new();
    assert_true(dv_uuid_is_valid(a));
    assert_int_equal(a[14], '4');
    assert_string_not_equal(a, b);
    assert_false(dv_uuid_is_valid(NULL));
    assert_false(dv_uuid_is_valid(""));
    assert_false(dv_uuid_is_valid("00000000-0000-0000-0000-000000000000"));
    assert_false(dv_uuid_is_valid("9B2F4C61-5E0D-4A7B-8C3E-1D2F3A4B5C6D"));
    assert_false(dv_uuid_is_valid("9b2f4c61-5e0d-4a7b-8c3e-1d2f3a4b5c6"));
    assert_true(dv_uuid_is_valid("9b2f4c61-5e0d-4a7b-8c3e-1d2f3a4b5c6d"));
}

static void
check_signature(const DvKey *key, const DvCert *cert, const DvCert *stranger)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GBytes) bytes = dv_sign(key, "darvaza test v1", "data", 4, &error);
    assert_null(error);
    gsize size;
    const guint8 *sig = g_bytes_get_data(bytes, &size);
    assert_true(dv_verify(cert, "darvaza test v1", "data", 4, sig, size, NULL));
    assert_false(dv_verify(cert, "darvaza test v2", "data", 4, sig, size, NULL));
    assert_false(dv_verify(cert, "darvaza test v1", "dato", 4, sig, size, NULL));
    assert_false(dv_verify(cert, "darvaza test v1", "data", 3, sig, size, NULL));
    assert_false(dv_verify(cert, "darvaza test v1", "data", 4, sig, size - 1, NULL));
    assert_false(dv_verify(cert, "darvaza test v1", "data", 4, sig, 0, NULL));
    assert_false(dv_verify(stranger, "darvaza test v1", "data", 4, sig, size, &error));
    assert_true(g_error_matches(error, DV_ERROR, DV_ERROR_CRYPTO));
    assert_non_null(strstr(error->message, "darvaza test v1"));
    for (gsize i = 0; i < size; i++) {
        g_autofree guint8 *bad = g_memdup2(sig, size);
        bad[i] ^= 1;
        assert_false(dv_verify(cert, "darvaza test v1", "data", 4, bad, size, NULL));
    }
}

static void
p256_signature_binds_domain_and_data(void **state)
{
    (void)state;
    check_signature(keys->sign_key, keys->sign, keys->other);
}

static void
ed25519_signature_binds_domain_and_data(void **state)
{
    (void)state;
    check_signature(keys->receipt_key, keys->receipt, keys->sign);
}

/* The domain's end is marked: "ab" over "c" is not "a" over "bc". */
static void
domain_and_data_do_not_run_together(void **state)
{
    (void)state;
    g_autoptr(GBytes) sig = dv_sign(keys->receipt_key, "ab", "c", 1, NULL);
    assert_false(dv_verify(keys->receipt, "a", "bc", 2, g_bytes_get_data(sig, NULL), 64, NULL));
}

static void
certificate_for_sealing_verifies_nothing(void **state)
{
    (void)state;
    g_autoptr(GError) error = NULL;
    g_autoptr(GBytes) sig = dv_sign(keys->answers_key, "d", "x", 1, NULL);
    gsize size;
    const void *bytes = g_bytes_get_data(sig, &size);
    assert_false(dv_verify(keys->answers, "d", "x", 1, bytes, size, &error));
    assert_non_null(strstr(error->message, "not one for signatures"));
}

static GBytes *
seal(const char *text)
{
    g_autoptr(GError) error = NULL;
    GBytes *sealed =
        dv_cms_seal(text, strlen(text), keys->sign_key, keys->sign, keys->record, &error);
    assert_null(error);
    return sealed;
}

static GBytes *
open_bytes(const guint8 *der, gsize length, GError **error)
{
    return dv_cms_open(der, length, keys->record_key, keys->record, keys->sign, error);
}

static void
sealed_opens(void **state)
{
    (void)state;
    static const char *const texts[] = {"", "a", "{\"seq\":1}\n        "};
    for (gsize i = 0; i < G_N_ELEMENTS(texts); i++) {
        g_autoptr(GBytes) sealed = seal(texts[i]);
        gsize size;
        const guint8 *der = g_bytes_get_data(sealed, &size);
        g_autoptr(GError) error = NULL;
        g_autoptr(GBytes) plain = open_bytes(der, size, &error);
        assert_null(error);
        assert_int_equal(g_bytes_get_size(plain), strlen(texts[i]));
        assert_memory_equal(g_bytes_get_data(plain, NULL), texts[i], strlen(texts[i]));
    }
}

static void
sealed_size_depends_on_the_length_alone(void **state)
{
    (void)state;
    gsize first = 0;
    for (int i = 0; i < 24; i++) {
        g_autoptr(GBytes) sealed = seal(i % 2 ? "aaaaaaaaaaaaaaaa" : "{\"secret\": 1}   ");
        if (i == 0)
            first = g_bytes_get_size(sealed);
        assert_int_equal(g_bytes_get_size(sealed), first);
    }
}

static void
every_altered_bit_is_refused(void **state)
{
    (void)state;
    g_autoptr(GBytes) sealed = seal("{\"seq\":1}");
    gsize size;
    const guint8 *der = g_bytes_get_data(sealed, &size);
    g_autofree guint8 *bad = g_memdup2(der, size);
    for (gsize bit = 0; bit < size * 8; bit++) {
        bad[bit / 8] ^= (guint8)(1u << bit % 8);
        g_autoptr(GError) error = NULL;
        g_autoptr(GBytes) plain = open_bytes(bad, size, &error);
        assert_null(plain);
        assert_true(g_error_matches(error, DV_ERROR, DV_ERROR_CRYPTO));
        bad[bit / 8] ^= (guint8)(1u << bit % 8);
    }
}

static void
every_truncation_and_any_tail_is_refused(void **state)
{
    (void)state;
    g_autoptr(GBytes) sealed = seal("{\"seq\":1}");
    gsize size;
    const guint8 *der = g_bytes_get_data(sealed, &size);
    for (gsize i = 0; i < size; i++) {
        /* an allocation of its own, so that a sanitizer sees a read beyond it */
        g_autofree guint8 *cut = g_memdup2(der, i);
        g_autoptr(GBytes) plain = open_bytes(cut, i, NULL);
        assert_null(plain);
    }
    g_autofree guint8 *longer = g_malloc0(size + 1);
    for (gsize i = 0; i < size; i++)
        longer[i] = der[i];
    assert_null(open_bytes(longer, size + 1, NULL));
}

static void
wrong_keys_are_named(void **state)
{
    (void)state;
    g_autoptr(GBytes) sealed = seal("x");
    gsize size;
    const guint8 *der = g_bytes_get_data(sealed, &size);
    g_autoptr(GError) error = NULL;
    assert_null(dv_cms_open(der, size, keys->protection_key, keys->protection, keys->sign, &error));
    assert_non_null(strstr(error->message, "another key"));
    g_clear_error(&error);
    /* the right certificate with somebody else's key */
    assert_null(dv_cms_open(der, size, keys->protection_key, keys->record, keys->sign, &error));
    assert_true(g_error_matches(error, DV_ERROR, DV_ERROR_CRYPTO));
    g_clear_error(&error);
    assert_null(dv_cms_open(der, size, keys->record_key, keys->record, keys->other, &error));
    assert_non_null(strstr(error->message, "the signer is somebody else"));
    g_clear_error(&error);
    assert_null(dv_cms_seal("x", 1, keys->sign_key, keys->sign, keys->other, &error));
    assert_non_null(strstr(error->message, "not one for key agreement"));
    g_clear_error(&error);
    assert_null(dv_cms_open(der, G_MAXSIZE, keys->record_key, keys->record, keys->sign, &error));
    assert_non_null(strstr(error->message, "more than the bound"));
}

/* ---- envelopes that OpenSSL would open, made by somebody who has the public keys ---- */

static X509 *
read_x509(const char *relative)
{
    g_autofree char *path = dv_test_keys_path(keys, relative);
    BIO *bio = BIO_new_file(path, "rb");
    X509 *x509 = PEM_read_bio_X509(bio, NULL, NULL, NULL);
    BIO_free(bio);
    assert_non_null(x509);
    return x509;
}

static EVP_PKEY *
read_key(const char *relative)
{
    g_autofree char *path = dv_test_keys_path(keys, relative);
    BIO *bio = BIO_new_file(path, "rb");
    EVP_PKEY *key = PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL);
    BIO_free(bio);
    assert_non_null(key);
    return key;
}

typedef struct {
    unsigned sign_flags; /* for CMS_add1_signer */
    const EVP_MD *sign_md;
    gboolean second_signer;
    gboolean unsigned_inside; /* data in the place of SignedData */
    const EVP_CIPHER *cipher;
    const EVP_MD *kdf_md;
    unsigned recipient_flags;
    int recipients;
    gboolean tail_inside;
    gboolean alter_signature, alter_content; /* of a signature that was right */
} Hostile;

static void
add_signer(CMS_ContentInfo *cms, const char *who, const Hostile *h)
{
    g_autofree char *cert_path = g_strdup_printf("kiosk/%s/sign.pem", who);
    g_autofree char *key_path = g_strdup_printf("kiosk/%s/sign-key.pem", who);
    X509 *cert = read_x509(cert_path);
    EVP_PKEY *key = read_key(key_path);
    assert_non_null(CMS_add1_signer(cms, cert, key, h->sign_md, h->sign_flags));
    X509_free(cert);
    EVP_PKEY_free(key);
}

static GBytes *
der_of(CMS_ContentInfo *cms)
{
    unsigned char *der = NULL;
    int length = i2d_CMS_ContentInfo(cms, &der);
    assert_true(length > 0);
    GBytes *bytes = g_bytes_new(der, (gsize)length);
    OPENSSL_free(der);
    CMS_ContentInfo_free(cms);
    return bytes;
}

static GBytes *
make_inside(const Hostile *h)
{
    if (h->unsigned_inside)
        return g_bytes_new_static("{}", 2);
    BIO *in = BIO_new_mem_buf("{\"seq\":1}", 9);
    CMS_ContentInfo *cms =
        CMS_sign(NULL, NULL, NULL, NULL, CMS_PARTIAL | CMS_BINARY | (h->sign_flags & CMS_DETACHED));
    add_signer(cms, "KSK-1", h);
    if (h->second_signer)
        add_signer(cms, "KSK-2", h);
    assert_int_equal(CMS_final(cms, in, NULL, CMS_BINARY), 1);
    BIO_free(in);
    g_autoptr(GBytes) inside = der_of(cms);
    GByteArray *bytes = g_byte_array_new();
    g_byte_array_append(bytes, g_bytes_get_data(inside, NULL), (guint)g_bytes_get_size(inside));
    if (h->tail_inside)
        g_byte_array_append(bytes, (const guint8 *)"x", 1);
    if (h->alter_signature)
        bytes->data[bytes->len - 1] ^= 1; /* the signature is the last of all */
    if (h->alter_content)
        *(guint8 *)memmem(bytes->data, bytes->len, "{\"seq\":1}", 9) ^= 1;
    return g_byte_array_free_to_bytes(bytes);
}

static GBytes *
make_hostile(const Hostile *h)
{
    g_autoptr(GBytes) inside = make_inside(h);
    BIO *in = BIO_new_mem_buf(g_bytes_get_data(inside, NULL), (int)g_bytes_get_size(inside));
    CMS_ContentInfo *cms = CMS_encrypt(NULL, NULL, h->cipher, CMS_PARTIAL | CMS_BINARY);
    X509 *recipient = read_x509("centre/record-P1.pem");
    for (int i = 0; i < h->recipients; i++) {
        CMS_RecipientInfo *ri =
            CMS_add1_recipient_cert(cms, recipient, CMS_KEY_PARAM | h->recipient_flags);
        assert_int_equal(
            EVP_PKEY_CTX_set_ecdh_kdf_md(CMS_RecipientInfo_get0_pkey_ctx(ri), h->kdf_md), 1);
    }
    assert_int_equal(CMS_final(cms, in, NULL, CMS_BINARY), 1);
    BIO_free(in);
    X509_free(recipient);
    return der_of(cms);
}

#define GOOD_SIGN (CMS_BINARY | CMS_NOCERTS | CMS_NOSMIMECAP | CMS_USE_KEYID)

static Hostile
honest(void)
{
    return (Hostile){.sign_flags = GOOD_SIGN,
                     .sign_md = EVP_sha256(),
                     .cipher = EVP_aes_256_gcm(),
                     .kdf_md = EVP_sha256(),
                     .recipient_flags = CMS_USE_KEYID,
                     .recipients = 1};
}

static void
expect(const Hostile *h, const char *message)
{
    g_autoptr(GBytes) made = make_hostile(h);
    gsize size;
    const guint8 *der = g_bytes_get_data(made, &size);
    g_autoptr(GError) error = NULL;
    g_autoptr(GBytes) plain = open_bytes(der, size, &error);
    if (!message) {
        assert_null(error);
        assert_int_equal(g_bytes_get_size(plain), 9);
        return;
    }
    assert_null(plain);
    if (!strstr(error->message, message))
        fail_msg("\"%s\" instead of \"%s\"", error->message, message);
}

static void
foreign_signed_data_is_refused(void **state)
{
    (void)state;
    Hostile h = honest();
    expect(&h, NULL); /* this maker's honest envelope opens: the refusals below mean something */
    h.sign_md = EVP_sha512();
    expect(&h, "not ECDSA with SHA-256");
    h = honest();
    h.sign_flags = GOOD_SIGN & ~CMS_USE_KEYID;
    expect(&h, "not named by key identifier");
    h = honest();
    h.sign_flags = GOOD_SIGN & ~CMS_NOCERTS;
    expect(&h, "certificates or revocation lists came along");
    h = honest();
    h.sign_flags = GOOD_SIGN | CMS_NOATTR;
    expect(&h, "other attributes");
    h = honest();
    h.sign_flags = GOOD_SIGN & ~CMS_NOSMIMECAP;
    expect(&h, "other attributes");
    h = honest();
    h.second_signer = TRUE;
    expect(&h, "not exactly one signer");
    h = honest();
    h.sign_flags = GOOD_SIGN | CMS_DETACHED;
    expect(&h, "not plain data");
    h = honest();
    h.unsigned_inside = TRUE;
    expect(&h, "not one whole object");
    h = honest();
    h.tail_inside = TRUE;
    expect(&h, "not one whole object");
    h = honest();
    h.alter_signature = TRUE;
    expect(&h, "the signature does not hold");
    h = honest();
    h.alter_content = TRUE;
    expect(&h, "the signature does not hold");
}

static void
foreign_envelopes_are_refused(void **state)
{
    (void)state;
    Hostile h = honest();
    h.cipher = EVP_aes_128_gcm();
    expect(&h, "profile");
    h = honest();
    h.cipher = EVP_aes_256_cbc(); /* EnvelopedData without a tag */
    expect(&h, "not one whole AuthEnvelopedData");
    h = honest();
    h.kdf_md = EVP_sha1();
    expect(&h, "profile");
    h = honest();
    h.recipient_flags = 0;
    expect(&h, "profile");
    h = honest();
    h.recipients = 2;
    expect(&h, "profile");
    h = honest();
    h.recipients = 0;
    expect(&h, "profile");
}

/* A signature by the wrong key under the right name. */
static void
forged_signer_is_refused(void **state)
{
    (void)state;
    g_autoptr(GError) error = NULL;
    g_autoptr(GBytes) sealed =
        dv_cms_seal("x", 1, keys->other_key, keys->other, keys->record, &error);
    assert_non_null(sealed);
    assert_null(open_bytes(g_bytes_get_data(sealed, NULL), g_bytes_get_size(sealed), NULL));
    /* OpenSSL itself refuses to sign with a key that is not the certificate's */
    g_autoptr(GBytes) mixed =
        dv_cms_seal("x", 1, keys->other_key, keys->sign, keys->record, &error);
    assert_null(mixed);
}

static void
pem_that_is_none_is_refused(void **state)
{
    (void)state;
    g_autoptr(GError) error = NULL;
    assert_null(dv_cert_from_pem("hello", 5, &error));
    assert_true(g_error_matches(error, DV_ERROR, DV_ERROR_CRYPTO));
    g_clear_error(&error);
    assert_null(dv_cert_load("/nonexistent.pem", &error));
    assert_true(g_error_matches(error, DV_ERROR, DV_ERROR_IO));
    g_clear_error(&error);
    g_autofree char *cert = dv_test_keys_path(keys, "centre/record-P1.pem");
    assert_null(dv_key_load(cert, &error));
    g_autofree char *name = dv_cert_common_name(keys->sign);
    assert_string_equal(name, "KSK-1");
    g_autofree char *print = dv_cert_fingerprint(keys->sign);
    assert_int_equal(strlen(print), 64);
    dv_key_free(NULL);
    dv_cert_free(NULL);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sha256_of_abc),
        cmocka_unit_test(hex_takes_exactly_its_length),
        cmocka_unit_test(uuids_are_valid_and_differ),
        cmocka_unit_test(p256_signature_binds_domain_and_data),
        cmocka_unit_test(ed25519_signature_binds_domain_and_data),
        cmocka_unit_test(domain_and_data_do_not_run_together),
        cmocka_unit_test(certificate_for_sealing_verifies_nothing),
        cmocka_unit_test(sealed_opens),
        cmocka_unit_test(sealed_size_depends_on_the_length_alone),
        cmocka_unit_test(every_altered_bit_is_refused),
        cmocka_unit_test(every_truncation_and_any_tail_is_refused),
        cmocka_unit_test(wrong_keys_are_named),
        cmocka_unit_test(foreign_signed_data_is_refused),
        cmocka_unit_test(foreign_envelopes_are_refused),
        cmocka_unit_test(forged_signer_is_refused),
        cmocka_unit_test(pem_that_is_none_is_refused),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
