// SPDX-License-Identifier: Apache-2.0
#include "bundle.h"

#include <darvaza/clock.h>
#include <darvaza/error.h>

#include <string.h>

#define USER_MAX 32
#define DISPLAY_MAX 128
#define HASH_MAX 256

static void
account_free(gpointer data)
{
    DvAccount *account = data;

    g_free(account->user);
    g_free(account->display);
    g_free(account->role);
    g_free(account->password);
    g_free(account);
}

void
bundle_free(Bundle *bundle)
{
    if (bundle == NULL)
        return;
    g_hash_table_unref(bundle->accounts);
    g_free(bundle->checkpoint);
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
    return g_str_equal(role, "officer") || g_str_equal(role, "second_line") ||
           g_str_equal(role, "supervisor");
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
    else if (account->password == NULL || !g_str_has_prefix(account->password, "$argon2id$") ||
             strlen(account->password) > HASH_MAX)
        wrong = "the password hash is not argon2id";
    if (wrong == NULL)
        return TRUE;
    g_set_error(error, DV_ERROR, DV_ERROR_INVALID,
                ACCOUNTS_WHAT ": account %" G_GSIZE_FORMAT ": %s", place, wrong);
    return FALSE;
}

static gboolean
take_time(const json_t *object, const char *key, gint64 *us, GError **error)
{
    const char *text = dv_json_string(object, key, 32, ACCOUNTS_WHAT, error);

    return text != NULL && dv_time_parse(text, us, error);
}

/* null: no bound. */
static gboolean
take_bound(const json_t *object, const char *key, gint64 *us, GError **error)
{
    *us = 0;
    return json_is_null(json_object_get(object, key)) || take_time(object, key, us, error);
}

static gboolean
take_account(Bundle *bundle, const json_t *object, gsize place, GError **error)
{
    static const char *const members[] = {"user",       "display",     "role", "password",
                                          "valid_from", "valid_until", NULL};
    DvAccount *account = g_new0(DvAccount, 1);

    account->user = g_strdup(dv_json_string_or_null(object, "user"));
    account->display = g_strdup(dv_json_string_or_null(object, "display"));
    account->role = g_strdup(dv_json_string_or_null(object, "role"));
    account->password = g_strdup(dv_json_string_or_null(object, "password"));
    if (!dv_json_only(object, members, ACCOUNTS_WHAT, error) ||
        !bundle_check_account(account, place, error) ||
        !take_bound(object, "valid_from", &account->valid_from_us, error) ||
        !take_bound(object, "valid_until", &account->valid_until_us, error)) {
        account_free(account);
        return FALSE;
    }
    if (!g_hash_table_insert(bundle->accounts, account->user, account)) {
        g_set_error(error, DV_ERROR, DV_ERROR_INVALID,
                    ACCOUNTS_WHAT ": account %" G_GSIZE_FORMAT ": the user stands twice", place);
        return FALSE;
    }
    return TRUE;
}

static gboolean
take_payload(Bundle *bundle, const json_t *payload, GError **error)
{
    static const char *const members[] = {"kiosk",      "checkpoint", "issued_at",
                                          "expires_at", "accounts",   NULL};
    const json_t *accounts = json_object_get(payload, "accounts");
    const char *kiosk, *checkpoint;

    if (!dv_json_only(payload, members, ACCOUNTS_WHAT, error) ||
        (kiosk = dv_json_string(payload, "kiosk", ACCOUNTS_KIOSK_MAX, ACCOUNTS_WHAT, error)) ==
            NULL ||
        (checkpoint = dv_json_string(payload, "checkpoint", ACCOUNTS_CHECKPOINT_MAX, ACCOUNTS_WHAT,
                                     error)) == NULL ||
        !take_time(payload, "issued_at", &bundle->issued_us, error) ||
        !take_time(payload, "expires_at", &bundle->expires_us, error))
        return FALSE;
    bundle->checkpoint = g_strdup(checkpoint);
    g_strlcpy(bundle->kiosk, kiosk, sizeof bundle->kiosk);
    if (!json_is_array(accounts) || json_array_size(accounts) > DV_ACCOUNTS_MAX) {
        g_set_error_literal(error, DV_ERROR, DV_ERROR_INVALID,
                            ACCOUNTS_WHAT ": \"accounts\" is no list or too long");
        return FALSE;
    }
    for (gsize i = 0; i < json_array_size(accounts); i++) {
        if (!take_account(bundle, json_array_get(accounts, i), i + 1, error))
            return FALSE;
    }
    return TRUE;
}

Bundle *
bundle_from_payload(const json_t *payload, GError **error)
{
    g_autoptr(Bundle) bundle = g_new0(Bundle, 1);

    bundle->accounts = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, account_free);
    return take_payload(bundle, payload, error) ? g_steal_pointer(&bundle) : NULL;
}
