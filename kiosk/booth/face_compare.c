// SPDX-License-Identifier: Apache-2.0
/* Asks how alike the two portraits are. A finding; that no answer came is one too. */
#include "booth_private.h"

#include <darvaza/log.h>

#define COMPARE_TRIES 2

typedef struct {
    DvBooth *booth;
    char *crossing_id;
    guint takes;
} Comparison;

static void ask_to_compare(DvBooth *booth);

/* Once more, as darvaza-vision may just have been restarted; then it is a failure and said to be.
 */
static void
take_no_answer(DvBooth *booth, const GError *error)
{
    dv_log_warning("faces: comparing: %s", error->message);
    DvFaceCapture *face = &booth->inspection->face;
    if (face->asked < COMPARE_TRIES) {
        ask_to_compare(booth);
        return;
    }
    face->compare_failed = TRUE;
    dv_booth_announce(booth);
}

static void
take_comparison(DvBooth *booth, const DvFacesCompared *compared)
{
    DvFaceCapture *face = &booth->inspection->face;
    dv_faces_compared_clear(&face->compared);
    face->compared = *compared;
    face->compared.reason = g_strdup(compared->reason);
    face->compared.model = g_strdup(compared->model);
    face->compared.licence = g_strdup(compared->licence);
    face->compared.measured_on = g_strdup(compared->measured_on);
    face->compared_known = TRUE;
    booth->compares_none = compared->result == DV_FACES_OFF;
    dv_booth_announce(booth);
}

static void
on_compared(const DvFacesCompared *compared, const GError *error, void *data)
{
    Comparison *asked = data;
    DvBooth *booth = asked->booth;
    /* Also when the booth is going away: then nothing of it may be touched. */
    gboolean going = error && g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
    gboolean ours = !going && booth->inspection &&
                    g_str_equal(booth->inspection->crossing_id, asked->crossing_id) &&
                    booth->inspection->face.takes == asked->takes;
    if (ours && error)
        take_no_answer(booth, error);
    else if (ours)
        take_comparison(booth, compared);
    g_free(asked->crossing_id);
    g_free(asked);
}

void
dv_face_compare(DvBooth *booth)
{
    DvFaceCapture *face = &booth->inspection->face;
    dv_faces_compared_clear(&face->compared);
    face->compared_known = face->compare_failed = FALSE;
    face->asked = 0;
    if (face->live && face->document)
        ask_to_compare(booth);
}

static void
ask_to_compare(DvBooth *booth)
{
    DvInspection *inspection = booth->inspection;
    inspection->face.asked++;
    Comparison *asked = g_new0(Comparison, 1);
    *asked = (Comparison){booth, g_strdup(inspection->crossing_id), inspection->face.takes};
    dv_devices_client_compare(booth->devices, inspection->face.live, inspection->face.document,
                              on_compared, asked);
}
