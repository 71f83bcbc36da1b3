// SPDX-License-Identifier: Apache-2.0
#pragma once
/*
 * Reading errors, repaired only where check digits prove the correction: exactly one substitution
 * from the confusion table makes both the field's digit and the composite digit right, and no other
 * candidate does. Visas have no composite digit, so nothing can be proven there. Characters that
 * are equal modulo 10 (0/U, 1/L, 6/G, 8/S, K/<) look the same to every digit and are never chosen
 * between.
 */
#include <darvaza/mrz.h>

/* Characters that OCR takes for c, as a string; "" for none. Static. */
const char *dv_mrz_confusions(char c);
/* TRUE if the two look alike to every check digit though they differ. */
gboolean dv_mrz_is_blind_pair(char a, char b);
