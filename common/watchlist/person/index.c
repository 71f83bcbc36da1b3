// SPDX-License-Identifier: Apache-2.0
/*
 * Finding candidates. A question with a whole birth date reads the names of every date that a slip
 * could have made of it; one without a date, or whose name is so rare that it would count against
 * another date, goes by the postings of its rarest words. A short list is read whole. Signatures
 * sift before names are compared.
 */
#include "block.h"
#include "store/checksum.h"

#include <darvaza/error.h>

#include <math.h>
#include <string.h>

#define SCAN_NAMES 5000 /* lists up to here are read whole, whatever is asked */
#define POSTINGS_WORDS 3
#define NAMES_BY_WORDS_MAX 400 /* compared in one question */
#define PLACES_MAX 20000       /* of one question's postings */
#define POINTS_PER_BIT 20.0
/* Beyond the default threshold points come slower, so that near-certain is told from likely; the
 * first bit is worth as much as before it. */
#define POINTS_BEYOND 300.0
#define BITS_HALVING 10.4
/* A shorter list is judged as if it had so many names: a traveller is one of many all the same. */
#define NAMES_LEAST 1024
/* What the odds must reach at PERSON_THRESHOLD beyond one listed name in the list's number. */
#define MARGIN_BITS -2.8
/* A question without a date finds little at PERSON_THRESHOLD, and in a short list there is little
 * that it could find wrongly: so much up to NAMES_LEAST names, and a bit more for every doubling,
 * which is PERSON_THRESHOLD from a million on. */
#define THRESHOLD_UNDATED 500
#define SEX_AGREES 0.7
#define SEX_CONTRADICTS -2.0
#define NATIONALITY_AGREES 1.5
#define NATIONALITY_CONTRADICTS -2.5
#define LOW_QUALITY -1.5 /* an alias that its owner holds to be weak */

struct PersonIndex {
    sqlite3 *db;
    sqlite3_stmt *year, *blocks, *block, *word;
    gint64 names;
    guint32 last_block;
};

typedef struct {
    PersonIndex *index;
    const PersonQuery *query;
    guint share; /* of the smaller signature, in 16ths, that must be shared */
    double doubt, needed, side,
        weight; /* bits: for the threshold, best of sex and nationality, the name's */
    guint query_bits;
    GArray *found; /* PersonCandidate */
    guint threshold;
    GError **error;
} Search;

static gboolean
read_meta(PersonIndex *index, GError **error)
{
    gboolean row = FALSE;
    g_autoptr(sqlite3_stmt) ask =
        dv_sqlite_prepare(index->db,
                          "SELECT names, (SELECT max(id) FROM person_block) "
                          "FROM person_meta WHERE id = 1",
                          error);

    if (ask == NULL || !dv_sqlite_step(ask, &row, error))
        return FALSE;
    if (!row) {
        g_set_error_literal(error, DV_ERROR, DV_ERROR_CORRUPT, "the person index is not finished");
        return FALSE;
    }
    index->names = sqlite3_column_int64(ask, 0);
    index->last_block = (guint32)sqlite3_column_int64(ask, 1);
    return TRUE;
}

PersonIndex *
person_index_open(sqlite3 *db, GError **error)
{
    g_autoptr(PersonIndex) index = g_new0(PersonIndex, 1);

    index->db = db;
    if (!read_meta(index, error))
        return NULL;
    index->year = dv_sqlite_prepare(db, "SELECT days FROM person_year WHERE year = ?1", error);
    index->block = dv_sqlite_prepare(db, "SELECT names FROM person_block WHERE id = ?1", error);
    index->word = dv_sqlite_prepare(
        db, "SELECT id, count, places FROM person_word WHERE id >= ?1 AND id < ?2", error);
    index->blocks = dv_sqlite_prepare(
        db, "SELECT id, names FROM person_block WHERE id >= ?1 AND id <= ?2", error);
    if (index->year == NULL || index->block == NULL || index->word == NULL || index->blocks == NULL)
        return NULL;
    return g_steal_pointer(&index);
}

void
person_index_free(PersonIndex *index)
{
    if (index == NULL)
        return;
    sqlite3_finalize(index->year);
    sqlite3_finalize(index->blocks);
    sqlite3_finalize(index->block);
    sqlite3_finalize(index->word);
    g_free(index);
}

guint
person_default_threshold(const PersonQuery *query)
{
    if (query->date.year != 0)
        return PERSON_THRESHOLD;
    double doublings = log2((double)MAX(query->names, NAMES_LEAST) / NAMES_LEAST);
    return (guint)MIN(lrint(THRESHOLD_UNDATED + POINTS_PER_BIT * doublings), PERSON_THRESHOLD);
}

gint64
person_index_names(const PersonIndex *index)
{
    return index->names;
}

static gboolean
damaged(Search *search, const char *what)
{
    g_set_error(search->error, DV_ERROR, DV_ERROR_CORRUPT, "the person index is damaged: %s", what);
    return FALSE;
}

/* ---- judging one name */

static double
side_bits(const PersonQuery *query, const BlockEntry *entry)
{
    double bits = 0;

    if (query->sex != 0 && (entry->sex == 'F' || entry->sex == 'M'))
        bits += query->sex == entry->sex ? SEX_AGREES : SEX_CONTRADICTS;
    if (query->nationality != 0 && entry->nationality != 0)
        bits +=
            query->nationality == entry->nationality ? NATIONALITY_AGREES : NATIONALITY_CONTRADICTS;
    return bits;
}

/* The evidence that stands against a match before anything is known: with so many names listed, one
 * of them is like the traveller's by chance. */
static double
doubt(const PersonQuery *query)
{
    return log2((double)MAX(query->names, NAMES_LEAST)) + MARGIN_BITS;
}

static guint
points(const Search *search, double bits)
{
    double beyond = bits - search->doubt;
    double more =
        beyond <= 0 ? beyond * POINTS_PER_BIT : POINTS_BEYOND * (1 - exp2(-beyond / BITS_HALVING));

    return (guint)CLAMP(lrint(PERSON_THRESHOLD + more), 1, 999);
}

/* The least evidence beyond the doubt that gives so many points. */
static double
bits_for(guint threshold)
{
    double more = (double)threshold - PERSON_THRESHOLD - 0.5;

    return more <= 0 ? more / POINTS_PER_BIT
                     : -BITS_HALVING * log2(MAX(1 - more / POINTS_BEYOND, 1e-4));
}

static gboolean
judge(Search *search, const Block *block, guint at)
{
    const PersonQuery *query = search->query;
    BlockEntry entry;
    PersonAlignment alignment;

    if (!block_entry(block, at, &entry))
        return damaged(search, "a name cannot be read");
    PersonDateKind kind = person_date_compare(query->date, entry.date);
    double rest = person_date_bits(kind, query->date, entry.date) + side_bits(query, &entry) +
                  (entry.low_quality ? LOW_QUALITY : 0);
    if (rest + search->weight < search->needed)
        return TRUE;
    if (!block_words(&entry))
        return damaged(search, "a name's words cannot be read");
    person_names_align(&query->name, &entry.name_words, &alignment);
    guint score = points(search, alignment.bits + rest);
    if (alignment.count == 0 || score < search->threshold)
        return TRUE;
    PersonCandidate candidate = {entry.alert, score, entry.name,    entry.low_quality,
                                 entry.date,  kind,  alignment.bits};
    g_array_append_val(search->found, candidate);
    return TRUE;
}

/* Whether a name is worth comparing: enough of the smaller signature is shared. */
static gboolean
sift(const Search *search, const Block *block, guint at)
{
    DvNameSignature signature = block_signature(block, at);
    guint shared = dv_name_signature_shared(&search->query->signature, &signature);
    guint few = MIN(search->query_bits, dv_name_signature_count(&signature));

    return shared * 16 >= few * search->share;
}

/* ---- by date */

static gboolean
read_range(Search *search, guint32 from, guint32 to)
{
    sqlite3_stmt *ask = search->index->blocks;
    gboolean row = FALSE, ok = TRUE;
    guint32 next = from >> 8;

    if (from >= to)
        return TRUE;
    sqlite3_bind_int64(ask, 1, from >> 8);
    sqlite3_bind_int64(ask, 2, (to - 1) >> 8);
    while (ok && (ok = dv_sqlite_step(ask, &row, search->error)) && row) {
        guint32 number = (guint32)sqlite3_column_int64(ask, 0);
        Block block;
        const void *bytes = sqlite3_column_blob(ask, 1);
        if (number != next++ || !block_open(&block, number, bytes, sqlite3_column_bytes(ask, 1))) {
            ok = damaged(search, "a block cannot be read");
            break;
        }
        guint first = number == from >> 8 ? from & 0xff : 0;
        guint end = number == to >> 8 ? MIN(to & 0xff, block.count) : block.count;
        for (guint i = first; ok && i < end; i++)
            ok = !sift(search, &block, i) || judge(search, &block, i);
    }
    sqlite3_reset(ask);
    /* The end may be the beginning of a block that was never begun. */
    if (ok && next <= (to - 1) >> 8)
        ok = damaged(search, "a block is missing");
    return ok;
}

/* Places of the days of one year, kept while dates of the same year are asked for. */
typedef struct {
    int year; /* -1: none */
    gboolean present;
    guint32 days[YEAR_DAYS + 1];
} Year;

static gboolean
load_year(Search *search, Year *year, guint number)
{
    sqlite3_stmt *ask = search->index->year;
    gboolean row = FALSE, ok = TRUE;

    if (year->year == (int)number)
        return TRUE;
    sqlite3_bind_int64(ask, 1, number);
    if (!dv_sqlite_step(ask, &row, search->error))
        return FALSE;
    year->year = (int)number;
    year->present = row;
    if (row) {
        const guint8 *bytes = sqlite3_column_blob(ask, 0);
        if (sqlite3_column_bytes(ask, 0) != (YEAR_DAYS + 2) * 4 ||
            !checksum_holds(bytes, (YEAR_DAYS + 2) * 4, number))
            ok = damaged(search, "a year cannot be read");
        for (guint i = 0; ok && i <= YEAR_DAYS; i++)
            year->days[i] = block_u32(bytes + 4 + i * 4u);
    }
    sqlite3_reset(ask);
    return ok;
}

static gboolean
read_date(Search *search, Year *year, PersonDate date)
{
    guint day = date.month * 32u + date.day;

    if (!load_year(search, year, date.year))
        return FALSE;
    return !year->present || read_range(search, year->days[day], year->days[day + 1]);
}

static gint
by_year(gconstpointer a, gconstpointer b)
{
    const PersonDate *x = a, *y = b;

    return x->year != y->year ? x->year - y->year
                              : (x->month * 32 + x->day) - (y->month * 32 + y->day);
}

/* Dates whose evidence, with all that the name could bring, does not reach the threshold are not
 * read at all. */
static gboolean
read_dates(Search *search)
{
    const PersonQuery *query = search->query;
    g_autofree Year *year = g_new0(Year, 1);
    PersonDate dates[PERSON_DATES_MAX];
    guint count = 0;

    year->year = -1;
    for (guint i = 0; i < query->date_count; i++) {
        PersonDateKind kind = person_date_compare(query->date, query->dates[i]);
        double bits = person_date_bits(kind, query->date, query->dates[i]);
        if (bits + search->weight + search->side >= search->needed)
            dates[count++] = query->dates[i];
    }
    qsort(dates, count, sizeof *dates, by_year);
    for (guint i = 0; i < count; i++) {
        PersonDateKind kind = person_date_compare(query->date, dates[i]);
        search->share = kind == DATE_SAME ? 7 : 9;
        if (!read_date(search, year, dates[i]))
            return FALSE;
    }
    return TRUE;
}

static gboolean
read_days(Search *search, Year *year, guint number, guint first, guint end)
{
    if (!load_year(search, year, number))
        return FALSE;
    return !year->present || read_range(search, year->days[first], year->days[end]);
}

/* A date of which only the year, or year and month, are known. */
static gboolean
read_part(Search *search)
{
    g_autofree Year *year = g_new0(Year, 1);
    PersonDate date = search->query->date;

    year->year = -1;
    if (date.month != 0)
        return read_days(search, year, date.year, 0, 1) &&
               read_days(search, year, date.year, date.month * 32u, date.month * 32u + 32u);
    return read_days(search, year, date.year, 0, YEAR_DAYS);
}

/* ---- by words */

static gint
compare_places(gconstpointer a, gconstpointer b)
{
    guint32 x = *(const guint32 *)a, y = *(const guint32 *)b;

    return (x > y) - (x < y);
}

static gboolean
take_places(GArray *places, const guint8 *bytes, gsize size)
{
    guint32 place = 0, delta = 0;
    guint shift = 0;

    for (gsize i = 0; i < size; i++) {
        if (shift > 28)
            return FALSE;
        delta |= (guint32)(bytes[i] & 0x7f) << shift;
        shift += 7;
        if (bytes[i] & 0x80)
            continue;
        place += delta;
        g_array_append_val(places, place);
        delta = 0;
        shift = 0;
    }
    return shift == 0;
}

static gboolean
read_word(Search *search, gint64 key, GArray *places)
{
    sqlite3_stmt *ask = search->index->word;
    gboolean row = FALSE, ok = TRUE;

    sqlite3_bind_int64(ask, 1, key);
    sqlite3_bind_int64(ask, 2, key + POSTINGS_ROWS);
    while (ok && places->len < PLACES_MAX && (ok = dv_sqlite_step(ask, &row, search->error)) &&
           row) {
        const guint8 *bytes = sqlite3_column_blob(ask, 2);
        gsize size = (gsize)sqlite3_column_bytes(ask, 2);
        if (bytes == NULL || !checksum_holds(bytes, size, (guint64)sqlite3_column_int64(ask, 0)) ||
            !take_places(places, bytes + 4, size - 4))
            ok = damaged(search, "a word's places cannot be read");
    }
    sqlite3_reset(ask);
    return ok;
}

static gboolean
read_place(Search *search, guint32 place)
{
    sqlite3_stmt *ask = search->index->block;
    gboolean row = FALSE, ok = TRUE;
    Block block;

    sqlite3_bind_int64(ask, 1, place >> 8);
    if (!dv_sqlite_step(ask, &row, search->error))
        return FALSE;
    if (!row ||
        !block_open(&block, place >> 8, sqlite3_column_blob(ask, 0),
                    sqlite3_column_bytes(ask, 0)) ||
        (place & 0xff) >= block.count)
        ok = damaged(search, "a word's place does not exist");
    else if (sift(search, &block, place & 0xff))
        ok = judge(search, &block, place & 0xff);
    sqlite3_reset(ask);
    return ok;
}

/* Names that share two of the question's rarest words, or one where there is no second. */
static gboolean
read_words(Search *search)
{
    const WeighedName *name = &search->query->name;
    g_autoptr(GArray) places = g_array_new(FALSE, FALSE, sizeof(guint32));
    guint taken = 0, used = 0;

    for (guint n = 0; n < POSTINGS_WORDS && n < name->words.count; n++) {
        guint rarest = 0;
        int weight = -1;
        for (guint i = 0; i < name->words.count; i++) {
            if ((taken & 1u << i) == 0 && name->weights[i] > weight) {
                rarest = i;
                weight = name->weights[i];
            }
        }
        taken |= 1u << rarest;
        used++;
        if (!read_word(search, block_word_key(&name->words.words[rarest]), places))
            return FALSE;
    }
    g_array_sort(places, compare_places);
    const guint32 *at = (const guint32 *)(void *)places->data;
    for (guint i = 0, looked = 0; i < places->len && looked < NAMES_BY_WORDS_MAX; i++) {
        gboolean again = i + 1 < places->len && at[i + 1] == at[i];
        gboolean first = i == 0 || at[i - 1] != at[i];
        if (!first || !(used < 2 || again || places->len < NAMES_BY_WORDS_MAX))
            continue;
        looked++;
        if (!read_place(search, at[i]))
            return FALSE;
    }
    return TRUE;
}

/* ---- all of it */

static gboolean
count_word(PersonIndex *index, gint64 key, gint64 *count, GError **error)
{
    gboolean row = FALSE;

    sqlite3_bind_int64(index->word, 1, key);
    sqlite3_bind_int64(index->word, 2, key + 1);
    if (!dv_sqlite_step(index->word, &row, error))
        return FALSE;
    *count += row ? sqlite3_column_int64(index->word, 1) : 0;
    sqlite3_reset(index->word);
    return TRUE;
}

gboolean
person_query_weigh(PersonQuery *query, PersonIndex *const *indexes, guint count, GError **error)
{
    WeighedName *name = &query->name;

    query->names = 0;
    for (guint i = 0; i < count; i++)
        query->names += indexes[i]->names;
    for (guint w = 0; w < name->words.count; w++) {
        gint64 names_with = 0;
        for (guint i = 0; i < count; i++) {
            if (!count_word(indexes[i], block_word_key(&name->words.words[w]), &names_with, error))
                return FALSE;
        }
        name->weights[w] = person_word_weight(&name->words.words[w], names_with, query->names);
    }
    return TRUE;
}

static gint
by_score(gconstpointer a, gconstpointer b)
{
    const PersonCandidate *x = a, *y = b;

    if (x->score != y->score)
        return x->score < y->score ? 1 : -1;
    if (x->alert != y->alert)
        return x->alert < y->alert ? -1 : 1;
    return x->name - y->name;
}

/* The best candidate of every alert, best first. */
static void
keep_best(GArray *found, gboolean *capped)
{
    g_autoptr(GHashTable) seen = g_hash_table_new(NULL, NULL);
    guint kept = 0;

    g_array_sort(found, by_score);
    for (guint i = 0; i < found->len; i++) {
        PersonCandidate candidate = g_array_index(found, PersonCandidate, i);
        if (!g_hash_table_add(seen, GSIZE_TO_POINTER((gsize)candidate.alert + 1)))
            continue;
        if (kept == PERSON_CANDIDATES_MAX) {
            *capped = TRUE;
            break;
        }
        g_array_index(found, PersonCandidate, kept++) = candidate;
    }
    g_array_set_size(found, kept);
}

static gboolean
search_all(Search *search)
{
    const PersonQuery *query = search->query;
    PersonIndex *index = search->index;
    gboolean whole = query->date_count > 0, part = query->date.year != 0 && !whole;

    if (index->names <= (whole ? SCAN_NAMES : PERSON_SCAN_WITHOUT_DATE)) {
        search->share = 7;
        return read_range(search, 1u << 8, (index->last_block + 1) << 8);
    }
    if (whole && !read_dates(search))
        return FALSE;
    if (part && !read_part(search))
        return FALSE;
    /* Whatever the date says against it, would the name alone do? */
    double other =
        query->date.year != 0 ? person_date_bits(DATE_OTHER, query->date, query->date) : 0;
    search->share = 9;
    return search->weight + search->side + other < search->needed || read_words(search);
}

gboolean
person_index_find(PersonIndex *index, const PersonQuery *query, guint threshold, GArray *candidates,
                  gboolean *capped, GError **error)
{
    g_autoptr(GArray) found = g_array_new(FALSE, FALSE, sizeof(PersonCandidate));

    if (index->names == 0 || query->name.words.count == 0)
        return TRUE;
    Search search = {.index = index,
                     .query = query,
                     .share = 9,
                     .doubt = doubt(query),
                     .side = (query->sex != 0 ? SEX_AGREES : 0) +
                             (query->nationality != 0 ? NATIONALITY_AGREES : 0),
                     .weight = person_name_weight(&query->name),
                     .query_bits = dv_name_signature_count(&query->signature),
                     .found = found,
                     .threshold = threshold,
                     .error = error};
    search.needed = search.doubt + bits_for(threshold);
    if (!search_all(&search))
        return FALSE;
    keep_best(found, capped);
    g_array_append_vals(candidates, found->data, found->len);
    return TRUE;
}
