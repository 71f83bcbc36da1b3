// SPDX-License-Identifier: Apache-2.0
/* The log, and which files are in it. */
#include "iolog_private.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILES_MAX 8192

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static FILE *out; /* NULL: not recording */
static char root[4096];
static gsize root_length;
static gint64 next_index;
static struct {
    dev_t device;
    ino_t inode;
} files[FILES_MAX]; /* [id - 1]; a number used again belongs to the latest */
static guint64 file_count;

void
iolog_die(const char *what)
{
    fprintf(stderr, "iolog: cannot record %s\n", what);
    abort();
}

/* ---- the log; the caller holds the lock */

gint64
iolog_put(IologKind kind, guint64 file, gint64 offset, gint64 ref, const void *data, gsize length)
{
    static const char padding[8];
    const IologEntry entry = {(guint32)kind, (guint32)length, file, offset, ref};

    if (out == NULL)
        return -1;
    if (fwrite(&entry, sizeof entry, 1, out) != 1 || fwrite(data, 1, length, out) != length ||
        fwrite(padding, 1, (8 - length % 8) % 8, out) != (8 - length % 8) % 8)
        iolog_die("anything: the log itself cannot be written");
    return next_index++;
}

/* The path inside the root, or NULL for any other and for shared-memory files. */
const char *
iolog_inside(const char *path)
{
    if (out == NULL || strncmp(path, root, root_length) != 0 || path[root_length] != '/' ||
        g_str_has_suffix(path, "-shm"))
        return NULL;
    return path + root_length + 1;
}

/* The path behind a descriptor, inside the root or NULL. */
const char *
iolog_path_of(int fd, char *path, gsize size)
{
    char name[64];

    g_snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
    gssize n = readlink(name, path, size - 1);
    if (n < 0)
        return NULL;
    path[n] = '\0';
    if (g_str_has_suffix(path, " (deleted)"))
        path[n - (gssize)strlen(" (deleted)")] = '\0';
    return iolog_inside(path);
}

/* The number of an inode that is gone is used again, also outside: hence the look at the path. */
guint64
iolog_file_of(int fd)
{
    char path[4096];
    struct stat info;

    if (out == NULL || file_count == 0 || fstat(fd, &info) != 0 || !S_ISREG(info.st_mode) ||
        iolog_path_of(fd, path, sizeof path) == NULL)
        return 0;
    for (guint64 id = file_count; id > 0; id--)
        if (files[id - 1].inode == info.st_ino && files[id - 1].device == info.st_dev)
            return id;
    iolog_die("a file that it did not see made");
}

void
iolog_note_created(int fd, const char *relative)
{
    struct stat info;

    if (file_count == FILES_MAX || fstat(fd, &info) != 0)
        iolog_die("so many files");
    files[file_count].device = info.st_dev;
    files[file_count].inode = info.st_ino;
    iolog_put(IOLOG_CREATE, ++file_count, 0, 0, relative, strlen(relative) + 1);
}

void
iolog_lock(void)
{
    pthread_mutex_lock(&lock);
}

void
iolog_unlock(void)
{
    pthread_mutex_unlock(&lock);
}

void
iolog_start(const char *folder, const char *log)
{
    FILE *file = fopen(log, "wbe");

    if (file == NULL || strlen(folder) >= sizeof root)
        iolog_die(folder);
    pthread_mutex_lock(&lock);
    g_strlcpy(root, folder, sizeof root);
    root_length = strlen(root);
    next_index = 0;
    file_count = 0;
    out = file;
    pthread_mutex_unlock(&lock);
}

void
iolog_stop(void)
{
    pthread_mutex_lock(&lock);
    if (out != NULL && fclose(out) != 0)
        iolog_die("the end of the log");
    out = NULL;
    pthread_mutex_unlock(&lock);
}

void
iolog_mark(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    g_autofree char *text = g_strdup_vprintf(format, args);
    va_end(args);
    pthread_mutex_lock(&lock);
    if (out != NULL)
        iolog_put(IOLOG_MARK, 0, 0, 0, text, strlen(text) + 1);
    pthread_mutex_unlock(&lock);
}

gboolean
iolog_watches(int fd, const char *path)
{
    pthread_mutex_lock(&lock);
    gboolean watched =
        (fd >= 0 && iolog_file_of(fd) != 0) || (path != NULL && iolog_inside(path) != NULL);
    pthread_mutex_unlock(&lock);
    return watched;
}
