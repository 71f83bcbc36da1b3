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
#include <darvaza/trust.h>
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

/* ---- from draft to service; one process at a time */

/* release.json of a draft, which is what signers sign. DV_ERROR_INVALID when there is none. */
GBytes *dv_lists_draft_release(const DvListsRepository *repository, gint64 release, GError **error);
/* Whether the draft holds the statements, packages and envelopes that its release names;
 * DV_ERROR_INVALID names the first that is missing or whose size is not the signed one. Contents
 * are for kiosks to judge. */
gboolean dv_lists_is_complete(const DvListsRepository *repository, gint64 release, GError **error);
/* Lays what the release names beside what is served (second names of the draft's files), then the
 * signed release, then the timestamp that points to it; each whole and durable. Doing it again
 * changes nothing. */
gboolean dv_lists_publish(const DvListsRepository *repository, gint64 release, GBytes *file,
                          GBytes *timestamp, GError **error);
/* What is served now, by its form alone; both NULL: nothing yet. */
gboolean dv_lists_standing(const DvListsRepository *repository, DvTrustTimestamp **timestamp,
                           DvTrustRelease **release, GError **error);
/* The owners' statements of a release that is served, DvTrustStatement in the order of its lists.
 * DV_ERROR_CORRUPT when one is missing or not the file that the release names. */
GPtrArray *dv_lists_statements(const DvListsRepository *repository, const DvTrustRelease *release,
                               GError **error);
