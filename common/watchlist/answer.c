// SPDX-License-Identifier: Apache-2.0
#include <darvaza/clock.h>
#include <darvaza/watchlist.h>

#define CONFIRM_TEXT "Confirm with the owner before coercive action."

static json_t *
reasons_json(const GPtrArray *reasons)
{
    json_t *array = json_array();

    for (guint i = 0; i < reasons->len; i++) {
        const DvWatchlistReason *reason = g_ptr_array_index(reasons, i);
        json_array_append_new(array,
                              json_pack("{s:s, s:s, s:s, s:s, s:s}", "field", reason->field,
                                        "result", dv_watchlist_agreement_word(reason->agreement),
                                        "document", reason->document_value, "listed",
                                        reason->listed_value, "text", reason->text));
    }
    return array;
}

json_t *
dv_watchlist_hit_json(const DvWatchlistHit *hit)
{
    json_t *object = json_object();

    json_object_set_new(object, "alert_id", json_string(hit->alert_id));
    json_object_set_new(object, "list_id", json_string(hit->list_id));
    json_object_set_new(object, "list_title", json_string(hit->list_title));
    json_object_set_new(object, "list_version", json_integer(hit->list_version));
    json_object_set_new(object, "subject", json_string(hit->is_document ? "DOCUMENT" : "PERSON"));
    json_object_set_new(object, "kind", json_string(dv_watchlist_match_word(hit->match)));
    json_object_set_new(object, "score", json_integer((json_int_t)hit->score));
    json_object_set_new(object, "probable", json_boolean(hit->probable));
    json_object_set_new(object, "action", json_string(dv_watchlist_action_word(hit->action)));
    json_object_set_new(object, "is_training", json_boolean(hit->is_training));
    json_object_set_new(object, "legal_basis", json_string(hit->legal_basis));
    json_object_set_new(object, "owner", json_string(hit->owner));
    json_object_set_new(object, "purpose", json_string(hit->purpose));
    json_object_set_new(object, "review_date", json_string(hit->review_date));
    json_object_set_new(object, "reason", json_string(hit->reason));
    json_object_set_new(object, "listed_name", json_string(hit->listed_name));
    json_object_set_new(object, "listed_document", json_string(hit->listed_document));
    json_object_set_new(object, "reasons", reasons_json(hit->reasons));
    json_object_set_new(object, "confirm_with_owner", json_boolean(hit->confirm_with_owner));
    if (hit->confirm_with_owner)
        json_object_set_new(object, "instruction", json_string(CONFIRM_TEXT));
    return object;
}

json_t *
dv_watchlist_list_json(const DvWatchlistList *list)
{
    json_t *object = json_object();

    json_object_set_new(object, "list_id", json_string(list->list_id));
    json_object_set_new(object, "title", json_string(list->title));
    json_object_set_new(object, "owner", json_string(list->owner));
    json_object_set_new(object, "kind", json_string(dv_watchlist_kind_word(list->kind)));
    json_object_set_new(object, "version", json_integer(list->version));
    json_object_set_new(object, "age_s",
                        list->age_s >= 0 ? json_integer(list->age_s) : json_null());
    json_object_set_new(object, "status", json_string(dv_watchlist_status_word(list->status)));
    json_object_set_new(object, "is_training", json_boolean(list->is_training));
    json_object_set_new(object, "rows", json_integer(list->rows));
    json_object_set_new(object, "state_hash", json_string(list->state_hash));
    json_object_set_new(object, "explanation", json_string(list->explanation));
    if (list->expires_us != 0) {
        g_autofree char *expires = dv_time_format(list->expires_us);
        json_object_set_new(object, "expires_at", json_string(expires));
    }
    return object;
}

json_t *
dv_watchlist_answer_json(const DvWatchlistAnswer *answer)
{
    json_t *object = json_object(), *lists = json_array(), *hits = json_array();

    for (guint i = 0; i < answer->lists->len; i++)
        json_array_append_new(lists, dv_watchlist_list_json(g_ptr_array_index(answer->lists, i)));
    for (guint i = 0; i < answer->hits->len; i++)
        json_array_append_new(hits, dv_watchlist_hit_json(g_ptr_array_index(answer->hits, i)));
    json_object_set_new(object, "status",
                        json_string(answer->hits->len > 0 ? "hit"
                                    : answer->determined  ? "no_hit"
                                                          : "undetermined"));
    json_object_set_new(object, "determined", json_boolean(answer->determined));
    json_object_set_new(object, "undetermined_because", json_string(answer->undetermined_because));
    json_object_set_new(object, "asked_document", json_boolean(answer->asked_document));
    json_object_set_new(object, "asked_person", json_boolean(answer->asked_person));
    json_object_set_new(object, "capped", json_boolean(answer->capped));
    if (answer->release > 0)
        json_object_set_new(object, "release", json_integer(answer->release));
    if (*answer->notice != '\0')
        json_object_set_new(object, "notice", json_string(answer->notice));
    json_object_set_new(object, "hits", hits);
    json_object_set_new(object, "lists", lists);
    return object;
}
