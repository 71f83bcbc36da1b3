// SPDX-License-Identifier: Apache-2.0
#pragma once
/* Files that must survive a power cut, and files from outside that must not be too large. */
#include <glib.h>

/* Reads the whole file; DV_ERROR_INVALID if larger than max bytes, DV_ERROR_IO otherwise. */
GBytes *dv_file_read(const char *path, gsize max, GError **error);
/* Writes a temporary file beside path, fsync, rename, fsync of the folder: readers see the old or
 * the new content, never a mixture. DV_ERROR_FULL / DV_ERROR_IO; the old file is then unchanged. */
gboolean dv_file_write(const char *path, const void *data, gsize length, int mode, GError **error);
/* The second half of dv_file_write for a file that something else wrote beside path: fsync, rename,
 * fsync of the folder. The temporary file is removed on error. */
gboolean dv_file_put(const char *temporary, const char *path, int mode, GError **error);
/* mkdir -p with the mode for every folder it makes. */
gboolean dv_file_make_dir(const char *path, int mode, GError **error);
