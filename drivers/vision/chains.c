// SPDX-License-Identifier: Apache-2.0
/* Chains of equally pitched blobs of one size: a zone's line, whatever its direction. */
#include "locate.h"
#include <math.h>

#define BUCKET 16 /* pixels */
#define MISSES_MOST 4
#define STARTS_MOST 8 /* neighbours tried as a blob's second */

typedef struct {
    GArray *blobs;
    guint columns, rows;
    gint *heads; /* of each bucket, -1 where empty */
} Grid;

static Blob *
blob_at(const Grid *grid, gint at)
{
    return &g_array_index(grid->blobs, Blob, at);
}

static gint *
bucket_at(const Grid *grid, float x, float y)
{
    gint column = (gint)floorf(x / BUCKET), row = (gint)floorf(y / BUCKET);
    if (column < 0 || row < 0 || column >= (gint)grid->columns || row >= (gint)grid->rows)
        return NULL;
    return &grid->heads[(guint)row * grid->columns + (guint)column];
}

static void
fill_grid(Grid *grid)
{
    grid->heads = g_new(gint, (gsize)grid->columns * grid->rows);
    for (guint i = 0; i < grid->columns * grid->rows; i++)
        grid->heads[i] = -1;
    for (guint i = 0; i < grid->blobs->len; i++) {
        Blob *blob = blob_at(grid, (gint)i);
        gint *head = bucket_at(grid, blob->x, blob->y);
        blob->next = *head;
        *head = (gint)i;
    }
}

/* The blob nearest to a place, of about this size; -1 where none is within reach. */
static gint
nearest(const Grid *grid, float x, float y, float reach, float size)
{
    gint best = -1;
    float least = reach * reach;
    for (float v = y - reach; v < y + reach + BUCKET; v += BUCKET)
        for (float u = x - reach; u < x + reach + BUCKET; u += BUCKET) {
            const gint *head = bucket_at(grid, u, v);
            for (gint at = head ? *head : -1; at >= 0; at = blob_at(grid, at)->next) {
                const Blob *blob = blob_at(grid, at);
                float dx = blob->x - x, dy = blob->y - y, d = dx * dx + dy * dy;
                if (d < least && blob->size > 0.55f * size && blob->size < 1.6f * size) {
                    least = d;
                    best = at;
                }
            }
        }
    return best;
}

/* Goes on from the last two links in their direction. */
static void
walk(const Grid *grid, Chain *chain)
{
    gint misses = 0;
    while (chain->count < CHAIN_MAX && misses <= MISSES_MOST) {
        const Link *last = &chain->links[chain->count - 1];
        const Link *before = &chain->links[chain->count > 6 ? chain->count - 7 : 0];
        float span = (float)(last->index - before->index);
        float sx = (last->x - before->x) / span, sy = (last->y - before->y) / span;
        float pitch = hypotf(sx, sy), ahead = (float)(misses + 1) * (span > 0 ? 1.0f : -1.0f);
        gint found = nearest(grid, last->x + ahead * sx, last->y + ahead * sy,
                             (misses ? 0.36f : 0.3f) * pitch, chain->size);
        if (found < 0) {
            misses++;
            continue;
        }
        const Blob *blob = blob_at(grid, found);
        chain->links[chain->count++] = (Link){last->index + (gint)ahead, blob->x, blob->y};
        chain->size += 0.1f * (blob->size - chain->size);
        misses = 0;
    }
}

static void
turn_round(Chain *chain)
{
    for (guint i = 0; i < chain->count / 2; i++) {
        Link swap = chain->links[i];
        chain->links[i] = chain->links[chain->count - 1 - i];
        chain->links[chain->count - 1 - i] = swap;
    }
}

static void
grow(const Grid *grid, const Blob *a, const Blob *b, Chain *chain)
{
    *chain = (Chain){
        .count = 2, .links = {{0, a->x, a->y}, {1, b->x, b->y}}, .size = (a->size + b->size) / 2};
    walk(grid, chain);
    if (chain->count < 4)
        return;
    turn_round(chain);
    walk(grid, chain);
    turn_round(chain);
}

/* The best chain that begins with this blob and one neighbour. */
static gboolean
best_from(const Grid *grid, gint start, Chain *best)
{
    const Blob *a = blob_at(grid, start);
    float reach = 1.7f * a->size;
    guint tried = 0;
    best->count = 0;
    for (float v = a->y - reach; v < a->y + reach + BUCKET; v += BUCKET)
        for (float u = a->x - reach; u < a->x + reach + BUCKET; u += BUCKET) {
            const gint *head = bucket_at(grid, u, v);
            for (gint at = head ? *head : -1; at >= 0; at = blob_at(grid, at)->next) {
                const Blob *b = blob_at(grid, at);
                float d = hypotf(b->x - a->x, b->y - a->y);
                if (at == start || d < 0.6f * a->size || d > reach || b->size < 0.6f * a->size ||
                    b->size > 1.67f * a->size || tried++ >= STARTS_MOST)
                    continue;
                Chain chain;
                grow(grid, a, b, &chain);
                if (chain.count > best->count)
                    *best = chain;
            }
        }
    return best->count > 0;
}

static void
mark_used(const Grid *grid, const Chain *chain)
{
    for (guint i = 0; i < chain->count; i++) {
        gint at = nearest(grid, chain->links[i].x, chain->links[i].y, 0.5f, chain->size);
        if (at >= 0)
            blob_at(grid, at)->used = TRUE;
    }
}

static gint
longer_first(gconstpointer a, gconstpointer b)
{
    return (gint)((const Chain *)b)->count - (gint)((const Chain *)a)->count;
}

GArray *
chains_find(GArray *blobs, guint width, guint height, guint least)
{
    Grid grid = {blobs, width / BUCKET + 1, height / BUCKET + 1, NULL};
    GArray *chains = g_array_new(FALSE, FALSE, sizeof(Chain));
    fill_grid(&grid);
    for (guint i = 0; i < blobs->len; i++) {
        Chain chain;
        if (blob_at(&grid, (gint)i)->used || !best_from(&grid, (gint)i, &chain) ||
            chain.count < least)
            continue;
        mark_used(&grid, &chain);
        g_array_append_val(chains, chain);
    }
    g_free(grid.heads);
    g_array_sort(chains, longer_first);
    return chains;
}
