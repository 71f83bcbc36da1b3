// SPDX-License-Identifier: Apache-2.0
#pragma once
/* Signed small messages between booth and centre: receipts, heartbeats, answers, audit heads. Each
 * is canonical JSON in an envelope {"payload": {...}, "signature": base64}; docs/formats/. */
#include <darvaza/crypto.h>
#include <darvaza/json.h>
#include <glib.h>

typedef struct {
    char kiosk[33];
    gint64 epoch, seq;
    guint8 link[DV_SHA256_SIZE]; /* chain link of the record that is durable at the centre */
    gint64 received_us;          /* the centre's wall clock */
} DvReceipt;

GBytes *dv_receipt_make(const DvReceipt *receipt, const DvKey *receipt_key, GError **error);
gboolean dv_receipt_verify(const void *data, gsize length, const DvCert *receipt_cert,
                           DvReceipt *receipt, GError **error);

typedef struct {
    char kiosk[33];
    gint64 epoch, seq;           /* head of the chain; seq 0: nothing recorded in this epoch */
    guint8 link[DV_SHA256_SIZE]; /* of the head */
    gint64 unsent;
    gint64 time_us;
    char software[33];
    json_t *lists;  /* [{"list_id","version","age_s","status","state_hash"}]; owned */
    json_t *update; /* how the lists' update stands, docs/formats/heartbeat.md; NULL: not known */
} DvHeartbeat;
#define DV_HEARTBEAT_DETAIL_MAX 300 /* bytes of update.detail */
GBytes *dv_heartbeat_make(const DvHeartbeat *beat, const DvKey *kiosk_key, GError **error);
gboolean dv_heartbeat_verify(const void *data, gsize length, const DvCert *kiosk_cert,
                             DvHeartbeat *beat, GError **error);
void dv_heartbeat_clear(DvHeartbeat *beat);

/* Generic signed JSON of a named kind ("audit head", "accounts"): domain "darvaza <kind> v1". */
GBytes *dv_signed_json_make(const char *kind, const json_t *payload, const DvKey *key,
                            GError **error);
json_t *dv_signed_json_verify(const char *kind, const void *data, gsize length, gsize max,
                              const DvCert *cert, GError **error);

/* An answer to a booth: a JSON object signed by the opener and sealed to the kiosk's answer key;
 * payload carries kiosk, number-free content {kind: "decision", crossing_id, epoch, seq, ...}. */
GBytes *dv_answer_seal(const json_t *payload, const DvKey *opener_key, const DvCert *opener_cert,
                       const DvCert *kiosk_answers_cert, GError **error);
json_t *dv_answer_open(const void *data, gsize length, const DvKey *answers_key,
                       const DvCert *answers_cert, const DvCert *opener_cert, GError **error);
