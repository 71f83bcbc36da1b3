// SPDX-License-Identifier: Apache-2.0
/* Bytes as the plaintext of a sealed record: what is taken keeps the safeguards of the schema. */
#include <darvaza/crossing.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const guint8 *data, gsize size);

static const char *
text(const json_t *object, const char *member)
{
    return json_string_value(json_object_get(object, member));
}

int
LLVMFuzzerTestOneInput(const guint8 *data, gsize size)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(json_t) record = dv_json_parse(data, size, 131072, &error);
    if (!record)
        return 0;
    if (!dv_crossing_validate(record, &error)) {
        g_assert_nonnull(error);
        g_assert_true(g_utf8_validate(error->message, -1, NULL));
        return 0;
    }
    const json_t *decision = json_object_get(record, "decision");
    const char *outcome = text(decision, "outcome");
    g_assert_false(g_str_has_prefix(outcome, "REFER_"));
    if (strcmp(outcome, "REFUSE") == 0)
        g_assert_cmpstr(text(decision, "approved_by"), !=, text(record, "officer_id"));
    gsize length;
    g_autofree char *canonical = dv_json_canonical(record, &length, &error);
    g_assert_nonnull(canonical); /* whatever is valid can be sealed */
    return 0;
}
