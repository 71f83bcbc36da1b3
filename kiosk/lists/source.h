// SPDX-License-Identifier: Apache-2.0
#pragma once
/* Where the pieces of a repository come from: a folder laid out like it, or the uplink. */
#include <darvaza/trust.h>
#include <glib.h>

#define LISTS_CHUNK (256u * 1024) /* bytes asked for at once: what a cut line can cost */

typedef struct ListsSource ListsSource;
struct ListsSource {
    /* At most max (<= LISTS_CHUNK) bytes of the piece from offset on; fewer: it ends there. OK, or
     * UNAVAILABLE, ABSENT, BLOATED or IO with an error. May block. */
    DvTrustReason (*read)(ListsSource *self, const char *kind, const char *name, gint64 offset,
                          gsize max, GBytes **bytes, GError **error);
    const char *word; /* for people: "the centre", "the stick" */
    /* Looked at every few seconds, with nobody waiting: work that failed is not repeated each time.
     */
    gboolean is_polled;
};

/* A piece as a whole, of at most max bytes, read in chunks; one byte more than max is kept, so that
 * whoever judges it sees that it is too large. */
DvTrustReason lists_source_read_all(ListsSource *source, const char *kind, const char *name,
                                    gsize max, GBytes **bytes, GError **error);

ListsSource *lists_source_folder_new(const char *folder);
void lists_source_folder_free(ListsSource *source);
