// SPDX-License-Identifier: Apache-2.0
#pragma once
/*
 * One layer of a watchlist as it travels (docs/formats/list-package.md): a zstd stream, encrypted
 * in chunks under a content key that an envelope beside it carries to each enrolled kiosk. Memory
 * does not grow with the package. What the bytes must be (sizes, digests, key id) is signed in the
 * release: DvTrustPackage.
 */
#include <darvaza/crypto.h>
#include <darvaza/trust.h>
#include <glib.h>

#define DV_PACKAGE_KEY_SIZE 32
#define DV_PACKAGE_CHUNK (64u * 1024)
#define DV_PACKAGE_ENVELOPES_MAX (16u * 1024 * 1024) /* bytes of an envelopes file */
/* Largest layer that is ever made or taken. */
#define DV_PACKAGE_PLAIN_MAX (G_GINT64_CONSTANT(8) * 1024 * 1024 * 1024)

/* For a progress bar; done and total in plain bytes. Returning FALSE stops the work with
 * DV_ERROR_UNAVAILABLE. */
typedef gboolean (*DvPackageProgress)(gint64 done, gint64 total, void *data);

/* SHA-256("darvaza list content key v1" || 0x00 || key) in hexadecimal. */
void dv_package_key_id(const guint8 key[DV_PACKAGE_KEY_SIZE], char id[DV_TRUST_HEX]);

/* Writes the package of the layer at plain_path to out_path (durable, mode 0644) under a fresh key,
 * and fills sizes, digests and key id of made; from, to and add_only stay the caller's. */
gboolean dv_package_make(const char *plain_path, const char *out_path,
                         guint8 key[DV_PACKAGE_KEY_SIZE], DvTrustPackage *made,
                         DvPackageProgress progress, void *data, GError **error);

/* The whole package file against its signed size and digest, before a byte of it is decoded: OK,
 * TRUNCATED, BLOATED, BIT_FLIPPED or IO. */
DvTrustReason dv_package_check(const char *path, const DvTrustPackage *expected, GError **error);

/* dv_package_check, then decodes to out_path (mode 0640: the booth's group reads what the lists'
 * service writes; durable, put in place whole or not at all). The stream stops at the signed plain
 * size; the layer's size and digest are compared. Reasons: those of dv_package_check, WRONG_KEY,
 * MALFORMED, UNDECODABLE, TRUNCATED, BLOATED, BIT_FLIPPED, NO_SPACE, IO. */
DvTrustReason dv_package_open(const char *path, const DvTrustPackage *expected,
                              const guint8 key[DV_PACKAGE_KEY_SIZE], const char *out_path,
                              DvPackageProgress progress, void *data, GError **error);

/* ---- The envelopes file beside a package: which kiosk can open it. It is not signed: the release
 * binds the content key by its id, so kiosks can be added later. */
typedef struct DvPackageEnvelopes DvPackageEnvelopes;
DvPackageEnvelopes *dv_package_envelopes_new(const char *package_sha256,
                                             const char *content_key_id);
/* DV_ERROR_INVALID. */
DvPackageEnvelopes *dv_package_envelopes_read(GBytes *file, GError **error);
GBytes *dv_package_envelopes_make(const DvPackageEnvelopes *envelopes, GError **error);
void dv_package_envelopes_free(DvPackageEnvelopes *envelopes);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DvPackageEnvelopes, dv_package_envelopes_free)
/* Seals the key to the certificate (P-256, key agreement) under the certificate's common name,
 * replacing an envelope of that name. The key must have the id of the envelopes. */
gboolean dv_package_envelopes_add(DvPackageEnvelopes *envelopes,
                                  const guint8 key[DV_PACKAGE_KEY_SIZE], const DvCert *recipient,
                                  GError **error);
gboolean dv_package_envelopes_has(const DvPackageEnvelopes *envelopes, const char *recipient);
/* The names, sorted, NULL-terminated; free the array with g_free, not its elements. */
const char **dv_package_envelopes_names(const DvPackageEnvelopes *envelopes);
/* Opens the recipient's own envelope and compares the key with content_key_id (of the signed
 * release). OK, NOT_FOR_US or WRONG_KEY. */
DvTrustReason dv_package_envelopes_open(const DvPackageEnvelopes *envelopes,
                                        const char *content_key_id, const DvKey *key,
                                        const DvCert *cert, guint8 content_key[DV_PACKAGE_KEY_SIZE],
                                        GError **error);
