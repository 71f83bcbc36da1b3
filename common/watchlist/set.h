// SPDX-License-Identifier: Apache-2.0
#pragma once
/* The lists that are asked: the set in force in a folder, or files by name. */
#include "store/stack.h"

typedef struct {
    char *name;       /* list id; of a file that cannot be read its name without the suffix */
    ListStack *stack; /* NULL: could not be opened */
    char *trouble;    /* then why */
} SetList;

typedef struct ListSet ListSet;
ListSet *list_set_open_folder(const char *folder, GError **error);
ListSet *list_set_open_files(const char *const *paths);
void list_set_free(ListSet *set);

/* Looks whether another set was put in force, and takes it over whole. One that cannot be opened
 * whole does not take the place of one that could. */
void list_set_refresh(ListSet *set);
/* SetList, in the order of the set. */
const GPtrArray *list_set_lists(const ListSet *set);
/* Why nothing is in force here; NULL: something is. */
const char *list_set_trouble(const ListSet *set);
/* Why a newer set is not in force; NULL: there is none. */
const char *list_set_notice(const ListSet *set);
/* Of the release that was installed; 0: files by name. */
gint64 list_set_release(const ListSet *set);

/* ---- watchlist.c */
ListSet *watchlist_set(DvWatchlist *lists, gboolean *training);
