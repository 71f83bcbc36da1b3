// SPDX-License-Identifier: Apache-2.0
#include "doc_writer.h"

#include "checksum.h"
#include "classes.h"
#include "filter_writer.h"
#include "keys.h"
#include "sorter.h"

#include <darvaza/error.h>

#include <string.h>

#define SORT_MEMORY ((gsize)384 << 20)

/* A record's parts after its key, so that equal numbers stand by issuer and type, claims before
 * plain documents, and these by line. */
enum { KIND_CLAIM, KIND_PLAIN, KIND_ALERT };
enum { STATE_SIZE = 3, TYPE_SIZE = 2, LINE_SIZE = 5, TARGET_SIZE = 8 };

typedef struct {
    DocEntry entry;
    char number[DOC_NUMBER_MAX + 1], issuing_state[STATE_SIZE + 1], document_type[TYPE_SIZE + 1];
    int kind;
    guint64 line;
    gsize same; /* bytes of the record that a repetition shares */
} Record;

struct DocWriter {
    sqlite3 *db;
    Sorter *sorter;
    DocClasses *classes;
    FilterWriter *filter;
    sqlite3_stmt *insert_block, *insert_first;
    DocBlockWriter block;
    gint64 block_id, entries;
    DocKey last_key; /* that the filter has */
};

DocWriter *
doc_writer_new(sqlite3 *db, const char *folder, GError **error)
{
    g_autoptr(DocWriter) writer = g_new0(DocWriter, 1);

    writer->db = db;
    writer->sorter = sorter_new(folder, SORT_MEMORY);
    writer->classes = doc_classes_new(db, error);
    writer->filter = writer->classes != NULL ? filter_writer_new(db, folder, error) : NULL;
    if (writer->filter == NULL)
        return NULL;
    writer->insert_block =
        dv_sqlite_prepare(db, "INSERT INTO doc_block (id, data) VALUES (?,?)", error);
    writer->insert_first =
        writer->insert_block != NULL
            ? dv_sqlite_prepare(db, "INSERT INTO doc_first (first_key, block) VALUES (?,?)", error)
            : NULL;
    return writer->insert_first != NULL ? g_steal_pointer(&writer) : NULL;
}

void
doc_writer_free(DocWriter *writer)
{
    if (writer == NULL)
        return;
    sqlite3_finalize(writer->insert_block);
    sqlite3_finalize(writer->insert_first);
    filter_writer_free(writer->filter);
    doc_classes_free(writer->classes);
    sorter_free(writer->sorter);
    g_free(writer);
}

/* ---- records */

static gsize
put_text(guint8 *out, const char *text, gsize size)
{
    gsize length = strnlen(text, size);

    memset(out, 0, size);
    for (gsize i = 0; i < length; i++)
        out[i] = (guint8)text[i];
    return size;
}

static gsize
put_number(guint8 *out, guint64 value, gsize size)
{
    for (gsize i = 0; i < size; i++)
        out[i] = (guint8)(value >> (8 * (size - 1 - i)));
    return size;
}

/* A number with letters follows its folded form; one without, which is as its key, comes first. */
static gsize
put_key(guint8 *out, const char *number)
{
    char folded[DOC_NUMBER_MAX + 1];
    gsize length = strlen(number), n = 0;
    gboolean same;

    watchlist_document_fold_key(number, folded);
    same = g_str_equal(folded, number);
    n += put_number(out, length, 1);
    n += put_text(out + n, folded, length);
    n += put_number(out + n, same ? 0 : 1, 1);
    return same ? n : n + put_text(out + n, number, length);
}

static gboolean
add_record(DocWriter *writer, const DocNumber *number, int kind, guint64 target, GError **error)
{
    guint8 record[SORTER_RECORD_MAX];
    gsize n = put_key(record, number->number);

    n += put_text(record + n, number->issuing_state, STATE_SIZE);
    n += put_text(record + n, number->document_type, TYPE_SIZE);
    n += put_number(record + n, (guint64)kind, 1);
    n += put_number(record + n, number->line, LINE_SIZE);
    /* Leading zeros of the target are not kept. */
    gsize size = TARGET_SIZE;
    while (size > 1 && target >> (8 * (size - 1)) == 0)
        size--;
    n += put_number(record + n, target, size);
    return sorter_add(writer->sorter, record, n, error);
}

static guint64
take_number(const guint8 *in, gsize size)
{
    guint64 value = 0;

    for (gsize i = 0; i < size; i++)
        value = value << 8 | in[i];
    return value;
}

static void
take_text(const guint8 *in, char *out, gsize size)
{
    for (gsize i = 0; i < size; i++)
        out[i] = (char)in[i];
    out[size] = '\0';
}

/* These bytes are this program's own, minutes old. */
static void
take_record(const guint8 *in, gsize total, Record *record)
{
    gsize length = in[0], n = 1 + length;
    char folded[DOC_NUMBER_MAX + 1];

    take_text(in + 1, folded, length);
    doc_key_init(&record->entry.key, folded);
    if (in[n++] == 0) {
        g_strlcpy(record->number, folded, sizeof record->number);
    } else {
        take_text(in + n, record->number, length);
        n += length;
    }
    record->entry.letters = doc_letters(record->number);
    take_text(in + n, record->issuing_state, STATE_SIZE);
    take_text(in + n + STATE_SIZE, record->document_type, TYPE_SIZE);
    n += STATE_SIZE + TYPE_SIZE;
    record->same = n;
    record->kind = in[n];
    record->line = take_number(in + n + 1, LINE_SIZE);
    n += 1 + LINE_SIZE;
    record->entry.is_alert = record->kind == KIND_ALERT;
    record->entry.target = take_number(in + n, total - n);
}

gboolean
doc_writer_add_plain(DocWriter *writer, const DocNumber *number, gint64 attribute, GError **error)
{
    gint64 class_id;

    return doc_classes_take(writer->classes, number->issuing_state, number->document_type,
                            attribute, &class_id, error) &&
           add_record(writer, number, KIND_PLAIN, (guint64)class_id, error);
}

gboolean
doc_writer_add_alert(DocWriter *writer, const DocNumber *number, gint64 alert, GError **error)
{
    return add_record(writer, number, KIND_ALERT, (guint64)alert, error);
}

gboolean
doc_writer_claim(DocWriter *writer, const DocNumber *number, GError **error)
{
    return add_record(writer, number, KIND_CLAIM, 0, error);
}

/* ---- blocks */

static gboolean
write_block(DocWriter *writer, const DocKey *high, GError **error)
{
    guint8 data[DOC_BLOCK_MAX];
    DocKey low = writer->block.low;
    gint64 id = ++writer->block_id;
    gsize length = doc_block_finish(&writer->block, (guint64)id, high, data);

    sqlite3_bind_int64(writer->insert_block, 1, id);
    sqlite3_bind_blob(writer->insert_block, 2, data, (int)length, SQLITE_STATIC);
    sqlite3_bind_blob(writer->insert_first, 1, low.bytes, (int)low.length, SQLITE_STATIC);
    sqlite3_bind_int64(writer->insert_first, 2, id);
    return dv_sqlite_run(writer->insert_block, error) && dv_sqlite_run(writer->insert_first, error);
}

static gboolean
write_entry(DocWriter *writer, const DocEntry *entry, GError **error)
{
    if (writer->entries++ == 0)
        doc_block_start(&writer->block, NULL);
    if (!doc_block_add(&writer->block, entry)) {
        if (!write_block(writer, &entry->key, error))
            return FALSE;
        doc_block_start(&writer->block, &entry->key);
        g_assert(doc_block_add(&writer->block, entry));
    }
    if (doc_key_compare(&writer->last_key, &entry->key) == 0)
        return TRUE;
    writer->last_key = entry->key;
    return filter_writer_add(writer->filter, checksum_hash(entry->key.bytes, entry->key.length),
                             error);
}

/* A claim or a plain document before it has the id of this one. */
static gboolean
is_repeated(const guint8 *last, gsize last_same, const guint8 *bytes, const Record *record)
{
    return record->kind == KIND_PLAIN && last_same == record->same &&
           memcmp(last, bytes, last_same) == 0;
}

static gboolean
write_entries(DocWriter *writer, DocTwice twice, gpointer data, GError **error)
{
    guint8 last[SORTER_RECORD_MAX];
    gsize last_same = 0, length;
    const guint8 *bytes;
    Record record;

    for (;;) {
        if (!sorter_next(writer->sorter, &bytes, &length, error))
            return FALSE;
        if (bytes == NULL)
            return TRUE;
        take_record(bytes, length, &record);
        if (is_repeated(last, last_same, bytes, &record)) {
            const DocNumber number = {record.number, record.issuing_state, record.document_type,
                                      record.line};
            gint64 attribute;
            if (!doc_classes_attribute(writer->classes, (gint64)record.entry.target, &attribute,
                                       error) ||
                !twice(data, &number, attribute, error))
                return FALSE;
            continue;
        }
        if (record.kind != KIND_ALERT)
            memcpy(last, bytes, last_same = record.same);
        if (record.kind == KIND_PLAIN)
            record.entry.target =
                (guint64)doc_classes_rank(writer->classes, (gint64)record.entry.target);
        if (record.kind != KIND_CLAIM && !write_entry(writer, &record.entry, error))
            return FALSE;
    }
}

gboolean
doc_writer_finish(DocWriter *writer, DocTwice twice, gpointer data, DocCounts *counts,
                  GError **error)
{
    if (!doc_classes_finish(writer->classes, error) || !sorter_sort(writer->sorter, error) ||
        !write_entries(writer, twice, data, error) ||
        (writer->entries > 0 && !write_block(writer, NULL, error)))
        return FALSE;
    g_clear_pointer(&writer->sorter, sorter_free);
    counts->entries = writer->entries;
    return filter_writer_finish(writer->filter, &counts->parts, error);
}
