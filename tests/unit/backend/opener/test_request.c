// SPDX-License-Identifier: Apache-2.0
/* What a decision must bring along (S1, S4), each member taken away in turn. */
#include "expect.h"
#include "request.h"

#include <darvaza/json.h>
#include <glib/gstdio.h>

static json_t *vocabulary;

static int
setup(void **state)
{
    (void)state;
    vocabulary = dv_vocabulary_load(NULL, NULL);
    return vocabulary ? 0 : -1;
}

static int
teardown(void **state)
{
    (void)state;
    json_decref(vocabulary);
    return 0;
}

static json_t *
refusal(void)
{
    return json_loads("{\"disposition\":\"REFUSE\",\"reason\":\"no visa was shown\","
                      "\"grounds\":[\"C\"],\"legal_basis\":\"Article 14\",\"language\":\"en\","
                      "\"form\":{\"number\":\"R-1\",\"handed_over\":true,\"remedy_notice\":true},"
                      "\"protection_question\":{\"language\":\"fa\",\"answer\":\"NO\","
                      "\"interpreter\":\"I-7\"}}",
                      0, NULL);
}

static DvDecisionRequest *
parse(const json_t *json, GError **error)
{
    g_autofree char *text = json_dumps(json, JSON_COMPACT | JSON_ENCODE_ANY);
    return dv_decision_request_parse(vocabulary, text, strlen(text), error);
}

static void
expect_refused(const json_t *json, int code, const char *says)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(DvDecisionRequest) request = parse(json, &error);
    assert_null(request);
    expect_error(&error, code, says);
}

/* A thousand letters are a thousand in every script, and the message says what is wrong. */
static void
reasons_are_bounded_in_characters(void **state)
{
    (void)state;
    g_autoptr(json_t) decision = refusal();
    g_autoptr(GString) reason = g_string_new(NULL);
    for (int i = 0; i < 1000; i++)
        g_string_append(reason, "\u0628");
    json_object_set_new(decision, "reason", json_string(reason->str));
    g_autoptr(GError) error = NULL;
    g_autoptr(DvDecisionRequest) request = parse(decision, &error);
    assert_null(error);
    assert_non_null(request);
    g_string_append(reason, "\u0628");
    json_object_set_new(decision, "reason", json_string(reason->str));
    expect_refused(decision, DV_ERROR_INVALID, "at most 1000 characters");
}

static void
complete_decisions_pass(void **state)
{
    static const char *const texts[] = {
        "{\"disposition\":\"ADMIT\",\"reason\":\"looked at it\"}",
        "{\"disposition\":\"SECOND_LINE\",\"reason\":\"looked at it\"}",
        "{\"disposition\":\"ADMIT_CONDITIONS\",\"reason\":\"looked at it\",\"conditions\":\"7 "
        "days\"}",
        "{\"disposition\":\"FALSE_MATCH\",\"reason\":\"looked at it\",\"alerts\":[\"SLTD-1\"]}",
        "{\"disposition\":\"DUPLICATE\",\"reason\":\"looked at it\","
        "\"duplicate_of\":\"9b2f4c61-5e0d-4a7b-8c3e-1d2f3a4b5c6d\"}",
    };
    (void)state;
    for (gsize i = 0; i < G_N_ELEMENTS(texts); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(DvDecisionRequest) request =
            dv_decision_request_parse(vocabulary, texts[i], strlen(texts[i]), &error);
        assert_null(error);
        assert_string_equal(request->reason, "looked at it");
        assert_false(request->reopen);
    }
    g_autoptr(json_t) whole = refusal();
    g_autoptr(DvDecisionRequest) request = parse(whole, NULL);
    assert_non_null(request);
    assert_true(request->disposition->needs & DV_IS_ADVERSE);
}

/* S1 for both decisions against a traveller: without any one of these there is none. */
static void
refusal_needs_each_member(void **state)
{
    static const struct {
        const char *member, *says;
    } needed[] = {
        {"reason", "reason"},
        {"grounds", "ground"},
        {"legal_basis", "legal basis"},
        {"language", "language"},
        {"form", "form"},
        {"protection_question", "protection question"},
    };
    static const char *const adverse[] = {"REFUSE", "RETURNED"};
    (void)state;
    for (gsize a = 0; a < G_N_ELEMENTS(adverse); a++) {
        for (gsize i = 0; i < G_N_ELEMENTS(needed); i++) {
            g_autoptr(json_t) json = refusal();
            json_object_set_new(json, "disposition", json_string(adverse[a]));
            json_object_del(json, needed[i].member);
            expect_refused(json, DV_ERROR_INVALID, needed[i].says);
        }
    }
}

static void
refusal_is_not_talked_round(void **state)
{
    (void)state;
    g_autoptr(json_t) json = refusal();
    json_object_set_new(json, "grounds", json_array());
    expect_refused(json, DV_ERROR_INVALID, "ground");
    json_object_set_new(json, "grounds", json_pack("[s]", "Z"));
    expect_refused(json, DV_ERROR_INVALID, "national table");
    json_object_set_new(json, "grounds", json_pack("[s, i]", "A", 1));
    expect_refused(json, DV_ERROR_INVALID, "ground");

    g_autoptr(json_t) no_remedy = refusal();
    json_object_set_new(json_object_get(no_remedy, "form"), "remedy_notice", json_false());
    expect_refused(no_remedy, DV_ERROR_INVALID, "remedy");
    g_autoptr(json_t) not_handed = refusal();
    json_object_set_new(json_object_get(not_handed, "form"), "handed_over", json_false());
    expect_refused(not_handed, DV_ERROR_INVALID, "form");
    g_autoptr(json_t) no_number = refusal();
    json_object_set_new(json_object_get(no_number, "form"), "number", json_string("  "));
    expect_refused(no_number, DV_ERROR_INVALID, "form");
    g_autoptr(json_t) empty_reason = refusal();
    json_object_set_new(empty_reason, "reason", json_string(" . "));
    expect_refused(empty_reason, DV_ERROR_INVALID, "reason");
}

/* S4: who is afraid, or was not understood, is not refused. */
static void
answer_to_the_question_decides(void **state)
{
    static const struct {
        const char *answer;
        int code;
        const char *says;
    } cases[] = {
        {"YES", DV_ERROR_DENIED, "protection unit"},
        {"UNCLEAR", DV_ERROR_DENIED, "interpreter"},
        {"no", DV_ERROR_INVALID, "must be"},
        {"", DV_ERROR_INVALID, "must be"},
    };
    (void)state;
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(json_t) json = refusal();
        json_object_set_new(json_object_get(json, "protection_question"), "answer",
                            json_string(cases[i].answer));
        expect_refused(json, cases[i].code, cases[i].says);
    }
    g_autoptr(json_t) json = refusal();
    json_object_set_new(json_object_get(json, "protection_question"), "language",
                        json_string("xx"));
    expect_refused(json, DV_ERROR_INVALID, "no script");
}

static void
shape_is_strict(void **state)
{
    static const struct {
        const char *text, *says;
    } cases[] = {
        {"", ""},
        {"[]", ""},
        {"{\"disposition\":\"ADMIT\"}", "reason"},
        {"{\"reason\":\"looked at it\"}", "disposition"},
        {"{\"disposition\":\"admit\",\"reason\":\"looked at it\"}", "not one of"},
        {"{\"disposition\":\"SEIZE\",\"reason\":\"looked at it\"}", "not one of"},
        {"{\"disposition\":\"ADMIT\",\"reason\":5}", "member"},
        {"{\"disposition\":\"ADMIT\",\"reason\":\"looked at it\",\"decided_by\":\"me\"}", "member"},
        {"{\"disposition\":\"ADMIT\",\"reason\":\"looked at it\",\"reopen\":1}", "member"},
        {"{\"disposition\":\"ADMIT\",\"disposition\":\"REFUSE\",\"reason\":\"x y z\"}", ""},
        {"{\"disposition\":\"ADMIT_CONDITIONS\",\"reason\":\"looked at it\"}", "conditions"},
        {"{\"disposition\":\"FALSE_MATCH\",\"reason\":\"looked at it\"}", "alerts"},
        {"{\"disposition\":\"FALSE_MATCH\",\"reason\":\"looked at it\",\"alerts\":[\"\"]}",
         "alerts"},
        {"{\"disposition\":\"DUPLICATE\",\"reason\":\"looked at it\"}", "repeats"},
        {"{\"disposition\":\"DUPLICATE\",\"reason\":\"looked at it\",\"duplicate_of\":\"x\"}",
         "repeats"},
    };
    (void)state;
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(DvDecisionRequest) request =
            dv_decision_request_parse(vocabulary, cases[i].text, strlen(cases[i].text), &error);
        assert_null(request);
        expect_error(&error, DV_ERROR_INVALID, cases[i].says);
    }
    g_autofree char *long_reason = g_strnfill(DV_DECISION_REQUEST_MAX, 'x');
    g_autoptr(json_t) json = json_pack("{s:s, s:s}", "disposition", "ADMIT", "reason", long_reason);
    expect_refused(json, DV_ERROR_INVALID, "");
}

static void
same_words_make_the_same_request(void **state)
{
    (void)state;
    static const char a[] = "{\"disposition\":\"ADMIT\",\"reason\":\"looked at it\"}";
    static const char b[] = "{ \"reason\":\"looked at it\", \"disposition\":\"ADMIT\" }";
    static const char c[] = "{\"disposition\":\"ADMIT\",\"reason\":\"looked at It\"}";
    g_autoptr(DvDecisionRequest) ra = dv_decision_request_parse(vocabulary, a, sizeof a - 1, NULL);
    g_autoptr(DvDecisionRequest) rb = dv_decision_request_parse(vocabulary, b, sizeof b - 1, NULL);
    g_autoptr(DvDecisionRequest) rc = dv_decision_request_parse(vocabulary, c, sizeof c - 1, NULL);
    assert_memory_equal(ra->hash, rb->hash, DV_SHA256_SIZE);
    assert_memory_not_equal(ra->hash, rc->hash, DV_SHA256_SIZE);
}

static void
national_table_replaces_the_default(void **state)
{
    (void)state;
    g_autofree char *dir = g_dir_make_tmp("dv-grounds-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(dir, "grounds.json", NULL);
    g_file_set_contents(path,
                        "{\"table\":\"UTO\",\"legal_basis\":\"Act 1\","
                        "\"codes\":[{\"code\":\"U1\",\"text\":\"No permit\"}]}",
                        -1, NULL);
    g_autoptr(GError) error = NULL;
    g_autoptr(json_t) table = dv_vocabulary_load(path, &error);
    assert_null(error);
    assert_true(dv_vocabulary_has_ground(table, "U1"));
    assert_false(dv_vocabulary_has_ground(table, "A"));
    g_file_set_contents(path, "{\"table\":\"UTO\",\"legal_basis\":\"Act 1\",\"codes\":[]}", -1,
                        NULL);
    assert_null(dv_vocabulary_load(path, &error));
    expect_error(&error, DV_ERROR_CONFIG, "codes");
    g_unlink(path);
    assert_null(dv_vocabulary_load(path, &error));
    expect_error(&error, DV_ERROR_CONFIG, path);
    g_rmdir(dir);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(complete_decisions_pass),
        cmocka_unit_test(reasons_are_bounded_in_characters),
        cmocka_unit_test(refusal_needs_each_member),
        cmocka_unit_test(refusal_is_not_talked_round),
        cmocka_unit_test(answer_to_the_question_decides),
        cmocka_unit_test(shape_is_strict),
        cmocka_unit_test(same_words_make_the_same_request),
        cmocka_unit_test(national_table_replaces_the_default),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
