// SPDX-License-Identifier: Apache-2.0
#pragma once
/* One cut being judged: shared by judge.c, which counts, case_look.c and case_go_on.c. */
#include "judge.h"

#include <darvaza/outbox.h>
#include <darvaza/store.h>

typedef struct {
    const World *world;
    gint64 at;
    Judgement *judgement;
    DvStore *store;
    DvOutbox *outboxes[RUN_KIOSKS];
    GHashTable *unsent;    /* links in the outboxes right after the cut */
    GHashTable *at_centre; /* links in the store */
    GHashTable *fresh;     /* link -> crossing id, of what was recorded after the cut */
} Case;

void case_trouble(Case *c, const char *format, ...) G_GNUC_PRINTF(2, 3);
/* Opens and examines every database; what does not open stays NULL. */
void case_open(Case *c, const char *dir);
/* Fills at_centre anew. */
void case_look_at_store(Case *c);
/* Goes on as the checkpoint would after the cut, until everything is sent. */
void case_go_on(Case *c);
