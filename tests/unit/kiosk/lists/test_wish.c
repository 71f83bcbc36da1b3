// SPDX-License-Identifier: Apache-2.0
/* The piece that is waited for, between two threads. */
#include "wish.h"
#include <darvaza/error.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

typedef struct {
    ListsWish *wish;
    gsize max;
    DvTrustReason reason;
    GBytes *bytes;
    char *message;
} Asking;

static void *
ask(void *data)
{
    Asking *asking = data;
    g_autoptr(GError) error = NULL;
    asking->reason =
        lists_source_read_all(lists_wish_source(asking->wish), "metadata", "lists/timestamp.json",
                              asking->max, &asking->bytes, &error);
    asking->message = g_strdup(error != NULL ? error->message : "");
    return NULL;
}

/* Until there is a wish; the pipe tells, as it tells a main loop. */
static void
await_wish(ListsWish *wish, gint64 *offset, gsize *max)
{
    g_autofree char *kind = NULL, *name = NULL;
    char bytes[8];
    struct pollfd poll_fd = {.fd = lists_wish_fd(wish), .events = POLLIN};
    while (!lists_wish_look(wish, &kind, &name, offset, max)) {
        assert_int_equal(poll(&poll_fd, 1, 30000), 1);
        assert_true(read(poll_fd.fd, bytes, sizeof bytes) > 0);
    }
    assert_string_equal(name, "lists/timestamp.json");
    assert_string_equal(kind, "metadata");
}

/* Kept until the threads have ended: ThreadSanitizer does not see how GLib counts references. */
static GPtrArray *given;

static gboolean
give(ListsWish *wish, gint64 offset, gsize length)
{
    g_autofree char *text = g_strnfill(length, 'x');
    g_autoptr(GBytes) bytes = g_bytes_new(text, length);
    g_ptr_array_add(given, g_bytes_ref(bytes));
    return lists_wish_take(wish, "lists/timestamp.json", offset, bytes, NULL);
}

static void
a_piece_comes_in_chunks(void **state)
{
    (void)state;
    g_autoptr(ListsWish) wish = lists_wish_new(30000);
    Asking asking = {.wish = wish, .max = LISTS_CHUNK + 10000};
    pthread_t thread;
    gint64 offset = 0;
    gsize max = 0;
    pthread_create(&thread, NULL, ask, &asking);
    await_wish(wish, &offset, &max);
    assert_int_equal(offset, 0);
    assert_int_equal(max, LISTS_CHUNK);
    assert_false(give(wish, 5, 10));              /* not there */
    assert_false(give(wish, 0, LISTS_CHUNK + 1)); /* more than wanted */
    assert_true(give(wish, 0, LISTS_CHUNK));
    await_wish(wish, &offset, &max);
    assert_int_equal(offset, LISTS_CHUNK);
    assert_true(give(wish, offset, 700)); /* fewer: the end */
    pthread_join(thread, NULL);
    assert_int_equal(asking.reason, DV_TRUST_OK);
    assert_int_equal(g_bytes_get_size(asking.bytes), LISTS_CHUNK + 700);
    assert_false(give(wish, offset, 1)); /* nobody waits */
    g_bytes_unref(asking.bytes);
    g_free(asking.message);
}

static void
what_cannot_be_had_says_why(void **state)
{
    (void)state;
    static const struct {
        const char *why;
        DvTrustReason reason;
    } cases[] = {{"absent", DV_TRUST_ABSENT},
                 {"unavailable", DV_TRUST_UNAVAILABLE},
                 {"too_large", DV_TRUST_BLOATED}};
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(ListsWish) wish = lists_wish_new(30000);
        Asking asking = {.wish = wish, .max = 100};
        pthread_t thread;
        gint64 offset = 0;
        gsize max = 0;
        pthread_create(&thread, NULL, ask, &asking);
        await_wish(wish, &offset, &max);
        assert_false(lists_wish_fail(wish, "lists/other", cases[i].why, "words", NULL));
        assert_true(lists_wish_fail(wish, "lists/timestamp.json", cases[i].why, "the words", NULL));
        pthread_join(thread, NULL);
        assert_int_equal(asking.reason, cases[i].reason);
        assert_non_null(strstr(asking.message, "the words"));
        g_free(asking.message);
    }
}

static void
silence_comes_to_an_end(void **state)
{
    (void)state;
    g_autoptr(ListsWish) wish = lists_wish_new(1);
    Asking asking = {.wish = wish, .max = 100};
    ask(&asking);
    assert_int_equal(asking.reason, DV_TRUST_UNAVAILABLE);
    g_free(asking.message);
}

static void
an_interrupted_wait_ends_until_it_may_go_on(void **state)
{
    (void)state;
    g_autoptr(ListsWish) wish = lists_wish_new(30000);
    Asking asking = {.wish = wish, .max = 100};
    pthread_t thread;
    gint64 offset = 0;
    gsize max = 0;
    pthread_create(&thread, NULL, ask, &asking);
    await_wish(wish, &offset, &max);
    lists_wish_interrupt(wish);
    pthread_join(thread, NULL);
    assert_int_equal(asking.reason, DV_TRUST_UNAVAILABLE);
    g_free(asking.message);
    ask(&asking); /* does not wait either */
    assert_int_equal(asking.reason, DV_TRUST_UNAVAILABLE);
    g_free(asking.message);
    lists_wish_go_on(wish);
    pthread_create(&thread, NULL, ask, &asking);
    await_wish(wish, &offset, &max);
    assert_true(give(wish, 0, 3));
    pthread_join(thread, NULL);
    assert_int_equal(asking.reason, DV_TRUST_OK);
    g_bytes_unref(asking.bytes);
    g_free(asking.message);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_piece_comes_in_chunks),
        cmocka_unit_test(what_cannot_be_had_says_why),
        cmocka_unit_test(silence_comes_to_an_end),
        cmocka_unit_test(an_interrupted_wait_ends_until_it_may_go_on),
    };
    given = g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    g_ptr_array_unref(given);
    return failed;
}
