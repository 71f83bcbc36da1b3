// SPDX-License-Identifier: Apache-2.0
#pragma once
/*
 * Faces in images: where they are, what speaks against a portrait, the portrait itself, and, with
 * an operator's model alone, how alike two portraits are. OpenCV works behind this header: no
 * exception, no matrix and no thread of it crosses, running out of memory included
 * (DV_ERROR_FULL). Pixels are the caller's and are never kept. Nothing here judges a person: every
 * answer is a finding for the officer.
 */
#include <darvaza/vision.h>

#define DV_FACES_MAX 8
#define DV_FACE_FINDINGS_MAX 16
#define DV_PORTRAIT_WIDTH 240
#define DV_PORTRAIT_HEIGHT 320
#define DV_PORTRAIT_BYTES_MAX (20 * 1024) /* a sealed record holds two of them */

G_BEGIN_DECLS

/* ---- models ---- */

/* Where the models lie; NULL or "" for none. */
typedef struct {
    const char *cascade;    /* a cascade for frontal faces, as Debian's opencv-data has them */
    const char *detector;   /* a YuNet network (ONNX, 320 or 640 px); goes before the cascade */
    const char *comparison; /* side file of a comparison model (docs/formats/face-model.md) */
} DvFaceFiles;

/* What the side file of a comparison model states. */
typedef struct {
    gboolean on;
    char reason[200]; /* a sentence's part: why it is off */
    char name[64], licence[64], measured_on[200];
    gint threshold;       /* thousandths of the cosine */
    gint false_match;     /* persons taken for another, of a million; at the threshold */
    gint false_non_match; /* persons not recognised, of a million */
} DvFaceComparison;

typedef struct DvFaces DvFaces;

/* Reads the models into memory and tries each once, so that nothing is opened later. A detector
 * that cannot be used is an error (DV_ERROR_CONFIG, DV_ERROR_IO); so is none at all. A comparison
 * model that cannot be used is comparison being off, with its reason. Free with dv_faces_free. */
DvFaces *dv_faces_load(const DvFaceFiles *files, GError **error);
void dv_faces_free(DvFaces *faces);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DvFaces, dv_faces_free)

/* Belongs to faces. */
const DvFaceComparison *dv_faces_comparison(const DvFaces *faces);
/* Whether faces come with landmarks (network) or as a box alone (cascade). */
gboolean dv_faces_have_landmarks(const DvFaces *faces);

/* ---- detection ---- */

enum { DV_FACE_RIGHT_EYE, DV_FACE_LEFT_EYE, DV_FACE_NOSE, DV_FACE_MOUTH_RIGHT, DV_FACE_MOUTH_LEFT };

typedef struct {
    double x, y, width, height; /* of the face's box, in pixels of the image */
    double score;               /* the detector's own, comparable within one detector alone */
    gboolean has_landmarks;
    DvPoint landmark[5]; /* right and left are the person's */
} DvFace;

typedef struct {
    guint count; /* largest first */
    DvFace face[DV_FACES_MAX];
} DvFaceList;

/* Finds upright faces of at least a tenth of the image's smaller side, in grey or colour. */
gboolean dv_faces_find(DvFaces *faces, const DvImage *image, DvFaceList *list, GError **error);

/* ---- quality (ISO/IEC 19794-5, as far as pixels and landmarks can tell) ---- */

typedef enum {
    DV_FACE_NONE,
    DV_FACE_SEVERAL,
    DV_FACE_TOO_FAR,
    DV_FACE_TOO_CLOSE,
    DV_FACE_OFF_CENTRE,
    DV_FACE_CUT_OFF,
    DV_FACE_TOO_DARK,
    DV_FACE_TOO_BRIGHT,
    DV_FACE_GLARE,
    DV_FACE_FLAT,
    DV_FACE_UNEVEN,
    DV_FACE_BLURRED,
    DV_FACE_TINTED,
    DV_FACE_TURNED,
    DV_FACE_TILTED,
    DV_FACE_NODDED,
    DV_FACE_CODES
} DvFaceCode;

typedef struct {
    DvFaceCode code;
    gint value, limit; /* what was measured and what it missed; units: docs/portraits.md */
} DvFaceFinding;

typedef struct {
    guint count;                                 /* 0: nothing speaks against this portrait */
    DvFaceFinding finding[DV_FACE_FINDINGS_MAX]; /* the first is the first to mend */
    gboolean
        pose_judged;     /* FALSE without landmarks: turned, tilted and nodded were not looked at */
    double eye_distance; /* pixels; estimated from the box without landmarks */
} DvFaceReport;

/* Judges the largest face of the list as a live portrait. */
gboolean dv_faces_judge(const DvImage *image, const DvFaceList *list, DvFaceReport *report,
                        GError **error);
/* "too_far" and so on; static. NULL for no code. */
const char *dv_face_code_word(DvFaceCode code);
/* What to do about it, in plain words: "Come closer." Static. */
const char *dv_face_code_advice(DvFaceCode code);

/* ---- portraits ---- */

typedef struct {
    gsize length; /* 0: none */
    guint8 jpeg[DV_PORTRAIT_BYTES_MAX];
    guint quality; /* of the JPEG: 90, less only where 20 KiB would not have held it */
} DvPortrait;

/* Cuts the face as a portrait: as wide as 3.2 eye distances (35 of 35 x 45 mm), upright, eyes at
 * 45 % from above; 240 x 320 pixels, so 11 rows more of the chest than 35:45 has. What lies
 * outside the image repeats its edge. */
gboolean dv_faces_portrait(const DvImage *image, const DvFace *face, DvPortrait *portrait,
                           GError **error);

/* A frame for a page to show: shrunk to at most side pixels a side and compressed to at most most
 * bytes. Needs no model. */
gboolean dv_faces_view(const DvImage *image, guint side, guint quality, guint8 *to, gsize most,
                       gsize *length, guint *width, guint *height, GError **error);

/* Finds and cuts the portrait of a document's page. reading has the zone's quad and lines: its
 * pitch of 2.54 mm gives scale and direction, so the page may lie in any direction. length is 0
 * where there is none: papers of format TD1 have it on their other side. */
gboolean dv_faces_document(DvFaces *faces, const DvImage *image, const DvReading *reading,
                           DvPortrait *portrait, GError **error);

#define DV_PAGE_BYTES_MAX (24 * 1024) /* a sealed record holds it beside the portraits */

/* Cuts the page that a zone stands on, level, at 6 pixels a millimetre or fewer, with as many
 * channels as the image, and compresses it to at most most bytes. What else the picture shows is
 * left out, but for a margin of some millimetres. Needs no model. *length is 0 where reading has no
 * zone. */
gboolean dv_faces_page(const DvImage *image, const DvReading *reading, guint8 *to, gsize most,
                       gsize *length, GError **error);

/* ---- comparison ---- */

typedef enum {
    DV_FACE_MATCH_OFF,     /* no usable model, or no landmarks; dv_faces_comparison says why */
    DV_FACE_MATCH_NO_FACE, /* one of the two has no face that can be aligned */
    DV_FACE_MATCH_ABOVE,   /* the score reaches the operator's threshold */
    DV_FACE_MATCH_BELOW
} DvFaceMatchResult;

typedef struct {
    DvFaceMatchResult result;
    gint score, threshold; /* thousandths; 0 unless ABOVE or BELOW */
} DvFaceMatch;

/* Compares the largest faces of two colour images, portraits as a rule. A finding, never a
 * decision: what a score means is what the side file states. */
gboolean dv_faces_compare(DvFaces *faces, const DvImage *one, const DvImage *other,
                          DvFaceMatch *match, GError **error);

G_END_DECLS
