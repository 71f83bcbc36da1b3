// SPDX-License-Identifier: Apache-2.0
#include "world.h"

static const char *const lists[] = {LIST, NULL};

void
world_init(World *world)
{
    world->signers = dv_test_signers_fixed();
    g_autoptr(DvTrustRoot) root = dv_test_root(world->signers, 1, START - 30 * DAY, lists);
    world->root = dv_test_signed(world->signers, dv_trust_root_make(root, NULL), DV_TRUST_ROLE_ROOT,
                                 SIGNED_ROOT);
}

void
world_clear(World *world)
{
    dv_test_signers_free(world->signers);
    g_bytes_unref(world->root);
}

Plan
plan_of(gint64 number, gint64 issued_us)
{
    return (Plan){.release = number,
                  .version = number,
                  .timestamp_version = issued_us / SECOND,
                  .epoch = 1,
                  .issued_us = issued_us,
                  .percent = 100,
                  .state_fill = (char)('0' + number % 10),
                  .signed_statement = SIGNED_OWNER,
                  .signed_release = SIGNED_RELEASE,
                  .signed_timestamp = SIGNED_TIMESTAMP};
}

static void
fill_hash(char out[DV_TRUST_HEX], char digit)
{
    for (int i = 0; i < DV_TRUST_HEX - 1; i++)
        out[i] = digit;
    out[DV_TRUST_HEX - 1] = 0;
}

static GBytes *
make_statement(const World *world, const Plan *plan)
{
    g_autoptr(DvTrustStatement) statement = dv_trust_statement_new();
    g_autoptr(json_t) query = json_pack("{s:s}", "document_number", "L898902C3");
    statement->list_id = g_strdup(LIST);
    statement->version = plan->version;
    statement->issued_us = plan->issued_us;
    statement->expires_us = plan->issued_us + (plan->runs_us ? plan->runs_us : 30 * DAY);
    statement->rows = 3;
    fill_hash(statement->state_hash, plan->state_fill);
    statement->generated_us = plan->issued_us;
    statement->stale_us = plan->issued_us + DAY;
    statement->list_expires_us = plan->issued_us + 7 * DAY;
    statement->legal_basis = g_strdup("Border Act, section 7");
    statement->purpose = g_strdup("documents reported stolen");
    dv_trust_statement_add_canary(statement, query, "UTO.P.L898902C3");
    return dv_test_signed(world->signers, dv_trust_statement_make(statement, NULL),
                          DV_TRUST_ROLE_OWNER, plan->signed_statement);
}

static DvTrustPackage
package(gint64 from, gint64 to, gboolean add_only)
{
    DvTrustPackage made = {
        .from = from, .to = to, .size = 1000, .plain_size = 4000, .add_only = add_only};
    fill_hash(made.sha256, 'a');
    fill_hash(made.plain_sha256, 'b');
    fill_hash(made.content_key_id, 'c');
    return made;
}

static GBytes *
make_release(const World *world, const Plan *plan, GBytes *statement)
{
    static const guint steps[] = {10, 50, 100};
    g_autoptr(DvTrustRelease) release = dv_trust_release_new();
    release->release = plan->release;
    release->epoch = plan->epoch;
    release->issued_us = plan->issued_us;
    release->expires_us = plan->issued_us + (plan->runs_us ? plan->runs_us : 7 * DAY);
    release->urgent = plan->urgent;
    if (plan->canary)
        g_ptr_array_add(release->canary, g_strdup(plan->canary));
    g_array_append_vals(release->steps, steps, G_N_ELEMENTS(steps));
    DvTrustList *list = dv_trust_release_add_list(release, LIST);
    list->version = plan->version;
    dv_test_digest(statement, list->statement_sha256);
    list->statement_size = (gint64)g_bytes_get_size(statement);
    list->full = package(0, plan->version, FALSE);
    if (plan->full_size)
        list->full.size = plan->full_size;
    if (plan->version > 1) {
        DvTrustPackage *delta = g_new0(DvTrustPackage, 1);
        *delta = package(plan->version - 1, plan->version, plan->add_only);
        delta->size = 10;
        g_ptr_array_add(list->deltas, delta);
    }
    return dv_test_signed(world->signers, dv_trust_release_make(release, NULL),
                          DV_TRUST_ROLE_RELEASE, plan->signed_release);
}

gint64
release_of(GBytes *release)
{
    g_autoptr(DvTrustRelease) read = dv_trust_release_read(release, NULL, NULL);
    g_assert_nonnull(read);
    return read->release;
}

static DvTrustReleaseRef
ref_to(GBytes *release)
{
    DvTrustReleaseRef ref = {.release = release_of(release),
                             .size = (gint64)g_bytes_get_size(release)};
    dv_test_digest(release, ref.sha256);
    return ref;
}

static GBytes *
make_timestamp(const World *world, const Plan *plan, GBytes *release, GBytes *previous)
{
    DvTrustTimestamp timestamp = {.version = plan->timestamp_version,
                                  .epoch = plan->epoch,
                                  .issued_us = plan->issued_us,
                                  .expires_us =
                                      plan->issued_us + (plan->runs_us ? plan->runs_us : DAY),
                                  .current = ref_to(release),
                                  .percent = plan->percent,
                                  .has_previous = previous != NULL};
    if (previous)
        timestamp.previous = ref_to(previous);
    return dv_test_signed(world->signers, dv_trust_timestamp_make(&timestamp, NULL),
                          DV_TRUST_ROLE_TIMESTAMP, plan->signed_timestamp);
}

Pieces
world_make(const World *world, const Plan *plan, GBytes *previous)
{
    Pieces pieces;
    pieces.statement = make_statement(world, plan);
    pieces.release = make_release(world, plan, pieces.statement);
    pieces.timestamp = make_timestamp(world, plan, pieces.release, previous);
    return pieces;
}

void
pieces_clear(Pieces *pieces)
{
    g_clear_pointer(&pieces->statement, g_bytes_unref);
    g_clear_pointer(&pieces->release, g_bytes_unref);
    g_clear_pointer(&pieces->timestamp, g_bytes_unref);
}

DvTrust *
world_trust(const World *world)
{
    g_autoptr(GError) error = NULL;
    DvTrust *trust = dv_trust_new(world->root, NULL, &error);
    EXPECT_NO_ERROR(error);
    return trust;
}

void
world_install(DvTrust *trust, const Pieces *pieces, gint64 clock_us)
{
    g_autoptr(GError) error = NULL;
    DvTrustReason reason = dv_trust_take_timestamp(trust, pieces->timestamp, clock_us, &error);
    if (reason == DV_TRUST_OK)
        reason = dv_trust_take_release(trust, pieces->release, clock_us, &error);
    if (reason == DV_TRUST_OK)
        reason = dv_trust_take_statement(trust, LIST, pieces->statement, clock_us, &error);
    EXPECT_NO_ERROR(error);
    assert_int_equal(reason, DV_TRUST_OK);
    assert_true(dv_trust_confirm(trust, clock_us, &error));
}
