// SPDX-License-Identifier: Apache-2.0
/* What a source may say: each broken rule is refused with its line and without its data. */
#include "expect.h"
#include "lists.h"

#include <darvaza/file.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

static Lists *lists;

static int
setup(void **state)
{
    (void)state;
    signal(SIGXFSZ, SIG_IGN);
    lists = lists_new();
    return 0;
}

static int
teardown(void **state)
{
    (void)state;
    lists_free(lists);
    return 0;
}

/* The reason for which the second line of this source is refused; a good first row goes along so
 * that the list can be built. */
static char *
refusal_of(const char *row)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *source =
        g_strconcat(PROFILE("t", 1, ""),
                    "{\"alert_id\":\"good\",\"subject\":\"document\",\"document_number\":\"A1\","
                    "\"issuing_state\":\"UTO\",\"action\":\"INFO\"}\n",
                    row, "\n", NULL);
    g_autoptr(DvWatchlistReport) report = lists_build(lists, "refusal", source, &error);

    EXPECT_NO_ERROR(error);
    if (report->refused != 1 || report->taken != 1)
        fail_msg("%s: taken %d", row, (int)report->taken);
    const DvWatchlistRefusal *refusal = g_ptr_array_index(report->refusals, 0);
    assert_int_equal(refusal->line, 3);
    return g_strdup(refusal->text);
}

#define DOCUMENT                                                                                   \
    "\"alert_id\":\"r\",\"subject\":\"document\",\"document_number\":\"SECRET9\",\"issuing_"       \
    "state\":\"UTO\""
#define PERSON                                                                                     \
    "\"alert_id\":\"r\",\"subject\":\"person\",\"surname\":\"SECRET\",\"birth_date\":\"1980-01-"   \
    "01\""

static void
each_rule_is_kept(void **state)
{
    (void)state;
    static const struct {
        const char *row, *words;
    } cases[] = {
        {"{" DOCUMENT ",\"action\":\"INFO\",\"legal_basis\":\"\"}", "legal_basis is missing"},
        {"{" DOCUMENT ",\"action\":\"INFO\",\"legal_basis\":\"  \"}", "legal_basis is missing"},
        {"{" DOCUMENT ",\"action\":\"INFO\",\"owner\":\"\"}", "owner is missing"},
        {"{" DOCUMENT ",\"action\":\"INFO\",\"purpose\":\"\"}", "purpose is missing"},
        {"{" DOCUMENT "}", "action is missing"},
        {"{" DOCUMENT ",\"action\":\"INFO\",\"review_date\":\"\"}", "review_date is missing"},
        {"{" DOCUMENT ",\"action\":\"REFUSE\"}", "none of the action codes"},
        {"{" DOCUMENT ",\"action\":\"INFO\",\"review_date\":\"2029-11-24\"}", "3 years"},
        {"{" DOCUMENT ",\"action\":\"INFO\",\"review_date\":\"2027-02-29\"}", "no date"},
        {"{" DOCUMENT ",\"action\":\"INFO\",\"valid_until\":\"2026-11-22\"}", "had ended before"},
        {"{" DOCUMENT ",\"action\":\"INFO\",\"review_date\":\"2026-11-22\"}", "had ended before"},
        {"{" DOCUMENT ",\"action\":\"INFO\",\"valid_from\":\"2028-06-01\"}", "before it begins"},
        {"{" DOCUMENT ",\"action\":\"INFO\",\"valid_from\":\"soon\"}", "valid_from is no date"},
        {"{" DOCUMENT ",\"action\":\"INFO\",\"sex\":\"W\"}", "sex is none of"},
        {"{" DOCUMENT ",\"action\":\"INFO\",\"nationality\":\"u1\"}", "nationality is no code"},
        {"{" DOCUMENT ",\"action\":\"INFO\",\"document_type\":\"9\"}", "document_type"},
        {"{" DOCUMENT ",\"action\":\"INFO\",\"birth_date\":\"1980-13-01\"}", "birth_date is no"},
        {"{" DOCUMENT ",\"action\":\"INFO\",\"birth_date\":\"80-01-01\"}", "birth_date is no"},
        {"{" DOCUMENT ",\"action\":\"INFO\",\"colour\":\"SECRET\"}", "unknown member"},
        {"{" DOCUMENT ",\"action\":7}", "action is no string"},
        {"{\"alert_id\":\"r\",\"subject\":\"document\",\"issuing_state\":\"UTO\",\"action\":"
         "\"INFO\"}",
         "document_number is missing"},
        {"{\"alert_id\":\"r\",\"subject\":\"document\",\"document_number\":\"SECRET9\",\"action\":"
         "\"INFO\"}",
         "issuing_state is missing"},
        {"{\"alert_id\":\"r\",\"subject\":\"document\",\"document_number\":\"SECRET/9\","
         "\"issuing_state\":\"UTO\",\"action\":\"INFO\"}",
         "document_number has a character"},
        {"{" DOCUMENT ",\"action\":\"INFO\",\"document_last\":\"SECRET\"}", "not as long"},
        {"{" DOCUMENT ",\"action\":\"INFO\",\"document_last\":\"SECRXT9\"}",
         "more than its digits"},
        {"{" DOCUMENT ",\"action\":\"INFO\",\"document_last\":\"SECRET1\"}", "comes before"},
        {"{" PERSON ",\"action\":\"INFO\",\"document_number\":\"A1\",\"document_last\":\"A2\"}",
         "for documents only"},
        {"{" PERSON ",\"action\":\"INFO\",\"name\":\"SECRET\"}", "name stands beside"},
        {"{" PERSON ",\"action\":\"INFO\",\"aliases\":\"SECRET\"}", "aliases is no array"},
        {"{" PERSON ",\"action\":\"INFO\",\"aliases\":[{\"quality\":\"low\"}]}", "either name"},
        {"{" PERSON ",\"action\":\"INFO\",\"aliases\":[{\"name\":\"SECRET\",\"quality\":\"x\"}]}",
         "good or low"},
        {"{" PERSON ",\"action\":\"INFO\",\"other_birth_dates\":[\"19SECRET\"]}", "no date of"},
        {"{" PERSON ",\"action\":\"INFO\",\"other_nationalities\":[\"secret\"]}", "no code of"},
        {"{" PERSON ",\"action\":\"INFO\",\"other_documents\":[{}]}", "is missing"},
        {"{" PERSON ",\"action\":\"INFO\",\"extra\":\"{}\"}", "unknown member"},
        {"{\"alert_id\":\"r\",\"subject\":\"ship\",\"action\":\"INFO\"}", "document or person"},
        {"{\"alert_id\":\"r\",\"subject\":\"person\",\"action\":\"INFO\"}", "are missing"},
        {"{\"alert_id\":\"a b\",\"subject\":\"person\",\"surname\":\"SECRET\",\"action\":\"INFO\"}",
         "alert_id must be"},
        {"{\"alert_id\":\"good\",\"subject\":\"person\",\"surname\":\"SECRET\",\"action\":"
         "\"INFO\"}",
         "earlier line"},
        {"[1]", "no object"},
        {"{\"a\":1,\"a\":2}", "twice"},
        {"SECRET", "not JSON"},
        {"\xff", "not UTF-8"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *text = refusal_of(cases[i].row);
        if (strstr(text, cases[i].words) == NULL)
            fail_msg("%s: \"%s\" instead of \"%s\"", cases[i].row, text, cases[i].words);
        assert_null(strstr(text, "SECRET"));
    }
    g_autofree char *wide = g_strnfill(20000, 'S');
    g_autofree char *text = refusal_of(wide);
    assert_non_null(strstr(text, "longer than"));
}

static void
profiles(void **state)
{
    (void)state;
    static const struct {
        const char *profile, *words;
    } cases[] = {
        {"", "empty"},
        {"{}\n", "\"list_id\" is missing"},
        {"{\"list_id\":\"../x\",\"title\":\"T\",\"owner\":\"O\",\"kind\":\"alerts\",\"version\":1,"
         "\"stale_after\":\"P1D\",\"expires_at\":\"P2D\"}\n",
         "must be of A-Z"},
        {"{\"list_id\":\"x\",\"title\":\"T\",\"owner\":\"O\",\"kind\":\"odd\",\"version\":1,"
         "\"stale_after\":\"P1D\",\"expires_at\":\"P2D\"}\n",
         "alerts or lost_stolen"},
        {"{\"list_id\":\"x\",\"title\":\"T\",\"owner\":\"O\",\"kind\":\"alerts\",\"version\":0,"
         "\"stale_after\":\"P1D\",\"expires_at\":\"P2D\"}\n",
         "version"},
        {"{\"list_id\":\"x\",\"title\":\"T\",\"owner\":\"O\",\"kind\":\"alerts\",\"version\":1,"
         "\"stale_after\":\"P3D\",\"expires_at\":\"P2D\"}\n",
         "generated_at < stale_after"},
        {"{\"list_id\":\"x\",\"title\":\"T\",\"owner\":\"O\",\"kind\":\"alerts\",\"version\":1,"
         "\"stale_after\":\"P0D\",\"expires_at\":\"P2D\"}\n",
         "stale_after"},
        {"{\"list_id\":\"x\",\"title\":\"T\",\"owner\":\"O\",\"kind\":\"alerts\",\"version\":1,"
         "\"stale_after\":\"P1D\",\"expires_at\":\"P2D\",\"defaults\":{\"surname\":\"x\"}}\n",
         "unknown member"},
        {"alert_id,subject\n", "profile in a file beside"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        assert_null(lists_build(lists, "profile", cases[i].profile, &error));
        expect_error(&error, DV_ERROR_INVALID, cases[i].words);
    }
    g_autofree char *path = lists_path(lists, "profile" DV_WATCHLIST_SUFFIX);
    assert_int_not_equal(access(path, F_OK), 0);
}

static void
csv_with_profile(void **state)
{
    (void)state;
    static const char csv[] =
        "\xef\xbb\xbf"
        "alert_id,subject,surname,given_names,birth_date,action,reason\r\n"
        "p1,person,\"O'NEILL, BORIS\",TEST,1970-05-05,INFO,\"said \"\"stop\"\"\"\r\n"
        "\r\n"
        "p2,person,MARLOWE,TESSA,1985-03-XX,INFO,\r\n"
        "p3,person,too,few\r\n"
        "p4,person,\"open,quote,1970-05-05,INFO,,\r\n";
    g_autoptr(GError) error = NULL;
    g_autoptr(DvWatchlistReport) report = NULL;
    g_autofree char *source = lists_path(lists, "s.csv"), *profile = lists_path(lists, "p.json");
    g_autofree char *out = lists_path(lists, "csv" DV_WATCHLIST_SUFFIX);

    assert_true(g_file_set_contents(source, csv, -1, NULL));
    assert_true(g_file_set_contents(profile, PROFILE("csv", 3, ""), -1, NULL));
    dv_watchlist_build(source, profile, out, &report, &error);
    EXPECT_NO_ERROR(error);
    assert_int_equal(report->taken, 2);
    assert_int_equal(report->no_exact_person, 1);
    assert_int_equal(report->refused, 2);
    assert_int_equal(((DvWatchlistRefusal *)report->refusals->pdata[0])->line, 5);
    assert_int_equal(((DvWatchlistRefusal *)report->refusals->pdata[1])->line, 6);
    assert_int_equal(report->version, 3);
    assert_true(dv_watchlist_verify_file(out, &error));
}

/* The sum over rows does not depend on their order, and does on every byte of them. */
static void
state_hash(void **state)
{
    (void)state;
#define ROW(id, number)                                                                            \
    "{\"alert_id\":\"" id "\",\"subject\":\"document\",\"document_number\":\"" number              \
    "\",\"issuing_state\":\"UTO\",\"action\":\"INFO\"}\n"
    g_autoptr(DvWatchlistReport) one =
        lists_build(lists, "h", PROFILE("h", 1, "") ROW("a", "A1") ROW("b", "B2"), NULL);
    g_autoptr(DvWatchlistReport) swapped =
        lists_build(lists, "h", PROFILE("h", 1, "") ROW("b", "B2") ROW("a", "A1"), NULL);
    g_autoptr(DvWatchlistReport) other =
        lists_build(lists, "h", PROFILE("h", 1, "") ROW("a", "A1") ROW("b", "B3"), NULL);
    assert_string_equal(one->state_hash, swapped->state_hash);
    assert_string_not_equal(one->state_hash, other->state_hash);
    /* Golden: the format's definition, not this program, decides. */
    assert_string_equal(one->state_hash,
                        "1d42c5ee6d6aada828bd7f24af8b231493042772262bcdaf0b2d3ad335a10f5b");
}

static void
all_or_nothing(void **state)
{
    (void)state;
    g_autoptr(GError) error = NULL;
    g_autofree char *path = lists_path(lists, "whole" DV_WATCHLIST_SUFFIX);
    g_autoptr(GString) large = g_string_new(PROFILE("whole", 2, ""));
    struct rlimit limit;

    g_autoptr(DvWatchlistReport) first =
        lists_build(lists, "whole", PROFILE("whole", 1, "") ROW("a", "A1"), &error);
    EXPECT_NO_ERROR(error);
    assert_null(lists_build(lists, "whole", PROFILE("whole", 2, "") "{}\n{}\n", &error));
    expect_error(&error, DV_ERROR_INVALID, "all 2 rows were refused");
    for (int i = 0; i < 3000; i++)
        g_string_append_printf(large, ROW("a%d", "A%d"), i, i);
    getrlimit(RLIMIT_FSIZE, &limit);
    g_autofree char *source = lists_path(lists, "large");
    assert_true(g_file_set_contents(source, large->str, -1, NULL));
    g_autoptr(DvWatchlistReport) report = NULL;
    limit.rlim_cur = 100000;
    setrlimit(RLIMIT_FSIZE, &limit);
    gboolean built = dv_watchlist_build(source, NULL, path, &report, &error);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_FSIZE, &limit);
    assert_false(built);
    expect_error(&error, DV_ERROR_FULL, "large");
    g_autoptr(GDir) dir = g_dir_open(lists->folder, 0, NULL);
    for (const char *name; (name = g_dir_read_name(dir)) != NULL;)
        assert_false(g_str_has_suffix(name, ".part"));
    assert_true(dv_watchlist_verify_file(path, &error));
    EXPECT_NO_ERROR(error);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_rule_is_kept), cmocka_unit_test(profiles),
        cmocka_unit_test(csv_with_profile),  cmocka_unit_test(state_hash),
        cmocka_unit_test(all_or_nothing),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
