// SPDX-License-Identifier: Apache-2.0
/*
 * Bytes as a document's text, as a reader's message, and what follows from a parse: JSON, repair,
 * composing again. What must hold beside not crashing is asserted.
 */
#include <darvaza/mrz_assemble.h>
#include <darvaza/mrz_compose.h>
#include <darvaza/mrz_json.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const guint8 *data, gsize size);

static void
check_json(const DvMrz *mrz)
{
    json_t *object = dv_mrz_to_json(mrz);
    char *text = json_dumps(object, JSON_COMPACT);
    g_assert_nonnull(text); /* every string in it is UTF-8 */
    free(text);
    json_decref(object);
}

/* A repair must be what it claims: a zone that holds, one place away from the one read. */
static void
check_repair(const DvMrz *mrz, const GDate *today)
{
    const char *lines[DV_MRZ_LINES_MAX];
    guint differ = 0;
    g_assert_cmpint(mrz->verdict, ==, DV_MRZ_INVALID);
    for (guint i = 0; i < mrz->line_count; i++) {
        lines[i] = mrz->corrected_lines[i];
        for (guint c = 0; mrz->lines[i][c]; c++)
            differ += mrz->lines[i][c] != lines[i][c];
    }
    g_assert_cmpuint(differ, ==, 1);
    g_autoptr(DvMrz) corrected = dv_mrz_parse_lines(lines, mrz->line_count, today);
    g_assert_cmpint(corrected->verdict, <=, DV_MRZ_DEVIATION);
    g_assert_cmpint(corrected->verdict, ==, mrz->corrected_verdict);
}

/* What was read can be written again, or the refusal says why. */
static void
check_compose(const DvMrz *mrz)
{
    g_autoptr(GError) error = NULL;
    const DvMrzFields fields = {
        .format = mrz->format,
        .document_code = mrz->document_code,
        .issuing_state = mrz->issuing_state,
        .nationality = mrz->nationality,
        .surname = mrz->surname,
        .given_names = mrz->given_names,
        .document_number = mrz->document_number,
        .birth_date = mrz->birth_date,
        .expiry_date = mrz->expiry_date,
        .sex = mrz->sex,
        .optional = mrz->optional,
        .optional2 = mrz->optional2,
        .admin_code = mrz->admin_code,
    };
    g_auto(GStrv) lines = dv_mrz_compose(&fields, &error);
    g_assert_true((lines == NULL) == (error != NULL));
}

static void
check(const DvMrz *mrz, const GDate *today)
{
    check_json(mrz);
    if (mrz->repaired)
        check_repair(mrz, today);
    if (mrz->verdict != DV_MRZ_REJECT)
        check_compose(mrz);
}

int
LLVMFuzzerTestOneInput(const guint8 *data, gsize size)
{
    GDate today;
    g_date_clear(&today, 1);
    g_date_set_dmy(&today, 1, G_DATE_AUGUST, 2026);
    g_autoptr(DvMrz) mrz = dv_mrz_parse(size ? (const char *)data : "", (gssize)size, &today);
    check(mrz, &today);
    g_auto(GStrv) lines = dv_mrz_assemble(data, size);
    if (lines) {
        g_autoptr(DvMrz) assembled =
            dv_mrz_parse_lines((const char *const *)lines, g_strv_length(lines), &today);
        g_assert_cmpint(assembled->verdict, !=, DV_MRZ_REJECT);
        check(assembled, &today);
    }
    return 0;
}
