// SPDX-License-Identifier: Apache-2.0
/* The store's contract. Every engine has to pass it; it knows the header alone. */
#include <darvaza/error.h>
#include <darvaza/store.h>
#include <glib/gstdio.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

typedef struct {
    char *dir, *path;
    DvStore *store;
} Fixture;

static int
setup(void **state)
{
    Fixture *f = g_new0(Fixture, 1);
    f->dir = g_dir_make_tmp("dv-store-XXXXXX", NULL);
    f->path = g_build_filename(f->dir, "store.db", NULL);
    g_autoptr(GError) error = NULL;
    f->store = dv_store_open(f->path, &error);
    assert_null(error);
    assert_non_null(f->store);
    *state = f;
    return 0;
}

static int
teardown(void **state)
{
    Fixture *f = *state;
    dv_store_close(f->store);
    g_autoptr(GDir) dir = g_dir_open(f->dir, 0, NULL);
    const char *name;
    while ((name = g_dir_read_name(dir)) != NULL) {
        g_autofree char *path = g_build_filename(f->dir, name, NULL);
        g_unlink(path);
    }
    g_rmdir(f->dir);
    g_free(f->dir);
    g_free(f->path);
    g_free(f);
    return 0;
}

/* A record whose bytes only have to be recognisable: the store never looks inside. */
typedef struct {
    DvCrossingWire wire;
    guint8 link[DV_SHA256_SIZE];
} Made;

static void
make(Made *made, const char *kiosk, gint64 epoch, gint64 seq, const guint8 *prev, guint8 variant,
     DvPriority priority)
{
    memset(made, 0, sizeof *made);
    DvCrossingHeader *header = &made->wire.header;
    g_strlcpy(header->kiosk, kiosk, sizeof header->kiosk);
    g_strlcpy(header->period, "P1", sizeof header->period);
    header->epoch = epoch;
    header->seq = seq;
    header->priority = priority;
    if (prev != NULL)
        memcpy(header->prev_hash, prev, DV_SHA256_SIZE);
    g_autofree char *text = g_strdup_printf("%s/%" G_GINT64_FORMAT "/%" G_GINT64_FORMAT "/%u",
                                            kiosk, epoch, seq, variant);
    dv_sha256(text, strlen(text), made->link);
    made->wire.header_bytes = g_bytes_new(text, strlen(text));
    made->wire.signature = g_bytes_new("sig", 3);
    made->wire.body = g_bytes_new("body", 4);
    made->wire.protection = g_bytes_new("protection", 10);
}

static void
unmake(Made *made)
{
    g_bytes_unref(made->wire.header_bytes);
    g_bytes_unref(made->wire.signature);
    g_bytes_unref(made->wire.body);
    g_bytes_unref(made->wire.protection);
}

static DvAppend
append(Fixture *f, const Made *made, gint64 now)
{
    DvAppend item = {.wire = &made->wire, .received_us = now};
    memcpy(item.link, made->link, sizeof item.link);
    g_autoptr(GError) error = NULL;
    assert_true(dv_store_append(f->store, &item, 1, &error));
    assert_null(error);
    return item;
}

/* Appends seq 1..count of an epoch; the link of the last is left in link. */
static void
append_chain(Fixture *f, const char *kiosk, gint64 epoch, gint64 count, guint8 *link,
             DvPriority priority)
{
    for (gint64 seq = 1; seq <= count; seq++) {
        Made made;
        make(&made, kiosk, epoch, seq, link, 0, priority);
        assert_int_equal(append(f, &made, 1000 * seq).outcome, DV_APPEND_NEW);
        memcpy(link, made.link, DV_SHA256_SIZE);
        unmake(&made);
    }
}

static void
test_append_and_read(void **state)
{
    Fixture *f = *state;
    guint8 link[DV_SHA256_SIZE] = {0};
    append_chain(f, "K1", 1, 3, link, DV_PRIORITY_ROUTINE);

    gint64 epoch, seq;
    guint8 head[DV_SHA256_SIZE];
    gboolean found;
    assert_true(dv_store_head(f->store, "K1", &epoch, &seq, head, &found, NULL));
    assert_true(found);
    assert_int_equal(epoch, 1);
    assert_int_equal(seq, 3);
    assert_memory_equal(head, link, sizeof head);
    assert_true(dv_store_head(f->store, "K2", &epoch, &seq, NULL, &found, NULL));
    assert_false(found);

    DvRecordKey key = {"K1", 1, 2};
    g_autoptr(DvStoredRecord) record = dv_store_record(f->store, &key, NULL);
    assert_non_null(record);
    assert_int_equal(record->received_us, 2000);
    static const char wire[] =
        "DVR1\0\0\0\010K1/1/2/0\0\0\0\003sig\0\0\0\004body\0\0\0\012protection";
    assert_int_equal(g_bytes_get_size(record->wire), sizeof wire - 1);
    assert_memory_equal(g_bytes_get_data(record->wire, NULL), wire, sizeof wire - 1);

    GError *error = NULL;
    DvRecordKey none = {"K1", 1, 4};
    assert_null(dv_store_record(f->store, &none, &error));
    assert_null(error);
    DvRecordKey bad = {"", 1, 4};
    assert_null(dv_store_record(f->store, &bad, &error));
    assert_int_equal(error->code, DV_ERROR_INVALID);
    g_clear_error(&error);

    g_autoptr(GPtrArray) since = dv_store_records_since(f->store, 0, 2, NULL);
    assert_int_equal(since->len, 2);
    DvStoredRecord *last = since->pdata[1];
    assert_int_equal(last->key.seq, 2);
    g_autoptr(GPtrArray) rest = dv_store_records_since(f->store, last->number, 256, NULL);
    assert_int_equal(rest->len, 1);
}

static void
test_duplicates_and_conflicts(void **state)
{
    Fixture *f = *state;
    guint8 link[DV_SHA256_SIZE] = {0};
    append_chain(f, "K1", 1, 2, link, DV_PRIORITY_ROUTINE);

    Made made;
    guint8 zeros[DV_SHA256_SIZE] = {0};
    make(&made, "K1", 1, 1, zeros, 0, DV_PRIORITY_ROUTINE);
    DvAppend item = append(f, &made, 777777);
    assert_int_equal(item.outcome, DV_APPEND_DUPLICATE);
    assert_int_equal(item.received_us, 1000); /* when the one that stands came */
    unmake(&made);

    make(&made, "K1", 1, 2, zeros, 1, DV_PRIORITY_ROUTINE);
    item = append(f, &made, 1);
    assert_int_equal(item.outcome, DV_APPEND_CONFLICT);
    assert_int_equal(item.expected_seq, 3);
    unmake(&made);

    make(&made, "K1", 1, 5, link, 0, DV_PRIORITY_ROUTINE);
    item = append(f, &made, 1);
    assert_int_equal(item.outcome, DV_APPEND_GAP);
    assert_int_equal(item.expected_epoch, 1);
    assert_int_equal(item.expected_seq, 3);
    unmake(&made);

    make(&made, "K1", 1, 3, zeros, 0, DV_PRIORITY_ROUTINE);
    assert_int_equal(append(f, &made, 1).outcome, DV_APPEND_CHAIN);
    unmake(&made);

    /* Nothing of all that stands. */
    g_autoptr(GPtrArray) all = dv_store_records_since(f->store, 0, 256, NULL);
    assert_int_equal(all->len, 2);
}

static void
test_group(void **state)
{
    Fixture *f = *state;
    Made made[4];
    guint8 zeros[DV_SHA256_SIZE] = {0};
    make(&made[0], "K1", 1, 1, zeros, 0, DV_PRIORITY_ROUTINE);
    make(&made[1], "K1", 1, 2, made[0].link, 0, DV_PRIORITY_HIT);
    make(&made[2], "K1", 1, 2, made[0].link, 9, DV_PRIORITY_ROUTINE); /* another one at 2 */
    make(&made[3], "K2", 1, 1, zeros, 0, DV_PRIORITY_ROUTINE);
    DvAppend items[5];
    memset(items, 0, sizeof items);
    for (int i = 0; i < 4; i++) {
        items[i].wire = &made[i].wire;
        items[i].received_us = i;
        memcpy(items[i].link, made[i].link, DV_SHA256_SIZE);
    }
    items[4] = items[1]; /* the same record twice in one group */
    assert_true(dv_store_append(f->store, items, 5, NULL));
    assert_int_equal(items[0].outcome, DV_APPEND_NEW);
    assert_int_equal(items[1].outcome, DV_APPEND_NEW);
    assert_int_equal(items[2].outcome, DV_APPEND_CONFLICT);
    assert_int_equal(items[3].outcome, DV_APPEND_NEW);
    assert_int_equal(items[4].outcome, DV_APPEND_DUPLICATE);
    for (int i = 0; i < 4; i++)
        unmake(&made[i]);
    g_autoptr(GPtrArray) all = dv_store_records_since(f->store, 0, 256, NULL);
    assert_int_equal(all->len, 3);
}

static void
test_survives_reopening(void **state)
{
    Fixture *f = *state;
    guint8 link[DV_SHA256_SIZE] = {0};
    append_chain(f, "K1", 1, 5, link, DV_PRIORITY_REVIEW);
    dv_store_close(f->store);
    f->store = dv_store_open(f->path, NULL);
    assert_non_null(f->store);
    g_autoptr(GPtrArray) all = dv_store_records_since(f->store, 0, 256, NULL);
    assert_int_equal(all->len, 5);
    g_autoptr(GPtrArray) queue = dv_store_queue(f->store, FALSE, 100, NULL);
    assert_int_equal(queue->len, 5);
}

static void
test_new_epoch(void **state)
{
    Fixture *f = *state;
    guint8 link[DV_SHA256_SIZE] = {0}, zeros[DV_SHA256_SIZE] = {0}, unknown[DV_SHA256_SIZE];
    memset(unknown, 7, sizeof unknown);
    append_chain(f, "K1", 1, 2, link, DV_PRIORITY_ROUTINE);

    Made made;
    make(&made, "K1", 2, 2, link, 0, DV_PRIORITY_ROUTINE);
    DvAppend item = append(f, &made, 1);
    assert_int_equal(item.outcome, DV_APPEND_GAP);
    assert_int_equal(item.expected_epoch, 2);
    assert_int_equal(item.expected_seq, 1);
    unmake(&made);

    make(&made, "K1", 2, 1, link, 0, DV_PRIORITY_ROUTINE);
    item = append(f, &made, 1);
    assert_int_equal(item.outcome, DV_APPEND_NEW);
    assert_true(item.epoch_begun);
    assert_false(item.head_unknown);
    unmake(&made);

    /* The closed epoch takes nothing more, but knows its own again. */
    make(&made, "K1", 1, 3, link, 0, DV_PRIORITY_ROUTINE);
    assert_int_equal(append(f, &made, 1).outcome, DV_APPEND_CONFLICT);
    unmake(&made);
    make(&made, "K1", 1, 1, zeros, 0, DV_PRIORITY_ROUTINE);
    assert_int_equal(append(f, &made, 1).outcome, DV_APPEND_DUPLICATE);
    unmake(&made);

    /* Starting over from a head that never came here: taken, and seen. */
    make(&made, "K1", 3, 1, unknown, 0, DV_PRIORITY_ROUTINE);
    item = append(f, &made, 1);
    assert_int_equal(item.outcome, DV_APPEND_NEW);
    assert_true(item.head_unknown);
    unmake(&made);
    g_autoptr(GPtrArray) kiosks = dv_store_kiosks(f->store, NULL);
    assert_int_equal(kiosks->len, 1);
    assert_int_equal(((DvKioskState *)kiosks->pdata[0])->unknown_heads, 1);
}

static DvChainState
beat(Fixture *f, const char *kiosk, gint64 epoch, gint64 seq, const guint8 *link, gint64 unsent,
     gint64 *missing)
{
    DvBeat b = {.epoch = epoch,
                .seq = seq,
                .unsent = unsent,
                .time_us = 5,
                .software = "0.1",
                .lists = "[{\"list_id\":\"L\"}]",
                .received_us = 6};
    DvChainState state = DV_CHAIN_GOOD;
    g_strlcpy(b.kiosk, kiosk, sizeof b.kiosk);
    if (link != NULL)
        memcpy(b.link, link, sizeof b.link);
    assert_true(dv_store_heartbeat(f->store, &b, &state, missing, NULL));
    return state;
}

static void
test_heartbeat(void **state)
{
    Fixture *f = *state;
    guint8 link[DV_SHA256_SIZE] = {0}, other[DV_SHA256_SIZE];
    memset(other, 9, sizeof other);
    gint64 missing = -1;

    assert_int_equal(beat(f, "K9", 1, 0, NULL, 0, &missing), DV_CHAIN_GOOD); /* never sent */
    append_chain(f, "K1", 1, 3, link, DV_PRIORITY_ROUTINE);
    assert_int_equal(beat(f, "K1", 1, 3, link, 0, &missing), DV_CHAIN_GOOD);
    assert_int_equal(missing, 0);
    /* Two more were made; both wait at the booth. */
    assert_int_equal(beat(f, "K1", 1, 5, other, 2, &missing), DV_CHAIN_GOOD);
    /* Two more were made; one waits, so one is gone: the last one, which no gap would show. */
    assert_int_equal(beat(f, "K1", 1, 5, other, 1, &missing), DV_CHAIN_MISSING);
    assert_int_equal(missing, 1);
    /* The same number, another record. */
    assert_int_equal(beat(f, "K1", 1, 3, other, 0, &missing), DV_CHAIN_FORKED);
    /* A late heartbeat is no finding. */
    guint8 first[DV_SHA256_SIZE];
    dv_sha256("K1/1/1/0", 8, first);
    assert_int_equal(beat(f, "K1", 1, 1, first, 0, &missing), DV_CHAIN_GOOD);
    /* A new epoch of which nothing has come yet, all of it lost. */
    assert_int_equal(beat(f, "K1", 2, 4, other, 0, &missing), DV_CHAIN_MISSING);
    assert_int_equal(missing, 4);
    guint8 next[DV_SHA256_SIZE];
    memcpy(next, link, sizeof next);
    append_chain(f, "K1", 2, 1, next, DV_PRIORITY_ROUTINE);
    assert_int_equal(beat(f, "K1", 1, 3, link, 0, &missing), DV_CHAIN_OLD_EPOCH);

    g_autoptr(GPtrArray) kiosks = dv_store_kiosks(f->store, NULL);
    assert_int_equal(kiosks->len, 2);
    DvKioskState *k1 = kiosks->pdata[0];
    assert_string_equal(k1->kiosk, "K1");
    assert_int_equal(k1->epoch, 2);
    assert_int_equal(k1->seq, 1);
    assert_int_equal(k1->chain, DV_CHAIN_OLD_EPOCH);
    assert_string_equal(k1->software, "0.1");
    assert_string_equal(k1->lists, "[{\"list_id\":\"L\"}]");
    DvKioskState *k9 = kiosks->pdata[1];
    assert_int_equal(k9->epoch, 0);
    assert_int_equal(k9->last_seen_us, 6);
}

static void
test_queue_order(void **state)
{
    Fixture *f = *state;
    const DvPriority priorities[] = {DV_PRIORITY_REVIEW,   DV_PRIORITY_STOP, DV_PRIORITY_ROUTINE,
                                     DV_PRIORITY_POSSIBLE, DV_PRIORITY_STOP, DV_PRIORITY_HIT};
    const gint64 expected[] = {2, 5, 6, 4, 1};
    guint8 link[DV_SHA256_SIZE] = {0};
    for (gsize i = 0; i < G_N_ELEMENTS(priorities); i++) {
        Made made;
        make(&made, "K1", 1, (gint64)i + 1, link, 0, priorities[i]);
        append(f, &made, (gint64)i + 100);
        memcpy(link, made.link, sizeof link);
        unmake(&made);
    }
    g_autoptr(GPtrArray) queue = dv_store_queue(f->store, FALSE, 100, NULL);
    assert_int_equal(queue->len, G_N_ELEMENTS(expected));
    for (gsize i = 0; i < G_N_ELEMENTS(expected); i++)
        assert_int_equal(((DvQueueItem *)queue->pdata[i])->key.seq, expected[i]);
    g_autoptr(GPtrArray) two = dv_store_queue(f->store, FALSE, 2, NULL);
    assert_int_equal(two->len, 2);
}

/* Takes the error's address: an argument beside the call that sets it would be read too early. */
static void
expect_code(gboolean ok, GError **error, int code)
{
    assert_false(ok);
    assert_non_null(*error);
    assert_int_equal((*error)->domain, DV_ERROR);
    assert_int_equal((*error)->code, code);
    g_clear_error(error);
}

static void
expect_state(Fixture *f, const DvRecordKey *key, DvQueueState state, const char *by)
{
    g_autoptr(DvQueueItem) item = dv_store_queue_item(f->store, key, NULL);
    assert_non_null(item);
    assert_string_equal(dv_queue_state_word(item->state), dv_queue_state_word(state));
    assert_string_equal(item->claimed_by, by);
}

static void
test_claims(void **state)
{
    Fixture *f = *state;
    guint8 link[DV_SHA256_SIZE] = {0};
    append_chain(f, "K1", 1, 1, link, DV_PRIORITY_HIT);
    DvRecordKey key = {"K1", 1, 1}, none = {"K1", 1, 2};
    const gint64 stale = 1000;
    GError *error = NULL;
    expect_state(f, &key, DV_QUEUE_NEW, "");
    expect_code(dv_store_claim(f->store, &none, "vera", 10, stale, &error), &error,
                DV_ERROR_INVALID);
    expect_code(dv_store_claim(f->store, &key, "", 10, stale, &error), &error, DV_ERROR_INVALID);
    assert_true(dv_store_claim(f->store, &key, "vera", 10, stale, NULL));
    assert_true(dv_store_claim(f->store, &key, "vera", 20, stale, NULL));
    expect_code(dv_store_claim(f->store, &key, "omar", 1019, stale, &error), &error,
                DV_ERROR_CONFLICT);
    expect_code(dv_store_release(f->store, &key, "omar", 30, &error), &error, DV_ERROR_CONFLICT);
    expect_state(f, &key, DV_QUEUE_IN_PROGRESS, "vera");
    assert_true(dv_store_claim(f->store, &key, "omar", 1020, stale, NULL)); /* went stale */
    assert_true(dv_store_release(f->store, &key, "omar", 1030, NULL));
    expect_state(f, &key, DV_QUEUE_NEW, "");
    expect_code(dv_store_reopen(f->store, &key, "omar", 1040, &error), &error, DV_ERROR_CONFLICT);
}

static void
test_decisions_and_answers(void **state)
{
    Fixture *f = *state;
    guint8 link[DV_SHA256_SIZE] = {0};
    append_chain(f, "K1", 1, 2, link, DV_PRIORITY_HIT);
    DvRecordKey key = {"K1", 1, 1};
    g_autoptr(GBytes) answer = g_bytes_new("sealed answer", 13);
    g_autoptr(GBytes) copy = g_bytes_new("sealed copy", 11);
    g_autoptr(GBytes) empty = g_bytes_new("", 0);
    GError *error = NULL;
    gint64 number = 0;
    expect_code(dv_store_decide(f->store, &key, "vera", answer, copy, 5, &number, &error), &error,
                DV_ERROR_CONFLICT); /* not claimed */
    assert_true(dv_store_claim(f->store, &key, "vera", 10, 1000, NULL));
    expect_code(dv_store_decide(f->store, &key, "omar", answer, copy, 20, &number, &error), &error,
                DV_ERROR_CONFLICT);
    expect_code(dv_store_decide(f->store, &key, "vera", empty, copy, 20, &number, &error), &error,
                DV_ERROR_INVALID);
    g_autoptr(GPtrArray) nothing = dv_store_answers(f->store, "K1", 0, 10, NULL);
    assert_int_equal(nothing->len, 0); /* a refused decision leaves no answer */
    assert_true(dv_store_decide(f->store, &key, "vera", answer, copy, 20, &number, NULL));
    assert_int_equal(number, 1);
    expect_state(f, &key, DV_QUEUE_REVIEWED, "vera");
    expect_code(dv_store_claim(f->store, &key, "vera", 9999999, 1000, &error), &error,
                DV_ERROR_CONFLICT);

    /* Decided once more after re-opening; released in between it stays re-opened. */
    assert_true(dv_store_reopen(f->store, &key, "omar", 30, NULL));
    expect_state(f, &key, DV_QUEUE_RE_OPENED, "");
    assert_true(dv_store_claim(f->store, &key, "omar", 40, 1000, NULL));
    assert_true(dv_store_release(f->store, &key, "omar", 45, NULL));
    expect_state(f, &key, DV_QUEUE_RE_OPENED, "");
    assert_true(dv_store_claim(f->store, &key, "omar", 50, 1000, NULL));
    assert_true(dv_store_decide(f->store, &key, "omar", answer, copy, 60, &number, NULL));
    assert_int_equal(number, 2);

    g_autoptr(GPtrArray) copies = dv_store_decisions(f->store, &key, NULL);
    assert_int_equal(copies->len, 2);
    DvDecisionCopy *second = copies->pdata[1];
    assert_string_equal(second->decided_by, "omar");
    assert_int_equal(second->answer_number, 2);
    assert_true(g_bytes_equal(second->copy, copy));
    g_autoptr(GPtrArray) reviewed = dv_store_queue(f->store, TRUE, 10, NULL);
    assert_int_equal(reviewed->len, 1);

    g_autoptr(GPtrArray) all = dv_store_answers(f->store, "K1", 0, 10, NULL);
    assert_int_equal(all->len, 2);
    g_autoptr(GPtrArray) rest = dv_store_answers(f->store, "K1", 1, 10, NULL);
    assert_int_equal(rest->len, 1);
    assert_int_equal(((DvStoredAnswer *)rest->pdata[0])->number, 2);
    g_autoptr(GPtrArray) other = dv_store_answers(f->store, "K2", 0, 10, NULL);
    assert_int_equal(other->len, 0);
    assert_true(dv_store_answers_taken(f->store, "K1", 2, NULL));
    assert_true(dv_store_answers_taken(f->store, "K1", 1, NULL)); /* never goes back */
    expect_code(dv_store_answers_taken(f->store, "K1", 3, &error), &error, DV_ERROR_INVALID);
    g_autoptr(GPtrArray) kiosks = dv_store_kiosks(f->store, NULL);
    assert_int_equal(((DvKioskState *)kiosks->pdata[0])->answers_taken, 2);
}

static void
test_two_handles(void **state)
{
    Fixture *f = *state;
    g_autoptr(DvStore) other = dv_store_open(f->path, NULL);
    assert_non_null(other);
    guint8 link[DV_SHA256_SIZE] = {0};
    append_chain(f, "K1", 1, 1, link, DV_PRIORITY_HIT);
    DvRecordKey key = {"K1", 1, 1};
    GError *error = NULL;
    assert_true(dv_store_claim(other, &key, "vera", 10, 1000, NULL));
    expect_code(dv_store_claim(f->store, &key, "omar", 20, 1000, &error), &error,
                DV_ERROR_CONFLICT);
}

/* What was asked for once does not hold a handle at what stood then. */
static void
test_reads_see_what_came_since(void **state)
{
    Fixture *f = *state;
    guint8 link[DV_SHA256_SIZE] = {0};
    gint64 number = -1;
    assert_true(dv_store_last_number(f->store, &number, NULL));
    assert_int_equal(number, 0);
    append_chain(f, "K1", 1, 3, link, DV_PRIORITY_ROUTINE);
    g_autoptr(DvStore) other = dv_store_open(f->path, NULL);
    assert_true(dv_store_last_number(other, &number, NULL));
    assert_int_equal(number, 3);
    DvBeat beat = {.epoch = 1, .seq = 3, .received_us = 5000, .update = "{\"release\":42}"};
    DvChainState chain;
    gint64 missing = 0;
    g_strlcpy(beat.kiosk, "K1", sizeof beat.kiosk);
    memcpy(beat.link, link, sizeof beat.link);
    assert_true(dv_store_heartbeat(f->store, &beat, &chain, &missing, NULL));
    g_autoptr(GPtrArray) kiosks = dv_store_kiosks(other, NULL);
    const DvKioskState *kiosk = kiosks->pdata[0];
    assert_int_equal(kiosk->last_seen_us, 5000);
    assert_string_equal(kiosk->update, "{\"release\":42}");
    beat.update = NULL;
    assert_true(dv_store_heartbeat(f->store, &beat, &chain, &missing, NULL));
    g_autoptr(GPtrArray) later = dv_store_kiosks(other, NULL);
    assert_string_equal(((const DvKioskState *)later->pdata[0])->update, "");
}

static void
test_refused_locations(void **state)
{
    (void)state;
    GError *error = NULL;
    assert_null(dv_store_open("postgresql://localhost/x", &error));
    assert_int_equal(error->code, DV_ERROR_CONFIG);
    g_clear_error(&error);
    assert_null(dv_store_open("/nonexistent/folder/store.db", &error));
    assert_non_null(error);
    g_clear_error(&error);
}

int
main(void)
{
#define WITH_STORE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        WITH_STORE(test_append_and_read),
        WITH_STORE(test_duplicates_and_conflicts),
        WITH_STORE(test_group),
        WITH_STORE(test_survives_reopening),
        WITH_STORE(test_new_epoch),
        WITH_STORE(test_heartbeat),
        WITH_STORE(test_queue_order),
        WITH_STORE(test_claims),
        WITH_STORE(test_decisions_and_answers),
        WITH_STORE(test_two_handles),
        WITH_STORE(test_reads_see_what_came_since),
        cmocka_unit_test(test_refused_locations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
