// SPDX-License-Identifier: Apache-2.0
#pragma once
/* A kiosk with darvaza-lists as a process, and the repository from which it takes its lists. */
#include "list_repo.h"

typedef struct {
    char *dir, *folder, *config, *fault_state;
    DvKey *key;
    DvCert *cert;
    ListRepo *repo;
} ListsKiosk;

/* In memory where the machine has a place for it: kill -9 needs no disk. extra: more lines of the
 * configuration, or "". */
ListsKiosk *lists_kiosk_new(guint docs, guint people, const char *extra);
void lists_kiosk_free(ListsKiosk *kiosk);

/* darvaza-lists --import of the repository. variable: NULL, or "NAME=value" for its environment. */
GPid lists_kiosk_import(const ListsKiosk *kiosk, const char *variable);
/* The wait status of waitpid. */
int lists_kiosk_wait(GPid pid);
/* The release in force; ends the test when it is none that was published, or a mixture. */
gint64 lists_kiosk_judge(const ListsKiosk *kiosk);
