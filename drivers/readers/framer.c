// SPDX-License-Identifier: Apache-2.0
#include "framer.h"
#include <darvaza/error.h>
#include <string.h>

static const DvFraming *const framings[] = {
    &dv_framing_lines, &dv_framing_stx, &dv_framing_soh, &dv_framing_tlv, &dv_framing_syn,
};

/* ---- options */

static const DvFraming *
framing_named(const char *name)
{
    for (guint i = 0; i < G_N_ELEMENTS(framings); i++)
        if (strcmp(name, framings[i]->name) == 0)
            return framings[i];
    return NULL;
}

static gboolean
is_byte(const char *value)
{
    guint64 number = 0;
    return g_ascii_string_to_unsigned(value, 16, 1, 255, &number, NULL);
}

static gboolean
is_framing(const char *value)
{
    return framing_named(value) != NULL;
}

static gboolean
is_mode(const char *value)
{
    return strcmp(value, "arm") == 0 || strcmp(value, "inquire") == 0;
}

static gboolean
is_yes_or_no(const char *value)
{
    return strcmp(value, "yes") == 0 || strcmp(value, "no") == 0;
}

/* Commands as the maker writes them, each with its closing '.' or '!', separated by commas. */
static gboolean
are_commands(const char *value)
{
    gsize length = strlen(value);
    gboolean fresh = TRUE;
    if (length == 0 || length > 128)
        return FALSE;
    for (gsize i = 0; i < length; i++) {
        if (!g_ascii_isgraph(value[i]))
            return FALSE;
        if (fresh && strchr(".!,", value[i]) != NULL)
            return FALSE;
        fresh = value[i] == ',';
        if ((fresh || i + 1 == length) && strchr(".!", value[fresh ? i - 1 : i]) == NULL)
            return FALSE;
    }
    return !fresh;
}

static const struct {
    const char *key, *what;
    gboolean (*takes)(const char *value);
} keys[] = {
    {"framer", "one of lines, stx, soh, tlv, syn", is_framing},
    {"start", "a byte in hexadecimal, 01 to ff", is_byte},
    {"end", "a byte in hexadecimal, 01 to ff", is_byte},
    {"row", "a byte in hexadecimal, 01 to ff", is_byte},
    {"mode", "arm or inquire", is_mode},
    {"setup", "commands that end in '.' or '!', separated by commas", are_commands},
    {"trigger", "yes or no", is_yes_or_no},
};

gboolean
dv_framer_check(const char *key, const char *value, GError **error)
{
    for (guint i = 0; i < G_N_ELEMENTS(keys); i++) {
        if (strcmp(key, keys[i].key) != 0)
            continue;
        if (keys[i].takes(value))
            return TRUE;
        g_set_error(error, DV_ERROR, DV_ERROR_INVALID, "%s=%s: must be %s", key, value,
                    keys[i].what);
        return FALSE;
    }
    g_set_error(error, DV_ERROR, DV_ERROR_INVALID, "%s: serial readers have no such option", key);
    return FALSE;
}

static guint8
byte_of(const char *value)
{
    guint64 number = 0;
    g_ascii_string_to_unsigned(value, 16, 1, 255, &number, NULL);
    return (guint8)number;
}

gboolean
dv_framer_init(DvFramer *framer, DvFramerLookup lookup, const void *data, GError **error)
{
    const char *values[G_N_ELEMENTS(keys)];
    for (guint i = 0; i < G_N_ELEMENTS(keys); i++) {
        values[i] = lookup(keys[i].key, data);
        if (values[i] != NULL && !dv_framer_check(keys[i].key, values[i], error))
            return FALSE;
    }
    *framer = (DvFramer){
        .framing = values[0] != NULL ? framing_named(values[0]) : &dv_framing_lines,
        .start = values[1] != NULL ? byte_of(values[1]) : 0x02,
        .end = values[2] != NULL ? byte_of(values[2]) : 0x03,
        .row = values[3] != NULL ? byte_of(values[3]) : -1,
        .inquire = g_strcmp0(values[4], "inquire") == 0,
        .commands = values[5] != NULL ? values[5] : "",
        .trigger = g_strcmp0(values[6], "yes") == 0,
    };
    if (framer->start == framer->end || framer->row == framer->start ||
        framer->row == framer->end) {
        g_set_error(error, DV_ERROR, DV_ERROR_INVALID,
                    "start=, end= and row=: must be three different bytes");
        return FALSE;
    }
    return TRUE;
}

/* ---- what framers share */

gboolean
dv_framer_sends(const DvFramer *framer)
{
    return framer->framing->sends;
}

void
dv_framer_send(const DvReaderSink *sink, const guint8 *bytes, gsize length)
{
    if (sink->send != NULL)
        sink->send(bytes, length, sink->data);
}

void
dv_framer_listen(DvFramer *framer, const DvReaderSink *sink)
{
    if (framer->framing->listen != NULL)
        framer->framing->listen(framer, sink);
}

void
dv_framer_push(DvFramer *framer, const guint8 *bytes, gsize length, const DvReaderSink *sink)
{
    for (gsize i = 0; i < length; i++)
        framer->framing->byte(framer, bytes[i], sink);
}

void
dv_framer_idle(DvFramer *framer, const DvReaderSink *sink)
{
    framer->framing->idle(framer, sink);
}

void
dv_framer_lost(DvFramer *framer, const DvReaderSink *sink)
{
    framer->length = 0;
    framer->inside = framer->skipping = framer->status = FALSE;
    framer->outside = 0; /* awaited answers may still come */
    dv_zone_lost(&framer->zone, sink);
    if (framer->framing->lost != NULL)
        framer->framing->lost(framer, sink);
}

/* ---- lines: the zone itself */

static void
lines_byte(DvFramer *framer, guint8 byte, const DvReaderSink *sink)
{
    if (framer->row >= 0 && byte == (guint)framer->row)
        dv_zone_end_line(&framer->zone, sink);
    else
        dv_zone_push(&framer->zone, &byte, 1, sink);
}

static void
lines_idle(DvFramer *framer, const DvReaderSink *sink)
{
    dv_zone_end(&framer->zone, sink);
}

const DvFraming dv_framing_lines = {.name = "lines", .byte = lines_byte, .idle = lines_idle};
