// SPDX-License-Identifier: Apache-2.0
#include "keys.h"
#include <darvaza/pki.h>
#include <glib/gstdio.h>

char *
dv_test_keys_path(const DvTestKeys *keys, const char *relative)
{
    return g_build_filename(keys->dir, relative, NULL);
}

static void
load(const DvTestKeys *keys, const char *base, DvKey **key, DvCert **cert)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *cert_path = g_strdup_printf("%s/%s.pem", keys->dir, base);
    g_autofree char *key_path = g_strdup_printf("%s/%s-key.pem", keys->dir, base);
    *key = dv_key_load(key_path, &error);
    *cert = *key ? dv_cert_load(cert_path, &error) : NULL;
    if (!*cert)
        g_error("test keys: %s", error->message);
}

static void
load_all(DvTestKeys *keys)
{
    load(keys, "kiosk/KSK-1/sign", &keys->sign_key, &keys->sign);
    load(keys, "kiosk/KSK-2/sign", &keys->other_key, &keys->other);
    load(keys, "kiosk/KSK-1/answers", &keys->answers_key, &keys->answers);
    load(keys, "centre/record-P1", &keys->record_key, &keys->record);
    load(keys, "protection/protection", &keys->protection_key, &keys->protection);
    load(keys, "centre/opener", &keys->opener_key, &keys->opener);
    load(keys, "centre/receipt", &keys->receipt_key, &keys->receipt);
}

DvTestKeys *
dv_test_keys_load(const char *dir)
{
    DvTestKeys *keys = g_new0(DvTestKeys, 1);
    keys->dir = g_strdup(dir);
    load_all(keys);
    return keys;
}

DvTestKeys *
dv_test_keys_new(void)
{
    static const char *const kiosks[] = {"KSK-1", "KSK-2", NULL};
    g_autoptr(GError) error = NULL;
    DvTestKeys *keys = g_new0(DvTestKeys, 1);
    keys->dir = g_dir_make_tmp("darvaza-keys-XXXXXX", &error);
    keys->temporary = TRUE;
    if (!keys->dir || !dv_pki_init(keys->dir, kiosks, &error))
        g_error("test keys: %s", error->message);
    load_all(keys);
    return keys;
}

void
dv_test_remove_tree(const char *path)
{
    g_autoptr(GDir) dir =
        g_file_test(path, G_FILE_TEST_IS_SYMLINK) ? NULL : g_dir_open(path, 0, NULL);
    for (const char *name; dir && (name = g_dir_read_name(dir));) {
        g_autofree char *child = g_build_filename(path, name, NULL);
        dv_test_remove_tree(child);
    }
    g_remove(path);
}

void
dv_test_keys_free(DvTestKeys *keys)
{
    if (!keys)
        return;
    if (keys->temporary)
        dv_test_remove_tree(keys->dir);
    dv_key_free(keys->sign_key);
    dv_key_free(keys->other_key);
    dv_key_free(keys->answers_key);
    dv_key_free(keys->record_key);
    dv_key_free(keys->protection_key);
    dv_key_free(keys->opener_key);
    dv_key_free(keys->receipt_key);
    dv_cert_free(keys->sign);
    dv_cert_free(keys->other);
    dv_cert_free(keys->answers);
    dv_cert_free(keys->record);
    dv_cert_free(keys->protection);
    dv_cert_free(keys->opener);
    dv_cert_free(keys->receipt);
    g_free(keys->dir);
    g_free(keys);
}
