// SPDX-License-Identifier: Apache-2.0
#pragma once
/*
 * The run that is recorded: two booths' outboxes and the centre's ingest service over mutual TLS,
 * all of it the product's own code on a real file system. Below root stand the folders of the three
 * machines, each with its one database: KSK-1/outbox.db, KSK-2/outbox.db, centre/store.db.
 *
 * Marks in the recording: "start KIOSK ID", "recorded KIOSK ID EPOCH SEQ LINK" (append said so),
 * "receipt KIOSK EPOCH SEQ LINK" (the booth verified it), "point MACHINE NAME" (a fault point).
 */
#include "record_example.h"

#define RUN_KIOSKS 2
#define RUN_CENTRE "centre"
extern const char *const run_kiosks[RUN_KIOSKS + 1];

/* The keys with which that kiosk seals. Owned: run_seal_free. */
typedef struct {
    DvKey *key;
    DvCert *cert;
    DvSealKeys seal;
} RunSeal;
RunSeal *run_seal_new(const DvTestKeys *keys, const char *kiosk);
void run_seal_free(RunSeal *seal);

/* A complete record with this crossing id; the caller owns it. */
json_t *run_record(const char *crossing_id, const char *kiosk);

/* Ends the process when anything fails. */
void run_recorded(const DvTestKeys *keys, const char *root, guint crossings, guint32 seed);
