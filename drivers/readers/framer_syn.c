// SPDX-License-Identifier: Apache-2.0
/*
 * Readers that are told by SYN commands what to do (Honeywell: "menu commands", Access-IS): 16 4D
 * 0D, the command with '.' (kept) or '!' (until power goes). They answer with the command, and
 * before its punctuation ACK, ENQ (no such command) or NAK (no such value). 16 54 0D pulls the
 * trigger. What they read comes as lines.
 */
#include "framer.h"

enum { ENQ = 0x05, ACK = 0x06, NAK = 0x15 };
#define MAX_KEPT 160 /* bytes that may be an answer; the longest document is shorter */

static void
pull_trigger(const DvFramer *framer, const DvReaderSink *sink)
{
    static const guint8 trigger[] = {0x16, 0x54, 0x0d};
    if (framer->trigger)
        dv_framer_send(sink, trigger, sizeof trigger);
}

static void
syn_listen(DvFramer *framer, const DvReaderSink *sink)
{
    static const guint8 prefix[] = {0x16, 0x4d, 0x0d};
    guint8 command[sizeof prefix + 128];
    guint length = 0;
    framer->awaited = 0;
    for (const char *c = framer->commands;; c++) {
        if (*c != ',' && *c != '\0') {
            for (guint i = 0; length == 0 && i < sizeof prefix; i++)
                command[i] = prefix[i];
            length = MAX(length, (guint)sizeof prefix);
            command[length++] = (guint8)*c;
            continue;
        }
        if (length > 0) {
            dv_framer_send(sink, command, length);
            framer->awaited++;
        }
        length = 0;
        if (*c == '\0')
            break;
    }
    pull_trigger(framer, sink);
}

static void
pass_kept(DvFramer *framer, const DvReaderSink *sink)
{
    guint length = framer->length;
    framer->length = 0;
    dv_zone_push(&framer->zone, framer->block, length, sink);
}

static void
take_status(DvFramer *framer, guint8 byte, const DvReaderSink *sink)
{
    framer->length = 0; /* the command that was sent back */
    framer->status = TRUE;
    framer->awaited--;
    if (byte != ACK && sink->refused != NULL)
        sink->refused(byte == ENQ ? "it does not know a command of setup="
                                  : "it does not take the value of a command of setup=",
                      sink->data);
}

static void
syn_byte(DvFramer *framer, guint8 byte, const DvReaderSink *sink)
{
    gboolean closes = framer->status && (byte == '.' || byte == '!');
    framer->status = FALSE;
    framer->inside = TRUE;
    if (closes)
        return;
    if (framer->awaited > 0 && (byte == ACK || byte == ENQ || byte == NAK)) {
        take_status(framer, byte, sink);
        return;
    }
    if (framer->awaited == 0 && framer->length == 0) {
        dv_zone_push(&framer->zone, &byte, 1, sink);
        return;
    }
    framer->block[framer->length++] = byte;
    if (byte < 0x20 || framer->length == MAX_KEPT)
        pass_kept(framer, sink);
}

static void
syn_idle(DvFramer *framer, const DvReaderSink *sink)
{
    gboolean any = framer->inside;
    framer->status = framer->inside = FALSE;
    framer->awaited = 0; /* who has not answered by now will not */
    pass_kept(framer, sink);
    dv_zone_end(&framer->zone, sink);
    if (any)
        pull_trigger(framer, sink);
}

/* The commands were taken; only what the trigger brought may be lost. */
static void
syn_lost(DvFramer *framer, const DvReaderSink *sink)
{
    pull_trigger(framer, sink);
}

const DvFraming dv_framing_syn = {.name = "syn",
                                  .sends = TRUE,
                                  .listen = syn_listen,
                                  .byte = syn_byte,
                                  .idle = syn_idle,
                                  .lost = syn_lost};
