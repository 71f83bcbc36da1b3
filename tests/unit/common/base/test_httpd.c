// SPDX-License-Identifier: Apache-2.0
/* The HTTP server over plain loopback: routes, bodies, files, suspended requests, slow peers. Every
 * case runs twice, on the main loop and with a pool of threads. */
#include "http_peer.h"
#include <darvaza/httpd.h>
#include <darvaza/json.h>
#include <glib/gstdio.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static char *files_root;

static void
on_echo(DvRequest *request, void *data)
{
    (void)data;
    gsize length = 0;
    const void *body = dv_request_body(request, &length);
    g_autoptr(GBytes) bytes = g_bytes_new(body, length);
    dv_request_reply(request, 200, "application/octet-stream", bytes);
}

static void
on_param(DvRequest *request, void *data)
{
    (void)data;
    const char *query = dv_request_query(request, "q");
    const char *cookie = dv_request_cookie(request, "session");
    json_t *body = json_pack("{s:s, s:s?, s:s?, s:s, s:s}", "name",
                             dv_request_param(request, "name"), "q", query, "cookie", cookie,
                             "peer", dv_request_peer(request), "path", dv_request_path(request));
    dv_request_reply_json(request, 200, body);
    json_decref(body);
}

static void
on_json(DvRequest *request, void *data)
{
    (void)data;
    g_autoptr(json_t) value = dv_request_json(request);
    if (value != NULL)
        dv_request_reply_json(request, 200, value);
}

static void
on_file(DvRequest *request, void *data)
{
    (void)data;
    dv_request_reply_file(request, files_root, dv_request_param(request, "file"));
}

/* Threads that still answer; a server may be freed only when there are none. */
static int answering; /* atomic */

static void *
answer_later(void *cls)
{
    g_usleep(20000);
    dv_request_error(cls, 202, "later", "answered by another thread");
    __atomic_sub_fetch(&answering, 1, __ATOMIC_SEQ_CST);
    return NULL;
}

static void
on_later(DvRequest *request, void *data)
{
    (void)data;
    pthread_t thread;
    dv_request_suspend(request);
    __atomic_add_fetch(&answering, 1, __ATOMIC_SEQ_CST);
    if (pthread_create(&thread, NULL, answer_later, request) != 0)
        g_error("no thread");
    pthread_detach(thread);
}

static void
on_at_once(DvRequest *request, void *data)
{
    (void)data;
    dv_request_suspend(request);
    dv_request_error(request, 202, "at_once", "suspended and answered in the same breath");
}

static void
on_silent(DvRequest *request, void *data)
{
    (void)request;
    (void)data;
}

static gboolean
guard(DvRequest *request, const DvRoute *route, void *data)
{
    (void)data;
    if (route->role == 0 || g_strcmp0(dv_request_header(request, "X-Role"), "officer") == 0)
        return TRUE;
    dv_request_error(request, 401, "denied", "sign in first");
    return FALSE;
}

static const DvRoute routes[] = {
    {"POST", "/v1/echo", 0, 1000, on_echo},
    {"PUT", "/v1/echo", 0, 1000, on_echo},
    {"POST", "/v1/large", 0, 300000, on_echo},
    {"POST", "/v1/secret", 7, 1000, on_echo},
    {"GET", "/v1/kiosks/{name}/head", 0, 0, on_param},
    {"POST", "/v1/json", 0, 1000, on_json},
    {"GET", "/files/{file...}", 0, 0, on_file},
    {"GET", "/later", 0, 0, on_later},
    {"GET", "/at-once", 0, 0, on_at_once},
    {"GET", "/silent", 0, 0, on_silent},
    {NULL, NULL, 0, 0, NULL},
};

typedef void (*Case)(guint16 port);

typedef struct {
    Case run;
    guint16 port;
} Bound;

static void
run_bound(void *data)
{
    Bound *bound = data;
    bound->run(bound->port);
}

static void
run_both(Case run, guint timeout_ms)
{
    const guint threads[] = {0, 1, 3};
    for (gsize i = 0; i < G_N_ELEMENTS(threads); i++) {
        g_autoptr(GError) error = NULL;
        DvHttpdOptions options = {.address = "127.0.0.1",
                                  .routes = routes,
                                  .guard = guard,
                                  .threads = threads[i],
                                  .request_timeout_ms = timeout_ms};
        g_autoptr(DvHttpd) httpd = dv_httpd_new(&options, &error);
        assert_null(error);
        assert_non_null(httpd);
        assert_true(dv_httpd_port(httpd) > 0);
        Bound bound = {run, dv_httpd_port(httpd)};
        http_peer_with_loop(run_bound, &bound);
        while (__atomic_load_n(&answering, __ATOMIC_SEQ_CST) > 0)
            g_usleep(1000);
    }
}

#define HEAD "Host: localhost\r\nConnection: close\r\n"

/* cmocka's assertions jump, which they must not do in a thread of our own: so they stop here. */
static void
expect(guint16 port, const char *request, guint status, const char *text)
{
    GString *answer = http_peer_exchange(port, request);
    if (http_peer_status(answer) != status || (text != NULL && strstr(answer->str, text) == NULL))
        g_error("asked:\n%s\nwanted %u with \"%s\", got:\n%s", request, status,
                text != NULL ? text : "", answer->str);
    g_string_free(answer, TRUE);
}

static void
routes_case(guint16 port)
{
    expect(port, "GET /v1/kiosks/K1/head HTTP/1.1\r\n" HEAD "\r\n", 200, "\"name\":\"K1\"");
    expect(port, "GET /v1/kiosks/K%31/head HTTP/1.1\r\n" HEAD "\r\n", 200, "\"name\":\"K1\"");
    expect(port, "GET /v1/kiosks/K1/head?q=a+b%2Bc HTTP/1.1\r\n" HEAD "\r\n", 200,
           "\"q\":\"a b+c\"");
    expect(port, "GET /v1/kiosks/K1/head?q=%zz HTTP/1.1\r\n" HEAD "\r\n", 200, "\"q\":null");
    expect(port, "GET /v1/kiosks/K1/head HTTP/1.1\r\nCookie: session=abc\r\n" HEAD "\r\n", 200,
           "\"cookie\":\"abc\"");
    expect(port, "GET /v1/kiosks/K1/head HTTP/1.1\r\n" HEAD "\r\n", 200, "\"peer\":\"127.0.0.1\"");
    expect(port, "HEAD /v1/kiosks/K1/head HTTP/1.1\r\n" HEAD "\r\n", 200, NULL);
    expect(port, "GET /v1/kiosks//head HTTP/1.1\r\n" HEAD "\r\n", 404, "not_found");
    expect(port, "GET /v1/kiosks/K1 HTTP/1.1\r\n" HEAD "\r\n", 404, "not_found");
    expect(port, "GET /v1/kiosks/K1/head/x HTTP/1.1\r\n" HEAD "\r\n", 404, "not_found");
    expect(port, "GET /v1/kiosks/a%2Fb/head HTTP/1.1\r\n" HEAD "\r\n", 400, "invalid");
    expect(port, "GET /v1/kiosks/a%00b/head HTTP/1.1\r\n" HEAD "\r\n", 400, "invalid");
    expect(port, "GET /v1/kiosks/%ff/head HTTP/1.1\r\n" HEAD "\r\n", 400, "invalid");
    expect(port, "DELETE /v1/echo HTTP/1.1\r\n" HEAD "\r\n", 405, "Allow: POST, PUT");
    expect(port, "GET /silent HTTP/1.1\r\n" HEAD "\r\n", 500, "internal");
    expect(port, "GET /v1/kiosks/K1/head HTTP/1.1\r\nConnection: close\r\n\r\n", 400, NULL);
    expect(port, "GET /none HTTP/1.1\r\n" HEAD "\r\n", 404, "Cache-Control: no-store");
    expect(port, "GET /none HTTP/1.1\r\n" HEAD "\r\n", 404, "X-Content-Type-Options: nosniff");
    expect(port, "GET /none HTTP/1.1\r\n" HEAD "\r\n", 404, "frame-ancestors 'none'");
}

static void
test_routes(void **state)
{
    (void)state;
    run_both(routes_case, 0);
}

static void
expect_post(guint16 port, const char *path, const char *extra, gsize length, guint status,
            const char *text)
{
    g_autoptr(GString) request = g_string_new(NULL);
    g_string_printf(request,
                    "POST %s HTTP/1.1\r\n" HEAD "%sContent-Length: %" G_GSIZE_FORMAT "\r\n\r\n",
                    path, extra, length);
    for (gsize i = 0; i < length; i++)
        g_string_append_c(request, 'x');
    expect(port, request->str, status, text);
}

static void
bodies_case(guint16 port)
{
    expect_post(port, "/v1/echo", "", 0, 200, NULL);
    expect_post(port, "/v1/echo", "", 1000, 200, "xxxx");
    expect_post(port, "/v1/echo", "", 1001, 413, "too_large");
    expect_post(port, "/v1/echo", "", 900000, 413, "too_large");
    expect_post(port, "/v1/large", "", 300000, 200, "xxxx");
    expect_post(port, "/v1/large", "", 300001, 413, "too_large");
    expect_post(port, "/v1/secret", "X-Role: officer\r\n", 3, 200, "xxx");
    expect_post(port, "/v1/secret", "", 3, 401, "sign in first");
    /* Refused by its declared size alone: not one byte of the body is ever sent. */
    expect(port, "POST /v1/echo HTTP/1.1\r\n" HEAD "Content-Length: 99999999999\r\n\r\n", 413,
           "too_large");
    expect(port, "POST /v1/json HTTP/1.1\r\n" HEAD "Content-Length: 7\r\n\r\n{\"a\":1}", 200,
           "{\"a\":1}");
    expect(port, "POST /v1/json HTTP/1.1\r\n" HEAD "Content-Length: 3\r\n\r\n[1]", 400, "invalid");
    expect(port, "POST /v1/json HTTP/1.1\r\n" HEAD "Content-Length: 3\r\n\r\n{\"a", 400, "invalid");
    expect(port, "POST /v1/json HTTP/1.1\r\n" HEAD "\r\n", 400, "invalid");
}

static void
test_bodies(void **state)
{
    (void)state;
    run_both(bodies_case, 0);
}

static void
chunked_case(guint16 port)
{
#define CHUNKED "POST /v1/echo HTTP/1.1\r\n" HEAD "Transfer-Encoding: chunked\r\n\r\n"
    expect(port, CHUNKED "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n", 200, "abcde");
    g_autoptr(GString) many = g_string_new(CHUNKED);
    for (int i = 0; i < 101; i++)
        g_string_append(many, "a\r\n0123456789\r\n");
    g_string_append(many, "0\r\n\r\n");
    expect(port, many->str, 413, "too_large");
    /* A chunked body without end is cut off; there is nobody left to tell. */
    g_string_assign(many, CHUNKED);
    g_autofree char *kilo = g_strnfill(0x1000, 'z');
    for (int i = 0; i < 1000; i++)
        g_string_append_printf(many, "1000\r\n%s\r\n", kilo);
    expect(port, many->str, 0, NULL);
    /* Framing that two parsers could read differently. */
    expect(port,
           "POST /v1/echo HTTP/1.1\r\n" HEAD "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n"
           "\r\n3\r\nabc\r\n0\r\n\r\n",
           400, "malformed");
    expect(port, "POST /v1/echo HTTP/1.1\r\n" HEAD "Transfer-Encoding: gzip\r\n\r\n", 400,
           "malformed");
}

static void
test_chunked(void **state)
{
    (void)state;
    run_both(chunked_case, 0);
}

static void
files_case(guint16 port)
{
    expect(port, "GET /files/page.html HTTP/1.1\r\n" HEAD "\r\n", 200, "<p>inside</p>");
    expect(port, "GET /files/page.html HTTP/1.1\r\n" HEAD "\r\n", 200, "text/html");
    expect(port, "GET /files/deep/code.js HTTP/1.1\r\n" HEAD "\r\n", 200, "text/javascript");
    expect(port, "GET /files/deep HTTP/1.1\r\n" HEAD "\r\n", 404, "not_found");
    expect(port, "GET /files/ HTTP/1.1\r\n" HEAD "\r\n", 404, "not_found");
    expect(port, "GET /files/none HTTP/1.1\r\n" HEAD "\r\n", 404, "not_found");
    expect(port, "GET /files/link HTTP/1.1\r\n" HEAD "\r\n", 404, "not_found");
    expect(port, "GET /files/up/secret.txt HTTP/1.1\r\n" HEAD "\r\n", 404, "not_found");
    expect(port, "GET /files/../secret.txt HTTP/1.1\r\n" HEAD "\r\n", 400, "invalid");
    expect(port, "GET /files/%2e%2e/secret.txt HTTP/1.1\r\n" HEAD "\r\n", 400, "invalid");
    expect(port, "GET /files/..%2fsecret.txt HTTP/1.1\r\n" HEAD "\r\n", 400, "invalid");
    expect(port, "GET /files/..%5csecret.txt HTTP/1.1\r\n" HEAD "\r\n", 400, "invalid");
    expect(port, "GET /files//etc/passwd HTTP/1.1\r\n" HEAD "\r\n", 404, "not_found");
}

static void
test_files(void **state)
{
    (void)state;
    g_autofree char *dir = g_dir_make_tmp("dv-httpd-XXXXXX", NULL);
    files_root = g_build_filename(dir, "root", NULL);
    g_autofree char *deep = g_build_filename(files_root, "deep", NULL);
    g_autofree char *page = g_build_filename(files_root, "page.html", NULL);
    g_autofree char *code = g_build_filename(deep, "code.js", NULL);
    g_autofree char *secret = g_build_filename(dir, "secret.txt", NULL);
    g_autofree char *link = g_build_filename(files_root, "link", NULL);
    g_autofree char *up = g_build_filename(files_root, "up", NULL);
    assert_int_equal(g_mkdir_with_parents(deep, 0700), 0);
    assert_true(g_file_set_contents(page, "<p>inside</p>", -1, NULL));
    assert_true(g_file_set_contents(code, "let a;", -1, NULL));
    assert_true(g_file_set_contents(secret, "secret", -1, NULL));
    assert_int_equal(symlink("../secret.txt", link), 0);
    assert_int_equal(symlink("..", up), 0);
    run_both(files_case, 0);
    const char *all[] = {link, up, page, code, secret};
    for (gsize i = 0; i < G_N_ELEMENTS(all); i++)
        g_unlink(all[i]);
    g_rmdir(deep);
    g_rmdir(files_root);
    g_rmdir(dir);
    g_clear_pointer(&files_root, g_free);
}

static void
suspend_case(guint16 port)
{
    for (int i = 0; i < 5; i++) {
        expect(port, "GET /later HTTP/1.1\r\n" HEAD "\r\n", 202, "another thread");
        expect(port, "GET /at-once HTTP/1.1\r\n" HEAD "\r\n", 202, "same breath");
    }
    /* Two on one connection, one after the other. */
    int fd = http_peer_connect(port);
    const char *ask = "GET /later HTTP/1.1\r\nHost: localhost\r\n\r\n";
    for (int i = 0; i < 2; i++) {
        http_peer_send(fd, ask, strlen(ask));
        GString *answer = http_peer_read_until(fd, "another thread\"}");
        if (http_peer_status(answer) != 202)
            g_error("a kept connection gave: %s", answer->str);
        g_string_free(answer, TRUE);
    }
    close(fd);
    /* A peer that leaves while its request is suspended harms nobody. */
    fd = http_peer_connect(port);
    http_peer_send(fd, ask, strlen(ask));
    close(fd);
    g_usleep(60000);
    expect(port, "GET /later HTTP/1.1\r\n" HEAD "\r\n", 202, "another thread");
}

static void
test_suspend(void **state)
{
    (void)state;
    run_both(suspend_case, 0);
}

/* Sends a request byte by byte, never finishing it, and always soon enough not to be idle. */
static void
slow_case(guint16 port)
{
    int fd = http_peer_connect(port);
    const char *start = "GET /v1/kiosks/K1/head HTTP/1.1\r\nHost: localhost\r\nX-A: ";
    gboolean open = http_peer_send(fd, start, strlen(start));
    for (int i = 0; i < 400 && open; i++) {
        g_usleep(25000);
        open = http_peer_send(fd, "a", 1);
    }
    if (open)
        g_error("a peer that never finishes its request was not cut");
    close(fd);
    /* Others were served meanwhile and are served still. */
    expect(port, "GET /none HTTP/1.1\r\n" HEAD "\r\n", 404, NULL);
    /* The same for a body that never ends. */
    fd = http_peer_connect(port);
    start = "POST /v1/echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 900\r\n\r\n";
    open = http_peer_send(fd, start, strlen(start));
    for (int i = 0; i < 400 && open; i++) {
        g_usleep(25000);
        open = http_peer_send(fd, "a", 1);
    }
    if (open)
        g_error("a peer that never finishes its body was not cut");
    close(fd);
}

static void
test_slow_peer(void **state)
{
    (void)state;
    run_both(slow_case, 300);
}

static void
test_port_taken(void **state)
{
    (void)state;
    DvHttpdOptions options = {.address = "127.0.0.1", .routes = routes};
    g_autoptr(GError) error = NULL;
    g_autoptr(DvHttpd) first = dv_httpd_new(&options, &error);
    assert_non_null(first);
    options.port = dv_httpd_port(first);
    DvHttpd *second = dv_httpd_new(&options, &error);
    assert_null(second);
    assert_non_null(error);
    assert_non_null(strstr(error->message, "cannot listen on 127.0.0.1 port"));
    g_clear_error(&error);
    options.address = "not an address";
    assert_null(dv_httpd_new(&options, &error));
    assert_non_null(strstr(error->message, "is no IP address"));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_routes),     cmocka_unit_test(test_bodies),
        cmocka_unit_test(test_chunked),    cmocka_unit_test(test_files),
        cmocka_unit_test(test_suspend),    cmocka_unit_test(test_slow_peer),
        cmocka_unit_test(test_port_taken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
