// SPDX-License-Identifier: Apache-2.0
/* Answers to a booth: signed by the opener, sealed to a key that serves for answers only. */
#include "private.h"
#include <darvaza/error.h>
#include <darvaza/receipt.h>
#include <string.h>

static gboolean
names_kiosk(const json_t *payload, const DvCert *cert, GError **error)
{
    g_autofree char *name = dv_cert_common_name(cert);
    const char *kiosk = json_string_value(json_object_get(payload, "kiosk"));
    if (g_strcmp0(kiosk, name) == 0)
        return TRUE;
    g_set_error(error, DV_ERROR, DV_ERROR_DENIED,
                "answer: kiosk: is not the one whose key it is sealed to");
    return FALSE;
}

GBytes *
dv_answer_seal(const json_t *payload, const DvKey *opener_key, const DvCert *opener_cert,
               const DvCert *kiosk_answers_cert, GError **error)
{
    if (!names_kiosk(payload, kiosk_answers_cert, error))
        return NULL;
    g_autoptr(GBytes) plain = dv_pad(payload, 0, "answer", error);
    if (!plain)
        return NULL;
    return dv_cms_seal(g_bytes_get_data(plain, NULL), g_bytes_get_size(plain), opener_key,
                       opener_cert, kiosk_answers_cert, error);
}

json_t *
dv_answer_open(const void *data, gsize length, const DvKey *answers_key, const DvCert *answers_cert,
               const DvCert *opener_cert, GError **error)
{
    g_autoptr(GBytes) plain =
        dv_cms_open(data, length, answers_key, answers_cert, opener_cert, error);
    if (!plain) {
        g_prefix_error(error, "answer: ");
        return NULL;
    }
    g_autoptr(json_t) payload = dv_unpad(plain, 0, "answer", error);
    if (!payload || !names_kiosk(payload, answers_cert, error))
        return NULL;
    return g_steal_pointer(&payload);
}
