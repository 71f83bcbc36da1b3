// SPDX-License-Identifier: Apache-2.0
#pragma once
/*
 * The log of every look and every change (S7): who, when, what, why, with what outcome, chained by
 * hashes. Entry n's hash is SHA-256 over "darvaza audit v1", 0x00 and the entry's canonical JSON,
 * which names the hash before it. Signed heads leave the house with every heartbeat answer, so that
 * who can write the database still cannot rewrite the past unseen.
 */
#include <darvaza/crypto.h>
#include <darvaza/sqlite.h>

#define DV_AUDIT_REASON_MAX 500 /* bytes */

typedef struct {
    const char *actor;  /* account id, "booth <kiosk>", "opener", "cli:<uid>" */
    const char *verb;   /* "record.open", "decision.make", "session.sign-in", ... */
    const char *object; /* "KSK-1/1/17", an account id, ""; identifiers only, never personal data */
    const char *outcome; /* "ok", "denied: role", ... */
    const char *reason;  /* the person's justification; "" where none is asked */
} DvAuditEntry;

typedef struct {
    gint64 count; /* entries; 0: none yet */
    guint8 head[DV_SHA256_SIZE];
} DvAuditHead;

/* Appends durably: once TRUE, the entry survives a power cut. Joins a running transaction, whose
 * commit then decides. */
gboolean dv_audit_append(sqlite3 *db, const DvAuditEntry *entry, GError **error);
gboolean dv_audit_head(sqlite3 *db, DvAuditHead *head, GError **error);
/* Walks the whole chain. DV_ERROR_CORRUPT names the first entry that was altered, or where one is
 * missing. known (may be NULL) is a head that somebody kept: the log must still contain it. */
gboolean dv_audit_verify(sqlite3 *db, const DvAuditHead *known, DvAuditHead *head, GError **error);
/* The signed head {count, head, time} (kind "audit head", docs/formats/opener-ipc.md). */
GBytes *dv_audit_head_sign(const DvAuditHead *head, const DvKey *key, GError **error);
/* A head that somebody kept; DV_ERROR_CRYPTO unless this opener signed it. */
gboolean dv_audit_head_read(const void *data, gsize length, const DvCert *opener, DvAuditHead *head,
                            GError **error);
