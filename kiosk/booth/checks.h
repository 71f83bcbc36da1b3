// SPDX-License-Identifier: Apache-2.0
#pragma once
/* The checks of an inspection, each a row in checks.c, and what follows from them. */
#include "inspection.h"

#include <darvaza/clock.h>
#include <darvaza/crossing.h>

typedef struct {
    gboolean training; /* specimens are accepted and the record is marked */
    DvClockQuality clock;
} DvCheckContext;

/* Judges everything known about the inspection (its watch report must stand) into a new verdict. */
void dv_checks_run(DvInspection *inspection, const DvCheckContext *context);

/* An exact hit whose action only a second person may lift (STOP_REFER, SEIZE_DOCUMENT). */
gboolean dv_checks_hit_stops(const DvWatchlistHit *hit);
/* A hit whose action must not change what the lane looks like (DISCREET, INFO): S10. */
gboolean dv_checks_hit_is_quiet(const DvWatchlistHit *hit);
/* At least one hit stops. */
gboolean dv_checks_stop_stands(const DvInspection *inspection);
/* A document or person of the specimen state UTO. */
gboolean dv_checks_is_specimen(const DvInspection *inspection);
/* The queue class that the record's cleartext header carries; referred: the officer sent the
 * traveller on to somebody else (second line or protection alike). */
DvPriority dv_checks_priority(const DvInspection *inspection, gboolean referred);
