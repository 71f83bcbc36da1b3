// SPDX-License-Identifier: Apache-2.0
/* The honest ways: roots in sequence, whose turn it is, what is kept, and signatures collected. */
#include "keys.h"
#include "world.h"

static World world;
static const char *const lists[] = {LIST, NULL};

static GBytes *
next_root(gint64 version, guint mask)
{
    g_autoptr(DvTrustRoot) root = dv_test_root(world.signers, version, START - DAY, lists);
    return dv_test_signed(world.signers, dv_trust_root_make(root, NULL), DV_TRUST_ROLE_ROOT, mask);
}

static void
expect_root(DvTrust *trust, GBytes *file, DvTrustReason expected)
{
    g_autoptr(GError) error = NULL;
    assert_int_equal(dv_trust_take_root(trust, file, START, &error), expected);
    assert_true((error == NULL) == (expected == DV_TRUST_OK));
}

static void
roots_come_one_by_one(void **state)
{
    (void)state;
    g_autoptr(DvTrust) trust = world_trust(&world);
    g_autoptr(GBytes) second = next_root(2, SIGNED_ROOT);
    g_autoptr(GBytes) lonely = next_root(2, SIGNED_BY(SIGNER_ROOT_1));
    g_autoptr(GBytes) forged = next_root(2, SIGNED_RELEASE | SIGNED_BY(SIGNER_STRANGER));
    g_autoptr(GBytes) third = next_root(3, SIGNED_ROOT);
    expect_root(trust, third, DV_TRUST_FAST_FORWARD);
    expect_root(trust, lonely, DV_TRUST_THRESHOLD);
    expect_root(trust, forged, DV_TRUST_THRESHOLD);
    expect_root(trust, second, DV_TRUST_OK);
    expect_root(trust, world.root, DV_TRUST_ROLLED_BACK);
    expect_root(trust, lonely, DV_TRUST_MISISSUED);
    expect_root(trust, third, DV_TRUST_OK);
    assert_int_equal(dv_trust_numbers(trust).epoch, 3);
}

/* Signed by the new keys alone: whoever makes up a root with keys of their own gets nowhere. */
static void
a_root_needs_old_and_new(void **state)
{
    (void)state;
    g_autoptr(DvTrust) trust = world_trust(&world);
    g_autoptr(DvTrustRoot) root = dv_test_root(world.signers, 2, START - DAY, lists);
    guint8 public_key[DV_ED25519_PUBLIC_SIZE];
    char id[DV_TRUST_HEX];
    assert_true(dv_key_public(world.signers->keys[SIGNER_STRANGER], public_key, NULL));
    assert_true(dv_trust_root_add_key(root, public_key, "new desk", id, NULL));
    dv_trust_root_let(root, DV_TRUST_ROLE_ROOT, NULL, id);
    assert_true(dv_trust_root_remove_key(root, world.signers->ids[SIGNER_ROOT_2]));
    assert_true(dv_trust_root_remove_key(root, world.signers->ids[SIGNER_ROOT_3]));
    assert_false(dv_trust_root_remove_key(root, world.signers->ids[SIGNER_ROOT_3]));
    GBytes *file = dv_trust_root_make(root, NULL);
    g_autoptr(GBytes) only_new =
        dv_test_signed(world.signers, g_bytes_ref(file), DV_TRUST_ROLE_ROOT,
                       SIGNED_BY(SIGNER_ROOT_1) | SIGNED_BY(SIGNER_STRANGER));
    g_autoptr(GBytes) only_old =
        dv_test_signed(world.signers, g_bytes_ref(file), DV_TRUST_ROLE_ROOT, SIGNED_ROOT);
    g_autoptr(GBytes) both = dv_test_signed(world.signers, file, DV_TRUST_ROLE_ROOT,
                                            SIGNED_ROOT | SIGNED_BY(SIGNER_STRANGER));
    expect_root(trust, only_new, DV_TRUST_THRESHOLD);
    expect_root(trust, only_old, DV_TRUST_THRESHOLD);
    expect_root(trust, both, DV_TRUST_OK);
}

/* A desk whose key a root no longer names has lost its say, also over what it signed before. */
static void
a_removed_key_counts_no_more(void **state)
{
    (void)state;
    g_autoptr(DvTrust) trust = world_trust(&world);
    g_autoptr(DvTrustRoot) root = dv_test_root(world.signers, 2, START - DAY, lists);
    assert_true(dv_trust_root_remove_key(root, world.signers->ids[SIGNER_RELEASE_2]));
    g_autoptr(GBytes) second = dv_test_signed(world.signers, dv_trust_root_make(root, NULL),
                                              DV_TRUST_ROLE_ROOT, SIGNED_ROOT);
    const Plan plan = plan_of(1, START);
    g_auto(Pieces) pieces = world_make(&world, &plan, NULL);
    expect_root(trust, second, DV_TRUST_OK);
    assert_int_equal(dv_trust_take_timestamp(trust, pieces.timestamp, START, NULL), DV_TRUST_OK);
    assert_int_equal(dv_trust_take_release(trust, pieces.release, START, NULL), DV_TRUST_THRESHOLD);
}

static void
roots_that_cannot_be(void **state)
{
    (void)state;
    const struct {
        DvTrustRole role;
        DvTestSigner key;
        const char *list_id;
        const char *part;
    } twice[] = {
        {DV_TRUST_ROLE_RELEASE, SIGNER_OWNER, NULL, "two roles"},
        {DV_TRUST_ROLE_TIMESTAMP, SIGNER_RELEASE_1, NULL, "two roles"},
        {DV_TRUST_ROLE_OWNER, SIGNER_ROOT_1, LIST, "two roles"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(twice); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(DvTrustRoot) root = dv_test_root(world.signers, 1, START, lists);
        dv_trust_root_let(root, twice[i].role, twice[i].list_id, world.signers->ids[twice[i].key]);
        assert_null(dv_trust_root_make(root, &error));
        expect_error(&error, DV_ERROR_INVALID, twice[i].part);
    }
    g_autoptr(GError) error = NULL;
    g_autoptr(DvTrustRoot) lonely = dv_test_root(world.signers, 1, START, lists);
    dv_trust_root_set_threshold(lonely, DV_TRUST_ROLE_RELEASE, NULL, 1);
    assert_null(dv_trust_root_make(lonely, &error));
    expect_error(&error, DV_ERROR_INVALID, "threshold");
    g_autoptr(DvTrustRoot) same_desk = dv_test_root(world.signers, 1, START, lists);
    guint8 public_key[DV_ED25519_PUBLIC_SIZE];
    char id[DV_TRUST_HEX];
    assert_true(dv_key_public(world.signers->keys[SIGNER_STRANGER], public_key, NULL));
    assert_true(dv_trust_root_add_key(same_desk, public_key, "release desk 1", id, NULL));
    assert_false(dv_trust_root_add_key(same_desk, public_key, "another desk", id, &error));
    expect_error(&error, DV_ERROR_CONFLICT, "belongs to");
    dv_trust_root_let(same_desk, DV_TRUST_ROLE_RELEASE, NULL, id);
    assert_null(dv_trust_root_make(same_desk, &error));
    expect_error(&error, DV_ERROR_INVALID, "one holder stands twice");
}

/* ---- whose turn */

static DvTrustReason
turn_of(const char *kiosk, const Plan *plan, gboolean has_five)
{
    g_autoptr(DvTrust) trust = world_trust(&world);
    const Plan before = plan_of(plan->release - 1, START);
    g_auto(Pieces) five = world_make(&world, &before, NULL);
    g_auto(Pieces) six = world_make(&world, plan, five.release);
    gint64 clock_us = START + DAY + 1;
    if (has_five)
        world_install(trust, &five, START);
    assert_int_equal(dv_trust_take_timestamp(trust, six.timestamp, clock_us, NULL), DV_TRUST_OK);
    assert_int_equal(dv_trust_take_release(trust, six.release, clock_us, NULL), DV_TRUST_OK);
    return dv_trust_turn(trust, kiosk);
}

static void
the_rollout_goes_by_turns(void **state)
{
    (void)state;
    Plan plan = plan_of(6, START + DAY);
    plan.canary = "KSK-9";
    plan.percent = 0;
    assert_int_equal(turn_of("KSK-9", &plan, TRUE), DV_TRUST_OK);
    assert_int_equal(turn_of("KSK-1", &plan, TRUE), DV_TRUST_WAITING);
    for (plan.percent = 0; plan.percent <= 100; plan.percent += 5) {
        guint signed_step = plan.percent >= 100  ? 100
                            : plan.percent >= 50 ? 50
                            : plan.percent >= 10 ? 10
                                                 : 0;
        gboolean ours = dv_trust_cohort("KSK-1", 6) < signed_step;
        assert_int_equal(turn_of("KSK-1", &plan, TRUE), ours ? DV_TRUST_OK : DV_TRUST_WAITING);
    }
}

static void
urgent_additions_wait_for_nobody(void **state)
{
    (void)state;
    Plan plan = plan_of(6, START + DAY);
    plan.percent = 0;
    plan.urgent = TRUE;
    assert_int_equal(turn_of("KSK-1", &plan, TRUE), DV_TRUST_WAITING); /* not add-only */
    plan.add_only = TRUE;
    assert_int_equal(turn_of("KSK-1", &plan, TRUE), DV_TRUST_OK);
    assert_int_equal(turn_of("KSK-1", &plan, FALSE), DV_TRUST_WAITING); /* nothing to add to */
    plan.full_size = 1; /* a shorter way is no reason to wait */
    assert_int_equal(turn_of("KSK-1", &plan, TRUE), DV_TRUST_OK);
    plan.urgent = FALSE;
    assert_int_equal(turn_of("KSK-1", &plan, TRUE), DV_TRUST_WAITING);
}

static void
who_waits_takes_the_one_before(void **state)
{
    (void)state;
    g_autoptr(GError) error = NULL;
    g_autoptr(DvTrust) trust = world_trust(&world);
    const Plan before = plan_of(5, START);
    Plan plan = plan_of(6, START + DAY);
    plan.percent = 0;
    g_auto(Pieces) five = world_make(&world, &before, NULL);
    g_auto(Pieces) six = world_make(&world, &plan, five.release);
    gint64 now = START + DAY + 1;
    assert_int_equal(dv_trust_take_timestamp(trust, six.timestamp, now, NULL), DV_TRUST_OK);
    assert_int_equal(dv_trust_take_release(trust, six.release, now, NULL), DV_TRUST_OK);
    assert_int_equal(dv_trust_turn(trust, "KSK-1"), DV_TRUST_WAITING);
    assert_int_equal(dv_trust_take_release(trust, five.release, now, NULL), DV_TRUST_OK);
    assert_int_equal(dv_trust_turn(trust, "KSK-1"), DV_TRUST_OK);
    assert_false(dv_trust_confirm(trust, now, &error));
    expect_error(&error, DV_ERROR_DENIED, "not every list");
    assert_int_equal(dv_trust_take_statement(trust, LIST, five.statement, now, NULL), DV_TRUST_OK);
    assert_true(dv_trust_is_complete(trust));
    assert_true(dv_trust_confirm(trust, now, NULL));
    const DvTrustNumbers numbers = dv_trust_numbers(trust);
    assert_int_equal(numbers.release, 5);
    assert_int_equal(numbers.release_seen, 6);
    assert_int_equal(dv_trust_list_version(trust, LIST), 5);
    assert_null(dv_trust_release(trust));
}

/* What a thief of the timestamp key can do about the future: an hour. */
static void
a_stolen_timestamp_key_cannot_run_ahead(void **state)
{
    (void)state;
    g_autoptr(DvTrust) trust = world_trust(&world);
    Plan stolen = plan_of(5, START + HOUR);
    g_auto(Pieces) ahead = world_make(&world, &stolen, NULL);
    assert_int_equal(dv_trust_take_timestamp(trust, ahead.timestamp, START, NULL), DV_TRUST_OK);
    const Plan honest = plan_of(5, START + HOUR + SECOND);
    g_auto(Pieces) later = world_make(&world, &honest, NULL);
    assert_int_equal(dv_trust_take_timestamp(trust, later.timestamp, START + HOUR + SECOND, NULL),
                     DV_TRUST_OK);
}

static void
nothing_comes_out_of_turn(void **state)
{
    (void)state;
    g_autoptr(DvTrust) trust = world_trust(&world);
    const Plan plan = plan_of(5, START);
    g_auto(Pieces) pieces = world_make(&world, &plan, NULL);
    assert_int_equal(dv_trust_take_release(trust, pieces.release, START, NULL),
                     DV_TRUST_MIX_AND_MATCH);
    assert_int_equal(dv_trust_take_timestamp(trust, pieces.timestamp, START, NULL), DV_TRUST_OK);
    assert_int_equal(dv_trust_take_statement(trust, LIST, pieces.statement, START, NULL),
                     DV_TRUST_MIX_AND_MATCH);
    assert_int_equal(dv_trust_take_release(trust, pieces.release, START, NULL), DV_TRUST_OK);
    assert_int_equal(dv_trust_take_statement(trust, "other", pieces.statement, START, NULL),
                     DV_TRUST_MIX_AND_MATCH);
}

/* ---- what is kept */

static void
state_survives_the_disk(void **state)
{
    (void)state;
    g_autoptr(GError) error = NULL;
    g_autofree char *folder = g_dir_make_tmp("dv-trust-XXXXXX", NULL);
    assert_null(dv_trust_load(folder, &error));
    expect_error(&error, DV_ERROR_CONFIG, "enrolled");
    g_autoptr(DvTrust) trust = world_trust(&world);
    const Plan plan = plan_of(5, START);
    g_auto(Pieces) five = world_make(&world, &plan, NULL);
    world_install(trust, &five, START);
    g_autoptr(GBytes) second = next_root(2, SIGNED_ROOT);
    expect_root(trust, second, DV_TRUST_OK);
    assert_true(dv_trust_store(trust, folder, &error));
    g_autoptr(DvTrust) again = dv_trust_load(folder, &error);
    EXPECT_NO_ERROR(error);
    g_autoptr(GBytes) one = dv_trust_state(trust);
    g_autoptr(GBytes) other = dv_trust_state(again);
    assert_true(g_bytes_equal(one, other));
    /* an older root beside a newer state is somebody's doing */
    g_autofree char *path = g_build_filename(folder, "root.json", NULL);
    assert_true(g_file_set_contents(path, g_bytes_get_data(world.root, NULL),
                                    (gssize)g_bytes_get_size(world.root), NULL));
    assert_null(dv_trust_load(folder, &error));
    expect_error(&error, DV_ERROR_CORRUPT, "newer root");
    dv_test_remove_tree(folder);
}

/* ---- signatures */

static void
signatures_are_collected(void **state)
{
    (void)state;
    g_autoptr(GError) error = NULL;
    g_autoptr(DvTrustRoot) root = dv_trust_root_read(world.root, NULL, NULL);
    Plan plan = plan_of(5, START);
    plan.signed_release = 0;
    g_auto(Pieces) pieces = world_make(&world, &plan, NULL);
    DvKey *const *keys = world.signers->keys;
    g_autoptr(GBytes) file = g_bytes_ref(pieces.release);
    for (int i = 0; i < 3; i++) { /* the first desk twice */
        int signer = i == 2 ? SIGNER_RELEASE_2 : SIGNER_RELEASE_1;
        g_autoptr(GBytes) one = dv_trust_sign(file, DV_TRUST_ROLE_RELEASE, keys[signer], &error);
        GBytes *more = dv_trust_add_signature(file, one, root, DV_TRUST_ROLE_RELEASE, NULL, &error);
        EXPECT_NO_ERROR(error);
        g_bytes_unref(file);
        file = more;
        guint count = 0, threshold = 0;
        g_autoptr(GPtrArray) holders = NULL;
        DvTrustReason reason = dv_trust_signed_by(file, root, DV_TRUST_ROLE_RELEASE, NULL, &count,
                                                  &threshold, &holders, NULL);
        assert_int_equal(threshold, 2);
        assert_int_equal(count, i == 2 ? 2 : 1);
        assert_int_equal(holders->len, count);
        assert_int_equal(reason, i == 2 ? DV_TRUST_OK : DV_TRUST_THRESHOLD);
    }
}

static void
signatures_that_do_not_belong(void **state)
{
    (void)state;
    g_autoptr(GError) error = NULL;
    g_autoptr(DvTrustRoot) root = dv_trust_root_read(world.root, NULL, NULL);
    const Plan plan = plan_of(5, START), next = plan_of(6, START);
    g_auto(Pieces) five = world_make(&world, &plan, NULL);
    g_auto(Pieces) six = world_make(&world, &next, NULL);
    DvKey *const *keys = world.signers->keys;
    const struct {
        GBytes *file;
        DvTrustRole role;
        DvTestSigner signer;
        const char *part;
    } cases[] = {
        {six.release, DV_TRUST_ROLE_RELEASE, SIGNER_RELEASE_3, "another content"},
        {five.release, DV_TRUST_ROLE_RELEASE, SIGNER_STRANGER, "may not sign"},
        {five.release, DV_TRUST_ROLE_RELEASE, SIGNER_OWNER, "may not sign"},
        {five.statement, DV_TRUST_ROLE_OWNER, SIGNER_OWNER, "another role"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GBytes) signature =
            dv_trust_sign(cases[i].file, cases[i].role, keys[cases[i].signer], NULL);
        assert_null(dv_trust_add_signature(five.release, signature, root, DV_TRUST_ROLE_RELEASE,
                                           NULL, &error));
        expect_error(&error, DV_ERROR_DENIED, cases[i].part);
    }
    assert_null(dv_trust_sign(five.release, DV_TRUST_ROLE_TIMESTAMP, keys[0], &error));
    expect_error(&error, DV_ERROR_INVALID, "another type");
}

static void
the_clock_is_judged(void **state)
{
    (void)state;
    g_autoptr(GError) error = NULL;
    g_autoptr(DvTrust) trust = world_trust(&world);
    assert_int_equal(dv_trust_check_clock(trust, START, &error), DV_TRUST_OK);
    assert_int_equal(dv_trust_check_clock(trust, START - 400 * DAY, &error), DV_TRUST_CLOCK_BACK);
    expect_error(&error, DV_ERROR_DENIED, "set the clock");
    assert_int_equal(dv_trust_check_clock(trust, START + 3653 * DAY, &error), DV_TRUST_CLOCK_AHEAD);
    expect_error(&error, DV_ERROR_DENIED, "check the clock");
    assert_true(dv_trust_now(trust, 0) > START - 31 * DAY);
}

/* ---- words */

static void
reasons_have_words(void **state)
{
    (void)state;
    for (int i = 0; i < DV_TRUST_REASONS; i++) {
        const char *word = dv_trust_reason_word((DvTrustReason)i);
        assert_int_equal(dv_trust_reason_from_word(word), i);
        assert_true(strlen(dv_trust_reason_sentence((DvTrustReason)i)) > 5);
    }
    assert_int_equal(dv_trust_reason_from_word("NOTHING"), DV_TRUST_REASONS);
    assert_int_equal(dv_trust_reason_from_word(NULL), DV_TRUST_REASONS);
}

static void
a_way_that_only_adds(void **state)
{
    (void)state;
    DvTrustPackage deltas[] = {{.from = 4, .to = 5, .size = 10, .add_only = TRUE},
                               {.from = 5, .to = 6, .size = 10, .add_only = TRUE},
                               {.from = 5, .to = 7, .size = 5},
                               {.from = 6, .to = 7, .size = 10, .add_only = TRUE}};
    DvTrustList list = {.version = 7, .full = {.to = 7, .size = 1}};
    list.deltas = g_ptr_array_new();
    for (gsize i = 0; i < G_N_ELEMENTS(deltas); i++)
        g_ptr_array_add(list.deltas, &deltas[i]);
    g_autoptr(GPtrArray) shortest = dv_trust_path(&list, 4);
    g_autoptr(GPtrArray) adding = dv_trust_path_adding(&list, 4);
    g_autoptr(GPtrArray) there = dv_trust_path_adding(&list, 7);
    assert_int_equal(shortest->len, 1);
    assert_int_equal(adding->len, 3);
    assert_ptr_equal(adding->pdata[2], &deltas[3]);
    assert_int_equal(there->len, 0);
    assert_null(dv_trust_path_adding(&list, 3));
    assert_null(dv_trust_path_adding(&list, 0));
    deltas[0].add_only = FALSE;
    assert_null(dv_trust_path_adding(&list, 4));
    g_ptr_array_unref(list.deltas);
}

/* A statement whose self test would ask nothing, or something else than is written there. */
static void
a_self_test_is_whole(void **state)
{
    (void)state;
    const struct {
        const char *query, *part; /* part NULL: good */
    } cases[] = {
        {NULL, "no canary row"},
        {"{}", "asks nothing"},
        {"{\"name\":\"TESSA MARLOWE\"}", "unknown member"},
        {"{\"document_number\":\"L898902C3\",\"mrz\":\"P<\"}", "unknown member"},
        {"{\"document_number\":8989023}", "no text"},
        {"{\"birth_date\":\"1974-08-12\",\"document_number\":\"L898902C3\",\"document_type\":\"P\","
         "\"given_names\":\"ANNA\",\"issuing_state\":\"UTO\",\"nationality\":\"UTO\",\"sex\":\"F\","
         "\"surname\":\"ERIKSSON\"}",
         NULL},
    };
    const Plan plan = plan_of(5, START);
    g_auto(Pieces) five = world_make(&world, &plan, NULL);
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(DvTrustStatement) statement = dv_trust_statement_read(five.statement, NULL, NULL);
        g_ptr_array_set_size(statement->canary_rows, 0);
        g_autoptr(json_t) query = cases[i].query ? json_loads(cases[i].query, 0, NULL) : NULL;
        if (query)
            dv_trust_statement_add_canary(statement, query, "CANARY-1");
        g_autoptr(GBytes) made = dv_trust_statement_make(statement, &error);
        assert_true((made != NULL) == (cases[i].part == NULL));
        if (!made)
            expect_error(&error, DV_ERROR_INVALID, cases[i].part);
    }
}

/* Each signer's tool and the console show the same number for one content. */
static void
content_has_one_digest(void **state)
{
    (void)state;
    char bare[DV_TRUST_HEX], whole[DV_TRUST_HEX], other[DV_TRUST_HEX];
    Plan plan = plan_of(5, START), next = plan_of(6, START);
    g_auto(Pieces) five = world_make(&world, &plan, NULL);
    plan.signed_release = 0;
    g_auto(Pieces) bare_five = world_make(&world, &plan, NULL);
    g_auto(Pieces) six = world_make(&world, &next, NULL);
    assert_true(dv_trust_content_digest(bare_five.release, DV_TRUST_ROLE_RELEASE, bare, NULL));
    assert_true(dv_trust_content_digest(five.release, DV_TRUST_ROLE_RELEASE, whole, NULL));
    assert_true(dv_trust_content_digest(six.release, DV_TRUST_ROLE_RELEASE, other, NULL));
    assert_string_equal(bare, whole);
    assert_string_not_equal(bare, other);
    g_autoptr(GBytes) signature = dv_trust_sign(five.release, DV_TRUST_ROLE_RELEASE,
                                                world.signers->keys[SIGNER_RELEASE_1], NULL);
    g_autofree char *text =
        g_strndup(g_bytes_get_data(signature, NULL), g_bytes_get_size(signature));
    assert_non_null(strstr(text, whole));
    assert_false(dv_trust_content_digest(five.release, DV_TRUST_ROLE_OWNER, other, NULL));
}

static void
the_cheapest_way_is_taken(void **state)
{
    (void)state;
    DvTrustPackage deltas[] = {{.from = 4, .to = 5, .size = 10},
                               {.from = 5, .to = 6, .size = 10},
                               {.from = 5, .to = 7, .size = 15},
                               {.from = 6, .to = 7, .size = 10}};
    DvTrustList list = {.version = 7, .full = {.to = 5, .size = 100}};
    list.deltas = g_ptr_array_new();
    for (gsize i = 0; i < G_N_ELEMENTS(deltas); i++)
        g_ptr_array_add(list.deltas, &deltas[i]);
    const struct {
        gint64 have;
        gint64 way[4]; /* `to` of each package */
    } cases[] = {{7, {0}}, {6, {7}}, {5, {7}}, {4, {5, 7}}, {0, {5, 7}}, {3, {5, 7}}, {8, {5, 7}}};
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GPtrArray) path = dv_trust_path(&list, cases[i].have);
        assert_non_null(path);
        for (guint j = 0; j < 4 && cases[i].way[j]; j++)
            assert_int_equal(((DvTrustPackage *)g_ptr_array_index(path, j))->to, cases[i].way[j]);
    }
    list.version = 9;
    assert_null(dv_trust_path(&list, 4));
    g_ptr_array_unref(list.deltas);
}

static int
group_setup(void **state)
{
    (void)state;
    world_init(&world);
    return 0;
}

static int
group_teardown(void **state)
{
    (void)state;
    world_clear(&world);
    return 0;
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(roots_come_one_by_one),
        cmocka_unit_test(a_root_needs_old_and_new),
        cmocka_unit_test(a_removed_key_counts_no_more),
        cmocka_unit_test(roots_that_cannot_be),
        cmocka_unit_test(the_rollout_goes_by_turns),
        cmocka_unit_test(urgent_additions_wait_for_nobody),
        cmocka_unit_test(who_waits_takes_the_one_before),
        cmocka_unit_test(a_stolen_timestamp_key_cannot_run_ahead),
        cmocka_unit_test(nothing_comes_out_of_turn),
        cmocka_unit_test(state_survives_the_disk),
        cmocka_unit_test(signatures_are_collected),
        cmocka_unit_test(signatures_that_do_not_belong),
        cmocka_unit_test(the_clock_is_judged),
        cmocka_unit_test(reasons_have_words),
        cmocka_unit_test(the_cheapest_way_is_taken),
        cmocka_unit_test(a_way_that_only_adds),
        cmocka_unit_test(a_self_test_is_whole),
        cmocka_unit_test(content_has_one_digest),
    };
    return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
