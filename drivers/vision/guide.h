// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <darvaza/vision.h>

/* The advice for whoever holds the document before this image, in reading->guides; none with a
 * reading, and none where nothing lies there. */
void guide_settle(const DvImage *image, DvReading *reading);
