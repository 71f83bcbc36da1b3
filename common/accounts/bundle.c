// SPDX-License-Identifier: Apache-2.0
#include "bundle.h"

#include <darvaza/clock.h>
#include <darvaza/error.h>
#include <darvaza/receipt.h>

#include <string.h>

#define USER_MAX 32
#define DISPLAY_MAX 128
#define HASH_MAX 256
#define WHAT "accounts bundle"

static void
account_free(gpointer data)
{
    DvAccount *account = data;

    g_free(account->user);
    g_free(account->display);
    g_free(account->role);
    g_free(account->argon2id);
    g_free(account);
}

void
bundle_free(Bundle *bundle)
{
    if (bundle == NULL)
        return;
    g_hash_table_unref(bundle->accounts);
    g_free(bundle->version);
    g_free(bundle);
}

static gboolean
is_user(const char *user)
{
    gsize length = strnlen(user, USER_MAX + 1);

    return length >= 1 && length <= USER_MAX &&
           strspn(user, "abcdefghijklmnopqrstuvwxyz0123456789._-") == length;
}

static gboolean
is_role(const char *role)
{
    return g_str_equal(role, "officer") || g_str_equal(role, "second_line");
}

gboolean
bundle_check_account(const DvAccount *account, gsize place, GError **error)
{
    const char *wrong = NULL;

    if (account->user == NULL || !is_user(account->user))
        wrong = "the user is not 1 to 32 of a-z 0-9 . _ -";
    else if (account->display == NULL || *account->display == '\0' ||
             strlen(account->display) > DISPLAY_MAX || !g_utf8_validate(account->display, -1, NULL))
        wrong = "the display name is empty, too long or no UTF-8";
    else if (account->role == NULL || !is_role(account->role))
        wrong = "the role is none that works at a booth";
    else if (account->argon2id == NULL || !g_str_has_prefix(account->argon2id, "$argon2id$") ||
             strlen(account->argon2id) > HASH_MAX)
        wrong = "the password hash is not argon2id";
    if (wrong == NULL)
        return TRUE;
    g_set_error(error, DV_ERROR, DV_ERROR_INVALID, WHAT ": account %" G_GSIZE_FORMAT ": %s", place,
                wrong);
    return FALSE;
}

/* ---- making */

static json_t *
account_json(const DvAccount *account)
{
    g_autofree char *until = dv_time_format(account->valid_until_us);

    return json_pack("{s:s, s:s, s:s, s:s, s:s}", "user", account->user, "display",
                     account->display, "role", account->role, "argon2id", account->argon2id,
                     "valid_until", until);
}

GBytes *
dv_accounts_make(const char *kiosk, gint64 issued_us, gint64 valid_until_us,
                 const DvAccount *accounts, gsize count, const DvKey *opener_key, GError **error)
{
    g_autofree char *issued = dv_time_format(issued_us);
    g_autofree char *until = dv_time_format(valid_until_us);
    g_autoptr(GHashTable) users = g_hash_table_new(g_str_hash, g_str_equal);
    g_autoptr(json_t) array = json_array();

    if (count > DV_ACCOUNTS_MAX || strlen(kiosk) > ACCOUNTS_KIOSK_MAX ||
        valid_until_us <= issued_us) {
        g_set_error(error, DV_ERROR, DV_ERROR_INVALID,
                    WHAT ": more than %d accounts, a kiosk id over %d bytes, or an end before the "
                         "beginning",
                    DV_ACCOUNTS_MAX, ACCOUNTS_KIOSK_MAX);
        return NULL;
    }
    for (gsize i = 0; i < count; i++) {
        if (!bundle_check_account(&accounts[i], i + 1, error))
            return NULL;
        if (!g_hash_table_add(users, accounts[i].user)) {
            g_set_error(error, DV_ERROR, DV_ERROR_INVALID,
                        WHAT ": account %" G_GSIZE_FORMAT ": the user stands twice", i + 1);
            return NULL;
        }
        json_array_append_new(array, account_json(&accounts[i]));
    }
    g_autoptr(json_t) payload = json_pack("{s:s, s:s, s:s, s:O}", "kiosk", kiosk, "issued_at",
                                          issued, "valid_until", until, "accounts", array);
    return dv_signed_json_make(ACCOUNTS_KIND, payload, opener_key, error);
}

/* ---- reading */

static gboolean
take_time(const json_t *object, const char *key, gint64 *us, GError **error)
{
    const char *text = dv_json_string(object, key, 32, WHAT, error);

    return text != NULL && dv_time_parse(text, us, error);
}

static gboolean
take_account(Bundle *bundle, const json_t *object, gsize place, GError **error)
{
    static const char *const members[] = {"user",     "display",     "role",
                                          "argon2id", "valid_until", NULL};
    DvAccount *account = g_new0(DvAccount, 1);

    account->user = g_strdup(dv_json_string_or_null(object, "user"));
    account->display = g_strdup(dv_json_string_or_null(object, "display"));
    account->role = g_strdup(dv_json_string_or_null(object, "role"));
    account->argon2id = g_strdup(dv_json_string_or_null(object, "argon2id"));
    if (!dv_json_only(object, members, WHAT, error) ||
        !bundle_check_account(account, place, error) ||
        !take_time(object, "valid_until", &account->valid_until_us, error)) {
        account_free(account);
        return FALSE;
    }
    if (!g_hash_table_insert(bundle->accounts, account->user, account)) {
        g_set_error(error, DV_ERROR, DV_ERROR_INVALID,
                    WHAT ": account %" G_GSIZE_FORMAT ": the user stands twice", place);
        return FALSE;
    }
    return TRUE;
}

static gboolean
take_payload(Bundle *bundle, const json_t *payload, GError **error)
{
    static const char *const members[] = {"kiosk", "issued_at", "valid_until", "accounts", NULL};
    const json_t *accounts = json_object_get(payload, "accounts");
    const char *kiosk;

    if (!dv_json_only(payload, members, WHAT, error) ||
        (kiosk = dv_json_string(payload, "kiosk", ACCOUNTS_KIOSK_MAX, WHAT, error)) == NULL ||
        !take_time(payload, "issued_at", &bundle->issued_us, error) ||
        !take_time(payload, "valid_until", &bundle->valid_until_us, error))
        return FALSE;
    g_strlcpy(bundle->kiosk, kiosk, sizeof bundle->kiosk);
    if (!json_is_array(accounts) || json_array_size(accounts) > DV_ACCOUNTS_MAX) {
        g_set_error_literal(error, DV_ERROR, DV_ERROR_INVALID,
                            WHAT ": \"accounts\" is no list or too long");
        return FALSE;
    }
    for (gsize i = 0; i < json_array_size(accounts); i++) {
        if (!take_account(bundle, json_array_get(accounts, i), i + 1, error))
            return FALSE;
    }
    return TRUE;
}

Bundle *
bundle_parse(const void *data, gsize length, const DvCert *opener_cert, GError **error)
{
    g_autoptr(Bundle) bundle = g_new0(Bundle, 1);
    guint8 hash[DV_SHA256_SIZE];

    bundle->accounts = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, account_free);
    g_autoptr(json_t) payload = dv_signed_json_verify(ACCOUNTS_KIND, data, length,
                                                      DV_ACCOUNTS_BUNDLE_MAX, opener_cert, error);
    if (payload == NULL || !take_payload(bundle, payload, error))
        return NULL;
    dv_sha256(data, length, hash);
    bundle->version = dv_hex(hash, sizeof hash);
    return g_steal_pointer(&bundle);
}
