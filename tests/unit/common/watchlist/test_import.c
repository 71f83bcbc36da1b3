// SPDX-License-Identifier: Apache-2.0
/* Foreign lists and our own, from source to rows: what is taken, changed, refused, passed over. */
#include "alert_draft.h"
#include "countries.h"
#include "expect.h"
#include "lists.h"

#include <darvaza/watchlist_import.h>
#include <darvaza/watchlist_rows.h>

static Lists *lists;

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
    lists_free(lists);
    return 0;
}

static char *
put(const char *name, const char *text)
{
    char *path = lists_path(lists, name);

    assert_true(g_file_set_contents(path, text, -1, NULL));
    return path;
}

#define FOREIGN                                                                                    \
    "{\"list_id\":\"f\",\"title\":\"F\",\"owner\":\"O\",\"kind\":\"alerts\",\"version\":1,"        \
    "\"generated_at\":\"" NOW "\",\"stale_after\":\"P1D\",\"expires_at\":\"P7D\",\"defaults\":{"   \
    "\"legal_basis\":\"Act 1\",\"owner\":\"O\",\"purpose\":\"Test\",\"action\":\"INFO\","          \
    "\"review_date\":\"2028-01-31\"}}"

/* Imports text; NULL aliases: none. The list stands at f.dvlist. */
static DvWatchlistImport *
import(const char *text, const char *aliases, GError **error)
{
    g_autofree char *source = put("source", text), *profile = put("profile", FOREIGN);
    g_autofree char *alias_path = aliases != NULL ? put("aliases", aliases) : NULL;
    g_autofree char *out = lists_path(lists, "f" DV_WATCHLIST_SUFFIX);
    const DvWatchlistImportOptions options = {.profile_path = profile, .aliases_path = alias_path};
    DvWatchlistImport *report;

    if (!dv_watchlist_import(source, &options, out, &report, error))
        g_clear_pointer(&report, dv_watchlist_import_free);
    return report;
}

/* The list's rows, a line each, columns that are empty left out. */
static char *
rows_text(void)
{
    g_autofree char *path = lists_path(lists, "f" DV_WATCHLIST_SUFFIX);
    const char *const layers[] = {path, NULL};
    g_autoptr(GError) error = NULL;
    g_autoptr(DvWatchlistRows) rows = dv_watchlist_rows_new(layers, &error);
    const char *const *columns;
    GString *text = g_string_new(NULL);

    EXPECT_NO_ERROR(error);
    while (dv_watchlist_rows_next(rows, &columns, &error) && columns != NULL) {
        for (int i = 0; i < DV_WATCHLIST_COLUMNS; i++) {
            gboolean duty = i >= DV_WATCHLIST_COLUMN_ACTION && i <= DV_WATCHLIST_COLUMN_REVIEW_DATE;
            if (*columns[i] != '\0' && !duty && i != DV_WATCHLIST_COLUMN_SUBJECT)
                g_string_append_printf(text, "%s=%s ", dv_watchlist_column_names[i], columns[i]);
        }
        g_string_append_c(text, '\n');
    }
    EXPECT_NO_ERROR(error);
    return g_string_free(text, FALSE);
}

static void
expect_rows(const char *text)
{
    g_autofree char *rows = rows_text();

    assert_string_equal(rows, text);
}

static void
expect_note(const GPtrArray *notes, guint64 line, const char *rule)
{
    for (guint i = 0; i < notes->len; i++) {
        const DvWatchlistNote *note = g_ptr_array_index(notes, i);
        if (note->line == line && strstr(note->rule, rule) != NULL)
            return;
    }
    fail_msg("no note \"%s\" on line %d", rule, (int)line);
}

/* ---- the UN's list */

#define UN(body)                                                                                   \
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<CONSOLIDATED_LIST>\n<INDIVIDUALS>\n" body        \
    "</INDIVIDUALS>\n<ENTITIES>\n<ENTITY><DATAID>9</DATAID><FIRST_NAME>A COMPANY</FIRST_NAME>"     \
    "</ENTITY>\n</ENTITIES>\n</CONSOLIDATED_LIST>\n"

static void
un_person(void **state)
{
    (void)state;
    static const char source[] =
        UN("<INDIVIDUAL><DATAID>1</DATAID><FIRST_NAME>ANNA</FIRST_NAME>\n"
           "<SECOND_NAME>MARIA</SECOND_NAME><THIRD_NAME>ERIKSSON</THIRD_NAME>"
           "<REFERENCE_NUMBER>XTi.001</REFERENCE_NUMBER><GENDER>Female</GENDER>"
           "<LISTED_ON>2020-01-01</LISTED_ON><COMMENTS1>A\n  comment.</COMMENTS1>"
           "<NAME_ORIGINAL_SCRIPT>آنا ماریا</NAME_ORIGINAL_SCRIPT>"
           "<NATIONALITY><VALUE>Germany</VALUE><VALUE>Türkiye</VALUE></NATIONALITY>"
           "<DESIGNATION><VALUE>Clerk</VALUE></DESIGNATION>"
           "<INDIVIDUAL_ALIAS><QUALITY>Good</QUALITY><ALIAS_NAME>Annie; Annika</ALIAS_NAME>"
           "</INDIVIDUAL_ALIAS><INDIVIDUAL_ALIAS><QUALITY>Low</QUALITY>"
           "<ALIAS_NAME>Muster, Erika</ALIAS_NAME></INDIVIDUAL_ALIAS>"
           "<INDIVIDUAL_ALIAS><QUALITY/><ALIAS_NAME/></INDIVIDUAL_ALIAS>"
           "<INDIVIDUAL_DATE_OF_BIRTH><TYPE_OF_DATE>BETWEEN</TYPE_OF_DATE>"
           "<FROM_YEAR>1972</FROM_YEAR><TO_YEAR>1973</TO_YEAR></INDIVIDUAL_DATE_OF_BIRTH>"
           "<INDIVIDUAL_DATE_OF_BIRTH><TYPE_OF_DATE>EXACT</TYPE_OF_DATE><DATE>1974-08-12</DATE>"
           "</INDIVIDUAL_DATE_OF_BIRTH>"
           "<INDIVIDUAL_DOCUMENT><TYPE_OF_DOCUMENT>National Identification Number"
           "</TYPE_OF_DOCUMENT><NUMBER>12-34</NUMBER></INDIVIDUAL_DOCUMENT>"
           "<INDIVIDUAL_DOCUMENT><TYPE_OF_DOCUMENT>Passport</TYPE_OF_DOCUMENT>"
           "<NUMBER>L898902C</NUMBER><ISSUING_COUNTRY>Germany</ISSUING_COUNTRY>"
           "</INDIVIDUAL_DOCUMENT></INDIVIDUAL>\n");
    g_autoptr(GError) error = NULL;
    g_autoptr(DvWatchlistImport) report = import(source, NULL, &error);

    EXPECT_NO_ERROR(error);
    assert_int_equal(report->format, DV_WATCHLIST_FORMAT_UN_XML);
    assert_int_equal(report->built->taken, 1);
    assert_int_equal(report->passed_over, 1);
    assert_int_equal(report->persons, 1);
    assert_int_equal(report->aliases, 4);
    assert_int_equal(report->documents, 2);
    assert_int_equal(report->changed, 1);
    expect_note(report->changes, 4, "span of birth dates");
    expect_note(report->passed, 9, "entity");
    expect_rows(
        "alert_id=XTi.001 document_number=L898902C issuing_state=D document_type=P "
        "name=ANNA MARIA ERIKSSON birth_date=1974-08-12 sex=F nationality=D "
        "reason=Clerk. Listed on 2020-01-01. A comment. "
        "extra={\"aliases\":[{\"name\":\"Annie\",\"quality\":\"good\"},{\"name\":\"Annika\","
        "\"quality\":\"good\"},{\"given_names\":\"Erika\",\"quality\":\"low\",\"surname\":"
        "\"Muster\"},{\"name\":\"آنا ماریا\",\"quality\":\"good\"}],\"other_birth_dates\":["
        "\"1972-XX-XX\",\"1973-XX-XX\"],\"other_documents\":[{\"document_number\":\"1234\","
        "\"document_type\":\"I\"}],\"other_nationalities\":[\"TUR\"]} \n");
}

static void
un_unknown_country_is_not_lost(void **state)
{
    (void)state;
    g_autoptr(GError) error = NULL;
    g_autoptr(DvWatchlistImport) report =
        import(UN("<INDIVIDUAL><FIRST_NAME>ANNA</FIRST_NAME><DATAID>7</DATAID>"
                  "<NATIONALITY><VALUE>Atlantis</VALUE></NATIONALITY>"
                  "<INDIVIDUAL_DATE_OF_BIRTH><TYPE_OF_DATE>APPROXIMATELY</TYPE_OF_DATE>"
                  "<YEAR>1970</YEAR></INDIVIDUAL_DATE_OF_BIRTH></INDIVIDUAL>"),
               NULL, &error);

    EXPECT_NO_ERROR(error);
    expect_note(report->changes, 4, "no known country");
    expect_note(report->changes, 4, "approximate");
    expect_rows("alert_id=7 name=ANNA birth_date=1970-XX-XX reason=Nationality as listed: Atlantis "
                "extra={\"other_birth_dates\":[\"1969-XX-XX\",\"1971-XX-XX\"]} \n");
}

/* A list that was cut off in transit, or that is no such list, changes nothing. */
static void
un_hostile(void **state)
{
    (void)state;
    static const struct {
        const char *source, *words;
    } cases[] = {
        {"<CONSOLIDATED_LIST><INDIVIDUALS><INDIVIDUAL><FIRST_NAME>ANNA</FIRST_NAME>",
         "no well-formed XML"},
        {"<sdnList/>", "not CONSOLIDATED_LIST"},
        {"<!DOCTYPE x [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;&a;\">]><CONSOLIDATED_LIST/>",
         "line 1: a document type definition"},
        {UN("<INDIVIDUAL><FIRST_NAME>&b;</FIRST_NAME></INDIVIDUAL>"), "no well-formed XML"},
        {UN("<A><B><C><D><E><F><G><H/></G></F></E></D></C></B></A>"), "8 deep"},
        {UN("<INDIVIDUAL><FIRST_NAME>SECRET\xff</FIRST_NAME></INDIVIDUAL>"), "no well-formed XML"},
        {UN("<INDIVIDUAL SECRET></INDIVIDUAL>"), "no well-formed XML"},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        assert_null(import(cases[i].source, NULL, &error));
        assert_null(strstr(error->message, "SECRET"));
        expect_error(&error, DV_ERROR_INVALID, cases[i].words);
    }
}

/* ---- OFAC's list */

static void
sdn_person(void **state)
{
    (void)state;
    static const char source[] =
        "36,\"A COMPANY\",-0- ,\"CUBA\",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- \r\n"
        "37,\"A SHIP\",\"vessel\",\"CUBA\",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- \r\n"
        "38,\"ERIKSSON, Dr. Anna Maria, Jr.\",\"individual\",\"SDGT\",\"Clerk\",-0- ,-0- ,-0- ,"
        "-0- ,-0- ,-0- ,\"DOB circa 1970; alt. DOB 12 Aug 1974; POB Utopia; nationality Korea, "
        "North; citizen Iran; Gender Female; Passport L898902C (Iran) issued 26 May 1999 expires "
        "25 May 2004; National ID No. 12-34 (Iran); a.k.a. 'ANNIE'; Linked To: CLERK.\"\r\n"
        "39,\"ABU ANNA\",\"individual\",\"SDGT\",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- \r\n"
        "40,\"short\",\"individual\"\r\n\x1a";
    static const char aliases[] = "38,10,\"aka\",\"MUSTER, Erika\",-0- \r\n"
                                  "41,11,\"aka\",\"NOBODY\",-0- \r\n"
                                  "38,12,\"fka\",\"RIKA\",\"weak\"\r\n"
                                  "38,13\r\n";
    g_autoptr(GError) error = NULL;
    g_autoptr(DvWatchlistImport) report = import(source, aliases, &error);

    EXPECT_NO_ERROR(error);
    assert_int_equal(report->format, DV_WATCHLIST_FORMAT_OFAC_SDN);
    assert_int_equal(report->built->taken, 2);
    assert_int_equal(report->passed_over, 2);
    assert_int_equal(report->built->refused, 2);
    assert_int_equal(report->aliases, 3);
    const DvWatchlistRefusal *alias = g_ptr_array_index(report->built->refusals, 0);
    const DvWatchlistRefusal *shorter = g_ptr_array_index(report->built->refusals, 1);
    assert_int_equal(alias->line, 4);
    assert_string_equal(alias->text, "aliases: a row of alt.csv has 5 fields");
    assert_int_equal(shorter->line, 5);
    expect_note(report->changes, 3, "title");
    expect_rows(
        "alert_id=38 document_number=L898902C issuing_state=IRN document_type=P "
        "surname=ERIKSSON given_names=Anna Maria  Jr. birth_date=1974-08-12 sex=F "
        "nationality=PRK reason=Programme: SDGT. Clerk. POB Utopia. Linked To: CLERK "
        "extra={\"aliases\":[{\"given_names\":\"Erika\",\"quality\":\"good\",\"surname\":"
        "\"MUSTER\"},{\"name\":\"RIKA\",\"quality\":\"low\"},{\"name\":\"ANNIE\",\"quality\":"
        "\"low\"}],\"other_birth_dates\":[\"1970-XX-XX\",\"1969-XX-XX\",\"1971-XX-XX\"],"
        "\"other_documents\":[{\"document_number\":\"1234\",\"document_type\":\"I\","
        "\"issuing_state\":\"IRN\"}],\"other_nationalities\":[\"IRN\"]} \n"
        "alert_id=39 name=ABU ANNA reason=Programme: SDGT \n");
}

static void
sdn_birth_dates(void **state)
{
    (void)state;
    static const char source[] =
        "1,\"X, Y\",\"individual\",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,\"DOB Jan 1960; alt. "
        "DOB "
        "1950 to 1951; alt. DOB circa 1941-1942; DOB 99 Foo 1948; DOB 1900 to 1980; DOB 31 Feb "
        "1950.\"\r\n";
    g_autoptr(GError) error = NULL;
    g_autoptr(DvWatchlistImport) report = import(source, NULL, &error);

    EXPECT_NO_ERROR(error);
    expect_note(report->changes, 1, "a span of birth years longer");
    expect_note(report->changes, 1, "a birth date that is no date stands in the reason");
    expect_note(report->changes, 1, "a birth date that is no date was left out");
    expect_rows("alert_id=1 surname=X given_names=Y birth_date=1960-01-XX reason=DOB 99 Foo 1948 "
                "extra={\"other_birth_dates\":[\"1950-XX-XX\",\"1951-XX-XX\",\"1941-XX-XX\","
                "\"1942-XX-XX\"]} \n");
}

/* ---- our own formats */

static void
csv_with_line_breaks(void **state)
{
    (void)state;
    static const char source[] =
        "alert_id,subject,name,reason,aliases,document_number,document_last,issuing_state\r\n"
        "a,person,ANNA,\"two\r\nlines, \"\"quoted\"\"\",\"[{\"\"name\"\":\"\"ANNIE\"\"}]\",,,\r\n"
        "b,person,\"bad\"x,,,,,\r\n"
        ",document,,,,X0100,X0199,UTO\r\n"
        "c,person,ERIKA,,not JSON,,,\r\n"
        "d,person,\"never closed,,,,,\r\n";
    g_autoptr(GError) error = NULL;
    g_autoptr(DvWatchlistImport) report = import(source, NULL, &error);
    static const struct {
        guint64 line;
        const char *words;
    } refused[] = {{4, "quote out of place"}, {6, "aliases is no array"}, {7, "does not close"}};

    EXPECT_NO_ERROR(error);
    assert_int_equal(report->built->refused, G_N_ELEMENTS(refused));
    for (guint i = 0; i < G_N_ELEMENTS(refused); i++) {
        const DvWatchlistRefusal *refusal = g_ptr_array_index(report->built->refusals, i);
        assert_int_equal(refusal->line, refused[i].line);
        assert_non_null(strstr(refusal->text, refused[i].words));
    }
    expect_rows("alert_id=UTO._.X0100-X0199 document_number=X0100 document_last=X0199 "
                "issuing_state=UTO \n"
                "alert_id=a name=ANNA reason=two\r\nlines, \"quoted\" "
                "extra={\"aliases\":[{\"name\":\"ANNIE\",\"quality\":\"good\"}]} \n");
}

static void
a_row_needs_its_duties(void **state)
{
    (void)state;
    g_autofree char *source = put("source", "alert_id,subject,name\na,person,ANNA\n");
    g_autofree char *out = lists_path(lists, "d" DV_WATCHLIST_SUFFIX);
    g_autofree char *profile = put("profile", "{\"list_id\":\"f\",\"title\":\"F\",\"owner\":\"O\","
                                              "\"kind\":\"alerts\",\"version\":1,\"stale_after\":"
                                              "\"P1D\",\"expires_at\":\"P7D\"}");
    const DvWatchlistImportOptions options = {.profile_path = profile}, none = {0};
    g_autoptr(DvWatchlistImport) report = NULL, second = NULL;
    g_autoptr(GError) error = NULL;

    assert_false(dv_watchlist_import(source, &options, out, &report, &error));
    expect_error(&error, DV_ERROR_INVALID, "all 1 rows were refused");
    const DvWatchlistRefusal *refusal = g_ptr_array_index(report->built->refusals, 0);
    assert_int_equal(refusal->line, 2);
    assert_non_null(strstr(refusal->text, "legal_basis is missing"));
    assert_false(dv_watchlist_import(source, &none, out, &second, &error));
    expect_error(&error, DV_ERROR_INVALID, "needs its profile");
    assert_false(g_file_test(out, G_FILE_TEST_EXISTS));
}

/* For questions no profile is needed, whatever the format. */
static void
for_questions(void **state)
{
    (void)state;
    static const char *const sources[] = {
        UN("<INDIVIDUAL><FIRST_NAME>ANNA</FIRST_NAME><DATAID>1</DATAID></INDIVIDUAL>"),
        "1,\"ANNA\",\"individual\",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- \n",
        "name,birth_date\nANNA,1974-08-12\n",
        "{\"name\":\"ANNA\"}\n",
        "\xef\xbb\xbf{\"document_number\":\"L898902C\",\"issuing_state\":\"UTO\"}\n",
    };

    for (gsize i = 0; i < G_N_ELEMENTS(sources); i++) {
        g_autofree char *source = put("of questions", sources[i]);
        g_autofree char *out = lists_path(lists, "f" DV_WATCHLIST_SUFFIX);
        g_autoptr(DvWatchlistImport) report = NULL;
        g_autoptr(GError) error = NULL;
        assert_true(dv_watchlist_import_any(source, NULL, lists->now_us, out, &report, &error));
        EXPECT_NO_ERROR(error);
        assert_int_equal(report->built->taken, 1);
        assert_string_equal(report->built->list_id, "of_questions");
        assert_true(dv_watchlist_is_list_file(out));
        assert_false(dv_watchlist_is_list_file(source));
    }
    assert_false(dv_watchlist_is_list_file("/nonexistent"));
}

static void
report_as_json(void **state)
{
    (void)state;
    g_autoptr(GError) error = NULL;
    g_autoptr(DvWatchlistImport) report =
        import(UN("<INDIVIDUAL><DATAID>1</DATAID></INDIVIDUAL>"
                  "<INDIVIDUAL><FIRST_NAME>Dr. X</FIRST_NAME><DATAID>2</DATAID></INDIVIDUAL>"),
               NULL, &error);

    EXPECT_NO_ERROR(error);
    g_clear_pointer(&report->built->state_hash, g_free);
    g_autoptr(json_t) json = dv_watchlist_import_json(report);
    gsize length;
    g_autofree char *text = dv_json_canonical(json, &length, &error);
    assert_string_equal(
        text,
        "{\"aliases\":0,\"changed\":1,\"changes\":[{\"line\":4,\"rule\":\"a title was left out "
        "of a name\"}],\"documents\":0,\"format\":\"un-xml\",\"list_id\":\"f\","
        "\"no_exact_person\":1,\"passed\":[{\"line\":6,\"rule\":\"an entity is no person\"}],"
        "\"passed_over\":1,\"persons\":1,\"refusals\":[{\"line\":4,\"rule\":\"surname, "
        "given_names and name are missing\"}],\"refused\":1,\"state_hash\":null,\"taken\":1,"
        "\"version\":1}");
}

/* ---- parts */

static void
numbers_from_text(void **state)
{
    (void)state;
    static const struct {
        const char *text, *number;
        gboolean changed;
    } cases[] = {
        {"L898902C", "L898902C", FALSE},
        {"12-34", "12-34", FALSE},
        {"OB 0243318", "OB 0243318", FALSE},
        {"TR-P 614 166", "TR-P 614 166", FALSE},
        {"Utopia 428720", "428720", TRUE},
        {"UTO diplomatic passport no. D00000898", "D00000898", TRUE},
        {"381110042 (Expired 25 Jan. 2016)", "381110042", TRUE},
        {"travel document (“Reise”) A 0139243", "A 0139243", TRUE},
        {"No34409/129", "34409129", TRUE},
        {"N°235", "235", TRUE},
        {"R00012098, Utopia", "R00012098", TRUE},
        {"Social Security Number 423-31-3021 (US)", "423-31-3021", TRUE},
        {"78.865.882", "78865882", TRUE},
        {"12/KaMa(N)009", "12KaMaN009", TRUE},
        {"347834, issued under another name", "347834", TRUE},
        {"L 191609 issued on 28 Feb. 1996", "L 191609", TRUE},
        {"passport number", NULL, TRUE},
        {"", NULL, FALSE},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        gboolean changed;
        g_autofree char *number = alert_number_from_text(cases[i].text, &changed);
        if (g_strcmp0(number, cases[i].number) != 0)
            fail_msg("\"%s\" gave \"%s\"", cases[i].text, number != NULL ? number : "none");
        if (number != NULL)
            assert_int_equal(changed, cases[i].changed);
    }
}

static void
countries(void **state)
{
    (void)state;
    static const char *const known[][2] = {
        {"Germany", "D"},
        {"DEU", "D"},
        {"Iran (Islamic Republic of)", "IRN"},
        {"Korea, North", "PRK"},
        {"Democratic People's Republic of Korea", "PRK"},
        {"Democratic People’s Republic of Korea", "PRK"},
        {"Côte d’Ivoire", "CIV"},
        {"Türkiye", "TUR"},
        {"Congo, Democratic Republic of the", "COD"},
        {"Congo", "COG"},
        {"United Kingdom of Great Britain and Northern Ireland", "GBR"},
        {"Palestinian", "PSE"},
        {"Hong Kong", "CHN"},
        {"afghanistan", "AFG"},
    };
    static const char *const unknown[] = {"Atlantis", "", "na", "former Soviet Union", "|", "A|B"};
    char code[4];

    for (gsize i = 0; i < G_N_ELEMENTS(known); i++)
        assert_string_equal(watchlist_country_code(known[i][0], code), known[i][1]);
    for (gsize i = 0; i < G_N_ELEMENTS(unknown); i++)
        assert_null(watchlist_country_code(unknown[i], code));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(un_person),
        cmocka_unit_test(un_unknown_country_is_not_lost),
        cmocka_unit_test(un_hostile),
        cmocka_unit_test(sdn_person),
        cmocka_unit_test(sdn_birth_dates),
        cmocka_unit_test(csv_with_line_breaks),
        cmocka_unit_test(a_row_needs_its_duties),
        cmocka_unit_test(for_questions),
        cmocka_unit_test(report_as_json),
        cmocka_unit_test(numbers_from_text),
        cmocka_unit_test(countries),
    };

    return cmocka_run_group_tests_name("import", tests, setup, teardown);
}
