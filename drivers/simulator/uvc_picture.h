// SPDX-License-Identifier: Apache-2.0
#pragma once
/* What lies before a simulated camera, as the frames that the camera makes of it. */
#include <glib.h>

typedef struct DvSimPicture DvSimPicture;

/* A test card. */
DvSimPicture *dv_sim_picture_new(void);
void dv_sim_picture_free(DvSimPicture *picture);
/* A JPEG file; NULL: the test card again. DV_ERROR_IO, DV_ERROR_INVALID: what was there stays. */
gboolean dv_sim_picture_show(DvSimPicture *picture, const char *path, GError **error);
/* Frame number so and so, of width x height, into out. The picture fills as much of it as it can in
 * its proportions; a JPEG of that very size goes out as it is. A JPEG frame carries its number in a
 * comment right after its start ("darvaza-frame N"), a YUY2 frame in its first 64 pixels: 32 bits,
 * the highest first, two pixels each, white for 1 and black for 0. */
void dv_sim_picture_frame(DvSimPicture *picture, gboolean mjpeg, guint width, guint height,
                          guint64 number, GByteArray *out);
