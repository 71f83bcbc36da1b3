// SPDX-License-Identifier: Apache-2.0
#pragma once
/* Which state of which machine the cuts struck, and where to cut so that all are struck. */
#include "iolog.h"

#define MACHINES 3 /* run_kiosks, then the centre */
extern const char *const machine_names[MACHINES];

typedef struct {
    gint64 at;      /* before this entry */
    guint machines; /* bit i: machine i loses power */
    guint32 seed;   /* of what the disks keep */
} Cut;

/* count cuts, ascending; a quarter of them one state after the other, the rest by chance. */
GArray *strikes_plan(const Iolog *log, guint count, GRand *chance);

/* The states as the run goes on: feed every entry; note what a cut strikes. */
typedef struct Strikes Strikes;
Strikes *strikes_new(void);
void strikes_free(Strikes *strikes);
void strikes_feed(Strikes *strikes, const IologEntry *entry);
void strikes_note(Strikes *strikes, guint machines);
/* {"outbox.before_insert": 12, ...} as JSON; *missed: how many states were never struck. */
char *strikes_json(const Strikes *strikes, guint *missed);
