// SPDX-License-Identifier: Apache-2.0
#pragma once
/*
 * A document on the reader: its bytes become available at the speed of a serial line, in packets
 * whose sizes are drawn from a seed, as the reader's firmware empties its buffer whenever it gets
 * to it. One document at a time and port.
 */
#include "bus.h"

typedef struct DvSimFeeder DvSimFeeder;

typedef struct {
    gint64 first_us, last_us; /* monotonic: first and last byte made available */
    gsize length;             /* bytes that went out */
    gboolean cut;             /* lifted or unplugged before all had gone out */
} DvSimLaid;
/* error NULL: it is done. */
typedef void (*DvSimLaidFunc)(const DvSimLaid *laid, const GError *error, void *data);

DvSimFeeder *dv_sim_feeder_new(DvSimBus *bus, guint32 seed, guint bits_per_second);
/* Documents under way end without their callback. */
void dv_sim_feeder_free(DvSimFeeder *feeder);
/* Waits up to wait_ms for the host to listen, then feeds (a keyboard that nobody took from the
 * kernel does so then, too); done is called once. packet: largest packet in bytes, 1..64.
 * DV_ERROR_CONFLICT (through done) when a document lies there already. */
void dv_sim_feeder_lay(DvSimFeeder *feeder, const char *port, GBytes *bytes, guint packet,
                       guint wait_ms, DvSimLaidFunc done, void *data);
/* Takes the document away; what has not gone out never will. FALSE when none lay there. */
gboolean dv_sim_feeder_lift(DvSimFeeder *feeder, const char *port);
/* What befalls the next document when that share of it (0 to 99 %) has gone out. */
typedef struct {
    gboolean lift; /* it is taken away; else the cable goes */
    DvSimUnplug shape;
    guint percent;
} DvSimMishap;
void dv_sim_feeder_cut(DvSimFeeder *feeder, const char *port, const DvSimMishap *mishap);
