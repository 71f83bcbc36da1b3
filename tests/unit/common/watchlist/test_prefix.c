// SPDX-License-Identifier: Apache-2.0
/* Numbers that begin as asked: of every length and issuer, look-alikes and ranges too. */
#include "expect.h"
#include "lists.h"

#include <darvaza/error.h>
#include <string.h>

#define DOCUMENT(number, rest)                                                                     \
    "{\"subject\":\"document\",\"document_number\":\"" number "\",\"action\":\"INFO\"," rest "}\n"
#define OF(state) "\"issuing_state\":\"" state "\""

static const char source[] = PROFILE("p", 1, "") DOCUMENT("AB123", OF("UTO")) DOCUMENT(
    "AB1234567", OF("UTO")) DOCUMENT("AB1234567", OF("XXB")) DOCUMENT("A8129",
                                                                      OF("UTO")) DOCUMENT("AC1",
                                                                                          OF("UTO"))
    DOCUMENT("AB1500", OF("UTO") ",\"document_last\":\"AB1799\"") DOCUMENT(
        "AB12",
        OF("UTO") ",\"valid_from\":\"2027-01-01\"") "{\"alert_id\":\"q\",\"subject\":\"person\","
                                                    "\"name\":\"A B\",\"action\":\"INFO\","
                                                    "\"other_documents\":[{\"document_number\":"
                                                    "\"AB12X\",\"issuing_state\":\"XXB\"}]}\n";

static void
expect_found(DvWatchlist *watch, gint64 now_us, const char *prefix, const char *issuer,
             const char *expected)
{
    g_autoptr(GError) error = NULL;
    gboolean capped;
    g_autoptr(GPtrArray) found =
        dv_watchlist_prefix(watch, prefix, issuer, 20, now_us, &capped, &error);
    g_autoptr(GString) text = g_string_new(NULL);

    EXPECT_NO_ERROR(error);
    assert_false(capped);
    for (guint i = 0; i < found->len; i++) {
        const DvWatchlistNumber *number = g_ptr_array_index(found, i);
        g_string_append_printf(text, "%s%s%s/%s%s ", number->document_number,
                               *number->document_last != '\0' ? "-" : "", number->document_last,
                               number->issuing_state, number->look_alike ? "?" : "");
    }
    assert_string_equal(text->str, expected);
}

static void
begins_as_asked(void **state)
{
    (void)state;
    Lists *lists = lists_new();
    g_autoptr(GError) error = NULL;
    g_autoptr(DvWatchlistReport) report = lists_build(lists, "p", source, &error);
    EXPECT_NO_ERROR(error);
    assert_int_equal(report->refused, 0);
    g_autoptr(DvWatchlist) watch = dv_watchlist_open(lists->folder, FALSE, &error);
    gint64 now_us = lists->now_us;
    gboolean capped;

    expect_found(watch, now_us, "ab-12", NULL,
                 "AB123/UTO A8129/UTO? AB12X/XXB AB1234567/UTO AB1234567/XXB ");
    expect_found(watch, now_us, "AB12", "XXB", "AB12X/XXB AB1234567/XXB ");
    expect_found(watch, now_us, "A81234", "UTO", "AB1234567/UTO? ");
    expect_found(watch, now_us, "AB1234567", "UTO", "AB1234567/UTO ");
    expect_found(watch, now_us, "AB12345678", "UTO", "");
    expect_found(watch, now_us, "AB16", "UTO", "AB1500-AB1799/UTO ");
    expect_found(watch, now_us, "AB163", "UTO", "AB1500-AB1799/UTO ");
    expect_found(watch, now_us, "AB18", "UTO", "");
    g_autoptr(GPtrArray) few = dv_watchlist_prefix(watch, "A", NULL, 2, now_us, &capped, &error);
    assert_int_equal(few->len, 2);
    assert_true(capped);
    assert_null(dv_watchlist_prefix(watch, "", NULL, 2, now_us, &capped, &error));
    expect_error(&error, DV_ERROR_INVALID, "no beginning");
    assert_null(dv_watchlist_prefix(watch, "A", NULL, 2,
                                    now_us + 8 * 86400 * (gint64)G_USEC_PER_SEC, &capped, &error));
    expect_error(&error, DV_ERROR_UNAVAILABLE, "expired");
    lists_free(lists);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(begins_as_asked)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
