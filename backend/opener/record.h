// SPDX-License-Identifier: Apache-2.0
#pragma once
/* One record in the opener's hands: checked against the kiosk that signed it, named by identifiers,
 * opened with the key of its period. */
#include "private.h"

#include <darvaza/crossing.h>

typedef struct {
    DvCrossingWire *wire;
    DvCert *kiosk; /* its signing certificate */
    char *object;  /* "KSK-1/1/17", for the audit log */
    guint8 link[DV_SHA256_SIZE];
    json_t *body;        /* NULL until dv_record_open_body */
    json_t *compartment; /* protection unit only; NULL until opened, and when it is empty */
} DvRecord;

/* Parses the wire form and verifies the kiosk's signature over the header; opens nothing. */
DvRecord *dv_record_read(DvOpener *opener, GBytes *wire, GError **error);
void dv_record_free(DvRecord *record);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DvRecord, dv_record_free)
gboolean dv_record_open_body(DvOpener *opener, DvRecord *record, GError **error);

/* Members of an opened body; "" when absent. They belong to the body. */
const char *dv_record_text(const DvRecord *record, const char *member);
const char *dv_record_text_in(const DvRecord *record, const char *group, const char *member);
gboolean dv_record_is_training(const DvRecord *record);
/* The account had a hand in the crossing at first line. */
gboolean dv_record_officer_is(const DvRecord *record, const char *user);
/* The record carries a hit on this alert. */
gboolean dv_record_has_alert(const DvRecord *record, const char *alert_id);

/* DV_ERROR_DENIED unless the account's checkpoints include the record's. body or compartment is
 * opened. */
gboolean dv_record_in_scope(const DvRecord *record, const DvUser *user, GError **error);

/* A justification: 5 to DV_AUDIT_REASON_MAX bytes of UTF-8 with at least one letter, no controls.
 */
gboolean dv_reason_check(const char *reason, GError **error);
/* The reason will stand in logs for years: it must not name the traveller. body or
 * compartment is opened. */
gboolean dv_reason_names_nobody(const DvRecord *record, const char *reason, GError **error);
