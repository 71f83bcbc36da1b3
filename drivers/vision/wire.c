// SPDX-License-Identifier: Apache-2.0
/* Requests and answers of darvaza-vision, byte by byte, little end first. */
#include "wire.h"
#include <math.h>
#include <string.h>

#define REQUEST_MAGIC "DVq1"
#define ANSWER_MAGIC "DVa1"
#define KIND_MAX 255
#define FRACTION 16.0 /* steps of a pixel in which a place travels */
#define PLACE_MOST (4.0 * DV_IMAGE_SIDE_MAX)

/* ---- bytes, never past the end */

typedef struct {
    guint8 *at;
    gsize used, size;
} Writer;

typedef struct {
    const guint8 *at;
    gsize used, size;
    gboolean short_of; /* more was asked for than is there */
} Reader;

static void
put(Writer *writer, guint64 value, guint bytes)
{
    g_assert(writer->size - writer->used >= bytes);
    for (guint i = 0; i < bytes; i++)
        writer->at[writer->used++] = (guint8)(value >> (8 * i));
}

static guint64
take(Reader *reader, guint bytes)
{
    guint64 value = 0;
    if (reader->size - reader->used < bytes) {
        reader->short_of = TRUE;
        return 0;
    }
    for (guint i = 0; i < bytes; i++)
        value |= (guint64)reader->at[reader->used++] << (8 * i);
    return value;
}

static void
put_text(Writer *writer, const char *text, gsize size)
{
    gsize length = strnlen(text, size);
    for (gsize i = 0; i < size; i++)
        put(writer, i < length ? (guint8)text[i] : 0, 1);
}

static void
take_text(Reader *reader, char *to, gsize size)
{
    for (gsize i = 0; i < size; i++)
        to[i] = (char)take(reader, 1);
    to[size - 1] = '\0';
}

static gboolean
refuse(GError **error, const char *whose, const char *what)
{
    g_set_error(error, DV_ERROR, DV_ERROR_INVALID, "the %s %s", whose, what);
    return FALSE;
}

static gboolean
has_magic(const guint8 *bytes, gsize length, const char *magic)
{
    return length >= 4 && memcmp(bytes, magic, 4) == 0;
}

/* ---- requests */

void
wire_request_write(const WireRequest *request, guint8 to[WIRE_REQUEST_SIZE])
{
    Writer writer = {to, 0, WIRE_REQUEST_SIZE};
    memset(to, 0, WIRE_REQUEST_SIZE);
    put_text(&writer, REQUEST_MAGIC, 4);
    put(&writer, request->kind, 4);
    put(&writer, request->id, 4);
    put(&writer, request->format, 4);
    put(&writer, request->width, 4);
    put(&writer, request->height, 4);
    put(&writer, request->stride, 4);
    put(&writer, request->set, 2);
    put(&writer, request->wants_output ? 1 : 0, 2);
    put(&writer, request->length, 8);
}

static gboolean
check_request(const WireRequest *request, GError **error)
{
    gboolean raw = request->format != WIRE_FORMAT_FILE;
    if (request->kind == 0 || request->kind > KIND_MAX)
        return refuse(error, "request", "is of no known kind");
    if (request->format < WIRE_FORMAT_FILE || request->format > WIRE_FORMAT_GREY)
        return refuse(error, "request", "has an image of no known format");
    if (request->length == 0 || request->length > (raw ? WIRE_RAW_MAX : DV_IMAGE_BYTES_MAX))
        return refuse(error, "request", "has an image of no or too many bytes");
    if (raw != (request->width > 0 && request->height > 0 && request->stride > 0) ||
        (!raw && (request->width > 0 || request->height > 0 || request->stride > 0)) ||
        request->width > DV_IMAGE_SIDE_MAX || request->height > DV_IMAGE_SIDE_MAX)
        return refuse(error, "request", "has sides that do not go with its format");
    if (request->set > WIRE_SETS_MAX)
        return refuse(error, "request", "names a set of parameters that does not exist");
    return TRUE;
}

gboolean
wire_request_parse(const guint8 *bytes, gsize length, WireRequest *request, GError **error)
{
    Reader reader = {bytes, 4, length, FALSE};
    *request = (WireRequest){0};
    if (length != WIRE_REQUEST_SIZE || !has_magic(bytes, length, REQUEST_MAGIC))
        return refuse(error, "request", "is not of this protocol");
    request->kind = (guint)take(&reader, 4);
    request->id = (guint)take(&reader, 4);
    request->format = (WireFormat)take(&reader, 4);
    request->width = (guint)take(&reader, 4);
    request->height = (guint)take(&reader, 4);
    request->stride = (guint)take(&reader, 4);
    request->set = (guint)take(&reader, 2);
    guint flags = (guint)take(&reader, 2);
    request->length = (gsize)take(&reader, 8);
    request->wants_output = flags == 1;
    if (flags > 1)
        return refuse(error, "request", "sets bits that mean nothing");
    return check_request(request, error);
}

/* ---- answers */

gsize
wire_answer_write(const WireAnswer *answer, guint8 to[WIRE_ANSWER_MAX])
{
    Writer writer = {to, 0, WIRE_ANSWER_HEAD};
    g_assert(answer->length <= WIRE_BODY_MAX);
    put_text(&writer, ANSWER_MAGIC, 4);
    put(&writer, answer->id, 4);
    put(&writer, answer->kind, 1);
    put(&writer, answer->status, 1);
    put(&writer, 0, 2);
    put(&writer, answer->output, 4);
    for (gsize i = 0; i < answer->length; i++)
        to[WIRE_ANSWER_HEAD + i] = answer->body[i];
    return WIRE_ANSWER_HEAD + answer->length;
}

gboolean
wire_answer_parse(const guint8 *bytes, gsize length, WireAnswer *answer, GError **error)
{
    Reader reader = {bytes, 4, length, FALSE};
    answer->length = 0;
    if (length < WIRE_ANSWER_HEAD || length > WIRE_ANSWER_MAX ||
        !has_magic(bytes, length, ANSWER_MAGIC))
        return refuse(error, "answer", "is not of this protocol");
    answer->id = (guint)take(&reader, 4);
    answer->kind = (guint)take(&reader, 1);
    answer->status = (WireStatus)take(&reader, 1);
    if (take(&reader, 2) != 0 || answer->status > WIRE_REFUSED)
        return refuse(error, "answer", "sets bits that mean nothing");
    answer->output = (gsize)take(&reader, 4);
    if (answer->output > WIRE_OUTPUT_MAX)
        return refuse(error, "answer", "tells of more output than there is room for");
    while (reader.used < length)
        answer->body[answer->length++] = (guint8)take(&reader, 1);
    return TRUE;
}

/* ---- a reading */

static void
put_place(Writer *writer, double value)
{
    double bounded = isfinite(value) ? CLAMP(value, -PLACE_MOST, PLACE_MOST) : 0;
    put(writer, (guint32)(gint32)lround(bounded * FRACTION), 4);
}

static double
take_place(Reader *reader)
{
    return (double)(gint32)(guint32)take(reader, 4) / FRACTION;
}

void
wire_reading_write(const DvReading *reading, WireAnswer *answer)
{
    Writer writer = {answer->body, 0, WIRE_BODY_MAX};
    put(&writer, reading->line_count, 1);
    put(&writer, reading->has_quad ? 1 : 0, 1);
    put(&writer, MIN(reading->corrections, 255), 1);
    put(&writer, reading->guides, 1);
    put(&writer, reading->width, 4);
    put(&writer, reading->height, 4);
    put(&writer, (guint64)(CLAMP(reading->ms, 0, 1e6) * 1000), 4);
    for (guint i = 0; i < G_N_ELEMENTS(reading->quad); i++) {
        put_place(&writer, reading->quad[i].x);
        put_place(&writer, reading->quad[i].y);
    }
    put_text(&writer, reading->reason, sizeof reading->reason);
    for (guint line = 0; line < DV_MRZ_LINES_MAX; line++) {
        put_text(&writer, reading->lines[line], DV_MRZ_LINE_MAX + 1);
        for (guint i = 0; i < DV_MRZ_LINE_MAX; i++)
            put(&writer, (guint64)(CLAMP(reading->confidence[line][i], 0, 1) * 65535), 2);
    }
    answer->length = writer.used;
}

static gboolean
is_sane(const DvReading *reading)
{
    const char *end = NULL;
    gboolean valid = g_utf8_validate(reading->reason, -1, &end);
    if (!valid || reading->line_count > DV_MRZ_LINES_MAX || reading->width > DV_IMAGE_SIDE_MAX ||
        reading->height > DV_IMAGE_SIDE_MAX || reading->guides > DV_GUIDES_ALL ||
        (reading->line_count == 0) != (reading->reason[0] != '\0'))
        return FALSE;
    for (guint line = 0; line < reading->line_count; line++) {
        gsize length = strlen(reading->lines[line]);
        if (strspn(reading->lines[line], "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ<") != length ||
            length < 30 || length != strlen(reading->lines[0]))
            return FALSE;
    }
    return TRUE;
}

gboolean
wire_reading_parse(const WireAnswer *answer, DvReading *reading, GError **error)
{
    Reader reader = {answer->body, 0, answer->length, FALSE};
    *reading = (DvReading){0};
    reading->line_count = (guint)take(&reader, 1);
    guint quad = (guint)take(&reader, 1);
    reading->corrections = (guint)take(&reader, 1);
    reading->guides = (guint)take(&reader, 1);
    reading->width = (guint)take(&reader, 4);
    reading->height = (guint)take(&reader, 4);
    reading->ms = (double)take(&reader, 4) / 1000;
    reading->has_quad = quad == 1;
    for (guint i = 0; i < G_N_ELEMENTS(reading->quad); i++) {
        reading->quad[i].x = take_place(&reader);
        reading->quad[i].y = take_place(&reader);
        if (fabs(reading->quad[i].x) > PLACE_MOST || fabs(reading->quad[i].y) > PLACE_MOST)
            return refuse(error, "answer", "places a zone beside every image");
    }
    take_text(&reader, reading->reason, sizeof reading->reason);
    for (guint line = 0; line < DV_MRZ_LINES_MAX; line++) {
        take_text(&reader, reading->lines[line], DV_MRZ_LINE_MAX + 1);
        for (guint i = 0; i < DV_MRZ_LINE_MAX; i++)
            reading->confidence[line][i] = (float)take(&reader, 2) / 65535.0f;
    }
    if (reader.short_of || reader.used != reader.size || quad > 1)
        return refuse(error, "answer", "is not of a reading's size");
    return is_sane(reading) || refuse(error, "answer", "holds what no reading can be");
}
