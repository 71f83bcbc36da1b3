// SPDX-License-Identifier: Apache-2.0
#pragma once
/* Other ways to write dates, sexes and states, brought to the one that lists and questions use.
 * What could mean two things is not taken. */
#include <glib.h>

/* YYYY, YYYY-MM, YYYY-MM-DD, YYYYMMDD, also parted by '/' or '.', with single digits, 00 or x for
 * what is unknown, to YYYY-MM-DD with XX. FALSE: no such date, or the day comes first. */
gboolean dv_watchlist_spell_date(const char *text, char date[11]);
/* "female", "m", "unspecified" to F, M, X; "" for unknown. FALSE: no word for a sex. */
gboolean dv_watchlist_spell_sex(const char *text, char sex[2]);
/* "uz", "uzb", "Uzbekistan", "D<<" to a Doc 9303-3 code; three letters that no table knows stay as
 * capitals; "" where only fillers stand. FALSE: neither code nor country. */
gboolean dv_watchlist_spell_state(const char *text, char state[4]);
