// SPDX-License-Identifier: Apache-2.0
/*
 * What was refused is not fetched and refused again at every look. What signed bytes themselves are
 * refused for stays so until the timestamp names other releases, or the service starts anew; what
 * may mend itself (a damaged transfer, a full disk) is tried after twice the time each time.
 */
#include "machine_private.h"

#include <darvaza/clock.h>

#define WAIT_MAX_US (G_GINT64_CONSTANT(900) * G_USEC_PER_SEC)
#define DOUBLINGS_MAX 10u

/* Refused for what is signed: the same bytes will be refused the same way. */
static gboolean
is_final(DvTrustReason reason)
{
    return reason == DV_TRUST_UNDECODABLE || reason == DV_TRUST_WRONG_CONTENT ||
           reason == DV_TRUST_NOT_ADD_ONLY || reason == DV_TRUST_SELFTEST;
}

/* Costs next to nothing to ask again, or goes on where it was. */
static gboolean
is_cheap(DvTrustReason reason)
{
    return reason == DV_TRUST_OK || reason == DV_TRUST_WAITING || reason == DV_TRUST_UNAVAILABLE ||
           reason == DV_TRUST_ABSENT;
}

/* What is offered now; a renewed timestamp over the same releases offers the same. */
static char *
offer_of(const ListsMachine *machine)
{
    const DvTrustTimestamp *timestamp = dv_trust_timestamp(machine->trust);
    return g_strdup_printf("%s %s %u", timestamp->current.sha256,
                           timestamp->has_previous ? timestamp->previous.sha256 : "",
                           timestamp->percent);
}

void
lists_refusal_clear(ListsRefusal *refusal)
{
    g_clear_pointer(&refusal->offer, g_free);
    g_clear_error(&refusal->error);
    refusal->times = 0;
}

gboolean
lists_refusal_stands(ListsMachine *machine)
{
    const ListsRefusal *refusal = &machine->refusal;

    g_free(machine->offer);
    machine->offer = offer_of(machine);
    return machine->source->is_polled && g_strcmp0(machine->offer, refusal->offer) == 0 &&
           (refusal->is_final || dv_clock_mono_us() < refusal->until_us);
}

void
lists_refusal_note(ListsMachine *machine)
{
    ListsRefusal *refusal = &machine->refusal;

    if (machine->offer == NULL || !machine->source->is_polled || is_cheap(machine->reason))
        return;
    if (g_strcmp0(machine->offer, refusal->offer) != 0) {
        lists_refusal_clear(refusal);
        refusal->offer = g_strdup(machine->offer);
    }
    refusal->reason = machine->reason;
    g_clear_error(&refusal->error);
    refusal->error = g_error_copy(machine->error);
    refusal->is_final = is_final(machine->reason);
    refusal->times = MIN(refusal->times + 1, DOUBLINGS_MAX);
    refusal->until_us =
        dv_clock_mono_us() + MIN(machine->options.retry_us << refusal->times, WAIT_MAX_US);
}
