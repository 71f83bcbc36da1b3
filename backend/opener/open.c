// SPDX-License-Identifier: Apache-2.0
#include "open.h"

#include "protection.h"

#include <darvaza/error.h>

#define DECISION_MAX (64u * 1024u)

static gboolean
open_for(DvOpener *opener, const DvSession *session, DvRecord *record, const char *reason,
         GError **error)
{
    return dv_session_may(session, DV_VERB_OPEN, error) &&
           dv_record_open_body(opener, record, error) &&
           dv_record_in_scope(record, session->user, error) &&
           dv_reason_names_nobody(record, reason, error);
}

static gboolean
is_open(const DvRecord *record)
{
    return record && (record->body || record->compartment);
}

char *
dv_open_record(DvOpener *opener, const char *token, GBytes *wire, const char *reason,
               GError **error)
{
    g_autoptr(DvSession) session = dv_session_find(opener, token, error);
    if (!session || !dv_reason_check(reason, error))
        return NULL;
    g_autoptr(GError) why = NULL;
    g_autoptr(DvRecord) record = dv_record_read(opener, wire, &why);
    g_autoptr(json_t) shown = NULL;
    const char *verb = "record.open";
    if (record && opener->mode == DV_OPENER_PROTECTION) {
        verb = "referral.open";
        shown = dv_referral_open(opener, session, record, reason, &why);
    } else if (record && open_for(opener, session, record, reason, &why)) {
        shown = json_incref(record->body);
    }
    const char *object = record ? record->object : "(unreadable)";
    /* Whoever is denied for another cause must not get a name into the log either. */
    const char *kept =
        why && is_open(record) && !dv_reason_names_nobody(record, reason, NULL) ? "" : reason;
    if (!dv_opener_log_end(opener, session->user->user, verb, object, kept, &why, error))
        return NULL;
    return json_dumps(shown, JSON_COMPACT);
}

/* A copy does not say which period sealed it; there are few. */
static GBytes *
unseal_copy(DvOpener *opener, GBytes *copy, GError **error)
{
    gsize length = 0;
    const void *der = g_bytes_get_data(copy, &length);
    GHashTableIter iter;
    gpointer value;
    g_hash_table_iter_init(&iter, opener->keys->records);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        const DvKeyPair *pair = value;
        g_clear_error(error);
        GBytes *plain =
            dv_cms_open(der, length, pair->key, pair->cert, opener->keys->opener.cert, error);
        if (plain)
            return plain;
    }
    return NULL;
}

static json_t *
read_copy(DvOpener *opener, const DvSession *session, GBytes *copy, char **object, GError **error)
{
    if (!dv_session_may(session, DV_VERB_OPEN_DECISION, error))
        return NULL;
    if (g_bytes_get_size(copy) > DECISION_MAX) {
        g_set_error(error, DV_ERROR, DV_ERROR_INVALID, "decision: larger than %u bytes",
                    DECISION_MAX);
        return NULL;
    }
    g_autoptr(GError) why = NULL;
    g_autoptr(GBytes) plain = unseal_copy(opener, copy, &why);
    if (!plain) {
        g_propagate_error(error, g_steal_pointer(&why));
        return NULL;
    }
    gsize length = 0;
    const void *text = g_bytes_get_data(plain, &length);
    g_autoptr(json_t) decision = dv_json_parse(text, length, DECISION_MAX, error);
    gint64 epoch = 0, seq = 0;
    const char *kiosk = decision ? dv_json_string(decision, "kiosk", 32, "decision", error) : NULL;
    if (!kiosk || !dv_json_int(decision, "epoch", 1, G_MAXINT64, &epoch, "decision", error) ||
        !dv_json_int(decision, "seq", 1, G_MAXINT64, &seq, "decision", error))
        return NULL;
    *object = g_strdup_printf("%s/%" G_GINT64_FORMAT "/%" G_GINT64_FORMAT, kiosk, epoch, seq);
    const char *checkpoint = dv_json_string_or_null(decision, "checkpoint");
    if (!dv_user_covers(session->user, checkpoint)) {
        g_set_error(error, DV_ERROR, DV_ERROR_DENIED,
                    "decision on %s: it is from a checkpoint outside this account's scope",
                    *object);
        return NULL;
    }
    return g_steal_pointer(&decision);
}

char *
dv_open_decision(DvOpener *opener, const char *token, GBytes *copy, const char *reason,
                 GError **error)
{
    g_autoptr(DvSession) session = dv_session_find(opener, token, error);
    if (!session || !dv_reason_check(reason, error))
        return NULL;
    g_autoptr(GError) why = NULL;
    g_autofree char *object = NULL;
    g_autoptr(json_t) decision = read_copy(opener, session, copy, &object, &why);
    if (!dv_opener_log_end(opener, session->user->user, "decision.open",
                           object ? object : "(unreadable)", reason, &why, error))
        return NULL;
    return json_dumps(decision, JSON_COMPACT);
}
