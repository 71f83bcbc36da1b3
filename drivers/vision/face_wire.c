// SPDX-License-Identifier: Apache-2.0
/* Answers about faces, byte by byte, little end first. */
#include "face_wire.h"
#include <string.h>

#define PARTS 65536.0 /* steps of the image's width or height in which a box travels */
#define MILLION 1000000

typedef struct {
    guint8 *at;
    gsize used;
} Writer;

typedef struct {
    const guint8 *at;
    gsize used, size;
    gboolean short_of;
} Reader;

static void
put(Writer *writer, guint64 value, guint bytes)
{
    g_assert(writer->used + bytes <= WIRE_BODY_MAX);
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

static gint
take_signed(Reader *reader)
{
    return (gint)(gint32)(guint32)take(reader, 4);
}

static void
put_text(Writer *writer, const char *text, gsize size)
{
    gsize length = strnlen(text, size - 1);
    for (gsize i = 0; i < size; i++)
        put(writer, i < length ? (guint8)text[i] : 0, 1);
}

/* FALSE unless it is plain UTF-8, ended, and nothing follows its end. */
static gboolean
take_text(Reader *reader, char *to, gsize size)
{
    for (gsize i = 0; i < size; i++)
        to[i] = (char)take(reader, 1);
    gsize length = strnlen(to, size);
    if (length == size || !g_utf8_validate(to, -1, NULL))
        return FALSE;
    for (gsize i = 0; i < size; i++)
        if (i < length ? g_ascii_iscntrl(to[i]) : to[i] != 0)
            return FALSE;
    return TRUE;
}

static gboolean
refuse(GError **error, const char *what)
{
    g_set_error(error, DV_ERROR, DV_ERROR_INVALID, "the answer %s", what);
    return FALSE;
}

/* ---- a view */

void
face_view_write(const DvFaceView *view, gsize view_length, gsize portrait_length,
                WireAnswer *answer)
{
    Writer writer = {answer->body, 0};
    put(&writer, view_length, 4);
    put(&writer, portrait_length, 4);
    put(&writer, view->width, 4);
    put(&writer, view->height, 4);
    put(&writer, view->judged ? 1 : 0, 1);
    put(&writer, view->faces, 1);
    put(&writer, view->has_box ? 1 : 0, 1);
    put(&writer, view->pose_judged ? 1 : 0, 1);
    for (guint i = 0; i < 4; i++)
        put(&writer, (guint32)(gint32)(CLAMP(view->box[i], -2, 2) * PARTS), 4);
    put(&writer, view->findings, 1);
    for (guint i = 0; i < view->findings; i++)
        put(&writer, view->finding[i], 1);
    answer->length = writer.used;
    answer->output = view_length + portrait_length;
}

static gboolean
take_findings(Reader *reader, DvFaceView *view)
{
    view->findings = (guint)take(reader, 1);
    if (view->findings > DV_FACE_FINDINGS_MAX)
        return FALSE;
    for (guint i = 0; i < view->findings; i++) {
        guint code = (guint)take(reader, 1);
        if (code >= DV_FACE_CODES)
            return FALSE;
        view->finding[i] = (DvFaceCode)code;
    }
    return TRUE;
}

gboolean
face_view_parse(const WireAnswer *answer, DvFaceView *view, gsize *view_length,
                gsize *portrait_length, GError **error)
{
    Reader reader = {answer->body, 0, answer->length, FALSE};
    *view = (DvFaceView){0};
    *view_length = (gsize)take(&reader, 4);
    *portrait_length = (gsize)take(&reader, 4);
    view->width = (guint)take(&reader, 4);
    view->height = (guint)take(&reader, 4);
    guint judged = (guint)take(&reader, 1);
    view->faces = (guint)take(&reader, 1);
    guint box = (guint)take(&reader, 1), pose = (guint)take(&reader, 1);
    for (guint i = 0; i < 4; i++)
        view->box[i] = take_signed(&reader) / PARTS;
    view->judged = judged == 1;
    view->has_box = box == 1;
    view->pose_judged = pose == 1;
    if (!take_findings(&reader, view) || reader.short_of || reader.used != reader.size)
        return refuse(error, "is not of a view's size");
    if (judged > 1 || box > 1 || pose > 1 || view->faces > DV_FACES_MAX ||
        (view->faces > 0) != view->has_box || (!view->judged && (view->faces || view->findings)))
        return refuse(error, "holds what no view can be");
    for (guint i = 0; i < 4; i++)
        if (view->box[i] < -2 || view->box[i] > 2)
            return refuse(error, "places a face beside every image");
    if (view->width == 0 || view->height == 0 || view->width > DV_VIEW_SIDE_MAX ||
        view->height > DV_VIEW_SIDE_MAX || *view_length == 0 || *view_length > DV_VIEW_BYTES_MAX ||
        *portrait_length > DV_PORTRAIT_BYTES_MAX ||
        *view_length + *portrait_length != answer->output)
        return refuse(error, "has pictures that no view has");
    return TRUE;
}

/* ---- a comparison */

void
face_compared_write(const DvFaceMatch *match, const DvFaceComparison *comparison,
                    WireAnswer *answer)
{
    Writer writer = {answer->body, 0};
    put(&writer, match->result, 1);
    put(&writer, (guint32)match->score, 4);
    put(&writer, (guint32)match->threshold, 4);
    put(&writer, comparison->on ? 1 : 0, 1);
    put(&writer, (guint32)comparison->false_match, 4);
    put(&writer, (guint32)comparison->false_non_match, 4);
    put_text(&writer, comparison->reason, sizeof comparison->reason);
    put_text(&writer, comparison->name, sizeof comparison->name);
    put_text(&writer, comparison->licence, sizeof comparison->licence);
    put_text(&writer, comparison->measured_on, sizeof comparison->measured_on);
    answer->length = writer.used;
}

/* What is said fits together: a score goes with a model, and with what its operator stated. */
static gboolean
fits(const DvFaceMatch *match, const DvFaceComparison *comparison)
{
    gboolean scored = match->result >= DV_FACE_MATCH_ABOVE;
    if (!scored)
        return match->score == 0 && match->threshold == 0 &&
               (match->result == DV_FACE_MATCH_OFF) == !comparison->on;
    return comparison->on && ABS(match->score) <= 1000 && ABS(match->threshold) <= 1000 &&
           (match->score >= match->threshold) == (match->result == DV_FACE_MATCH_ABOVE) &&
           comparison->name[0] && comparison->licence[0] && comparison->measured_on[0];
}

gboolean
face_compared_parse(const WireAnswer *answer, DvFaceMatch *match, DvFaceComparison *comparison,
                    GError **error)
{
    Reader reader = {answer->body, 0, answer->length, FALSE};
    *match = (DvFaceMatch){0};
    *comparison = (DvFaceComparison){0};
    guint result = (guint)take(&reader, 1);
    match->score = take_signed(&reader);
    match->threshold = take_signed(&reader);
    guint on = (guint)take(&reader, 1);
    comparison->on = on == 1;
    comparison->false_match = take_signed(&reader);
    comparison->false_non_match = take_signed(&reader);
    gboolean texts = take_text(&reader, comparison->reason, sizeof comparison->reason) &&
                     take_text(&reader, comparison->name, sizeof comparison->name) &&
                     take_text(&reader, comparison->licence, sizeof comparison->licence) &&
                     take_text(&reader, comparison->measured_on, sizeof comparison->measured_on);
    match->result = (DvFaceMatchResult)result;
    if (!texts || reader.short_of || reader.used != reader.size)
        return refuse(error, "is not of a comparison's size or has no plain texts");
    if (result > DV_FACE_MATCH_BELOW || on > 1 || comparison->false_match < 0 ||
        comparison->false_match > MILLION || comparison->false_non_match < 0 ||
        comparison->false_non_match > MILLION || !fits(match, comparison))
        return refuse(error, "holds what no comparison can be");
    return TRUE;
}

/* ---- a document's page */

void
face_page_write(gsize portrait_length, gsize page_length, WireAnswer *answer)
{
    Writer writer = {answer->body, 0};
    put(&writer, portrait_length, 4);
    put(&writer, page_length, 4);
    answer->length = writer.used;
    answer->output = portrait_length + page_length;
}

gboolean
face_page_parse(const WireAnswer *answer, gsize *portrait_length, gsize *page_length,
                GError **error)
{
    Reader reader = {answer->body, 0, answer->length, FALSE};
    *portrait_length = (gsize)take(&reader, 4);
    *page_length = (gsize)take(&reader, 4);
    if (reader.short_of || reader.used != reader.size)
        return refuse(error, "is not of a page's size");
    if (*portrait_length > DV_PORTRAIT_BYTES_MAX || *page_length > DV_PAGE_BYTES_MAX ||
        *portrait_length + *page_length != answer->output)
        return refuse(error, "has pictures that no page has");
    return TRUE;
}

gboolean
face_pair_split(const guint8 *bytes, gsize length, gsize *first, GError **error)
{
    Reader reader = {bytes, 0, length, FALSE};
    *first = (gsize)take(&reader, 4);
    if (reader.short_of || *first == 0 || *first > DV_PORTRAIT_BYTES_MAX || length <= 4 + *first ||
        length - 4 - *first > DV_PORTRAIT_BYTES_MAX) {
        g_set_error_literal(error, DV_ERROR, DV_ERROR_INVALID,
                            "the request does not hold two portraits");
        return FALSE;
    }
    return TRUE;
}
