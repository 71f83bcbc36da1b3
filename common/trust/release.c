// SPDX-License-Identifier: Apache-2.0
/* The release: a set of list versions, and the bytes that lead to each. */
#include "private.h"
#include <darvaza/error.h>
#include <string.h>

#define WHAT (trust_kinds[DV_TRUST_ROLE_RELEASE].what)
#define CANARY_MAX 256
#define STEPS_MAX 10
#define KIOSK_MAX 32

static void
free_list(gpointer data)
{
    DvTrustList *list = data;
    g_free(list->list_id);
    g_ptr_array_unref(list->deltas);
    g_free(list);
}

DvTrustList *
dv_trust_release_add_list(DvTrustRelease *release, const char *list_id)
{
    DvTrustList *list = g_new0(DvTrustList, 1);
    list->list_id = g_strdup(list_id);
    list->deltas = g_ptr_array_new_with_free_func(g_free);
    g_ptr_array_add(release->lists, list);
    return list;
}

DvTrustRelease *
dv_trust_release_new(void)
{
    DvTrustRelease *release = g_new0(DvTrustRelease, 1);
    release->canary = g_ptr_array_new_with_free_func(g_free);
    release->steps = g_array_new(FALSE, FALSE, sizeof(guint));
    release->lists = g_ptr_array_new_with_free_func(free_list);
    return release;
}

void
dv_trust_release_free(DvTrustRelease *release)
{
    if (!release)
        return;
    g_ptr_array_unref(release->canary);
    g_array_unref(release->steps);
    g_ptr_array_unref(release->lists);
    g_free(release);
}

/* ---- reading */

static gboolean
read_package(const json_t *object, gboolean is_full, DvTrustPackage *out, GError **error)
{
    static const char *const members[] = {"add_only",   "content_key_id", "from", "plain_sha256",
                                          "plain_size", "sha256",         "size", "to",
                                          NULL};
    if (!json_is_object(object))
        return trust_invalid(error, WHAT, "a package is no object");
    if (!dv_json_only(object, members, WHAT, error) ||
        !trust_get_number(object, "from", is_full ? 0 : 1, &out->from, WHAT, error) ||
        !trust_get_number(object, "to", 1, &out->to, WHAT, error) ||
        !trust_get_hash(object, "sha256", out->sha256, WHAT, error) ||
        !trust_get_number(object, "size", 1, &out->size, WHAT, error) ||
        !trust_get_hash(object, "plain_sha256", out->plain_sha256, WHAT, error) ||
        !trust_get_number(object, "plain_size", 1, &out->plain_size, WHAT, error) ||
        !trust_get_hash(object, "content_key_id", out->content_key_id, WHAT, error) ||
        !dv_json_bool(object, "add_only", &out->add_only, WHAT, error))
        return FALSE;
    if (is_full && (out->from != 0 || out->add_only))
        return trust_invalid(error, WHAT, "a full package starts from 0 and is not add-only");
    if (out->to <= out->from)
        return trust_invalid(error, WHAT, "a package does not lead to a higher version");
    return TRUE;
}

static gboolean
read_deltas(DvTrustList *list, const json_t *object, GError **error)
{
    const json_t *array =
        trust_get_many(object, "deltas", JSON_ARRAY, DV_TRUST_DELTAS_MAX, WHAT, error);
    gint64 before = 0;
    if (!array)
        return FALSE;
    for (gsize i = 0; i < json_array_size(array); i++) {
        DvTrustPackage *delta = g_new0(DvTrustPackage, 1);
        g_ptr_array_add(list->deltas, delta);
        if (!read_package(json_array_get(array, i), FALSE, delta, error))
            return FALSE;
        if (delta->to < before || delta->to > list->version)
            return trust_invalid(error, WHAT, "deltas are not in order or lead beyond the version");
        before = delta->to;
    }
    return TRUE;
}

static gboolean
read_statement_ref(DvTrustList *list, const json_t *object, GError **error)
{
    static const char *const members[] = {"sha256", "size", NULL};
    const json_t *ref = trust_get_many(object, "statement", JSON_OBJECT, 2, WHAT, error);
    return ref && dv_json_only(ref, members, WHAT, error) &&
           trust_get_hash(ref, "sha256", list->statement_sha256, WHAT, error) &&
           dv_json_int(ref, "size", 1, DV_TRUST_STATEMENT_MAX, &list->statement_size, WHAT, error);
}

static gboolean
read_list(DvTrustRelease *out, const json_t *object, GError **error)
{
    static const char *const members[] = {"deltas",    "full",    "list_id",
                                          "statement", "version", NULL};
    if (!json_is_object(object))
        return trust_invalid(error, WHAT, "a list is no object");
    const char *id = dv_json_string(object, "list_id", 32, WHAT, error);
    if (!id || !dv_json_only(object, members, WHAT, error))
        return FALSE;
    const DvTrustList *before =
        out->lists->len ? g_ptr_array_index(out->lists, out->lists->len - 1) : NULL;
    if (!trust_list_id_is_valid(id) || (before && strcmp(before->list_id, id) >= 0))
        return trust_invalid(error, WHAT, "a list's id is not valid or not in order");
    DvTrustList *list = dv_trust_release_add_list(out, id);
    if (!trust_get_number(object, "version", 1, &list->version, WHAT, error) ||
        !read_statement_ref(list, object, error) ||
        !read_package(json_object_get(object, "full"), TRUE, &list->full, error) ||
        !read_deltas(list, object, error))
        return FALSE;
    g_autoptr(GPtrArray) path = dv_trust_path(list, 0);
    if (!path)
        return trust_invalid(error, WHAT, "no packages lead to the version of a list");
    return TRUE;
}

static gboolean
read_lists(DvTrustRelease *out, const json_t *content, GError **error)
{
    const json_t *array =
        trust_get_many(content, "lists", JSON_ARRAY, DV_TRUST_LISTS_MAX, WHAT, error);
    if (!array)
        return FALSE;
    for (gsize i = 0; i < json_array_size(array); i++)
        if (!read_list(out, json_array_get(array, i), error))
            return FALSE;
    return TRUE;
}

static gboolean
kiosk_is_valid(const char *name)
{
    gsize length = name ? strlen(name) : 0;
    if (length < 1 || length > KIOSK_MAX)
        return FALSE;
    for (gsize i = 0; i < length; i++)
        if (!g_ascii_isalnum(name[i]) && name[i] != '-')
            return FALSE;
    return TRUE;
}

static gboolean
read_canary(DvTrustRelease *out, const json_t *rollout, GError **error)
{
    const json_t *array = trust_get_many(rollout, "canary", JSON_ARRAY, CANARY_MAX, WHAT, error);
    if (!array)
        return FALSE;
    for (gsize i = 0; i < json_array_size(array); i++) {
        const char *kiosk = json_string_value(json_array_get(array, i));
        if (!kiosk_is_valid(kiosk))
            return trust_invalid(error, WHAT, "a canary kiosk has no valid name");
        g_ptr_array_add(out->canary, g_strdup(kiosk));
    }
    return TRUE;
}

static gboolean
read_steps(DvTrustRelease *out, const json_t *rollout, GError **error)
{
    const json_t *array = trust_get_many(rollout, "steps", JSON_ARRAY, STEPS_MAX, WHAT, error);
    guint before = 0;
    if (!array)
        return FALSE;
    for (gsize i = 0; i < json_array_size(array); i++) {
        const json_t *element = json_array_get(array, i);
        gint64 number = json_is_integer(element) ? json_integer_value(element) : 0;
        if (number <= (gint64)before || number > 100)
            return trust_invalid(error, WHAT, "the steps do not rise from 1 to 100");
        before = (guint)number;
        g_array_append_val(out->steps, before);
    }
    return before == 100 || trust_invalid(error, WHAT, "the last step is not 100");
}

DvTrustRelease *
trust_release_from(const json_t *content, GError **error)
{
    static const char *const members[] = {"epoch",   "expires_at", "format", "issued_at", "lists",
                                          "release", "rollout",    "type",   "urgent",    NULL};
    static const char *const rollout_members[] = {"canary", "steps", NULL};
    g_autoptr(DvTrustRelease) out = dv_trust_release_new();
    if (!dv_json_only(content, members, WHAT, error) ||
        !trust_get_number(content, "release", 1, &out->release, WHAT, error) ||
        !trust_get_number(content, "epoch", 1, &out->epoch, WHAT, error) ||
        !trust_get_span(content, DV_TRUST_ROLE_RELEASE, &out->issued_us, &out->expires_us, error) ||
        !dv_json_bool(content, "urgent", &out->urgent, WHAT, error))
        return NULL;
    const json_t *rollout = trust_get_many(content, "rollout", JSON_OBJECT, 2, WHAT, error);
    if (!rollout || !dv_json_only(rollout, rollout_members, WHAT, error) ||
        !read_canary(out, rollout, error) || !read_steps(out, rollout, error) ||
        !read_lists(out, content, error))
        return NULL;
    return g_steal_pointer(&out);
}

DvTrustRelease *
dv_trust_release_read(GBytes *bytes, DvTrustReason *reason, GError **error)
{
    g_autoptr(TrustFile) file = trust_file_read(bytes, DV_TRUST_ROLE_RELEASE, reason, error);
    DvTrustRelease *out = file ? trust_release_from(file->content, error) : NULL;
    if (file && !out && reason)
        *reason = DV_TRUST_MALFORMED;
    return out;
}

/* ---- making */

static json_t *
package_json(const DvTrustPackage *package)
{
    return json_pack("{s:I, s:I, s:s, s:I, s:s, s:I, s:s, s:b}", "from", (json_int_t)package->from,
                     "to", (json_int_t)package->to, "sha256", package->sha256, "size",
                     (json_int_t)package->size, "plain_sha256", package->plain_sha256, "plain_size",
                     (json_int_t)package->plain_size, "content_key_id", package->content_key_id,
                     "add_only", package->add_only);
}

static json_t *
list_json(const DvTrustList *list)
{
    json_t *deltas = json_array();
    for (guint i = 0; i < list->deltas->len; i++)
        json_array_append_new(deltas, package_json(g_ptr_array_index(list->deltas, i)));
    return json_pack("{s:s, s:I, s:{s:s, s:I}, s:o, s:o}", "list_id", list->list_id, "version",
                     (json_int_t)list->version, "statement", "sha256", list->statement_sha256,
                     "size", (json_int_t)list->statement_size, "full", package_json(&list->full),
                     "deltas", deltas);
}

GBytes *
dv_trust_release_make(const DvTrustRelease *in, GError **error)
{
    json_t *canary = json_array(), *steps = json_array(), *lists = json_array();
    for (guint i = 0; i < in->canary->len; i++)
        json_array_append_new(canary, json_string(g_ptr_array_index(in->canary, i)));
    for (guint i = 0; i < in->steps->len; i++)
        json_array_append_new(steps, json_integer(g_array_index(in->steps, guint, i)));
    for (guint i = 0; i < in->lists->len; i++)
        json_array_append_new(lists, list_json(g_ptr_array_index(in->lists, i)));
    json_t *content = json_pack("{s:s, s:i, s:I, s:I, s:o, s:o, s:b, s:{s:o, s:o}, s:o}", "type",
                                "release", "format", 1, "release", (json_int_t)in->release, "epoch",
                                (json_int_t)in->epoch, "issued_at", trust_time_json(in->issued_us),
                                "expires_at", trust_time_json(in->expires_us), "urgent", in->urgent,
                                "rollout", "canary", canary, "steps", steps, "lists", lists);
    g_autoptr(json_t) none = json_array();
    g_autoptr(GBytes) made = trust_file_make(content, none, error);
    g_autoptr(DvTrustRelease) again = made ? dv_trust_release_read(made, NULL, error) : NULL;
    return again ? g_steal_pointer(&made) : NULL;
}
