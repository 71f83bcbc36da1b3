// SPDX-License-Identifier: Apache-2.0
#pragma once
/* Between iolog.c, which keeps the log, and the replaced functions. All but iolog_watches and
 * iolog_die want the lock held; while nothing is being recorded, nothing is inside. */
#include "iolog.h"

void iolog_lock(void);
void iolog_unlock(void);
/* Returns the entry's index; -1 when recording has ended meanwhile. */
gint64 iolog_put(IologKind kind, guint64 file, gint64 offset, gint64 ref, const void *data,
                 gsize length);
/* The path inside the root, or NULL for any other and for shared-memory files. */
const char *iolog_inside(const char *path);
/* The same of a descriptor; path is room for it. */
const char *iolog_path_of(int fd, char *path, gsize size);
/* 0: not recorded. */
guint64 iolog_file_of(int fd);
void iolog_note_created(int fd, const char *relative);

/* Is this descriptor (-1: none) or path (NULL: none) being recorded? */
gboolean iolog_watches(int fd, const char *path);
void iolog_die(const char *what) G_GNUC_NORETURN;
