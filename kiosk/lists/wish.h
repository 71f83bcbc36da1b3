// SPDX-License-Identifier: Apache-2.0
#pragma once
/*
 * The one piece that the worker waits for, between two threads: the worker asks and blocks, the
 * main thread shows the wish to the uplink and hands over what came. A pthread mutex and condition;
 * a pipe wakes the main loop when there is a new wish.
 */
#include "source.h"

typedef struct ListsWish ListsWish;

/* wait_ms: after so long without an answer the piece is UNAVAILABLE. */
ListsWish *lists_wish_new(guint wait_ms);
void lists_wish_free(ListsWish *wish);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ListsWish, lists_wish_free)
/* What the worker reads from; belongs to the wish. */
ListsSource *lists_wish_source(ListsWish *wish);
/* Readable when a wish was made: for the main loop, which empties it. */
int lists_wish_fd(const ListsWish *wish);

/* ---- main thread */
/* FALSE: nothing is wanted. The strings are the caller's. */
gboolean lists_wish_look(ListsWish *wish, char **kind, char **name, gint64 *offset, gsize *max);
/* DV_ERROR_CONFLICT: that is not wanted (any more); DV_ERROR_INVALID: too many bytes. */
gboolean lists_wish_take(ListsWish *wish, const char *name, gint64 offset, GBytes *bytes,
                         GError **error);
gboolean lists_wish_fail(ListsWish *wish, const char *name, const char *why, const char *detail,
                         GError **error);
/* Ends a wait with UNAVAILABLE, now and until lists_wish_go_on: something else is to be done. */
void lists_wish_interrupt(ListsWish *wish);
void lists_wish_go_on(ListsWish *wish);
