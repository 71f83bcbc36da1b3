// SPDX-License-Identifier: Apache-2.0
#pragma once
/*
 * A development PKI: one authority, the centre's keys, the protection unit's and each kiosk's, laid
 * out so that a process can be given exactly the folder that it may read (docs/formats/pki.md).
 * Private keys stand unencrypted beside their certificates, folders 0700, files 0600. A national
 * installation brings keys of its own authority and hardware in the same layout.
 */
#include <glib.h>

/* A name that may stand in a header, a path and a certificate: 1 to 32 of A-Z a-z 0-9 -, not
 * starting with "-". */
gboolean dv_pki_kiosk_name_is_valid(const char *kiosk);

/* Makes dir with the authority, centre, protection unit, the kiosks (NULL-terminated, may be empty)
 * and the public trust folder. dir must not exist or be empty: DV_ERROR_CONFLICT. DV_ERROR_INVALID
 * for a kiosk's name, DV_ERROR_IO, DV_ERROR_CRYPTO. */
gboolean dv_pki_init(const char *dir, const char *const *kiosks, GError **error);

/* Adds one kiosk to what dv_pki_init made. DV_ERROR_CONFLICT when it is there already. */
gboolean dv_pki_add_kiosk(const char *dir, const char *kiosk, GError **error);
