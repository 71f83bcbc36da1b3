// SPDX-License-Identifier: Apache-2.0
#pragma once
/* Harmless spellings in a source's row. */
#include "reader.h"

/* Brings dates, sexes, codes and types to the form of the source format, and notes each change.
 * for_questions: also integers for text, a text for an array, bare names for aliases, and other
 * characters in alert_id. What cannot be read stays for the judge to refuse. */
void watchlist_spelling_row(WatchlistItem *item, gboolean for_questions);
