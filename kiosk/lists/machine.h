// SPDX-License-Identifier: Apache-2.0
#pragma once
/*
 * One attempt to bring the list folder up to date, from the timestamp to the confirmed set, run to
 * its end by one call. Blocking: for a thread of its own. Every failure leaves the set in force as
 * it was; what was downloaded stays for the next attempt.
 */
#include "set.h"
#include "source.h"

#include <darvaza/crypto.h>
#include <stdatomic.h>

typedef struct {
    const char *folder; /* LISTS; its trust/root.json is there */
    const char *kiosk;
    const DvKey *key; /* opens the envelopes that are for this kiosk */
    const DvCert *cert;
    guint max_layers; /* more than these on one another are replaced by a full list */
    gint64 grace_us;  /* layers no longer named live so long: somebody may be opening them */
    gint64 retry_us;  /* what failed is tried again after twice this, then four times this ... */
    /* May be NULL: called at each move, and with IDLE at the end of a run. */
    void (*moved)(ListsState state, void *data);
    void *data;
} ListsMachineOptions; /* everything must outlive the machine */

typedef struct ListsMachine ListsMachine;
/* Reads what is trusted and what is in force. DV_ERROR_CONFIG, DV_ERROR_CORRUPT, DV_ERROR_IO. */
ListsMachine *lists_machine_new(const ListsMachineOptions *options, GError **error);
void lists_machine_free(ListsMachine *machine);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ListsMachine, lists_machine_free)

/* OK: this kiosk has what it should have. WAITING: likewise, and the newest release is not yet for
 * it. Everything else changed nothing, with an error. */
DvTrustReason lists_machine_run(ListsMachine *machine, ListsSource *source, GError **error);
/* From another thread: the run that is going ends soon with UNAVAILABLE. */
void lists_machine_stop(ListsMachine *machine);

gint64 lists_machine_release(const ListsMachine *machine); /* in force; 0: none */
gint64 lists_machine_epoch(const ListsMachine *machine);
