// SPDX-License-Identifier: Apache-2.0
/* The list owner's statement: what one version of one list holds. */
#include "private.h"
#include <darvaza/error.h>

#define WHAT (trust_kinds[DV_TRUST_ROLE_OWNER].what)
#define QUERY_MAX 1024

static void
free_row(gpointer data)
{
    DvTrustCanaryRow *row = data;
    json_decref(row->query);
    g_free(row->alert_id);
    g_free(row);
}

DvTrustStatement *
dv_trust_statement_new(void)
{
    DvTrustStatement *statement = g_new0(DvTrustStatement, 1);
    statement->canary_rows = g_ptr_array_new_with_free_func(free_row);
    return statement;
}

void
dv_trust_statement_free(DvTrustStatement *statement)
{
    if (!statement)
        return;
    g_free(statement->list_id);
    g_free(statement->legal_basis);
    g_free(statement->purpose);
    g_ptr_array_unref(statement->canary_rows);
    g_free(statement);
}

void
dv_trust_statement_add_canary(DvTrustStatement *statement, const json_t *query,
                              const char *alert_id)
{
    DvTrustCanaryRow *row = g_new0(DvTrustCanaryRow, 1);
    row->query = json_deep_copy(query);
    row->alert_id = g_strdup(alert_id);
    g_ptr_array_add(statement->canary_rows, row);
}

/* What the self test asks by. Another member would be dropped by it, and the question be another.
 */
static gboolean
question_is_whole(const json_t *query, GError **error)
{
    static const char *const members[] = {"birth_date",  "document_number", "document_type",
                                          "given_names", "issuing_state",   "nationality",
                                          "sex",         "surname",         NULL};
    const char *name;
    json_t *value;
    if (json_object_size(query) == 0)
        return trust_invalid(error, WHAT, "a canary row asks nothing");
    if (!dv_json_only(query, members, WHAT, error))
        return FALSE;
    json_object_foreach(
        (json_t *)query, name,
        value) if (!json_is_string(value)) return trust_invalid(error, WHAT,
                                                                "a canary row's \"%s\" is no text",
                                                                name);
    return TRUE;
}

static gboolean
read_row(DvTrustStatement *out, const json_t *object, GError **error)
{
    static const char *const members[] = {"alert_id", "query", NULL};
    g_autofree char *alert_id = NULL;
    if (!json_is_object(object))
        return trust_invalid(error, WHAT, "a canary row is no object");
    const json_t *query = trust_get_many(object, "query", JSON_OBJECT, 16, WHAT, error);
    if (!query || !dv_json_only(object, members, WHAT, error) || !question_is_whole(query, error) ||
        !trust_get_text(object, "alert_id", 64, &alert_id, WHAT, error))
        return FALSE;
    gsize length;
    g_autofree char *text = dv_json_canonical(query, &length, error);
    if (!text)
        return FALSE;
    if (length > QUERY_MAX)
        return trust_invalid(error, WHAT, "a canary row's question is too long");
    dv_trust_statement_add_canary(out, query, alert_id);
    return TRUE;
}

static gboolean
read_rows(DvTrustStatement *out, const json_t *content, GError **error)
{
    const json_t *rows =
        trust_get_many(content, "canary_rows", JSON_ARRAY, DV_TRUST_CANARY_ROWS_MAX, WHAT, error);
    if (!rows)
        return FALSE;
    if (json_array_size(rows) == 0)
        return trust_invalid(error, WHAT, "names no canary row, so that no booth could test it");
    for (gsize i = 0; i < json_array_size(rows); i++)
        if (!read_row(out, json_array_get(rows, i), error))
            return FALSE;
    return TRUE;
}

static gboolean
read_list(DvTrustStatement *out, const json_t *content, GError **error)
{
    if (!trust_get_text(content, "list_id", 32, &out->list_id, WHAT, error))
        return FALSE;
    if (!trust_list_id_is_valid(out->list_id))
        return trust_invalid(error, WHAT, "the list's id is not valid");
    if (!trust_get_number(content, "version", 1, &out->version, WHAT, error) ||
        !trust_get_number(content, "rows", 0, &out->rows, WHAT, error) ||
        !trust_get_hash(content, "state_hash", out->state_hash, WHAT, error) ||
        !trust_get_time(content, "generated_at", &out->generated_us, WHAT, error) ||
        !trust_get_time(content, "stale_after", &out->stale_us, WHAT, error) ||
        !trust_get_time(content, "list_expires_at", &out->list_expires_us, WHAT, error))
        return FALSE;
    if (out->stale_us < out->generated_us || out->list_expires_us < out->stale_us)
        return trust_invalid(error, WHAT, "the list expires before it is stale or generated");
    return TRUE;
}

DvTrustStatement *
trust_statement_from(const json_t *content, GError **error)
{
    static const char *const members[] = {
        "canary_rows", "expires_at",      "format",  "generated_at", "issued_at",   "legal_basis",
        "list_id",     "list_expires_at", "purpose", "rows",         "stale_after", "state_hash",
        "type",        "version",         NULL};
    g_autoptr(DvTrustStatement) out = dv_trust_statement_new();
    if (!dv_json_only(content, members, WHAT, error) ||
        !trust_get_span(content, DV_TRUST_ROLE_OWNER, &out->issued_us, &out->expires_us, error) ||
        !read_list(out, content, error) ||
        !trust_get_text(content, "legal_basis", 512, &out->legal_basis, WHAT, error) ||
        !trust_get_text(content, "purpose", 512, &out->purpose, WHAT, error) ||
        !read_rows(out, content, error))
        return NULL;
    return g_steal_pointer(&out);
}

DvTrustStatement *
dv_trust_statement_read(GBytes *bytes, DvTrustReason *reason, GError **error)
{
    g_autoptr(TrustFile) file = trust_file_read(bytes, DV_TRUST_ROLE_OWNER, reason, error);
    DvTrustStatement *out = file ? trust_statement_from(file->content, error) : NULL;
    if (file && !out && reason)
        *reason = DV_TRUST_MALFORMED;
    return out;
}

GBytes *
dv_trust_statement_make(const DvTrustStatement *in, GError **error)
{
    json_t *rows = json_array();
    for (guint i = 0; i < in->canary_rows->len; i++) {
        const DvTrustCanaryRow *row = g_ptr_array_index(in->canary_rows, i);
        json_array_append_new(
            rows, json_pack("{s:s, s:O}", "alert_id", row->alert_id, "query", row->query));
    }
    json_t *content = json_pack(
        "{s:s, s:i, s:s, s:I, s:o, s:o, s:I, s:s, s:o, s:o, s:o, s:s, s:s, s:o}", "type",
        "statement", "format", 1, "list_id", in->list_id, "version", (json_int_t)in->version,
        "issued_at", trust_time_json(in->issued_us), "expires_at", trust_time_json(in->expires_us),
        "rows", (json_int_t)in->rows, "state_hash", in->state_hash, "generated_at",
        trust_time_json(in->generated_us), "stale_after", trust_time_json(in->stale_us),
        "list_expires_at", trust_time_json(in->list_expires_us), "legal_basis", in->legal_basis,
        "purpose", in->purpose, "canary_rows", rows);
    g_autoptr(json_t) none = json_array();
    g_autoptr(GBytes) made = trust_file_make(content, none, error);
    g_autoptr(DvTrustStatement) again = made ? dv_trust_statement_read(made, NULL, error) : NULL;
    return again ? g_steal_pointer(&made) : NULL;
}
