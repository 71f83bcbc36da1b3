// SPDX-License-Identifier: Apache-2.0
#pragma once
/* Signers' keys of watchlists, for `darvaza watchlist` and `darvaza pki`. */
#include <darvaza/trust.h>

/* Makes a key: PATH (private, 0600, encrypted under the passphrase unless NULL) and its public half
 * with .pub.json in the place of .pem or -key.pem. Never over an existing file. */
gboolean dv_list_signer_new(const char *path, DvTrustRole role, const char *holder,
                            const char *passphrase, GError **error);
/* Loads a private key; an encrypted one asks for its passphrase (passphrase_file: first line of
 * it, NULL: the terminal). */
DvKey *dv_list_signer_load(const char *path, const char *passphrase_file, GError **error);
DvTrustKeyFile *dv_list_signer_public(const char *path, GError **error);

/* Any file of the given bound; whole files to and from disk. */
GBytes *dv_list_read(const char *path, gsize max, GError **error);
gboolean dv_list_write(const char *path, GBytes *bytes, GError **error);
/* Like dv_list_write, but refuses to replace a file (DV_ERROR_CONFLICT). */
gboolean dv_list_write_new(const char *path, GBytes *bytes, GError **error);
