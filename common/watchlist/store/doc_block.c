// SPDX-License-Identifier: Apache-2.0
#include "doc_block.h"

#include "checksum.h"

#include <string.h>

/* Heads of entries. Below STEP_LONG the head is the decimal step itself. */
enum {
    STEP_LONG = 200,    /* and 31 more: 200 + (head - 200) * 256 + the next byte */
    STEP_DECIMAL = 232, /* a varint: what the number's last digits count up by */
    STEP_BASE36 = 233,  /* a varint: the same for its last letters and digits */
    WHOLE = 234,        /* kept characters of the entry before, count of new ones, these */
    LETTERS = 240,      /* before a head: a varint with the letters, if not those before */
    TO_ALERT = 241,     /* before a head: the target is an alert */
};
#define STEP_LONG_MAX (STEP_LONG + 32 * 256)
#define DECIMAL_PLACES 18u
#define BASE36_PLACES 12u
#define HEADER_MAX (4u + 2 * (1u + DOC_KEY_MAX) + 2u)
#define ENTRY_MAX (1u + 10u + 1u + 3u + DOC_KEY_MAX + 10u)

/* ---- keys */

void
doc_key_init(DocKey *key, const char *folded)
{
    gsize length = strlen(folded);

    g_assert(length > 0 && length <= DOC_NUMBER_MAX);
    key->bytes[0] = (guint8)length;
    for (gsize i = 0; i < length; i++)
        key->bytes[1 + i] = (guint8)folded[i];
    key->length = 1 + length;
}

int
doc_key_compare(const DocKey *a, const DocKey *b)
{
    int order = memcmp(a->bytes, b->bytes, MIN(a->length, b->length));

    return order != 0 ? order : (a->length > b->length) - (a->length < b->length);
}

static char
letter_of(guint8 digit)
{
    switch (digit) {
    case '0':
        return 'O';
    case '1':
        return 'I';
    case '5':
        return 'S';
    case '8':
        return 'B';
    case '2':
        return 'Z';
    default:
        return '\0';
    }
}

guint64
doc_letters(const char *number)
{
    guint64 letters = 0;

    for (gsize i = 0; number[i] != '\0'; i++) {
        if (strchr("OISBZ", number[i]) != NULL)
            letters |= (guint64)1 << i;
    }
    return letters;
}

void
doc_entry_number(const DocEntry *entry, char number[DOC_NUMBER_MAX + 1])
{
    gsize length = entry->key.length - 1;

    for (gsize i = 0; i < length; i++) {
        guint8 c = entry->key.bytes[1 + i];
        number[i] = (entry->letters >> i & 1) != 0 ? letter_of(c) : (char)c;
    }
    number[length] = '\0';
}

static int
value36(guint8 c)
{
    if (g_ascii_isdigit(c))
        return c - '0';
    return g_ascii_isupper(c) ? c - 'A' + 10 : -1;
}

static guint8
char36(guint value)
{
    return (guint8)(value < 10 ? '0' + value : 'A' + value - 10);
}

static int
value_of(guint8 c, guint base)
{
    int value = value36(c);

    return value < (int)base ? value : -1;
}

/* ---- writing */

void
doc_block_start(DocBlockWriter *writer, const DocKey *low)
{
    writer->length = 0;
    writer->count = 0;
    memset(&writer->last, 0, sizeof writer->last);
    writer->low.length = 0;
    if (low != NULL)
        writer->low = *low;
}

static gsize
put_varint(guint8 *out, guint64 value)
{
    gsize n = 0;

    for (; value >= 0x80; value >>= 7)
        out[n++] = (guint8)(value | 0x80);
    out[n++] = (guint8)value;
    return n;
}

/* What the trailing characters of from count up by to give those of to. FALSE: they do not. */
static gboolean
step_between(const DocKey *from, const DocKey *to, guint base, guint places, guint64 *step)
{
    gsize first = from->length;
    guint64 a = 0, b = 0;

    if (from->length != to->length || from->length < 2)
        return FALSE;
    while (first > 1 && from->length - first < places &&
           value_of(from->bytes[first - 1], base) >= 0 && value_of(to->bytes[first - 1], base) >= 0)
        first--;
    if (memcmp(from->bytes, to->bytes, first) != 0)
        return FALSE;
    for (gsize i = first; i < from->length; i++) {
        a = a * base + (guint64)value_of(from->bytes[i], base);
        b = b * base + (guint64)value_of(to->bytes[i], base);
    }
    *step = b - a;
    return b >= a;
}

static gsize
put_whole(guint8 *out, const DocKey *from, const DocKey *to)
{
    gsize same = 0;

    while (same < from->length && same < to->length && from->bytes[same] == to->bytes[same])
        same++;
    out[0] = WHOLE;
    out[1] = (guint8)same;
    out[2] = (guint8)(to->length - same);
    for (gsize i = same; i < to->length; i++)
        out[3 + i - same] = to->bytes[i];
    return 3 + to->length - same;
}

static gsize
put_decimal(guint8 *out, guint64 step)
{
    if (step < STEP_LONG) {
        out[0] = (guint8)step;
        return 1;
    }
    if (step < STEP_LONG_MAX) {
        out[0] = (guint8)(STEP_LONG + (step - STEP_LONG) / 256);
        out[1] = (guint8)((step - STEP_LONG) % 256);
        return 2;
    }
    out[0] = STEP_DECIMAL;
    return 1 + put_varint(out + 1, step);
}

/* The shortest of the three ways to say the key. */
static gsize
put_key(guint8 *out, const DocKey *from, const DocKey *to)
{
    guint8 other[ENTRY_MAX];
    gsize length = put_whole(out, from, to);
    guint64 step;

    if (step_between(from, to, 36, BASE36_PLACES, &step)) {
        other[0] = STEP_BASE36;
        gsize n = 1 + put_varint(other + 1, step);
        if (n < length)
            memcpy(out, other, length = n);
    }
    if (step_between(from, to, 10, DECIMAL_PLACES, &step)) {
        gsize n = put_decimal(other, step);
        if (n < length)
            memcpy(out, other, length = n);
    }
    return length;
}

gboolean
doc_block_add(DocBlockWriter *writer, const DocEntry *entry)
{
    guint8 bytes[2 * ENTRY_MAX];
    gsize length = 0, runs = writer->count / DOC_BLOCK_RUN;
    gboolean starts_run = writer->count % DOC_BLOCK_RUN == 0;

    if (starts_run)
        memset(&writer->last, 0, sizeof writer->last);
    if (entry->letters != writer->last.letters) {
        bytes[length++] = LETTERS;
        length += put_varint(bytes + length, entry->letters);
    }
    if (entry->is_alert)
        bytes[length++] = TO_ALERT;
    length += put_key(bytes + length, &writer->last.key, &entry->key);
    length += put_varint(bytes + length, entry->target);
    if (HEADER_MAX + 2 * runs + writer->length + length > DOC_BLOCK_MAX)
        return FALSE;
    if (starts_run && runs > 0)
        writer->runs[runs - 1] = (guint16)writer->length;
    memcpy(writer->body + writer->length, bytes, length);
    writer->length += length;
    writer->count++;
    writer->last = *entry;
    return TRUE;
}

static gsize
put_bound(guint8 *out, const DocKey *key)
{
    gsize length = key != NULL ? key->length : 0;

    out[0] = (guint8)length;
    for (gsize i = 0; i < length; i++)
        out[1 + i] = key->bytes[i];
    return 1 + length;
}

gsize
doc_block_finish(DocBlockWriter *writer, guint64 id, const DocKey *high, guint8 out[DOC_BLOCK_MAX])
{
    gsize length = 4;

    length += put_bound(out + length, &writer->low);
    length += put_bound(out + length, high);
    out[length++] = (guint8)writer->count;
    out[length++] = (guint8)(writer->count >> 8);
    for (guint i = 0; i < (writer->count - 1) / DOC_BLOCK_RUN; i++) {
        out[length++] = (guint8)writer->runs[i];
        out[length++] = (guint8)(writer->runs[i] >> 8);
    }
    memcpy(out + length, writer->body, writer->length);
    length += writer->length;
    checksum_put(out, length, id);
    return length;
}

/* ---- reading */

static gboolean
take_byte(DocBlockReader *reader, guint8 *value)
{
    if (reader->at == reader->end)
        return FALSE;
    *value = *reader->at++;
    return TRUE;
}

static gboolean
take_varint(DocBlockReader *reader, guint64 *value)
{
    *value = 0;
    for (guint shift = 0; shift < 64 && reader->at < reader->end; shift += 7) {
        guint8 byte = *reader->at++;
        if (shift == 63 && byte > 1)
            return FALSE;
        *value |= (guint64)(byte & 0x7f) << shift;
        if ((byte & 0x80) == 0)
            return TRUE;
    }
    return FALSE;
}

static gboolean
take_bound(DocBlockReader *reader, DocKey *key)
{
    guint8 length;

    if (!take_byte(reader, &length) || length > DOC_KEY_MAX ||
        length > (gsize)(reader->end - reader->at))
        return FALSE;
    key->length = length;
    for (gsize i = 0; i < length; i++)
        key->bytes[i] = *reader->at++;
    return TRUE;
}

/* Of the runs that have a place: all but the first. */
static guint
run_count(const DocBlockReader *reader)
{
    return (reader->count - 1) / DOC_BLOCK_RUN;
}

gboolean
doc_block_open(DocBlockReader *reader, const guint8 *data, gsize length, guint64 id)
{
    guint8 low, high;

    if (length < 8 || length > DOC_BLOCK_MAX || !checksum_holds(data, length, id))
        return FALSE;
    reader->at = data + 4;
    reader->end = data + length;
    if (!take_bound(reader, &reader->low) || !take_bound(reader, &reader->high) ||
        !take_byte(reader, &low) || !take_byte(reader, &high))
        return FALSE;
    reader->count = low | (guint)high << 8;
    reader->done = 0;
    if (reader->count == 0 || (gsize)(reader->end - reader->at) < 2 * run_count(reader))
        return FALSE;
    reader->runs = reader->at;
    reader->at += 2 * run_count(reader);
    reader->body = reader->at;
    return TRUE;
}

/* Counts the key's last characters up by step; a carry past them is damage. */
static gboolean
count_up(DocKey *key, guint64 step, guint base, guint places)
{
    for (gsize i = key->length, left = places; step > 0; i--, left--) {
        if (left == 0 || i <= 1)
            return FALSE;
        int value = value_of(key->bytes[i - 1], base);
        if (value < 0)
            return FALSE;
        guint64 sum = (guint64)value + step % base;
        step = step / base + sum / base;
        key->bytes[i - 1] = char36((guint)(sum % base));
    }
    return key->length > 1;
}

static gboolean
take_whole(DocBlockReader *reader)
{
    DocKey *key = &reader->entry.key;
    guint8 same, more;

    if (!take_byte(reader, &same) || !take_byte(reader, &more) || same > key->length ||
        (guint)same + more > DOC_KEY_MAX || more > (gsize)(reader->end - reader->at))
        return FALSE;
    for (gsize i = 0; i < more; i++) {
        guint8 c = *reader->at++;
        if (same + i > 0 && value36(c) < 0 && c != '*')
            return FALSE;
        key->bytes[same + i] = c;
    }
    key->length = (gsize)same + more;
    return key->length >= 2 && key->bytes[0] == key->length - 1;
}

static gboolean
take_key(DocBlockReader *reader, guint8 head)
{
    DocKey *key = &reader->entry.key;
    guint64 step = head;
    guint8 byte;

    if (head >= STEP_LONG && head < STEP_DECIMAL) {
        if (!take_byte(reader, &byte))
            return FALSE;
        step = STEP_LONG + (guint64)(head - STEP_LONG) * 256 + byte;
    } else if (head == STEP_DECIMAL || head == STEP_BASE36) {
        if (!take_varint(reader, &step))
            return FALSE;
    } else if (head >= STEP_DECIMAL) {
        return head == WHOLE && take_whole(reader);
    }
    return head == STEP_BASE36 ? count_up(key, step, 36, BASE36_PLACES)
                               : count_up(key, step, 10, DECIMAL_PLACES);
}

/* Letters stand only where a digit has one. */
static gboolean
letters_fit(const DocEntry *entry)
{
    for (guint64 left = entry->letters; left != 0; left &= left - 1) {
        guint i = (guint)g_bit_nth_lsf(left, -1);
        if (i + 1 >= entry->key.length || letter_of(entry->key.bytes[1 + i]) == '\0')
            return FALSE;
    }
    return TRUE;
}

DocBlockResult
doc_block_next(DocBlockReader *reader)
{
    DocEntry *entry = &reader->entry;
    guint8 head;

    if (reader->done == reader->count)
        return reader->at == reader->end ? DOC_BLOCK_END : DOC_BLOCK_DAMAGED;
    if (reader->done++ % DOC_BLOCK_RUN == 0)
        memset(entry, 0, sizeof *entry);
    entry->is_alert = FALSE;
    if (!take_byte(reader, &head))
        return DOC_BLOCK_DAMAGED;
    if (head == LETTERS && (!take_varint(reader, &entry->letters) || !take_byte(reader, &head)))
        return DOC_BLOCK_DAMAGED;
    if (head == TO_ALERT) {
        entry->is_alert = TRUE;
        if (!take_byte(reader, &head))
            return DOC_BLOCK_DAMAGED;
    }
    if (!take_key(reader, head) || !take_varint(reader, &entry->target) || !letters_fit(entry))
        return DOC_BLOCK_DAMAGED;
    return DOC_BLOCK_ENTRY;
}

gboolean
doc_block_seek(DocBlockReader *reader, const DocKey *key)
{
    for (guint run = run_count(reader); run > 0; run--) {
        DocBlockReader probe = *reader;
        gsize offset = probe.runs[2 * run - 2] | (gsize)probe.runs[2 * run - 1] << 8;
        if (offset >= (gsize)(probe.end - probe.body))
            return FALSE;
        probe.at = probe.body + offset;
        probe.done = run * DOC_BLOCK_RUN;
        if (doc_block_next(&probe) != DOC_BLOCK_ENTRY)
            return FALSE;
        if (doc_key_compare(&probe.entry.key, key) < 0) {
            reader->at = probe.body + offset;
            reader->done = run * DOC_BLOCK_RUN;
            return TRUE;
        }
    }
    return TRUE;
}
