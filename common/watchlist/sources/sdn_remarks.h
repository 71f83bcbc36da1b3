// SPDX-License-Identifier: Apache-2.0
#pragma once
/* The remarks of OFAC's SDN list: "DOB 10 Dec 1948; nationality Egypt; Passport 108 (Egypt)." */
#include "alert_draft.h"

/* Takes what an alert has members for; the rest goes to the reason. */
void watchlist_sdn_remarks(AlertDraft *draft, const char *remarks);
