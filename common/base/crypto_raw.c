// SPDX-License-Identifier: Apache-2.0
/* Ed25519 keys without certificates: made, kept, and looked at by their raw public half. */
#include "crypto_private.h"
#include <darvaza/error.h>
#include <darvaza/file.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <string.h>
#include <unistd.h>

#define PEM_MAX (16u * 1024)
#define PASSPHRASE_MAX 1024

DvKey *
dv_key_new_ed25519(GError **error)
{
    EVP_PKEY *pkey = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
    if (!pkey) {
        dv_crypto_fail(error, "making an Ed25519 key");
        return NULL;
    }
    DvKey *key = g_new0(DvKey, 1);
    key->pkey = pkey;
    return key;
}

gboolean
dv_key_public(const DvKey *key, guint8 out[DV_ED25519_PUBLIC_SIZE], GError **error)
{
    gsize size = DV_ED25519_PUBLIC_SIZE;
    if (!EVP_PKEY_is_a(key->pkey, "ED25519") ||
        EVP_PKEY_get_raw_public_key(key->pkey, out, &size) != 1 || size != DV_ED25519_PUBLIC_SIZE)
        return dv_crypto_fail(error, "the key is not an Ed25519 key");
    return TRUE;
}

static gboolean
write_new(const char *path, const char *text, gsize length, GError **error)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0 && errno == EEXIST) {
        g_set_error(error, DV_ERROR, DV_ERROR_CONFLICT,
                    "%s exists already; a key is never overwritten", path);
        return FALSE;
    }
    gboolean good = fd >= 0 && write(fd, text, length) == (gssize)length && fsync(fd) == 0;
    if (!good)
        dv_error_set_errno(error, errno, "cannot write the key %s", path);
    if (fd >= 0)
        close(fd);
    return good;
}

gboolean
dv_key_save_new(const DvKey *key, const char *pem_path, const char *passphrase, GError **error)
{
    gboolean plain = !passphrase || !*passphrase;
    g_autoptr(BIO) bio = BIO_new(BIO_s_mem());
    gsize size = plain ? 0 : strlen(passphrase);
    char *text = NULL;
    if (size > PASSPHRASE_MAX)
        return dv_crypto_fail(error, "the passphrase is too long");
    int good = PEM_write_bio_PKCS8PrivateKey(bio, key->pkey, plain ? NULL : EVP_aes_256_cbc(),
                                             plain ? NULL : passphrase, (int)size, NULL, NULL);
    long length = BIO_get_mem_data(bio, &text);
    if (good != 1 || length <= 0)
        return dv_crypto_fail(error, "encoding the key for %s", pem_path);
    gboolean written = write_new(pem_path, text, (gsize)length, error);
    OPENSSL_cleanse(text, (gsize)length);
    return written;
}

static int
give_passphrase(char *buffer, int size, int writing, void *data)
{
    (void)writing;
    const char *passphrase = data;
    gsize length = passphrase ? strlen(passphrase) : 0;
    if (length == 0 || length > (gsize)size)
        return -1;
    for (gsize i = 0; i < length; i++)
        buffer[i] = passphrase[i];
    return (int)length;
}

static GBytes *
read_pem(const char *path, GError **error)
{
    return dv_file_read(path, PEM_MAX, error);
}

DvKey *
dv_key_load_protected(const char *pem_path, const char *passphrase, GError **error)
{
    g_autoptr(GBytes) file = read_pem(pem_path, error);
    if (!file)
        return NULL;
    g_autoptr(BIO) bio = BIO_new_mem_buf(g_bytes_get_data(file, NULL), (int)g_bytes_get_size(file));
    EVP_PKEY *pkey =
        bio ? PEM_read_bio_PrivateKey(bio, NULL, give_passphrase, (void *)passphrase) : NULL;
    if (!pkey) {
        ERR_clear_error();
        dv_crypto_fail(error, "%s holds no private key in PEM, or the passphrase is another one",
                       pem_path);
        return NULL;
    }
    if (!EVP_PKEY_is_a(pkey, "ED25519")) {
        EVP_PKEY_free(pkey);
        dv_crypto_fail(error, "the private key in %s is not an Ed25519 key", pem_path);
        return NULL;
    }
    DvKey *key = g_new0(DvKey, 1);
    key->pkey = pkey;
    return key;
}

gboolean
dv_key_is_protected(const char *pem_path)
{
    g_autoptr(GBytes) file = read_pem(pem_path, NULL);
    gsize length = 0;
    const char *text = file ? g_bytes_get_data(file, &length) : NULL;
    return text && g_strstr_len(text, (gssize)length, "BEGIN ENCRYPTED PRIVATE KEY") != NULL;
}

gboolean
dv_verify_raw(const guint8 public_key[DV_ED25519_PUBLIC_SIZE], const char *domain, const void *data,
              gsize length, const guint8 signature[DV_ED25519_SIG_SIZE])
{
    if (length >= G_MAXUINT / 2)
        return FALSE;
    g_autoptr(GByteArray) text = dv_crypto_message(domain, data, length);
    g_autoptr(EVP_MD_CTX) ctx = EVP_MD_CTX_new();
    g_autoptr(EVP_PKEY) pkey =
        EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, public_key, DV_ED25519_PUBLIC_SIZE);
    gboolean holds =
        pkey && EVP_DigestVerifyInit(ctx, NULL, NULL, NULL, pkey) == 1 &&
        EVP_DigestVerify(ctx, signature, DV_ED25519_SIG_SIZE, text->data, text->len) == 1;
    ERR_clear_error();
    return holds;
}
