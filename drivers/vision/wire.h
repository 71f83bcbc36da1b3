// SPDX-License-Identifier: Apache-2.0
#pragma once
/*
 * What the device service and darvaza-vision say to each other (docs/formats/vision-ipc.md). Pure:
 * bytes to values and back, nothing else. Both sides take the other's bytes for hostile.
 */
#include <darvaza/vision.h>

#define WIRE_REQUEST_SIZE 40
#define WIRE_ANSWER_HEAD 16
#define WIRE_BODY_MAX 4096
#define WIRE_ANSWER_MAX (WIRE_ANSWER_HEAD + WIRE_BODY_MAX)
#define WIRE_OUTPUT_MAX (512 * 1024)    /* what an answer may put into the output file */
#define WIRE_RAW_MAX (16 * 1024 * 1024) /* bytes of an image that is not compressed */
#define WIRE_SETS_MAX 8                 /* ways of finding ink; 0: one after the other */

typedef enum {
    WIRE_READ_MRZ = 1,
    WIRE_VIEW = 2, /* face_wire.h, as the next two */
    WIRE_COMPARE = 3,
    WIRE_PAGE = 4,
} WireKind;

typedef enum {
    WIRE_FORMAT_FILE = 1, /* JPEG or PNG, told by its first bytes */
    WIRE_FORMAT_YUY2 = 2,
    WIRE_FORMAT_GREY = 3,
} WireFormat;

typedef struct {
    guint kind; /* WireKind, or what a newer peer knows */
    guint id;   /* comes back with the answer */
    WireFormat format;
    guint width, height, stride; /* 0 unless pixels are raw */
    gsize length;                /* bytes of the image */
    guint set;                   /* of ink parameters; 0: all in turn */
    gboolean wants_output;       /* a second file is there to be written to */
} WireRequest;

void wire_request_write(const WireRequest *request, guint8 to[WIRE_REQUEST_SIZE]);
/* DV_ERROR_INVALID where a field is outside what this page of the protocol allows. */
gboolean wire_request_parse(const guint8 *bytes, gsize length, WireRequest *request,
                            GError **error);

typedef enum {
    WIRE_DONE = 0,
    WIRE_REFUSED = 1, /* the request itself; the body is a sentence */
} WireStatus;

typedef struct {
    guint id, kind;
    WireStatus status;
    gsize output; /* bytes in the output file */
    gsize length; /* of the body */
    guint8 body[WIRE_BODY_MAX];
} WireAnswer;

/* Returns the bytes used. */
gsize wire_answer_write(const WireAnswer *answer, guint8 to[WIRE_ANSWER_MAX]);
gboolean wire_answer_parse(const guint8 *bytes, gsize length, WireAnswer *answer, GError **error);

/* The body of an answer to WIRE_READ_MRZ. */
void wire_reading_write(const DvReading *reading, WireAnswer *answer);
gboolean wire_reading_parse(const WireAnswer *answer, DvReading *reading, GError **error);
