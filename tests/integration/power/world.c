// SPDX-License-Identifier: Apache-2.0
#include "judge.h"

#include <string.h>

static void
crossing_free(gpointer data)
{
    Crossing *crossing = data;

    g_free(crossing->id);
    g_free(crossing->link);
    g_free(crossing);
}

static guint
kiosk_index(const char *kiosk)
{
    for (guint i = 0; i < RUN_KIOSKS; i++)
        if (g_str_equal(run_kiosks[i], kiosk))
            return i;
    g_error("the recording names kiosk %s", kiosk);
}

static void
take_start(World *world, char **words, gint64 at)
{
    Crossing *crossing = g_new0(Crossing, 1);

    crossing->id = g_strdup(words[2]);
    crossing->kiosk = kiosk_index(words[1]);
    crossing->started = at;
    crossing->recorded = crossing->receipted = -1;
    g_ptr_array_add(world->crossings, crossing);
}

/* A booth makes one crossing at a time: the last that it started is the one. */
static void
take_recorded(World *world, char **words, gint64 at)
{
    for (guint i = world->crossings->len; i > 0; i--) {
        Crossing *crossing = g_ptr_array_index(world->crossings, i - 1);
        if (!g_str_equal(crossing->id, words[2]))
            continue;
        crossing->recorded = at;
        crossing->epoch = g_ascii_strtoll(words[3], NULL, 10);
        crossing->seq = g_ascii_strtoll(words[4], NULL, 10);
        crossing->link = g_strdup(words[5]);
        g_hash_table_insert(world->by_link, crossing->link, crossing);
        return;
    }
    g_error("the recording ends a crossing that it never began");
}

static void
take_mark(World *world, const char *text, gint64 at)
{
    g_auto(GStrv) words = g_strsplit(text, " ", -1);

    if (g_str_equal(words[0], "start"))
        take_start(world, words, at);
    else if (g_str_equal(words[0], "recorded"))
        take_recorded(world, words, at);
    else if (g_str_equal(words[0], "receipt"))
        ((Crossing *)g_hash_table_lookup(world->by_link, words[4]))->receipted = at;
}

World *
world_new(const Iolog *log, const DvTestKeys *keys)
{
    World *world = g_new0(World, 1);

    world->crossings = g_ptr_array_new_with_free_func(crossing_free);
    world->by_link = g_hash_table_new(g_str_hash, g_str_equal);
    world->keys = keys;
    for (guint i = 0; i < RUN_KIOSKS; i++)
        world->seals[i] = run_seal_new(keys, run_kiosks[i]);
    for (gsize at = 0; at < log->entries->len; at++)
        if (iolog_at(log, at)->kind == IOLOG_MARK)
            take_mark(world, iolog_data(iolog_at(log, at)), (gint64)at);
    return world;
}

void
world_free(World *world)
{
    if (world == NULL)
        return;
    for (guint i = 0; i < RUN_KIOSKS; i++)
        run_seal_free(world->seals[i]);
    g_hash_table_unref(world->by_link);
    g_ptr_array_unref(world->crossings);
    g_free(world);
}
