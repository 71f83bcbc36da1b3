// SPDX-License-Identifier: Apache-2.0
/*
 * The body of POST /v1/heartbeats. The first byte chooses: the rest is a body as it comes from the
 * network, or a payload that a kiosk's good key signs first, since otherwise no mutation would ever
 * pass the signature.
 */
#include "keys.h"
#include <darvaza/receipt.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const guint8 *data, gsize size);

static DvTestKeys *keys;

static void
free_keys(void)
{
    g_clear_pointer(&keys, dv_test_keys_free);
}

static gboolean
read_beat(const void *body, gsize length, DvHeartbeat *beat)
{
    g_autoptr(GError) error = NULL;
    if (dv_heartbeat_verify(body, length, keys->sign, beat, &error))
        return TRUE;
    g_assert(error != NULL);
    g_assert(beat->lists == NULL);
    return FALSE;
}

static void
verify(const void *body, gsize length)
{
    DvHeartbeat beat = {.lists = NULL}, again = {.lists = NULL};
    if (!read_beat(body, length, &beat))
        return;
    g_assert(strcmp(beat.kiosk, "KSK-1") == 0);
    g_assert(beat.epoch >= 1 && beat.seq >= 0 && beat.unsent >= 0);
    g_assert(json_is_array(beat.lists));
    /* Whatever is taken can be said again, and means the same. */
    g_autoptr(GBytes) made = dv_heartbeat_make(&beat, keys->sign_key, NULL);
    g_assert(made != NULL);
    g_assert(read_beat(g_bytes_get_data(made, NULL), g_bytes_get_size(made), &again));
    g_assert(beat.epoch == again.epoch && beat.seq == again.seq && beat.unsent == again.unsent);
    g_assert(memcmp(beat.link, again.link, sizeof beat.link) == 0);
    g_assert(json_equal(beat.lists, again.lists));
    dv_heartbeat_clear(&beat);
    dv_heartbeat_clear(&again);
}

int
LLVMFuzzerTestOneInput(const guint8 *data, gsize size)
{
    if (keys == NULL) {
        keys = dv_test_keys_new();
        atexit(free_keys);
    }
    if (size == 0)
        return 0;
    if (data[0] == 'r') {
        verify(data + 1, size - 1);
        return 0;
    }
    g_autoptr(json_t) payload = dv_json_parse(data + 1, size - 1, 32768, NULL);
    if (payload == NULL)
        return 0;
    g_autoptr(GBytes) body = dv_signed_json_make("heartbeat", payload, keys->sign_key, NULL);
    if (body != NULL)
        verify(g_bytes_get_data(body, NULL), g_bytes_get_size(body));
    return 0;
}
