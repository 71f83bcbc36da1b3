// SPDX-License-Identifier: Apache-2.0
/* Connected components by runs and union-find, bounding boxes only. */
#include "locate.h"

#define SIZE_LEAST 4
#define SIZE_MOST 72
#define BLOBS_MAX 20000 /* noise, not a document; what comes later is left out */

typedef struct {
    guint16 from, to; /* inclusive */
    gint label;
} Run;

typedef struct {
    gint parent;
    guint16 x0, y0, x1, y1;
} Box;

static gint
root_of(GArray *boxes, gint label)
{
    Box *all = &g_array_index(boxes, Box, 0);
    while (all[label].parent != label) {
        all[label].parent = all[all[label].parent].parent;
        label = all[label].parent;
    }
    return label;
}

static gint
join(GArray *boxes, gint a, gint b)
{
    a = root_of(boxes, a);
    b = root_of(boxes, b);
    if (a == b)
        return a;
    Box *to = &g_array_index(boxes, Box, MIN(a, b)), *from = &g_array_index(boxes, Box, MAX(a, b));
    from->parent = MIN(a, b);
    to->x0 = MIN(to->x0, from->x0);
    to->y0 = MIN(to->y0, from->y0);
    to->x1 = MAX(to->x1, from->x1);
    to->y1 = MAX(to->y1, from->y1);
    return MIN(a, b);
}

/* Runs of one row; labels are set later. */
static guint
find_runs(const guint8 *row, guint width, Run *runs)
{
    guint count = 0;
    for (guint x = 0; x < width;) {
        if (!row[x]) {
            x++;
            continue;
        }
        guint from = x;
        while (x < width && row[x])
            x++;
        runs[count++] = (Run){(guint16)from, (guint16)(x - 1), -1};
    }
    return count;
}

static void
label_run(GArray *boxes, Run *run, guint y, const Run *above, guint above_count, guint *at)
{
    while (*at < above_count && above[*at].to + 1 < run->from)
        (*at)++;
    for (guint i = *at; i < above_count && above[i].from <= run->to + 1; i++)
        run->label = run->label < 0 ? root_of(boxes, above[i].label)
                                    : join(boxes, run->label, above[i].label);
    if (run->label < 0) {
        Box fresh = {(gint)boxes->len, run->from, (guint16)y, run->to, (guint16)y};
        run->label = (gint)boxes->len;
        g_array_append_val(boxes, fresh);
        return;
    }
    Box *box = &g_array_index(boxes, Box, run->label);
    box->x0 = MIN(box->x0, run->from);
    box->x1 = MAX(box->x1, run->to);
    box->y1 = (guint16)y;
}

static void
keep_plausible(GArray *boxes, GArray *blobs)
{
    for (guint i = 0; i < boxes->len && blobs->len < BLOBS_MAX; i++) {
        const Box *box = &g_array_index(boxes, Box, i);
        gint w = box->x1 - box->x0 + 1, h = box->y1 - box->y0 + 1;
        if (box->parent != (gint)i || MAX(w, h) < SIZE_LEAST || MAX(w, h) > SIZE_MOST)
            continue;
        Blob blob = {.x = (float)(box->x0 + box->x1 + 1) / 2,
                     .y = (float)(box->y0 + box->y1 + 1) / 2,
                     .w = (float)w,
                     .h = (float)h,
                     .size = (float)MAX(w, h),
                     .next = -1};
        g_array_append_val(blobs, blob);
    }
}

GArray *
blobs_find(const guint8 *ink, guint width, guint height)
{
    GArray *blobs = g_array_new(FALSE, FALSE, sizeof(Blob));
    g_autoptr(GArray) boxes = g_array_new(FALSE, FALSE, sizeof(Box));
    g_autofree Run *above = g_new(Run, width / 2 + 1), *here = g_new(Run, width / 2 + 1);
    guint above_count = 0;
    for (guint y = 0; y < height; y++) {
        guint count = find_runs(ink + (gsize)y * width, width, here), at = 0;
        for (guint i = 0; i < count; i++)
            label_run(boxes, &here[i], y, above, above_count, &at);
        Run *swap = above;
        above = here;
        here = swap;
        above_count = count;
    }
    keep_plausible(boxes, blobs);
    return blobs;
}
