// SPDX-License-Identifier: Apache-2.0
#pragma once
/* One complete record of Doc 9303's specimen (docs/formats/record.md), and seals of it. */
#include "keys.h"
#include <darvaza/crossing.h>

/* The record as the booth KSK-1 would make it, in training; the caller owns it. */
json_t *dv_record_example(void);
/* A referral as the protection compartment takes it; the caller owns it. */
json_t *dv_referral_example(void);
/* The seal keys of KSK-1; they belong to keys. */
DvSealKeys dv_test_seal_keys(const DvTestKeys *keys);
/* The record sealed by KSK-1 as epoch/seq after prev (NULL: zeros), with a fresh crossing_id;
 * protection may be NULL. link may be NULL. Ends the test program when anything fails. */
GBytes *dv_record_example_sealed(const DvTestKeys *keys, gint64 epoch, gint64 seq,
                                 const guint8 *prev, DvPriority priority, const json_t *protection,
                                 guint8 *link);
