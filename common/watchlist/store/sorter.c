// SPDX-License-Identifier: Apache-2.0
#include "sorter.h"

#include <darvaza/error.h>

#include <errno.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define READ_BUFFER (1u << 20)

/* A sorted run: records with a length byte before each. */
typedef struct {
    FILE *file;
    guint8 record[SORTER_RECORD_MAX];
    gsize length;
    gboolean at_end;
} Run;

struct Sorter {
    char *folder;
    gsize memory;
    GByteArray *bytes; /* length byte and record, one after the other */
    GPtrArray *places; /* where each begins, once the bytes do not move any more */
    gsize records;     /* in bytes */
    GPtrArray *runs;   /* Run */
    GPtrArray *heap;   /* Run, least first */
    gsize next;        /* of places, when everything fits into memory */
    Run *given;        /* the run whose record the caller holds */
};

static void
run_free(gpointer data)
{
    Run *run = data;

    if (run->file != NULL)
        fclose(run->file);
    g_free(run);
}

Sorter *
sorter_new(const char *folder, gsize memory)
{
    Sorter *sorter = g_new0(Sorter, 1);

    sorter->folder = g_strdup(folder);
    sorter->memory = memory;
    sorter->bytes = g_byte_array_new();
    sorter->places = g_ptr_array_new();
    sorter->runs = g_ptr_array_new_with_free_func(run_free);
    sorter->heap = g_ptr_array_new();
    return sorter;
}

void
sorter_free(Sorter *sorter)
{
    if (sorter == NULL)
        return;
    g_byte_array_unref(sorter->bytes);
    g_ptr_array_unref(sorter->places);
    g_ptr_array_unref(sorter->heap);
    g_ptr_array_unref(sorter->runs);
    g_free(sorter->folder);
    g_free(sorter);
}

int
sorter_scratch(const char *folder, GError **error)
{
    g_autofree char *path = g_build_filename(folder, ".dvlist-scratch-XXXXXX", NULL);
    int fd = g_mkstemp(path);

    if (fd < 0) {
        dv_error_set_errno(error, errno, "cannot make a scratch file in %s", folder);
        return -1;
    }
    g_unlink(path);
    return fd;
}

static int
compare_bytes(const guint8 *a, gsize a_length, const guint8 *b, gsize b_length)
{
    int order = memcmp(a, b, MIN(a_length, b_length));

    return order != 0 ? order : (a_length > b_length) - (a_length < b_length);
}

static int
compare_places(const void *a, const void *b)
{
    const guint8 *x = *(const guint8 *const *)a, *y = *(const guint8 *const *)b;

    return compare_bytes(x + 1, x[0], y + 1, y[0]);
}

static void
sort_memory(Sorter *sorter)
{
    const guint8 *p = sorter->bytes->data;

    g_ptr_array_set_size(sorter->places, 0);
    for (gsize i = 0; i < sorter->records; i++) {
        g_ptr_array_add(sorter->places, (gpointer)p);
        p += 1 + p[0];
    }
    if (sorter->places->len > 1)
        qsort(sorter->places->pdata, sorter->places->len, sizeof(gpointer), compare_places);
}

static gboolean
write_places(const Sorter *sorter, FILE *file)
{
    for (guint i = 0; i < sorter->places->len; i++) {
        const guint8 *record = g_ptr_array_index(sorter->places, i);
        if (fwrite(record, 1u + record[0], 1, file) != 1)
            return FALSE;
    }
    return fflush(file) == 0;
}

static gboolean
write_run(Sorter *sorter, GError **error)
{
    int fd = sorter_scratch(sorter->folder, error);

    if (fd < 0)
        return FALSE;
    Run *run = g_new0(Run, 1);
    g_ptr_array_add(sorter->runs, run);
    run->file = fdopen(fd, "w+e");
    g_assert(run->file != NULL);
    setvbuf(run->file, NULL, _IOFBF, READ_BUFFER);
    sort_memory(sorter);
    if (!write_places(sorter, run->file)) {
        dv_error_set_errno(error, errno, "cannot write a scratch file in %s", sorter->folder);
        return FALSE;
    }
    g_ptr_array_set_size(sorter->places, 0);
    g_byte_array_set_size(sorter->bytes, 0);
    sorter->records = 0;
    return TRUE;
}

gboolean
sorter_add(Sorter *sorter, const guint8 *record, gsize length, GError **error)
{
    guint8 prefix = (guint8)length;

    g_assert(length <= SORTER_RECORD_MAX);
    /* A place costs a pointer, at most twice while the array grows. */
    gsize held = sorter->bytes->len + sorter->records * 2 * sizeof(gpointer);
    if (held + length >= sorter->memory && sorter->records > 0 && !write_run(sorter, error))
        return FALSE;
    g_byte_array_append(sorter->bytes, &prefix, 1);
    g_byte_array_append(sorter->bytes, record, (guint)length);
    sorter->records++;
    return TRUE;
}

/* ---- merging */

static gboolean
run_advance(Run *run, GError **error)
{
    int length = getc_unlocked(run->file);

    if (length == EOF) {
        run->at_end = TRUE;
        if (!ferror(run->file))
            return TRUE;
    } else {
        run->length = (gsize)length;
        if (length == 0 || fread(run->record, run->length, 1, run->file) == 1)
            return TRUE;
    }
    dv_error_set_errno(error, errno, "cannot read a scratch file");
    return FALSE;
}

static gboolean
is_less(const Sorter *sorter, guint a, guint b)
{
    const Run *x = g_ptr_array_index(sorter->heap, a), *y = g_ptr_array_index(sorter->heap, b);

    return compare_bytes(x->record, x->length, y->record, y->length) < 0;
}

static void
sink(Sorter *sorter, guint at)
{
    gpointer *heap = sorter->heap->pdata;
    guint n = sorter->heap->len;

    for (;;) {
        guint least = at, left = 2 * at + 1, right = 2 * at + 2;
        if (left < n && is_less(sorter, left, least))
            least = left;
        if (right < n && is_less(sorter, right, least))
            least = right;
        if (least == at)
            return;
        gpointer kept = heap[at];
        heap[at] = heap[least];
        heap[least] = kept;
        at = least;
    }
}

gboolean
sorter_sort(Sorter *sorter, GError **error)
{
    if (sorter->runs->len == 0) {
        sort_memory(sorter);
        return TRUE;
    }
    if (sorter->records > 0 && !write_run(sorter, error))
        return FALSE;
    g_clear_pointer(&sorter->bytes, g_byte_array_unref);
    sorter->bytes = g_byte_array_new();
    g_ptr_array_unref(sorter->places);
    sorter->places = g_ptr_array_new();
    for (guint i = 0; i < sorter->runs->len; i++) {
        Run *run = g_ptr_array_index(sorter->runs, i);
        rewind(run->file);
        if (!run_advance(run, error))
            return FALSE;
        if (!run->at_end)
            g_ptr_array_add(sorter->heap, run);
    }
    for (guint i = sorter->heap->len / 2; i > 0; i--)
        sink(sorter, i - 1);
    return TRUE;
}

static gboolean
give_merged(Sorter *sorter, const guint8 **record, gsize *length, GError **error)
{
    if (sorter->given != NULL) {
        if (!run_advance(sorter->given, error))
            return FALSE;
        if (sorter->given->at_end)
            g_ptr_array_remove_index_fast(sorter->heap, 0);
        if (sorter->heap->len > 0)
            sink(sorter, 0);
        sorter->given = NULL;
    }
    if (sorter->heap->len == 0)
        return TRUE;
    sorter->given = g_ptr_array_index(sorter->heap, 0);
    *record = sorter->given->record;
    *length = sorter->given->length;
    return TRUE;
}

gboolean
sorter_next(Sorter *sorter, const guint8 **record, gsize *length, GError **error)
{
    *record = NULL;
    if (sorter->runs->len > 0)
        return give_merged(sorter, record, length, error);
    if (sorter->next < sorter->places->len) {
        const guint8 *place = g_ptr_array_index(sorter->places, sorter->next++);
        *record = place + 1;
        *length = place[0];
    }
    return TRUE;
}
