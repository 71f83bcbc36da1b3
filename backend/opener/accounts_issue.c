// SPDX-License-Identifier: Apache-2.0
#include "accounts_issue.h"

#include <darvaza/clock.h>
#include <darvaza/error.h>
#include <darvaza/receipt.h>
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

static json_t *
time_or_null(gint64 time_us)
{
    if (time_us == 0)
        return json_null();
    g_autofree char *text = dv_time_format(time_us);
    return json_string(text);
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

static json_t *
accounts_json(DvOpener *opener, const char *checkpoint, gint64 now, GError **error)
{
    g_autoptr(GPtrArray) users = dv_users_list(opener->db, error);
    if (!users)
        return NULL;
    json_t *accounts = json_array();
    for (guint i = 0; i < users->len; i++) {
        const DvUser *user = g_ptr_array_index(users, i);
        if (!works_at_booth(user, checkpoint, now))
            continue;
        json_array_append_new(
            accounts, json_pack("{s:s, s:s, s:s, s:s, s:o, s:o}", "user", user->user, "display",
                                user->display, "role", dv_role_word(user->role), "password",
                                user->password, "valid_from", time_or_null(user->valid_from_us),
                                "valid_until", time_or_null(user->valid_until_us)));
    }
    return accounts;
}

static GBytes *
sign_bundle(DvOpener *opener, const char *kiosk, const char *checkpoint, json_t *accounts,
            gint64 now, GError **error)
{
    g_autofree char *issued = dv_time_format(now);
    g_autofree char *expires = dv_time_format(now + VALID_US);
    g_autoptr(json_t) payload = json_pack(
        "{s:I, s:s, s:s, s:s, s:s, s:O}", "version", (json_int_t)(now / 1000), "kiosk", kiosk,
        "checkpoint", checkpoint, "issued_at", issued, "expires_at", expires, "accounts", accounts);
    return dv_signed_json_make("accounts", payload, opener->keys->opener.key, error);
}

static gboolean
content_hash(const json_t *accounts, const char *checkpoint, guint8 out[DV_SHA256_SIZE],
             GError **error)
{
    gsize length = 0;
    g_autofree char *canonical = dv_json_canonical(accounts, &length, error);
    if (!canonical)
        return FALSE;
    g_autofree char *both = g_strconcat(checkpoint, "\n", canonical, NULL);
    dv_sha256(both, strlen(both), out);
    return TRUE;
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
    g_autoptr(json_t) accounts = accounts_json(opener, checkpoint, now, error);
    if (!accounts || !content_hash(accounts, checkpoint, content, error))
        return NULL;
    const Issued *before = g_hash_table_lookup(opener->bundles, kiosk);
    if (before && memcmp(before->content, content, DV_SHA256_SIZE) == 0 &&
        now >= before->issued_us && now - before->issued_us < VALID_US / 2)
        return g_bytes_ref(before->bundle);
    GBytes *bundle = sign_bundle(opener, kiosk, checkpoint, accounts, now, error);
    if (!bundle)
        return NULL;
    Issued *issued = g_new0(Issued, 1);
    memcpy(issued->content, content, DV_SHA256_SIZE);
    issued->issued_us = now;
    issued->bundle = g_bytes_ref(bundle);
    g_hash_table_replace(opener->bundles, g_strdup(kiosk), issued);
    return bundle;
}
