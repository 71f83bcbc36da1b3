// SPDX-License-Identifier: Apache-2.0
#include "filter_writer.h"

#include "filter.h"
#include "sorter.h"

#include <darvaza/error.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

/* Hashes by their first bits, so that one spill after the other is sorted in memory. */
enum { SPILLS = 64, SPILL_SHIFT = 58 };

struct FilterWriter {
    sqlite3_stmt *insert;
    char *folder;
    FILE *spills[SPILLS];
    guint64 sizes[SPILLS];
    guint64 total;
    guint32 parts, part; /* part: the one being gathered */
    guint64 hashes[FILTER_KEYS_MAX];
    gsize count;
};

FilterWriter *
filter_writer_new(sqlite3 *db, const char *folder, GError **error)
{
    sqlite3_stmt *insert =
        dv_sqlite_prepare(db, "INSERT INTO filter (id, data) VALUES (?,?)", error);

    if (insert == NULL)
        return NULL;
    FilterWriter *writer = g_new0(FilterWriter, 1);
    writer->insert = insert;
    writer->folder = g_strdup(folder);
    return writer;
}

void
filter_writer_free(FilterWriter *writer)
{
    if (writer == NULL)
        return;
    for (int i = 0; i < SPILLS; i++) {
        if (writer->spills[i] != NULL)
            fclose(writer->spills[i]);
    }
    sqlite3_finalize(writer->insert);
    g_free(writer->folder);
    g_free(writer);
}

gboolean
filter_writer_add(FilterWriter *writer, guint64 hash, GError **error)
{
    guint spill = (guint)(hash >> SPILL_SHIFT);

    if (writer->spills[spill] == NULL) {
        int fd = sorter_scratch(writer->folder, error);
        if (fd < 0)
            return FALSE;
        writer->spills[spill] = fdopen(fd, "w+e");
        g_assert(writer->spills[spill] != NULL);
    }
    if (fwrite(&hash, sizeof hash, 1, writer->spills[spill]) != 1) {
        dv_error_set_errno(error, errno, "cannot write a scratch file in %s", writer->folder);
        return FALSE;
    }
    writer->sizes[spill]++;
    writer->total++;
    return TRUE;
}

static gboolean
write_part(FilterWriter *writer, GError **error)
{
    guint8 data[FILTER_PART_MAX];
    gsize length = filter_build(writer->hashes, writer->count, writer->part, data);

    writer->count = 0;
    writer->part++;
    sqlite3_bind_int64(writer->insert, 1, (gint64)writer->part);
    sqlite3_bind_blob(writer->insert, 2, data, (int)length, SQLITE_STATIC);
    return dv_sqlite_run(writer->insert, error);
}

static gboolean
take_hash(FilterWriter *writer, guint64 hash, GError **error)
{
    guint32 part = filter_part(hash, writer->parts);

    if (writer->count > 0 && writer->hashes[writer->count - 1] == hash)
        return TRUE;
    while (writer->part < part) {
        if (!write_part(writer, error))
            return FALSE;
    }
    if (writer->count == FILTER_KEYS_MAX) {
        g_set_error_literal(error, DV_ERROR, DV_ERROR_FULL,
                            "the list's numbers cannot be spread over the filter");
        return FALSE;
    }
    writer->hashes[writer->count++] = hash;
    return TRUE;
}

static int
by_value(const void *a, const void *b)
{
    guint64 x = *(const guint64 *)a, y = *(const guint64 *)b;

    return (x > y) - (x < y);
}

static gboolean
take_spill(FilterWriter *writer, int spill, GError **error)
{
    gsize n = writer->sizes[spill];
    g_autofree guint64 *hashes = g_new(guint64, n);

    if (n == 0)
        return TRUE;
    rewind(writer->spills[spill]);
    if (fread(hashes, sizeof *hashes, n, writer->spills[spill]) != n) {
        dv_error_set_errno(error, errno, "cannot read a scratch file");
        return FALSE;
    }
    fclose(writer->spills[spill]);
    writer->spills[spill] = NULL;
    qsort(hashes, n, sizeof *hashes, by_value);
    for (gsize i = 0; i < n; i++) {
        if (!take_hash(writer, hashes[i], error))
            return FALSE;
    }
    return TRUE;
}

gboolean
filter_writer_finish(FilterWriter *writer, gint64 *parts, GError **error)
{
    writer->parts = (guint32)((writer->total + FILTER_KEYS_MEAN - 1) / FILTER_KEYS_MEAN);
    *parts = writer->parts;
    for (int i = 0; i < SPILLS; i++) {
        if (!take_spill(writer, i, error))
            return FALSE;
    }
    while (writer->part < writer->parts) {
        if (!write_part(writer, error))
            return FALSE;
    }
    return TRUE;
}
