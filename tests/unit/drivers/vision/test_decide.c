// SPDX-License-Identifier: Apache-2.0
/* From probabilities to a zone: what check digits may decide, and when nothing is given. */
#include "expect.h"
#include "zone_reader.h"
#include <string.h>

static const char *const passport[] = {"P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<",
                                       "L898902C36UTO7408122F1204159ZE184226B<<<<<10"};
static const char *const visa[] = {"V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<",
                                   "L8988901C4XXX4009078F96121096ZE184226B<<<<<<"};

/* A sheet on which every character is sure. */
static Sheet *
sheet_of(const char *const *lines, guint count)
{
    Sheet *sheet = g_new0(Sheet, 1);
    sheet->lines = count;
    sheet->length = (guint)strlen(lines[0]);
    for (guint line = 0; line < count; line++)
        for (guint i = 0; i < sheet->length; i++)
            sheet->reading[line][i].p[cell_symbol(lines[line][i])] = 1;
    return sheet;
}

/* Makes a place say other with probability p and what stood there with the rest. */
static void
doubt(Sheet *sheet, guint line, guint column, char other, float p)
{
    CellReading *reading = &sheet->reading[line - 1][column - 1];
    for (guint s = 0; s < CELL_SYMBOLS; s++)
        reading->p[s] *= 1 - p;
    reading->p[cell_symbol(other)] += p;
}

static gboolean
gives(const Sheet *sheet, const char *const *lines, DvReading *reading)
{
    *reading = (DvReading){0};
    if (!sheet_decide(sheet, reading)) {
        assert_int_equal(reading->line_count, 0);
        assert_true(reading->reason[0] != '\0');
        return FALSE;
    }
    for (guint i = 0; i < sheet->lines; i++)
        assert_string_equal(reading->lines[i], lines[i]);
    return TRUE;
}

static void
sure_zone(void **state)
{
    (void)state;
    DvReading reading;
    g_autofree Sheet *sheet = sheet_of(passport, 2);
    assert_true(gives(sheet, passport, &reading));
    assert_int_equal(reading.corrections, 0);
    assert_true(reading.confidence[1][43] > 0.99f);
}

static void
digits_decide(void **state)
{
    (void)state;
    DvReading reading;
    g_autofree Sheet *sheet = sheet_of(passport, 2);
    doubt(sheet, 2, 5, 'O', 0.8f);  /* the 9 of the number */
    doubt(sheet, 2, 32, 'B', 0.7f); /* an 8 of the optional data */
    assert_true(gives(sheet, passport, &reading));
    assert_int_equal(reading.corrections, 2);
}

/* 8 and S are one to every check digit (Doc 9303-3, 4.9: 28 and 8 modulo 10). */
static void
blind_pair_is_refused(void **state)
{
    (void)state;
    DvReading reading;
    g_autofree Sheet *sheet = sheet_of(passport, 2);
    doubt(sheet, 2, 2, 'S', 0.2f);
    assert_false(gives(sheet, passport, &reading));
    assert_non_null(strstr(reading.reason, "two readings"));
}

static void
masks_decide(void **state)
{
    (void)state;
    DvReading reading;
    g_autofree Sheet *sheet = sheet_of(passport, 2);
    doubt(sheet, 1, 6, '3', 0.9f);  /* no digit stands in a name */
    doubt(sheet, 2, 14, 'T', 0.9f); /* no letter in a date */
    assert_true(gives(sheet, passport, &reading));
    assert_int_equal(reading.corrections, 0);
}

static void
doubtful_name_is_refused(void **state)
{
    (void)state;
    DvReading reading;
    g_autofree Sheet *sheet = sheet_of(passport, 2);
    doubt(sheet, 1, 7, 'K', 0.3f);
    assert_false(gives(sheet, passport, &reading));
    assert_non_null(strstr(reading.reason, "no check digit proves"));
}

static void
hole_is_refused(void **state)
{
    (void)state;
    DvReading reading;
    g_autofree Sheet *sheet = sheet_of(passport, 2);
    sheet->reading[0][9].p[CELL_NONE] = 0.9f;
    assert_false(gives(sheet, passport, &reading));
    assert_non_null(strstr(reading.reason, "missing or covered"));
}

/* A document with a wrong digit is given as printed, if every character is sure. */
static void
wrong_digit_as_printed(void **state)
{
    static const char *const wrong[] = {"P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<",
                                        "L898902C37UTO7408122F1204159ZE184226B<<<<<10"};
    (void)state;
    DvReading reading;
    g_autofree Sheet *sheet = sheet_of(wrong, 2);
    assert_true(gives(sheet, wrong, &reading));
    assert_int_equal(reading.corrections, 0);
    doubt(sheet, 1, 3, 'V', 0.2f);
    assert_false(gives(sheet, wrong, &reading));
}

static void
visas(void **state)
{
    (void)state;
    DvReading reading;
    g_autofree Sheet *sheet = sheet_of(visa, 2);
    assert_true(gives(sheet, visa, &reading));
    doubt(sheet, 2, 35, 'G', 0.4f); /* optional data, which nothing proves */
    assert_false(gives(sheet, visa, &reading));
}

/* In many typefaces O and 0 are one shape; where only one may stand it is that one. */
static void
twins(void **state)
{
    (void)state;
    DvReading reading;
    g_autofree Sheet *sheet = sheet_of(passport, 2);
    doubt(sheet, 1, 5, '0', 0.9999f);  /* UTO */
    doubt(sheet, 2, 22, 'I', 0.9999f); /* in a date: 1 */
    assert_true(gives(sheet, passport, &reading));
}

/* A name that begins with a filler, or goes on behind three, has to be surer than others. */
static void
name_of_no_shape(void **state)
{
    (void)state;
    DvReading reading;
    g_autofree Sheet *first = sheet_of(passport, 2);
    doubt(first, 1, 6, '<', 0.93f);
    assert_false(gives(first, passport, &reading));
    g_autofree Sheet *last = sheet_of(passport, 2);
    doubt(last, 1, 44, 'Z', 0.93f);
    assert_false(gives(last, passport, &reading));
    g_autofree Sheet *letter = sheet_of(passport, 2); /* as unsure, in a name like others */
    doubt(letter, 1, 7, 'K', 0.07f);
    assert_true(gives(letter, passport, &reading));
}

static void
no_shape(void **state)
{
    (void)state;
    DvReading reading;
    g_autofree Sheet *sheet = sheet_of(passport, 2);
    sheet->lines = 3;
    assert_false(gives(sheet, passport, &reading));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sure_zone),
        cmocka_unit_test(digits_decide),
        cmocka_unit_test(blind_pair_is_refused),
        cmocka_unit_test(masks_decide),
        cmocka_unit_test(doubtful_name_is_refused),
        cmocka_unit_test(hole_is_refused),
        cmocka_unit_test(wrong_digit_as_printed),
        cmocka_unit_test(visas),
        cmocka_unit_test(twins),
        cmocka_unit_test(name_of_no_shape),
        cmocka_unit_test(no_shape),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
