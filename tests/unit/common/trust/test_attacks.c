// SPDX-License-Identifier: Apache-2.0
/*
 * Attacks on the metadata, one row each: what is done to an honest world that has release 5 in
 * force and is offered release 6, and the reason that must come back. Whatever the reason, what is
 * trusted and in force stays as it was, byte by byte.
 */
#include "world.h"

static World world;

/* The honest pieces that an attack spoils. */
typedef struct {
    Plan plan;       /* of release 6, to be altered before it is made */
    gint64 clock_us; /* of the machine */
    Pieces pieces;   /* of release 6, to be altered after it was made */
    GBytes *before;  /* release 5 */
    Pieces five;     /* what is in force */
} Scene;

typedef struct {
    const char *name;
    DvTrustReason expected;
    void (*plan)(Scene *scene);  /* before the pieces are made; may be NULL */
    void (*spoil)(Scene *scene); /* after; may be NULL */
} Attack;

static GBytes *
cut(GBytes *bytes, gsize length)
{
    GBytes *part = g_bytes_new(g_bytes_get_data(bytes, NULL), length);
    g_bytes_unref(bytes);
    return part;
}

static GBytes *
lengthen(GBytes *bytes, gsize more)
{
    gsize length;
    const char *text = g_bytes_get_data(bytes, &length);
    char *longer = g_malloc0(length + more);
    for (gsize i = 0; i < length + more; i++)
        longer[i] = i < length ? text[i] : ' ';
    g_bytes_unref(bytes);
    return g_bytes_new_take(longer, length + more);
}

static GBytes *
flip(GBytes *bytes, gsize at)
{
    gsize length;
    char *copy = g_memdup2(g_bytes_get_data(bytes, &length), g_bytes_get_size(bytes));
    copy[at] ^= 1;
    g_bytes_unref(bytes);
    return g_bytes_new_take(copy, length);
}

static void
swap_in(GBytes **place, GBytes *other)
{
    g_bytes_unref(*place);
    *place = g_bytes_ref(other);
}

/* ---- the attacks */

static void
old_timestamp(Scene *s)
{
    s->plan.timestamp_version = 1;
    s->plan.release = 4;
}

static void
old_release_new_timestamp(Scene *s)
{
    s->plan.release = 4;
}

static void
old_list_version(Scene *s)
{
    s->plan.version = 4;
}

static void
five_again_much_later(Scene *s)
{
    s->clock_us += 10 * DAY;
    swap_in(&s->pieces.timestamp, s->five.timestamp);
}

static void
all_expired(Scene *s)
{
    s->clock_us += 10 * DAY;
}

static void
release_expired(Scene *s)
{
    s->plan.issued_us -= 8 * DAY; /* the release is signed once, the timestamp anew */
}

static void
fresh_timestamp_on_old_release(Scene *s)
{
    Plan fresh = plan_of(6, START + DAY);
    g_autofree DvTrustTimestamp *old = dv_trust_timestamp_read(s->pieces.timestamp, NULL, NULL);
    old->issued_us = fresh.issued_us;
    old->expires_us = fresh.issued_us + DAY;
    old->version = fresh.timestamp_version;
    g_bytes_unref(s->pieces.timestamp);
    s->pieces.timestamp = dv_test_signed(world.signers, dv_trust_timestamp_make(old, NULL),
                                         DV_TRUST_ROLE_TIMESTAMP, SIGNED_TIMESTAMP);
}

static void
other_genuine_release(Scene *s)
{
    swap_in(&s->pieces.release, s->five.release);
}

static void
other_genuine_statement(Scene *s)
{
    swap_in(&s->pieces.statement, s->five.statement);
}

static void
far_timestamp_version(Scene *s)
{
    s->plan.timestamp_version = G_GINT64_CONSTANT(9007199254740991);
}

static void
far_release(Scene *s)
{
    s->plan.release = 5 + 10001;
}

static void
one_release_signature(Scene *s)
{
    s->plan.signed_release = SIGNED_BY(SIGNER_RELEASE_1);
}

static void
unsigned_timestamp(Scene *s)
{
    s->plan.signed_timestamp = 0;
}

static void
unsigned_statement(Scene *s)
{
    s->plan.signed_statement = 0;
}

static void
release_by_strangers(Scene *s)
{
    s->plan.signed_release = SIGNED_BY(SIGNER_RELEASE_1) | SIGNED_BY(SIGNER_STRANGER) |
                             SIGNED_BY(SIGNER_OWNER) | SIGNED_BY(SIGNER_TIMESTAMP);
}

static void
statement_by_release_desks(Scene *s)
{
    s->plan.signed_statement = SIGNED_RELEASE | SIGNED_TIMESTAMP | SIGNED_ROOT;
}

static void
timestamp_by_release_desks(Scene *s)
{
    s->plan.signed_timestamp = SIGNED_RELEASE | SIGNED_ROOT | SIGNED_OWNER;
}

/* The same signature twice, as text: one key must not count as two. */
static void
same_key_twice(Scene *s)
{
    gsize length;
    const void *data = g_bytes_get_data(s->pieces.release, &length);
    g_autoptr(json_t) file = dv_json_parse(data, length, length, NULL);
    json_t *signatures = json_object_get(file, "signatures");
    json_array_append(signatures, json_array_get(signatures, 0));
    char *text = dv_json_canonical(file, &length, NULL);
    g_bytes_unref(s->pieces.release);
    s->pieces.release = g_bytes_new_take(text, length);
    fresh_timestamp_on_old_release(s);
    g_autofree DvTrustTimestamp *stamp = dv_trust_timestamp_read(s->pieces.timestamp, NULL, NULL);
    stamp->current.size = (gint64)length;
    dv_test_digest(s->pieces.release, stamp->current.sha256);
    g_bytes_unref(s->pieces.timestamp);
    s->pieces.timestamp = dv_test_signed(world.signers, dv_trust_timestamp_make(stamp, NULL),
                                         DV_TRUST_ROLE_TIMESTAMP, SIGNED_TIMESTAMP);
}

static void
truncated_timestamp(Scene *s)
{
    s->pieces.timestamp = cut(s->pieces.timestamp, g_bytes_get_size(s->pieces.timestamp) / 2);
}

static void
truncated_release(Scene *s)
{
    s->pieces.release = cut(s->pieces.release, g_bytes_get_size(s->pieces.release) - 1);
}

static void
truncated_statement(Scene *s)
{
    s->pieces.statement = cut(s->pieces.statement, 0);
}

static void
bloated_timestamp(Scene *s)
{
    s->pieces.timestamp = lengthen(s->pieces.timestamp, DV_TRUST_TIMESTAMP_MAX);
}

static void
bloated_release(Scene *s)
{
    s->pieces.release = lengthen(s->pieces.release, 1);
}

static void
bloated_statement(Scene *s)
{
    s->pieces.statement = lengthen(s->pieces.statement, DV_TRUST_STATEMENT_MAX);
}

static void
flipped_release(Scene *s)
{
    s->pieces.release = flip(s->pieces.release, g_bytes_get_size(s->pieces.release) / 2);
}

static void
flipped_statement(Scene *s)
{
    s->pieces.statement = flip(s->pieces.statement, 40);
}

static void
at_half(Scene *s)
{
    s->plan.percent = 50;
}

/* A digit of "percent" as somebody on the network might alter it. */
static void
altered_timestamp(Scene *s)
{
    gsize length;
    const char *text = g_bytes_get_data(s->pieces.timestamp, &length);
    const char *at = g_strstr_len(text, (gssize)length, "\"percent\":50");
    s->pieces.timestamp = flip(s->pieces.timestamp, (gsize)(at - text) + 11);
}

static void
same_number_other_content(Scene *s)
{
    s->plan.release = 5;
    s->plan.version = 5;
    s->plan.state_fill = 'e';
}

static void
same_version_other_content(Scene *s)
{
    s->plan.version = 5;
    s->plan.state_fill = 'e';
}

static void
same_timestamp_number(Scene *s)
{
    s->plan.timestamp_version = START / SECOND;
}

static void
ten_years_back(Scene *s)
{
    s->clock_us -= 3653 * DAY;
}

static void
ten_years_ahead(Scene *s)
{
    s->clock_us += 3653 * DAY;
}

static void
signed_tomorrow(Scene *s)
{
    s->plan.issued_us += DAY;
    s->plan.timestamp_version = s->plan.issued_us / SECOND;
}

static void
under_a_newer_root(Scene *s)
{
    s->plan.epoch = 2;
}

static void
owner_key_stolen(Scene *s) /* signs a statement, but no release names it */
{
    Plan forged = plan_of(6, START + DAY);
    forged.state_fill = 'f';
    g_auto(Pieces) made = world_make(&world, &forged, NULL);
    swap_in(&s->pieces.statement, made.statement);
}

static void
timestamp_key_stolen(Scene *s) /* names a release that nobody released */
{
    s->plan.signed_release = SIGNED_TIMESTAMP;
}

static void
root_key_stolen(Scene *s)
{
    s->plan.signed_release = s->plan.signed_timestamp = SIGNED_BY(SIGNER_ROOT_1);
}

static const Attack attacks[] = {
    {"rolled back: an old timestamp", DV_TRUST_ROLLED_BACK, old_timestamp, NULL},
    {"rolled back: an old release", DV_TRUST_ROLLED_BACK, old_release_new_timestamp, NULL},
    {"rolled back: an old list", DV_TRUST_ROLLED_BACK, old_list_version, NULL},
    {"frozen: the same timestamp for days", DV_TRUST_FROZEN, NULL, five_again_much_later},
    {"expired timestamp", DV_TRUST_EXPIRED, NULL, all_expired},
    {"expired release under a fresh timestamp", DV_TRUST_EXPIRED, release_expired,
     fresh_timestamp_on_old_release},
    {"mix and match: another release", DV_TRUST_MIX_AND_MATCH, NULL, other_genuine_release},
    {"mix and match: another statement", DV_TRUST_MIX_AND_MATCH, NULL, other_genuine_statement},
    {"fast-forward: timestamp", DV_TRUST_FAST_FORWARD, far_timestamp_version, NULL},
    {"fast-forward: release", DV_TRUST_FAST_FORWARD, far_release, NULL},
    {"wrong threshold: one of two", DV_TRUST_THRESHOLD, one_release_signature, NULL},
    {"wrong threshold: no timestamp signature", DV_TRUST_THRESHOLD, unsigned_timestamp, NULL},
    {"wrong threshold: no owner", DV_TRUST_THRESHOLD, unsigned_statement, NULL},
    {"the same key twice", DV_TRUST_THRESHOLD, one_release_signature, same_key_twice},
    {"a release by keys of other roles", DV_TRUST_THRESHOLD, release_by_strangers, NULL},
    {"a statement by keys of other roles", DV_TRUST_THRESHOLD, statement_by_release_desks, NULL},
    {"a timestamp by keys of other roles", DV_TRUST_THRESHOLD, timestamp_by_release_desks, NULL},
    {"truncated timestamp", DV_TRUST_TRUNCATED, NULL, truncated_timestamp},
    {"truncated release", DV_TRUST_TRUNCATED, NULL, truncated_release},
    {"truncated statement", DV_TRUST_TRUNCATED, NULL, truncated_statement},
    {"bloated timestamp", DV_TRUST_BLOATED, NULL, bloated_timestamp},
    {"bloated release", DV_TRUST_BLOATED, NULL, bloated_release},
    {"bloated statement", DV_TRUST_BLOATED, NULL, bloated_statement},
    {"bit-flipped release", DV_TRUST_BIT_FLIPPED, NULL, flipped_release},
    {"bit-flipped statement", DV_TRUST_BIT_FLIPPED, NULL, flipped_statement},
    {"altered timestamp", DV_TRUST_SIGNATURE, at_half, altered_timestamp},
    {"mis-issued release", DV_TRUST_MISISSUED, same_number_other_content, NULL},
    {"mis-issued list", DV_TRUST_MISISSUED, same_version_other_content, NULL},
    {"mis-issued timestamp", DV_TRUST_MISISSUED, same_timestamp_number, NULL},
    {"clock ten years back", DV_TRUST_CLOCK_BACK, NULL, ten_years_back},
    {"clock ten years ahead", DV_TRUST_CLOCK_AHEAD, NULL, ten_years_ahead},
    {"signed tomorrow", DV_TRUST_FROM_FUTURE, signed_tomorrow, NULL},
    {"signed under a root that is not here", DV_TRUST_ROOT_NEEDED, under_a_newer_root, NULL},
    {"stolen owner's key", DV_TRUST_MIX_AND_MATCH, NULL, owner_key_stolen},
    {"stolen release key", DV_TRUST_THRESHOLD, one_release_signature, NULL},
    {"stolen timestamp key", DV_TRUST_THRESHOLD, timestamp_key_stolen, NULL},
    {"stolen root key", DV_TRUST_THRESHOLD, root_key_stolen, NULL},
};

static DvTrustReason
offer_all(DvTrust *trust, const Scene *s, GError **error)
{
    DvTrustReason reason = dv_trust_take_timestamp(trust, s->pieces.timestamp, s->clock_us, error);
    if (reason == DV_TRUST_OK)
        reason = dv_trust_take_release(trust, s->pieces.release, s->clock_us, error);
    if (reason == DV_TRUST_OK)
        reason = dv_trust_take_statement(trust, LIST, s->pieces.statement, s->clock_us, error);
    return reason;
}

static char *
in_force(DvTrust *trust)
{
    const DvTrustNumbers numbers = dv_trust_numbers(trust);
    return g_strdup_printf("%" G_GINT64_FORMAT " %" G_GINT64_FORMAT " %" G_GINT64_FORMAT,
                           numbers.epoch, numbers.release, dv_trust_list_version(trust, LIST));
}

static void
play(const Attack *attack)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(DvTrust) trust = world_trust(&world);
    const Plan five = plan_of(5, START);
    Scene s = {.plan = plan_of(6, START + DAY), .clock_us = START + DAY + HOUR / 60};
    s.five = world_make(&world, &five, NULL);
    world_install(trust, &s.five, START + 1);
    g_autofree char *before = in_force(trust);

    if (attack->plan)
        attack->plan(&s);
    s.pieces = world_make(&world, &s.plan, NULL);
    if (attack->spoil)
        attack->spoil(&s);
    DvTrustReason reason = offer_all(trust, &s, &error);
    if (reason != attack->expected)
        fail_msg("%s: %s instead of %s (%s)", attack->name, dv_trust_reason_word(reason),
                 dv_trust_reason_word(attack->expected), error ? error->message : "accepted");
    assert_non_null(error);
    assert_false(dv_trust_confirm(trust, s.clock_us, NULL));
    g_autofree char *after = in_force(trust);
    assert_string_equal(before, after);
    pieces_clear(&s.pieces);
    pieces_clear(&s.five);
}

static void
each_attack_is_refused_by_name(void **state)
{
    (void)state;
    for (gsize i = 0; i < G_N_ELEMENTS(attacks); i++)
        play(&attacks[i]);
}

/* A refused step leaves not even the numbers that rise early. */
static void
refusal_leaves_no_trace(void **state)
{
    (void)state;
    g_autoptr(DvTrust) trust = world_trust(&world);
    Plan plan = plan_of(1, START);
    plan.signed_timestamp = SIGNED_BY(SIGNER_STRANGER);
    g_auto(Pieces) pieces = world_make(&world, &plan, NULL);
    g_autoptr(GBytes) before = dv_trust_state(trust);
    assert_int_equal(dv_trust_take_timestamp(trust, pieces.timestamp, START, NULL),
                     DV_TRUST_THRESHOLD);
    g_autoptr(GBytes) after = dv_trust_state(trust);
    assert_true(g_bytes_equal(before, after));
}

typedef DvTrustReason (*Take)(DvTrust *trust, GBytes *file);

static DvTrustReason
take_timestamp(DvTrust *trust, GBytes *file)
{
    return dv_trust_take_timestamp(trust, file, START + 1, NULL);
}

static DvTrustReason
take_release(DvTrust *trust, GBytes *file)
{
    return dv_trust_take_release(trust, file, START + 1, NULL);
}

static DvTrustReason
take_statement(DvTrust *trust, GBytes *file)
{
    return dv_trust_take_statement(trust, LIST, file, START + 1, NULL);
}

/* Each bit of each byte, and each length. */
static void
spoil_everywhere(DvTrust *trust, GBytes *file, Take take)
{
    gsize length = g_bytes_get_size(file);
    g_autofree guint8 *copy = g_memdup2(g_bytes_get_data(file, NULL), length);
    for (gsize i = 0; i < length; i++)
        for (guint bit = 0; bit < 8; bit++) {
            copy[i] ^= (guint8)(1u << bit);
            g_autoptr(GBytes) spoilt = g_bytes_new(copy, length);
            if (take(trust, spoilt) == DV_TRUST_OK)
                fail_msg("bit %u of byte %zu may be flipped", bit, i);
            copy[i] ^= (guint8)(1u << bit);
        }
    for (gsize i = 0; i < length; i++) {
        g_autoptr(GBytes) cut_off = g_bytes_new(copy, i);
        assert_int_equal(take(trust, cut_off), DV_TRUST_TRUNCATED);
    }
    assert_int_equal(take(trust, file), DV_TRUST_OK);
}

static void
every_bit_counts(void **state)
{
    (void)state;
    g_autoptr(DvTrust) trust = world_trust(&world);
    const Plan plan = plan_of(1, START);
    g_auto(Pieces) pieces = world_make(&world, &plan, NULL);
    spoil_everywhere(trust, pieces.timestamp, take_timestamp);
    spoil_everywhere(trust, pieces.release, take_release);
    spoil_everywhere(trust, pieces.statement, take_statement);
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
        cmocka_unit_test(each_attack_is_refused_by_name),
        cmocka_unit_test(refusal_leaves_no_trace),
        cmocka_unit_test(every_bit_counts),
    };
    return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
