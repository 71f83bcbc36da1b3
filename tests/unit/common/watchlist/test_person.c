// SPDX-License-Identifier: Apache-2.0
/* Names that are like a listed one: what is found, with which reasons, and what is not. */
#include "expect.h"
#include "list_folder.h"
#include "lists.h"

#include <darvaza/sqlite.h>

#include "person/person.h"

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

#define PERSON(id, rest) "{\"alert_id\":\"" id "\",\"subject\":\"person\"," rest "}\n"
static const char persons[] = PROFILE("wanted", 1, "")
    PERSON("p1", "\"surname\":\"KHALILZADEH\",\"given_names\":\"MUHAMMAD YOUSSEF\","
                 "\"birth_date\":\"1971-03-05\",\"sex\":\"M\",\"nationality\":\"UTO\","
                 "\"action\":\"STOP_REFER\"")
        PERSON("p2", "\"surname\":\"PETROVSKAYA\",\"given_names\":\"ANASTASIA IGOREVNA\","
                     "\"birth_date\":\"1980-11-XX\",\"action\":\"INFO\",\"aliases\":["
                     "{\"name\":\"Nastya Sokolova\",\"quality\":\"low\"},"
                     "{\"name\":\"Анастасия Петровская\",\"quality\":\"good\"}]")
            PERSON("p3", "\"name\":\"Abd al-Rahman Tawfiqi\",\"birth_date\":\"1965-XX-XX\","
                         "\"other_birth_dates\":[\"1966-07-08\"],\"action\":\"DISCREET\"");

static void
build(const char *source)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(DvWatchlistReport) report = lists_build(lists, "wanted", source, &error);
    EXPECT_NO_ERROR(error);
    assert_int_equal(report->refused, 0);
    open_lists = dv_watchlist_open(lists->folder, FALSE, &error);
    EXPECT_NO_ERROR(error);
}

static DvWatchlistAnswer *
ask(const char *surname, const char *given, const char *birth)
{
    const DvWatchlistSubject subject = {
        .surname = surname, .given_names = given, .birth_date = birth};

    return dv_watchlist_check(open_lists, &subject, lists->now_us);
}

static const DvWatchlistReason *
reason(const DvWatchlistHit *hit, const char *field)
{
    for (guint i = 0; i < hit->reasons->len; i++) {
        const DvWatchlistReason *found = g_ptr_array_index(hit->reasons, i);
        if (g_str_equal(found->field, field))
            return found;
    }
    fail_msg("no reason for %s", field);
    return NULL;
}

static void
variants_are_found(void **state)
{
    (void)state;
    static const struct {
        const char *surname, *given, *birth, *alert;
    } cases[] = {
        {"KHALILZADEH", "MOHAMED YOUSEF", "1971-03-05", "p1"},
        {"KHALILZADE", "MUHAMMAD", "1971-03-05", "p1"},
        {"KHALILZADEH", "MUHAMMAD YOUSSEF", "1971-05-03", "p1"},
        {"KHALILZADEH", "MUHAMMAD YOUSSEF", "1971-03-06", "p1"},
        {"KHALILZADEH", "MUHAMMAD YOUSSEF", "1917-03-05", "p1"},
        {"KHALIL ZADEH", "MUHAMMAD YUSUF", "1971-03-05", "p1"},
        {"MUHAMMAD YOUSSEF", "KHALILZADEH", "1971-03-05", "p1"},
        {"KHALILZADEH", "M YOUSSEF", "1971-03-05", "p1"},
        {"خلیل‌زاده محمد یوسف", NULL, "1971-03-05", "p1"},
        {"KHALILZADEH", "MUHAMMAD YOUSSEF", "1971-XX-XX", "p1"},
        {"KHALILZADEH", "MUHAMMAD YOUSSEF", NULL, "p1"},
        {"PETROVSKAIA", "ANASTASIYA", "1980-11-23", "p2"},
        {"Петровская", "Анастасия Игоревна", "1980-11-23", "p2"},
        {"SOKOLOVA", "NASTYA", "1980-11-23", "p2"},
        {"TAWFIQI", "ABDURRAHMAN", "1965-02-03", "p3"},
        {"TAUFIKI", "ABDUL RAHMAN", "1966-07-08", "p3"},
    };
    build(persons);
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(DvWatchlistAnswer) answer = ask(cases[i].surname, cases[i].given, cases[i].birth);
        assert_true(answer->determined && answer->asked_person);
        if (answer->hits->len != 1)
            fail_msg("case %d: %u hits", (int)i, answer->hits->len);
        const DvWatchlistHit *hit = g_ptr_array_index(answer->hits, 0);
        assert_string_equal(hit->alert_id, cases[i].alert);
        assert_int_equal(hit->match, DV_WATCHLIST_FUZZY_PERSON);
        assert_true(hit->probable && hit->score < 1000);
        assert_true(hit->score >= (cases[i].birth != NULL ? 700 : 500));
    }
}

static void
others_are_not(void **state)
{
    (void)state;
    static const char *const cases[][3] = {
        {"KHALILZADEH", "SORAYA", "1990-10-20"},
        {"IVANOVA", "ANASTASIA", "1980-12-01"},
        {"TAWFIQI", "LAYLA", "1990-01-01"},
        {"MARLOWE", "TESSA", "1966-07-08"},
    };
    build(persons);
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(DvWatchlistAnswer) answer = ask(cases[i][0], cases[i][1], cases[i][2]);
        if (answer->hits->len != 0)
            fail_msg("case %d: %s", (int)i,
                     ((DvWatchlistHit *)g_ptr_array_index(answer->hits, 0))->alert_id);
    }
}

static void
reasons_say_why(void **state)
{
    (void)state;
    build(persons);
    const DvWatchlistSubject subject = {.surname = "KHALILZADE",
                                        .given_names = "MOHAMED",
                                        .birth_date = "1971-05-03",
                                        .sex = "M",
                                        .nationality = "UTO"};
    g_autoptr(DvWatchlistAnswer) answer = dv_watchlist_check(open_lists, &subject, lists->now_us);
    assert_int_equal(answer->hits->len, 1);
    const DvWatchlistHit *hit = g_ptr_array_index(answer->hits, 0);
    assert_string_equal(hit->listed_name, "KHALILZADEH, MUHAMMAD YOUSSEF");
    assert_string_equal(reason(hit, "surname")->text,
                        "Surname: 'KHALILZADE' is read as a spelling of the listed 'KHALILZADEH'.");
    assert_int_equal(reason(hit, "surname")->agreement, DV_WATCHLIST_SIMILAR);
    assert_string_equal(reason(hit, "given_names")->text,
                        "Given names: 'MOHAMED' is read as a spelling of the listed 'MUHAMMAD'; "
                        "'YOUSSEF' is listed and not in the document.");
    assert_string_equal(reason(hit, "birth_date")->text, "Birth date: day and month are swapped.");
    assert_int_equal(reason(hit, "sex")->agreement, DV_WATCHLIST_AGREES);
    assert_int_equal(reason(hit, "nationality")->agreement, DV_WATCHLIST_AGREES);
}

/* The alias that matched is shown, and a weak one is called so. */
static void
alias_is_shown(void **state)
{
    (void)state;
    build(persons);
    g_autoptr(DvWatchlistAnswer) answer = ask("SOKOLOWA", "NASTYA", "1980-11-23");
    assert_int_equal(answer->hits->len, 1);
    const DvWatchlistHit *hit = g_ptr_array_index(answer->hits, 0);
    gboolean weak = FALSE;
    assert_string_equal(reason(hit, "name")->listed_value, "Nastya Sokolova");
    for (guint i = 0; i < hit->reasons->len; i++) {
        const DvWatchlistReason *one = g_ptr_array_index(hit->reasons, i);
        weak |= strstr(one->text, "weak") != NULL;
    }
    assert_true(weak);
}

static void
thresholds_count(void **state)
{
    (void)state;
    build(PROFILE("wanted", 1, "\"thresholds\":{\"INFO\":1000},\"person_threshold\":650,") PERSON(
        "a", "\"name\":\"Tessa Marlowe\",\"birth_date\":\"1971-03-05\",\"action\":\"INFO\"")
              PERSON("b", "\"name\":\"Tessa Marlowe\",\"birth_date\":\"1971-03-05\","
                          "\"action\":\"STOP_REFER\""));
    g_autoptr(DvWatchlistAnswer) answer = ask("MARLOW", "TESSA", "1971-03-05");
    assert_int_equal(answer->hits->len, 1);
    assert_string_equal(((DvWatchlistHit *)g_ptr_array_index(answer->hits, 0))->alert_id, "b");
    dv_watchlist_set_person_threshold(open_lists, 1000);
    g_autoptr(DvWatchlistAnswer) none = ask("MARLOW", "TESSA", "1971-03-05");
    assert_int_equal(none->hits->len, 0);
    dv_watchlist_set_person_threshold(open_lists, 0);
    g_autoptr(DvWatchlistAnswer) all = ask("MARLOW", "TESSA", "1990-12-12");
    assert_int_equal(all->hits->len, 2);
}

/* Many weak names with the strongest action do not push out the one that is near certain. */
static void
likeliest_stay(void **state)
{
    (void)state;
    g_autoptr(GString) source = g_string_new(PROFILE("wanted", 1, ""));
    for (int i = 0; i < 80; i++)
        g_string_append_printf(source,
                               PERSON("w%d", "\"name\":\"Tessa Marl%c%cs\",\"birth_date\":"
                                             "\"1950-06-07\",\"action\":\"STOP_REFER\""),
                               i, 'a' + i % 26, 'a' + i / 26);
    g_string_append(source, PERSON("right", "\"name\":\"Tessa Marlowe\",\"birth_date\":"
                                            "\"1971-03-05\",\"action\":\"INFO\""));
    build(source->str);
    dv_watchlist_set_person_threshold(open_lists, 0);
    g_autoptr(DvWatchlistAnswer) answer = ask("MARLOW", "TESSA", "1971-03-05");
    assert_true(answer->capped);
    assert_int_equal(answer->hits->len, DV_WATCHLIST_HITS_MAX);
    const DvWatchlistHit *last = g_ptr_array_index(answer->hits, DV_WATCHLIST_HITS_MAX - 1);
    assert_string_equal(last->alert_id, "right");
}

static guint
score_of(const char *surname, const char *given, const char *birth)
{
    dv_watchlist_set_person_threshold(open_lists, 0);
    g_autoptr(DvWatchlistAnswer) answer = ask(surname, given, birth);
    assert_true(answer->hits->len > 0);
    return ((const DvWatchlistHit *)g_ptr_array_index(answer->hits, 0))->score;
}

/* What contradicts shows in the score of a short list, too. */
static void
scores_differ(void **state)
{
    (void)state;
    build(PROFILE("wanted", 1, "")
              PERSON("a", "\"name\":\"Karim Saeed Rashidov\",\"birth_date\":\"1971-03-05\","
                          "\"action\":\"INFO\""));
    guint like = score_of("RASHIDOW", "KARIM SAEED", "1971-03-05");
    guint other = score_of("RASHIDOV", "KARIM BORIS", "1971-03-05");
    guint year = score_of("RASHIDOV", "KARIM SAEED", "1972-03-05");
    assert_true(like > other && like > year && like < 999);
    assert_true(other > 700 && year > 700);
    assert_true(score_of("RASHIDOV", "KARIM SAEED", "1993-10-28") < 700);
}

/* Without a date a short list is asked with a lower threshold than with one. */
static void
undated_threshold_is_lower(void **state)
{
    (void)state;
    PersonQuery query;

    assert_true(person_query_init(&query, "MARLOWE", "TESSA", NULL, NULL, NULL));
    static const struct {
        gint64 names;
        guint threshold;
    } cases[] = {{1, 500}, {1024, 500}, {16384, 580}, {1 << 20, 700}, {1 << 24, 700}};
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        query.names = cases[i].names;
        assert_int_equal(person_default_threshold(&query), cases[i].threshold);
    }
    assert_true(person_query_init(&query, "MARLOWE", "TESSA", "1971-XX-XX", NULL, NULL));
    assert_int_equal(person_default_threshold(&query), DV_WATCHLIST_PERSON_THRESHOLD);
    build(PROFILE("wanted", 1, "") PERSON("a", "\"name\":\"Tessa Marlowe\",\"action\":\"INFO\""));
    g_autoptr(DvWatchlistAnswer) answer = ask("MARLOW", NULL, NULL);
    assert_int_equal(answer->hits->len, 1);
    assert_true(((const DvWatchlistHit *)g_ptr_array_index(answer->hits, 0))->score < 700);
}

/* The first of January, or one word, is an equality that many share. */
static void
common_equality_is_probable(void **state)
{
    (void)state;
    static const struct {
        DvWatchlistSubject subject;
        gboolean probable;
    } cases[] = {
        {{"AHMADI", "FARID", "1970-01-01"}, TRUE},
        {{"AHMADI", "FARID", "1970-01-01", "M"}, TRUE},
        {{"AHMADI", "FARID", "1970-01-01", "M", "UTO"}, FALSE},
        {{"AHMADI", "FARID", "1970-01-01", NULL, NULL, "A1234567"}, FALSE},
        {{"FARIDULLAH", NULL, "1970-04-05"}, TRUE},
        {{"FARIDULLAH", NULL, "1970-04-05", "M", "UTO"}, FALSE},
        {{"AHMADI", "FARID", "1970-04-05"}, FALSE},
    };
    build(PROFILE("wanted", 1, "") PERSON(
        "a", "\"surname\":\"AHMADI\",\"given_names\":\"FARID\",\"birth_date\":\"1970-01-01\","
             "\"sex\":\"M\",\"nationality\":\"UTO\",\"document_number\":\"A1234567\","
             "\"issuing_state\":\"UTO\",\"action\":\"STOP_REFER\"")
              PERSON("b", "\"surname\":\"FARIDULLAH\",\"birth_date\":\"1970-04-05\",\"sex\":\"M\","
                          "\"nationality\":\"UTO\",\"action\":\"STOP_REFER\"")
                  PERSON("c", "\"surname\":\"AHMADI\",\"given_names\":\"FARID\","
                              "\"birth_date\":\"1970-04-05\",\"action\":\"STOP_REFER\""));
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(DvWatchlistAnswer) answer =
            dv_watchlist_check(open_lists, &cases[i].subject, lists->now_us);
        const DvWatchlistHit *best = NULL;
        for (guint k = 0; k < answer->hits->len && best == NULL; k++) {
            const DvWatchlistHit *hit = g_ptr_array_index(answer->hits, k);
            best = hit->match == DV_WATCHLIST_EXACT_PERSON ? hit : NULL;
        }
        assert_non_null(best);
        if (best->probable != cases[i].probable)
            fail_msg("case %d", (int)i);
    }
}

/* A look-alike document beside a like name: not less than the name alone, one way of judging the
 * date, and both reasons. */
static void
document_adds_to_name(void **state)
{
    (void)state;
    build(PROFILE("wanted", 1, "") PERSON(
        "a", "\"surname\":\"KHALILZADEH\",\"given_names\":\"MUHAMMAD YOUSSEF\","
             "\"birth_date\":\"1971-03-XX\",\"sex\":\"M\",\"document_number\":\"X1234S678\","
             "\"issuing_state\":\"UTO\",\"action\":\"INFO\""));
    DvWatchlistSubject subject = {.surname = "KHALILZADE",
                                  .given_names = "MOHAMED YUSUF",
                                  .birth_date = "1971-03-05",
                                  .sex = "X"};
    g_autoptr(DvWatchlistAnswer) name = dv_watchlist_check(open_lists, &subject, lists->now_us);
    assert_int_equal(name->hits->len, 1);
    subject.document_number = "X12345678";
    subject.issuing_state = "UTO";
    g_autoptr(DvWatchlistAnswer) both = dv_watchlist_check(open_lists, &subject, lists->now_us);
    assert_int_equal(both->hits->len, 1);
    const DvWatchlistHit *alone = g_ptr_array_index(name->hits, 0);
    const DvWatchlistHit *hit = g_ptr_array_index(both->hits, 0);
    assert_int_equal(hit->match, DV_WATCHLIST_FOLDED_DOCUMENT);
    assert_true(hit->score >= alone->score && hit->score > 800);
    assert_int_equal(reason(hit, "document_number")->agreement, DV_WATCHLIST_SIMILAR);
    assert_int_equal(reason(hit, "surname")->agreement, DV_WATCHLIST_SIMILAR);
    assert_int_equal(reason(hit, "birth_date")->agreement, DV_WATCHLIST_SIMILAR);
    assert_int_equal(reason(hit, "sex")->agreement, DV_WATCHLIST_OMITTED);
    assert_string_equal(reason(hit, "sex")->text, "Sex: not given by the document.");
    /* and where the name alone would not do */
    subject.given_names = NULL;
    subject.birth_date = NULL;
    dv_watchlist_set_person_threshold(open_lists, 1000);
    g_autoptr(DvWatchlistAnswer) weak = dv_watchlist_check(open_lists, &subject, lists->now_us);
    hit = g_ptr_array_index(weak->hits, 0);
    assert_int_equal(reason(hit, "birth_date")->agreement, DV_WATCHLIST_OMITTED);
    assert_string_equal(reason(hit, "birth_date")->text, "Birth date: not given by the document.");
}

/* No other date is worth more than the same one, asked or listed. */
static void
same_date_is_best(void **state)
{
    (void)state;
    static const guint16 years[] = {1907, 1960, 1967, 1969, 1970, 1971, 1980};
    static const guint8 days[] = {0, 1, 2, 3, 7, 10, 11, 21};
    enum { MONTHS = 13, ALL = G_N_ELEMENTS(years) * MONTHS * G_N_ELEMENTS(days) };
    PersonDate dates[ALL];
    guint count = 0;

    for (gsize y = 0; y < G_N_ELEMENTS(years); y++) {
        for (guint8 month = 0; month < MONTHS; month++) {
            for (gsize d = 0; d < (month == 0 ? 1 : G_N_ELEMENTS(days)); d++)
                dates[count++] = (PersonDate){years[y], month, days[d]};
        }
    }
    for (guint i = 0; i < count; i++) {
        double same = person_date_bits(DATE_SAME, dates[i], dates[i]);
        for (guint k = 0; k < count; k++) {
            PersonDateKind kind = person_date_compare(dates[i], dates[k]);
            PersonDateKind back = person_date_compare(dates[k], dates[i]);
            if (person_date_bits(kind, dates[i], dates[k]) > same ||
                person_date_bits(back, dates[k], dates[i]) > same)
                fail_msg("%u-%u-%u and %u-%u-%u", dates[i].year, dates[i].month, dates[i].day,
                         dates[k].year, dates[k].month, dates[k].day);
        }
    }
}

/* ---- the index against reading everything */

static const char *const parts[] = {"KA", "RI",  "MO",  "SHA", "TE",
                                    "LU", "BEN", "DOR", "VIK", "NAZ"};

static void
invent(GRand *rand, char *name, gsize size)
{
    name[0] = '\0';
    for (int w = 0; w < 2; w++) {
        g_strlcat(name, w > 0 ? " " : "", size);
        for (int i = 0; i < 3; i++)
            g_strlcat(name, parts[g_rand_int_range(rand, 0, G_N_ELEMENTS(parts))], size);
    }
}

static void
invent_date(GRand *rand, char date[16])
{
    g_snprintf(date, 16, "%04d-%02d-%02d", g_rand_int_range(rand, 1950, 2000),
               g_rand_int_range(rand, 1, 13), g_rand_int_range(rand, 1, 29));
}

static PersonIndex *
index_of(sqlite3 *db, int count)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GRand) rand = g_rand_new_with_seed(3);
    g_autoptr(PersonWriter) writer = NULL;
    char name[64], date[16];
    const char *const dates[] = {date};

    assert_true(dv_sqlite_exec(db, "BEGIN", &error));
    writer = person_writer_new(db, g_get_tmp_dir(), &error);
    assert_non_null(writer);
    for (int i = 0; i < count; i++) {
        PersonEntryName own = {name, NULL, FALSE};
        PersonEntry entry = {&own, 1, dates, 1, "M", NULL, 0};
        invent(rand, name, sizeof name);
        invent_date(rand, date);
        assert_true(person_writer_add(writer, i, &entry, &error));
    }
    assert_true(person_writer_finish(writer, &error));
    assert_true(dv_sqlite_exec(db, "COMMIT", &error));
    PersonIndex *index = person_index_open(db, &error);
    EXPECT_NO_ERROR(error);
    return index;
}

static guint
best_of(PersonIndex *index, const char *name, const char *date, gint64 alert)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GArray) found = g_array_new(FALSE, FALSE, sizeof(PersonCandidate));
    gboolean capped = FALSE;
    PersonQuery query;

    assert_true(person_query_init(&query, name, NULL, date, "M", NULL));
    assert_true(person_query_weigh(&query, &index, 1, &error));
    assert_true(person_index_find(index, &query, 700, found, &capped, &error));
    for (guint i = 0; i < found->len; i++) {
        if (g_array_index(found, PersonCandidate, i).alert == alert)
            return g_array_index(found, PersonCandidate, i).score;
    }
    return 0;
}

/* A long list is not read whole; what it finds by date is what reading a short one finds. */
static void
dates_lead_to_the_same(void **state)
{
    (void)state;
    enum { PERSONS = 24000 };
    g_autoptr(sqlite3) db = NULL;
    assert_int_equal(sqlite3_open(":memory:", &db), SQLITE_OK);
    g_autoptr(PersonIndex) index = index_of(db, PERSONS);
    g_autoptr(GRand) rand = g_rand_new_with_seed(3);
    char name[64], date[16];

    assert_int_equal(person_index_names(index), PERSONS);
    for (int i = 0; i < PERSONS; i++) {
        invent(rand, name, sizeof name);
        invent_date(rand, date);
        if (i % 97 != 0)
            continue;
        assert_true(best_of(index, name, date, i) >= 700);
        date[9] = date[9] == '9' ? '8' : (char)(date[9] + 1);
        guint slipped = best_of(index, name, date, i);
        PersonDate parsed;
        if (person_date_parse(date, &parsed) && parsed.day <= 28)
            assert_true(slipped > 0);
    }
}

static void
every_candidate_date_is_reached(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"1971-03-05", "1971-05-03"}, {"1971-03-05", "1971-03-04"}, {"1971-03-05", "1972-03-05"},
        {"1971-03-05", "1917-03-05"}, {"1971-03-05", "1971-03-XX"}, {"1971-03-05", "1971-XX-XX"},
        {"1971-03-05", "1871-03-05"}, {"1971-03-15", "1971-03-25"}, {"1971-03-05", "1981-03-05"},
        {"1971-12-05", "1971-12-07"}, {"1971-10-05", "1971-01-05"}, {"1999-12-31", "1998-12-31"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        PersonDate asked, listed, dates[PERSON_DATES_MAX];
        gboolean found = FALSE;
        assert_true(person_date_parse(cases[i][0], &asked));
        assert_true(person_date_parse(cases[i][1], &listed));
        guint count = person_date_candidates(asked, dates);
        assert_true(count < PERSON_DATES_MAX);
        for (guint k = 0; k < count; k++)
            found |= dates[k].year == listed.year && dates[k].month == listed.month &&
                     dates[k].day == listed.day;
        if (!found)
            fail_msg("case %d", (int)i);
        PersonDateKind kind = person_date_compare(asked, listed);
        assert_true(person_date_bits(kind, asked, listed) > 0);
    }
}

/* A damaged index is an error, never "no hit". */
static void
damage_is_seen(void **state)
{
    (void)state;
    g_autoptr(GError) error = NULL;
    g_autoptr(sqlite3) db = NULL;
    assert_int_equal(sqlite3_open(":memory:", &db), SQLITE_OK);
    g_autoptr(PersonIndex) index = index_of(db, 300);
    g_autoptr(GArray) found = g_array_new(FALSE, FALSE, sizeof(PersonCandidate));
    gboolean capped = FALSE;
    PersonQuery query;

    assert_true(person_query_init(&query, "KARIMO SHATELU", NULL, "1971-03-05", NULL, NULL));
    assert_true(person_query_weigh(&query, &index, 1, &error));
    assert_true(dv_sqlite_exec(
        db, "UPDATE person_block SET names = zeroblob(length(names)) WHERE id = 2", &error));
    assert_false(person_index_find(index, &query, 700, found, &capped, &error));
    expect_error(&error, DV_ERROR_CORRUPT, "the person index is damaged");
    assert_true(dv_sqlite_exec(db, "DELETE FROM person_block WHERE id = 2", &error));
    assert_false(person_index_find(index, &query, 700, found, &capped, &error));
    expect_error(&error, DV_ERROR_CORRUPT, "the person index is damaged");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(variants_are_found, setup, teardown),
        cmocka_unit_test_setup_teardown(others_are_not, setup, teardown),
        cmocka_unit_test_setup_teardown(reasons_say_why, setup, teardown),
        cmocka_unit_test_setup_teardown(alias_is_shown, setup, teardown),
        cmocka_unit_test_setup_teardown(thresholds_count, setup, teardown),
        cmocka_unit_test_setup_teardown(likeliest_stay, setup, teardown),
        cmocka_unit_test_setup_teardown(scores_differ, setup, teardown),
        cmocka_unit_test_setup_teardown(undated_threshold_is_lower, setup, teardown),
        cmocka_unit_test_setup_teardown(common_equality_is_probable, setup, teardown),
        cmocka_unit_test_setup_teardown(document_adds_to_name, setup, teardown),
        cmocka_unit_test(same_date_is_best),
        cmocka_unit_test(dates_lead_to_the_same),
        cmocka_unit_test(every_candidate_date_is_reached),
        cmocka_unit_test(damage_is_seen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
