// SPDX-License-Identifier: Apache-2.0
#include "keyring.h"

#include <darvaza/crossing.h>
#include <darvaza/error.h>
#include <string.h>

static void
pair_clear(DvKeyPair *pair)
{
    dv_key_free(pair->key);
    dv_cert_free(pair->cert);
    *pair = (DvKeyPair){0};
}

static void
pair_free(void *pair)
{
    pair_clear(pair);
    g_free(pair);
}

/* <dir>/<name>.pem and <dir>/<name>-key.pem. */
static gboolean
pair_load(DvKeyPair *pair, const char *dir, const char *name, GError **error)
{
    g_autofree char *cert_file = g_strconcat(name, ".pem", NULL);
    g_autofree char *key_file = g_strconcat(name, "-key.pem", NULL);
    g_autofree char *cert_path = g_build_filename(dir, cert_file, NULL);
    g_autofree char *key_path = g_build_filename(dir, key_file, NULL);
    pair->cert = dv_cert_load(cert_path, error);
    if (!pair->cert)
        return FALSE;
    pair->key = dv_key_load(key_path, error);
    return pair->key != NULL;
}

static gboolean
load_period(DvKeyring *keyring, const char *dir, const char *file, GError **error)
{
    g_autofree char *name = g_strndup(file, strlen(file) - strlen(".pem"));
    DvKeyPair *pair = g_new0(DvKeyPair, 1);
    g_hash_table_insert(keyring->records, g_strdup(name + strlen("record-")), pair);
    return pair_load(pair, dir, name, error);
}

static gboolean
load_periods(DvKeyring *keyring, const char *dir_path, GError **error)
{
    g_autoptr(GDir) dir = g_dir_open(dir_path, 0, error);
    if (!dir)
        return FALSE;
    const char *file;
    while ((file = g_dir_read_name(dir))) {
        if (!g_str_has_prefix(file, "record-") || !g_str_has_suffix(file, ".pem") ||
            g_str_has_suffix(file, "-key.pem"))
            continue;
        if (!load_period(keyring, dir_path, file, error))
            return FALSE;
    }
    if (g_hash_table_size(keyring->records) > 0)
        return TRUE;
    g_set_error(error, DV_ERROR, DV_ERROR_CONFIG, "keys %s: there is no record-<period>.pem",
                dir_path);
    return FALSE;
}

DvKeyring *
dv_keyring_load(const DvOpenerOptions *options, GError **error)
{
    g_autoptr(DvKeyring) keyring = g_new0(DvKeyring, 1);
    keyring->records = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, pair_free);
    keyring->trust_dir = g_strdup(options->trust_dir);
    if (!pair_load(&keyring->opener, options->keys_dir, "opener", error))
        return NULL;
    gboolean ok = options->mode == DV_OPENER_CENTRE
                      ? load_periods(keyring, options->keys_dir, error)
                      : pair_load(&keyring->protection, options->keys_dir, "protection", error);
    return ok ? g_steal_pointer(&keyring) : NULL;
}

void
dv_keyring_free(DvKeyring *keyring)
{
    if (!keyring)
        return;
    pair_clear(&keyring->opener);
    pair_clear(&keyring->protection);
    g_hash_table_unref(keyring->records);
    g_free(keyring->trust_dir);
    g_free(keyring);
}

const DvKeyPair *
dv_keyring_record(const DvKeyring *keyring, const char *period, GError **error)
{
    const DvKeyPair *pair = g_hash_table_lookup(keyring->records, period);
    if (!pair)
        g_set_error(error, DV_ERROR, DV_ERROR_UNAVAILABLE,
                    "record key: this opener holds none of the period %s", period);
    return pair;
}

DvCert *
dv_keyring_kiosk(const DvKeyring *keyring, const char *kiosk, const char *which, GError **error)
{
    gsize length = strlen(kiosk);
    g_autofree char *file = g_strconcat(which, ".pem", NULL);
    g_autofree char *path = g_build_filename(keyring->trust_dir, "kiosks", kiosk, file, NULL);
    gboolean named =
        length > 0 && length <= DV_CROSSING_KIOSK_MAX &&
        strspn(kiosk, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-") == length;
    if (!named || !g_file_test(path, G_FILE_TEST_EXISTS)) {
        g_set_error(error, DV_ERROR, DV_ERROR_DENIED,
                    "kiosk %s: it is not one that this centre trusts", named ? kiosk : "(unnamed)");
        return NULL;
    }
    return dv_cert_load(path, error);
}
