// SPDX-License-Identifier: Apache-2.0
/* The HTTP server and client over TLS: who is let in, and who a client lets itself be served by. */
#include "http_peer.h"
#include "test_pki.h"
#include <darvaza/error.h>
#include <darvaza/http_client.h>
#include <darvaza/httpd.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static TestPki *pki;

static void
on_whoami(DvRequest *request, void *data)
{
    (void)data;
    json_t *body = json_pack("{s:s, s:s?, s:s}", "name", dv_request_client_name(request), "unit",
                             dv_request_client_unit(request), "fingerprint",
                             dv_request_client_fingerprint(request));
    dv_request_reply_json(request, 200, body);
    json_decref(body);
}

static void
on_large(DvRequest *request, void *data)
{
    (void)data;
    g_autofree char *text = g_strnfill(5000, 'x');
    g_autoptr(GBytes) bytes = g_bytes_new(text, 5000);
    dv_request_reply(request, 200, "text/plain", bytes);
}

static void
on_plain(DvRequest *request, void *data)
{
    (void)data;
    gsize length = 0;
    const void *body = dv_request_body(request, &length);
    g_autoptr(GBytes) bytes = g_bytes_new(body, length);
    dv_request_reply(request, 200, "text/plain", bytes);
}

static const DvRoute routes[] = {
    {"GET", "/whoami", 0, 0, on_whoami},
    {"GET", "/large", 0, 0, on_large},
    {"PUT", "/echo", 0, 100000, on_plain},
    {NULL, NULL, 0, 0, NULL},
};

static DvHttpd *
serve(const char *cert, gboolean mutual)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *pem = g_strconcat(pki->dir, "/", cert, ".pem", NULL);
    g_autofree char *key = g_strconcat(pki->dir, "/", cert, "-key.pem", NULL);
    g_autofree char *ca = test_pki_path(pki, "ca.pem");
    DvHttpdOptions options = {.address = "127.0.0.1",
                              .routes = routes,
                              .tls_cert = pem,
                              .tls_key = key,
                              .tls_client_ca = mutual ? ca : NULL,
                              .threads = 2};
    DvHttpd *httpd = dv_httpd_new(&options, &error);
    assert_null(error);
    return httpd;
}

typedef struct {
    gboolean ok;
    guint status;
    int code;
    char *text; /* the answer or the error's message */
} Outcome;

static void
outcome_clear(Outcome *outcome)
{
    g_free(outcome->text);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Outcome, outcome_clear)

static Outcome
ask_client(DvHttpClient *client, const char *method, const char *path, const char *body)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GBytes) answer = NULL;
    Outcome outcome = {.ok = FALSE};
    outcome.ok = dv_http_client_send(client, method, path, body != NULL ? "text/plain" : NULL, body,
                                     body != NULL ? strlen(body) : 0, 4096, &outcome.status,
                                     &answer, &error);
    if (outcome.ok) {
        gsize length = 0;
        const char *data = g_bytes_get_data(answer, &length);
        outcome.text = g_strndup(data != NULL ? data : "", length);
    } else {
        outcome.code = error->code;
        outcome.text = g_strdup(error->message);
    }
    return outcome;
}

/* cert NULL: none is shown. */
static DvHttpClient *
client_new(guint16 port, const char *ca, const char *cert)
{
    g_autofree char *url = g_strdup_printf("https://localhost:%u", port);
    g_autofree char *ca_file = g_strconcat(pki->dir, "/", ca, ".pem", NULL);
    g_autofree char *pem = g_strconcat(pki->dir, "/", cert != NULL ? cert : "", ".pem", NULL);
    g_autofree char *key = g_strconcat(pki->dir, "/", cert != NULL ? cert : "", "-key.pem", NULL);
    DvHttpClientOptions options = {.base_url = url,
                                   .ca_file = ca_file,
                                   .cert_file = cert != NULL ? pem : NULL,
                                   .key_file = cert != NULL ? key : NULL,
                                   .timeout_ms = 10000};
    DvHttpClient *client = dv_http_client_new(&options, NULL);
    assert_non_null(client);
    return client;
}

static Outcome
ask(guint16 port, const char *ca, const char *cert)
{
    g_autoptr(DvHttpClient) client = client_new(port, ca, cert);
    return ask_client(client, "GET", "/whoami", NULL);
}

static void
test_kiosk_is_known(void **state)
{
    (void)state;
    g_autoptr(DvHttpd) httpd = serve("server", TRUE);
    g_autoptr(DvHttpClient) client = client_new(dv_httpd_port(httpd), "ca", "kiosk");
    for (int i = 0; i < 3; i++) { /* the second and third time over the kept connection */
        g_auto(Outcome) outcome = ask_client(client, "GET", "/whoami", NULL);
        assert_true(outcome.ok);
        assert_int_equal(outcome.status, 200);
        assert_non_null(strstr(outcome.text, "\"name\":\"KSK-1\""));
        assert_non_null(strstr(outcome.text, "\"unit\":\"tls\""));
        const char *print = strstr(outcome.text, "\"fingerprint\":\"");
        assert_non_null(print);
        assert_int_equal(strspn(print + strlen("\"fingerprint\":\""), "0123456789abcdef"), 64);
    }
}

static void
expect_refused(const char *cert, const char *why)
{
    g_autoptr(DvHttpd) httpd = serve("server", TRUE);
    g_auto(Outcome) outcome = ask(dv_httpd_port(httpd), "ca", cert);
    assert_true(outcome.ok);
    assert_int_equal(outcome.status, 403);
    assert_non_null(strstr(outcome.text, "\"error\":\"denied\""));
    if (strstr(outcome.text, why) == NULL)
        fail_msg("wanted \"%s\" in: %s", why, outcome.text);
}

static void
test_strangers_are_refused(void **state)
{
    (void)state;
    expect_refused(NULL, "no client certificate was presented");
    expect_refused("selfsigned", "refused");
    expect_refused("stranger", "refused"); /* another authority's */
    expect_refused("expired", "expired");
    expect_refused("server", "refused"); /* ours, but meant for servers */
    expect_refused("nameless", "names nobody");
}

static void
test_refused_before_the_body(void **state)
{
    (void)state;
    g_autoptr(DvHttpd) httpd = serve("server", TRUE);
    g_autoptr(DvHttpClient) client = client_new(dv_httpd_port(httpd), "ca", NULL);
    g_autofree char *body = g_strnfill(90000, 'x');
    g_auto(Outcome) outcome = ask_client(client, "PUT", "/echo", body);
    assert_true(outcome.ok);
    assert_int_equal(outcome.status, 403);
}

static void
test_client_checks_the_server(void **state)
{
    (void)state;
    g_autoptr(DvHttpd) good = serve("server", FALSE);
    g_auto(Outcome) other = ask(dv_httpd_port(good), "other", NULL);
    assert_false(other.ok);
    assert_int_equal(other.code, DV_ERROR_CRYPTO);

    g_autoptr(DvHttpd) alien = serve("selfsigned", FALSE);
    g_auto(Outcome) self_signed = ask(dv_httpd_port(alien), "ca", NULL);
    assert_false(self_signed.ok);
    assert_int_equal(self_signed.code, DV_ERROR_CRYPTO);

    g_autoptr(DvHttpd) named = serve("elsewhere", FALSE);
    g_auto(Outcome) wrong_name = ask(dv_httpd_port(named), "ca", NULL);
    assert_false(wrong_name.ok);
    assert_int_equal(wrong_name.code, DV_ERROR_CRYPTO);
}

static void
test_client_bounds(void **state)
{
    (void)state;
    g_autoptr(DvHttpd) httpd = serve("server", FALSE);
    g_autoptr(DvHttpClient) client = client_new(dv_httpd_port(httpd), "ca", NULL);
    g_auto(Outcome) large = ask_client(client, "GET", "/large", NULL);
    assert_false(large.ok);
    assert_int_equal(large.code, DV_ERROR_INVALID);
    assert_non_null(strstr(large.text, "larger than 4096 bytes"));
    g_auto(Outcome) echo = ask_client(client, "PUT", "/echo", "abc");
    assert_true(echo.ok);
    assert_string_equal(echo.text, "abc");
    g_auto(Outcome) empty = ask_client(client, "PUT", "/echo", "");
    assert_true(empty.ok);
    assert_int_equal(empty.status, 200);
}

static void
test_nobody_there(void **state)
{
    (void)state;
    g_autoptr(DvHttpd) httpd = serve("server", FALSE);
    guint16 port = dv_httpd_port(httpd);
    g_clear_pointer(&httpd, dv_httpd_free);
    g_auto(Outcome) outcome = ask(port, "ca", NULL);
    assert_false(outcome.ok);
    assert_int_equal(outcome.code, DV_ERROR_UNAVAILABLE);
}

static void
test_plain_speech_to_tls(void **state)
{
    (void)state;
    g_autoptr(DvHttpd) httpd = serve("server", TRUE);
    GString *answer = http_peer_exchange(dv_httpd_port(httpd), "GET /whoami HTTP/1.1\r\n\r\n");
    assert_int_equal(http_peer_status(answer), 0);
    g_string_free(answer, TRUE);
    g_auto(Outcome) outcome = ask(dv_httpd_port(httpd), "ca", "kiosk");
    assert_int_equal(outcome.status, 200); /* and the server is still well */
}

static void
test_unusable_keys(void **state)
{
    (void)state;
    g_autoptr(GError) error = NULL;
    g_autofree char *cert = test_pki_path(pki, "server.pem");
    g_autofree char *key = test_pki_path(pki, "kiosk-key.pem");
    g_autofree char *none = test_pki_path(pki, "none.pem");
    DvHttpdOptions options = {.routes = routes, .tls_cert = cert, .tls_key = key, .threads = 1};
    assert_null(dv_httpd_new(&options, &error));
    assert_non_null(error);
    g_clear_error(&error);
    options.tls_key = none;
    assert_null(dv_httpd_new(&options, &error));
    assert_non_null(strstr(error->message, "none.pem"));
}

static int
make_pki(void **state)
{
    (void)state;
    test_pki_authority(pki, "ca");
    test_pki_authority(pki, "other");
    test_pki_issue(pki, "server", "ca", "/CN=localhost", "serverAuth", "ec", FALSE);
    test_pki_issue(pki, "kiosk", "ca", "/OU=tls/CN=KSK-1", "clientAuth", "ec", FALSE);
    test_pki_issue(pki, "stranger", "other", "/OU=tls/CN=KSK-1", "clientAuth", "ec", FALSE);
    test_pki_issue(pki, "selfsigned", NULL, "/OU=tls/CN=KSK-1", NULL, "ec", FALSE);
    test_pki_issue(pki, "expired", "ca", "/OU=tls/CN=KSK-1", "clientAuth", "ec", TRUE);
    test_pki_issue(pki, "nameless", "ca", "/OU=tls", "clientAuth", "ec", FALSE);
    test_pki_issue_for(pki, "elsewhere", "ca", "/CN=elsewhere", "serverAuth", "DNS:elsewhere.test");
    return 0;
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_kiosk_is_known),
        cmocka_unit_test(test_strangers_are_refused),
        cmocka_unit_test(test_refused_before_the_body),
        cmocka_unit_test(test_client_checks_the_server),
        cmocka_unit_test(test_client_bounds),
        cmocka_unit_test(test_nobody_there),
        cmocka_unit_test(test_plain_speech_to_tls),
        cmocka_unit_test(test_unusable_keys),
    };
    pki = test_pki_new();
    if (pki == NULL)
        return 77; /* no openssl command here */
    int failed = cmocka_run_group_tests(tests, make_pki, NULL);
    test_pki_free(pki);
    return failed;
}
