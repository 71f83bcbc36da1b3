// SPDX-License-Identifier: Apache-2.0
#pragma once
/* A small honest world: one list "sltd", releases and timestamps as the test wants them. */
#include "expect.h"
#include "signers.h"
#include <darvaza/clock.h>

#define SECOND ((gint64)G_USEC_PER_SEC)
#define HOUR (3600 * SECOND)
#define DAY (24 * HOUR)
#define START (G_GINT64_CONSTANT(1795460568) * G_USEC_PER_SEC) /* 2026-11-23T19:02:48Z */
#define LIST "sltd"

typedef struct {
    DvTestSigners *signers;
    GBytes *root;
} World;

/* What a test may change before a piece is made; world_piece_init fills honest values. */
typedef struct {
    gint64 release, version, timestamp_version; /* of release, list, timestamp */
    gint64 epoch;
    gint64 issued_us;
    gint64 full_size; /* 0: larger than the update */
    guint percent;
    gboolean urgent, add_only;
    const char *canary; /* a kiosk, or NULL */
    char state_fill;    /* the digit that the state hash is made of */
    guint signed_statement, signed_release, signed_timestamp;
    gint64 runs_us; /* of statement, release and timestamp; 0: 30, 7, 1 days */
} Plan;

typedef struct {
    GBytes *statement, *release, *timestamp;
} Pieces;

void world_init(World *world);
void world_clear(World *world);
/* Release and list version `number`, issued at that time. */
Plan plan_of(gint64 number, gint64 issued_us);
/* previous: the release before, or NULL. */
Pieces world_make(const World *world, const Plan *plan, GBytes *previous);
void pieces_clear(Pieces *pieces);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Pieces, pieces_clear)
DvTrust *world_trust(const World *world);
/* All steps and confirm; everything must be OK. */
void world_install(DvTrust *trust, const Pieces *pieces, gint64 clock_us);
gint64 release_of(GBytes *release);
