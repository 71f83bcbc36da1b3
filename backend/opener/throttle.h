// SPDX-License-Identifier: Apache-2.0
#pragma once
/*
 * Guessing passwords is made slow, per account and per peer address, with a growing delay. Lives in
 * memory, bounded; whether an account exists makes no difference to it.
 */
#include <glib.h>

#define DV_THROTTLE_ENTRIES 4096
#define DV_THROTTLE_USER_FREE 3  /* failures of one account before delays begin */
#define DV_THROTTLE_PEER_FREE 10 /* of one peer: a supervisors' room may share an address */
#define DV_THROTTLE_DELAY_MAX_S 300
#define DV_THROTTLE_FORGET_S 900 /* without a failure */

typedef struct DvThrottle DvThrottle;

DvThrottle *dv_throttle_new(void);
void dv_throttle_free(DvThrottle *throttle);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DvThrottle, dv_throttle_free)
/* Seconds to wait before this account or this peer may try again; 0: now. */
gint64 dv_throttle_wait_s(DvThrottle *throttle, const char *user, const char *peer);
void dv_throttle_failed(DvThrottle *throttle, const char *user, const char *peer);
/* Forgets the account's failures, not the peer's: one valid account at an address must not buy
 * fresh attempts on all others. */
void dv_throttle_passed(DvThrottle *throttle, const char *user);
