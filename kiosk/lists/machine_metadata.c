// SPDX-License-Identifier: Apache-2.0
/* Signed metadata: timestamp, roots, release, owners' statements. */
#include "machine_private.h"

#include <darvaza/clock.h>
#include <darvaza/error.h>
#include <string.h>

#define KIND "metadata"

/* A digest of bytes as it stands in metadata. */
static void
digest(GBytes *bytes, char out[DV_TRUST_HEX])
{
    gsize length = 0;
    const void *data = g_bytes_get_data(bytes, &length);
    guint8 hash[DV_SHA256_SIZE];

    dv_sha256(data, length, hash);
    g_autofree char *hex = dv_hex(hash, sizeof hash);
    g_strlcpy(out, hex, DV_TRUST_HEX);
}

/* Numbers count from acceptance on: a state that changed is stored before anything is built on it.
 */
static gboolean
store_trust(ListsMachine *machine, GBytes *before, GError **error)
{
    g_autoptr(GBytes) after = dv_trust_state(machine->trust);
    g_autofree char *folder = g_build_filename(machine->options.folder, "trust", NULL);

    return g_bytes_equal(before, after) || dv_trust_store(machine->trust, folder, error);
}

/* And confirmed, and still what it was when it came. */
static gboolean
is_in_force(ListsMachine *machine, gint64 release)
{
    return machine->set->release == release &&
           dv_trust_numbers(machine->trust).release == release && lists_set_is_whole(machine);
}

ListsState
lists_do_timestamp(ListsMachine *machine)
{
    GError *error = NULL;
    g_autoptr(GBytes) file = NULL;
    DvTrustReason reason = lists_source_read_all(machine->source, KIND, "lists/timestamp.json",
                                                 DV_TRUST_TIMESTAMP_MAX, &file, &error);

    if (reason != DV_TRUST_OK)
        return lists_fail(machine, reason, error);
    g_autoptr(GBytes) before = dv_trust_state(machine->trust);
    reason = dv_trust_take_timestamp(machine->trust, file, dv_clock_wall_us(), &error);
    if (reason == DV_TRUST_ROOT_NEEDED) {
        g_clear_error(&error);
        return LISTS_ROOT;
    }
    if (reason != DV_TRUST_OK)
        return lists_fail(machine, reason, error);
    if (!store_trust(machine, before, &error))
        return lists_fail(machine, lists_reason_of(error), error);
    digest(file, machine->seen);
    if (lists_refusal_stands(machine)) {
        g_clear_pointer(&machine->offer, g_free); /* no new attempt to be counted */
        return lists_fail(machine, machine->refusal.reason, g_error_copy(machine->refusal.error));
    }
    if (!g_str_equal(machine->seen, machine->settled) || !lists_set_is_whole(machine))
        return LISTS_MANIFEST;
    machine->reason = machine->settled_as;
    return LISTS_IDLE;
}

ListsState
lists_do_root(ListsMachine *machine)
{
    GError *error = NULL;
    g_autoptr(GBytes) file = NULL;
    gint64 next = dv_trust_numbers(machine->trust).epoch + 1;
    g_autofree char *name = g_strdup_printf("lists/root/%" G_GINT64_FORMAT ".json", next);
    g_autofree char *folder = g_build_filename(machine->options.folder, "trust", NULL);

    if (++machine->roots > DV_TRUST_ROOT_STEPS_MAX)
        return lists_fail(machine, DV_TRUST_FAST_FORWARD,
                          g_error_new_literal(DV_ERROR, DV_ERROR_DENIED,
                                              "there are more new roots than are taken at once"));
    DvTrustReason reason =
        lists_source_read_all(machine->source, KIND, name, DV_TRUST_ROOT_MAX, &file, &error);
    if (reason == DV_TRUST_OK)
        reason = dv_trust_take_root(machine->trust, file, dv_clock_wall_us(), &error);
    if (reason != DV_TRUST_OK)
        return lists_fail(machine, reason, error);
    if (!dv_trust_store(machine->trust, folder, &error))
        return lists_fail(machine, lists_reason_of(error), error);
    return LISTS_TIMESTAMP;
}

/* ---- release and statements */

static DvTrustReason
take_release(ListsMachine *machine, const DvTrustReleaseRef *ref, GError **error)
{
    g_autoptr(GBytes) file = NULL;
    g_autofree char *name =
        g_strdup_printf("lists/release/%" G_GINT64_FORMAT ".json", ref->release);
    DvTrustReason reason = lists_source_read_all(
        machine->source, KIND, name, (gsize)MIN(ref->size, DV_TRUST_RELEASE_MAX), &file, error);

    if (reason != DV_TRUST_OK)
        return reason;
    return dv_trust_take_release(machine->trust, file, dv_clock_wall_us(), error);
}

static DvTrustReason
take_statement(ListsMachine *machine, const DvTrustList *list, GError **error)
{
    g_autoptr(GBytes) file = NULL;
    g_autofree char *name = g_strdup_printf("lists/statement/%s.json", list->statement_sha256);
    gsize max = (gsize)MIN(list->statement_size, DV_TRUST_STATEMENT_MAX);
    DvTrustReason reason = lists_source_read_all(machine->source, KIND, name, max, &file, error);

    if (reason == DV_TRUST_OK)
        reason =
            dv_trust_take_statement(machine->trust, list->list_id, file, dv_clock_wall_us(), error);
    if (reason != DV_TRUST_OK)
        g_prefix_error(error, "list %s: ", list->list_id);
    return reason;
}

static DvTrustReason
take_statements(ListsMachine *machine, GError **error)
{
    const DvTrustRelease *release = dv_trust_release(machine->trust);

    for (guint i = 0; i < release->lists->len; i++) {
        DvTrustReason reason = take_statement(machine, g_ptr_array_index(release->lists, i), error);
        if (reason != DV_TRUST_OK)
            return reason;
    }
    return DV_TRUST_OK;
}

/* Nothing to take for now. What is newer than the previous release came by an earlier rollout and
 * stays; where it is no longer whole, there is no way back to it and not yet one forward. */
static DvTrustReason
stay(ListsMachine *machine, gint64 current, GError **error)
{
    gint64 release = dv_trust_numbers(machine->trust).release;

    /* It may be higher than the number: swapped, and the end was not reached. */
    if (release == 0 || (machine->set->release >= release && lists_set_is_whole(machine)))
        return DV_TRUST_OK;
    g_set_error(error, DV_ERROR, DV_ERROR_UNAVAILABLE,
                "release %" G_GINT64_FORMAT " is damaged here, the centre has release "
                "%" G_GINT64_FORMAT " instead, and it is not for this kiosk yet",
                release, current);
    return DV_TRUST_NO_PATH;
}

/* The current release where it is this kiosk's turn, the previous one where it is not. */
static DvTrustReason
choose_release(ListsMachine *machine, GError **error)
{
    const DvTrustTimestamp *timestamp = dv_trust_timestamp(machine->trust);
    DvTrustReason reason = take_release(machine, &timestamp->current, error);

    if (reason != DV_TRUST_OK)
        return reason;
    if (dv_trust_turn(machine->trust, machine->options.kiosk) == DV_TRUST_OK)
        return DV_TRUST_OK;
    machine->reason = DV_TRUST_WAITING;
    if (!timestamp->has_previous ||
        timestamp->previous.release < dv_trust_numbers(machine->trust).release)
        return stay(machine, timestamp->current.release, error);
    if (is_in_force(machine, timestamp->previous.release))
        return DV_TRUST_OK;
    return take_release(machine, &timestamp->previous, error);
}

ListsState
lists_do_manifest(ListsMachine *machine)
{
    GError *error = NULL;
    g_autoptr(GBytes) before = dv_trust_state(machine->trust);
    DvTrustReason reason = choose_release(machine, &error);

    if (reason == DV_TRUST_ROOT_NEEDED) {
        g_clear_error(&error);
        return LISTS_ROOT;
    }
    if (reason == DV_TRUST_OK && !store_trust(machine, before, &error))
        reason = lists_reason_of(error);
    if (reason != DV_TRUST_OK)
        return lists_fail(machine, reason, error);
    const DvTrustTimestamp *timestamp = dv_trust_timestamp(machine->trust);
    const DvTrustRelease *release = dv_trust_release(machine->trust);
    /* Not our turn, and nothing before it: what is here stays. */
    if (machine->reason == DV_TRUST_WAITING && release->release == timestamp->current.release)
        return lists_settle(machine);
    if (is_in_force(machine, release->release))
        return lists_settle(machine);
    reason = take_statements(machine, &error);
    return reason == DV_TRUST_OK ? LISTS_PLAN : lists_fail(machine, reason, error);
}
