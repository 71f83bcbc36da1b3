// SPDX-License-Identifier: Apache-2.0
#pragma once
/* Between disk.c, which keeps what is durable and what is not yet, and disk_cut.c, which deals. */
#include "disk.h"

/* A change whose sync has not ended. */
typedef struct {
    gint64 index;
    const IologEntry *entry;
    guint64 file; /* names only: the file that gets the name; 0: it goes */
} Change;

typedef struct {
    GByteArray *durable;
    GArray *pending; /* Change, ascending */
} File;

/* One folder: name -> file (as pointer). */
typedef struct {
    GHashTable *durable, *current;
    GArray *pending; /* Change, ascending */
} Folder;

struct Disk {
    GPtrArray *files;    /* [id - 1] */
    GHashTable *folders; /* path -> Folder */
};

GHashTable *disk_names_new(void);
File *disk_file(const Disk *disk, guint64 id);
/* Writes the sectors that chance keeps; chance NULL: all; sector 0: the write as one. */
void disk_apply_data(GByteArray *to, const IologEntry *entry, gsize sector, GRand *chance);
void disk_apply_name(GHashTable *names, const Change *change);
