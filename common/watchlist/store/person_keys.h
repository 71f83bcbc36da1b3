// SPDX-License-Identifier: Apache-2.0
#pragma once
/* The exact person keys of a row: every name with every birth date, aliases and other dates too. */
#include "source.h"

typedef gboolean (*PersonKeyVisit)(gpointer data, const char *key, GError **error);
gboolean person_keys_each(const char *const columns[COLUMNS], PersonKeyVisit visit, gpointer data,
                          GError **error);
gboolean person_keys_has_any(const char *const columns[COLUMNS]);
/* The i-th name of a row: its own, then its aliases. FALSE: there are no more. extra as below. */
struct PersonName;
gboolean person_keys_name(const char *const columns[COLUMNS], const json_t *extra, gsize i,
                          struct PersonName *name);

/* The name and date of a row that give this key. Texts belong to the columns or to extra, which the
 * caller parsed from COLUMN_EXTRA (NULL: empty). FALSE: none does. */
typedef struct PersonName {
    const char *surname, *given_names, *name, *birth_date;
    gboolean is_alias, is_low; /* low: an alias of low quality */
} PersonName;
gboolean person_keys_find(const char *const columns[COLUMNS], const json_t *extra, const char *key,
                          PersonName *name);
