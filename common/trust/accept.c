// SPDX-License-Identifier: Apache-2.0
/*
 * Acceptance. Each step is a row: after which phase it may come, the rules in their order, what is
 * kept when all held, and the phase after. Rules look and never change anything; so a refusal
 * leaves no trace.
 */
#include "accept.h"
#include <darvaza/error.h>
#include <string.h>

/* What is offered in one step. */
typedef struct {
    const DvTrust *trust;
    DvTrustRole role;
    GBytes *bytes;
    const char *list_id; /* of a statement */
    gint64 clock_us, now_us;
    char sha256[DV_TRUST_HEX]; /* of the bytes */
    TrustFile *file;
    gint64 issued_us, expires_us;
    DvTrustRoot *root;
    DvTrustTimestamp *timestamp;
    DvTrustRelease *release;
    const DvTrustReleaseRef *ref; /* of the timestamp, what the release must be */
    DvTrustStatement *statement;
    const DvTrustList *list; /* of the release, what the statement must be */
} Offer;

typedef DvTrustReason (*Rule)(Offer *offer, GError **error);

static DvTrustReason
no(const Offer *offer, GError **error, DvTrustReason reason)
{
    return trust_refuse(error, reason, trust_kinds[offer->role].what, "%s",
                        dv_trust_reason_sentence(reason));
}

/* ---- rules of all steps */

static DvTrustReason
clock_is_not_back(Offer *offer, GError **error)
{
    return offer->clock_us + DV_TRUST_CLOCK_SLACK_US < offer->trust->clock_floor_us
               ? no(offer, error, DV_TRUST_CLOCK_BACK)
               : DV_TRUST_OK;
}

static DvTrustReason
form_is_right(Offer *offer, GError **error)
{
    DvTrustReason reason = DV_TRUST_OK;
    if (!offer->file)
        offer->file = trust_file_read(offer->bytes, offer->role, &reason, error);
    if (!offer->file)
        return reason;
    const json_t *content = offer->file->content;
    gboolean good = FALSE;
    switch (offer->role) {
    case DV_TRUST_ROLE_ROOT:
        good = (offer->root = trust_root_from(content, error)) != NULL;
        break;
    case DV_TRUST_ROLE_TIMESTAMP:
        good = (offer->timestamp = trust_timestamp_from(content, error)) != NULL;
        break;
    case DV_TRUST_ROLE_RELEASE:
        good = (offer->release = trust_release_from(content, error)) != NULL;
        break;
    default:
        good = (offer->statement = trust_statement_from(content, error)) != NULL;
    }
    /* Read once more from the member that every role has; its form was judged with the rest. */
    return good && trust_get_span(content, offer->role, &offer->issued_us, &offer->expires_us,
                                  error)
               ? DV_TRUST_OK
               : DV_TRUST_MALFORMED;
}

static DvTrustReason
is_signed(Offer *offer, GError **error)
{
    return trust_file_signed_by(offer->file, offer->trust->root, offer->role, offer->list_id, NULL,
                                NULL, NULL, error);
}

static DvTrustReason
is_not_from_future(Offer *offer, GError **error)
{
    return offer->issued_us > offer->clock_us + DV_TRUST_CLOCK_SLACK_US
               ? no(offer, error, DV_TRUST_FROM_FUTURE)
               : DV_TRUST_OK;
}

static DvTrustReason
is_not_expired(Offer *offer, GError **error)
{
    if (offer->now_us < offer->expires_us)
        return DV_TRUST_OK;
    gboolean same =
        offer->timestamp && offer->timestamp->version == offer->trust->timestamp_version;
    return no(offer, error, same ? DV_TRUST_FROZEN : DV_TRUST_EXPIRED);
}

/* Whether the offered bytes are genuine, though not what is wanted here. */
static gboolean
is_genuine(Offer *offer)
{
    return form_is_right(offer, NULL) == DV_TRUST_OK && is_signed(offer, NULL) == DV_TRUST_OK;
}

static DvTrustReason
bytes_are(Offer *offer, gint64 size, const char *sha256, GError **error)
{
    gsize length;
    const void *data = g_bytes_get_data(offer->bytes, &length);
    g_autoptr(GError) local = NULL;
    DvTrustReason reason = dv_trust_check_bytes(data, length, size, sha256, &local);
    if (reason != DV_TRUST_OK)
        reason = is_genuine(offer) ? DV_TRUST_MIX_AND_MATCH : reason;
    return reason == DV_TRUST_OK ? reason : no(offer, error, reason);
}

/* ---- root */

static DvTrustReason
is_next_root(Offer *offer, GError **error)
{
    gint64 ours = offer->trust->root->version;
    if (offer->root->version < ours)
        return no(offer, error, DV_TRUST_ROLLED_BACK);
    if (offer->root->version > ours + 1)
        return no(offer, error, DV_TRUST_FAST_FORWARD);
    if (offer->root->version == ours && !g_bytes_equal(offer->bytes, offer->trust->root_file))
        return no(offer, error, DV_TRUST_MISISSUED);
    return DV_TRUST_OK;
}

static DvTrustReason
is_signed_by_itself(Offer *offer, GError **error)
{
    return trust_file_signed_by(offer->file, offer->root, DV_TRUST_ROLE_ROOT, NULL, NULL, NULL,
                                NULL, error);
}

/* ---- timestamp */

static DvTrustReason
epoch_is_known(Offer *offer, GError **error)
{
    gint64 epoch = offer->timestamp ? offer->timestamp->epoch : offer->release->epoch;
    return epoch > offer->trust->root->version ? no(offer, error, DV_TRUST_ROOT_NEEDED)
                                               : DV_TRUST_OK;
}

static DvTrustReason
clock_is_not_ahead(Offer *offer, GError **error)
{
    return offer->clock_us - offer->expires_us > LONG_AFTER_US
               ? no(offer, error, DV_TRUST_CLOCK_AHEAD)
               : DV_TRUST_OK;
}

static DvTrustReason
root_is_alive(Offer *offer, GError **error)
{
    return offer->now_us >= offer->trust->root->expires_us ? no(offer, error, DV_TRUST_ROOT_EXPIRED)
                                                           : DV_TRUST_OK;
}

static DvTrustReason
timestamp_rises(Offer *offer, GError **error)
{
    const DvTrust *trust = offer->trust;
    gint64 version = offer->timestamp->version;
    if (version < trust->timestamp_version)
        return no(offer, error, DV_TRUST_ROLLED_BACK);
    if (version == trust->timestamp_version && strcmp(offer->sha256, trust->timestamp_sha256) != 0)
        return no(offer, error, DV_TRUST_MISISSUED);
    if (version > offer->issued_us / G_USEC_PER_SEC)
        return no(offer, error, DV_TRUST_FAST_FORWARD);
    return DV_TRUST_OK;
}

static DvTrustReason
named_release_does_not_fall(Offer *offer, GError **error)
{
    const DvTrust *trust = offer->trust;
    const DvTrustReleaseRef *current = &offer->timestamp->current;
    if (current->release < trust->release_seen)
        return no(offer, error, DV_TRUST_ROLLED_BACK);
    if (current->release == trust->release_seen && strcmp(current->sha256, trust->seen_sha256) != 0)
        return no(offer, error, DV_TRUST_MISISSUED);
    return DV_TRUST_OK;
}

/* ---- release */

static DvTrustReason
is_a_named_release(Offer *offer, GError **error)
{
    const DvTrustTimestamp *timestamp = offer->trust->taken_timestamp;
    offer->ref = &timestamp->current;
    if (timestamp->has_previous && strcmp(offer->sha256, timestamp->previous.sha256) == 0)
        offer->ref = &timestamp->previous;
    return bytes_are(offer, offer->ref->size, offer->ref->sha256, error);
}

static DvTrustReason
release_number_is_right(Offer *offer, GError **error)
{
    const DvTrust *trust = offer->trust;
    gint64 number = offer->release->release;
    if (number != offer->ref->release)
        return no(offer, error, DV_TRUST_MIX_AND_MATCH);
    if (number < trust->release)
        return no(offer, error, DV_TRUST_ROLLED_BACK);
    if (number == trust->release && strcmp(offer->sha256, trust->release_sha256) != 0)
        return no(offer, error, DV_TRUST_MISISSUED);
    if (trust->release_seen > 0 && number - trust->release_seen > RELEASE_JUMP_MAX)
        return no(offer, error, DV_TRUST_FAST_FORWARD);
    return DV_TRUST_OK;
}

static DvTrustReason
lists_do_not_fall(Offer *offer, GError **error)
{
    const DvTrust *trust = offer->trust;
    for (guint i = 0; i < offer->release->lists->len; i++) {
        const DvTrustList *list = g_ptr_array_index(offer->release->lists, i);
        if (list->version < dv_trust_list_version(trust, list->list_id))
            return trust_refuse(error, DV_TRUST_ROLLED_BACK, trust_kinds[offer->role].what,
                                "the list %s has version %" G_GINT64_FORMAT
                                ", older than the one in force",
                                list->list_id, list->version);
    }
    return DV_TRUST_OK;
}

/* ---- statement */

static DvTrustReason
is_the_named_statement(Offer *offer, GError **error)
{
    const DvTrustRelease *release = offer->trust->taken_release;
    for (guint i = 0; i < release->lists->len; i++) {
        const DvTrustList *list = g_ptr_array_index(release->lists, i);
        if (strcmp(list->list_id, offer->list_id) == 0)
            offer->list = list;
    }
    if (!offer->list)
        return no(offer, error, DV_TRUST_MIX_AND_MATCH);
    return bytes_are(offer, offer->list->statement_size, offer->list->statement_sha256, error);
}

static DvTrustReason
statement_is_of_this_version(Offer *offer, GError **error)
{
    const DvTrustStatement *statement = offer->statement;
    const TrustListState *before = g_hash_table_lookup(offer->trust->lists, offer->list_id);
    if (strcmp(statement->list_id, offer->list_id) != 0 ||
        statement->version != offer->list->version)
        return no(offer, error, DV_TRUST_MIX_AND_MATCH);
    if (before && before->version == statement->version &&
        strcmp(before->state_hash, statement->state_hash) != 0)
        return no(offer, error, DV_TRUST_MISISSUED);
    return DV_TRUST_OK;
}

/* ---- what is kept when all rules held */

void
trust_forget_from(DvTrust *trust, TrustPhase phase)
{
    if (phase <= PHASE_TIMESTAMP)
        g_clear_pointer(&trust->taken_timestamp, dv_trust_timestamp_free);
    g_clear_pointer(&trust->taken_release, dv_trust_release_free);
    g_hash_table_remove_all(trust->statements);
}

static void
raise_floor(DvTrust *trust, gint64 time_us)
{
    trust->clock_floor_us = MAX(trust->clock_floor_us, time_us);
}

static void
keep_root(DvTrust *trust, Offer *offer)
{
    trust_forget_from(trust, PHASE_START);
    dv_trust_root_free(trust->root);
    trust->root = g_steal_pointer(&offer->root);
    g_bytes_unref(trust->root_file);
    trust->root_file = g_bytes_ref(offer->bytes);
    raise_floor(trust, trust->root->issued_us);
}

static void
keep_timestamp(DvTrust *trust, Offer *offer)
{
    trust_forget_from(trust, PHASE_TIMESTAMP);
    trust->taken_timestamp = g_steal_pointer(&offer->timestamp);
    trust->timestamp_version = trust->taken_timestamp->version;
    g_strlcpy(trust->timestamp_sha256, offer->sha256, DV_TRUST_HEX);
    raise_floor(trust, trust->taken_timestamp->issued_us);
}

static void
keep_release(DvTrust *trust, Offer *offer)
{
    trust_forget_from(trust, PHASE_RELEASE);
    trust->taken_release = g_steal_pointer(&offer->release);
    trust->release_is_previous = offer->ref == &trust->taken_timestamp->previous;
    if (trust->taken_release->release > trust->release_seen) {
        trust->release_seen = trust->taken_release->release;
        g_strlcpy(trust->seen_sha256, offer->sha256, DV_TRUST_HEX);
    }
}

static void
keep_statement(DvTrust *trust, Offer *offer)
{
    g_hash_table_replace(trust->statements, g_strdup(offer->list_id),
                         g_steal_pointer(&offer->statement));
}

/* ---- the table */

#define RULES_MAX 12
typedef struct {
    TrustPhase least; /* what must have been accepted before */
    TrustPhase after;
    Rule rules[RULES_MAX]; /* ends with NULL */
    void (*keep)(DvTrust *trust, Offer *offer);
} Step;

static const Step steps[DV_TRUST_ROLES] = {
    [DV_TRUST_ROLE_ROOT] = {PHASE_START,
                            PHASE_START,
                            {clock_is_not_back, form_is_right, is_next_root, is_signed,
                             is_signed_by_itself, is_not_from_future},
                            keep_root},
    [DV_TRUST_ROLE_TIMESTAMP] = {PHASE_START,
                                 PHASE_TIMESTAMP,
                                 {clock_is_not_back, form_is_right, epoch_is_known, is_signed,
                                  is_not_from_future, clock_is_not_ahead, root_is_alive,
                                  timestamp_rises, is_not_expired, named_release_does_not_fall},
                                 keep_timestamp},
    [DV_TRUST_ROLE_RELEASE] = {PHASE_TIMESTAMP,
                               PHASE_RELEASE,
                               {clock_is_not_back, is_a_named_release, form_is_right,
                                epoch_is_known, is_signed, is_not_from_future, root_is_alive,
                                release_number_is_right, is_not_expired, lists_do_not_fall},
                               keep_release},
    [DV_TRUST_ROLE_OWNER] = {PHASE_RELEASE,
                             PHASE_RELEASE,
                             {clock_is_not_back, is_the_named_statement, form_is_right, is_signed,
                              is_not_from_future, root_is_alive, statement_is_of_this_version,
                              is_not_expired},
                             keep_statement},
};

static void
offer_clear(Offer *offer)
{
    trust_file_free(offer->file);
    dv_trust_root_free(offer->root);
    dv_trust_timestamp_free(offer->timestamp);
    dv_trust_release_free(offer->release);
    dv_trust_statement_free(offer->statement);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Offer, offer_clear)

static DvTrustReason
take(DvTrust *trust, DvTrustRole role, const char *list_id, GBytes *bytes, gint64 clock_us,
     GError **error)
{
    const Step *step = &steps[role];
    g_auto(Offer) offer = {.trust = trust,
                           .role = role,
                           .bytes = bytes,
                           .list_id = list_id,
                           .clock_us = clock_us,
                           .now_us = dv_trust_now(trust, clock_us)};
    guint8 digest[DV_SHA256_SIZE];
    if (trust->phase < step->least)
        return trust_refuse(error, DV_TRUST_MIX_AND_MATCH, trust_kinds[role].what,
                            "was offered before what it belongs to was accepted");
    if (g_bytes_get_size(bytes) > trust_kinds[role].max)
        return no(&offer, error, DV_TRUST_BLOATED);
    dv_sha256(g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes), digest);
    g_autofree char *hex = dv_hex(digest, sizeof digest);
    g_strlcpy(offer.sha256, hex, DV_TRUST_HEX);
    for (gsize i = 0; step->rules[i]; i++) {
        DvTrustReason reason = step->rules[i](&offer, error);
        if (reason != DV_TRUST_OK)
            return reason;
    }
    step->keep(trust, &offer);
    trust->phase = step->after;
    return DV_TRUST_OK;
}

DvTrustReason
dv_trust_take_root(DvTrust *trust, GBytes *file, gint64 clock_us, GError **error)
{
    return take(trust, DV_TRUST_ROLE_ROOT, NULL, file, clock_us, error);
}

DvTrustReason
dv_trust_take_timestamp(DvTrust *trust, GBytes *file, gint64 clock_us, GError **error)
{
    return take(trust, DV_TRUST_ROLE_TIMESTAMP, NULL, file, clock_us, error);
}

DvTrustReason
dv_trust_take_release(DvTrust *trust, GBytes *file, gint64 clock_us, GError **error)
{
    return take(trust, DV_TRUST_ROLE_RELEASE, NULL, file, clock_us, error);
}

DvTrustReason
dv_trust_take_statement(DvTrust *trust, const char *list_id, GBytes *file, gint64 clock_us,
                        GError **error)
{
    return take(trust, DV_TRUST_ROLE_OWNER, list_id, file, clock_us, error);
}

DvTrustReason
dv_trust_check_clock(const DvTrust *trust, gint64 clock_us, GError **error)
{
    const char *what = "the clock";
    DvTrustReason reason = DV_TRUST_OK;
    if (clock_us + DV_TRUST_CLOCK_SLACK_US < trust->clock_floor_us)
        reason = DV_TRUST_CLOCK_BACK;
    else if (clock_us - trust->root->expires_us > LONG_AFTER_US)
        reason = DV_TRUST_CLOCK_AHEAD;
    return reason == DV_TRUST_OK
               ? reason
               : trust_refuse(error, reason, what, "%s", dv_trust_reason_sentence(reason));
}
