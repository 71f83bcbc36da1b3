// SPDX-License-Identifier: Apache-2.0
/* List files over real mutual TLS: enrolled kiosks get them, whole and in parts, and nothing else.
 */
#include "ingest_rig.h"
#include <glib/gstdio.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define PACKAGE "lists/package/0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define LARGE (3u << 20) /* more than one buffer of any layer in between */

static IngestRig *rig;
static DvHttpClient *kiosk;

static void
lay(const char *name, const void *content, gsize length)
{
    g_autofree char *path = g_build_filename(rig->dir, name, NULL);
    g_autofree char *dir = g_path_get_dirname(path);
    assert_int_equal(g_mkdir_with_parents(dir, 0700), 0);
    assert_true(g_file_set_contents(path, content, (gssize)length, NULL));
}

static guint8
byte_at(gsize at)
{
    return (guint8)(at * 31 + (at >> 11));
}

static int
setup(void **state)
{
    (void)state;
    rig = ingest_rig_new(NULL);
    kiosk = ingest_rig_client(rig, "KSK-1", "tls");
    g_autofree guint8 *large = g_malloc(LARGE);
    for (gsize i = 0; i < LARGE; i++)
        large[i] = byte_at(i);
    lay(PACKAGE, large, LARGE);
    lay("lists/timestamp.json", "{\"t\":1}", 7);
    lay("drafts/1/diff.json", "secret", 6);
    return 0;
}

static int
teardown(void **state)
{
    (void)state;
    dv_http_client_free(kiosk);
    ingest_rig_free(rig);
    return 0;
}

static guint
get(DvHttpClient *client, const char *path, GBytes **body)
{
    g_autoptr(GError) error = NULL;
    guint status = 0;
    if (!dv_http_client_send(client, "GET", path, NULL, NULL, 0, LARGE + 1024, &status, body,
                             &error))
        fail_msg("GET %s: %s", path, error->message);
    return status;
}

static void
expect_part(GBytes *body, gsize from, gsize length)
{
    gsize size = 0;
    const guint8 *bytes = g_bytes_get_data(body, &size);
    assert_int_equal(size, length);
    for (gsize i = 0; i < size; i++)
        if (bytes[i] != byte_at(from + i))
            fail_msg("byte %zu of the part from %zu is wrong", i, from);
}

static void
a_download_that_was_cut_goes_on(void **state)
{
    (void)state;
    g_autoptr(GBytes) first = NULL;
    g_autoptr(GBytes) rest = NULL;
    g_autoptr(GBytes) whole = NULL;
    dv_http_client_set_header(kiosk, "Range", "bytes=0-1048575");
    assert_int_equal(get(kiosk, "/" PACKAGE, &first), 206);
    expect_part(first, 0, 1u << 20);
    dv_http_client_set_header(kiosk, "Range", "bytes=1048576-");
    assert_int_equal(get(kiosk, "/" PACKAGE, &rest), 206);
    expect_part(rest, 1u << 20, LARGE - (1u << 20));
    dv_http_client_set_header(kiosk, "Range", NULL);
    assert_int_equal(get(kiosk, "/" PACKAGE, &whole), 200);
    expect_part(whole, 0, LARGE);
    g_autoptr(GBytes) beyond = NULL;
    dv_http_client_set_header(kiosk, "Range", "bytes=3145728-");
    assert_int_equal(get(kiosk, "/" PACKAGE, &beyond), 416);
    dv_http_client_set_header(kiosk, "Range", NULL);
}

static void
only_files_of_lists_are_served(void **state)
{
    static const struct {
        const char *path;
        guint status;
    } cases[] = {
        {"/lists/timestamp.json", 200},
        {"/lists/release/1.json", 404},
        {"/lists/", 404},
        {"/lists", 404},
        {"/lists/package/", 404},
        {"/lists/%2e%2e/drafts/1/diff.json", 400},
        {"/lists/package/%2e%2e/%2e%2e/drafts/1/diff.json", 400},
        {"/lists/package%2f..%2f..%2fstore.db", 400},
        {"/lists/store.db", 404},
        {"/lists/drafts/1/diff.json", 404},
        {"/drafts/1/diff.json", 404},
        {"/lists/timestamp.json%00", 400},
        {"/lists/timestamp.json%20", 404},
    };
    (void)state;
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GBytes) body = NULL;
        guint status = get(kiosk, cases[i].path, &body);
        if (status != cases[i].status)
            fail_msg("%s: %u", cases[i].path, status);
    }
    g_auto(IngestAnswer) put = ingest_rig_send(kiosk, "PUT", "/lists/timestamp.json", "{}", 2);
    assert_int_equal(put.status, 405);
    g_auto(IngestAnswer) with_body =
        ingest_rig_send(kiosk, "GET", "/lists/timestamp.json", "{}", 2);
    assert_int_equal(with_body.status, 413);
}

/* A kiosk's other certificates open no connection, and one that is taken out of the trust folder
 * gets nothing any more, on the connection that stands either. */
static void
only_enrolled_kiosks_are_served(void **state)
{
    (void)state;
    g_autoptr(GBytes) denied = NULL;
    g_autoptr(DvHttpClient) other = ingest_rig_client(rig, "KSK-1", "sign");
    g_autoptr(GError) error = NULL;
    guint status = 0;
    gboolean answered = dv_http_client_send(other, "GET", "/lists/timestamp.json", NULL, NULL, 0,
                                            1024, &status, &denied, &error);
    assert_true(!answered || status == 403);
    g_autofree char *cert = dv_test_keys_path(rig->keys, "trust/kiosks/KSK-1/sign.pem");
    g_autofree char *away = g_strconcat(cert, ".away", NULL);
    assert_int_equal(g_rename(cert, away), 0);
    g_autoptr(GBytes) body = NULL;
    assert_int_equal(get(kiosk, "/lists/timestamp.json", &body), 403);
    assert_int_equal(g_rename(away, cert), 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_download_that_was_cut_goes_on),
        cmocka_unit_test(only_files_of_lists_are_served),
        cmocka_unit_test(only_enrolled_kiosks_are_served),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
