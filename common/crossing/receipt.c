// SPDX-License-Identifier: Apache-2.0
/* The centre's word that one record is durable. */
#include "private.h"
#include <darvaza/receipt.h>

#define RECEIPT_MAX 1024

static const DvSchemaMember members[] = {
    {"kiosk", DV_SCHEMA_TEXT, 1, DV_CROSSING_KIOSK_MAX, .form = dv_form_kiosk},
    {"epoch", DV_SCHEMA_INT, 1, DV_INTEGER_MAX},
    {"seq", DV_SCHEMA_INT, 1, DV_INTEGER_MAX},
    {"link", DV_SCHEMA_TEXT, 64, 64, .form = dv_form_sha256},
    {"received_us", DV_SCHEMA_INT, 0, DV_INTEGER_MAX},
    {NULL}};

GBytes *
dv_receipt_make(const DvReceipt *receipt, const DvKey *receipt_key, GError **error)
{
    g_autofree char *link = dv_hex(receipt->link, DV_SHA256_SIZE);
    g_autoptr(json_t) payload =
        json_pack("{s:s, s:I, s:I, s:s, s:I}", "kiosk", receipt->kiosk, "epoch",
                  (json_int_t)receipt->epoch, "seq", (json_int_t)receipt->seq, "link", link,
                  "received_us", (json_int_t)receipt->received_us);
    if (!dv_schema_check(payload, members, "receipt", error))
        return NULL;
    return dv_signed_json_make("receipt", payload, receipt_key, error);
}

gboolean
dv_receipt_verify(const void *data, gsize length, const DvCert *receipt_cert, DvReceipt *receipt,
                  GError **error)
{
    g_autoptr(json_t) payload =
        dv_signed_json_verify("receipt", data, length, RECEIPT_MAX, receipt_cert, error);
    if (!payload || !dv_schema_check(payload, members, "receipt", error))
        return FALSE;
    g_strlcpy(receipt->kiosk, json_string_value(json_object_get(payload, "kiosk")),
              sizeof receipt->kiosk);
    receipt->epoch = json_integer_value(json_object_get(payload, "epoch"));
    receipt->seq = json_integer_value(json_object_get(payload, "seq"));
    receipt->received_us = json_integer_value(json_object_get(payload, "received_us"));
    return dv_hex_parse(json_string_value(json_object_get(payload, "link")), receipt->link,
                        DV_SHA256_SIZE);
}
