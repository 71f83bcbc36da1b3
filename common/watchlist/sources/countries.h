// SPDX-License-Identifier: Apache-2.0
#pragma once
/* Names of countries, as the lists of others write them, to the codes of Doc 9303-3. */
#include <glib.h>

/* "Iran (Islamic Republic of)" -> "IRN"; NULL: the table does not know it. Case, marks and
 * punctuation do not count. Answers code. */
const char *watchlist_country_code(const char *name, char code[4]);
