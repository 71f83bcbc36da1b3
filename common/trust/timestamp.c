// SPDX-License-Identifier: Apache-2.0
/* The timestamp: the newest word of the centre, signed by a key that is online. */
#include "private.h"
#include <darvaza/error.h>

#define WHAT (trust_kinds[DV_TRUST_ROLE_TIMESTAMP].what)

void
dv_trust_timestamp_free(DvTrustTimestamp *timestamp)
{
    g_free(timestamp);
}

static gboolean
read_ref(const json_t *content, const char *name, DvTrustReleaseRef *out, GError **error)
{
    static const char *const members[] = {"release", "sha256", "size", NULL};
    const json_t *ref = trust_get_many(content, name, JSON_OBJECT, 3, WHAT, error);
    return ref && dv_json_only(ref, members, WHAT, error) &&
           trust_get_number(ref, "release", 1, &out->release, WHAT, error) &&
           trust_get_hash(ref, "sha256", out->sha256, WHAT, error) &&
           dv_json_int(ref, "size", 1, DV_TRUST_RELEASE_MAX, &out->size, WHAT, error);
}

static gboolean
read_previous(DvTrustTimestamp *out, const json_t *content, GError **error)
{
    if (json_is_null(json_object_get(content, "previous")))
        return TRUE;
    out->has_previous = TRUE;
    if (!read_ref(content, "previous", &out->previous, error))
        return FALSE;
    if (out->previous.release >= out->current.release)
        return trust_invalid(error, WHAT, "the previous release is not lower than the current");
    return TRUE;
}

DvTrustTimestamp *
trust_timestamp_from(const json_t *content, GError **error)
{
    static const char *const members[] = {"current",   "epoch",   "expires_at", "format",
                                          "issued_at", "percent", "previous",   "type",
                                          "version",   NULL};
    g_autoptr(DvTrustTimestamp) out = g_new0(DvTrustTimestamp, 1);
    gint64 percent;
    if (!dv_json_only(content, members, WHAT, error) ||
        !trust_get_number(content, "version", 1, &out->version, WHAT, error) ||
        !trust_get_number(content, "epoch", 1, &out->epoch, WHAT, error) ||
        !trust_get_span(content, DV_TRUST_ROLE_TIMESTAMP, &out->issued_us, &out->expires_us,
                        error) ||
        !dv_json_int(content, "percent", 0, 100, &percent, WHAT, error) ||
        !read_ref(content, "current", &out->current, error) || !read_previous(out, content, error))
        return NULL;
    out->percent = (guint)percent;
    return g_steal_pointer(&out);
}

DvTrustTimestamp *
dv_trust_timestamp_read(GBytes *bytes, DvTrustReason *reason, GError **error)
{
    g_autoptr(TrustFile) file = trust_file_read(bytes, DV_TRUST_ROLE_TIMESTAMP, reason, error);
    DvTrustTimestamp *out = file ? trust_timestamp_from(file->content, error) : NULL;
    if (file && !out && reason)
        *reason = DV_TRUST_MALFORMED;
    return out;
}

static json_t *
ref_json(const DvTrustReleaseRef *ref)
{
    return json_pack("{s:I, s:s, s:I}", "release", (json_int_t)ref->release, "sha256", ref->sha256,
                     "size", (json_int_t)ref->size);
}

GBytes *
dv_trust_timestamp_make(const DvTrustTimestamp *in, GError **error)
{
    json_t *content =
        json_pack("{s:s, s:i, s:I, s:I, s:o, s:o, s:i, s:o, s:o}", "type", "timestamp", "format", 1,
                  "version", (json_int_t)in->version, "epoch", (json_int_t)in->epoch, "issued_at",
                  trust_time_json(in->issued_us), "expires_at", trust_time_json(in->expires_us),
                  "percent", (int)in->percent, "current", ref_json(&in->current), "previous",
                  in->has_previous ? ref_json(&in->previous) : json_null());
    g_autoptr(json_t) none = json_array();
    g_autoptr(GBytes) made = trust_file_make(content, none, error);
    g_autoptr(DvTrustTimestamp) again = made ? dv_trust_timestamp_read(made, NULL, error) : NULL;
    return again ? g_steal_pointer(&made) : NULL;
}

gint64
dv_trust_timestamp_next_version(gint64 last_version, gint64 now_us)
{
    return MAX(last_version + 1, now_us / G_USEC_PER_SEC);
}
