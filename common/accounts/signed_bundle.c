// SPDX-License-Identifier: Apache-2.0
/* The bundle as it travels: made and signed by the opener, verified by the booth. */
#include "bundle.h"

#include <darvaza/clock.h>
#include <darvaza/error.h>
#include <darvaza/receipt.h>

#include <string.h>

static json_t *
time_or_null(gint64 time_us)
{
    if (time_us == 0)
        return json_null();
    g_autofree char *text = dv_time_format(time_us);
    return json_string(text);
}

static json_t *
account_json(const DvAccount *account)
{
    return json_pack("{s:s, s:s, s:s, s:s, s:o, s:o}", "user", account->user, "display",
                     account->display, "role", account->role, "password", account->password,
                     "valid_from", time_or_null(account->valid_from_us), "valid_until",
                     time_or_null(account->valid_until_us));
}

static json_t *
accounts_json(const DvAccountsIssue *issue, GError **error)
{
    g_autoptr(GHashTable) users = g_hash_table_new(g_str_hash, g_str_equal);
    g_autoptr(json_t) array = json_array();

    for (gsize i = 0; i < issue->count; i++) {
        if (!bundle_check_account(&issue->accounts[i], i + 1, error))
            return NULL;
        if (!g_hash_table_add(users, issue->accounts[i].user)) {
            g_set_error(error, DV_ERROR, DV_ERROR_INVALID,
                        ACCOUNTS_WHAT ": account %" G_GSIZE_FORMAT ": the user stands twice",
                        i + 1);
            return NULL;
        }
        json_array_append_new(array, account_json(&issue->accounts[i]));
    }
    return g_steal_pointer(&array);
}

GBytes *
dv_accounts_make(const DvAccountsIssue *issue, const DvKey *opener_key, GError **error)
{
    g_autofree char *issued = dv_time_format(issue->issued_us);
    g_autofree char *expires = dv_time_format(issue->expires_us);

    if (issue->count > DV_ACCOUNTS_MAX || strlen(issue->kiosk) > ACCOUNTS_KIOSK_MAX ||
        strlen(issue->checkpoint) > ACCOUNTS_CHECKPOINT_MAX ||
        issue->expires_us <= issue->issued_us) {
        g_set_error(error, DV_ERROR, DV_ERROR_INVALID,
                    ACCOUNTS_WHAT
                    ": more than %d accounts, a kiosk or checkpoint that is too long, or an "
                    "end before the beginning",
                    DV_ACCOUNTS_MAX);
        return NULL;
    }
    g_autoptr(json_t) array = accounts_json(issue, error);
    if (array == NULL)
        return NULL;
    g_autoptr(json_t) payload =
        json_pack("{s:s, s:s, s:s, s:s, s:O}", "kiosk", issue->kiosk, "checkpoint",
                  issue->checkpoint, "issued_at", issued, "expires_at", expires, "accounts", array);
    return dv_signed_json_make(ACCOUNTS_KIND, payload, opener_key, error);
}

Bundle *
bundle_parse(const void *data, gsize length, const DvCert *opener_cert, GError **error)
{
    guint8 hash[DV_SHA256_SIZE];
    g_autoptr(json_t) payload = dv_signed_json_verify(ACCOUNTS_KIND, data, length,
                                                      DV_ACCOUNTS_BUNDLE_MAX, opener_cert, error);
    Bundle *bundle = payload != NULL ? bundle_from_payload(payload, error) : NULL;

    if (bundle == NULL)
        return NULL;
    dv_sha256(data, length, hash);
    bundle->version = dv_hex(hash, sizeof hash);
    return bundle;
}
