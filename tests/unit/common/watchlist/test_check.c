// SPDX-License-Identifier: Apache-2.0
/* What a question is answered: hits with their reasons, and never a silent "no hit". */
#include "expect.h"
#include "list_folder.h"
#include "lists.h"

#include <darvaza/clock.h>
#include <darvaza/file.h>
#include <darvaza/sqlite.h>
#include <glib/gstdio.h>

#define DAY_US (G_GINT64_CONSTANT(86400) * G_USEC_PER_SEC)

static Lists *lists;
static DvWatchlist *open_lists;

static int
setup(void **state)
{
    (void)state;
    lists = lists_new();
    return 0;
}

static int
teardown(void **state)
{
    (void)state;
    g_clear_pointer(&open_lists, dv_watchlist_free);
    lists_free(lists);
    return 0;
}

static void
build(const char *name, const char *source)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(DvWatchlistReport) report = lists_build(lists, name, source, &error);
    EXPECT_NO_ERROR(error);
    assert_int_equal(report->refused, 0);
}

static void
open_all(gboolean training)
{
    g_autoptr(GError) error = NULL;
    open_lists = dv_watchlist_open(lists->folder, training, &error);
    EXPECT_NO_ERROR(error);
}

static const DvWatchlistHit *
hit(const DvWatchlistAnswer *answer, guint i)
{
    assert_true(i < answer->hits->len);
    return g_ptr_array_index(answer->hits, i);
}

static const DvWatchlistList *
list(const DvWatchlistAnswer *answer, guint i)
{
    assert_true(i < answer->lists->len);
    return g_ptr_array_index(answer->lists, i);
}

static const DvWatchlistReason *
reason(const DvWatchlistHit *one, const char *field)
{
    for (guint i = 0; i < one->reasons->len; i++) {
        const DvWatchlistReason *found = g_ptr_array_index(one->reasons, i);
        if (g_str_equal(found->field, field))
            return found;
    }
    fail_msg("no reason for %s", field);
    return NULL;
}

#define ROW(id, rest) "{\"alert_id\":\"" id "\"," rest "}\n"
#define STOLEN                                                                                     \
    ROW("d1", "\"subject\":\"document\",\"document_number\":\"X1234S678\",\"issuing_state\":"      \
              "\"UTO\",\"document_type\":\"P\",\"action\":\"SEIZE_DOCUMENT\"")
#define WANTED                                                                                     \
    ROW("p1",                                                                                      \
        "\"subject\":\"person\",\"surname\":\"M\u00fcller-Marlowe\",\"given_names\":\"Tessa\","    \
        "\"birth_date\":\"1985-03-14\",\"sex\":\"F\",\"nationality\":\"UTO\",\"document_number\":" \
        "\"D23145890\",\"issuing_state\":\"UTO\",\"action\":\"STOP_REFER\",\"reason\":\"wanted\"")

static void
document_is_found(void **state)
{
    (void)state;
    build("docs", PROFILE("docs", 4, "") STOLEN);
    open_all(FALSE);
    static const struct {
        const char *number, *issuer, *type;
        guint hits;
        DvWatchlistMatch match;
        gboolean probable;
        guint score;
    } cases[] = {
        {"X1234S678", "UTO", "P", 1, DV_WATCHLIST_EXACT_DOCUMENT, FALSE, 1000},
        {"x1234s-678<", "UTO", "PD", 1, DV_WATCHLIST_EXACT_DOCUMENT, FALSE, 1000},
        {"X1234S678", "UTO", "", 1, DV_WATCHLIST_EXACT_DOCUMENT, FALSE, 1000},
        {"X1234S678", "UTO", "I", 1, DV_WATCHLIST_EXACT_DOCUMENT, TRUE, 800},
        {"X1234S678", NULL, "P", 1, DV_WATCHLIST_EXACT_DOCUMENT, TRUE, 900},
        {"X12345678", "UTO", "P", 1, DV_WATCHLIST_FOLDED_DOCUMENT, TRUE, 800},
        {"XIZ34S67B", "UTO", "P", 1, DV_WATCHLIST_FOLDED_DOCUMENT, TRUE, 800},
        {"X1234S678", "XXB", "P", 0, 0, FALSE, 0},
        {"X1234S679", "UTO", "P", 0, 0, FALSE, 0},
        {"X1234S67", "UTO", "P", 0, 0, FALSE, 0},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        const DvWatchlistSubject subject = {.document_number = cases[i].number,
                                            .issuing_state = cases[i].issuer,
                                            .document_type = cases[i].type};
        g_autoptr(DvWatchlistAnswer) answer =
            dv_watchlist_check(open_lists, &subject, lists->now_us);
        assert_true(answer->determined && answer->asked_document && !answer->asked_person);
        if (answer->hits->len != cases[i].hits)
            fail_msg("%s %s: %u hits", cases[i].number, cases[i].issuer, answer->hits->len);
        if (cases[i].hits == 0)
            continue;
        assert_int_equal(hit(answer, 0)->match, cases[i].match);
        assert_int_equal(hit(answer, 0)->probable, cases[i].probable);
        assert_int_equal(hit(answer, 0)->score, cases[i].score);
        assert_true(hit(answer, 0)->is_document);
    }
}

static void
person_is_found(void **state)
{
    (void)state;
    build("persons", PROFILE("persons", 1, "") WANTED);
    open_all(FALSE);
    static const struct {
        DvWatchlistSubject subject;
        guint hits;
        gboolean probable;
        guint score;
    } cases[] = {
        {{"MUELLER<MARLOWE", "TESSA", "1985-03-14", "F", "UTO"}, 1, FALSE, 1000},
        {{"M\u00fcller-Marlowe", "Tessa", "1985-03-14", NULL, NULL}, 1, FALSE, 1000},
        {{"MUELLER MARLOWE", "TESSA", "1985-03-14", "<", "D"}, 1, FALSE, 900},
        {{"MUELLER MARLOWE", "TESSA", "1985-03-14", "M", "UTO"}, 1, TRUE, 800},
        {{"MARIOTTI", "BELINDA", "1985-03-14", "F", "UTO"}, 0, FALSE, 0},
        {{"MUELLER", "JON", "1959-11-02", "M", "UTO"}, 0, FALSE, 0},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(DvWatchlistAnswer) answer =
            dv_watchlist_check(open_lists, &cases[i].subject, lists->now_us);
        assert_true(answer->determined && answer->asked_person);
        if (answer->hits->len != cases[i].hits)
            fail_msg("case %d: %u hits", (int)i, answer->hits->len);
        if (cases[i].hits == 0)
            continue;
        const DvWatchlistHit *found = hit(answer, 0);
        assert_int_equal(found->match, DV_WATCHLIST_EXACT_PERSON);
        assert_int_equal(found->probable, cases[i].probable);
        assert_int_equal(found->score, cases[i].score);
        assert_string_equal(found->listed_name, "M\u00fcller-Marlowe, Tessa");
    }
}

static void
hit_says_why(void **state)
{
    (void)state;
    build("persons", PROFILE("persons", 7, "") WANTED);
    open_all(FALSE);
    const DvWatchlistSubject subject = {"MUELLER MARLOWE", "TESSA", "1985-03-14", NULL, "D",
                                        "D2314589O",       "UTO",   NULL};
    g_autoptr(DvWatchlistAnswer) answer = dv_watchlist_check(open_lists, &subject, lists->now_us);
    const DvWatchlistHit *found = hit(answer, 0);

    assert_int_equal(answer->hits->len, 1); /* one alert, though number and name both lead to it */
    assert_int_equal(found->match, DV_WATCHLIST_EXACT_PERSON);
    assert_string_equal(found->list_id, "persons");
    assert_int_equal(found->list_version, 7);
    assert_string_equal(found->alert_id, "p1");
    assert_int_equal(found->action, DV_WATCHLIST_STOP_REFER);
    assert_string_equal(found->legal_basis, "Act 1");
    assert_string_equal(found->review_date, "2028-01-31");
    assert_string_equal(found->listed_document, "D23145890 UTO");
    assert_int_equal(reason(found, "surname")->agreement, DV_WATCHLIST_AGREES);
    assert_string_equal(reason(found, "surname")->document_value, "MUELLER MARLOWE");
    assert_string_equal(reason(found, "surname")->listed_value, "M\u00fcller-Marlowe");
    assert_int_equal(reason(found, "document_number")->agreement, DV_WATCHLIST_SIMILAR);
    assert_int_equal(reason(found, "nationality")->agreement, DV_WATCHLIST_CONTRADICTS);
    assert_int_equal(reason(found, "sex")->agreement, DV_WATCHLIST_OMITTED);
    assert_string_equal(reason(found, "sex")->text, "Sex: not given by the document.");
    g_autoptr(json_t) json = dv_watchlist_answer_json(answer);
    assert_string_equal(json_string_value(json_object_get(json, "status")), "hit");
}

static void
validity_is_kept(void **state)
{
    (void)state;
    build("v", PROFILE("v", 1, "") ROW(
                   "a", "\"subject\":\"document\",\"document_number\":\"A1\",\"issuing_state\":"
                        "\"UTO\",\"action\":\"INFO\",\"valid_from\":\"2026-11-24\",\"valid_until\":"
                        "\"2026-11-25\""));
    open_all(FALSE);
    const DvWatchlistSubject subject = {.document_number = "A1", .issuing_state = "UTO"};
    static const struct {
        const char *when;
        guint hits;
    } cases[] = {
        {"2026-11-23T23:59:59.999Z", 0},
        {"2026-11-24T00:00:00Z", 1},
        {"2026-11-25T23:59:59.999Z", 1},
        {"2026-11-26T00:00:00Z", 0},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        gint64 when;
        assert_true(dv_time_parse(cases[i].when, &when, NULL));
        g_autoptr(DvWatchlistAnswer) answer = dv_watchlist_check(open_lists, &subject, when);
        assert_int_equal(answer->hits->len, cases[i].hits);
        assert_true(answer->determined);
    }
}

static void
list_ages(void **state)
{
    (void)state;
    build("age", PROFILE("age", 1, "") STOLEN);
    open_all(FALSE);
    const DvWatchlistSubject subject = {.document_number = "X1234S678", .issuing_state = "UTO"};
    static const struct {
        int days;
        gint64 more_us;
        DvWatchlistStatus status;
        guint hits;
    } cases[] = {
        {0, 0, DV_WATCHLIST_FRESH, 1},   {1, -1, DV_WATCHLIST_FRESH, 1},
        {1, 0, DV_WATCHLIST_STALE, 1},   {7, -1, DV_WATCHLIST_STALE, 1},
        {7, 0, DV_WATCHLIST_EXPIRED, 0},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        gint64 when = lists->now_us + cases[i].days * DAY_US + cases[i].more_us;
        g_autoptr(DvWatchlistAnswer) answer = dv_watchlist_check(open_lists, &subject, when);
        assert_int_equal(list(answer, 0)->status, cases[i].status);
        assert_int_equal(answer->hits->len, cases[i].hits);
        assert_int_equal(answer->determined, cases[i].status != DV_WATCHLIST_EXPIRED);
    }
    g_autoptr(DvWatchlistAnswer) over =
        dv_watchlist_check(open_lists, &subject, lists->now_us + 8 * DAY_US);
    assert_string_equal(over->undetermined_because, "list age expired on 2026-11-30");
    assert_int_equal(list(over, 0)->age_s, 8 * 86400);
    g_autoptr(json_t) json = dv_watchlist_answer_json(over);
    assert_string_equal(json_string_value(json_object_get(json, "status")), "undetermined");
}

static const DvWatchlistSubject anybody = {"NOBODY", "AT ALL",   "1990-01-01", "F",
                                           "UTO",    "N0000000", "UTO",        "P"};

static void
expect_undetermined(gint64 when, const char *words)
{
    g_autoptr(DvWatchlistAnswer) answer = dv_watchlist_check(open_lists, &anybody, when);
    assert_false(answer->determined);
    if (strstr(answer->undetermined_because, words) == NULL)
        fail_msg("\"%s\" instead of \"%s\"", answer->undetermined_because, words);
}

static void
no_silent_no_hit(void **state)
{
    (void)state;
    g_autoptr(GError) error = NULL;
    g_autofree char *path = lists_path(lists, "one" DV_WATCHLIST_SUFFIX);
    g_autofree char *current = lists_path(lists, "current.json");
    g_autoptr(GBytes) good = NULL;
    gsize length;

    open_all(FALSE);
    expect_undetermined(lists->now_us, "no watchlist is in force");
    build("one", PROFILE("one", 1, "") STOLEN);
    g_autoptr(DvWatchlistAnswer) fine = dv_watchlist_check(open_lists, &anybody, lists->now_us);
    assert_true(fine->determined && fine->hits->len == 0);
    expect_undetermined(lists->now_us - DAY_US, "the clock is wrong");
    dv_watchlist_set_clock_floor(open_lists, lists->now_us + DAY_US);
    expect_undetermined(lists->now_us, "the clock is wrong");
    dv_watchlist_set_clock_floor(open_lists, 0);
    g_remove(current);
    expect_undetermined(lists->now_us, "no watchlist is in force");

    good = dv_file_read(path, 1 << 20, &error);
    const char *data = g_bytes_get_data(good, &length);
    const gsize cuts[] = {0, 99, 3000, length / 2, length - 4096};
    for (gsize i = 0; i < G_N_ELEMENTS(cuts); i++) {
        assert_true(dv_file_write(path, data, cuts[i], 0600, &error));
        list_folder_publish(lists->folder);
        expect_undetermined(lists->now_us, "list one could not be asked");
    }
    assert_true(dv_file_write(path, data, length, 0600, &error));
    list_folder_publish(lists->folder);
    g_autoptr(DvWatchlistAnswer) again = dv_watchlist_check(open_lists, &anybody, lists->now_us);
    assert_true(again->determined);
}

/* Two files of one list, named on the command line: neither counts. */
static void
twins_are_not_asked(void **state)
{
    (void)state;
    build("one", PROFILE("one", 1, "") STOLEN);
    build("two", PROFILE("one", 2, "") STOLEN);
    g_autofree char *one = lists_path(lists, "one" DV_WATCHLIST_SUFFIX);
    g_autofree char *two = lists_path(lists, "two" DV_WATCHLIST_SUFFIX);
    const char *const paths[] = {one, two, NULL};
    open_lists = dv_watchlist_open_files(paths, FALSE);
    expect_undetermined(lists->now_us, "could not be asked");
}

/* What an open file remembers of its rows serves no other time and no other file. */
static void
remembered_rows_end(void **state)
{
    (void)state;
#define PLAIN(reason)                                                                              \
    "{\"subject\":\"document\",\"document_number\":\"X1234S678\",\"issuing_state\":\"UTO\","       \
    "\"document_type\":\"P\",\"action\":\"SEIZE_DOCUMENT\",\"valid_until\":\"2026-11-24\","        \
    "\"reason\":\"" reason "\"}\n"
    const DvWatchlistSubject subject = {.document_number = "X1234S678", .issuing_state = "UTO"};
    static const char *const reasons[] = {"stolen", "lost"};

    build("docs", PROFILE("docs", 1, "") PLAIN("stolen"));
    open_all(FALSE);
    for (gsize i = 0; i < G_N_ELEMENTS(reasons); i++) {
        for (int days = 0; days < 6; days += 3) {
            for (int again = 0; again < 2; again++) {
                g_autoptr(DvWatchlistAnswer) answer =
                    dv_watchlist_check(open_lists, &subject, lists->now_us + days * DAY_US);
                assert_true(answer->determined);
                assert_int_equal(answer->hits->len, days == 0 ? 1 : 0);
                if (days == 0)
                    assert_string_equal(hit(answer, 0)->reason, reasons[i]);
            }
        }
        build("docs", PROFILE("docs", 2, "") PLAIN("lost"));
    }
}

/* A page in the middle that is not what was written: the query fails, and the answer says so. */
static void
damage_is_an_answer(void **state)
{
    (void)state;
    g_autoptr(GString) source = g_string_new(PROFILE("hurt", 1, ""));
    g_autofree char *path = lists_path(lists, "hurt" DV_WATCHLIST_SUFFIX);
    g_autofree char *data = NULL;
    gsize length;

    for (int i = 0; i < 2000; i++)
        g_string_append_printf(source,
                               ROW("a%d", "\"subject\":\"document\",\"document_number\":\"N%07d\","
                                          "\"issuing_state\":\"UTO\",\"action\":\"INFO\""),
                               i, i);
    build("hurt", source->str);
    assert_true(g_file_get_contents(path, &data, &length, NULL));
    for (gsize i = 8 * 4096; i < length; i++)
        data[i] = (char)0xa5;
    assert_true(dv_file_write(path, data, length, 0600, NULL));
    open_all(FALSE);
    expect_undetermined(lists->now_us, "list hurt could not be asked");
    g_autoptr(GError) error = NULL;
    assert_false(dv_watchlist_verify_file(path, &error));
}

static void
altered_row_is_seen(void **state)
{
    (void)state;
    g_autoptr(GError) error = NULL;
    g_autofree char *path = lists_path(lists, "alter" DV_WATCHLIST_SUFFIX);
    build("alter", PROFILE("alter", 1, "") STOLEN WANTED);
    assert_true(dv_watchlist_verify_file(path, &error));
    sqlite3 *db = NULL;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    sqlite3_exec(db, "UPDATE attribute SET purpose = 'Other'", NULL, NULL, NULL);
    sqlite3_close(db);
    assert_false(dv_watchlist_verify_file(path, &error));
    expect_error(&error, DV_ERROR_CORRUPT, "attributes is damaged");
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    sqlite3_exec(db, "UPDATE attribute SET purpose = 'Test'", NULL, NULL, NULL);
    sqlite3_exec(db, "DELETE FROM alert WHERE alert_id = 'p1'", NULL, NULL, NULL);
    sqlite3_close(db);
    assert_false(dv_watchlist_verify_file(path, &error));
    expect_error(&error, DV_ERROR_CORRUPT, "the rows that its profile promises");
}

static void
question_that_cannot_be_asked(void **state)
{
    (void)state;
    build("all", PROFILE("all", 1, "") STOLEN WANTED);
    open_all(FALSE);
    static const struct {
        DvWatchlistSubject subject;
        const char *words;
    } cases[] = {
        {{NULL}, "neither a document number nor"},
        {{.surname = "<<", .given_names = "?", .document_number = "A1"}, "the name is none"},
        {{.surname = "A", .birth_date = "1985-03-14", .document_number = "A/1"}, "none that can"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(DvWatchlistAnswer) answer =
            dv_watchlist_check(open_lists, &cases[i].subject, lists->now_us);
        assert_false(answer->determined);
        assert_non_null(strstr(answer->undetermined_because, cases[i].words));
    }
}

static void
rank_and_cap(void **state)
{
    (void)state;
    static const char *const actions[] = {"INFO", "STOP_REFER", "DISCREET", "SEIZE_DOCUMENT"};
    g_autoptr(GString) source = g_string_new(PROFILE("rank", 1, ""));
    for (int i = 0; i < 60; i++)
        g_string_append_printf(source,
                               ROW("a%02d", "\"subject\":\"document\",\"document_number\":\"%s\","
                                            "\"issuing_state\":\"UTO\",\"action\":\"%s\""),
                               i, i < 30 ? "SAME0" : "SAMEO", actions[i % 4]);
    build("rank", source->str);
    open_all(FALSE);
    const DvWatchlistSubject subject = {.document_number = "SAMEO", .issuing_state = "UTO"};
    g_autoptr(DvWatchlistAnswer) answer = dv_watchlist_check(open_lists, &subject, lists->now_us);
    assert_true(answer->capped);
    assert_int_equal(answer->hits->len, DV_WATCHLIST_HITS_MAX);
    for (guint i = 1; i < answer->hits->len; i++) {
        const DvWatchlistHit *a = hit(answer, i - 1), *b = hit(answer, i);
        assert_true(a->probable <= b->probable);
        if (a->probable == b->probable)
            assert_true(a->action <= b->action);
    }
    assert_int_equal(hit(answer, 0)->action, DV_WATCHLIST_STOP_REFER);
    assert_false(hit(answer, 29)->probable);
    assert_true(hit(answer, 30)->probable);
}

static void
training_is_apart(void **state)
{
    (void)state;
    build("real", PROFILE("real", 1, "") STOLEN);
    build("play", PROFILE("play", 1, "\"is_training\":true,") STOLEN);
    open_all(FALSE);
    const DvWatchlistSubject subject = {.document_number = "X1234S678", .issuing_state = "UTO"};
    g_autoptr(DvWatchlistAnswer) real = dv_watchlist_check(open_lists, &subject, lists->now_us);
    assert_int_equal(real->hits->len, 1);
    assert_string_equal(hit(real, 0)->list_id, "real");
    assert_int_equal(real->lists->len, 1);
    dv_watchlist_set_training(open_lists, TRUE);
    g_autoptr(DvWatchlistAnswer) play = dv_watchlist_check(open_lists, &subject, lists->now_us);
    assert_int_equal(play->hits->len, 1);
    assert_string_equal(hit(play, 0)->list_id, "play");
    assert_true(hit(play, 0)->is_training);
}

static void
lost_and_stolen_says_confirm(void **state)
{
    (void)state;
    g_autoptr(GString) source = g_string_new(PROFILE("sltd", 1, "") STOLEN);
    g_string_replace(source, "\"kind\":\"alerts\"", "\"kind\":\"lost_stolen\"", 1);
    build("sltd", source->str);
    open_all(FALSE);
    const DvWatchlistSubject subject = {.document_number = "X1234S678", .issuing_state = "UTO"};
    g_autoptr(DvWatchlistAnswer) answer = dv_watchlist_check(open_lists, &subject, lists->now_us);
    assert_true(hit(answer, 0)->confirm_with_owner);
    g_autoptr(json_t) json = dv_watchlist_hit_json(hit(answer, 0));
    assert_string_equal(json_string_value(json_object_get(json, "instruction")),
                        "Confirm with the owner before coercive action.");
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(document_is_found),   TEST(person_is_found),
        TEST(hit_says_why),        TEST(validity_is_kept),
        TEST(list_ages),           TEST(no_silent_no_hit),
        TEST(damage_is_an_answer), TEST(altered_row_is_seen),
        TEST(rank_and_cap),        TEST(question_that_cannot_be_asked),
        TEST(training_is_apart),   TEST(lost_and_stolen_says_confirm),
        TEST(twins_are_not_asked), TEST(remembered_rows_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
