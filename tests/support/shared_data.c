// SPDX-License-Identifier: Apache-2.0
#include "shared_data.h"
#include <glib.h>

char *
dv_test_shared_data(const char *relative)
{
    const char *given = g_getenv("DARVAZA_SHARED_DATA");
    g_autofree char *root =
        given ? g_strdup(given)
              : g_build_filename(DV_TEST_SOURCE_ROOT, "..", "shared", "data", NULL);
    g_autofree char *path = g_build_filename(root, relative, NULL);
    if (g_file_test(path, G_FILE_TEST_IS_REGULAR))
        return g_steal_pointer(&path);
    g_printerr("skipped: there is no %s\n", path);
    return NULL;
}
