// SPDX-License-Identifier: Apache-2.0
#include "list_repo_spoil.h"

#include <darvaza/crypto.h>

void
list_repo_garble(const char *path, DvTrustPackage *made)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *data = NULL;
    gsize length = 0;
    guint8 hash[DV_SHA256_SIZE];

    if (!g_file_get_contents(path, &data, &length, &error))
        g_error("%s", error->message);
    data[length / 2] ^= 1;
    if (!g_file_set_contents(path, data, (gssize)length, &error))
        g_error("%s", error->message);
    dv_sha256(data, length, hash);
    g_autofree char *hex = dv_hex(hash, sizeof hash);
    g_strlcpy(made->sha256, hex, sizeof made->sha256);
}

void
list_repo_spoil(DvTrustPackage *package, ListRepoSpoil spoil)
{
    if (spoil == LIST_REPO_OTHER_KEY)
        package->content_key_id[0] = package->content_key_id[0] == '0' ? '1' : '0';
    if (spoil == LIST_REPO_OTHER_DIGEST)
        package->plain_sha256[0] = package->plain_sha256[0] == '0' ? '1' : '0';
    if (spoil == LIST_REPO_INSIDE_SHORT)
        package->plain_size++;
    if (spoil == LIST_REPO_INSIDE_LONG)
        package->plain_size--;
}
