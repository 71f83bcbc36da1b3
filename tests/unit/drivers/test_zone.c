// SPDX-License-Identifier: Apache-2.0
/* From serial bytes to rows: every framing, every fragmentation, and what must never come out. */
#include "zone.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* Doc 9303's specimens, a French specimen, and an invented visa. */
#define TD3_1 "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<"
#define TD3_2 "L898902C36UTO7408122F1204159ZE184226B<<<<<10"
#define TD1_1 "I<UTOD231458907<<<<<<<<<<<<<<<"
#define TD1_2 "7408122F1204159UTO<<<<<<<<<<<6"
#define TD1_3 "ERIKSSON<<ANNA<MARIA<<<<<<<<<<"
#define TD2_1 "I<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<"
#define TD2_2 "D231458907UTO7408122F1204159<<<<<<<6"
#define MRVA_1 "V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<"
#define MRVA_2 "L8988901C4XXX4009078F96121096ZE184226B<<<<<<"
#define MRVB_1 "V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<"
#define MRVB_2 "L8988901C4XXX4009078F9612109<<<<<<<<"
#define FRA_1 "IDFRABERTHIER<<<<<<<<<<<<<<<<<<<<<<<"
#define FRA_2 "9409923102854CORINNE<<<<<<<6512068F6"

typedef struct {
    GPtrArray *events; /* "started", "dropped", or rows joined by '|' */
    DvZone zone;
    DvReaderSink sink;
} Fixture;

static void
on_started(void *data)
{
    g_ptr_array_add(((Fixture *)data)->events, g_strdup("started"));
}

static void
on_document(const char *const *rows, void *data)
{
    g_ptr_array_add(((Fixture *)data)->events, g_strjoinv("|", (char **)rows));
}

static void
on_dropped(const char *why, void *data)
{
    assert_non_null(why);
    g_ptr_array_add(((Fixture *)data)->events, g_strdup("dropped"));
}

static int
setup(void **state)
{
    Fixture *fixture = g_new0(Fixture, 1);
    fixture->events = g_ptr_array_new_with_free_func(g_free);
    fixture->sink = (DvReaderSink){on_started, on_document, on_dropped, NULL, NULL, fixture};
    dv_zone_reset(&fixture->zone);
    *state = fixture;
    return 0;
}

static int
teardown(void **state)
{
    Fixture *fixture = *state;
    g_ptr_array_unref(fixture->events);
    g_free(fixture);
    return 0;
}

static void
push(Fixture *fixture, const char *text)
{
    dv_zone_push(&fixture->zone, (const guint8 *)text, strlen(text), &fixture->sink);
}

static void
idle(Fixture *fixture)
{
    dv_zone_end(&fixture->zone, &fixture->sink);
}

/* Compares all events with the expected ones (joined by spaces) and forgets them. */
static void
expect(Fixture *fixture, const char *expected)
{
    g_ptr_array_add(fixture->events, NULL);
    g_autofree char *got = g_strjoinv(" ", (char **)fixture->events->pdata);
    assert_string_equal(got, expected);
    g_ptr_array_set_size(fixture->events, 0);
}

static void
test_every_framing_gives_the_same_rows(void **state)
{
    static const struct {
        const char *text, *rows;
    } cases[] = {
        {TD3_1 "\r" TD3_2 "\r", TD3_1 "|" TD3_2},
        {TD3_1 "\n" TD3_2 "\n", TD3_1 "|" TD3_2},
        {TD3_1 "\r\n" TD3_2 "\r\n", TD3_1 "|" TD3_2},
        {TD3_1 TD3_2, TD3_1 "|" TD3_2},
        {TD3_1 "\r" TD3_2, TD3_1 "|" TD3_2},
        {"\x01\x02" TD3_1 "\r" TD3_2 "\r\x03\x04", TD3_1 "|" TD3_2},
        {"\x02" TD3_1 "\r" TD3_2 "\r\r\x03", TD3_1 "|" TD3_2},
        {"\x02" TD3_1 "\r" TD3_2 "\r____________________________________________\r\x03",
         TD3_1 "|" TD3_2},
        {"  " TD3_1 " \r" TD3_2 "  \r", TD3_1 "|" TD3_2},
        {TD1_1 "\r" TD1_2 "\r" TD1_3 "\r", TD1_1 "|" TD1_2 "|" TD1_3},
        {TD1_1 TD1_2 TD1_3, TD1_1 "|" TD1_2 "|" TD1_3},
        {TD1_1 TD1_2 "\r" TD1_3, TD1_1 "|" TD1_2 "|" TD1_3},
        {TD1_1 "______________\r" TD1_2 "______________\r" TD1_3 "______________\r",
         TD1_1 "|" TD1_2 "|" TD1_3},
        {TD2_1 "\r" TD2_2 "\r", TD2_1 "|" TD2_2},
        {TD2_1 "________\r" TD2_2 "________\r", TD2_1 "|" TD2_2},
        {TD2_1 TD2_2, TD2_1 "|" TD2_2},
        {FRA_1 "\r" FRA_2 "\r", FRA_1 "|" FRA_2},
        {FRA_1 FRA_2, FRA_1 "|" FRA_2},
        /* Filled up to one width and run together, a missing row all filler. */
        {TD1_1 "______________" TD1_2 "______________" TD1_3 "______________\r",
         TD1_1 "|" TD1_2 "|" TD1_3},
        {TD2_1 "________" TD2_2 "________", TD2_1 "|" TD2_2},
        {TD1_1 "______" TD1_2 "______" TD1_3 "______", TD1_1 "|" TD1_2 "|" TD1_3},
        {TD3_1 TD3_2 "____________________________________________", TD3_1 "|" TD3_2},
        /* Visas: the same shapes, their optional data to the end. */
        {MRVA_1 "\n" MRVA_2 "\n", MRVA_1 "|" MRVA_2},
        {MRVB_1 MRVB_2, MRVB_1 "|" MRVB_2},
    };
    Fixture *fixture = *state;
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *expected = g_strconcat("started ", cases[i].rows, NULL);
        push(fixture, cases[i].text);
        idle(fixture);
        expect(fixture, expected);
    }
}

static void
test_every_fragmentation_gives_one_document(void **state)
{
    static const char text[] = "\x02" TD3_1 "\r\n" TD3_2 "\r\n\x03";
    Fixture *fixture = *state;
    for (gsize cut = 0; cut <= strlen(text); cut++)
        for (gsize second = cut; second <= strlen(text); second++) {
            const guint8 *bytes = (const guint8 *)text;
            dv_zone_push(&fixture->zone, bytes, cut, &fixture->sink);
            dv_zone_push(&fixture->zone, bytes + cut, second - cut, &fixture->sink);
            dv_zone_push(&fixture->zone, bytes + second, strlen(text) - second, &fixture->sink);
            expect(fixture, "started " TD3_1 "|" TD3_2);
        }
}

static void
test_a_proven_document_does_not_wait_for_silence(void **state)
{
    Fixture *fixture = *state;
    push(fixture, TD3_1 "\r" TD3_2 "\r");
    expect(fixture, "started " TD3_1 "|" TD3_2);
    idle(fixture);
    expect(fixture, "");
}

static void
test_a_misread_document_comes_out_when_the_reader_is_done(void **state)
{
    Fixture *fixture = *state;
    push(fixture, "P<UT0ERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\r"
                  "L898902C_6UTO74O8122F12O4159ZE184226B<<<<<10\r");
    expect(fixture, "started");
    idle(fixture);
    expect(fixture, "P<UT0ERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<|"
                    "L898902C_6UTO74O8122F12O4159ZE184226B<<<<<10");
}

static void
test_documents_in_one_burst(void **state)
{
    Fixture *fixture = *state;
    push(fixture, TD3_1 "\r" TD3_2 "\r" TD1_1 "\r" TD1_2 "\r" TD1_3 "\r\x02" TD2_1 "\r" TD2_2
                        "\r\x03" TD3_1 TD3_2 "\r");
    expect(fixture, "started " TD3_1 "|" TD3_2 " started " TD1_1 "|" TD1_2 "|" TD1_3
                    " started " TD2_1 "|" TD2_2 " started " TD3_1 "|" TD3_2);
}

/* A line that ends one document and goes on with another, whole or cut. */
static void
test_documents_that_share_a_line(void **state)
{
    Fixture *fixture = *state;
    push(fixture, TD3_1 "\r" TD3_2 TD3_1 TD3_2 "\r");
    expect(fixture, "started " TD3_1 "|" TD3_2 " started " TD3_1 "|" TD3_2);
    push(fixture, TD3_1 "\r" TD3_2 TD3_1 "\r");
    idle(fixture);
    push(fixture, TD3_2 "\r");
    idle(fixture);
    expect(fixture, "started " TD3_1 "|" TD3_2 " started dropped started dropped");
}

static void
test_a_cut_document_never_meets_the_next(void **state)
{
    Fixture *fixture = *state;
    /* The tail of one (a part of row 1, row 2), then a whole one. */
    push(fixture, "ANNA<MARIA<<<<<<<<<<<<<<<<<<<\r" TD3_2 "\r" TD3_1 "\r" TD3_2 "\r");
    expect(fixture, "started dropped " TD3_1 "|" TD3_2);
    /* The head of one, then a whole one. */
    push(fixture, TD3_1 "\r" TD3_1 "\r" TD3_2 "\r");
    expect(fixture, "started dropped " TD3_1 "|" TD3_2);
    /* The second row of one with the first row of the next. */
    push(fixture, TD3_2 "\r" TD3_1 "\r");
    idle(fixture);
    expect(fixture, "started dropped");
    /* The head, silence, the tail: two people's halves. */
    push(fixture, TD3_1 "\r");
    idle(fixture);
    push(fixture, TD3_2 "\r");
    idle(fixture);
    expect(fixture, "started dropped started dropped");
    /* The head, a disturbed line, the tail. */
    push(fixture, TD3_1 "\r");
    dv_zone_lost(&fixture->zone, &fixture->sink);
    push(fixture, TD3_2 "\r");
    idle(fixture);
    expect(fixture, "started dropped started dropped");
    /* A frame that never closed, then one that does. */
    push(fixture, "\x02" TD3_1 "\r\x02" TD3_1 "\r" TD3_2 "\r\x03");
    expect(fixture, "started dropped started " TD3_1 "|" TD3_2);
}

static void
test_every_cut_resynchronises(void **state)
{
    static const char text[] = TD3_1 "\r" TD3_2 "\r";
    Fixture *fixture = *state;
    for (gsize cut = 1; cut < strlen(text); cut++) {
        push(fixture, text + cut);
        push(fixture, text);
        g_ptr_array_add(fixture->events, NULL);
        guint documents = 0;
        for (guint i = 0; g_ptr_array_index(fixture->events, i) != NULL; i++) {
            const char *event = g_ptr_array_index(fixture->events, i);
            documents += strchr(event, '|') != NULL;
            if (strchr(event, '|') != NULL)
                assert_string_equal(event, TD3_1 "|" TD3_2);
        }
        assert_int_equal(documents, 1);
        g_ptr_array_set_size(fixture->events, 0);
    }
}

static void
test_garbage_makes_no_document_and_little_noise(void **state)
{
    Fixture *fixture = *state;
    push(fixture, "hello\r");
    idle(fixture);
    expect(fixture, "started dropped");
    push(fixture, "\r\n\r\n   \r");
    idle(fixture);
    expect(fixture, "");
    g_autofree char *flood = g_strnfill(100000, 'A');
    push(fixture, flood);
    push(fixture, "\r");
    idle(fixture);
    expect(fixture, "started dropped");
    for (guint i = 0; i < 1000; i++)
        push(fixture, TD3_1 "\r");
    idle(fixture);
    expect(fixture, "started dropped");
    push(fixture, TD3_1 "\r" TD3_2 "\r");
    expect(fixture, "started " TD3_1 "|" TD3_2);
}

static void
test_foreign_bytes_keep_their_place(void **state)
{
    Fixture *fixture = *state;
    push(fixture, "P<UTOERIKSSON<<ANN\xe4<MARIA<<<<<<<<<<<<<<<<<<<\r" TD3_2 "\r");
    expect(fixture, "started P<UTOERIKSSON<<ANN?<MARIA<<<<<<<<<<<<<<<<<<<|" TD3_2);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_every_framing_gives_the_same_rows, setup, teardown),
        cmocka_unit_test_setup_teardown(test_every_fragmentation_gives_one_document, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_a_proven_document_does_not_wait_for_silence, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_a_misread_document_comes_out_when_the_reader_is_done,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(test_documents_in_one_burst, setup, teardown),
        cmocka_unit_test_setup_teardown(test_documents_that_share_a_line, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_cut_document_never_meets_the_next, setup, teardown),
        cmocka_unit_test_setup_teardown(test_every_cut_resynchronises, setup, teardown),
        cmocka_unit_test_setup_teardown(test_garbage_makes_no_document_and_little_noise, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_foreign_bytes_keep_their_place, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
