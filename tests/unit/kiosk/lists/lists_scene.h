// SPDX-License-Identifier: Apache-2.0
#pragma once
/* A kiosk's list folder and a repository, with the machine between them. */
#include "list_repo.h"
#include "machine.h"

typedef struct {
    char *dir, *folder;
    DvKey *key;
    DvCert *cert;
    ListRepo *repo;
    ListsMachine *machine;
    gint64 grace_us; /* from the next restart on */
    guint asked;     /* pieces that polled looks asked for, beside timestamps */
} ListsScene;

/* Enrolled and empty; the repository has its first release. */
ListsScene *lists_scene_new(guint docs, guint people);
void lists_scene_free(ListsScene *scene);
/* The machine ends and begins again, as after a restart. */
void lists_scene_restart(ListsScene *scene);
/* One run over the repository's folder. error may be NULL. */
DvTrustReason lists_scene_run(ListsScene *scene, GError **error);
/* The same as one of the looks that the service takes every few seconds. */
DvTrustReason lists_scene_poll(ListsScene *scene, GError **error);
/* Runs, and fails the test unless the reason and the release then in force are these. */
void lists_scene_expect(ListsScene *scene, DvTrustReason reason, gint64 release);
void lists_scene_publish(ListsScene *scene, guint changes);
/* The path of a list's lowest layer in force; caller frees. */
char *lists_scene_base(const ListsScene *scene, const char *list_id);
