// SPDX-License-Identifier: Apache-2.0
#pragma once
/*
 * darvaza-vision as its parent has it: started when first needed, killed where it takes too long,
 * started again with growing pauses where it died. One request is with it at a time; a few wait.
 * Runs on the default main context and never blocks it.
 */
#include <darvaza/vision.h>

typedef struct DvVisionClient DvVisionClient;

typedef struct {
    const char *const *argv; /* the program and its arguments */
    guint patience_ms;       /* for one answer; 0: 3000 */
    guint pause_ms;          /* before the second start, doubling to 64 times that; 0: 100 */
} DvVisionOptions;

DvVisionClient *dv_vision_client_new(const DvVisionOptions *options);
/* Every request ends first, with DV_ERROR_UNAVAILABLE. The process is killed. */
void dv_vision_client_free(DvVisionClient *client);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DvVisionClient, dv_vision_client_free)

typedef enum {
    DV_VISION_FILE = 1, /* JPEG or PNG */
    DV_VISION_YUY2 = 2,
    DV_VISION_GREY = 3,
} DvVisionFormat;

typedef struct {
    DvVisionFormat format;
    guint width, height, stride; /* 0 with DV_VISION_FILE */
    int file;                    /* a memfd with F_SEAL_SHRINK; borrowed for the call, duplicated */
    gsize length;
    guint set; /* of ink parameters, as dv_vision_read_with; 0: all in turn */
} DvVisionImage;

/* Exactly one of reading and error is there, and only during the call. zone: the zone as a JPEG,
 * NULL with a refusal. A refused image is a reading without lines, a broken request or process an
 * error: DV_ERROR_INVALID where the process refused the image itself, DV_ERROR_UNAVAILABLE where it
 * died, said nonsense or took too long. */
typedef void (*DvVisionDone)(const DvReading *reading, GBytes *zone, const GError *error,
                             void *data);

/* TRUE: done will be called once, later. FALSE with DV_ERROR_FULL where too many wait already. */
gboolean dv_vision_client_read(DvVisionClient *client, const DvVisionImage *image,
                               DvVisionDone done, void *data, GError **error);

/* What became of the processes so far. */
typedef struct {
    guint starts, deaths, timeouts;
    GPid pid; /* of the present one; 0: none runs */
} DvVisionState;
DvVisionState dv_vision_client_state(const DvVisionClient *client);

/* A memfd of these bytes that can neither change nor shrink; -1 with DV_ERROR_IO. */
int dv_vision_seal(const guint8 *bytes, gsize length, GError **error);
