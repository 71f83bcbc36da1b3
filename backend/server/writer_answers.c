// SPDX-License-Identifier: Apache-2.0
/* Receipts, refusals and heartbeat answers. */
#include "ingest_private.h"
#include <darvaza/clock.h>
#include <darvaza/log.h>
#include <string.h>

static void
give_receipt(Job *job, const DvAppend *item, const DvKey *receipt_key)
{
    g_autoptr(GError) error = NULL;
    const DvCrossingHeader *header = &job->wire->header;
    DvReceipt receipt = {
        .epoch = header->epoch, .seq = header->seq, .received_us = item->received_us};
    g_strlcpy(receipt.kiosk, header->kiosk, sizeof receipt.kiosk);
    memcpy(receipt.link, item->link, sizeof receipt.link);
    g_autoptr(GBytes) bytes = dv_receipt_make(&receipt, receipt_key, &error);
    if (bytes == NULL) {
        /* The record is durable; the kiosk asks again and gets its receipt then. */
        dv_request_reply_gerror(job->request, error);
        return;
    }
    dv_request_reply(job->request, item->outcome == DV_APPEND_NEW ? 201 : 200, "application/json",
                     bytes);
}

static void
refuse(Job *job, const DvAppend *item, const char *word, const char *message)
{
    json_t *body =
        json_pack("{s:s, s:s, s:I, s:I}", "error", word, "message", message, "expected_epoch",
                  (json_int_t)item->expected_epoch, "expected_seq", (json_int_t)item->expected_seq);
    dv_request_reply_json(job->request, 409, body);
    json_decref(body);
}

void
writer_answer_record(Job *job, const DvAppend *item, const DvKey *receipt_key)
{
    switch (item->outcome) {
    case DV_APPEND_NEW:
    case DV_APPEND_DUPLICATE:
        give_receipt(job, item, receipt_key);
        break;
    case DV_APPEND_GAP:
        refuse(job, item, "gap", "records before this one have not arrived");
        break;
    case DV_APPEND_CHAIN:
        refuse(job, item, "chain", "this record does not follow the last one that stands here");
        break;
    case DV_APPEND_CONFLICT:
        refuse(job, item, "conflict", "another record stands at this number, or its epoch is over");
        break;
    }
}

static json_t *
audit_head(OpenerLink *opener)
{
    g_autoptr(GBytes) bytes = opener != NULL ? opener_link_audit_head(opener) : NULL;
    gsize length = 0;
    const char *text = bytes != NULL ? g_bytes_get_data(bytes, &length) : NULL;
    json_t *head = text != NULL ? json_loadb(text, length, JSON_REJECT_DUPLICATES, NULL) : NULL;
    return head != NULL ? head : json_null();
}

void
writer_answer_beat(Job *job, DvChainState state, gint64 missing, DvStore *store, OpenerLink *opener,
                   const DvKey *receipt_key)
{
    g_autoptr(GError) error = NULL;
    gint64 epoch = 0, seq = 0;
    gboolean found = FALSE;
    if (!dv_store_head(store, job->beat.kiosk, &epoch, &seq, NULL, &found, &error)) {
        dv_request_reply_gerror(job->request, error);
        return;
    }
    g_autofree char *now = dv_time_format(dv_clock_wall_us());
    g_autoptr(json_t) payload = json_pack(
        "{s:s, s:s, s:I, s:I, s:s, s:I, s:o}", "kiosk", job->beat.kiosk, "time", now, "epoch",
        (json_int_t)epoch, "seq", (json_int_t)seq, "chain", dv_chain_state_word(state), "missing",
        (json_int_t)missing, "audit_head", audit_head(opener));
    g_autoptr(GBytes) answer =
        dv_signed_json_make("heartbeat answer", payload, receipt_key, &error);
    if (answer == NULL)
        dv_request_reply_gerror(job->request, error);
    else
        dv_request_reply(job->request, 200, "application/json", answer);
}
