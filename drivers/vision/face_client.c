// SPDX-License-Identifier: Apache-2.0
#include "client.h"
#include "face_wire.h"
#include <unistd.h>

typedef struct {
    DvFaceViewDone view;
    DvFaceComparedDone compared;
    DvFacePageDone page;
    void *data;
} Asked;

static Asked *
asked_new(const Asked *what)
{
    Asked *asked = g_new(Asked, 1);
    *asked = *what;
    return asked;
}

/* ---- a view */

static void
on_view(const WireAnswer *answer, GBytes *output, const GError *error, void *data)
{
    const Asked *asked = data;
    DvFaceView view;
    gsize length = 0, portrait_length = 0;
    g_autoptr(GError) nonsense = NULL;
    g_autoptr(GBytes) jpeg = NULL, portrait = NULL;
    if (error == NULL && face_view_parse(answer, &view, &length, &portrait_length, &nonsense) &&
        output != NULL) {
        jpeg = g_bytes_new_from_bytes(output, 0, length);
        portrait =
            portrait_length > 0 ? g_bytes_new_from_bytes(output, length, portrait_length) : NULL;
    }
    if (error == NULL && jpeg == NULL && nonsense == NULL)
        g_set_error_literal(&nonsense, DV_ERROR, DV_ERROR_INVALID, "the answer has no picture");
    error = error != NULL ? error : nonsense;
    asked->view(error == NULL ? &view : NULL, jpeg, portrait, error, asked->data);
}

gboolean
dv_vision_client_view(DvVisionClient *client, const DvVisionImage *image, gboolean judged,
                      gboolean portrait, DvFaceViewDone done, void *data, GError **error)
{
    DvVisionImage asked_for = *image;
    asked_for.set = (judged ? FACE_WANT_JUDGED : 0) | (judged && portrait ? FACE_WANT_PORTRAIT : 0);
    Asked *asked = asked_new(&(Asked){.view = done, .data = data});
    if (vision_client_call(client, WIRE_VIEW, &asked_for, on_view, asked, g_free, error))
        return TRUE;
    g_free(asked);
    return FALSE;
}

/* ---- a comparison */

static void
on_compared(const WireAnswer *answer, GBytes *output, const GError *error, void *data)
{
    const Asked *asked = data;
    DvFaceMatch match;
    DvFaceComparison comparison;
    g_autoptr(GError) nonsense = NULL;
    (void)output;
    if (error == NULL && !face_compared_parse(answer, &match, &comparison, &nonsense))
        error = nonsense;
    asked->compared(error == NULL ? &match : NULL, error == NULL ? &comparison : NULL, error,
                    asked->data);
}

gboolean
dv_vision_client_compare(DvVisionClient *client, GBytes *one, GBytes *other,
                         DvFaceComparedDone done, void *data, GError **error)
{
    gsize first = g_bytes_get_size(one);
    g_autoptr(GByteArray) pair = g_byte_array_new();
    for (guint i = 0; i < 4; i++) {
        guint8 byte = (guint8)(first >> (8 * i));
        g_byte_array_append(pair, &byte, 1);
    }
    g_byte_array_append(pair, g_bytes_get_data(one, NULL), (guint)first);
    g_byte_array_append(pair, g_bytes_get_data(other, NULL), (guint)g_bytes_get_size(other));
    int file = dv_vision_seal(pair->data, pair->len, error);
    if (file < 0)
        return FALSE;
    const DvVisionImage image = {.format = DV_VISION_FILE, .file = file, .length = pair->len};
    Asked *asked = asked_new(&(Asked){.compared = done, .data = data});
    gboolean up =
        vision_client_call(client, WIRE_COMPARE, &image, on_compared, asked, g_free, error);
    close(file);
    if (!up)
        g_free(asked);
    return up;
}

/* ---- a document's page */

static void
on_page(const WireAnswer *answer, GBytes *output, const GError *error, void *data)
{
    const Asked *asked = data;
    g_autoptr(GError) nonsense = NULL;
    g_autoptr(GBytes) portrait = NULL, page = NULL;
    gsize first = 0, second = 0;
    if (error == NULL && face_page_parse(answer, &first, &second, &nonsense) && output != NULL) {
        portrait = first > 0 ? g_bytes_new_from_bytes(output, 0, first) : NULL;
        page = second > 0 ? g_bytes_new_from_bytes(output, first, second) : NULL;
    }
    asked->page(portrait, page, error != NULL ? error : nonsense, asked->data);
}

gboolean
dv_vision_client_page(DvVisionClient *client, const DvVisionImage *image, DvFacePageDone done,
                      void *data, GError **error)
{
    Asked *asked = asked_new(&(Asked){.page = done, .data = data});
    if (vision_client_call(client, WIRE_PAGE, image, on_page, asked, g_free, error))
        return TRUE;
    g_free(asked);
    return FALSE;
}
