// SPDX-License-Identifier: Apache-2.0
#include "strikes.h"
#include "run.h"

#include <string.h>

const char *const machine_names[MACHINES] = {"KSK-1", "KSK-2", RUN_CENTRE};

/* Every state that a cut must have struck: the fault points of the outbox and of ingest. */
static const char *const states[] = {
    "queue.empty",          "queue.queued",
    "queue.in_flight",      "queue.acknowledged",
    "outbox.before_insert", "outbox.before_commit",
    "outbox.after_commit",  "outbox.before_acknowledge",
    "outbox.acknowledged",  "ingest.received",
    "ingest.enqueued",      "ingest.before_commit",
    "ingest.after_commit",  "ingest.receipted",
};
#define STATES G_N_ELEMENTS(states)

struct Strikes {
    guint now[MACHINES][STATES]; /* of each family the last point that was passed: 1 */
    guint64 struck[STATES];
};

static gboolean
same_family(const char *a, const char *b)
{
    gsize length = strcspn(a, ".");
    return strncmp(a, b, length + 1) == 0;
}

Strikes *
strikes_new(void)
{
    return g_new0(Strikes, 1);
}

void
strikes_free(Strikes *strikes)
{
    g_free(strikes);
}

void
strikes_feed(Strikes *strikes, const IologEntry *entry)
{
    if (entry->kind != IOLOG_MARK || !g_str_has_prefix(iolog_data(entry), "point "))
        return;
    g_auto(GStrv) words = g_strsplit(iolog_data(entry), " ", 3);
    for (guint m = 0; m < MACHINES; m++) {
        if (!g_str_equal(words[1], machine_names[m]))
            continue;
        for (guint s = 0; s < STATES; s++)
            if (same_family(states[s], words[2]))
                strikes->now[m][s] = g_str_equal(states[s], words[2]);
    }
}

void
strikes_note(Strikes *strikes, guint machines)
{
    for (guint m = 0; m < MACHINES; m++)
        for (guint s = 0; s < STATES; s++)
            if ((machines & 1u << m) != 0)
                strikes->struck[s] += strikes->now[m][s];
}

char *
strikes_json(const Strikes *strikes, guint *missed)
{
    g_autoptr(GString) text = g_string_new("{");

    *missed = 0;
    for (guint s = 0; s < STATES; s++) {
        *missed += strikes->struck[s] == 0;
        g_string_append_printf(text, "%s\"%s\": %" G_GUINT64_FORMAT, s > 0 ? ", " : "", states[s],
                               strikes->struck[s]);
    }
    return g_strdup(g_string_append_c(text, '}')->str);
}

/* ---- planning */

/* Places at which this state of this machine is struck, chosen evenly: each place replaces the one
 * chosen before with chance 1/n. -1: never in this state. */
static void
choose_places(const Iolog *log, GRand *chance, Cut *chosen)
{
    g_autofree Strikes *strikes = strikes_new();
    guint seen[STATES] = {0};

    for (gsize at = 0; at < log->entries->len; at++) {
        for (guint m = 0; m < MACHINES; m++)
            for (guint s = 0; s < STATES; s++)
                if (strikes->now[m][s] != 0 &&
                    g_rand_int_range(chance, 0, (gint32)++seen[s]) == 0) {
                    chosen[s].at = (gint64)at;
                    chosen[s].machines = 1u << m;
                }
        strikes_feed(strikes, iolog_at(log, at));
    }
}

static int
by_place(gconstpointer a, gconstpointer b)
{
    const Cut *first = a, *second = b;
    return first->at < second->at ? -1 : first->at > second->at;
}

GArray *
strikes_plan(const Iolog *log, guint count, GRand *chance)
{
    GArray *cuts = g_array_new(FALSE, TRUE, sizeof(Cut));
    const guint everything = (1u << MACHINES) - 1;

    for (guint round = 0; round < MAX(1, count / 4 / STATES); round++) {
        Cut chosen[STATES] = {0};
        choose_places(log, chance, chosen);
        for (guint s = 0; s < STATES; s++)
            if (chosen[s].machines != 0)
                g_array_append_val(cuts, chosen[s]);
    }
    while (cuts->len < count) {
        const Cut cut = {.at = g_rand_int_range(chance, 0, (gint32)log->entries->len + 1),
                         .machines = (guint)g_rand_int_range(chance, 1, (gint32)everything + 1)};
        g_array_append_val(cuts, cut);
    }
    for (guint i = 0; i < cuts->len; i++) {
        Cut *cut = &g_array_index(cuts, Cut, i);
        cut->seed = g_rand_int(chance);
        if (g_rand_boolean(chance))
            cut->machines = everything;
    }
    g_array_sort(cuts, by_place);
    return cuts;
}
