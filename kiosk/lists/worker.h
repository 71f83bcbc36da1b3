// SPDX-License-Identifier: Apache-2.0
#pragma once
/*
 * The thread in which the machine runs, so that decoding and proving hold up neither the sockets
 * nor anybody's check. It alone writes status.json. Main thread: ask, and collect what came of it
 * when lists_worker_fd is readable.
 */
#include "machine.h"
#include "wish.h"

typedef struct {
    ListsMachineOptions machine; /* moved and data are the worker's own */
    const char *volume;          /* word of status.json */
    guint wait_ms;               /* for a piece from the uplink */
} ListsWorkerOptions;            /* everything must outlive the worker */

typedef struct ListsWorker ListsWorker;
ListsWorker *lists_worker_new(const ListsWorkerOptions *options, GError **error);
/* Ends what is going on, at the next chunk or layer, and the thread. */
void lists_worker_free(ListsWorker *worker);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ListsWorker, lists_worker_free)

ListsWish *lists_worker_wish(ListsWorker *worker);
/* Looks for an update at the centre, soon; nothing when a look is going on or asked for. */
void lists_worker_check(ListsWorker *worker);
/* From a folder, before anything else. FALSE: another import is not done yet. */
gboolean lists_worker_import(ListsWorker *worker, const char *folder);
int lists_worker_fd(const ListsWorker *worker);
/* TRUE: an import has ended so; detail is the caller's. Empties the pipe. */
gboolean lists_worker_collect(ListsWorker *worker, DvTrustReason *reason, char **detail);
