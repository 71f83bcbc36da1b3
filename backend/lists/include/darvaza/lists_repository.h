// SPDX-License-Identifier: Apache-2.0
#pragma once
/*
 * The centre's folder of list releases (docs/formats/list-trust.md). Below lists/ stands what
 * kiosks may fetch, and what a USB stick is a copy of; below drafts/ what waits for signatures.
 *
 *   lists/root/N.json  lists/timestamp.json  lists/release/R.json  lists/statement/<sha256>.json
 *   lists/package/<sha256>  lists/keys/<sha256>
 *
 * Everything but timestamp.json and keys/ is written once and never changes. Nothing here judges a
 * signature: the opener does before it lets a release out, and every kiosk does again.
 */
#include <glib.h>

#define DV_LISTS_NAME_MAX 96u            /* bytes of a name below lists/ */
#define DV_LISTS_METADATA_MAX (1u << 20) /* bytes of a .json file */

typedef struct DvListsRepository DvListsRepository;

/* The folder must be there; what is below it is made when it is needed. */
DvListsRepository *dv_lists_repository_open(const char *folder, GError **error);
void dv_lists_repository_free(DvListsRepository *repository);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DvListsRepository, dv_lists_repository_free)

/* ---- serving; from any thread */

typedef struct {
    int fd; /* the caller's */
    guint64 size;
    char etag[68];            /* quoted; the same content has the same for ever */
    const char *content_type; /* static */
} DvListsFile;

/* A file by its name below lists/ ("release/42.json"). Only names of the forms above are looked
 * for, no symbolic link is followed and only regular files count. FALSE without error: there is
 * none of that name. */
gboolean dv_lists_find(const DvListsRepository *repository, const char *name, DvListsFile *file,
                       GError **error);
