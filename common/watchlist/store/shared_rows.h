// SPDX-License-Identifier: Apache-2.0
#pragma once
/*
 * Sets of attributes and classes of documents that an open list file was asked for, so that a hit
 * need not read and parse them again. Bounded: one that meets another in its slot takes its place.
 * It belongs to one open file, which never changes, and ends with it.
 */
#include "classes.h"

#define SHARED_ATTRIBUTES 512u
#define SHARED_CLASSES 1024u
#define SHARED_TEXT_MAX 1024u /* longer sets are read each time, so that memory stays bounded */

typedef struct {
    gint64 id; /* 0: the slot is free; rows are numbered from 1 */
    char *texts[ATTRIBUTES];
    gint64 from_us, until_us;
} SharedAttributes;

typedef struct {
    gint64 id; /* as above */
    gint64 attribute;
    char issuing_state[4], document_type[4];
} SharedClass;

typedef struct {
    SharedAttributes attributes[SHARED_ATTRIBUTES];
    SharedClass classes[SHARED_CLASSES];
} SharedRows;

SharedRows *shared_rows_new(void);
void shared_rows_free(SharedRows *rows);

/* NULL: not remembered. What is returned stays until the next one is kept. */
const SharedAttributes *shared_attributes(const SharedRows *rows, gint64 id);
/* Copies; only what was checked may be kept. */
void shared_attributes_keep(SharedRows *rows, gint64 id, const char *const texts[ATTRIBUTES],
                            gint64 from_us, gint64 until_us);
const SharedClass *shared_class(const SharedRows *rows, gint64 id);
void shared_class_keep(SharedRows *rows, gint64 id, const char *issuing_state,
                       const char *document_type, gint64 attribute);
