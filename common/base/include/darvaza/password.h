// SPDX-License-Identifier: Apache-2.0
#pragma once
/* Passwords by argon2id (RFC 9106): 64 MiB, 3 passes, 1 lane. Nothing from outside
 * the program (environment, configuration) lowers the cost: only dv_password_hash_cost does. */
#include <glib.h>

/* The encoded hash "$argon2id$v=19$..."; caller frees. Passwords of 1 to 1024 bytes. */
char *dv_password_hash(const char *password, GError **error);
/* The same with explicit cost, for tests and small machines. */
char *dv_password_hash_cost(const char *password, guint32 memory_kib, guint32 passes,
                            GError **error);
/* FALSE for a wrong password or an unreadable hash. Takes as long for both; the encoded cost is
 * bounded (<= 1 GiB, <= 16 passes) before it is spent. */
gboolean dv_password_verify(const char *encoded, const char *password);
/* Spends the time of one verification, for an unknown user. */
void dv_password_waste(void);
