// SPDX-License-Identifier: Apache-2.0
#pragma once
/* How soon the document camera's next frame is read: soon where something may come of it, and never
 * so often that a slow processor does nothing else. Pure. */
#include "agreement.h"

/* Milliseconds from the beginning of this reading to the next one; reading: what the frame said, as
 * the agreement has just taken it. */
guint dv_pace_ms(const DvAgreement *agreement, const DvReading *reading);
