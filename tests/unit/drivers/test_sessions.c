// SPDX-License-Identifier: Apache-2.0
/*
 * Sessions as files (tests/unit/drivers/sessions): what a reader sends, and what must come of it.
 *
 *   family FAMILY [KEY=VALUE...]    first; the options that the driver would have
 *   in HEX | in "TEXT"              bytes from the reader, one USB transfer; C escapes, octal
 *   idle, lost                      silence; a disturbance
 *   out HEX                         what the reader must have been sent next
 *   started, dropped, refused, document ROW|ROW    what must have been reported next
 *   # ...                           a comment; says where the session is from
 *
 * argv[1]: the folder.
 */
#include "framer.h"
#include "hid_keyboard_proto.h"
#include "hid_pos_proto.h"
#include "reader_events.h"
#include "vendor_bulk_proto.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

static const char *folder;

typedef struct {
    ReaderEvents seen;
    char **options; /* KEY=VALUE; [0] is the family */
    DvFramer framer;
    DvKeyboard keyboard;
    DvHidPos pos;
    DvVendor vendor;
} Session;

static const char *
option(const char *key, const void *data)
{
    const Session *session = data;
    for (guint i = 1; session->options[i] != NULL; i++)
        if (g_str_has_prefix(session->options[i], key) && session->options[i][strlen(key)] == '=')
            return session->options[i] + strlen(key) + 1;
    return NULL;
}

static gboolean
is_family(const Session *session, const char *family)
{
    return strcmp(session->options[0], family) == 0;
}

static gboolean
begin(Session *session, const char *words)
{
    DvLayout layout = DV_LAYOUT_US;
    const char *name;
    session->options = g_strsplit(words, " ", -1);
    if (is_family(session, "cdc-acm")) {
        if (!dv_framer_init(&session->framer, option, session, NULL))
            return FALSE;
        dv_framer_listen(&session->framer, &session->seen.sink);
        return TRUE;
    }
    name = option("layout", session);
    if (name != NULL && !dv_layout_parse(name, &layout))
        return FALSE;
    dv_keyboard_reset(&session->keyboard, layout);
    dv_hid_pos_reset(&session->pos);
    dv_vendor_reset(&session->vendor);
    return is_family(session, "hid-keyboard") || is_family(session, "hid-pos") ||
           is_family(session, "vendor-bulk");
}

static void
push(Session *session, const guint8 *bytes, gsize length)
{
    const DvReaderSink *sink = &session->seen.sink;
    if (is_family(session, "cdc-acm"))
        dv_framer_push(&session->framer, bytes, length, sink);
    else if (is_family(session, "hid-keyboard"))
        dv_keyboard_push(&session->keyboard, bytes, length, sink);
    else if (is_family(session, "hid-pos"))
        dv_hid_pos_push(&session->pos, bytes, length, sink);
    else
        dv_vendor_push(&session->vendor, bytes, length, sink);
}

static void
disturb(Session *session, gboolean silence)
{
    const DvReaderSink *sink = &session->seen.sink;
    if (is_family(session, "cdc-acm"))
        (silence ? dv_framer_idle : dv_framer_lost)(&session->framer, sink);
    else if (is_family(session, "hid-keyboard"))
        (silence ? dv_keyboard_idle : dv_keyboard_lost)(&session->keyboard, sink);
    else if (is_family(session, "hid-pos"))
        (silence ? dv_hid_pos_idle : dv_hid_pos_lost)(&session->pos, sink);
    else
        (silence ? dv_vendor_idle : dv_vendor_lost)(&session->vendor, sink);
}

/* HEX with spaces, or a quoted text with C escapes. */
static GByteArray *
bytes_of(const char *text)
{
    GByteArray *bytes = g_byte_array_new();
    if (*text == '"') {
        g_autofree char *quoted = g_strndup(text + 1, strlen(text) - 2);
        g_autofree char *plain = g_strcompress(quoted); /* \r, \n and octal */
        return g_byte_array_append(bytes, (const guint8 *)plain, (guint)strlen(plain));
    }
    for (const char *c = text; *c != '\0'; c++) {
        if (*c == ' ')
            continue;
        assert_true(g_ascii_isxdigit(c[0]) && g_ascii_isxdigit(c[1]));
        guint8 byte = (guint8)(g_ascii_xdigit_value(c[0]) * 16 + g_ascii_xdigit_value(c[1]));
        g_byte_array_append(bytes, &byte, 1);
        c++;
    }
    return bytes;
}

/* Takes the word off the front of what was reported. */
static gboolean
reported(Session *session, const char *word)
{
    GString *events = session->seen.events;
    gsize length = strlen(word);
    if (!g_str_has_prefix(events->str, word) ||
        (events->str[length] != ' ' && events->str[length] != '\0'))
        return FALSE;
    g_string_erase(events, 0, (gssize)MIN(length + 1, events->len));
    return TRUE;
}

static gboolean
run_line(Session *session, const char *line)
{
    if (g_str_has_prefix(line, "family "))
        return begin(session, line + 7);
    if (session->options == NULL)
        return FALSE;
    if (g_str_has_prefix(line, "in ")) {
        g_autoptr(GByteArray) bytes = bytes_of(line + 3);
        push(session, bytes->data, bytes->len);
        return TRUE;
    }
    if (strcmp(line, "idle") == 0 || strcmp(line, "lost") == 0) {
        disturb(session, *line == 'i');
        return TRUE;
    }
    if (g_str_has_prefix(line, "out ")) {
        g_autofree char *word = g_strconcat(">", line + 4, NULL);
        return reported(session, word);
    }
    return reported(session, g_str_has_prefix(line, "document ") ? line + 9 : line);
}

static void
replay(const char *name)
{
    g_autofree char *path = g_build_filename(folder, name, NULL);
    g_autofree char *text = NULL;
    Session session = {0};
    assert_true(g_file_get_contents(path, &text, NULL, NULL));
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    events_init(&session.seen);
    for (guint i = 0; lines[i] != NULL; i++)
        if (*lines[i] != '\0' && *lines[i] != '#' && !run_line(&session, lines[i])) {
            fprintf(stderr, "%s:%u: %s\n", name, i + 1, lines[i]);
            fail();
        }
    if (session.seen.events->len > 0) {
        fprintf(stderr, "%s: more than the session says was reported\n", name);
        fail();
    }
    events_clear(&session.seen);
    g_strfreev(session.options);
}

static void
test_sessions(void **state)
{
    g_autoptr(GDir) directory = g_dir_open(folder, 0, NULL);
    guint count = 0;
    (void)state;
    assert_non_null(directory);
    for (const char *name; (name = g_dir_read_name(directory)) != NULL; count++)
        replay(name);
    assert_true(count >= 8);
}

/* The check value of CRC-16/CCITT-FALSE, as catalogues of CRCs give it. */
static void
test_crc(void **state)
{
    (void)state;
    assert_int_equal(dv_vendor_crc((const guint8 *)"123456789", 9), 0x29b1);
}

int
main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sessions),
        cmocka_unit_test(test_crc),
    };
    if (argc < 2)
        return 2;
    folder = argv[1];
    return cmocka_run_group_tests(tests, NULL, NULL);
}
