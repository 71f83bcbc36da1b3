// SPDX-License-Identifier: Apache-2.0
/* The layout of the development PKI: which certificate stands where, and which are public. */
#include "issue.h"
#include <darvaza/error.h>
#include <darvaza/pki.h>
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <string.h>
#include <unistd.h>

#define KIOSK_NAME_MAX 32
#define CENTRE "centre"
#define LEAF "critical,CA:FALSE"
#define SIGNS "critical,digitalSignature"
#define AGREES "critical,keyAgreement"
#define CLIENT "clientAuth"

/* One certificate: its file (a %s is the kiosk) and, for public ones, its copy under trust/. */
typedef struct {
    const char *path;
    const char *trust;
    DvPkiProfile profile;
} Entry;

static const DvPkiProfile authority = {DV_PKI_P256,
                                       "Darvaza development CA",
                                       "ca",
                                       "critical,CA:TRUE,pathlen:0",
                                       "critical,keyCertSign,cRLSign",
                                       NULL,
                                       NULL,
                                       3650};

static const Entry central[] = {
    {"centre/server",
     NULL,
     {DV_PKI_P256, "Darvaza development centre", "server", LEAF, SIGNS, "serverAuth",
      "DNS:localhost,IP:127.0.0.1,IP:::1", 825}},
    {"centre/record-P1",
     "trust/record-P1",
     {DV_PKI_P256, "Darvaza development records P1", "record", LEAF, AGREES, NULL, NULL, 825}},
    {"centre/opener",
     "trust/opener",
     {DV_PKI_P256, "Darvaza development opener", "opener", LEAF, SIGNS, NULL, NULL, 825}},
    {"centre/receipt",
     "trust/receipt",
     {DV_PKI_ED25519, "Darvaza development receipts", "receipt", LEAF, SIGNS, NULL, NULL, 825}},
    {"centre/lists",
     "trust/lists-centre",
     {DV_PKI_P256, CENTRE, "lists", LEAF, AGREES, NULL, NULL, 825}},
    {"protection/protection",
     "trust/protection",
     {DV_PKI_P256, "Darvaza development protection unit", "protection", LEAF, AGREES, NULL, NULL,
      825}},
    {"protection/opener",
     NULL,
     {DV_PKI_P256, "Darvaza development protection opener", "protection-opener", LEAF, SIGNS, NULL,
      NULL, 825}},
};

/* The common name is the kiosk's own. sign and answers belong to the booth, tls to the uplink,
 * lists to what installs watchlists. */
static const Entry per_kiosk[] = {
    {"kiosk/%s/sign",
     "trust/kiosks/%s/sign",
     {DV_PKI_P256, NULL, "sign", LEAF, SIGNS, NULL, NULL, 825}},
    {"kiosk/%s/tls", NULL, {DV_PKI_P256, NULL, "tls", LEAF, SIGNS, CLIENT, NULL, 825}},
    {"kiosk/%s/answers",
     "trust/kiosks/%s/answers",
     {DV_PKI_P256, NULL, "answers", LEAF, AGREES, NULL, NULL, 825}},
    {"kiosk/%s/lists",
     "trust/kiosks/%s/lists",
     {DV_PKI_P256, NULL, "lists", LEAF, AGREES, NULL, NULL, 825}},
};

typedef struct {
    const char *dir;
    X509 *cert;
    EVP_PKEY *key;
} Authority;

gboolean
dv_pki_kiosk_name_is_valid(const char *kiosk)
{
    gsize length = kiosk ? strlen(kiosk) : 0;
    if (length < 1 || length > KIOSK_NAME_MAX || kiosk[0] == '-')
        return FALSE;
    for (gsize i = 0; i < length; i++)
        if (!g_ascii_isalnum(kiosk[i]) && kiosk[i] != '-')
            return FALSE;
    return TRUE;
}

static gboolean
io_error(GError **error, const char *path)
{
    int code = errno;
    g_set_error(error, DV_ERROR, code == EEXIST ? DV_ERROR_CONFLICT : DV_ERROR_IO,
                "laying the PKI: %s: %s", path, g_strerror(code));
    return FALSE;
}

/* Never over an existing file: a key that is in use cannot be replaced by mistake. */
static gboolean
write_new(const char *path, const char *text, gsize length, GError **error)
{
    int fd = g_open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return io_error(error, path);
    gsize done = 0;
    while (done < length) {
        gssize count = write(fd, text + done, length - done);
        if (count < 0 && errno != EINTR)
            break;
        done += count > 0 ? (gsize)count : 0;
    }
    gboolean good = done == length && fsync(fd) == 0;
    if (!good)
        io_error(error, path);
    close(fd);
    return good;
}

/* PEM of the key, or, where key is NULL, of the certificate. */
static gboolean
write_pem(const char *path, EVP_PKEY *key, X509 *cert, GError **error)
{
    g_autoptr(BIO) bio = BIO_new(BIO_s_mem());
    int good = key ? PEM_write_bio_PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL)
                   : PEM_write_bio_X509(bio, cert);
    char *text = NULL;
    long length = BIO_get_mem_data(bio, &text);
    if (good != 1 || length <= 0) {
        ERR_clear_error();
        g_set_error(error, DV_ERROR, DV_ERROR_CRYPTO, "writing %s: OpenSSL could not encode it",
                    path);
        return FALSE;
    }
    gboolean written = write_new(path, text, (gsize)length, error);
    OPENSSL_cleanse(text, (gsize)length);
    return written;
}

static gboolean
make_parent(const char *path, GError **error)
{
    g_autofree char *folder = g_path_get_dirname(path);
    return g_mkdir_with_parents(folder, 0700) == 0 || io_error(error, folder);
}

/* dir/<base><suffix>, with the kiosk's name in the place of %s. */
static char *
entry_path(const char *dir, const char *base, const char *kiosk, const char *suffix)
{
    g_auto(GStrv) parts = g_strsplit(base, "%s", 2);
    g_autofree char *name = g_strjoinv(kiosk ? kiosk : "", parts);
    return g_strconcat(dir, "/", name, suffix, NULL);
}

static gboolean
lay_public(const char *path, X509 *cert, GError **error)
{
    return make_parent(path, error) && write_pem(path, NULL, cert, error);
}

static gboolean
lay_entry(const Authority *ca, const Entry *entry, const char *kiosk, GError **error)
{
    DvPkiProfile profile = entry->profile;
    if (kiosk)
        profile.common_name = kiosk;
    g_autoptr(EVP_PKEY) key = NULL;
    g_autoptr(X509) cert = NULL;
    g_autofree char *path = entry_path(ca->dir, entry->path, kiosk, ".pem");
    g_autofree char *key_path = entry_path(ca->dir, entry->path, kiosk, "-key.pem");
    if (!dv_pki_issue(&profile, ca->cert, ca->key, &key, &cert, error) ||
        !lay_public(path, cert, error) || !write_pem(key_path, key, NULL, error))
        return FALSE;
    if (!entry->trust)
        return TRUE;
    g_autofree char *trust = entry_path(ca->dir, entry->trust, kiosk, ".pem");
    return lay_public(trust, cert, error);
}

static gboolean
lay_kiosk(const Authority *ca, const char *kiosk, GError **error)
{
    for (gsize i = 0; i < G_N_ELEMENTS(per_kiosk); i++)
        if (!lay_entry(ca, &per_kiosk[i], kiosk, error))
            return FALSE;
    return TRUE;
}

static gboolean
check_name(const char *kiosk, GError **error)
{
    if (dv_pki_kiosk_name_is_valid(kiosk) && g_ascii_strcasecmp(kiosk, CENTRE) != 0)
        return TRUE;
    if (dv_pki_kiosk_name_is_valid(kiosk))
        g_set_error(error, DV_ERROR, DV_ERROR_INVALID,
                    "\"%s\" cannot name a kiosk: lists are sealed to the centre under that name",
                    kiosk);
    else
        g_set_error(error, DV_ERROR, DV_ERROR_INVALID,
                    "\"%s\" cannot name a kiosk: 1 to %d letters, digits or \"-\", not \"-\" first",
                    kiosk, KIOSK_NAME_MAX);
    return FALSE;
}

static gboolean
make_empty_dir(const char *dir, GError **error)
{
    if (g_mkdir_with_parents(dir, 0700) != 0)
        return io_error(error, dir);
    g_autoptr(GDir) listing = g_dir_open(dir, 0, NULL);
    if (listing && !g_dir_read_name(listing))
        return g_chmod(dir, 0700) == 0 || io_error(error, dir);
    g_set_error(error, DV_ERROR, DV_ERROR_CONFLICT,
                "laying the PKI: %s is not an empty folder; nothing was changed", dir);
    return FALSE;
}

gboolean
dv_pki_init(const char *dir, const char *const *kiosks, GError **error)
{
    for (const char *const *kiosk = kiosks; kiosk && *kiosk; kiosk++)
        if (!check_name(*kiosk, error))
            return FALSE;
    g_autoptr(EVP_PKEY) key = NULL;
    g_autoptr(X509) cert = NULL;
    g_autofree char *cert_path = g_strconcat(dir, "/ca/ca.pem", NULL);
    g_autofree char *key_path = g_strconcat(dir, "/ca/ca-key.pem", NULL);
    g_autofree char *trust_path = g_strconcat(dir, "/trust/ca.pem", NULL);
    if (!make_empty_dir(dir, error) || !dv_pki_issue(&authority, NULL, NULL, &key, &cert, error) ||
        !lay_public(cert_path, cert, error) || !write_pem(key_path, key, NULL, error) ||
        !lay_public(trust_path, cert, error))
        return FALSE;
    const Authority ca = {dir, cert, key};
    for (gsize i = 0; i < G_N_ELEMENTS(central); i++)
        if (!lay_entry(&ca, &central[i], NULL, error))
            return FALSE;
    for (const char *const *kiosk = kiosks; kiosk && *kiosk; kiosk++)
        if (!lay_kiosk(&ca, *kiosk, error))
            return FALSE;
    return TRUE;
}

static gboolean
load_authority(const char *dir, X509 **cert, EVP_PKEY **key, GError **error)
{
    g_autofree char *cert_path = g_strconcat(dir, "/ca/ca.pem", NULL);
    g_autofree char *key_path = g_strconcat(dir, "/ca/ca-key.pem", NULL);
    g_autoptr(BIO) cert_bio = BIO_new_file(cert_path, "rb");
    g_autoptr(BIO) key_bio = BIO_new_file(key_path, "rb");
    *cert = cert_bio ? PEM_read_bio_X509(cert_bio, NULL, NULL, NULL) : NULL;
    *key = key_bio ? PEM_read_bio_PrivateKey(key_bio, NULL, NULL, NULL) : NULL;
    ERR_clear_error();
    if (*cert && *key)
        return TRUE;
    g_set_error(error, DV_ERROR, DV_ERROR_IO,
                "%s holds no readable certificate authority (ca/ca.pem and ca/ca-key.pem)", dir);
    return FALSE;
}

gboolean
dv_pki_add_kiosk(const char *dir, const char *kiosk, GError **error)
{
    g_autoptr(EVP_PKEY) key = NULL;
    g_autoptr(X509) cert = NULL;
    if (!check_name(kiosk, error) || !load_authority(dir, &cert, &key, error))
        return FALSE;
    g_autofree char *folder = g_strconcat(dir, "/kiosk/", kiosk, NULL);
    if (g_file_test(folder, G_FILE_TEST_EXISTS)) {
        g_set_error(error, DV_ERROR, DV_ERROR_CONFLICT,
                    "the kiosk %s has its keys already in %s; nothing was changed", kiosk, folder);
        return FALSE;
    }
    const Authority ca = {dir, cert, key};
    return lay_kiosk(&ca, kiosk, error);
}
