// SPDX-License-Identifier: Apache-2.0
#include "record.h"

#include <darvaza/error.h>
#include <darvaza/fault.h>
#include <string.h>

#define REASON_MIN 5
#define NAME_MIN 5

DvRecord *
dv_record_read(DvOpener *opener, GBytes *bytes, GError **error)
{
    gsize length = 0;
    const void *data = g_bytes_get_data(bytes, &length);
    g_autoptr(DvRecord) record = g_new0(DvRecord, 1);
    record->wire = dv_crossing_wire_parse(data, length, error);
    if (!record->wire)
        return NULL;
    const DvCrossingHeader *header = &record->wire->header;
    record->kiosk = dv_keyring_kiosk(opener->keys, header->kiosk, "sign", error);
    if (!record->kiosk || !dv_crossing_wire_verify(record->wire, record->kiosk, error))
        return NULL;
    record->object = g_strdup_printf("%s/%" G_GINT64_FORMAT "/%" G_GINT64_FORMAT, header->kiosk,
                                     header->epoch, header->seq);
    dv_crossing_link(record->wire, record->link);
    return g_steal_pointer(&record);
}

void
dv_record_free(DvRecord *record)
{
    if (!record)
        return;
    dv_crossing_wire_free(record->wire);
    dv_cert_free(record->kiosk);
    json_decref(record->body);
    json_decref(record->compartment);
    g_free(record->object);
    g_free(record);
}

gboolean
dv_record_open_body(DvOpener *opener, DvRecord *record, GError **error)
{
    const DvKeyPair *pair = dv_keyring_record(opener->keys, record->wire->header.period, error);
    if (!pair)
        return FALSE;
    if (!record->wire->body) {
        g_set_error(error, DV_ERROR, DV_ERROR_EXPIRED, "record %s: its content has been erased",
                    record->object);
        return FALSE;
    }
    record->body = dv_crossing_open(record->wire, pair->key, pair->cert, record->kiosk, error);
    DV_FAULT_POINT("opener.open");
    return record->body != NULL;
}

const char *
dv_record_text(const DvRecord *record, const char *member)
{
    const char *text = json_string_value(json_object_get(record->body, member));
    return text ? text : "";
}

const char *
dv_record_text_in(const DvRecord *record, const char *group, const char *member)
{
    const json_t *object = json_object_get(record->body, group);
    const char *text = json_string_value(json_object_get(object, member));
    return text ? text : "";
}

gboolean
dv_record_is_training(const DvRecord *record)
{
    return json_is_true(json_object_get(record->body, "is_training"));
}

gboolean
dv_record_officer_is(const DvRecord *record, const char *user)
{
    return g_ascii_strcasecmp(dv_record_text(record, "officer_id"), user) == 0 ||
           g_ascii_strcasecmp(dv_record_text_in(record, "decision", "decided_by"), user) == 0 ||
           g_ascii_strcasecmp(dv_record_text_in(record, "decision", "approved_by"), user) == 0;
}

gboolean
dv_record_has_alert(const DvRecord *record, const char *alert_id)
{
    const json_t *hits = json_object_get(record->body, "hits");
    for (gsize i = 0; i < json_array_size(hits); i++) {
        const json_t *id = json_object_get(json_array_get(hits, i), "alert_id");
        if (g_strcmp0(json_string_value(id), alert_id) == 0)
            return TRUE;
    }
    return FALSE;
}

gboolean
dv_record_in_scope(const DvRecord *record, const DvUser *user, GError **error)
{
    const json_t *content = record->compartment ? record->compartment : record->body;
    if (dv_user_covers(user, json_string_value(json_object_get(content, "checkpoint"))))
        return TRUE;
    g_set_error(error, DV_ERROR, DV_ERROR_DENIED,
                "record %s: it is from a checkpoint outside this account's scope", record->object);
    return FALSE;
}

gboolean
dv_reason_check(const char *reason, GError **error)
{
    gsize length = reason ? strlen(reason) : 0;
    gboolean has_letter = FALSE, clean = length <= DV_AUDIT_REASON_MAX &&
                                         g_utf8_validate(reason ? reason : "", -1, NULL);
    for (const char *at = reason; clean && at && *at; at = g_utf8_next_char(at)) {
        gunichar c = g_utf8_get_char(at);
        has_letter = has_letter || g_unichar_isalpha(c);
        clean = !g_unichar_iscntrl(c);
    }
    if (clean && has_letter && length >= REASON_MIN)
        return TRUE;
    g_set_error(error, DV_ERROR, DV_ERROR_INVALID,
                "A reason in words is needed (%d to %d bytes on one line).", REASON_MIN,
                DV_AUDIT_REASON_MAX);
    return FALSE;
}

/* Upper case letters and digits only, so that "L 898902-c3" is found as well. */
static char *
squeeze(const char *text)
{
    g_autofree char *upper = g_utf8_strup(text, -1);
    GString *out = g_string_new(NULL);
    for (const char *at = upper; *at; at = g_utf8_next_char(at))
        if (g_unichar_isalnum(g_utf8_get_char(at)))
            g_string_append_unichar(out, g_utf8_get_char(at));
    return g_string_free(out, FALSE);
}

static gboolean
mentions(const char *squeezed_reason, const json_t *content, const char *group, const char *member)
{
    const json_t *object = json_object_get(content, group);
    const char *text = json_string_value(json_object_get(object, member));
    g_autofree char *squeezed = squeeze(text ? text : "");
    return g_utf8_strlen(squeezed, -1) >= NAME_MIN && strstr(squeezed_reason, squeezed);
}

gboolean
dv_reason_names_nobody(const DvRecord *record, const char *reason, GError **error)
{
    g_autofree char *squeezed = squeeze(reason);
    const json_t *content = record->compartment ? record->compartment : record->body;
    /* Short names are words of the language as well; document numbers are not. */
    if (!mentions(squeezed, content, "document", "number") &&
        !mentions(squeezed, content, "person", "surname") &&
        !mentions(squeezed, content, "person", "given_names"))
        return TRUE;
    g_set_error(error, DV_ERROR, DV_ERROR_INVALID,
                "The reason stands in the log: write no name or document number into it.");
    return FALSE;
}
