// SPDX-License-Identifier: Apache-2.0
/* Strict parsing, and RFC 8785 within the values that records use. */
#include "expect.h"
#include <darvaza/json.h>

static char *
canonical(const char *text, GError **error)
{
    gsize length = 0;
    g_autoptr(json_t) value = dv_json_parse(text, strlen(text), 4096, error);
    if (value == NULL)
        return NULL;
    char *out = dv_json_canonical(value, &length, error);
    if (out != NULL)
        assert_int_equal(length, strlen(out));
    return out;
}

static void
canonical_form(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"{ }", "{}"},
        {"[ 1 , -0, true,false ,null]", "[1,0,true,false,null]"},
        {"{\"b\":1,\"a\":{\"d\":[],\"c\":\"x\"}}", "{\"a\":{\"c\":\"x\",\"d\":[]},\"b\":1}"},
        {"[9007199254740991,-9007199254740991]", "[9007199254740991,-9007199254740991]"},
        /* RFC 8785, 3.2.2.2: the two-letter escapes, \u00xx in lower case, nothing else escaped */
        {"[\"\\u0008\\u0009\\u000a\\u000c\\u000d\\u0022\\u005c\\u001F\\u002f\\u007f\"]",
         "[\"\\b\\t\\n\\f\\r\\\"\\\\\\u001f/\x7f\"]"},
        {"[\"\\u20ac\\uD83D\\uDE02\"]", "[\"\xe2\x82\xac\xf0\x9f\x98\x82\"]"},
        /* RFC 8785, 3.2.3: its own example; the surrogate pair sorts before U+FB33 */
        {"{\"\\u20ac\":1,\"\\r\":2,\"\\ufb33\":3,\"1\":4,\"\\ud83d\\ude00\":5,\"\\u0080\":6,"
         "\"\\u00f6\":7}",
         "{\"\\r\":2,\"1\":4,\"\xc2\x80\":6,\"\xc3\xb6\":7,\"\xe2\x82\xac\":1,"
         "\"\xf0\x9f\x98\x80\":5,\"\xef\xac\xb3\":3}"},
        {"{\"aa\":1,\"a\":2,\"\":3}", "{\"\":3,\"a\":2,\"aa\":1}"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        g_autofree char *text = canonical(cases[i][0], &error);
        EXPECT_NO_ERROR(error);
        assert_string_equal(text, cases[i][1]);
    }
}

static void
no_canonical_form(void **state)
{
    (void)state;
    g_autoptr(GError) error = NULL;
    g_autoptr(GString) deep = g_string_new(NULL);

    assert_null(canonical("[1.5]", &error));
    expect_error(&error, DV_ERROR_INVALID, "not an integer");
    assert_null(canonical("[1.0]", &error));
    expect_error(&error, DV_ERROR_INVALID, "not an integer");
    assert_null(canonical("[9007199254740992]", &error));
    expect_error(&error, DV_ERROR_INVALID, "2^53");
    for (int i = 0; i < 100; i++)
        g_string_append_c(deep, '[');
    for (int i = 0; i < 100; i++)
        g_string_append_c(deep, ']');
    assert_null(canonical(deep->str, &error));
    expect_error(&error, DV_ERROR_INVALID, "nest");
    g_autoptr(json_t) hidden = json_pack("[s#]", "a\0b", 3);
    assert_null(dv_json_canonical(hidden, NULL, &error));
    expect_error(&error, DV_ERROR_INVALID, "NUL");
}

static void
strict_parsing(void **state)
{
    (void)state;
    static const struct {
        const char *text, *words;
    } cases[] = {
        {"", "ends too early"},
        {"{\"a\":1,\"a\":2}", "twice"},
        {"{} x", "more after"},
        {"[\"\\u0000\"]", "NUL"},
        {"[\"\xff\"]", "UTF-8"},
        {"[1,]", "not JSON"},
        {"{\"a\":", "ends too early"},
        {"7", "not JSON"},
        {"[99999999999999999999]", "too large"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        assert_null(dv_json_parse(cases[i].text, strlen(cases[i].text), 4096, &error));
        assert_non_null(strstr(error->message, "line 1"));
        expect_error(&error, DV_ERROR_INVALID, cases[i].words);
    }
    g_autoptr(GError) error = NULL;
    assert_null(dv_json_parse("[1234]", 6, 5, &error));
    expect_error(&error, DV_ERROR_INVALID, "larger");
}

/* Messages get logged: what stood in the input must not be in them. */
static void
messages_repeat_nothing(void **state)
{
    (void)state;
    static const char text[] = "{\"surname\":\"ZYZZYVA\" \"QUUX\"}";
    static const char *const allowed[] = {"a", NULL};
    g_autoptr(GError) error = NULL;
    g_autoptr(json_t) object = json_pack("{s:s}", "ZYZZYVA", "QUUX");

    assert_null(dv_json_parse(text, strlen(text), 4096, &error));
    assert_null(strstr(error->message, "ZYZZYVA"));
    assert_null(strstr(error->message, "QUUX"));
    g_clear_error(&error);
    assert_false(dv_json_only(object, allowed, "header", &error));
    assert_null(strstr(error->message, "ZYZZYVA"));
    expect_error(&error, DV_ERROR_INVALID, "header has an unknown member");
}

static void
members(void **state)
{
    (void)state;
    g_autoptr(GError) error = NULL;
    g_autoptr(json_t) object =
        json_pack("{s:s, s:i, s:b, s:n}", "text", "abc", "number", 7, "flag", 1, "nothing");
    gint64 number = 0;
    gboolean flag = FALSE;

    assert_string_equal(dv_json_string(object, "text", 3, "x", &error), "abc");
    assert_true(dv_json_int(object, "number", 7, 7, &number, "x", &error));
    assert_true(dv_json_bool(object, "flag", &flag, "x", &error));
    assert_true(flag && number == 7);
    EXPECT_NO_ERROR(error);
    assert_null(dv_json_string(object, "text", 2, "x", &error));
    expect_error(&error, DV_ERROR_INVALID, "x: \"text\" is longer than 2 bytes");
    assert_null(dv_json_string(object, "nothing", 9, "x", &error));
    expect_error(&error, DV_ERROR_INVALID, "missing or no string");
    assert_false(dv_json_int(object, "number", 8, 9, &number, "x", &error));
    expect_error(&error, DV_ERROR_INVALID, "between 8 and 9");
    assert_false(dv_json_int(object, "text", 0, 9, &number, "x", &error));
    expect_error(&error, DV_ERROR_INVALID, "no integer");
    assert_false(dv_json_bool(object, "number", &flag, "x", &error));
    expect_error(&error, DV_ERROR_INVALID, "neither true nor false");
    assert_null(dv_json_string_or_null(object, "nothing"));
    assert_null(dv_json_string_or_null(object, "absent"));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(canonical_form),          cmocka_unit_test(no_canonical_form),
        cmocka_unit_test(strict_parsing),          cmocka_unit_test(members),
        cmocka_unit_test(messages_repeat_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
