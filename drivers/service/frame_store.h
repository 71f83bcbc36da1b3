// SPDX-License-Identifier: Apache-2.0
#pragma once
/*
 * The latest frame of one camera, in bounded memory whoever looks or does not: one frame that is
 * whole, one that is arriving. A driver writes into the latter's room; when it is whole the two
 * change places. Two are enough because a frame is handed out as a copy, on the thread that writes.
 */
#include <darvaza/driver.h>

typedef struct {
    guint64 serial; /* 1, 2, 3 ...; 0: there is none yet */
    DvFrameInfo info;
    const guint8 *bytes;
    gsize length;
    gint64 arrived_us;
    guint64 dropped; /* spoiled frames of this camera by then */
} DvStoredFrame;

typedef struct DvFrameStore DvFrameStore;

/* serial: of the last frame of this place, so that numbers never come twice. */
DvFrameStore *dv_frame_store_new(guint64 serial);
void dv_frame_store_free(DvFrameStore *store);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DvFrameStore, dv_frame_store_free)

/* Room of size bytes for the frame that arrives, the same until it is kept; NULL for more than
 * DV_FRAME_MAX or nothing. */
guint8 *dv_frame_store_room(DvFrameStore *store, gsize size);
/* The room holds a whole frame. length is at most the room's size. */
void dv_frame_store_keep(DvFrameStore *store, const DvFrameInfo *info, gsize length,
                         gint64 arrived_us, guint64 dropped);
/* Belongs to the store, until the next one is kept. */
const DvStoredFrame *dv_frame_store_newest(const DvFrameStore *store);
/* Bytes of both rooms. */
gsize dv_frame_store_bytes(const DvFrameStore *store);
