// SPDX-License-Identifier: Apache-2.0
#pragma once
/* org.darvaza.Lists1 as darvaza-uplink and an administrator's import see it. Main thread. */
#include "wish.h"

#include <gio/gio.h>

typedef struct {
    const char *folder; /* LISTS: for status.json */
    ListsWish *wish;
    /* Begins an import; the call is answered later by lists_service_answer_import. */
    void (*import)(const char *folder, GDBusMethodInvocation *call, void *data);
    void *data;
} ListsServiceOptions; /* everything must outlive the service */

typedef struct ListsService ListsService;
/* Listens at once. allowed_uid: the uplink's own user, -1 for none beside ours and root. */
ListsService *lists_service_new(const char *socket, int allowed_uid,
                                const ListsServiceOptions *options, GError **error);
void lists_service_free(ListsService *service);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ListsService, lists_service_free)
/* Tells every peer that something is wanted. */
void lists_service_say_wanted(ListsService *service);
void lists_service_answer_import(GDBusMethodInvocation *call, const char *reason,
                                 const char *detail);
