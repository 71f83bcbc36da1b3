// SPDX-License-Identifier: Apache-2.0
#include "disk_private.h"

const char *
disk_mode_word(DiskMode mode)
{
    static const char *const words[DISK_MODES] = {
        "running", "nothing", "all", "in order", "subset", "torn at 4096", "torn at 512",
    };
    return words[mode];
}

/* How one cut deals with what is not durable. */
typedef struct {
    DiskMode mode;
    gint64 before; /* IN_ORDER: changes with a lower index are there */
    GRand *chance;
} Deal;

static gboolean
keeps(const Deal *deal, const Change *change)
{
    switch (deal->mode) {
    case DISK_NOTHING:
        return FALSE;
    case DISK_RUNNING:
    case DISK_ALL:
        return TRUE;
    case DISK_IN_ORDER:
        return change->index < deal->before;
    default:
        return g_rand_boolean(deal->chance);
    }
}

/* ---- data */

static gsize
size_after(gsize size, const IologEntry *entry)
{
    if (entry->kind == IOLOG_TRUNCATE)
        return (gsize)entry->offset;
    return MAX(size, (gsize)entry->offset + entry->length);
}

/* The length is as it was after some of the changes, more often than not after all. */
static gsize
deal_size(const Deal *deal, const File *file)
{
    guint n = file->pending->len;
    guint kept =
        g_rand_boolean(deal->chance) ? n : (guint)g_rand_int_range(deal->chance, 0, (gint32)n + 1);
    gsize size = file->durable->len;

    for (guint i = 0; i < kept; i++)
        size = size_after(size, g_array_index(file->pending, Change, i).entry);
    return size;
}

static void
deal_by_chance(const Deal *deal, const File *file, GByteArray *content)
{
    const gsize sectors[DISK_MODES] = {[DISK_TORN_4K] = 4096, [DISK_TORN_512] = 512};

    for (guint i = 0; i < file->pending->len; i++) {
        const IologEntry *entry = g_array_index(file->pending, Change, i).entry;
        if (entry->kind == IOLOG_WRITE || g_rand_boolean(deal->chance))
            disk_apply_data(content, entry, sectors[deal->mode], deal->chance);
    }
    if (file->pending->len > 0)
        g_byte_array_set_size(content, MIN(content->len, (guint)deal_size(deal, file)));
}

static GByteArray *
deal_file(const Deal *deal, const File *file)
{
    GByteArray *content = g_byte_array_new();

    g_byte_array_append(content, file->durable->data, file->durable->len);
    if (deal->mode >= DISK_SUBSET) {
        deal_by_chance(deal, file, content);
        return content;
    }
    for (guint i = 0; i < file->pending->len; i++) {
        const Change *change = &g_array_index(file->pending, Change, i);
        if (keeps(deal, change))
            disk_apply_data(content, change->entry, 0, NULL);
    }
    return content;
}

/* ---- names */

static void
copy_names(GHashTable *from, GHashTable *to)
{
    GHashTableIter each;
    gpointer name, file;

    g_hash_table_iter_init(&each, from);
    while (g_hash_table_iter_next(&each, &name, &file))
        g_hash_table_insert(to, g_strdup(name), file);
}

static gint64
last_index(const GArray *pending)
{
    return pending->len > 0 ? g_array_index(pending, Change, pending->len - 1).index : -1;
}

/* Somewhere between the oldest and the newest change in the folder and its files. */
static gint64
deal_order(const Disk *disk, const Folder *folder, GRand *chance)
{
    gint64 first = G_MAXINT32, last = -1;
    GHashTableIter each;
    gpointer file;
    const GArray *pending = folder->pending;

    g_hash_table_iter_init(&each, folder->current);
    do {
        if (pending->len > 0) {
            first = MIN(first, g_array_index(pending, Change, 0).index);
            last = MAX(last, last_index(pending));
        }
    } while (g_hash_table_iter_next(&each, NULL, &file) &&
             (pending = disk_file(disk, GPOINTER_TO_SIZE(file))->pending) != NULL);
    return last < 0 ? 0 : g_rand_int_range(chance, (gint32)first, (gint32)last + 2);
}

static void
write_file(const char *target, const char *name, const GByteArray *content)
{
    g_autofree char *path = g_build_filename(target, name, NULL);
    g_autoptr(GError) error = NULL;

    if (!g_file_set_contents_full(path, (const char *)content->data, content->len,
                                  G_FILE_SET_CONTENTS_NONE, 0600, &error))
        g_error("%s", error->message);
}

void
disk_cut(const Disk *disk, const char *path, DiskMode mode, GRand *chance, const char *target)
{
    const Folder *folder = g_hash_table_lookup(disk->folders, path);
    g_autoptr(GHashTable) names = disk_names_new();

    if (folder == NULL)
        return; /* nothing was made in it yet */
    const Deal deal = {mode, deal_order(disk, folder, chance), chance};
    copy_names(folder->durable, names);
    for (guint i = 0; i < folder->pending->len; i++) {
        const Change *change = &g_array_index(folder->pending, Change, i);
        if (keeps(&deal, change))
            disk_apply_name(names, change);
    }
    g_autoptr(GList) sorted = g_list_sort(g_hash_table_get_keys(names), (GCompareFunc)g_strcmp0);
    for (GList *name = sorted; name != NULL; name = name->next) {
        guint64 id = GPOINTER_TO_SIZE(g_hash_table_lookup(names, name->data));
        g_autoptr(GByteArray) content = deal_file(&deal, disk_file(disk, id));
        write_file(target, name->data, content);
    }
}
