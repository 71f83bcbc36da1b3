// SPDX-License-Identifier: Apache-2.0
#pragma once
/* The protection unit's opener: referrals that nobody else can see (S2, S3). */
#include "record.h"
#include "sessions.h"

#define DV_SCAN_MAX 256 /* records in one call */

/* The compartment for the session's person; DV_ERROR_INVALID when the record carries no referral or
 * the reason names the traveller, DV_ERROR_DENIED outside the account's checkpoints. */
json_t *dv_referral_open(DvOpener *opener, const DvSession *session, DvRecord *record,
                         const char *reason, GError **error);
/* [{index, kiosk, epoch, seq, referral, kind, event_time, checkpoint, language, closed}] of those
 * records that carry one within the account's checkpoints: what a queue needs, without the person.
 * One audit entry for the scan. */
json_t *dv_referral_scan(DvOpener *opener, const char *token, GPtrArray *wires, GError **error);
gboolean dv_referral_close(DvOpener *opener, const char *token, GBytes *wire, const char *reason,
                           GError **error);
/* Whether a decision against this traveller is held back; asker is "uid <n>", for the log. An
 * answer that cannot be given is an error, and the asker must then treat the record as held. */
gboolean dv_referral_hold(DvOpener *opener, const char *asker, GBytes *wire, gboolean *held,
                          GError **error);
