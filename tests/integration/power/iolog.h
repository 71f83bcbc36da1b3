// SPDX-License-Identifier: Apache-2.0
#pragma once
/*
 * Records what this process does to the files below one folder: every write with its bytes, every
 * sync, every name made, changed or taken away, in the order in which the kernel did them, mixed
 * with marks of the program's own. It takes the place of the C library's functions, so libraries
 * (SQLite) are recorded as they are. What it cannot record (a shared writable mapping, writev,
 * links ...) ends the process, so that no recording is silently incomplete.
 *
 * SQLite's "-shm" files are left out: they are never synced and are rebuilt after a crash.
 */
#include <glib.h>

typedef enum {
    IOLOG_WRITE,      /* file, offset, data */
    IOLOG_TRUNCATE,   /* file, offset: the new size */
    IOLOG_SYNC_BEGIN, /* file; what was written before it ... */
    IOLOG_SYNC_END,   /* ... is durable from here on; ref: index of its SYNC_BEGIN */
    IOLOG_CREATE,     /* file, data: path */
    IOLOG_RENAME,     /* data: old path, NUL, new path */
    IOLOG_UNLINK,     /* data: path */
    IOLOG_DIR_BEGIN,  /* data: path; as SYNC, for the names in the folder */
    IOLOG_DIR_END,    /* ref: index of its DIR_BEGIN */
    IOLOG_MARK,       /* data: text */
} IologKind;

typedef struct {
    guint32 kind;
    guint32 length; /* of the data behind this header; text and paths end with NUL */
    guint64 file;   /* 1, 2, 3 ... by creation; 0: none */
    gint64 offset;
    gint64 ref;
} IologEntry;

/* root must be an existing, empty folder, absolute without links; paths in the log are relative to
 * it. From now on everything below it is recorded into log. */
void iolog_start(const char *root, const char *log);
void iolog_stop(void);
/* Nothing when nothing is being recorded. */
void iolog_mark(const char *format, ...) G_GNUC_PRINTF(1, 2);

/* ---- reading */
typedef struct {
    GBytes *bytes;      /* the whole log */
    GPtrArray *entries; /* const IologEntry *, inside bytes; data follows each */
} Iolog;

/* Ends the process when the log is damaged. */
Iolog *iolog_read(const char *log);
void iolog_free(Iolog *log);
static inline const IologEntry *
iolog_at(const Iolog *log, gsize index)
{
    return g_ptr_array_index(log->entries, index);
}
static inline const char *
iolog_data(const IologEntry *entry)
{
    return (const char *)(entry + 1);
}
