// SPDX-License-Identifier: Apache-2.0
#pragma once
/* A booth with a queue of made-up records: org.darvaza.Booth1 for tests of the uplink. */
#include <glib.h>

typedef struct FakeBooth {
    char *socket_path;
    guint records;           /* how many stand ready: numbers 1..records of epoch 7 */
    guint acknowledged;      /* how many receipts were good, in order */
    guint refused;           /* receipts that were not the text "receipt EPOCH/SEQ" */
    guint heartbeats;        /* asked for */
    guint heartbeat_answers; /* handed in */
    guint64 cursor;          /* last answer taken */
    GPtrArray *answers;      /* texts of the answers, in order */
    char *accounts;          /* text of the last bundle handed in, NULL: none */
    guint accounts_deliveries;
    int online; /* -1: not told yet */
    char *detail;
    struct FakeBoothBus *bus; /* NULL: away */
} FakeBooth;

/* A booth that is away; fake_booth_come makes it listen. */
FakeBooth *fake_booth_new(const char *directory);
void fake_booth_come(FakeBooth *booth);
void fake_booth_go(FakeBooth *booth);
/* Adds records and tells the uplink. */
void fake_booth_add(FakeBooth *booth, guint count);
void fake_booth_free(FakeBooth *booth);
