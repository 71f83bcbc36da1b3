// SPDX-License-Identifier: Apache-2.0
/* The rules between a record's members (docs/formats/record.md). */
#include "private.h"
#include <darvaza/error.h>
#include <string.h>

static gboolean
refuse(GError **error, const char *why)
{
    g_set_error(error, DV_ERROR, DV_ERROR_INVALID, "record: %s", why);
    return FALSE;
}

static const char *
text(const json_t *object, const char *member)
{
    return json_string_value(json_object_get(object, member));
}

/* A person decides, and never alone: no first line and no program can record a refusal. */
static gboolean
check_refusal(const json_t *body, GError **error)
{
    const json_t *made = json_object_get(body, "decision");
    if (strcmp(text(made, "outcome"), "REFUSE") != 0)
        return TRUE;
    const char *approved_by = text(made, "approved_by");
    if (!approved_by || strcmp(approved_by, text(body, "officer_id")) == 0)
        return refuse(error, "decision.approved_by: a refusal needs a second person, who is not "
                             "the first officer");
    if (json_array_size(json_object_get(made, "grounds")) == 0)
        return refuse(error, "decision.grounds: a refusal needs at least one ground");
    if (!text(made, "note"))
        return refuse(error, "decision.note: a refusal needs a reason in words");
    if (!json_is_true(json_object_get(made, "remedy_notice")))
        return refuse(error, "decision.remedy_notice: a refusal needs the issued form");
    return TRUE;
}

/* A referral to protection is for the protection unit alone: it never stands in the body, which
 * the centre reads, but in the compartment. */
static gboolean
check_referral(const json_t *body, GError **error)
{
    const char *outcome = text(json_object_get(body, "decision"), "outcome");
    if (g_strv_contains(dv_crossing_words("referral"), outcome))
        return refuse(error, "decision.outcome: a protection referral belongs into the protection "
                             "compartment; the body says SECOND_LINE");
    return TRUE;
}

static gboolean
is_specimen(const json_t *body)
{
    const json_t *nationalities = json_object_get(json_object_get(body, "person"), "nationalities");
    for (gsize i = 0; i < json_array_size(nationalities); i++)
        if (strcmp(json_string_value(json_array_get(nationalities, i)), "UTO") == 0)
            return TRUE;
    return g_strcmp0(text(json_object_get(body, "document"), "issuing_state"), "UTO") == 0;
}

/* Doc 9303's specimen state does not exist: outside training its papers let nobody through, but
 * that somebody came with them can be recorded. */
static gboolean
check_specimen(const json_t *body, GError **error)
{
    static const char *const lets_through[] = {"ADMIT", "ADMIT_CONDITIONS", "EXIT_OK", NULL};
    const char *outcome = text(json_object_get(body, "decision"), "outcome");
    if (json_is_true(json_object_get(body, "is_training")) || !is_specimen(body) ||
        !g_strv_contains(lets_through, outcome))
        return TRUE;
    return refuse(error, "is_training: specimens of UTO pass in training alone");
}

static gboolean
check_times(const json_t *body, GError **error)
{
    const json_t *checks = json_object_get(body, "checks");
    for (gsize i = 0; i < json_array_size(checks); i++) {
        const json_t *one = json_array_get(checks, i);
        if (json_integer_value(json_object_get(one, "end_ms")) <
            json_integer_value(json_object_get(one, "start_ms")))
            return refuse(error, "checks: one ends before it starts");
    }
    return TRUE;
}

/* A face that is missing has its reason, and one that is there has none. */
static gboolean
check_portraits(const json_t *body, GError **error)
{
    guint live = 0, of_document = 0;
    const json_t *list = json_object_get(body, "portraits");
    for (gsize i = 0; i < json_array_size(list); i++) {
        gboolean is_live = strcmp(text(json_array_get(list, i), "kind"), "LIVE") == 0;
        live += is_live ? 1 : 0;
        of_document += is_live ? 0 : 1;
    }
    if (live > 1 || of_document > 1)
        return refuse(error, "portraits: two of one kind");
    if (list && (live == 0) != (text(json_object_get(body, "face"), "missing") != NULL))
        return refuse(error, "face.missing: a record has a live portrait or says why not");
    return TRUE;
}

/* Lines that a camera read come with what they were read from, or with why that is missing. */
static gboolean
check_scan(const json_t *body, GError **error)
{
    const char *read_by = text(body, "read_by");
    const json_t *scan = json_object_get(body, "scan");
    if (!read_by) /* before version 3 */
        return TRUE;
    if (strcmp(text(body, "entry_method"), "MANUAL") == 0 && strcmp(read_by, "OFFICER") != 0)
        return refuse(error, "read_by: what was typed was read by an officer");
    if ((strcmp(read_by, "CAMERA") == 0) != json_is_object(scan))
        return refuse(error, "scan: is there where a camera read the lines, and nowhere else");
    if (json_is_object(scan) &&
        (text(scan, "zone") && text(scan, "page")) == (text(scan, "missing") != NULL))
        return refuse(error, "scan.missing: a scan has both images or says why not");
    return TRUE;
}

gboolean
dv_record_rules(const json_t *body, GError **error)
{
    return check_portraits(body, error) && check_scan(body, error) && check_referral(body, error) &&
           check_refusal(body, error) && check_specimen(body, error) && check_times(body, error);
}
