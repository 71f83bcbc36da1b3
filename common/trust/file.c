// SPDX-License-Identifier: Apache-2.0
/* The signed file as such: bounded, complete, canonical, with its signatures. */
#include "private.h"
#include <darvaza/error.h>
#include <string.h>

const TrustKind trust_kinds[DV_TRUST_ROLES] = {
    [DV_TRUST_ROLE_ROOT] = {"root", "darvaza list root v1", "the root of the lists' keys",
                            DV_TRUST_ROOT_MAX, 800 * DAY_US},
    [DV_TRUST_ROLE_OWNER] = {"statement", "darvaza list owner v1", "the list owner's statement",
                             DV_TRUST_STATEMENT_MAX, 62 * DAY_US},
    [DV_TRUST_ROLE_RELEASE] = {"release", "darvaza list release v1", "the release",
                               DV_TRUST_RELEASE_MAX, 31 * DAY_US},
    [DV_TRUST_ROLE_TIMESTAMP] = {"timestamp", "darvaza list timestamp v1", "the timestamp",
                                 DV_TRUST_TIMESTAMP_MAX, 7 * DAY_US},
};

static DvErrorCode
code_of(DvTrustReason reason)
{
    switch (reason) {
    case DV_TRUST_MALFORMED:
    case DV_TRUST_TRUNCATED:
    case DV_TRUST_BLOATED:
        return DV_ERROR_INVALID;
    case DV_TRUST_BIT_FLIPPED:
    case DV_TRUST_SIGNATURE:
    case DV_TRUST_WRONG_KEY:
    case DV_TRUST_NOT_FOR_US:
    case DV_TRUST_UNDECODABLE:
        return DV_ERROR_CRYPTO;
    case DV_TRUST_EXPIRED:
    case DV_TRUST_ROOT_EXPIRED:
    case DV_TRUST_FROZEN:
        return DV_ERROR_EXPIRED;
    case DV_TRUST_MISISSUED:
        return DV_ERROR_CONFLICT;
    default:
        return DV_ERROR_DENIED;
    }
}

DvTrustReason
trust_refuse(GError **error, DvTrustReason reason, const char *what, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    g_autofree char *text = g_strdup_vprintf(format, args);
    va_end(args);
    g_set_error(error, DV_ERROR, (gint)code_of(reason), "%s: %s", what, text);
    return reason;
}

gboolean
trust_invalid(GError **error, const char *what, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    g_autofree char *text = g_strdup_vprintf(format, args);
    va_end(args);
    g_set_error(error, DV_ERROR, DV_ERROR_INVALID, "%s: %s", what, text);
    return FALSE;
}

/* Whether the outermost value is still open where the bytes end. */
static gboolean
ends_too_early(const char *text, gsize length)
{
    gsize depth = 0;
    gboolean in_string = FALSE;
    for (gsize i = 0; i < length; i++) {
        if (in_string && text[i] == '\\')
            i++;
        else if (text[i] == '"')
            in_string = !in_string;
        else if (!in_string && (text[i] == '{' || text[i] == '['))
            depth++;
        else if (!in_string && (text[i] == '}' || text[i] == ']') && depth > 0 && --depth == 0)
            return FALSE;
    }
    return length == 0 || depth > 0;
}

/* The text parsed, when it is the canonical spelling of itself. */
static json_t *
parse_canonical(const char *text, gsize length, gsize max, const char *what, GError **error)
{
    gsize again_length = 0;
    g_autoptr(json_t) value = dv_json_parse(text, length, max, error);
    g_autofree char *again = value ? dv_json_canonical(value, &again_length, error) : NULL;
    if (!again) {
        g_prefix_error(error, "%s: ", what);
        return NULL;
    }
    if (again_length != length || memcmp(again, text, length) != 0) {
        trust_invalid(error, what, "is not in canonical form");
        return NULL;
    }
    return g_steal_pointer(&value);
}

static gboolean
read_signature(const json_t *object, TrustSignature *out, const char *what, GError **error)
{
    static const char *const members[] = {"key_id", "signature", NULL};
    if (!json_is_object(object))
        return trust_invalid(error, what, "a signature is no object");
    const char *hex = dv_json_string(object, "signature", 128, what, error);
    if (!hex || !dv_json_only(object, members, what, error) ||
        !trust_get_hash(object, "key_id", out->key_id, what, error))
        return FALSE;
    g_autofree char *lower = g_ascii_strdown(hex, -1);
    if (strcmp(lower, hex) != 0 || !dv_hex_parse(hex, out->bytes, sizeof out->bytes))
        return trust_invalid(error, what, "a signature is not 128 hexadecimal digits");
    return TRUE;
}

static gboolean
read_signatures(TrustFile *file, const char *what, GError **error)
{
    const json_t *array =
        trust_get_many(file->whole, "signatures", JSON_ARRAY, SIGNATURES_MAX, what, error);
    if (!array)
        return FALSE;
    for (gsize i = 0; i < json_array_size(array); i++) {
        TrustSignature signature;
        if (!read_signature(json_array_get(array, i), &signature, what, error))
            return FALSE;
        g_array_append_val(file->signatures, signature);
    }
    return TRUE;
}

static gboolean
read_content(TrustFile *file, const TrustKind *kind, GError **error)
{
    static const char *const members[] = {"signatures", "signed", NULL};
    gint64 format;
    if (!json_is_object(file->whole))
        return trust_invalid(error, kind->what, "is no object");
    if (!dv_json_only(file->whole, members, kind->what, error))
        return FALSE;
    file->content = json_object_get(file->whole, "signed");
    if (!json_is_object(file->content))
        return trust_invalid(error, kind->what, "has no signed object");
    const char *type = dv_json_string(file->content, "type", 16, kind->what, error);
    if (!type)
        return FALSE;
    if (strcmp(type, kind->type) != 0)
        return trust_invalid(error, kind->what, "is of another type");
    if (!dv_json_int(file->content, "format", 1, 1, &format, kind->what, error))
        return FALSE;
    gsize length;
    char *text = dv_json_canonical(file->content, &length, error);
    file->message = text ? g_bytes_new_take(text, length) : NULL;
    return text != NULL;
}

TrustFile *
trust_file_read(GBytes *bytes, DvTrustRole role, DvTrustReason *reason, GError **error)
{
    const TrustKind *kind = &trust_kinds[role];
    DvTrustReason ignored;
    DvTrustReason *why = reason ? reason : &ignored;
    g_autoptr(GError) local = NULL;
    gsize length;
    const char *text = g_bytes_get_data(bytes, &length);
    if (length > kind->max) {
        *why =
            trust_refuse(error, DV_TRUST_BLOATED, kind->what,
                         "has %" G_GSIZE_FORMAT " bytes, more than the %" G_GSIZE_FORMAT " allowed",
                         length, kind->max);
        return NULL;
    }
    if (ends_too_early(text, length)) {
        *why = trust_refuse(error, DV_TRUST_TRUNCATED, kind->what, "ends too early");
        return NULL;
    }
    g_autoptr(TrustFile) file = g_new0(TrustFile, 1);
    file->signatures = g_array_new(FALSE, FALSE, sizeof(TrustSignature));
    file->whole = parse_canonical(text, length, kind->max, kind->what, &local);
    *why = DV_TRUST_MALFORMED;
    if (!file->whole || !read_content(file, kind, &local) ||
        !read_signatures(file, kind->what, &local)) {
        g_propagate_error(error, g_steal_pointer(&local));
        return NULL;
    }
    *why = DV_TRUST_OK;
    return g_steal_pointer(&file);
}

void
trust_file_free(TrustFile *file)
{
    if (!file)
        return;
    json_decref(file->whole);
    g_clear_pointer(&file->message, g_bytes_unref);
    g_array_unref(file->signatures);
    g_free(file);
}

GBytes *
trust_file_make(json_t *content, json_t *signatures, GError **error)
{
    gsize length;
    g_autoptr(json_t) whole = json_pack("{s:O, s:o}", "signatures", signatures, "signed", content);
    char *text = dv_json_canonical(whole, &length, error);
    return text ? g_bytes_new_take(text, length) : NULL;
}
