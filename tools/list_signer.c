// SPDX-License-Identifier: Apache-2.0
#include "list_signer.h"
#include "password_input.h"
#include <darvaza/error.h>
#include <darvaza/file.h>
#include <string.h>

#define KEY_FILE_MAX 4096

GBytes *
dv_list_read(const char *path, gsize max, GError **error)
{
    return dv_file_read(path, max, error);
}

gboolean
dv_list_write(const char *path, GBytes *bytes, GError **error)
{
    return dv_file_write(path, g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes), 0644, error);
}

gboolean
dv_list_write_new(const char *path, GBytes *bytes, GError **error)
{
    if (!g_file_test(path, G_FILE_TEST_EXISTS))
        return dv_list_write(path, bytes, error);
    g_set_error(error, DV_ERROR, DV_ERROR_CONFLICT, "%s exists already; nothing was changed", path);
    return FALSE;
}

static char *
public_path(const char *path)
{
    g_autofree char *base = g_strdup(path);
    if (g_str_has_suffix(base, "-key.pem"))
        base[strlen(base) - strlen("-key.pem")] = 0;
    else if (g_str_has_suffix(base, ".pem"))
        base[strlen(base) - strlen(".pem")] = 0;
    return g_strconcat(base, ".pub.json", NULL);
}

gboolean
dv_list_signer_new(const char *path, DvTrustRole role, const char *holder, const char *passphrase,
                   GError **error)
{
    DvTrustKeyFile file = {.role = role, .holder = (char *)holder};
    g_autofree char *beside = public_path(path);
    g_autoptr(DvKey) key = dv_key_new_ed25519(error);
    if (!key || !dv_key_public(key, file.public_key, error))
        return FALSE;
    g_autoptr(GBytes) bytes = dv_trust_key_file_make(&file, error);
    g_autoptr(DvTrustKeyFile) again = bytes ? dv_trust_key_file_read(bytes, error) : NULL;
    if (!again) /* a holder's name that nobody could read back */
        return FALSE;
    return dv_key_save_new(key, path, passphrase, error) && dv_list_write_new(beside, bytes, error);
}

DvKey *
dv_list_signer_load(const char *path, const char *passphrase_file, GError **error)
{
    if (!dv_key_is_protected(path))
        return dv_key_load_protected(path, NULL, error);
    char *passphrase = dv_password_input(passphrase_file);
    DvKey *key = dv_key_load_protected(path, passphrase, error);
    dv_password_forget(passphrase);
    return key;
}

DvTrustKeyFile *
dv_list_signer_public(const char *path, GError **error)
{
    g_autoptr(GBytes) bytes = dv_list_read(path, KEY_FILE_MAX, error);
    DvTrustKeyFile *file = bytes ? dv_trust_key_file_read(bytes, error) : NULL;
    if (bytes && !file)
        g_prefix_error(error, "%s: ", path);
    return file;
}
