// SPDX-License-Identifier: Apache-2.0
/*
 * darvaza-uplink as a process between a booth and a centre that are made up here. Waits give up
 * after PATIENCE_S and measure nothing.
 */
#include "fake_booth.h"
#include "test_pki.h"
#include <darvaza/file.h>
#include <darvaza/httpd.h>
#include <glib/gstdio.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>

#include <cmocka.h>

#define PATIENCE_S 30

typedef struct {
    TestPki *pki;
    FakeBooth *booth;
    DvHttpd *httpd; /* NULL: the centre is away */
    guint16 port;
    const char *server; /* which certificate it shows */
    GPid uplink;
    /* how the centre behaves, and what it saw */
    gboolean garbage, refuses, has_opener;
    guint answers; /* numbered 1..answers */
    const char *accounts;
    guint puts, beats;
    GPtrArray *seen; /* bodies of the records taken, in order */
} Scene;

static char *
body_text(const DvRequest *request)
{
    gsize length = 0;
    const char *data = dv_request_body(request, &length);
    return g_strndup(data, length);
}

static void
reply_text(DvRequest *request, guint status, const char *text)
{
    g_autoptr(GBytes) bytes = g_bytes_new(text, strlen(text));
    dv_request_reply(request, status, "application/json", bytes);
}

static void
put_record(DvRequest *request, void *data)
{
    Scene *scene = data;
    g_autofree char *text = body_text(request);
    scene->puts++;
    if (scene->refuses) {
        dv_request_error(request, 409, "chain", "this record does not follow the last one");
        return;
    }
    if (scene->garbage) {
        reply_text(request, 201, "\xff\x00 not a receipt");
        return;
    }
    g_autofree char *receipt = g_strdup_printf("receipt %s", text + strlen("record "));
    g_ptr_array_add(scene->seen, g_steal_pointer(&text));
    reply_text(request, 201, receipt);
}

static void
post_heartbeat(DvRequest *request, void *data)
{
    Scene *scene = data;
    scene->beats++;
    reply_text(request, 200, "{}");
}

static void
get_answers(DvRequest *request, void *data)
{
    Scene *scene = data;
    guint after = (guint)g_ascii_strtoull(dv_request_query(request, "after"), NULL, 10);
    json_t *list = json_array();
    for (guint number = after + 1; number <= scene->answers; number++) {
        g_autofree char *text = g_strdup_printf("answer %u", number);
        g_autofree char *encoded = g_base64_encode((const guchar *)text, strlen(text));
        json_array_append_new(list, json_pack("{s:i, s:s}", "number", number, "answer", encoded));
    }
    json_t *body = json_pack("{s:o}", "answers", list);
    dv_request_reply_json(request, 200, body);
    json_decref(body);
}

static void
get_accounts(DvRequest *request, void *data)
{
    Scene *scene = data;
    if (!scene->has_opener)
        dv_request_error(request, 503, "unavailable", "no opener beside this instance");
    else
        reply_text(request, 200, scene->accounts);
}

static const DvRoute routes[] = {
    {"PUT", "/v1/records", 0, 4096, put_record},
    {"POST", "/v1/heartbeats", 0, 4096, post_heartbeat},
    {"GET", "/v1/answers", 0, 0, get_answers},
    {"GET", "/v1/accounts", 0, 0, get_accounts},
    {NULL},
};

static void
centre_come(Scene *scene)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *cert_name = g_strconcat(scene->server, ".pem", NULL);
    g_autofree char *key_name = g_strconcat(scene->server, "-key.pem", NULL);
    g_autofree char *cert = test_pki_path(scene->pki, cert_name);
    g_autofree char *key = test_pki_path(scene->pki, key_name);
    g_autofree char *ca = test_pki_path(scene->pki, "ca.pem");
    const DvHttpdOptions options = {.address = "127.0.0.1",
                                    .port = scene->port,
                                    .routes = routes,
                                    .data = scene,
                                    .tls_cert = cert,
                                    .tls_key = key,
                                    .tls_client_ca = ca};
    scene->httpd = dv_httpd_new(&options, &error);
    g_assert_no_error(error);
    scene->port = dv_httpd_port(scene->httpd);
}

static void
centre_go(Scene *scene)
{
    g_clear_pointer(&scene->httpd, dv_httpd_free);
}

static void
uplink_start(Scene *scene)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *config = test_pki_path(scene->pki, "uplink.ini");
    g_autofree char *text = g_strdup_printf(
        "[booth]\nsocket = %s\n[centre]\nurl = https://127.0.0.1:%u\nca = ca.pem\n"
        "cert = kiosk.pem\nkey = kiosk-key.pem\nconnect_timeout_ms = 2000\ntimeout_ms = 5000\n"
        "[uplink]\nretry_min_ms = 5\nretry_max_ms = 50\nheartbeat_ms = 50\nanswers_ms = 50\n"
        "accounts_ms = 50\n",
        scene->booth->socket_path, scene->port);
    assert_true(dv_file_write(config, text, strlen(text), 0600, NULL));
    const char *argv[] = {g_getenv("DARVAZA_UPLINK"), "--config", config, NULL};
    g_spawn_async(NULL, (char **)argv, NULL, G_SPAWN_DO_NOT_REAP_CHILD, NULL, NULL, &scene->uplink,
                  &error);
    g_assert_no_error(error);
}

static int
setup(void **state)
{
    Scene *scene = g_new0(Scene, 1);
    scene->pki = test_pki_new();
    if (scene->pki == NULL)
        return -1;
    test_pki_authority(scene->pki, "ca");
    test_pki_authority(scene->pki, "other-ca");
    test_pki_issue(scene->pki, "server", "ca", "/CN=127.0.0.1", "serverAuth", "ec", FALSE);
    test_pki_issue(scene->pki, "impostor", "other-ca", "/CN=127.0.0.1", "serverAuth", "ec", FALSE);
    test_pki_issue(scene->pki, "kiosk", "ca", "/CN=KSK-1/OU=tls", "clientAuth", "ec", FALSE);
    scene->booth = fake_booth_new(scene->pki->dir);
    scene->seen = g_ptr_array_new_with_free_func(g_free);
    scene->server = "server";
    *state = scene;
    return 0;
}

static int
teardown(void **state)
{
    Scene *scene = *state;
    if (scene->uplink != 0) {
        kill(scene->uplink, SIGKILL);
        waitpid(scene->uplink, NULL, 0);
    }
    centre_go(scene);
    fake_booth_free(scene->booth);
    g_ptr_array_unref(scene->seen);
    test_pki_free(scene->pki);
    g_free(scene);
    return 0;
}

static gboolean
give_up(void *data)
{
    *(gboolean *)data = TRUE;
    return G_SOURCE_REMOVE;
}

/* Turns the main loop until the condition holds. */
#define WAIT_UNTIL(condition)                                                                      \
    do {                                                                                           \
        gboolean late = FALSE;                                                                     \
        guint timer = g_timeout_add_seconds(PATIENCE_S, give_up, &late);                           \
        while (!(condition) && !late)                                                              \
            g_main_context_iteration(NULL, TRUE);                                                  \
        if (late)                                                                                  \
            fail_msg("never came: " #condition);                                                   \
        g_source_remove(timer);                                                                    \
    } while (0)

static void
test_records_go_out_once_and_in_order(void **state)
{
    Scene *scene = *state;
    centre_come(scene);
    fake_booth_come(scene->booth);
    fake_booth_add(scene->booth, 40);
    uplink_start(scene);
    WAIT_UNTIL(scene->booth->acknowledged == 40);
    fake_booth_add(scene->booth, 3);
    WAIT_UNTIL(scene->booth->acknowledged == 43);
    assert_int_equal(scene->seen->len, 43);
    for (guint i = 0; i < 43; i++) {
        g_autofree char *wanted = g_strdup_printf("record 7/%u", i + 1);
        assert_string_equal(scene->seen->pdata[i], wanted);
    }
    WAIT_UNTIL(scene->booth->online == 1 && scene->booth->heartbeat_answers >= 2);
    assert_int_equal(scene->booth->refused, 0);
}

static void
test_it_resumes_when_the_centre_comes_back(void **state)
{
    Scene *scene = *state;
    centre_come(scene);
    fake_booth_come(scene->booth);
    uplink_start(scene);
    WAIT_UNTIL(scene->booth->online == 1);
    centre_go(scene);
    fake_booth_add(scene->booth, 5);
    WAIT_UNTIL(scene->booth->online == 0);
    assert_int_equal(scene->booth->acknowledged, 0);
    centre_come(scene);
    WAIT_UNTIL(scene->booth->acknowledged == 5 && scene->booth->online == 1);
    assert_int_equal(scene->seen->len, 5);
}

static void
test_it_resumes_when_the_booth_comes_back(void **state)
{
    Scene *scene = *state;
    centre_come(scene);
    uplink_start(scene);
    fake_booth_come(scene->booth);
    fake_booth_add(scene->booth, 2);
    WAIT_UNTIL(scene->booth->acknowledged == 2);
    fake_booth_go(scene->booth);
    fake_booth_add(scene->booth, 2);
    fake_booth_come(scene->booth);
    WAIT_UNTIL(scene->booth->acknowledged == 4);
    assert_int_equal(scene->seen->len, 4);
}

static void
test_a_receipt_that_the_booth_refuses_frees_nothing(void **state)
{
    Scene *scene = *state;
    scene->garbage = TRUE;
    centre_come(scene);
    fake_booth_come(scene->booth);
    fake_booth_add(scene->booth, 1);
    uplink_start(scene);
    WAIT_UNTIL(scene->booth->refused >= 3);
    assert_int_equal(scene->booth->acknowledged, 0);
    scene->garbage = FALSE;
    WAIT_UNTIL(scene->booth->acknowledged == 1);
}

static void
test_a_refused_record_holds_up_neither_heartbeat_nor_answers(void **state)
{
    Scene *scene = *state;
    scene->refuses = TRUE;
    scene->answers = 2;
    centre_come(scene);
    fake_booth_come(scene->booth);
    fake_booth_add(scene->booth, 2);
    uplink_start(scene);
    WAIT_UNTIL(scene->booth->heartbeat_answers >= 2 && scene->booth->answers->len == 2 &&
               scene->puts >= 2);
    assert_int_equal(scene->booth->acknowledged, 0);
    WAIT_UNTIL(scene->booth->online == 1 &&
               strstr(scene->booth->detail, "does not follow") != NULL);
    scene->refuses = FALSE;
    WAIT_UNTIL(scene->booth->acknowledged == 2);
}

static void
test_answers_come_once_and_in_order(void **state)
{
    Scene *scene = *state;
    scene->answers = 3;
    centre_come(scene);
    fake_booth_come(scene->booth);
    uplink_start(scene);
    WAIT_UNTIL(scene->booth->answers->len == 3);
    scene->answers = 4;
    WAIT_UNTIL(scene->booth->cursor == 4);
    assert_int_equal(scene->booth->answers->len, 4);
    assert_string_equal(scene->booth->answers->pdata[0], "answer 1");
    assert_string_equal(scene->booth->answers->pdata[3], "answer 4");
}

static void
test_accounts_come_when_they_change(void **state)
{
    Scene *scene = *state;
    centre_come(scene);
    fake_booth_come(scene->booth);
    uplink_start(scene);
    WAIT_UNTIL(scene->booth->online == 1 && scene->beats >= 3);
    assert_int_equal(scene->booth->accounts_deliveries, 0);
    scene->accounts = "first bundle";
    scene->has_opener = TRUE;
    WAIT_UNTIL(scene->booth->accounts_deliveries == 1);
    guint beats = scene->beats;
    WAIT_UNTIL(scene->beats >= beats + 3);
    assert_int_equal(scene->booth->accounts_deliveries, 1);
    scene->accounts = "second bundle";
    WAIT_UNTIL(scene->booth->accounts_deliveries == 2);
    assert_string_equal(scene->booth->accounts, "second bundle");
}

static void
test_nothing_is_sent_to_an_impostor(void **state)
{
    Scene *scene = *state;
    scene->server = "impostor";
    centre_come(scene);
    fake_booth_come(scene->booth);
    fake_booth_add(scene->booth, 1);
    uplink_start(scene);
    WAIT_UNTIL(scene->booth->online == 0);
    assert_non_null(strstr(scene->booth->detail, "certificate"));
    assert_int_equal(scene->puts, 0);
    assert_int_equal(scene->booth->acknowledged, 0);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_records_go_out_once_and_in_order),
        CASE(test_it_resumes_when_the_centre_comes_back),
        CASE(test_it_resumes_when_the_booth_comes_back),
        CASE(test_a_receipt_that_the_booth_refuses_frees_nothing),
        CASE(test_a_refused_record_holds_up_neither_heartbeat_nor_answers),
        CASE(test_answers_come_once_and_in_order),
        CASE(test_accounts_come_when_they_change),
        CASE(test_nothing_is_sent_to_an_impostor),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
