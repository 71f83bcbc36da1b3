// SPDX-License-Identifier: Apache-2.0
/* What speaks against a portrait, as a word and as what to do about it. */
#include <darvaza/face.h>

static const struct {
    const char *word, *advice;
} words[DV_FACE_CODES] = {
    [DV_FACE_NONE] = {"no_face", "No face is seen. Look into the camera."},
    [DV_FACE_SEVERAL] = {"several_faces", "Several faces are seen. One person at a time."},
    [DV_FACE_TOO_FAR] = {"too_far", "Come closer."},
    [DV_FACE_TOO_CLOSE] = {"too_close", "Step back a little."},
    [DV_FACE_OFF_CENTRE] = {"off_centre", "Move to the middle."},
    [DV_FACE_CUT_OFF] = {"cut_off", "The head is cut off. Move the camera or step back."},
    [DV_FACE_TOO_DARK] = {"too_dark", "Too dark. Turn the light on."},
    [DV_FACE_TOO_BRIGHT] = {"too_bright", "Too bright. Turn the light down."},
    [DV_FACE_GLARE] = {"glare", "Light is reflected. Turn a little away from the lamp."},
    [DV_FACE_FLAT] = {"flat", "There is hardly any contrast. Clean the lens."},
    [DV_FACE_UNEVEN] = {"uneven", "Light falls from one side. Turn towards the light."},
    [DV_FACE_BLURRED] = {"blurred", "Blurred. Hold still."},
    [DV_FACE_TINTED] = {"tinted", "Coloured light falls on the face. Use white light."},
    [DV_FACE_TURNED] = {"turned", "The head is turned. Look straight ahead."},
    [DV_FACE_TILTED] = {"tilted", "The head is tilted. Hold it upright."},
    [DV_FACE_NODDED] = {"nodded", "The chin is raised or lowered. Look straight ahead."},
};

const char *
dv_face_code_word(DvFaceCode code)
{
    return (guint)code < DV_FACE_CODES ? words[code].word : NULL;
}

const char *
dv_face_code_advice(DvFaceCode code)
{
    return (guint)code < DV_FACE_CODES ? words[code].advice : NULL;
}
