// SPDX-License-Identifier: Apache-2.0
#include "disk_private.h"

#include <string.h>

static void
file_free(gpointer data)
{
    File *file = data;

    g_byte_array_unref(file->durable);
    g_array_unref(file->pending);
    g_free(file);
}

GHashTable *
disk_names_new(void)
{
    return g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
}

static void
folder_free(gpointer data)
{
    Folder *folder = data;

    g_hash_table_unref(folder->durable);
    g_hash_table_unref(folder->current);
    g_array_unref(folder->pending);
    g_free(folder);
}

Disk *
disk_new(void)
{
    Disk *disk = g_new0(Disk, 1);

    disk->files = g_ptr_array_new_with_free_func(file_free);
    disk->folders = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, folder_free);
    return disk;
}

void
disk_free(Disk *disk)
{
    if (disk == NULL)
        return;
    g_ptr_array_unref(disk->files);
    g_hash_table_unref(disk->folders);
    g_free(disk);
}

File *
disk_file(const Disk *disk, guint64 id)
{
    g_assert(id >= 1 && id <= disk->files->len);
    return g_ptr_array_index(disk->files, id - 1);
}

static Folder *
folder_at(Disk *disk, const char *path)
{
    Folder *folder = g_hash_table_lookup(disk->folders, path);

    if (folder != NULL)
        return folder;
    folder = g_new0(Folder, 1);
    folder->durable = disk_names_new();
    folder->current = disk_names_new();
    folder->pending = g_array_new(FALSE, FALSE, sizeof(Change));
    g_hash_table_insert(disk->folders, g_strdup(path), folder);
    return folder;
}

static Folder *
folder_of(Disk *disk, const char *path)
{
    g_autofree char *parent = g_path_get_dirname(path);
    return folder_at(disk, g_str_equal(parent, ".") ? "" : parent);
}

static const char *
name_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash != NULL ? slash + 1 : path;
}

static const char *
new_path_of(const IologEntry *entry)
{
    const char *data = iolog_data(entry);
    return entry->kind == IOLOG_RENAME ? data + strlen(data) + 1 : data;
}

/* ---- applying a change */

/* What was never written reads as zeros, or as what stood on that part of the disk before. */
static void
leave_over(guint8 *at, gsize length, GRand *chance)
{
    if (g_rand_int_range(chance, 0, 4) != 0)
        return;
    for (gsize i = 0; i < length; i++)
        at[i] = (guint8)g_rand_int(chance);
}

static void
set_size(GByteArray *to, gsize size)
{
    guint former = to->len;

    g_byte_array_set_size(to, (guint)size);
    if (to->len > former)
        memset(to->data + former, 0, to->len - former);
}

void
disk_apply_data(GByteArray *to, const IologEntry *entry, gsize sector, GRand *chance)
{
    gsize offset = (gsize)entry->offset, end = offset + entry->length, former = to->len;
    const char *data = iolog_data(entry);

    if (entry->kind == IOLOG_TRUNCATE) {
        set_size(to, offset);
        return;
    }
    if (end > former)
        set_size(to, end);
    for (gsize at = offset; at < end;) {
        gsize next = sector == 0 ? end : MIN(end, (at / sector + 1) * sector);
        if (chance == NULL || g_rand_boolean(chance))
            memcpy(to->data + at, data + (at - offset), next - at);
        else if (at >= former)
            leave_over(to->data + at, next - at, chance);
        at = next;
    }
}

void
disk_apply_name(GHashTable *names, const Change *change)
{
    const char *data = iolog_data(change->entry);

    if (change->entry->kind != IOLOG_CREATE)
        g_hash_table_remove(names, name_of(data));
    if (change->file != 0)
        g_hash_table_insert(names, g_strdup(name_of(new_path_of(change->entry))),
                            GSIZE_TO_POINTER(change->file));
}

/* ---- feeding */

static void
feed_name(Disk *disk, const IologEntry *entry, gint64 index)
{
    const char *path = iolog_data(entry);
    Folder *folder = folder_of(disk, path);
    Change change = {index, entry, entry->file};

    if (entry->kind == IOLOG_CREATE) {
        File *file = g_new0(File, 1);
        file->durable = g_byte_array_new();
        file->pending = g_array_new(FALSE, FALSE, sizeof(Change));
        g_ptr_array_add(disk->files, file);
        g_assert(disk->files->len == entry->file);
    } else if (entry->kind == IOLOG_RENAME) {
        g_assert(folder_of(disk, new_path_of(entry)) == folder);
        change.file = GPOINTER_TO_SIZE(g_hash_table_lookup(folder->current, name_of(path)));
        g_assert(change.file != 0);
    }
    g_array_append_val(folder->pending, change);
    disk_apply_name(folder->current, &change);
}

/* How many of the pending changes came before the sync began. */
static guint
covered(const GArray *pending, gint64 begin)
{
    guint n = 0;

    while (n < pending->len && g_array_index(pending, Change, n).index < begin)
        n++;
    return n;
}

static void
settle_file(File *file, gint64 begin)
{
    guint n = covered(file->pending, begin);

    for (guint i = 0; i < n; i++)
        disk_apply_data(file->durable, g_array_index(file->pending, Change, i).entry, 0, NULL);
    g_array_remove_range(file->pending, 0, n);
}

static void
settle_folder(Folder *folder, gint64 begin)
{
    guint n = covered(folder->pending, begin);

    for (guint i = 0; i < n; i++)
        disk_apply_name(folder->durable, &g_array_index(folder->pending, Change, i));
    g_array_remove_range(folder->pending, 0, n);
}

void
disk_feed(Disk *disk, const IologEntry *entry, gint64 index)
{
    const Change change = {index, entry, 0};

    switch ((IologKind)entry->kind) {
    case IOLOG_WRITE:
    case IOLOG_TRUNCATE:
        g_array_append_val(disk_file(disk, entry->file)->pending, change);
        break;
    case IOLOG_SYNC_END:
        settle_file(disk_file(disk, entry->file), entry->ref);
        break;
    case IOLOG_CREATE:
    case IOLOG_RENAME:
    case IOLOG_UNLINK:
        feed_name(disk, entry, index);
        break;
    case IOLOG_DIR_END:
        settle_folder(folder_at(disk, iolog_data(entry)), entry->ref);
        break;
    case IOLOG_SYNC_BEGIN:
    case IOLOG_DIR_BEGIN:
    case IOLOG_MARK:
        break;
    }
}
