// SPDX-License-Identifier: Apache-2.0
#pragma once
/*
 * Ranges of numbers. A range is cut into runs that begin and end at a power of ten, each written
 * with '*' for its last digits: A100 to A129 is A10*, A11*, A12*. So a range is found as any number
 * is: by its key, with the question's last digits blanked one by one.
 */
#include "doc_block.h"

/* Calls visit with each piece of first..last (folded; as long, digits counting up). FALSE: visit
 * said so. */
typedef gboolean (*RangeVisit)(const char *piece, gpointer data, GError **error);
gboolean range_pieces(const char *first, const char *last, RangeVisit visit, gpointer data,
                      GError **error);
/* Blanks the last digit that is none yet. FALSE: there is none left. */
gboolean range_widen(char *number);
/* Whether number, normalised, lies in first..last, both as listed. *folded: only once look-alikes
 * count as equal. */
gboolean range_holds(const char *first, const char *last, const char *number, gboolean *folded);
