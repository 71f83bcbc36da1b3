// SPDX-License-Identifier: Apache-2.0
#pragma once
/* Two darvaza-opener processes, the centre's and the protection unit's, with keys and accounts. */
#include "record_example.h"

#include <gio/gio.h>

#define RIG_PASSWORD "correct horse battery"
/* Accounts at the centre: "sup", "sup2" supervisors of the example's checkpoint, "away" supervisor
 * of another one, "officer" (the example's officer) as supervisor, "second" second line, "it",
 * "auditor", "editor", "editor2", "approver" of watchlists; at the protection unit: "asylum",
 * "asylum-away" of another checkpoint, "auditor". */

typedef struct {
    DvTestKeys *keys;
    char *dir;
    char *centre_state, *protection_state;
    char *socket, *protection_socket, *hold_socket;
    char *centre_more; /* further settings of the centre's, set before it starts; NULL: none */
    GSubprocess *centre, *protection;
} OpenerRig;

/* Lays keys, folders and accounts; starts nothing. */
OpenerRig *opener_rig_new(void);
/* The daemon named by the environment variable DARVAZA_OPENER; waits until it listens. */
void opener_rig_start_centre(OpenerRig *rig);
void opener_rig_start_protection(OpenerRig *rig);
void opener_rig_stop_centre(OpenerRig *rig);
void opener_rig_stop_protection(OpenerRig *rig);
void opener_rig_free(OpenerRig *rig); /* stops what runs, removes the folder */
