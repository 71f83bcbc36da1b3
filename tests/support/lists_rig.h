// SPDX-License-Identifier: Apache-2.0
#pragma once
/* A repository of list releases with drafts of an invented list, as its makers lay them. */
#include "signers.h"

#define LISTS_RIG_ID "utopia"

typedef struct {
    char *dir;           /* the repository: lists/ and drafts/ */
    char *trust_dir;     /* root.json, for an opener or a kiosk */
    char *timestamp_key; /* PEM */
    DvTestSigners *signers;
    DvTrustRoot *root;
} ListsRig;

/* Root 1 stands in lists/root and in trust_dir. Ends the test program when anything fails, as
 * everything here. */
ListsRig *lists_rig_new(void);
/* The same in a folder that stays when the rig is left. */
ListsRig *lists_rig_new_at(const char *dir);
void lists_rig_leave(ListsRig *rig);
void lists_rig_free(ListsRig *rig); /* removes the folder */
/* The draft of a release with the list in that version: a document alert on each number of the
 * NULL-terminated ones, canary KSK-1, steps 10, 50, 100. The owner has signed. Packages are bytes
 * without meaning. Making it again replaces it. */
void lists_rig_draft(ListsRig *rig, gint64 release, gint64 version, const char *const *numbers);
/* Whoever makes drafts writes what its layers are: names those that lie there now. */
void lists_rig_name_layers(ListsRig *rig, gint64 release);
/* The text of a signature file over the draft's release. */
char *lists_rig_signature(const ListsRig *rig, gint64 release, DvTestSigner signer);
/* A file of the repository; NULL: there is none. */
GBytes *lists_rig_read(const ListsRig *rig, const char *name);
