// SPDX-License-Identifier: Apache-2.0
/* The framers of serial readers: what they take for a document, what they say to the reader. */
#include "framer.h"
#include "reader_events.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define ARM ">43000101"
#define INQUIRE ">490000"

typedef struct {
    ReaderEvents seen;
    DvFramer framer;
} Fixture;

/* data: "KEY=VALUE KEY=VALUE" */
static const char *
look_up(const char *key, const void *data)
{
    g_auto(GStrv) words = g_strsplit(data, " ", -1);
    for (guint i = 0; words[i] != NULL; i++)
        if (g_str_has_prefix(words[i], key) && words[i][strlen(key)] == '=')
            return g_intern_string(words[i] + strlen(key) + 1);
    return NULL;
}

static void
use(Fixture *fixture, const char *options)
{
    g_autoptr(GError) error = NULL;
    assert_true(dv_framer_init(&fixture->framer, look_up, options, &error));
    dv_framer_listen(&fixture->framer, &fixture->seen.sink);
}

static int
setup(void **state)
{
    Fixture *fixture = g_new0(Fixture, 1);
    events_init(&fixture->seen);
    *state = fixture;
    return 0;
}

static int
teardown(void **state)
{
    Fixture *fixture = *state;
    events_clear(&fixture->seen);
    g_free(fixture);
    return 0;
}

static void
push_bytes(Fixture *fixture, const void *bytes, gsize length)
{
    dv_framer_push(&fixture->framer, bytes, length, &fixture->seen.sink);
}

static void
push(Fixture *fixture, const char *text)
{
    push_bytes(fixture, text, strlen(text));
}

static void
idle(Fixture *fixture)
{
    dv_framer_idle(&fixture->framer, &fixture->seen.sink);
}

static void
lose(Fixture *fixture)
{
    dv_framer_lost(&fixture->framer, &fixture->seen.sink);
}

/* ---- options */

static void
test_options_are_checked(void **state)
{
    static const char *const good[][2] = {
        {"framer", "lines"}, {"framer", "syn"},     {"start", "23"},
        {"end", "ff"},       {"row", "7c"},         {"mode", "inquire"},
        {"trigger", "no"},   {"setup", "ocrena1!"}, {"setup", "ocrena1!,232bad9."},
    };
    static const char *const bad[][2] = {
        {"framer", "xml"}, {"start", "0"},      {"start", "100"}, {"end", "STX"},
        {"mode", "both"},  {"trigger", "1"},    {"setup", ""},    {"setup", "ocrena1"},
        {"setup", "!"},    {"setup", "a!,,b!"}, {"setup", "a!,"}, {"setup", "a!,b"},
        {"colour", "red"}, {"setup", "a b!"},
    };
    (void)state;
    for (guint i = 0; i < G_N_ELEMENTS(good); i++)
        assert_true(dv_framer_check(good[i][0], good[i][1], NULL));
    for (guint i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autoptr(GError) error = NULL;
        assert_false(dv_framer_check(bad[i][0], bad[i][1], &error));
        assert_non_null(strstr(error->message, bad[i][0]));
    }
}

static void
test_delimiters_must_differ(void **state)
{
    static const char *const bad[] = {"framer=stx start=41 end=41", "framer=stx row=02",
                                      "framer=stx row=03", "framer=none"};
    DvFramer framer;
    (void)state;
    for (guint i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autoptr(GError) error = NULL;
        assert_false(dv_framer_init(&framer, look_up, bad[i], &error));
        assert_non_null(error);
    }
}

/* ---- lines */

static void
test_lines(void **state)
{
    Fixture *fixture = *state;
    use(fixture, "row=7c");
    push(fixture, TD3_1 "|" TD3_2 "|");
    events_expect(&fixture->seen, "started " TD3);
    push(fixture, TD3_1 "\r\n");
    idle(fixture);
    events_expect(&fixture->seen, "started dropped");
}

/* ---- start and end byte */

static void
test_stx_frames(void **state)
{
    Fixture *fixture = *state;
    use(fixture, "framer=stx");
    push(fixture, "#\x02" TD3_1 "\r" TD3_2 "\r\x03$");
    events_expect(&fixture->seen, "started " TD3);
    idle(fixture);
    events_expect(&fixture->seen, "");
    /* A read error: a frame with nothing in it. */
    push(fixture, "#\x02\r\r\x03$");
    events_expect(&fixture->seen, "");
    /* Cut, and the next. */
    push(fixture, "\x02" TD3_1 "\r\x02" TD1_1 "\r" TD1_2 "\r" TD1_3 "\r\x03");
    events_expect(&fixture->seen, "started dropped started " TD1);
    push(fixture, "\x02" TD3_1 "\r");
    idle(fixture);
    push(fixture, TD3_2 "\r\x03");
    idle(fixture);
    events_expect(&fixture->seen, "started dropped started dropped");
}

static void
test_stx_with_other_delimiters(void **state)
{
    Fixture *fixture = *state;
    use(fixture, "framer=stx start=5b end=5d row=2c");
    push(fixture, "[" TD3_1 "," TD3_2 "]");
    events_expect(&fixture->seen, "started " TD3);
    /* The reader was set to others: that is said, not passed over. */
    push(fixture, "\x02" TD3_1 "\r" TD3_2 "\r\x03");
    idle(fixture);
    events_expect(&fixture->seen, "started dropped");
    push(fixture, TD3_1 "[" TD3_1 "," TD3_2 "]");
    events_expect(&fixture->seen, "started dropped started " TD3);
}

/* ---- SOH blocks */

/* Builds a block around text (flag, rows, ETX); bits: of a byte of the length word. */
static GByteArray *
soh_block(const char *text, guint counted_beside, guint bits, gboolean sum_with_soh)
{
    GByteArray *block = g_byte_array_new();
    guint length = (guint)strlen(text) + 3 + counted_beside;
    const guint8 head[] = {
        1, (guint8)(length & ((1u << bits) - 1)), (guint8)(length >> bits), 'O', 'U', 2};
    guint8 sum = 0;
    g_byte_array_append(block, head, sizeof head);
    g_byte_array_append(block, (const guint8 *)text, (guint)strlen(text));
    for (guint i = sum_with_soh ? 0 : 1; i < block->len; i++)
        sum ^= block->data[i];
    return g_byte_array_append(block, &sum, 1);
}

static void
test_soh_blocks(void **state)
{
    static const char *const texts[][2] = {
        {"0\r" TD3_1 "\r" TD3_2 "\r\x03", "started " TD3},
        {"0" TD1_1 "\r" TD1_2 "\r" TD1_3 "\r\x03", "started " TD1},
        {"0____\r" TD3_1 "\r" TD3_2 "\r\x03", "started " TD3},
        {"0\r\r" TD3_2 "\r\x03", "started dropped"},
        {"0\r\r\r\x03", "started dropped"},
    };
    Fixture *fixture = *state;
    use(fixture, "framer=soh");
    for (guint i = 0; i < G_N_ELEMENTS(texts); i++)
        for (guint variant = 0; variant < 8; variant++) {
            g_autoptr(GByteArray) block = soh_block(texts[i][0], (variant & 1) != 0 ? 0 : 4,
                                                    (variant & 2) != 0 ? 7 : 8, (variant & 4) != 0);
            push_bytes(fixture, block->data, block->len);
            events_expect(&fixture->seen, texts[i][1]);
        }
}

static void
test_soh_check_byte_and_length(void **state)
{
    Fixture *fixture = *state;
    g_autoptr(GByteArray) block = soh_block("0\r" TD3_1 "\r" TD3_2 "\r\x03", 1, 8, FALSE);
    use(fixture, "framer=soh");
    for (guint at = 6; at < block->len - 2; at++) { /* every byte of the text in turn */
        if (block->data[at] == 0x03 || (block->data[at] ^ 0x40) == 0x03)
            continue;
        block->data[at] ^= 0x40;
        push_bytes(fixture, block->data, block->len);
        events_expect(&fixture->seen, "started dropped");
        block->data[at] ^= 0x40;
    }
    g_autoptr(GByteArray) longer = soh_block("0\r" TD3_1 "\r" TD3_2 "\r\x03", 40, 8, FALSE);
    push_bytes(fixture, longer->data, longer->len);
    events_expect(&fixture->seen, "started dropped");
    /* Half a block, silence, a whole one; noise that is no head; one that never ends. */
    push_bytes(fixture, block->data, block->len / 2);
    idle(fixture);
    push(fixture, "\x01\x01\x01noise\x01");
    lose(fixture);
    push_bytes(fixture, block->data, block->len);
    events_expect(&fixture->seen, "started dropped started " TD3);
    g_autofree char *flood = g_strnfill(2000, 'A');
    push(fixture, "\x01\x10\x10OU\x02");
    push(fixture, flood);
    events_expect(&fixture->seen, "started dropped");
}

/* ---- tag, length, value */

static void
push_value(Fixture *fixture, guint8 tag, const char *text)
{
    guint length = (guint)strlen(text);
    const guint8 head[] = {tag, (guint8)(length >> 8), (guint8)(length & 0xff)};
    push_bytes(fixture, head, sizeof head);
    push(fixture, text);
}

static void
test_tlv_armed(void **state)
{
    Fixture *fixture = *state;
    use(fixture, "framer=tlv");
    events_expect(&fixture->seen, ARM);
    push_bytes(fixture, "C\0\1\1", 4);
    events_expect(&fixture->seen, "");
    /* It disarms itself with every document. */
    push_value(fixture, 'I', TD3_1 "\r" TD3_2 "\r");
    events_expect(&fixture->seen, "started " TD3 " " ARM);
    push_value(fixture, 'I', TD3_1 TD3_2);
    events_expect(&fixture->seen, "started " TD3 " " ARM);
    idle(fixture);
    events_expect(&fixture->seen, "");
    /* A card's state is none of ours; a block that stops is dropped and the reader armed again. */
    push_value(fixture, 'P', "\1");
    push(fixture, "I");
    push_bytes(fixture, "\0\x5a" TD3_1, 46);
    idle(fixture);
    events_expect(&fixture->seen, "started dropped " ARM);
    lose(fixture);
    events_expect(&fixture->seen, ARM);
    push_bytes(fixture, "I\xff\xff", 3);
    push(fixture, TD3_1);
    idle(fixture);
    events_expect(&fixture->seen, "started dropped " ARM);
}

static void
test_tlv_asked(void **state)
{
    Fixture *fixture = *state;
    use(fixture, "framer=tlv mode=inquire");
    events_expect(&fixture->seen, INQUIRE);
    push_value(fixture, 'I', "");
    idle(fixture);
    events_expect(&fixture->seen, INQUIRE);
    /* It lies there for three questions and is one document. */
    for (guint i = 0; i < 3; i++) {
        push_value(fixture, 'I', TD3_1 "\r" TD3_2 "\r");
        events_expect(&fixture->seen, i == 0 ? "started " TD3 : "");
        idle(fixture);
        events_expect(&fixture->seen, INQUIRE);
    }
    /* Another one, without a pause between; then taken away, and the first again. */
    push_value(fixture, 'L', TD1_1 "\r" TD1_2 "\r" TD1_3 "\r");
    push_value(fixture, 'I', "");
    push_value(fixture, 'I', TD1_1 "\r" TD1_2 "\r" TD1_3 "\r");
    events_expect(&fixture->seen, "started " TD1 " started " TD1);
}

/* ---- commands */

static void
test_syn_commands(void **state)
{
    Fixture *fixture = *state;
    use(fixture, "framer=syn setup=ocrena1!,voxset0! trigger=yes");
    events_expect(&fixture->seen, ">164d0d6f6372656e613121 >164d0d766f787365743021 >16540d");
    push(fixture, "OCRENA1\x06!");
    push(fixture, "VOXSET0\x06!");
    push(fixture, TD3_1 "\r" TD3_2 "\r");
    events_expect(&fixture->seen, "started " TD3);
    idle(fixture); /* the trigger was used up */
    events_expect(&fixture->seen, ">16540d");
    idle(fixture);
    events_expect(&fixture->seen, "");
}

static void
test_syn_answers(void **state)
{
    Fixture *fixture = *state;
    use(fixture, "framer=syn setup=ocrena1!");
    events_expect(&fixture->seen, ">164d0d6f6372656e613121");
    push(fixture, "OCRENA1\x05!");
    events_expect(&fixture->seen, "refused");
    use(fixture, "framer=syn setup=ocrena9.");
    push(fixture, "OCRENA9\x15.");
    events_expect(&fixture->seen, ">164d0d6f6372656e61392e refused");
    /* One that does not answer reads all the same, the first document too. */
    use(fixture, "framer=syn setup=ocrena1!");
    push(fixture, TD3_1 "\r" TD3_2 "\r");
    idle(fixture);
    push(fixture, TD3_1 TD3_2);
    idle(fixture);
    events_expect(&fixture->seen, ">164d0d6f6372656e613121 started " TD3 " started " TD3);
    /* Run together while an answer is awaited, and longer than any document. */
    use(fixture, "framer=syn setup=ocrena1!");
    push(fixture, TD3_1 TD3_2);
    idle(fixture);
    use(fixture, "framer=syn setup=ocrena1!");
    g_autofree char *flood = g_strnfill(400, 'A');
    push(fixture, flood);
    idle(fixture);
    events_expect(&fixture->seen, ">164d0d6f6372656e613121 started " TD3
                                  " >164d0d6f6372656e613121 started dropped");
    lose(fixture);
    events_expect(&fixture->seen, "");
    use(fixture, "framer=syn trigger=yes");
    lose(fixture);
    events_expect(&fixture->seen, ">16540d >16540d");
}

/* Every framer, whatever the cuts: one document. */
static void
test_every_fragmentation(void **state)
{
    Fixture *fixture = *state;
    g_autoptr(GByteArray) soh = soh_block("0\r" TD3_1 "\r" TD3_2 "\r\x03", 2, 8, FALSE);
    g_autoptr(GByteArray) tlv = g_byte_array_new();
    g_byte_array_append(tlv, (const guint8 *)"I\0\x59" TD3_1 "\r" TD3_2, 3 + 89);
    const struct {
        const char *options;
        const void *bytes;
        gsize length;
    } cases[] = {
        {"framer=lines", TD3_1 "\r" TD3_2 "\r", 90},
        {"framer=stx", "\x02" TD3_1 "\r" TD3_2 "\r\x03", 92},
        {"framer=soh", soh->data, soh->len},
        {"framer=tlv", tlv->data, tlv->len},
        {"framer=syn setup=a1!", TD3_1 "\r" TD3_2 "\r", 90},
    };
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++)
        for (gsize cut = 0; cut <= cases[i].length; cut++) {
            use(fixture, cases[i].options);
            g_string_truncate(fixture->seen.events, 0);
            push_bytes(fixture, cases[i].bytes, cut);
            push_bytes(fixture, (const guint8 *)cases[i].bytes + cut, cases[i].length - cut);
            const char *got = fixture->seen.events->str;
            assert_true(g_str_has_prefix(got, "started " TD3));
            g_string_truncate(fixture->seen.events, 0);
        }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_options_are_checked),
        cmocka_unit_test(test_delimiters_must_differ),
        cmocka_unit_test_setup_teardown(test_lines, setup, teardown),
        cmocka_unit_test_setup_teardown(test_stx_frames, setup, teardown),
        cmocka_unit_test_setup_teardown(test_stx_with_other_delimiters, setup, teardown),
        cmocka_unit_test_setup_teardown(test_soh_blocks, setup, teardown),
        cmocka_unit_test_setup_teardown(test_soh_check_byte_and_length, setup, teardown),
        cmocka_unit_test_setup_teardown(test_tlv_armed, setup, teardown),
        cmocka_unit_test_setup_teardown(test_tlv_asked, setup, teardown),
        cmocka_unit_test_setup_teardown(test_syn_commands, setup, teardown),
        cmocka_unit_test_setup_teardown(test_syn_answers, setup, teardown),
        cmocka_unit_test_setup_teardown(test_every_fragmentation, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
