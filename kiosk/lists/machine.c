// SPDX-License-Identifier: Apache-2.0
#include "machine_private.h"

#include <darvaza/clock.h>
#include <darvaza/error.h>
#include <darvaza/fault.h>
#include <darvaza/file.h>
#include <darvaza/log.h>

static const struct {
    ListsState (*run)(ListsMachine *machine); /* does the state's work and gives the next one */
    const char *fault_point;
} steps[LISTS_STATES] = {
    [LISTS_IDLE] = {NULL, "lists.idle"},
    [LISTS_TIMESTAMP] = {lists_do_timestamp, "lists.timestamp"},
    [LISTS_ROOT] = {lists_do_root, "lists.root"},
    [LISTS_MANIFEST] = {lists_do_manifest, "lists.manifest"},
    [LISTS_PLAN] = {lists_do_plan, "lists.plan"},
    [LISTS_DOWNLOAD] = {lists_do_download, "lists.download"},
    [LISTS_VERIFY] = {lists_do_verify, "lists.verify"},
    [LISTS_STAGE] = {lists_do_stage, "lists.stage"},
    [LISTS_SELFTEST] = {lists_do_selftest, "lists.selftest"},
    [LISTS_SWAP] = {lists_do_swap, "lists.swap"},
    [LISTS_CONFIRM] = {lists_do_confirm, "lists.confirm"},
};

ListsState
lists_fail(ListsMachine *machine, DvTrustReason reason, GError *error)
{
    machine->reason = reason;
    g_clear_error(&machine->error);
    machine->error = error;
    return LISTS_IDLE;
}

ListsState
lists_settle(ListsMachine *machine)
{
    g_strlcpy(machine->settled, machine->seen, sizeof machine->settled);
    machine->settled_as = machine->reason;
    lists_refusal_clear(&machine->refusal);
    return LISTS_IDLE;
}

DvTrustReason
lists_reason_of(const GError *error)
{
    return g_error_matches(error, DV_ERROR, DV_ERROR_FULL) ? DV_TRUST_NO_SPACE : DV_TRUST_IO;
}

/* ---- the last two states */

ListsState
lists_do_swap(ListsMachine *machine)
{
    GError *error = NULL;

    DV_FAULT_POINT("lists.before_rename");
    if (!lists_set_write(machine->next, machine->options.folder, dv_clock_wall_us(), &error))
        return lists_fail(machine, lists_reason_of(error), error);
    DV_FAULT_POINT("lists.after_rename");
    lists_set_free(machine->set);
    machine->set = g_steal_pointer(&machine->next);
    machine->since_us = dv_clock_mono_us();
    machine->is_unreadable = FALSE;
    g_hash_table_remove_all(machine->damaged);
    machine->swapped = TRUE;
    return LISTS_CONFIRM;
}

/* A crash before this leaves the new set in force and the old numbers trusted: the next run finds
 * nothing to fetch and comes here again. */
ListsState
lists_do_confirm(ListsMachine *machine)
{
    GError *error = NULL;
    g_autofree char *trust = g_build_filename(machine->options.folder, "trust", NULL);

    if (!dv_trust_confirm(machine->trust, dv_clock_wall_us(), &error) ||
        !dv_trust_store(machine->trust, trust, &error))
        return lists_fail(machine, lists_reason_of(error), error);
    DV_FAULT_POINT("lists.confirmed");
    lists_folder_clear_downloads(machine->options.folder);
    dv_log_info("release %" G_GINT64_FORMAT " is in force", machine->set->release);
    return lists_settle(machine);
}

/* ---- the run */

/* What must hold before a state may be entered, whatever the steps did. */
static void
check_invariant(const ListsMachine *machine, ListsState next)
{
    switch (next) {
    case LISTS_DOWNLOAD:
        g_assert(machine->next != NULL && dv_trust_is_complete(machine->trust));
        break;
    case LISTS_VERIFY:
        g_assert(machine->complete);
        break;
    case LISTS_STAGE:
        g_assert(machine->verified);
        break;
    case LISTS_SELFTEST:
        g_assert(machine->staged);
        break;
    case LISTS_SWAP:
        g_assert(machine->tested && machine->staged && machine->verified);
        break;
    case LISTS_CONFIRM:
        g_assert(machine->swapped && machine->next == NULL);
        break;
    default:
        break;
    }
}

static void
move(ListsMachine *machine, ListsState next)
{
    g_assert(lists_state_may_follow(machine->state, next));
    check_invariant(machine, next);
    machine->state = next;
    DV_FAULT_POINT(steps[next].fault_point);
    if (machine->options.moved != NULL)
        machine->options.moved(next, machine->options.data);
}

static void
forget_run(ListsMachine *machine)
{
    g_clear_pointer(&machine->next, lists_set_free);
    g_clear_pointer(&machine->pieces, g_ptr_array_unref);
    g_clear_pointer(&machine->offer, g_free);
    machine->complete = machine->verified = machine->staged = FALSE;
    machine->tested = machine->swapped = FALSE;
    machine->roots = 0;
    machine->source = NULL;
}

/* Layers that the set in force no longer names, once nobody can be about to open them. A clock that
 * may jump must not say when that is, and who cannot read the set must not say which those are. */
static void
collect(const ListsMachine *machine)
{
    g_autofree char *path = g_build_filename(machine->options.folder, "current.json", NULL);

    if (machine->is_unreadable || !g_file_test(path, G_FILE_TEST_EXISTS))
        return;
    if (dv_clock_mono_us() - machine->since_us >= machine->options.grace_us)
        lists_folder_collect(machine->options.folder, machine->set);
}

static void
run_states(ListsMachine *machine)
{
    machine->reason = DV_TRUST_OK;
    g_clear_error(&machine->error);
    move(machine, LISTS_TIMESTAMP);
    while (machine->state != LISTS_IDLE) {
        ListsState next = atomic_load(&machine->stopped)
                              ? lists_fail(machine, DV_TRUST_UNAVAILABLE,
                                           g_error_new_literal(DV_ERROR, DV_ERROR_UNAVAILABLE,
                                                               "the service is ending"))
                              : steps[machine->state].run(machine);
        move(machine, next);
    }
}

/* A delta on a damaged base cannot be proven, and that is not the delta's fault. */
static gboolean
base_was_damaged(ListsMachine *machine)
{
    return machine->verified &&
           (machine->reason == DV_TRUST_WRONG_CONTENT || machine->reason == DV_TRUST_SELFTEST) &&
           lists_find_damage(machine);
}

DvTrustReason
lists_machine_run(ListsMachine *machine, ListsSource *source, GError **error)
{
    forget_run(machine);
    collect(machine);
    machine->source = source;
    run_states(machine);
    if (base_was_damaged(machine)) {
        forget_run(machine);
        machine->source = source;
        run_states(machine);
    }
    lists_refusal_note(machine);
    forget_run(machine);
    if (machine->error != NULL)
        g_propagate_error(error, g_steal_pointer(&machine->error));
    return machine->reason;
}

void
lists_machine_stop(ListsMachine *machine)
{
    atomic_store(&machine->stopped, TRUE);
}

/* ---- life */

static gboolean
make_folders(const char *folder, GError **error)
{
    static const char *const names[] = {"layers", "download", "stage", "trust"};

    for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *path = g_build_filename(folder, names[i], NULL);
        if (!dv_file_make_dir(path, 0750, error))
            return FALSE;
    }
    return TRUE;
}

/* A set that cannot be read is in force for nobody: it is made anew from packages. Its layers stay
 * until then. */
static ListsSet *
read_set(const char *folder, gboolean *is_unreadable, GError **error)
{
    g_autoptr(GError) problem = NULL;
    ListsSet *set = lists_set_read(folder, &problem);

    if (set != NULL)
        return set;
    if (g_error_matches(problem, DV_ERROR, DV_ERROR_IO)) {
        g_propagate_error(error, g_steal_pointer(&problem));
        return NULL;
    }
    dv_log_warning("%s; it is made anew", problem->message);
    *is_unreadable = TRUE;
    return lists_set_new();
}

ListsMachine *
lists_machine_new(const ListsMachineOptions *options, GError **error)
{
    g_autoptr(ListsMachine) machine = g_new0(ListsMachine, 1);
    g_autofree char *trust = g_build_filename(options->folder, "trust", NULL);

    machine->options = *options;
    machine->damaged = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    machine->since_us = dv_clock_mono_us();
    if (!make_folders(options->folder, error))
        return NULL;
    machine->set = read_set(options->folder, &machine->is_unreadable, error);
    machine->trust = machine->set != NULL ? dv_trust_load(trust, error) : NULL;
    return machine->trust != NULL ? g_steal_pointer(&machine) : NULL;
}

void
lists_machine_free(ListsMachine *machine)
{
    if (machine == NULL)
        return;
    forget_run(machine);
    g_clear_error(&machine->error);
    lists_refusal_clear(&machine->refusal);
    g_hash_table_unref(machine->damaged);
    lists_set_free(machine->set);
    dv_trust_free(machine->trust);
    g_free(machine);
}

gint64
lists_machine_release(const ListsMachine *machine)
{
    return machine->set->release;
}

gint64
lists_machine_epoch(const ListsMachine *machine)
{
    return machine->set->epoch;
}
