// SPDX-License-Identifier: Apache-2.0
#include "case.h"

#include <stdarg.h>

#define WORDS_MAX 4000

void
case_trouble(Case *c, const char *format, ...)
{
    va_list args;

    c->judgement->troubles++;
    if (c->judgement->words->len > WORDS_MAX)
        return;
    va_start(args, format);
    g_string_append_printf(c->judgement->words, "cut at %" G_GINT64_FORMAT ": ", c->at);
    g_string_append_vprintf(c->judgement->words, format, args);
    g_string_append_c(c->judgement->words, '\n');
    va_end(args);
}

/* ---- counting */

/* Right after the cut: nowhere, or promised by a receipt and not at the centre. */
static gboolean
is_lost(const Case *c, const Crossing *crossing, gboolean *by_centre)
{
    gboolean here = g_hash_table_contains(c->at_centre, crossing->link);

    *by_centre = crossing->receipted >= 0 && crossing->receipted < c->at && !here;
    return *by_centre || (!here && !g_hash_table_contains(c->unsent, crossing->link));
}

/* Crossing ids with the number of times that they stand at the centre. */
static GHashTable *
count_ids(Case *c)
{
    GHashTable *counts = g_hash_table_new(g_str_hash, g_str_equal);
    GHashTableIter each;
    gpointer link;

    g_hash_table_iter_init(&each, c->at_centre);
    while (g_hash_table_iter_next(&each, &link, NULL)) {
        const Crossing *known = g_hash_table_lookup(c->world->by_link, link);
        const char *id = known != NULL ? known->id : g_hash_table_lookup(c->fresh, link);
        if (id == NULL) {
            case_trouble(c, "a record stands at the centre that nobody made");
            continue;
        }
        guint n = GPOINTER_TO_UINT(g_hash_table_lookup(counts, id));
        g_hash_table_insert(counts, (gpointer)id, GUINT_TO_POINTER(n + 1));
    }
    return counts;
}

static void
count_one(Case *c, GHashTable *counts, const char *id, gboolean was_lost)
{
    guint n = GPOINTER_TO_UINT(g_hash_table_lookup(counts, id));

    c->judgement->recorded++;
    c->judgement->at_centre += n > 0;
    c->judgement->lost += was_lost || n == 0;
    c->judgement->doubled += n > 1;
}

void
judge(const World *world, const char *dir, gint64 at, Judgement *judgement)
{
    Case c = {.world = world, .at = at, .judgement = judgement};
    g_autoptr(GHashTable) lost = g_hash_table_new(NULL, NULL);
    c.unsent = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    c.at_centre = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    c.fresh = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);

    case_open(&c, dir);
    for (guint i = 0; i < world->crossings->len; i++) {
        Crossing *crossing = g_ptr_array_index(world->crossings, i);
        gboolean by_centre = FALSE;
        if (crossing->recorded < at && is_lost(&c, crossing, &by_centre)) {
            g_hash_table_add(lost, crossing);
            judgement->lost_centre += by_centre ? 1 : 0;
        }
    }
    case_go_on(&c);
    g_autoptr(GHashTable) counts = count_ids(&c);
    for (guint i = 0; i < world->crossings->len; i++) {
        Crossing *crossing = g_ptr_array_index(world->crossings, i);
        if (crossing->started < at)
            count_one(&c, counts, crossing->id, g_hash_table_contains(lost, crossing));
    }

    for (guint i = 0; i < RUN_KIOSKS; i++)
        dv_outbox_free(c.outboxes[i]);
    dv_store_close(c.store);
    g_hash_table_unref(c.unsent);
    g_hash_table_unref(c.at_centre);
    g_hash_table_unref(c.fresh);
}
