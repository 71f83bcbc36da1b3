// SPDX-License-Identifier: Apache-2.0
#include "request.h"

#include <darvaza/error.h>
#include <darvaza/json.h>
#include <string.h>

#define WHAT "decision"
#define TEXT_MAX 1000 /* characters: a sentence has as many in every script */
#define LIST_MAX 32

void
dv_decision_request_free(DvDecisionRequest *request)
{
    if (!request)
        return;
    json_decref(request->json);
    g_free(request);
}

static gboolean
refuse(GError **error, const char *message)
{
    g_set_error(error, DV_ERROR, DV_ERROR_INVALID, "%s", message);
    return FALSE;
}

/* A member that must be there and say something. */
static gboolean
needs_text(const json_t *object, const char *key, const char *message, GError **error)
{
    const json_t *value = json_object_get(object, key);
    const char *text = json_string_value(value);
    gboolean says = FALSE;
    for (const char *at = text; at && *at; at = g_utf8_next_char(at))
        says = says || g_unichar_isalnum(g_utf8_get_char(at));
    if (!says)
        return refuse(error, message);
    if (g_utf8_strlen(text, -1) <= TEXT_MAX)
        return TRUE;
    g_set_error(error, DV_ERROR, DV_ERROR_INVALID, "%s: at most %d characters.", key, TEXT_MAX);
    return FALSE;
}

static gboolean
needs_list(const json_t *object, const char *key, const char *message, GError **error)
{
    const json_t *list = json_object_get(object, key);
    gsize count = json_array_size(list);
    if (!json_is_array(list) || count == 0 || count > LIST_MAX)
        return refuse(error, message);
    for (gsize i = 0; i < count; i++) {
        const json_t *item = json_array_get(list, i);
        if (!json_is_string(item) || json_string_length(item) == 0 ||
            json_string_length(item) > 128)
            return refuse(error, message);
    }
    return TRUE;
}

/* S4: the question was asked in a language that has a script, and its answer lets this decision
 * be. A traveller who is afraid, or whom nobody understood, is not refused here. */
static gboolean
check_question(const json_t *vocabulary, const json_t *json, GError **error)
{
    static const char *const members[] = {"language", "answer", "interpreter", NULL};
    const json_t *asked = json_object_get(json, "protection_question");
    if (!json_is_object(asked))
        return refuse(error, "The protection question must be asked first; record its language and "
                             "the answer.");
    if (!dv_json_only(asked, members, "protection question", error))
        return FALSE;
    const char *language = json_string_value(json_object_get(asked, "language"));
    const char *answer = json_string_value(json_object_get(asked, "answer"));
    if (!language || !dv_vocabulary_asks_in(vocabulary, language))
        return refuse(error, "The protection question has no script in that language.");
    if (g_strcmp0(answer, "NO") == 0)
        return TRUE;
    if (g_strcmp0(answer, "YES") == 0)
        g_set_error(error, DV_ERROR, DV_ERROR_DENIED,
                    "The traveller is afraid of being sent back: refer to the protection unit; "
                    "refusing is not open.");
    else if (g_strcmp0(answer, "UNCLEAR") == 0)
        g_set_error(error, DV_ERROR, DV_ERROR_DENIED,
                    "The answer to the protection question is not clear: get an interpreter and "
                    "ask again; refusing is not open.");
    else
        refuse(error, "The answer to the protection question must be NO, YES or UNCLEAR.");
    return FALSE;
}

/* S1: what a refusal must bring along. */
static gboolean
check_adverse(const json_t *vocabulary, const json_t *json, GError **error)
{
    static const char *const form_members[] = {"number", "handed_over", "remedy_notice", NULL};
    if (!needs_list(json, "grounds", "At least one ground of refusal is needed.", error))
        return FALSE;
    const json_t *grounds = json_object_get(json, "grounds");
    for (gsize i = 0; i < json_array_size(grounds); i++) {
        const char *code = json_string_value(json_array_get(grounds, i));
        if (!dv_vocabulary_has_ground(vocabulary, code))
            return refuse(error, "A ground is not in the national table of refusal grounds.");
    }
    const json_t *form = json_object_get(json, "form");
    if (!needs_text(json, "legal_basis", "The legal basis is needed.", error) ||
        !needs_text(json, "language", "The language used with the traveller is needed.", error))
        return FALSE;
    if (!json_is_object(form) || !dv_json_only(form, form_members, "form", NULL) ||
        !needs_text(form, "number", "", NULL) ||
        !json_is_true(json_object_get(form, "handed_over")))
        return refuse(error, "The refusal form must be issued and handed over; record its number.");
    if (!json_is_true(json_object_get(form, "remedy_notice")))
        return refuse(error, "The traveller must be told of the remedy against the refusal.");
    return check_question(vocabulary, json, error);
}

static gboolean
check_types(const json_t *json, GError **error)
{
    static const struct {
        const char *key;
        json_type type;
    } members[] = {
        {"disposition", JSON_STRING},
        {"reason", JSON_STRING},
        {"grounds", JSON_ARRAY},
        {"conditions", JSON_STRING},
        {"alerts", JSON_ARRAY},
        {"duplicate_of", JSON_STRING},
        {"legal_basis", JSON_STRING},
        {"language", JSON_STRING},
        {"form", JSON_OBJECT},
        {"interpreter", JSON_STRING},
        {"protection_question", JSON_OBJECT},
    };
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)json, key, value)
    {
        gboolean known = strcmp(key, "reopen") == 0 && json_is_boolean(value);
        for (gsize i = 0; i < G_N_ELEMENTS(members); i++)
            known = known ||
                    (strcmp(key, members[i].key) == 0 && json_typeof(value) == members[i].type);
        if (!known) {
            g_set_error(error, DV_ERROR, DV_ERROR_INVALID,
                        "decision: a member is unknown or of a wrong type");
            return FALSE;
        }
    }
    return TRUE;
}

static gboolean
check(const json_t *vocabulary, const json_t *json, const DvDisposition *disposition,
      GError **error)
{
    guint needs = disposition->needs;
    if (!check_types(json, error) ||
        !needs_text(json, "reason", "A reason is needed for every decision.", error))
        return FALSE;
    if ((needs & DV_NEEDS_CONDITIONS) &&
        !needs_text(json, "conditions", "State the conditions.", error))
        return FALSE;
    if ((needs & DV_NEEDS_ALERTS) &&
        !needs_list(json, "alerts", "Name the alerts that do not match.", error))
        return FALSE;
    if ((needs & DV_NEEDS_DUPLICATE) &&
        !dv_uuid_is_valid(json_string_value(json_object_get(json, "duplicate_of"))))
        return refuse(error, "Name the crossing that this one repeats.");
    return !(needs & DV_IS_ADVERSE) || check_adverse(vocabulary, json, error);
}

DvDecisionRequest *
dv_decision_request_parse(const json_t *vocabulary, const char *text, gsize length, GError **error)
{
    g_autoptr(DvDecisionRequest) request = g_new0(DvDecisionRequest, 1);
    request->json = dv_json_parse(text, length, DV_DECISION_REQUEST_MAX, error);
    const char *word =
        request->json ? dv_json_string(request->json, "disposition", 32, WHAT, error) : NULL;
    if (!word)
        return NULL;
    request->disposition = dv_disposition_find(word);
    if (!request->disposition) {
        refuse(error, "decision: the disposition is not one of the known ones");
        return NULL;
    }
    if (!check(vocabulary, request->json, request->disposition, error))
        return NULL;
    gsize canonical_length = 0;
    g_autofree char *canonical = dv_json_canonical(request->json, &canonical_length, error);
    if (!canonical)
        return NULL;
    dv_sha256(canonical, canonical_length, request->hash);
    request->reason = json_string_value(json_object_get(request->json, "reason"));
    request->reopen = json_is_true(json_object_get(request->json, "reopen"));
    return g_steal_pointer(&request);
}
