// SPDX-License-Identifier: Apache-2.0
#pragma once
/*
 * A repository of signed lists as a centre serves it (and a stick carries it), made with keys of
 * its own: two lists, "docs" and "people", which change with every release. Invented data from
 * numbers alone, so that every release can be told by its rows. Ends the test when anything fails.
 */
#include <darvaza/crypto.h>
#include <darvaza/trust.h>
#include <glib.h>

#define LIST_REPO_LISTS 2

typedef struct ListRepo ListRepo;

/* Rightly signed, and wrong in one way: of the newest deltas, unless said otherwise. */
typedef enum {
    LIST_REPO_HONEST,
    LIST_REPO_TAKES_AWAY,   /* signed as adding only, and rows go */
    LIST_REPO_OTHER_ROWS,   /* the owners signed another number of rows */
    LIST_REPO_OTHER_HASH,   /* and another state hash */
    LIST_REPO_OTHER_LIST,   /* the second list's package holds the first list */
    LIST_REPO_GARBLED,      /* damaged before it was signed */
    LIST_REPO_OTHER_KEY,    /* another content key was signed than the envelope holds */
    LIST_REPO_OTHER_DIGEST, /* of the layer inside */
    LIST_REPO_INSIDE_SHORT, /* the layer inside was signed as larger than it is */
    LIST_REPO_INSIDE_LONG,
    LIST_REPO_NO_KEYS, /* no envelopes lie beside the packages */
} ListRepoSpoil;

typedef struct {
    guint changes;             /* rows of each list that go and come */
    gboolean add_only;         /* they come only */
    gboolean urgent;           /* with add_only: for every kiosk at once */
    gboolean with_full;        /* full packages of this version too */
    guint percent;             /* 0: 100 */
    const char *canary;        /* a kiosk that takes it first; NULL: none */
    gboolean wrong_canary_row; /* the owner signs a question that does not get its answer */
    gboolean supersedes;       /* the timestamp's previous release stays: this one takes the place
                                * of one whose rollout was not finished */
    const DvCert *only_for; /* its packages are sealed to this one instead; NULL: the recipient */
    ListRepoSpoil spoil;
} ListRepoRelease;

/* dir/repository, dir/root.json (for enrolment) and dir/plain (nobody's but the test's). docs and
 * people: rows of the first release, which is made here. recipient: the kiosk's `lists`
 * certificate. */
ListRepo *list_repo_new(const char *dir, guint docs, guint people, const DvCert *recipient);
void list_repo_free(ListRepo *repo);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ListRepo, list_repo_free)
const char *list_repo_folder(const ListRepo *repo); /* dir/repository */
const char *list_repo_root(const ListRepo *repo);   /* dir/root.json */

/* The next release in the repository, and a timestamp that names it; its number. */
gint64 list_repo_publish(ListRepo *repo, const ListRepoRelease *what);
/* A new timestamp for the newest release, percent as given. */
void list_repo_stamp(ListRepo *repo, guint percent);
/* The next root, signed by old and new. */
void list_repo_new_root(ListRepo *repo);

/* TRUE when current.json and its layers are exactly one published release, read row by row, or when
 * there is no set yet; *release is its number, 0 for none. */
gboolean list_repo_judge(const ListRepo *repo, const char *lists_folder, gint64 *release,
                         GError **error);
/* Bytes of the packages that the newest release added. */
gint64 list_repo_delta_bytes(const ListRepo *repo);
/* The path of a package or other piece of the newest release whose delta it is, for damage. */
char *list_repo_delta_path(const ListRepo *repo, guint list);
