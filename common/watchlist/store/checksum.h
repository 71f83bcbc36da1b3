// SPDX-License-Identifier: Apache-2.0
#pragma once
/* Damage, not forgery: XXH3 over what a list file's pages hold, bound to the row they stand in. */
#include <glib.h>

/* The first four bytes of a blob are the checksum of the rest, little-endian, seeded with id. */
void checksum_put(guint8 *blob, gsize length, guint64 id);
gboolean checksum_holds(const guint8 *blob, gsize length, guint64 id);
/* Of some texts in order, with a number before them; for rows. */
gint64 checksum_texts(guint64 id, const char *const *texts, gsize count);
/* XXH3, 64 bits, of a key; the filter's and person_exact's hash. */
guint64 checksum_hash(const void *data, gsize length);
/* XXH3, 128 bits. */
#define CHECKSUM_WIDE_SIZE 16
void checksum_wide(const void *data, gsize length, guint64 seed, guint8 out[CHECKSUM_WIDE_SIZE]);
