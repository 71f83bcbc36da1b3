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
} ListsScene;

/* Enrolled and empty; the repository has its first release. */
ListsScene *lists_scene_new(guint docs, guint people);
void lists_scene_free(ListsScene *scene);
/* The machine ends and begins again, as after a restart. */
void lists_scene_restart(ListsScene *scene);
/* One run over the repository's folder. error may be NULL. */
DvTrustReason lists_scene_run(ListsScene *scene, GError **error);
