// SPDX-License-Identifier: Apache-2.0
#pragma once
/* The ingest service on a free port with a fresh PKI and store, and kiosks that talk to it. */
#include "record_example.h"
#include <darvaza/http_client.h>
#include <darvaza/ingest.h>
#include <darvaza/store.h>

typedef struct {
    DvTestKeys *keys;
    char *dir;   /* the store's folder */
    char *store; /* its file */
    DvIngest *ingest;
} IngestRig;

typedef struct {
    guint status; /* 0: no answer */
    char *text;
    gsize length;
    int error; /* DV_ERROR code where there was no answer */
} IngestAnswer;

/* opener_socket may be NULL. Ends the test program when anything fails. */
IngestRig *ingest_rig_new(const char *opener_socket);
void ingest_rig_free(IngestRig *rig);
/* Stops the service and starts it again over the same store, on another port. */
void ingest_rig_restart(IngestRig *rig);

/* A client with the certificate kiosk/<kiosk>/<unit>.pem. */
DvHttpClient *ingest_rig_client(const IngestRig *rig, const char *kiosk, const char *unit);
IngestAnswer ingest_rig_send(DvHttpClient *client, const char *method, const char *path,
                             const void *body, gsize length);
IngestAnswer ingest_rig_put(DvHttpClient *client, GBytes *wire);
void ingest_answer_clear(IngestAnswer *answer);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(IngestAnswer, ingest_answer_clear)
