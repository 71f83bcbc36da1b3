// SPDX-License-Identifier: Apache-2.0
#include "classes.h"

#include "checksum.h"

#include <darvaza/crypto.h>
#include <darvaza/error.h>

#include <string.h>

#define REMEMBERED_MAX 1000000u

/* ---- attribute sets */

typedef struct {
    guint8 hash[CHECKSUM_WIDE_SIZE];
    gint64 id;
} Remembered;

struct Attributes {
    sqlite3_stmt *insert;
    GHashTable *known; /* Remembered, by hash */
    guint64 seed;      /* chance, so that nobody can make two sets that hash alike */
    gint64 last_id;
    GString *text, *last_text; /* of the row before: most often the same */
    gint64 last_found;
};

static guint
remembered_hash(gconstpointer key)
{
    const guint8 *hash = key;

    return hash[0] | (guint)hash[1] << 8 | (guint)hash[2] << 16 | (guint)hash[3] << 24;
}

static gboolean
remembered_equal(gconstpointer a, gconstpointer b)
{
    return memcmp(a, b, CHECKSUM_WIDE_SIZE) == 0;
}

Attributes *
attributes_new(sqlite3 *db, GError **error)
{
    sqlite3_stmt *insert = dv_sqlite_prepare(
        db,
        "INSERT INTO attribute (id, action, legal_basis, owner, purpose, review_date, valid_from,"
        " valid_until, reason, sum) VALUES (?,?,?,?,?,?,?,?,?,?)",
        error);

    if (insert == NULL)
        return NULL;
    Attributes *attributes = g_new0(Attributes, 1);
    attributes->insert = insert;
    attributes->known = g_hash_table_new_full(remembered_hash, remembered_equal, g_free, NULL);
    dv_random(&attributes->seed, sizeof attributes->seed);
    attributes->text = g_string_new(NULL);
    attributes->last_text = g_string_new(NULL);
    return attributes;
}

void
attributes_free(Attributes *attributes)
{
    if (attributes == NULL)
        return;
    sqlite3_finalize(attributes->insert);
    g_hash_table_unref(attributes->known);
    g_string_free(attributes->text, TRUE);
    g_string_free(attributes->last_text, TRUE);
    g_free(attributes);
}

static gboolean
write_attributes(Attributes *attributes, const char *const *values, gint64 id, GError **error)
{
    sqlite3_stmt *stmt = attributes->insert;

    sqlite3_bind_int64(stmt, 1, id);
    for (int i = 0; i < ATTRIBUTES; i++)
        sqlite3_bind_text(stmt, 2 + i, values[i], -1, SQLITE_STATIC);
    sqlite3_bind_int64(stmt, 2 + ATTRIBUTES, checksum_texts((guint64)id, values, ATTRIBUTES));
    return dv_sqlite_run(stmt, error);
}

gboolean
attributes_take(Attributes *attributes, const char *const columns[COLUMNS], gint64 *id,
                GError **error)
{
    const char *const *values = columns + ATTRIBUTE_FIRST;
    guint8 hash[CHECKSUM_WIDE_SIZE];

    g_string_truncate(attributes->text, 0);
    for (int i = 0; i < ATTRIBUTES; i++)
        g_string_append_len(attributes->text, values[i], (gssize)strlen(values[i]) + 1);
    *id = attributes->last_found;
    if (attributes->last_id > 0 && g_string_equal(attributes->text, attributes->last_text))
        return TRUE;
    checksum_wide(attributes->text->str, attributes->text->len, attributes->seed, hash);
    const Remembered *known = g_hash_table_lookup(attributes->known, hash);
    if (known == NULL && !write_attributes(attributes, values, ++attributes->last_id, error))
        return FALSE;
    *id = known != NULL ? known->id : attributes->last_id;
    if (known == NULL && g_hash_table_size(attributes->known) < REMEMBERED_MAX) {
        Remembered *new = g_new(Remembered, 1);
        memcpy(new->hash, hash, sizeof hash);
        new->id = *id;
        g_hash_table_add(attributes->known, new);
    }
    attributes->last_found = *id;
    GString *swapped = attributes->last_text;
    attributes->last_text = attributes->text;
    attributes->text = swapped;
    return TRUE;
}

/* ---- classes of plain documents */

typedef struct {
    char issuing_state[4], document_type[4];
    gint64 attribute;
    gint64 rank;
    guint64 count;
} Class;

struct DocClasses {
    sqlite3_stmt *insert;
    GHashTable *known;  /* Class, by itself */
    GPtrArray *classes; /* Class: owned; its place is its id */
    gint64 own;         /* classes that were not remembered; their rows come after all others */
};

static guint
class_hash(gconstpointer key)
{
    const Class *class = key;

    return (guint)checksum_hash(class, G_STRUCT_OFFSET(Class, rank));
}

static gboolean
class_equal(gconstpointer a, gconstpointer b)
{
    return memcmp(a, b, G_STRUCT_OFFSET(Class, rank)) == 0;
}

DocClasses *
doc_classes_new(sqlite3 *db, GError **error)
{
    sqlite3_stmt *insert =
        dv_sqlite_prepare(db,
                          "INSERT INTO doc_class (id, issuing_state, document_type, attribute, sum)"
                          " VALUES (?,?,?,?,?)",
                          error);

    if (insert == NULL)
        return NULL;
    DocClasses *classes = g_new0(DocClasses, 1);
    classes->insert = insert;
    classes->known = g_hash_table_new(class_hash, class_equal);
    classes->classes = g_ptr_array_new_with_free_func(g_free);
    return classes;
}

void
doc_classes_free(DocClasses *classes)
{
    if (classes == NULL)
        return;
    sqlite3_finalize(classes->insert);
    g_hash_table_unref(classes->known);
    g_ptr_array_unref(classes->classes);
    g_free(classes);
}

static gboolean
write_class(DocClasses *classes, gint64 id, const Class *class, GError **error)
{
    const char *const texts[] = {class->issuing_state, class->document_type};
    gint64 sum = checksum_texts((guint64)(id ^ class->attribute << 32), texts, 2);

    sqlite3_bind_int64(classes->insert, 1, id);
    sqlite3_bind_text(classes->insert, 2, class->issuing_state, -1, SQLITE_STATIC);
    sqlite3_bind_text(classes->insert, 3, class->document_type, -1, SQLITE_STATIC);
    sqlite3_bind_int64(classes->insert, 4, class->attribute);
    sqlite3_bind_int64(classes->insert, 5, sum);
    return dv_sqlite_run(classes->insert, error);
}

gboolean
doc_classes_take(DocClasses *classes, const char *issuing_state, const char *document_type,
                 gint64 attribute, gint64 *id, GError **error)
{
    Class probe = {.attribute = attribute};

    g_strlcpy(probe.issuing_state, issuing_state, sizeof probe.issuing_state);
    g_strlcpy(probe.document_type, document_type, sizeof probe.document_type);
    Class *class = g_hash_table_lookup(classes->known, &probe);
    if (class == NULL && classes->classes->len >= REMEMBERED_MAX) {
        *id = REMEMBERED_MAX + ++classes->own;
        return write_class(classes, *id, &probe, error);
    }
    if (class == NULL) {
        class = g_memdup2(&probe, sizeof probe);
        class->rank = (gint64)classes->classes->len;
        g_ptr_array_add(classes->classes, class);
        g_hash_table_add(classes->known, class);
    }
    class->count++;
    *id = class->rank;
    return TRUE;
}

static gint
by_count(gconstpointer a, gconstpointer b)
{
    const Class *x = *(const Class *const *)a, *y = *(const Class *const *)b;

    if (x->count != y->count)
        return x->count < y->count ? 1 : -1;
    return (x->rank > y->rank) - (x->rank < y->rank);
}

gboolean
doc_classes_finish(DocClasses *classes, GError **error)
{
    g_autoptr(GPtrArray) sorted = g_ptr_array_copy(classes->classes, NULL, NULL);

    g_ptr_array_set_free_func(sorted, NULL);
    g_ptr_array_sort(sorted, by_count);
    for (guint i = 0; i < sorted->len; i++) {
        Class *class = g_ptr_array_index(sorted, i);
        class->rank = (gint64)i + 1;
        if (!write_class(classes, class->rank, class, error))
            return FALSE;
    }
    return TRUE;
}

gint64
doc_classes_rank(const DocClasses *classes, gint64 id)
{
    if (id >= (gint64)classes->classes->len)
        return id;
    return ((const Class *)g_ptr_array_index(classes->classes, (guint)id))->rank;
}

gboolean
doc_classes_attribute(DocClasses *classes, gint64 id, gint64 *attribute, GError **error)
{
    gboolean row = FALSE;

    if (id < (gint64)classes->classes->len) {
        *attribute = ((const Class *)g_ptr_array_index(classes->classes, (guint)id))->attribute;
        return TRUE;
    }
    g_autoptr(sqlite3_stmt) stmt = dv_sqlite_prepare(
        sqlite3_db_handle(classes->insert), "SELECT attribute FROM doc_class WHERE id = ?", error);
    if (stmt == NULL)
        return FALSE;
    sqlite3_bind_int64(stmt, 1, id);
    if (!dv_sqlite_step(stmt, &row, error))
        return FALSE;
    *attribute = row ? sqlite3_column_int64(stmt, 0) : 0;
    return TRUE;
}
