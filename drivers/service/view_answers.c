// SPDX-License-Identifier: Apache-2.0
/* What was seen on a frame, and how alike two faces are, in the words of org.darvaza.Devices1. */
#include "views.h"
#include <darvaza/bus.h>
#include <darvaza/error.h>

static void
add_findings(const DvPages *pages, const char *id, const DvFaceView *seen, GVariantDict *meta)
{
    guint guides = 0, count = 0;
    const char *words[DV_FACE_FINDINGS_MAX + 2] = {NULL};
    if (pages != NULL && dv_pages_guides(pages, id, &guides)) {
        g_autofree const char **list = dv_pages_guide_words(guides);
        if (guides == 0 && dv_pages_lies_read(pages)) {
            words[count++] = "read";
            g_variant_dict_insert_value(meta, "findings", g_variant_new_strv(words, (gssize)count));
            return;
        }
        g_variant_dict_insert_value(meta, "findings", g_variant_new_strv(list, -1));
        return;
    }
    if (!seen->judged) /* there is no detector, or nothing was looked at yet */
        words[count++] = "unjudged";
    for (guint i = 0; i < seen->findings; i++)
        words[count++] = dv_face_code_word(seen->finding[i]);
    g_variant_dict_insert_value(meta, "findings", g_variant_new_strv(words, (gssize)count));
}

GVariant *
dv_view_describe(const DvPages *pages, const char *id, const DvFaceView *view,
                 const DvFaceView *seen, GBytes *portrait)
{
    GVariantDict meta;
    g_variant_dict_init(&meta, NULL);
    g_variant_dict_insert(&meta, "width", "u", view->width);
    g_variant_dict_insert(&meta, "height", "u", view->height);
    g_variant_dict_insert(&meta, "judged", "b", view->judged);
    g_variant_dict_insert(&meta, "faces", "u", seen->faces);
    g_variant_dict_insert(&meta, "pose_judged", "b", seen->pose_judged);
    if (seen->has_box)
        g_variant_dict_insert(&meta, "box", "(dddd)", seen->box[0], seen->box[1], seen->box[2],
                              seen->box[3]);
    add_findings(pages, id, seen, &meta);
    if (portrait != NULL)
        g_variant_dict_insert_value(
            &meta, "portrait", g_variant_new_from_bytes(G_VARIANT_TYPE_BYTESTRING, portrait, TRUE));
    return g_variant_dict_end(&meta);
}

/* ---- two faces */

typedef struct {
    DvBusDevices1 *skeleton;
    GDBusMethodInvocation *invocation;
} Comparing;

static GVariant *
compared_dict(const DvFaceMatch *match, const DvFaceComparison *comparison)
{
    static const char *const words[] = {"off", "no_face", "above", "below"};
    GVariantDict dict;
    g_variant_dict_init(&dict, NULL);
    g_variant_dict_insert(&dict, "result", "s", words[match->result]);
    g_variant_dict_insert(&dict, "reason", "s", comparison->reason);
    if (match->result < DV_FACE_MATCH_ABOVE)
        return g_variant_dict_end(&dict);
    g_variant_dict_insert(&dict, "score", "i", match->score);
    g_variant_dict_insert(&dict, "threshold", "i", match->threshold);
    g_variant_dict_insert(&dict, "model", "s", comparison->name);
    g_variant_dict_insert(&dict, "licence", "s", comparison->licence);
    g_variant_dict_insert(&dict, "measured_on", "s", comparison->measured_on);
    g_variant_dict_insert(&dict, "false_match", "u", (guint)comparison->false_match);
    g_variant_dict_insert(&dict, "false_non_match", "u", (guint)comparison->false_non_match);
    return g_variant_dict_end(&dict);
}

static void
on_compared(const DvFaceMatch *match, const DvFaceComparison *comparison, const GError *error,
            void *data)
{
    Comparing *comparing = data;
    if (error != NULL)
        dv_bus_return_error(comparing->invocation, error);
    else
        dv_bus_devices1_complete_compare_faces(comparing->skeleton, comparing->invocation,
                                               compared_dict(match, comparison));
    g_object_unref(comparing->skeleton);
    g_free(comparing);
}

static GBytes *
portrait_of(GVariant *value)
{
    gsize length = 0;
    const void *data = g_variant_get_fixed_array(value, &length, 1);
    return length > 0 && length <= DV_PORTRAIT_BYTES_MAX ? g_bytes_new(data, length) : NULL;
}

void
dv_compare_faces(DvVisionClient *vision, DvBusDevices1 *skeleton, GDBusMethodInvocation *invocation,
                 GVariant *one, GVariant *other)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GBytes) first = portrait_of(one), second = portrait_of(other);
    Comparing *comparing = g_new0(Comparing, 1);
    *comparing = (Comparing){g_object_ref(skeleton), invocation};
    if (first == NULL || second == NULL)
        g_set_error_literal(&error, DV_ERROR, DV_ERROR_INVALID,
                            "comparing faces: a portrait has 1 to 20,480 bytes");
    else if (dv_vision_client_compare(vision, first, second, on_compared, comparing, &error))
        return;
    on_compared(NULL, NULL, error, comparing);
}
