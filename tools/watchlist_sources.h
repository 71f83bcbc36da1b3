// SPDX-License-Identifier: Apache-2.0
#pragma once
/* Sources where list files are wanted: compiled for the length of one command. */
#include <glib.h>

typedef struct {
    char *folder; /* NULL: nothing was compiled */
    GPtrArray *files;
    /* One sentence on the rows of sources that were refused, so that no question finds them; NULL:
     * none were. */
    char *refused;
} DvCompiledSources;

/* Replaces each of paths (which owns its strings) that is no list file by one compiled from it. A
 * path that cannot be read stays: whoever opens it will say so. now_us: 0 for the clock's. */
gboolean dv_compiled_sources_make(DvCompiledSources *compiled, GPtrArray *paths,
                                  const char *profile, const char *aliases, gint64 now_us,
                                  GError **error);
void dv_compiled_sources_clear(DvCompiledSources *compiled);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(DvCompiledSources, dv_compiled_sources_clear)
