// SPDX-License-Identifier: Apache-2.0
/* Parts of a file over plain loopback: what a download that was cut needs, and what it must not
 * get.
 */
#include "http_peer.h"
#include <darvaza/httpd.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define TAG "\"abc\""
#define CONTENT "0123456789"

static char *folder, *file;
static DvHttpd *httpd;

static void
on_get(DvRequest *request, void *data)
{
    (void)data;
    dv_request_reply_fd(request, open(file, O_RDONLY | O_CLOEXEC), strlen(CONTENT),
                        "application/octet-stream", TAG);
}

static void
on_empty(DvRequest *request, void *data)
{
    (void)data;
    dv_request_reply_fd(request, open("/dev/null", O_RDONLY | O_CLOEXEC), 0, "text/plain", TAG);
}

static const DvRoute routes[] = {
    {"GET", "/file", 0, 0, on_get},
    {"GET", "/empty", 0, 0, on_empty},
    {NULL, NULL, 0, 0, NULL},
};

static int
setup(void **state)
{
    (void)state;
    const DvHttpdOptions options = {.address = "127.0.0.1", .routes = routes, .threads = 1};
    folder = g_dir_make_tmp("dv-range-XXXXXX", NULL);
    file = g_build_filename(folder, "file", NULL);
    if (!g_file_set_contents(file, CONTENT, -1, NULL))
        return 1;
    httpd = dv_httpd_new(&options, NULL);
    return httpd != NULL ? 0 : 1;
}

static int
teardown(void **state)
{
    (void)state;
    dv_httpd_free(httpd);
    g_unlink(file);
    g_rmdir(folder);
    g_free(file);
    g_free(folder);
    return 0;
}

static void
expect(const char *method, const char *path, const char *headers, guint status, const char *body,
       const char *range)
{
    g_autofree char *request = g_strdup_printf(
        "%s %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n%s\r\n", method, path, headers);
    g_autoptr(GString) answer = http_peer_exchange(dv_httpd_port(httpd), request);
    const char *end = strstr(answer->str, "\r\n\r\n");
    g_autofree char *line = range != NULL ? g_strdup_printf("Content-Range: %s\r\n", range) : NULL;
    if (http_peer_status(answer) != status || end == NULL ||
        (body != NULL && strcmp(end + 4, body) != 0) ||
        (line != NULL) != (strstr(answer->str, "Content-Range:") != NULL) ||
        (line != NULL && strstr(answer->str, line) == NULL))
        fail_msg("%s %s %s: %s", method, path, headers, answer->str);
    assert_non_null(strstr(answer->str, "ETag: " TAG));
}

static void
parts_are_sent_as_asked(void **state)
{
    static const struct {
        const char *headers;
        guint status;
        const char *body, *range;
    } cases[] = {
        {"", 200, CONTENT, NULL},
        {"Range: bytes=0-3\r\n", 206, "0123", "bytes 0-3/10"},
        {"Range: bytes=4-\r\n", 206, "456789", "bytes 4-9/10"},
        {"Range: bytes=9-9\r\n", 206, "9", "bytes 9-9/10"},
        {"Range: bytes=8-99999\r\n", 206, "89", "bytes 8-9/10"},
        {"Range: bytes=-3\r\n", 206, "789", "bytes 7-9/10"},
        {"Range: bytes=-99\r\n", 206, CONTENT, "bytes 0-9/10"},
        {"Range: BYTES=0-0\r\n", 206, "0", "bytes 0-0/10"},
        /* beyond the end */
        {"Range: bytes=10-\r\n", 416, NULL, "bytes */10"},
        {"Range: bytes=9223372036854775807-\r\n", 416, NULL, "bytes */10"},
        {"Range: bytes=-0\r\n", 416, NULL, "bytes */10"},
        /* not understood: the whole */
        {"Range: bytes=3-1\r\n", 200, CONTENT, NULL},
        {"Range: bytes=0-1,3-4\r\n", 200, CONTENT, NULL},
        {"Range: bytes=a-b\r\n", 200, CONTENT, NULL},
        {"Range: bytes=-\r\n", 200, CONTENT, NULL},
        {"Range: bytes=\r\n", 200, CONTENT, NULL},
        {"Range: bytes=+1-2\r\n", 200, CONTENT, NULL},
        {"Range: bytes=1-2x\r\n", 200, CONTENT, NULL},
        {"Range: bytes=18446744073709551616-\r\n", 200, CONTENT, NULL},
        {"Range: lines=0-3\r\n", 200, CONTENT, NULL},
        /* of this content only */
        {"Range: bytes=4-\r\nIf-Range: " TAG "\r\n", 206, "456789", "bytes 4-9/10"},
        {"Range: bytes=4-\r\nIf-Range: \"other\"\r\n", 200, CONTENT, NULL},
        {"Range: bytes=4-\r\nIf-Range: W/" TAG "\r\n", 200, CONTENT, NULL},
        {"If-None-Match: " TAG "\r\n", 304, "", NULL},
        {"If-None-Match: \"other\"\r\n", 200, CONTENT, NULL},
    };
    (void)state;
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++)
        expect("GET", "/file", cases[i].headers, cases[i].status, cases[i].body, cases[i].range);
}

static void
heads_and_empty_files_have_no_parts(void **state)
{
    (void)state;
    expect("HEAD", "/file", "Range: bytes=0-3\r\n", 200, "", NULL);
    expect("GET", "/empty", "", 200, "", NULL);
    expect("GET", "/empty", "Range: bytes=0-\r\n", 416, NULL, "bytes */0");
    expect("GET", "/empty", "Range: bytes=-1\r\n", 416, NULL, "bytes */0");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parts_are_sent_as_asked),
        cmocka_unit_test(heads_and_empty_files_have_no_parts),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
