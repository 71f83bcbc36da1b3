// SPDX-License-Identifier: Apache-2.0
/* Packages and layers as files. */
#include "private.h"
#include <darvaza/error.h>
#include <darvaza/file.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LEVEL 3 /* of zstd: a higher one takes several times as long for a few per cent */

G_DEFINE_AUTOPTR_CLEANUP_FUNC(EVP_MD_CTX, EVP_MD_CTX_free)

/* An open file whose bytes are digested as they pass. */
typedef struct {
    const char *path;
    int fd;
    gint64 size; /* bytes that passed */
    EVP_MD_CTX *digest;
    DvPackageProgress progress;
    void *progress_data;
    gint64 total;
} Pipe;

static gboolean
pipe_open(Pipe *pipe, const char *path, int flags, mode_t mode, GError **error)
{
    pipe->path = path;
    pipe->fd = open(path, flags | O_CLOEXEC, mode);
    pipe->digest = EVP_MD_CTX_new();
    EVP_DigestInit_ex(pipe->digest, EVP_sha256(), NULL);
    if (pipe->fd >= 0)
        return TRUE;
    dv_error_set_errno(error, errno, "cannot open %s", path);
    return FALSE;
}

static void
pipe_clear(Pipe *pipe)
{
    if (pipe->digest && pipe->fd >= 0)
        close(pipe->fd);
    g_clear_pointer(&pipe->digest, EVP_MD_CTX_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Pipe, pipe_clear)

static void
pipe_digest(const Pipe *pipe, char out[DV_TRUST_HEX])
{
    guint8 digest[DV_SHA256_SIZE];
    g_autoptr(EVP_MD_CTX) copy = EVP_MD_CTX_new();
    if (EVP_MD_CTX_copy_ex(copy, pipe->digest) != 1 || EVP_DigestFinal_ex(copy, digest, NULL) != 1)
        g_error("SHA-256 is not available in this OpenSSL");
    g_autofree char *hex = dv_hex(digest, sizeof digest);
    g_strlcpy(out, hex, DV_TRUST_HEX);
}

static gboolean
pipe_passed(Pipe *pipe, const guint8 *bytes, gsize length, GError **error)
{
    EVP_DigestUpdate(pipe->digest, bytes, length);
    pipe->size += (gint64)length;
    if (!pipe->progress || pipe->progress(pipe->size, pipe->total, pipe->progress_data))
        return TRUE;
    g_set_error_literal(error, DV_ERROR, DV_ERROR_UNAVAILABLE, "the work was stopped");
    return FALSE;
}

static gssize
pipe_read(void *data, guint8 *buffer, gsize length, GError **error)
{
    Pipe *pipe = data;
    gssize count;
    do
        count = read(pipe->fd, buffer, length);
    while (count < 0 && errno == EINTR);
    if (count < 0) {
        dv_error_set_errno(error, errno, "cannot read %s", pipe->path);
        return -1;
    }
    return pipe_passed(pipe, buffer, (gsize)count, error) ? count : -1;
}

static gboolean
pipe_write(void *data, const guint8 *bytes, gsize length, GError **error)
{
    Pipe *pipe = data;
    gsize done = 0;
    while (done < length) {
        gssize count = write(pipe->fd, bytes + done, length - done);
        if (count < 0 && errno != EINTR) {
            dv_error_set_errno(error, errno, "cannot write %s", pipe->path);
            return FALSE;
        }
        done += count > 0 ? (gsize)count : 0;
    }
    return pipe_passed(pipe, bytes, length, error);
}

/* ---- making */

static gboolean
measure(const char *path, gint64 *size, GError **error)
{
    struct stat info;
    if (stat(path, &info) != 0) {
        dv_error_set_errno(error, errno, "cannot read %s", path);
        return FALSE;
    }
    if (info.st_size < 1 || info.st_size > DV_PACKAGE_PLAIN_MAX) {
        g_set_error(error, DV_ERROR, DV_ERROR_INVALID,
                    "%s cannot become a package: it is empty or larger than 8 GiB", path);
        return FALSE;
    }
    *size = info.st_size;
    return TRUE;
}

static void
new_header(const guint8 key[DV_PACKAGE_KEY_SIZE], gint64 plain_size, PackageHeader *header,
           char key_id[DV_TRUST_HEX])
{
    header->plain_size = plain_size;
    dv_package_key_id(key, key_id);
    dv_hex_parse(key_id, header->key_id, sizeof header->key_id);
    dv_random(header->nonce_prefix, sizeof header->nonce_prefix);
    package_header_write(header);
}

gboolean
dv_package_make(const char *plain_path, const char *out_path, guint8 key[DV_PACKAGE_KEY_SIZE],
                DvTrustPackage *made, DvPackageProgress progress, void *data, GError **error)
{
    PackageHeader header;
    gint64 size;
    if (!measure(plain_path, &size, error))
        return FALSE;
    g_autofree char *temporary = g_strconcat(out_path, ".part", NULL);
    g_auto(Pipe) in = {.fd = -1, .progress = progress, .progress_data = data, .total = size};
    g_auto(Pipe) out = {.fd = -1};
    dv_random(key, DV_PACKAGE_KEY_SIZE);
    new_header(key, size, &header, made->content_key_id);
    if (!pipe_open(&in, plain_path, O_RDONLY, 0, error) ||
        !pipe_open(&out, temporary, O_WRONLY | O_CREAT | O_TRUNC, 0600, error))
        return FALSE;
    if (!package_encode(&header, key, LEVEL, pipe_read, &in, pipe_write, &out, error)) {
        unlink(temporary);
        return FALSE;
    }
    made->size = out.size;
    made->plain_size = size;
    pipe_digest(&out, made->sha256);
    pipe_digest(&in, made->plain_sha256);
    return dv_file_put(temporary, out_path, 0644, error);
}

/* ---- opening */

static DvTrustReason
failed(GError **error, GError *cause)
{
    DvTrustReason reason = package_reason_of(cause);
    g_propagate_error(error, cause);
    return reason;
}

DvTrustReason
dv_package_check(const char *path, const DvTrustPackage *expected, GError **error)
{
    GError *local = NULL;
    g_auto(Pipe) in = {.fd = -1};
    struct stat info;
    char digest[DV_TRUST_HEX];
    gssize count = 1;
    if (!pipe_open(&in, path, O_RDONLY, 0, &local))
        return failed(error, local);
    if (fstat(in.fd, &info) == 0 && info.st_size != expected->size)
        return package_refuse(error, info.st_size < expected->size ? DV_TRUST_TRUNCATED
                                                                   : DV_TRUST_BLOATED);
    g_autofree guint8 *buffer = g_malloc(DV_PACKAGE_CHUNK);
    while (count > 0)
        count = pipe_read(&in, buffer, DV_PACKAGE_CHUNK, &local);
    if (count < 0)
        return failed(error, local);
    pipe_digest(&in, digest);
    return in.size == expected->size && strcmp(digest, expected->sha256) == 0
               ? DV_TRUST_OK
               : package_refuse(error, DV_TRUST_BIT_FLIPPED);
}

static DvTrustReason
decode_to(const char *path, const DvTrustPackage *expected, const guint8 key[DV_PACKAGE_KEY_SIZE],
          const char *temporary, DvPackageProgress progress, void *data, GError **error)
{
    GError *local = NULL;
    char digest[DV_TRUST_HEX];
    g_auto(Pipe) in = {.fd = -1};
    g_auto(Pipe) out = {
        .fd = -1, .progress = progress, .progress_data = data, .total = expected->plain_size};
    if (!pipe_open(&in, path, O_RDONLY, 0, &local) ||
        !pipe_open(&out, temporary, O_WRONLY | O_CREAT | O_TRUNC, 0600, &local))
        return failed(error, local);
    DvTrustReason reason =
        package_decode(key, expected->plain_size, pipe_read, &in, pipe_write, &out, error);
    if (reason != DV_TRUST_OK)
        return reason;
    pipe_digest(&out, digest);
    return strcmp(digest, expected->plain_sha256) == 0
               ? DV_TRUST_OK
               : package_refuse(error, DV_TRUST_BIT_FLIPPED);
}

DvTrustReason
dv_package_open(const char *path, const DvTrustPackage *expected,
                const guint8 key[DV_PACKAGE_KEY_SIZE], const char *out_path,
                DvPackageProgress progress, void *data, GError **error)
{
    GError *local = NULL;
    char id[DV_TRUST_HEX];
    dv_package_key_id(key, id);
    if (strcmp(id, expected->content_key_id) != 0)
        return package_refuse(error, DV_TRUST_WRONG_KEY);
    DvTrustReason reason = dv_package_check(path, expected, error);
    if (reason != DV_TRUST_OK)
        return reason;
    g_autofree char *temporary = g_strconcat(out_path, ".part", NULL);
    reason = decode_to(path, expected, key, temporary, progress, data, error);
    if (reason != DV_TRUST_OK) {
        unlink(temporary);
        return reason;
    }
    return dv_file_put(temporary, out_path, 0640, &local) ? DV_TRUST_OK : failed(error, local);
}
