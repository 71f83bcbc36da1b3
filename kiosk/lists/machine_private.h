// SPDX-License-Identifier: Apache-2.0
#pragma once
/* Shared by the machine's files: one function for each state, the table is in machine.c. */
#include "machine.h"

#include <darvaza/packages.h>

/* One package on the way, in the order in which layers are laid. */
typedef struct {
    const DvTrustList *list;       /* of the release */
    const DvTrustPackage *package; /* of list */
    char *part;                    /* LISTS/download/... */
    char *layer;                   /* file name below layers/ */
    guint8 content_key[DV_PACKAGE_KEY_SIZE];
} ListsPiece;

struct ListsMachine {
    ListsMachineOptions options;
    atomic_bool stopped;
    DvTrust *trust;
    ListsSet *set;              /* in force */
    char settled[DV_TRUST_HEX]; /* digest of the timestamp after which nothing was left to do */
    DvTrustReason settled_as;   /* OK or WAITING */

    /* of this run */
    ListsState state;
    ListsSource *source;
    DvTrustReason reason;    /* so far */
    GError *error;           /* why, when reason is neither OK nor WAITING */
    guint roots;             /* taken */
    char seen[DV_TRUST_HEX]; /* digest of this run's timestamp */
    ListsSet *next;          /* what is being made; NULL before PLAN */
    GPtrArray *pieces;       /* ListsPiece */
    gboolean complete, verified, staged, tested, swapped;
};

/* Ends the run: notes the reason and gives IDLE. The error is taken over. */
ListsState lists_fail(ListsMachine *machine, DvTrustReason reason, GError *error);
/* Ends the run well: nothing is left to do under this timestamp. */
ListsState lists_settle(ListsMachine *machine);
/* The reason that fits an error of files. */
DvTrustReason lists_reason_of(const GError *error);

/* machine_metadata.c */
ListsState lists_do_timestamp(ListsMachine *machine);
ListsState lists_do_root(ListsMachine *machine);
ListsState lists_do_manifest(ListsMachine *machine);
/* machine_plan.c */
ListsState lists_do_plan(ListsMachine *machine);
void lists_piece_free(gpointer piece);
/* machine_download.c */
ListsState lists_do_download(ListsMachine *machine);
ListsState lists_do_verify(ListsMachine *machine);
/* machine_stage.c */
ListsState lists_do_stage(ListsMachine *machine);
ListsState lists_do_selftest(ListsMachine *machine);
/* machine.c */
ListsState lists_do_swap(ListsMachine *machine);
ListsState lists_do_confirm(ListsMachine *machine);
