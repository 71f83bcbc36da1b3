// SPDX-License-Identifier: Apache-2.0
/*
 * Writing the index in two passes: names go to a temporary table as they come and their words are
 * counted; then, in the order of dates and with every word's weight known, into blocks. Memory
 * holds one number per word of a name, the names themselves stay on disk.
 */
#include "block.h"
#include "store/checksum.h"
#include "store/sorter.h"

#include <darvaza/error.h>

#include <string.h>

static const char schema[] =
    "CREATE TABLE person_block (id INTEGER PRIMARY KEY, names BLOB NOT NULL) STRICT;"
    "CREATE TABLE person_year (year INTEGER PRIMARY KEY, days BLOB NOT NULL) STRICT;"
    "CREATE TABLE person_word (id INTEGER PRIMARY KEY, count INTEGER NOT NULL,"
    " places BLOB NOT NULL) STRICT;"
    "CREATE TABLE person_meta (id INTEGER PRIMARY KEY, names INTEGER NOT NULL,"
    " persons INTEGER NOT NULL) STRICT;";
#define STAGE_BYTES (64u << 20)
#define STAGE_HEAD 9u /* day and number, so that names come back by date and as they were added */

typedef struct {
    gint64 key;
    guint32 place;
} Posting;

struct PersonWriter {
    sqlite3 *db;
    Sorter *stage;
    sqlite3_stmt *put_block;
    GArray *keys;     /* gint64: a word of every name, for counting */
    GArray *postings; /* Posting, in order of places */
    GHashTable *counts;
    gint64 names, persons;
    /* the block being filled */
    GByteArray *signatures, *offsets, *entries;
    guint count;
    guint32 block;
    /* the year being filled */
    int year;
    guint32 days[YEAR_DAYS + 1];
    int next_day;
};

PersonWriter *
person_writer_new(sqlite3 *db, const char *folder, GError **error)
{
    g_autoptr(PersonWriter) writer = g_new0(PersonWriter, 1);

    writer->db = db;
    writer->keys = g_array_new(FALSE, FALSE, sizeof(gint64));
    writer->postings = g_array_new(FALSE, FALSE, sizeof(Posting));
    writer->counts = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
    writer->signatures = g_byte_array_new();
    writer->offsets = g_byte_array_new();
    writer->entries = g_byte_array_new();
    writer->block = 1;
    writer->year = -1;
    if (!dv_sqlite_exec(db, schema, error))
        return NULL;
    writer->stage = sorter_new(folder, STAGE_BYTES);
    writer->put_block =
        dv_sqlite_prepare(db, "INSERT INTO person_block (id, names) VALUES (?1, ?2)", error);
    return writer->put_block != NULL ? g_steal_pointer(&writer) : NULL;
}

void
person_writer_free(PersonWriter *writer)
{
    if (writer == NULL)
        return;
    sorter_free(writer->stage);
    sqlite3_finalize(writer->put_block);
    g_array_unref(writer->keys);
    g_array_unref(writer->postings);
    g_hash_table_unref(writer->counts);
    g_byte_array_unref(writer->signatures);
    g_byte_array_unref(writer->offsets);
    g_byte_array_unref(writer->entries);
    g_free(writer);
}

static void
put_u(GByteArray *out, guint64 value, guint bytes)
{
    for (guint i = 0; i < bytes; i++, value >>= 8) {
        guint8 byte = (guint8)value;
        g_byte_array_append(out, &byte, 1);
    }
}

static void
put_big_endian(GByteArray *out, guint64 value, guint bytes)
{
    for (guint i = bytes; i > 0; i--) {
        guint8 byte = (guint8)(value >> (8 * (i - 1)));
        g_byte_array_append(out, &byte, 1);
    }
}

/* ---- first pass */

static int
day_key(PersonDate date)
{
    return date.year * YEAR_DAYS + date.month * 32 + date.day;
}

static void
pack_words(GByteArray *out, const DvNameWords *words)
{
    put_u(out, words->count, 1);
    for (guint i = 0; i < words->count; i++) {
        const DvNameWord *word = &words->words[i];
        put_u(out, (guint64)word->part << 5 | word->length, 1);
        put_u(out, 0, 1); /* the weight, once counted */
        g_byte_array_append(out, (const guint8 *)word->text, word->length);
    }
}

static gboolean
stage_name(PersonWriter *writer, gint64 alert, guint number, const PersonEntry *entry,
           PersonDate date, const DvNameWords *words, GError **error)
{
    g_autoptr(GByteArray) packed = g_byte_array_new();
    const char *sex = entry->sex != NULL ? entry->sex : "";

    put_big_endian(packed, (guint64)day_key(date), 4);
    put_big_endian(packed, (guint64)writer->names, 5);
    put_u(packed, (guint64)alert, 4);
    put_u(packed, MIN(number, 127) | (entry->names[number].low_quality ? 0x80u : 0), 1);
    put_u(packed, (guint8)sex[0], 1);
    put_u(packed, date.year, 2);
    put_u(packed, date.month, 1);
    put_u(packed, date.day, 1);
    /* Of several nationalities none can be held against anybody. */
    put_u(packed, entry->nationality_count == 1 ? person_nationality(entry->nationalities[0]) : 0,
          2);
    pack_words(packed, words);
    if (!sorter_add(writer->stage, packed->data, packed->len, error))
        return FALSE;
    for (guint i = 0; i < words->count; i++) {
        gint64 key = block_word_key(&words->words[i]);
        g_array_append_val(writer->keys, key);
    }
    writer->names++;
    return TRUE;
}

static gboolean
add_name(PersonWriter *writer, gint64 alert, guint number, const PersonEntry *entry, GError **error)
{
    const PersonEntryName *name = &entry->names[number];
    DvNameWords words = {.count = 0};
    guint dates = 0;

    dv_name_words_add(&words, name->surname,
                      name->given_names != NULL ? DV_NAME_SURNAME : DV_NAME_WHOLE);
    dv_name_words_add(&words, name->given_names, DV_NAME_GIVEN);
    if (words.count == 0)
        return TRUE;
    for (guint i = 0; i < entry->date_count; i++) {
        PersonDate date;
        if (!person_date_parse(entry->birth_dates[i], &date))
            continue;
        dates++;
        if (!stage_name(writer, alert, number, entry, date, &words, error))
            return FALSE;
    }
    return dates > 0 || stage_name(writer, alert, number, entry, (PersonDate){0}, &words, error);
}

gboolean
person_writer_add(PersonWriter *writer, gint64 alert, const PersonEntry *entry, GError **error)
{
    if (alert < 0 || alert > G_MAXUINT32) {
        g_set_error(error, DV_ERROR, DV_ERROR_INVALID,
                    "alert number %" G_GINT64_FORMAT " is beyond what the person index holds",
                    alert);
        return FALSE;
    }
    for (guint i = 0; i < entry->name_count && i < 128; i++) {
        if (!add_name(writer, alert, i, entry, error))
            return FALSE;
    }
    writer->persons++;
    return TRUE;
}

/* ---- second pass */

static gint
compare_keys(gconstpointer a, gconstpointer b)
{
    gint64 x = *(const gint64 *)a, y = *(const gint64 *)b;

    return (x > y) - (x < y);
}

static void
count_words(PersonWriter *writer)
{
    gint64 *keys = (gint64 *)(void *)writer->keys->data;
    guint total = writer->keys->len;

    g_array_sort(writer->keys, compare_keys);
    for (guint i = 0, first = 0; i < total; i++) {
        if (i + 1 < total && keys[i + 1] == keys[first])
            continue;
        g_hash_table_insert(writer->counts, g_memdup2(&keys[first], sizeof keys[first]),
                            GUINT_TO_POINTER(i + 1 - first));
        first = i + 1;
    }
    g_array_set_size(writer->keys, 0);
}

static gboolean
flush_block(PersonWriter *writer, GError **error)
{
    g_autoptr(GByteArray) row = g_byte_array_new();

    if (writer->count == 0)
        return TRUE;
    put_u(row, 0, 4);
    put_u(row, writer->count, 2);
    g_byte_array_append(row, writer->signatures->data, writer->signatures->len);
    for (guint i = 0; i < writer->count; i++)
        put_u(row, BLOCK_HEAD(writer->count) + block_u16(writer->offsets->data + i * 2u), 2);
    g_byte_array_append(row, writer->entries->data, writer->entries->len);
    checksum_put(row->data, row->len, writer->block);
    sqlite3_bind_int64(writer->put_block, 1, writer->block++);
    sqlite3_bind_blob(writer->put_block, 2, row->data, (int)row->len, SQLITE_STATIC);
    g_byte_array_set_size(writer->signatures, 0);
    g_byte_array_set_size(writer->offsets, 0);
    g_byte_array_set_size(writer->entries, 0);
    writer->count = 0;
    return dv_sqlite_run(writer->put_block, error);
}

static guint32
place_now(const PersonWriter *writer)
{
    return writer->block << 8 | writer->count;
}

static gboolean
end_year(PersonWriter *writer, GError **error)
{
    g_autoptr(GByteArray) row = g_byte_array_new();

    if (writer->year < 0)
        return TRUE;
    while (writer->next_day <= YEAR_DAYS)
        writer->days[writer->next_day++] = place_now(writer);
    put_u(row, 0, 4);
    for (guint i = 0; i <= YEAR_DAYS; i++)
        put_u(row, writer->days[i], 4);
    checksum_put(row->data, row->len, (guint64)writer->year);
    g_autoptr(sqlite3_stmt) put = dv_sqlite_prepare(
        writer->db, "INSERT INTO person_year (year, days) VALUES (?1, ?2)", error);
    if (put == NULL)
        return FALSE;
    sqlite3_bind_int(put, 1, writer->year);
    sqlite3_bind_blob(put, 2, row->data, (int)row->len, SQLITE_STATIC);
    return dv_sqlite_run(put, error);
}

static gboolean
start_day(PersonWriter *writer, int day, GError **error)
{
    if (day / YEAR_DAYS != writer->year) {
        if (!end_year(writer, error))
            return FALSE;
        writer->year = day / YEAR_DAYS;
        writer->next_day = 0;
    }
    while (writer->next_day <= day % YEAR_DAYS)
        writer->days[writer->next_day++] = place_now(writer);
    return TRUE;
}

/* Fills the weights in and makes the signature and the postings. */
static void
weigh(PersonWriter *writer, guint8 *packed, gsize size, DvNameSignature *signature)
{
    DvNameWords words = {.count = packed[12]};
    gsize at = 13;

    for (guint i = 0; i < words.count && at + 2 < size; i++) {
        DvNameWord *word = &words.words[i];
        guint length = packed[at] & 31u;
        dv_name_word_set(word, (const char *)packed + at + 2, length, DV_NAME_WHOLE);
        Posting posting = {block_word_key(word), place_now(writer)};
        guint count = GPOINTER_TO_UINT(g_hash_table_lookup(writer->counts, &posting.key));
        packed[at + 1] = person_word_weight(word, count, writer->names);
        g_array_append_val(writer->postings, posting);
        at += length + 2;
    }
    dv_name_signature(&words, signature);
}

static gboolean
put_name(PersonWriter *writer, int day, const guint8 *bytes, gsize size, GError **error)
{
    g_autofree guint8 *packed = g_memdup2(bytes, size);
    DvNameSignature signature;

    if (BLOCK_HEAD(writer->count + 1) + writer->entries->len + size > BLOCK_MAX ||
        writer->count + 1 > BLOCK_NAMES_MAX) {
        if (!flush_block(writer, error))
            return FALSE;
    }
    if (!start_day(writer, day, error))
        return FALSE;
    weigh(writer, packed, size, &signature);
    put_u(writer->signatures, signature.bits[0], 8);
    put_u(writer->signatures, signature.bits[1], 8);
    put_u(writer->offsets, writer->entries->len, 2);
    g_byte_array_append(writer->entries, packed, (guint)size);
    writer->count++;
    return TRUE;
}

static gboolean
put_names(PersonWriter *writer, GError **error)
{
    const guint8 *record;
    gsize length;

    if (!sorter_sort(writer->stage, error))
        return FALSE;
    for (;;) {
        if (!sorter_next(writer->stage, &record, &length, error))
            return FALSE;
        if (record == NULL)
            return flush_block(writer, error) && end_year(writer, error);
        int day = record[0] << 24 | record[1] << 16 | record[2] << 8 | record[3];
        if (!put_name(writer, day, record + STAGE_HEAD, length - STAGE_HEAD, error))
            return FALSE;
    }
}

static gint
compare_postings(gconstpointer a, gconstpointer b)
{
    const Posting *x = a, *y = b;

    if (x->key != y->key)
        return x->key < y->key ? -1 : 1;
    return (x->place > y->place) - (x->place < y->place);
}

static void
put_varint(GByteArray *out, guint32 value)
{
    for (; value >= 0x80; value >>= 7)
        put_u(out, (value & 0x7f) | 0x80, 1);
    put_u(out, value, 1);
}

/* One word's postings: rows of deltas, each starting afresh; none where there are too many. */
static gboolean
put_word(sqlite3_stmt *put, const Posting *postings, guint count, GError **error)
{
    g_autoptr(GByteArray) row = g_byte_array_new();
    guint32 before = 0;
    guint rows = 0;
    gboolean all = count <= POSTINGS_ROWS * (POSTINGS_MAX / 5 - 1);

    put_u(row, 0, 4);
    for (guint i = 0; i <= count; i++) {
        gboolean last = i == count || !all;
        if (row->len + 5 > POSTINGS_MAX || last) {
            checksum_put(row->data, row->len, (guint64)(postings->key | rows));
            sqlite3_bind_int64(put, 1, postings->key | rows++);
            sqlite3_bind_int64(put, 2, count);
            sqlite3_bind_blob(put, 3, row->data, (int)row->len, SQLITE_STATIC);
            if (!dv_sqlite_run(put, error))
                return FALSE;
            g_byte_array_set_size(row, 4);
            before = 0;
        }
        if (last)
            return TRUE;
        if (i > 0 && before != 0 && postings[i].place == before)
            continue;
        put_varint(row, postings[i].place - before);
        before = postings[i].place;
    }
    return TRUE;
}

static gboolean
put_postings(PersonWriter *writer, GError **error)
{
    const Posting *postings = (const Posting *)(void *)writer->postings->data;
    guint total = writer->postings->len;
    g_autoptr(sqlite3_stmt) put = dv_sqlite_prepare(
        writer->db, "INSERT INTO person_word (id, count, places) VALUES (?1, ?2, ?3)", error);

    if (put == NULL)
        return FALSE;
    g_array_sort(writer->postings, compare_postings);
    for (guint i = 0, first = 0; i < total; i++) {
        if (i + 1 < total && postings[i + 1].key == postings[first].key)
            continue;
        if (!put_word(put, postings + first, i + 1 - first, error))
            return FALSE;
        first = i + 1;
    }
    return TRUE;
}

gboolean
person_writer_finish(PersonWriter *writer, GError **error)
{
    count_words(writer);
    if (!put_names(writer, error) || !put_postings(writer, error))
        return FALSE;
    g_autofree char *meta = g_strdup_printf("INSERT INTO person_meta VALUES (1, %" G_GINT64_FORMAT
                                            ", %" G_GINT64_FORMAT ")",
                                            writer->names, writer->persons);
    return dv_sqlite_exec(writer->db, meta, error);
}
