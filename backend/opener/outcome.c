// SPDX-License-Identifier: Apache-2.0
#include "private.h"

#include <darvaza/error.h>

gboolean
dv_opener_log(DvOpener *opener, const char *actor, const char *verb, const char *object,
              const char *outcome, const char *reason, GError **error)
{
    const DvAuditEntry entry = {actor, verb, object, outcome, reason};
    return dv_audit_append(opener->db, &entry, error);
}

static const char *
outcome_word(const GError *error)
{
    static const char *const words[] = {
        [DV_ERROR_INVALID] = "invalid",         [DV_ERROR_DENIED] = "denied",
        [DV_ERROR_EXPIRED] = "expired",         [DV_ERROR_CRYPTO] = "does not verify",
        [DV_ERROR_UNAVAILABLE] = "unavailable", [DV_ERROR_CONFLICT] = "conflict",
    };
    if (!error)
        return "ok";
    if (error->domain != DV_ERROR || error->code < 0 || (gsize)error->code >= G_N_ELEMENTS(words) ||
        !words[error->code])
        return "failed";
    return words[error->code];
}

gboolean
dv_opener_log_end(DvOpener *opener, const char *actor, const char *verb, const char *object,
                  const char *reason, GError **why, GError **error)
{
    /* A reason that named the traveller must not get into the log by being refused. */
    const char *kept = g_error_matches(*why, DV_ERROR, DV_ERROR_INVALID) ? "" : reason;
    if (!dv_opener_log(opener, actor, verb, object, outcome_word(*why), kept, error))
        return FALSE;
    if (!*why)
        return TRUE;
    g_propagate_error(error, g_steal_pointer(why));
    return FALSE;
}
