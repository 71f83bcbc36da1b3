// SPDX-License-Identifier: Apache-2.0
/*
 * ELYCTIS (IDBOX One, scanner command set 1.7): tag, length (high byte first), value, both ways.
 * mode=arm: "continuous reading" is switched on; it switches itself off with every document, and a
 * document that stays is not read twice, so it is switched on again after each.
 * mode=inquire: the reader is asked again after each silence and answers with what lies there, so
 * the same text counts once until an empty answer has come between.
 */
#include "framer.h"

enum { HEAD = 3 };
enum { TAG_READ = 0x49, TAG_READ_ROW = 0x4c, TAG_CONTINUOUS = 0x43 };

static void
ask(DvFramer *framer, const DvReaderSink *sink)
{
    static const guint8 arm[] = {TAG_CONTINUOUS, 0, 1, 1}, inquire[] = {TAG_READ, 0, 0};
    if (framer->inquire)
        dv_framer_send(sink, inquire, sizeof inquire);
    else
        dv_framer_send(sink, arm, sizeof arm);
}

/* FNV-1a: tells whether the same text lies there still, without keeping it. */
static guint64
digest_of(const guint8 *bytes, gsize length)
{
    guint64 digest = 0xcbf29ce484222325u;
    for (gsize i = 0; i < length; i++)
        digest = (digest ^ bytes[i]) * 0x100000001b3u;
    return digest;
}

static void
end_block(DvFramer *framer, const DvReaderSink *sink)
{
    const guint8 *value = framer->block + HEAD;
    guint8 tag = framer->block[0];
    guint length = framer->length - HEAD;
    framer->length = 0;
    if (tag != TAG_READ && tag != TAG_READ_ROW)
        return; /* an answer, or a card's state */
    if (length == 0) {
        framer->delivered = FALSE;
        return;
    }
    guint64 digest = digest_of(value, length);
    if (!framer->inquire || !framer->delivered || framer->digest != digest) {
        dv_zone_push(&framer->zone, value, length, sink);
        dv_zone_end(&framer->zone, sink);
        dv_zone_reset(&framer->zone);
        framer->delivered = TRUE;
        framer->digest = digest;
    }
    if (!framer->inquire)
        ask(framer, sink);
}

static void
tlv_byte(DvFramer *framer, guint8 byte, const DvReaderSink *sink)
{
    if (framer->skipping)
        return;
    framer->block[framer->length++] = byte;
    if (framer->length < HEAD)
        return;
    guint length = (guint)framer->block[1] << 8 | framer->block[2];
    if (length > DV_FRAMER_MAX_BLOCK - HEAD) {
        framer->skipping = TRUE;
        framer->length = 0;
        dv_zone_begin(&framer->zone, sink);
        return;
    }
    if (framer->length == HEAD + 1 && framer->block[0] == TAG_READ &&
        !(framer->inquire && framer->delivered))
        dv_zone_begin(&framer->zone, sink);
    if (framer->length == HEAD + length)
        end_block(framer, sink);
}

static void
tlv_idle(DvFramer *framer, const DvReaderSink *sink)
{
    gboolean broken = framer->skipping || framer->length > 0;
    dv_zone_drop(&framer->zone,
                 framer->skipping ? "a block came that is too long to be one"
                                  : "the reader began a block and never ended it",
                 sink);
    dv_zone_reset(&framer->zone);
    framer->skipping = FALSE;
    framer->length = 0;
    if (framer->inquire || broken)
        ask(framer, sink);
}

const DvFraming dv_framing_tlv = {
    .name = "tlv", .sends = TRUE, .listen = ask, .byte = tlv_byte, .idle = tlv_idle, .lost = ask};
