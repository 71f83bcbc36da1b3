// SPDX-License-Identifier: Apache-2.0
#pragma once
/*
 * What a disk may hold after the power was cut, as far as an application may rely on it (POSIX and
 * the kernel's fsync(2)), from a recording of iolog.h:
 *
 * - data of a file is there for sure once an fsync of that file which began after the write has
 *   ended; until then any part of it may be there, in any order, in whole sectors of 512 or 4,096
 *   bytes, and the file's length may be that of any of those writes (what was never written reads
 *   as zeros or as leftovers);
 * - a name made, changed or taken away is so for sure once an fsync of its folder which began after
 *   that has ended; until then it may or may not be (each on its own). A rename is one step: no
 *   state has both names or none.
 *
 * Nothing more is assumed: in particular fsync of a file does not make its name durable, although
 * common file systems do so. One thing less than the worst is assumed: sectors that were not being
 * written keep their content (SQLite's "powersafe overwrite").
 */
#include "iolog.h"

typedef struct Disk Disk;

/* Folders that exist from the start are those in which something is made. */
Disk *disk_new(void);
void disk_free(Disk *disk);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Disk, disk_free)
/* The next entry of the recording, whose index is index. */
void disk_feed(Disk *disk, const IologEntry *entry, gint64 index);

typedef enum {
    DISK_RUNNING,  /* no power cut: everything as the programs see it */
    DISK_NOTHING,  /* only what is durable for sure */
    DISK_ALL,      /* everything that was written, as if all had been synced just in time */
    DISK_IN_ORDER, /* everything up to some write, nothing after it */
    DISK_SUBSET,   /* each write and each name by chance */
    DISK_TORN_4K,  /* each sector by chance */
    DISK_TORN_512,
    DISK_MODES
} DiskMode;
const char *disk_mode_word(DiskMode mode);

/* Writes the folder's files into target, an existing empty folder. The same disk, mode and state of
 * chance give the same files. Ends the process when target cannot be written. */
void disk_cut(const Disk *disk, const char *folder, DiskMode mode, GRand *chance,
              const char *target);
