// SPDX-License-Identifier: Apache-2.0
/* The side file of a comparison model: what its operator states about it, or comparison is off. */
#include "faces_private.h"
#include <darvaza/config.h>
#include <string.h>

#define MILLION 1000000

static const DvConfigKey keys[] = {
    {"model", "file", DV_CONFIG_PATH, NULL, 0, 0, "the network (ONNX)"},
    {"model", "sha256", DV_CONFIG_STRING, NULL, 0, 0, "of that file, lower-case hexadecimal"},
    {"model", "name", DV_CONFIG_STRING, NULL, 0, 0, "as the officer sees it"},
    {"model", "licence", DV_CONFIG_STRING, NULL, 0, 0, "under which it is used here"},
    {"model", "mean", DV_CONFIG_INT, "127500", 0, 255000, "taken from each level, in thousandths"},
    {"model", "scale", DV_CONFIG_INT, "127500", 1, 255000, "each level is divided by it, likewise"},
    {"rates", "threshold", DV_CONFIG_INT, NULL, -1000, 1000, "of the cosine, in thousandths"},
    {"rates", "false_match_per_million", DV_CONFIG_INT, NULL, 0, MILLION,
     "pairs of two persons that reach the threshold"},
    {"rates", "false_non_match_per_million", DV_CONFIG_INT, NULL, 0, MILLION,
     "pairs of one person that do not"},
    {"rates", "measured_on", DV_CONFIG_STRING, NULL, 0, 0, "the set on which the rates were found"},
    {NULL, NULL, DV_CONFIG_STRING, NULL, 0, 0, NULL},
};

static gboolean
off(DvFaceComparison *state, const char *why)
{
    g_strlcpy(state->reason, why, sizeof state->reason);
    return FALSE;
}

/* A statement that is only blanks states nothing; a longer one would be cut. */
static gboolean
take_text(const DvConfig *config, const char *group, const char *key, char *out, gsize size,
          DvFaceComparison *state)
{
    g_autofree char *text = g_strstrip(g_strdup(dv_config_string(config, group, key)));
    if (*text != '\0' && g_strlcpy(out, text, size) < size)
        return TRUE;
    g_autofree char *why = g_strdup_printf("its side file has nothing or too much under %s", key);
    return off(state, why);
}

static gboolean
is_sha256(const char *word)
{
    return strlen(word) == 64 && strspn(word, "0123456789abcdef") == 64;
}

gboolean
face_side_load(const char *path, FaceSide *side, DvFaceComparison *state)
{
    g_autoptr(GError) error = NULL;
    *side = (FaceSide){0};
    *state = (DvFaceComparison){0};
    if (path == NULL || *path == '\0')
        return off(state, "no comparison model is installed");
    g_autoptr(DvConfig) config = dv_config_load(path, keys, &error);
    if (config == NULL)
        return off(state, error->message);
    if (!is_sha256(dv_config_string(config, "model", "sha256")))
        return off(state, "its side file states no SHA-256");
    if (!take_text(config, "model", "name", state->name, sizeof state->name, state) ||
        !take_text(config, "model", "licence", state->licence, sizeof state->licence, state) ||
        !take_text(config, "rates", "measured_on", state->measured_on, sizeof state->measured_on,
                   state))
        return FALSE;
    state->threshold = (gint)dv_config_int(config, "rates", "threshold");
    state->false_match = (gint)dv_config_int(config, "rates", "false_match_per_million");
    state->false_non_match = (gint)dv_config_int(config, "rates", "false_non_match_per_million");
    side->model = g_strdup(dv_config_string(config, "model", "file"));
    g_strlcpy(side->sha256, dv_config_string(config, "model", "sha256"), sizeof side->sha256);
    side->mean = (double)dv_config_int(config, "model", "mean") / 1000;
    side->scale = (double)dv_config_int(config, "model", "scale") / 1000;
    return TRUE;
}

void
face_side_clear(FaceSide *side)
{
    g_clear_pointer(&side->model, g_free);
}
