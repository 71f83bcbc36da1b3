// SPDX-License-Identifier: Apache-2.0
#pragma once
/* Both openers in this process, asked of the library itself, at a time that stands still. */
#include "lists_rig.h"
#include "opener_rig.h"
#include "private.h"
#include "sessions.h"

#define REASON "review of flagged crossing"

extern OpenerRig *rig;
extern DvOpener *centre, *protection;
extern ListsRig *lists; /* NULL unless fixture_lists_setup was called */
extern gint64 shift_us; /* the only way in which time passes here */

int fixture_setup(void **state);
int fixture_lists_setup(void **state); /* the centre's opener has a repository of lists */
int fixture_teardown(void **state);
char *sign_in(DvOpener *opener, const char *user); /* the token */
/* Sealed records of KSK-1, the second with a referral in its compartment. */
GBytes *record(gint64 seq);
GBytes *referral(gint64 seq);
/* The newest audit entry as "actor verb object outcome reason". */
char *last_entry(DvOpener *opener);
void expect_entry(DvOpener *opener, const char *text);
/* The same of a release whose content is known: "<content>" in text stands for the digest of what
 * is signed of the draft. */
void expect_release_entry(DvOpener *opener, gint64 release, const char *text);
