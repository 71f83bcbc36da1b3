// SPDX-License-Identifier: Apache-2.0
#pragma once
/* The bundle's payload: docs/formats/accounts.md. */
#include <darvaza/accounts.h>
#include <darvaza/json.h>

#define ACCOUNTS_KIND "accounts" /* signed under the domain "darvaza accounts v1" */
#define ACCOUNTS_KIOSK_MAX 32
#define ACCOUNTS_CHECKPOINT_MAX 32
#define ACCOUNTS_WHAT "accounts bundle" /* how messages begin */

typedef struct {
    char kiosk[ACCOUNTS_KIOSK_MAX + 1];
    char *checkpoint;
    gint64 issued_us, expires_us;
    GHashTable *accounts; /* user -> DvAccount */
    char *version;        /* SHA-256 of the signed bytes, hex */
} Bundle;
void bundle_free(Bundle *bundle);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Bundle, bundle_free)

/* Verifies the signature first, then every rule of the format. */
Bundle *bundle_parse(const void *data, gsize length, const DvCert *opener_cert, GError **error);
/* What follows the signature; without a version. */
Bundle *bundle_from_payload(const json_t *payload, GError **error);
/* The rules that both sides hold an account to. place: from 1, for the message. */
gboolean bundle_check_account(const DvAccount *account, gsize place, GError **error);
