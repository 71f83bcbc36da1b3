// SPDX-License-Identifier: Apache-2.0
#pragma once
/* What a process that decodes strangers' images may still do: next to nothing. */
#include <glib.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define VISION_SANITIZED 1 /* maps terabytes, writes reports, makes calls of its own */
#else
#define VISION_SANITIZED 0
#endif

typedef struct {
    gsize memory;      /* bytes beyond what is mapped now */
    guint cpu_seconds; /* of the process's whole life */
    guint files;       /* descriptors above the highest one that may be open */
    int channel;       /* the one descriptor that may be written to and read from */
} VisionBounds;

/* Limits, no new privileges, and a list of system calls; any other ends the process (SIGSYS). No
 * file can be opened, no socket made, no process or thread started, no page made executable.
 * Descriptors that are open stay so, and only channel can be used. In a build with a sanitizer
 * only the limits that it survives. DV_ERROR_IO where the kernel refused. */
gboolean vision_confine(const VisionBounds *bounds, GError **error);
