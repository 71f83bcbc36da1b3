// SPDX-License-Identifier: Apache-2.0
#pragma once
/* Shared by the machine's files: one function for each state, the table is in machine.c. */
#include "machine.h"

#include <darvaza/packages.h>
#include <darvaza/watchlist.h>

/* One package on the way, in the order in which layers are laid. */
typedef struct {
    const DvTrustList *list;       /* of the release */
    const DvTrustPackage *package; /* of list */
    char *part;                    /* LISTS/download/... */
    char *layer;                   /* file name below layers/ */
    guint8 content_key[DV_PACKAGE_KEY_SIZE];
} ListsPiece;

/* What was refused, so that it is not done again at once. */
typedef struct {
    char *offer; /* the releases that were offered; NULL: nothing was refused */
    DvTrustReason reason;
    GError *error;
    gboolean is_final; /* until something else is offered; else: */
    gint64 until_us;   /* by the clock that never jumps */
    guint times;       /* in a row */
} ListsRefusal;

struct ListsMachine {
    ListsMachineOptions options;
    atomic_bool stopped;
    DvTrust *trust;
    ListsSet *set;              /* in force */
    char settled[DV_TRUST_HEX]; /* digest of the timestamp after which nothing was left to do */
    DvTrustReason settled_as;   /* OK or WAITING */
    gint64 since_us;        /* the set is in force at least since, by the clock that never jumps */
    gboolean is_unreadable; /* current.json is: what its layers are is not known */
    gboolean proven;        /* the set's layers, byte by byte, since the service began */
    GHashTable *damaged;    /* ids of lists in force whose layers are not what they were */
    ListsRefusal refusal;

    /* of this run */
    ListsState state;
    ListsSource *source;
    DvTrustReason reason;    /* so far */
    GError *error;           /* why, when reason is neither OK nor WAITING */
    guint roots;             /* taken */
    char *offer;             /* the releases that this run's timestamp names; NULL before it */
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

/* machine_layers.c */
/* Each layer is there, of this list, made for the one below, and nobody found it damaged. */
gboolean lists_layers_are_here(const ListsMachine *machine, const ListsSetList *list);
/* That for all lists in force; reads all their bytes, once in the service's life. */
gboolean lists_set_is_whole(ListsMachine *machine);
/* Reads all bytes in force; TRUE: something is newly known to be damaged. */
gboolean lists_find_damage(ListsMachine *machine);
/* machine_refusal.c */
/* What the timestamp just taken offers was refused, and it is not time to try again. */
gboolean lists_refusal_stands(ListsMachine *machine);
void lists_refusal_note(ListsMachine *machine); /* of this run, at its end */
void lists_refusal_clear(ListsRefusal *refusal);
/* machine_metadata.c */
ListsState lists_do_timestamp(ListsMachine *machine);
ListsState lists_do_root(ListsMachine *machine);
ListsState lists_do_manifest(ListsMachine *machine);
/* machine_plan.c */
ListsState lists_do_plan(ListsMachine *machine);
void lists_piece_free(gpointer piece);
/* Bytes of disk that the pieces still need. */
guint64 lists_room_needed(const ListsMachine *machine);
/* machine_download.c */
ListsState lists_do_download(ListsMachine *machine);
ListsState lists_do_verify(ListsMachine *machine);
/* machine_stage.c */
ListsState lists_do_stage(ListsMachine *machine);
ListsState lists_do_selftest(ListsMachine *machine);
/* Asks the canary rows of a list's statement; there must be one, and all of it must be asked. */
gboolean lists_test_list(DvWatchlist *lists, const DvTrustStatement *statement, GError **error);
/* machine.c */
ListsState lists_do_swap(ListsMachine *machine);
ListsState lists_do_confirm(ListsMachine *machine);
