// SPDX-License-Identifier: Apache-2.0
#pragma once
/* What the machines promised before a power cut, and whether the product keeps it afterwards. */
#include "iolog.h"
#include "run.h"

#include <darvaza/crossing.h>

/* One crossing of the recorded run; the numbers are places in the recording, -1: not reached. */
typedef struct {
    char *id;
    guint kiosk; /* index in run_kiosks */
    gint64 started, recorded, receipted;
    gint64 epoch, seq;
    char *link; /* hex */
} Crossing;

typedef struct {
    GPtrArray *crossings; /* Crossing, by start */
    GHashTable *by_link;  /* link -> Crossing */
    const DvTestKeys *keys;
    RunSeal *seals[RUN_KIOSKS];
} World;

World *world_new(const Iolog *log, const DvTestKeys *keys);
void world_free(World *world);

typedef struct {
    guint64 recorded;    /* crossings of which somebody was told "recorded", over all cuts */
    guint64 at_centre;   /* of these, at the centre once everything had been started again */
    guint64 lost;        /* the rest, and those that were nowhere right after the cut ... */
    guint64 lost_centre; /* ... of these, such as had a receipt and were not at the centre */
    guint64 doubled;     /* at the centre more than once */
    guint64 troubles;    /* databases that did not open, broken chains, refused records */
    GString *words;      /* the first of them, one a line */
} Judgement;

/* dir holds the machines' folders as they are after a cut before entry at. Opens the databases with
 * the product's code, looks, decides again what the officer got no answer to, records one more
 * crossing on each booth, sends everything and counts. */
void judge(const World *world, const char *dir, gint64 at, Judgement *judgement);
