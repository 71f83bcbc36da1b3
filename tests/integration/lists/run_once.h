// SPDX-License-Identifier: Apache-2.0
#pragma once
/* darvaza-lists' own code within the test: one start and one look at the repository. */
#include "kiosk.h"

/* The root of enrolment, where folder has none: as the service does at its start. */
void run_enrol(const ListsKiosk *kiosk, const char *folder);
/* Anything but OK and WAITING with an error. */
DvTrustReason run_once(const ListsKiosk *kiosk, const char *folder, GError **error);
