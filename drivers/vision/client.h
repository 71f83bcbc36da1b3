// SPDX-License-Identifier: Apache-2.0
#pragma once
/* For whoever adds a kind of request: the way to the process without what it means. */
#include "wire.h"
#include <darvaza/vision_client.h>

/* answer is NULL where error is set. output: what the process wrote into its file; NULL: nothing.
 */
typedef void (*VisionAnswered)(const WireAnswer *answer, GBytes *output, const GError *error,
                               void *data);
/* As dv_vision_client_read; data_free (or NULL) is called with data after answered. */
gboolean vision_client_call(DvVisionClient *client, WireKind kind, const DvVisionImage *image,
                            VisionAnswered answered, void *data, GDestroyNotify data_free,
                            GError **error);
