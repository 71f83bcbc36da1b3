// SPDX-License-Identifier: Apache-2.0
#pragma once
/*
 * answers.db: what the centre sent back, still sealed to this kiosk's answers key, and the
 * crossings for which a protection referral forbids a refusal (S2). No field of it names a person.
 */
#include <darvaza/crypto.h>
#include <glib.h>
#include <jansson.h>

typedef struct DvAnswers DvAnswers;

typedef struct {
    const DvKey *key; /* of the kiosk, for answers only */
    const DvCert *cert;
    const DvCert *opener_cert;
    const char *kiosk;
} DvAnswersKeys; /* everything must outlive the answers */

DvAnswers *dv_answers_open(const char *path, const DvAnswersKeys *keys, GError **error);
void dv_answers_free(DvAnswers *answers);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DvAnswers, dv_answers_free)

/* From now on an answer that refuses or returns this traveller is rejected. Durable on TRUE. */
gboolean dv_answers_mark_no_refuse(DvAnswers *answers, const char *crossing_id, GError **error);

/* Number of the last answer taken or rejected; 0: none. */
gint64 dv_answers_cursor(DvAnswers *answers);
/* Opens and judges one sealed answer, then stores it as it came. *payload (owned) is what it says.
 * A number taken before is TRUE with *payload NULL. DV_ERROR_CRYPTO: not by the opener or not for
 * this kiosk. DV_ERROR_CONFLICT: a number was skipped. DV_ERROR_DENIED: a refusal against a
 * protection referral; it counts as taken, so that later answers still arrive. */
gboolean dv_answers_take(DvAnswers *answers, gint64 number, const void *data, gsize length,
                         json_t **payload, GError **error);
/* The newest answers, opened, newest first, at most max: [{"number", "payload"}]. */
json_t *dv_answers_list(DvAnswers *answers, guint max, GError **error);

/* ---- the latest moment that somebody trusted vouched for */
gint64 dv_answers_clock_floor(DvAnswers *answers);
/* Only ever forward, and stored at most once a minute of progress. */
void dv_answers_raise_clock_floor(DvAnswers *answers, gint64 wall_us);

/* ---- the centre's audit log, whose head others keep */
gboolean dv_answers_keep_audit_head(DvAnswers *answers, const void *data, gsize length,
                                    GError **error);
