// SPDX-License-Identifier: Apache-2.0
/* Bytes as the payload of an accounts bundle, behind the signature: whoever may sign in has a name,
 * a role of the booth and an argon2id hash. What is taken can be issued again as it is. */
#include "bundle.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const guint8 *data, gsize size);

int
LLVMFuzzerTestOneInput(const guint8 *data, gsize size)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(json_t) payload = dv_json_parse(data, size, DV_ACCOUNTS_BUNDLE_MAX, &error);
    g_autoptr(Bundle) bundle = payload != NULL ? bundle_from_payload(payload, &error) : NULL;
    GHashTableIter iter;
    gpointer user, value;

    g_assert_true((bundle == NULL) == (error != NULL));
    if (bundle == NULL) {
        g_assert_true(g_utf8_validate(error->message, -1, NULL));
        return 0;
    }
    g_hash_table_iter_init(&iter, bundle->accounts);
    while (g_hash_table_iter_next(&iter, &user, &value)) {
        const DvAccount *account = value;
        g_assert_true(account->user == user && strlen(account->user) <= 32);
        g_assert_true(g_str_has_prefix(account->password, "$argon2id$"));
        g_assert_true(bundle_check_account(account, 1, NULL));
    }
    return 0;
}
