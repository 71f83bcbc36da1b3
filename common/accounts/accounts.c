// SPDX-License-Identifier: Apache-2.0
#include "bundle.h"

#include <darvaza/clock.h>
#include <darvaza/error.h>
#include <darvaza/file.h>
#include <darvaza/log.h>
#include <darvaza/password.h>

#include <string.h>

#define FREE_ATTEMPTS 5
#define FIRST_WAIT_S 30
#define LONGEST_WAIT_S 900
/* User names under watch. A stranger who tries more names than this pushes out the one that has
 * waited longest, which costs him the same time again. */
#define WATCHED_MAX 4096
#define NAME_MAX_BYTES 64

typedef struct {
    guint failures;
    gint64 until_mono_us; /* no try before */
    gint64 last_mono_us;
} Attempts;

struct DvAccounts {
    char *path, *kiosk;
    const DvCert *opener_cert;
    Bundle *bundle;       /* NULL: none yet */
    GHashTable *attempts; /* user name as typed -> Attempts */
};

static Bundle *
read_bundle(const DvAccounts *accounts, const void *data, gsize length, GError **error)
{
    g_autoptr(Bundle) bundle = bundle_parse(data, length, accounts->opener_cert, error);

    if (bundle != NULL && !g_str_equal(bundle->kiosk, accounts->kiosk)) {
        g_set_error(error, DV_ERROR, DV_ERROR_DENIED, "accounts bundle: it is for kiosk %s",
                    bundle->kiosk);
        return NULL;
    }
    return g_steal_pointer(&bundle);
}

DvAccounts *
dv_accounts_open(const char *path, const char *kiosk, const DvCert *opener_cert, GError **error)
{
    g_autoptr(DvAccounts) accounts = g_new0(DvAccounts, 1);

    accounts->path = g_strdup(path);
    accounts->kiosk = g_strdup(kiosk);
    accounts->opener_cert = opener_cert;
    accounts->attempts = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    if (!g_file_test(path, G_FILE_TEST_EXISTS))
        return g_steal_pointer(&accounts);
    g_autoptr(GBytes) bytes = dv_file_read(path, DV_ACCOUNTS_BUNDLE_MAX, error);
    if (bytes == NULL)
        return NULL;
    gsize length = 0;
    const void *data = g_bytes_get_data(bytes, &length);
    accounts->bundle = read_bundle(accounts, data, length, error);
    if (accounts->bundle == NULL) {
        g_prefix_error(error, "%s: ", path);
        return NULL;
    }
    return g_steal_pointer(&accounts);
}

void
dv_accounts_free(DvAccounts *accounts)
{
    if (accounts == NULL)
        return;
    bundle_free(accounts->bundle);
    g_hash_table_unref(accounts->attempts);
    g_free(accounts->path);
    g_free(accounts->kiosk);
    g_free(accounts);
}

gboolean
dv_accounts_deliver(DvAccounts *accounts, const void *data, gsize length, GError **error)
{
    g_autoptr(Bundle) bundle = read_bundle(accounts, data, length, error);

    if (bundle == NULL)
        return FALSE;
    if (accounts->bundle != NULL && bundle->issued_us < accounts->bundle->issued_us) {
        g_set_error_literal(error, DV_ERROR, DV_ERROR_DENIED,
                            "accounts bundle: it is older than the one in force, which stays");
        return FALSE;
    }
    if (!dv_file_write(accounts->path, data, length, 0600, error))
        return FALSE;
    bundle_free(accounts->bundle);
    accounts->bundle = g_steal_pointer(&bundle);
    dv_log_info("accounts bundle %.16s in force: %u accounts", accounts->bundle->version,
                g_hash_table_size(accounts->bundle->accounts));
    return TRUE;
}

const char *
dv_accounts_version(const DvAccounts *accounts)
{
    return accounts->bundle != NULL ? accounts->bundle->version : "";
}

gint64
dv_accounts_valid_until(const DvAccounts *accounts)
{
    return accounts->bundle != NULL ? accounts->bundle->expires_us : 0;
}

const char *
dv_accounts_checkpoint(const DvAccounts *accounts)
{
    return accounts->bundle != NULL ? accounts->bundle->checkpoint : "";
}

/* ---- signing in */

static void
forget_oldest(DvAccounts *accounts)
{
    GHashTableIter iter;
    gpointer name, value;
    const char *oldest = NULL;
    gint64 when = G_MAXINT64;

    g_hash_table_iter_init(&iter, accounts->attempts);
    while (g_hash_table_iter_next(&iter, &name, &value)) {
        if (((const Attempts *)value)->last_mono_us < when) {
            when = ((const Attempts *)value)->last_mono_us;
            oldest = name;
        }
    }
    if (oldest != NULL)
        g_hash_table_remove(accounts->attempts, oldest);
}

static Attempts *
attempts_of(DvAccounts *accounts, const char *user)
{
    g_autofree char *name = g_strndup(user, NAME_MAX_BYTES);
    Attempts *attempts = g_hash_table_lookup(accounts->attempts, name);

    if (attempts != NULL)
        return attempts;
    if (g_hash_table_size(accounts->attempts) >= WATCHED_MAX)
        forget_oldest(accounts);
    attempts = g_new0(Attempts, 1);
    g_hash_table_insert(accounts->attempts, g_steal_pointer(&name), attempts);
    return attempts;
}

static void
note_failure(Attempts *attempts, gint64 now)
{
    gint64 wait = FIRST_WAIT_S;

    attempts->last_mono_us = now;
    if (++attempts->failures < FREE_ATTEMPTS)
        return;
    for (guint i = FREE_ATTEMPTS; i < attempts->failures && wait < LONGEST_WAIT_S; i++)
        wait *= 2;
    attempts->until_mono_us = now + MIN(wait, LONGEST_WAIT_S) * G_USEC_PER_SEC;
}

static gint64
wait_left(const Attempts *attempts, gint64 now)
{
    gint64 left = attempts->until_mono_us - now;

    return left > 0 ? (left + G_USEC_PER_SEC - 1) / G_USEC_PER_SEC : 0;
}

static gboolean
check_validity(const Bundle *bundle, const DvAccount *account, GError **error)
{
    /* A clock that fell back cannot be before the moment at which the centre signed. */
    gint64 now = MAX(dv_clock_wall_us(), bundle->issued_us);
    const char *wrong = NULL;

    if (now >= bundle->expires_us)
        wrong = "this booth's accounts have ended: it needs new ones from the centre";
    else if (account->valid_until_us != 0 && now >= account->valid_until_us)
        wrong = "this account has ended";
    else if (now < account->valid_from_us)
        wrong = "this account has not begun yet";
    if (wrong != NULL)
        g_set_error_literal(error, DV_ERROR, DV_ERROR_EXPIRED, wrong);
    return wrong == NULL;
}

gboolean
dv_accounts_sign_in(DvAccounts *accounts, const char *user, const char *password,
                    const DvAccount **account, gint64 *wait_s, GError **error)
{
    gint64 now = dv_clock_mono_us();

    *wait_s = 0;
    if (accounts->bundle == NULL) {
        g_set_error_literal(error, DV_ERROR, DV_ERROR_UNAVAILABLE,
                            "this booth has no accounts yet: it needs them from the centre once");
        return FALSE;
    }
    Attempts *attempts = attempts_of(accounts, user);
    *wait_s = wait_left(attempts, now);
    if (*wait_s > 0) {
        g_set_error(error, DV_ERROR, DV_ERROR_DENIED,
                    "too many failed attempts: try again in %" G_GINT64_FORMAT " s", *wait_s);
        return FALSE;
    }
    const DvAccount *found = g_hash_table_lookup(accounts->bundle->accounts, user);
    gboolean right = FALSE;
    if (found != NULL)
        right = dv_password_verify(found->password, password);
    else
        dv_password_waste();
    if (!right) {
        note_failure(attempts, now);
        *wait_s = wait_left(attempts, now);
        g_set_error_literal(error, DV_ERROR, DV_ERROR_DENIED, "the user or the password is wrong");
        return FALSE;
    }
    if (!check_validity(accounts->bundle, found, error))
        return FALSE;
    attempts->failures = 0;
    *account = found;
    return TRUE;
}
