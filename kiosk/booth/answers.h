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

/* The centre is asked for what comes after this number; 0: for all. After a start it lies before
 * the first answer that did not verify, so that a right one, should there be one by now, arrives.
 */
gint64 dv_answers_cursor(DvAnswers *answers);
#define DV_ANSWER_MAX (128u * 1024u)
/* Opens and judges one sealed answer, then stores it as it came. TRUE: it is settled, and the next
 * number may come. *payload (owned) is what a new and good one says. *refused is a static word for
 * one that is passed over: "unverified" (not by the opener, not for this kiosk, not whole: bytes
 * that do not verify now never will, and must not hold up the answers behind them)
 * "repeated" (a decision that came before under another number) or "unacceptable" (signed, but
 * nothing that may be done here: a refusal against a protection referral, S2). Both NULL: a number
 * settled before. DV_ERROR_CONFLICT: a number was skipped; DV_ERROR_FULL: too many do not verify.
 * Of an unverified or repeated one no byte is kept. */
gboolean dv_answers_take(DvAnswers *answers, gint64 number, const void *data, gsize length,
                         json_t **payload, const char **refused, GError **error);
/* The newest answers, newest first, at most max: [{"number", "payload"}], or {"number", "refused"}
 * with the word above. */
json_t *dv_answers_list(DvAnswers *answers, guint max, GError **error);

/* ---- the latest moment that somebody trusted vouched for */
gint64 dv_answers_clock_floor(DvAnswers *answers);
/* Only ever forward, and stored at most once a minute of progress. */
void dv_answers_raise_clock_floor(DvAnswers *answers, gint64 wall_us);

/* ---- the centre's audit log, whose head others keep */
gboolean dv_answers_keep_audit_head(DvAnswers *answers, const void *data, gsize length,
                                    GError **error);
