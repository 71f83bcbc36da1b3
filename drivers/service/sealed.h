// SPDX-License-Identifier: Apache-2.0
#pragma once
/* Bytes for another process: a file in memory that nobody can change any more, so that its reader
 * may map it and look twice. */
#include <glib.h>

/* A descriptor that the caller closes; -1 with DV_ERROR_IO or _FULL. */
int dv_sealed_copy(const guint8 *bytes, gsize length, GError **error);
