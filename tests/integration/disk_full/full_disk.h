// SPDX-License-Identifier: Apache-2.0
#pragma once
/*
 * A disk that is full when a test wants it: takes the place of the C library's functions that need
 * room below one folder. After so many of them all fail with ENOSPC, also those that would only
 * overwrite (file systems that copy on write need room for that too). Linked into a test, or as a
 * library before a daemon (LD_PRELOAD) with FULL_DISK_ROOT and FULL_DISK_CONTROL, a file that holds
 * FullDisk as it is in memory and that the test writes to.
 */
#include <glib.h>

typedef struct {
    gint64 left;    /* calls that still find room; negative: no end */
    gint64 refused; /* calls that found none */
    gint64 halves;  /* 1: the write that takes the last room is done by half, as on a real disk */
    gint64 sync_fails; /* 1: fsync finds no room either (a network disk) and says so */
} FullDisk;

/* The one that counts; also in a daemon, where it is the control file. */
FullDisk *full_disk(void);
/* For a test that links this: which folder. */
void full_disk_watch(const char *root);
