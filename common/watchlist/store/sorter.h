// SPDX-License-Identifier: Apache-2.0
#pragma once
/*
 * Byte strings in memcmp order, more of them than fit into memory: sorted runs in nameless files
 * beside the list that is being built, merged once.
 */
#include <glib.h>

#define SORTER_RECORD_MAX 255u

typedef struct Sorter Sorter;
/* folder: for the runs. memory: bytes held before a run is written. */
Sorter *sorter_new(const char *folder, gsize memory);
void sorter_free(Sorter *sorter);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Sorter, sorter_free)
gboolean sorter_add(Sorter *sorter, const guint8 *record, gsize length, GError **error);
/* After the last add. */
gboolean sorter_sort(Sorter *sorter, GError **error);
/* *record: the next one, valid until the next call; NULL after the last. */
gboolean sorter_next(Sorter *sorter, const guint8 **record, gsize *length, GError **error);

/* A file of no name in folder, for reading and writing; -1 with DV_ERROR_IO/FULL. */
int sorter_scratch(const char *folder, GError **error);
