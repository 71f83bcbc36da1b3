// SPDX-License-Identifier: Apache-2.0
#pragma once
/*
 * The folder of list releases as the command line sees it (docs/formats/list-trust.md): lists/ is
 * what kiosks fetch, drafts/R/ what waits for signatures, with the plain layers beside it.
 */
#include <darvaza/packages.h>
#include <darvaza/trust.h>

typedef struct {
    char *dir, *lists, *drafts;
    GBytes *root_file; /* the newest root of lists/root; NULL: none yet */
    DvTrustRoot *root;
    DvTrustTimestamp *timestamp; /* NULL: none yet */
    GBytes *release_file;        /* the newest of lists/release; NULL: none yet */
    DvTrustRelease *release;
    gint64 last_number; /* the highest release or draft */
} ListRepo;

/* Makes the folders where they are missing. DV_ERROR_CORRUPT, DV_ERROR_INVALID, DV_ERROR_IO. */
ListRepo *list_repo_open(const char *dir, GError **error);
void list_repo_free(ListRepo *repo);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ListRepo, list_repo_free)
/* DV_ERROR_CONFIG unless there is a root. */
gboolean list_repo_needs_root(const ListRepo *repo, GError **error);

/* Paths; the caller frees. */
char *list_repo_draft(const ListRepo *repo, gint64 release, const char *name);
char *list_repo_path(const ListRepo *repo, const char *name);
/* A release that was laid into lists/. */
DvTrustRelease *list_repo_release(const ListRepo *repo, gint64 number, GError **error);
/* Releases below the newest one that kiosks may still have, by the last timestamp: their number. */
guint list_repo_behind(const ListRepo *repo, gint64 numbers[2]);
/* The list of a release; NULL: it has none of that id. */
const DvTrustList *list_repo_list(const DvTrustRelease *release, const char *list_id);
/* Of a folder with current.json and layers/, as a booth has it and each draft is: the ids of its
 * lists, and the layer files of one, lowest first, NULL-terminated. NULL with an error. Free with
 * g_strfreev. */
char **list_folder_ids(const char *folder, GError **error);
char **list_folder_layers(const char *folder, const char *list_id, GError **error);
/* The same of the draft of a release. */
char **list_repo_layers(const ListRepo *repo, gint64 release, const char *list_id, GError **error);
/* A second name for a file, or a copy where the disk has no second names. */
gboolean list_repo_link(const char *from, const char *to, GError **error);
/* Puts the next root in its place after checking it against the one before. */
gboolean list_repo_add_root(ListRepo *repo, GBytes *file, GError **error);
/* The release of a draft and everything that it names into lists/. Enough must have signed. */
gboolean list_repo_put_release(ListRepo *repo, gint64 release, GError **error);
/* A timestamp for the newest release of lists/ (and the one before it, where the percentage is
 * below 100). */
gboolean list_repo_put_timestamp(ListRepo *repo, const DvKey *key, guint percent, gint64 hours,
                                 GError **error);
