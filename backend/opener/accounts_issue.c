// SPDX-License-Identifier: Apache-2.0
#include "accounts_issue.h"

#include <darvaza/accounts.h>
#include <darvaza/clock.h>
#include <darvaza/error.h>
#include <string.h>

/* A post works a week without network; two weeks leave room for the bundle's own way there. */
#define VALID_US (14 * 24 * 3600 * (gint64)G_USEC_PER_SEC)

typedef struct {
    guint8 content[DV_SHA256_SIZE]; /* of the accounts inside */
    gint64 issued_us;
    GBytes *bundle;
} Issued;

void
dv_accounts_cache_free(void *data)
{
    Issued *issued = data;
    g_bytes_unref(issued->bundle);
    g_free(issued);
}

static gboolean
works_at_booth(const DvUser *user, const char *checkpoint, gint64 now)
{
    gboolean role = user->role == DV_ROLE_OFFICER || user->role == DV_ROLE_SECOND_LINE ||
                    user->role == DV_ROLE_SUPERVISOR;
    /* Accounts that begin within the bundle's life go along; the booth checks both ends itself. */
    gboolean over = user->valid_until_us != 0 && user->valid_until_us <= now;
    return role && !user->disabled && !over && user->valid_from_us < now + VALID_US &&
           dv_user_covers(user, checkpoint);
}

static void
account_clear(void *data)
{
    DvAccount *account = data;
    g_free(account->user);
    g_free(account->display);
    g_free(account->role);
    g_free(account->password);
}

static GArray *
accounts_at(DvOpener *opener, const char *checkpoint, gint64 now, GError **error)
{
    g_autoptr(GPtrArray) users = dv_users_list(opener->db, error);
    if (!users)
        return NULL;
    GArray *accounts = g_array_new(FALSE, TRUE, sizeof(DvAccount));
    g_array_set_clear_func(accounts, account_clear);
    for (guint i = 0; i < users->len; i++) {
        const DvUser *user = g_ptr_array_index(users, i);
        if (!works_at_booth(user, checkpoint, now))
            continue;
        DvAccount account = {
            .user = g_strdup(user->user),
            .display = g_strdup(user->display),
            .role = g_strdup(dv_role_word(user->role)),
            .password = g_strdup(user->password),
            .valid_from_us = user->valid_from_us,
            .valid_until_us = user->valid_until_us,
        };
        g_array_append_val(accounts, account);
    }
    return accounts;
}

/* Every string ends with its NUL in the hash, so that no two sets of accounts run together. */
static void
content_hash(const GArray *accounts, const char *checkpoint, guint8 out[DV_SHA256_SIZE])
{
    g_autoptr(GByteArray) all = g_byte_array_new();
    g_byte_array_append(all, (const guint8 *)checkpoint, (guint)strlen(checkpoint) + 1);
    for (guint i = 0; i < accounts->len; i++) {
        const DvAccount *one = &g_array_index(accounts, DvAccount, i);
        g_autofree char *bounds = g_strdup_printf("%" G_GINT64_FORMAT " %" G_GINT64_FORMAT,
                                                  one->valid_from_us, one->valid_until_us);
        const char *const parts[] = {one->user, one->display, one->role, one->password, bounds};
        for (gsize k = 0; k < G_N_ELEMENTS(parts); k++)
            g_byte_array_append(all, (const guint8 *)parts[k], (guint)strlen(parts[k]) + 1);
    }
    dv_sha256(all->data, all->len, out);
}

GBytes *
dv_accounts_issue(DvOpener *opener, const char *kiosk, GError **error)
{
    g_autoptr(GError) why = NULL;
    g_autofree char *checkpoint = dv_kiosks_checkpoint(opener->db, kiosk, &why);
    if (!checkpoint) {
        if (why)
            g_propagate_error(error, g_steal_pointer(&why));
        else
            g_set_error(error, DV_ERROR, DV_ERROR_DENIED,
                        "accounts: this kiosk is not registered at a checkpoint "
                        "(darvaza account kiosk)");
        return NULL;
    }
    gint64 now = dv_clock_wall_us();
    guint8 content[DV_SHA256_SIZE];
    g_autoptr(GArray) accounts = accounts_at(opener, checkpoint, now, error);
    if (!accounts)
        return NULL;
    content_hash(accounts, checkpoint, content);
    const Issued *before = g_hash_table_lookup(opener->bundles, kiosk);
    if (before && memcmp(before->content, content, DV_SHA256_SIZE) == 0 &&
        now >= before->issued_us && now - before->issued_us < VALID_US / 2)
        return g_bytes_ref(before->bundle);
    const DvAccountsIssue issue = {
        .kiosk = kiosk,
        .checkpoint = checkpoint,
        .issued_us = now,
        .expires_us = now + VALID_US,
        .accounts = (const DvAccount *)accounts->data,
        .count = accounts->len,
    };
    GBytes *bundle = dv_accounts_make(&issue, opener->keys->opener.key, error);
    if (!bundle)
        return NULL;
    Issued *issued = g_new0(Issued, 1);
    memcpy(issued->content, content, DV_SHA256_SIZE);
    issued->issued_us = now;
    issued->bundle = g_bytes_ref(bundle);
    g_hash_table_replace(opener->bundles, g_strdup(kiosk), issued);
    return bundle;
}
