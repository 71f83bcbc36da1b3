// SPDX-License-Identifier: Apache-2.0
#include "frame_store.h"

typedef struct {
    guint8 *bytes; /* owned */
    gsize size;
} Room;

struct DvFrameStore {
    Room arriving, whole;
    DvStoredFrame newest;
};

DvFrameStore *
dv_frame_store_new(guint64 serial)
{
    DvFrameStore *store = g_new0(DvFrameStore, 1);
    store->newest.serial = serial;
    return store;
}

void
dv_frame_store_free(DvFrameStore *store)
{
    if (store == NULL)
        return;
    g_free(store->arriving.bytes);
    g_free(store->whole.bytes);
    g_free(store);
}

guint8 *
dv_frame_store_room(DvFrameStore *store, gsize size)
{
    Room *room = &store->arriving;
    if (size == 0 || size > DV_FRAME_MAX)
        return NULL;
    if (room->size != size) { /* agreed on anew: the larger one is not kept for a small picture */
        g_free(room->bytes);
        room->bytes = g_malloc(size);
        room->size = size;
    }
    return room->bytes;
}

void
dv_frame_store_keep(DvFrameStore *store, const DvFrameInfo *info, gsize length, gint64 arrived_us,
                    guint64 dropped)
{
    g_return_if_fail(length <= store->arriving.size);
    Room whole = store->arriving;
    store->arriving = store->whole;
    store->whole = whole;
    store->newest = (DvStoredFrame){
        .serial = store->newest.serial + 1,
        .info = *info,
        .bytes = whole.bytes,
        .length = length,
        .arrived_us = arrived_us,
        .dropped = dropped,
    };
}

const DvStoredFrame *
dv_frame_store_newest(const DvFrameStore *store)
{
    return &store->newest;
}

gsize
dv_frame_store_bytes(const DvFrameStore *store)
{
    return store->arriving.size + store->whole.size;
}
