// SPDX-License-Identifier: Apache-2.0
/* What the officer does on the lane: type, correct, decide, clear. */
#include "booth_private.h"

#include <darvaza/clock.h>
#include <darvaza/crypto.h>
#include <darvaza/error.h>
#include <darvaza/json.h>
#include <string.h>

#define NOTE_MAX 1000
#define MRZ_TEXT_MAX 512

/* ---- manual entry and correction ---- */

/* Lines as typed: outer blanks go, letters become capitals, a blank inside stays what it is (an
 * error that the parser names). NULL with error when it cannot be lines of a zone. */
static char **
typed_lines(const char *text, GError **error)
{
    g_autofree char *upper = g_ascii_strup(text, -1);
    g_strdelimit(upper, "\r", '\n');
    g_auto(GStrv) rows = g_strsplit(upper, "\n", 16);
    g_autoptr(GPtrArray) lines = g_ptr_array_new_with_free_func(g_free);
    for (guint i = 0; rows[i]; i++) {
        const char *row = g_strstrip(rows[i]);
        if (*row)
            g_ptr_array_add(lines, g_strdup(row));
    }
    g_ptr_array_add(lines, NULL);
    if (dv_devices_lines_ok((const char *const *)lines->pdata))
        return (char **)g_ptr_array_free(g_steal_pointer(&lines), FALSE);
    g_set_error(error, DV_ERROR, DV_ERROR_INVALID,
                "manual entry: a machine readable zone has one to three lines of at most 44 "
                "letters, digits and <");
    return NULL;
}

static DvInspection *
typed_inspection(const json_t *body, GError **error)
{
    const json_t *fields = json_object_get(body, "fields");
    if (json_is_object(fields))
        return dv_inspection_new_fields(fields, error);
    const char *text = dv_json_string(body, "mrz", MRZ_TEXT_MAX, "manual entry", error);
    g_auto(GStrv) lines = text ? typed_lines(text, error) : NULL;
    if (!lines)
        return NULL;
    return dv_inspection_new_lines(DV_ENTRY_MANUAL_MRZ, (const char *const *)lines,
                                   dv_clock_mono_us());
}

static void
reply_state(DvRequest *request, DvBooth *booth)
{
    g_autoptr(json_t) state = dv_state_view(booth);
    dv_request_reply_json(request, 200, state);
}

void
dv_api_manual(DvRequest *request, void *data)
{
    DvBooth *booth = data;
    g_autoptr(json_t) body = dv_request_json(request);
    if (!body)
        return;
    g_autoptr(GError) error = NULL;
    g_autoptr(DvInspection) inspection = typed_inspection(body, &error);
    if (!inspection || !dv_flow_begin(booth, inspection, &error)) {
        dv_request_reply_gerror(request, error);
        return;
    }
    inspection = NULL; /* the lane has it */
    reply_state(request, booth);
}

void
dv_api_correct(DvRequest *request, void *data)
{
    DvBooth *booth = data;
    g_autoptr(json_t) body = dv_request_json(request);
    if (!body)
        return;
    const json_t *given = json_object_get(body, "lines");
    const char *id = dv_json_string_or_null(body, "crossing_id");
    const char *lines[DV_MRZ_LINES_MAX + 1] = {NULL};
    gboolean ok = json_array_size(given) >= 1 && json_array_size(given) <= DV_MRZ_LINES_MAX;
    for (gsize i = 0; ok && i < json_array_size(given); i++) {
        lines[i] = json_string_value(json_array_get(given, i));
        ok = lines[i] != NULL;
    }
    if (!ok) {
        dv_request_error(request, 400, "invalid", "lines must be one to three texts");
        return;
    }
    if (!booth->inspection || g_strcmp0(id, booth->inspection->crossing_id) != 0) {
        dv_request_error(request, 409, "not_on_lane", "this crossing is not on the lane");
        return;
    }
    g_autoptr(GError) error = NULL;
    if (dv_flow_correct(booth, lines, &error))
        reply_state(request, booth);
    else
        dv_request_reply_gerror(request, error);
}

/* ---- decision ---- */

static void
reply_decision(DvRequest *request, DvBooth *booth, const DvDecisionRequest *what)
{
    g_autoptr(GError) error = NULL;
    DvOutboxPlace place = {0};
    const char *word = NULL;
    const DvSession *officer = dv_sessions_current(booth->sessions);
    if (dv_flow_decide(booth, what, officer, &place, &word, &error)) {
        g_autoptr(json_t) answer =
            json_pack("{s:b, s:s, s:I, s:I}", "recorded", TRUE, "crossing_id", what->crossing_id,
                      "epoch", (json_int_t)place.epoch, "seq", (json_int_t)place.seq);
        dv_request_reply_json(request, 200, answer);
    } else if (word) {
        dv_request_error(request, g_error_matches(error, DV_ERROR, DV_ERROR_DENIED) ? 403 : 409,
                         word, "%s", error->message);
    } else {
        dv_request_reply_gerror(request, error);
    }
}

/* Reads one optional text; FALSE when it is there and no text of at most max bytes. */
static gboolean
optional_text(const json_t *body, const char *key, gsize max, const char **text)
{
    const json_t *value = json_object_get(body, key);
    *text = json_string_value(value);
    return !value || json_is_null(value) || (*text && strlen(*text) <= max);
}

/* Plain text: what reorders or hides characters has no place in a reason. */
static gboolean
note_is_plain(const char *note)
{
    for (const char *at = note; at && *at; at = g_utf8_next_char(at)) {
        gunichar c = g_utf8_get_char(at);
        if ((g_unichar_iscntrl(c) && c != '\n') || (c >= 0x202a && c <= 0x202e) ||
            (c >= 0x2066 && c <= 0x2069))
            return FALSE;
    }
    return TRUE;
}

static gboolean
read_decision(const json_t *body, DvDecisionRequest *what)
{
    return optional_text(body, "crossing_id", 36, &what->crossing_id) && what->crossing_id &&
           dv_uuid_is_valid(what->crossing_id) &&
           optional_text(body, "decision", 32, &what->decision) && what->decision &&
           optional_text(body, "note", NOTE_MAX, &what->note) && note_is_plain(what->note) &&
           optional_text(body, "language", 35, &what->language) &&
           optional_text(body, "direction", 16, &what->direction) &&
           optional_text(body, "mode", 16, &what->mode) &&
           optional_text(body, "purpose", 16, &what->purpose) &&
           optional_text(body, "traveller_class", 16, &what->traveller_class);
}

void
dv_api_decision(DvRequest *request, void *data)
{
    static const char *const known[] = {"crossing_id", "decision",        "note",
                                        "language",    "direction",       "mode",
                                        "purpose",     "traveller_class", NULL};
    g_autoptr(json_t) body = dv_request_json(request);
    if (!body)
        return;
    g_autoptr(GError) error = NULL;
    if (!dv_json_only(body, known, "decision", &error)) {
        dv_request_reply_gerror(request, error);
        return;
    }
    DvDecisionRequest what = {NULL};
    if (!read_decision(body, &what)) {
        dv_request_error(request, 400, "invalid",
                         "a decision needs crossing_id and decision; its texts must be plain and "
                         "within their lengths");
        return;
    }
    reply_decision(request, data, &what);
}

/* The traveller left, or the document was laid by mistake: recorded as such, never forgotten. */
void
dv_api_clear(DvRequest *request, void *data)
{
    DvBooth *booth = data;
    g_autoptr(json_t) body = dv_request_json(request);
    if (!body)
        return;
    DvDecisionRequest what = {.decision = "WITHDRAWN"};
    if (!optional_text(body, "crossing_id", 36, &what.crossing_id) || !what.crossing_id ||
        !optional_text(body, "note", NOTE_MAX, &what.note) || !note_is_plain(what.note)) {
        dv_request_error(request, 400, "invalid", "clear needs the crossing_id on the lane");
        return;
    }
    reply_decision(request, booth, &what);
}

void
dv_api_recover(DvRequest *request, void *data)
{
    DvBooth *booth = data;
    g_autoptr(GError) error = NULL;
    if (dv_flow_recover(booth, &error))
        reply_state(request, booth);
    else
        dv_request_reply_gerror(request, error);
}

/* "Is it recorded?": for a page that lost the answer to its decision. */
void
dv_api_crossing(DvRequest *request, void *data)
{
    DvBooth *booth = data;
    const char *id = dv_request_param(request, "id");
    if (!dv_uuid_is_valid(id)) {
        dv_request_error(request, 400, "invalid", "a crossing is named by its UUID");
        return;
    }
    g_autoptr(GError) error = NULL;
    DvOutboxPlace place = {0};
    gboolean found = FALSE;
    if (!dv_outbox_find(booth->outbox, id, &found, &place, &error)) {
        dv_request_reply_gerror(request, error);
        return;
    }
    g_autoptr(json_t) answer =
        json_pack("{s:s, s:b, s:I, s:I, s:b}", "crossing_id", id, "recorded", found, "epoch",
                  (json_int_t)place.epoch, "seq", (json_int_t)place.seq, "at_centre",
                  found && place.acknowledged);
    dv_request_reply_json(request, 200, answer);
}
