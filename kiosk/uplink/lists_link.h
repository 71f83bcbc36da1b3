// SPDX-License-Identifier: Apache-2.0
#pragma once
/* darvaza-lists as the uplink sees it (org.darvaza.Lists1): blocking calls, errors as sentences. */
#include <gio/gio.h>

typedef struct ListsLink ListsLink;

/* on_wanted is called on the default main context when lists wants something new. */
ListsLink *lists_link_new(const char *socket_path, void (*on_wanted)(void *data), void *data);
void lists_link_free(ListsLink *link);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ListsLink, lists_link_free)

/* Connects when there is no connection. DV_ERROR_UNAVAILABLE: the service is not there. */
gboolean lists_link_connect(ListsLink *link, GError **error);

typedef struct {
    char *name; /* NULL: nothing is wanted */
    guint64 offset, max;
} ListsWant;
void lists_want_clear(ListsWant *want);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(ListsWant, lists_want_clear)

gboolean lists_link_want(ListsLink *link, ListsWant *want, GError **error);
gboolean lists_link_take(ListsLink *link, const ListsWant *want, GBytes *bytes, GError **error);
/* why: a word of the interface. */
gboolean lists_link_fail(ListsLink *link, const ListsWant *want, const char *why,
                         const char *detail, GError **error);
