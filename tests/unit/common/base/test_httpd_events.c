// SPDX-License-Identifier: Apache-2.0
/* Server-sent events on the main loop. */
#include "http_peer.h"
#include <darvaza/httpd.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

/* Everything here belongs to the main loop's thread; the peers' threads look at atomics only. */
typedef struct {
    DvHttpd *httpd;
    GPtrArray *streams;
    int open;   /* atomic */
    int closed; /* atomic */
} Page;

typedef struct {
    Page *page;
    DvEventStream *stream;
} Listener;

static void
on_closed(void *data)
{
    Listener *listener = data;
    g_ptr_array_remove_fast(listener->page->streams, listener);
    __atomic_add_fetch(&listener->page->closed, 1, __ATOMIC_SEQ_CST);
    g_free(listener);
}

static void
on_events(DvRequest *request, void *data)
{
    Listener *listener = g_new0(Listener, 1);
    listener->page = data;
    listener->stream = dv_request_reply_events(request, on_closed, listener);
    g_ptr_array_add(listener->page->streams, listener);
    __atomic_add_fetch(&listener->page->open, 1, __ATOMIC_SEQ_CST);
}

static void
on_tell(DvRequest *request, void *data)
{
    Page *page = data;
    json_t *payload = json_pack("{s:s}", "text", "line one\nline two");
    for (guint i = 0; i < page->streams->len; i++)
        dv_event_stream_send(((Listener *)page->streams->pdata[i])->stream, "state", payload);
    json_decref(payload);
    dv_request_reply(request, 204, NULL, NULL);
}

static void
on_flood(DvRequest *request, void *data)
{
    Page *page = data;
    g_autofree char *text = g_strnfill(100000, 'x');
    json_t *payload = json_string(text);
    for (int n = 0; n < 100; n++)
        for (guint i = 0; i < page->streams->len; i++)
            dv_event_stream_send(((Listener *)page->streams->pdata[i])->stream, "flood", payload);
    json_decref(payload);
    dv_request_reply(request, 204, NULL, NULL);
}

static void
on_end(DvRequest *request, void *data)
{
    Page *page = data;
    while (page->streams->len > 0)
        dv_event_stream_close(((Listener *)page->streams->pdata[0])->stream);
    dv_request_reply(request, 204, NULL, NULL);
}

static const DvRoute routes[] = {
    {"GET", "/events", 0, 0, on_events},
    {"POST", "/tell", 0, 0, on_tell},
    {"POST", "/flood", 0, 0, on_flood},
    {"POST", "/end", 0, 0, on_end},
    {NULL, NULL, 0, 0, NULL},
};

#define LISTEN "GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n"

static void
post(Page *page, const char *path)
{
    g_autofree char *request = g_strdup_printf(
        "POST %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
        path);
    GString *answer = http_peer_exchange(dv_httpd_port(page->httpd), request);
    if (http_peer_status(answer) != 204)
        g_error("%s gave: %s", path, answer->str);
    g_string_free(answer, TRUE);
}

static int
listen_to(Page *page)
{
    int before = __atomic_load_n(&page->open, __ATOMIC_SEQ_CST);
    int fd = http_peer_connect(dv_httpd_port(page->httpd));
    http_peer_send(fd, LISTEN, strlen(LISTEN));
    GString *head = http_peer_read_until(fd, ":\n\n");
    if (http_peer_status(head) != 200 || strstr(head->str, "text/event-stream") == NULL)
        g_error("no stream: %s", head->str);
    g_string_free(head, TRUE);
    if (__atomic_load_n(&page->open, __ATOMIC_SEQ_CST) != before + 1)
        g_error("the stream was not opened once");
    return fd;
}

static void
wait_closed(Page *page, int count)
{
    for (int i = 0; i < 1000 && __atomic_load_n(&page->closed, __ATOMIC_SEQ_CST) < count; i++)
        g_usleep(10000);
    if (__atomic_load_n(&page->closed, __ATOMIC_SEQ_CST) != count)
        g_error("%d streams were told closed, %d expected", page->closed, count);
}

static void
expect_event(int fd)
{
    GString *text = http_peer_read_until(fd, "line two\"}\n\n");
    if (strstr(text->str, "event: state\ndata: {\"text\":\"line one\\nline two\"}\n\n") == NULL)
        g_error("no event in: %s", text->str);
    g_string_free(text, TRUE);
}

static void
two_listeners(void *data)
{
    Page *page = data;
    int a = listen_to(page), b = listen_to(page);
    for (int i = 0; i < 3; i++) {
        post(page, "/tell");
        expect_event(a);
        expect_event(b);
    }
    close(a); /* noticed without any event being sent */
    wait_closed(page, 1);
    post(page, "/tell");
    expect_event(b);
    post(page, "/end");
    GString *rest = http_peer_read_until(b, "0\r\n\r\n"); /* the stream's last chunk */
    g_string_free(rest, TRUE);
    close(b);
    wait_closed(page, 2);
}

static void
deaf_listener(void *data)
{
    Page *page = data;
    int deaf = listen_to(page);
    post(page, "/flood"); /* ten megabytes that nobody reads */
    wait_closed(page, 1);
    int next = listen_to(page);
    post(page, "/tell");
    expect_event(next);
    close(next);
    wait_closed(page, 2);
    close(deaf);
}

static void
leave_open(void *data)
{
    listen_to(data); /* open when the server is freed */
}

static void
run_page(void (*peer)(void *data), int closed)
{
    Page page = {.streams = g_ptr_array_new()};
    DvHttpdOptions options = {.address = "127.0.0.1", .routes = routes, .data = &page};
    page.httpd = dv_httpd_new(&options, NULL);
    assert_non_null(page.httpd);
    http_peer_with_loop(peer, &page);
    dv_httpd_free(page.httpd);
    assert_int_equal(page.closed, closed);
    assert_int_equal(page.streams->len, 0);
    g_ptr_array_unref(page.streams);
}

static void
test_two_listeners(void **state)
{
    (void)state;
    run_page(two_listeners, 2);
}

static void
test_deaf_listener(void **state)
{
    (void)state;
    run_page(deaf_listener, 2);
}

static void
test_server_ends_first(void **state)
{
    (void)state;
    run_page(leave_open, 1);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_two_listeners),
        cmocka_unit_test(test_deaf_listener),
        cmocka_unit_test(test_server_ends_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
