// SPDX-License-Identifier: Apache-2.0
/* darvaza-backend as a process: configuration, kill -9 after a receipt, an orderly end. */
#include "ingest_rig.h"
#include <glib/gstdio.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>

#include <cmocka.h>

typedef struct {
    DvTestKeys *keys;
    char *dir, *config, *port_file;
    GPid pid;
} Backend;

static void
write_config(Backend *backend, const char *extra)
{
    g_autofree char *text = g_strdup_printf("[store]\npath = store.db\n"
                                            "[ingest]\nport = 0\nport_file = port\n"
                                            "tls_cert = %1$s/centre/server.pem\n"
                                            "tls_key = %1$s/centre/server-key.pem\n"
                                            "client_ca = %1$s/ca/ca.pem\n"
                                            "trust = %1$s/trust\n"
                                            "receipt_key = %1$s/centre/receipt-key.pem\n%2$s",
                                            backend->keys->dir, extra);
    assert_true(g_file_set_contents(backend->config, text, -1, NULL));
}

static int
setup(void **state)
{
    Backend *backend = g_new0(Backend, 1);
    backend->keys = dv_test_keys_new();
    backend->dir = g_dir_make_tmp("dv-backend-XXXXXX", NULL);
    backend->config = g_build_filename(backend->dir, "backend.ini", NULL);
    backend->port_file = g_build_filename(backend->dir, "port", NULL);
    write_config(backend, "");
    *state = backend;
    return 0;
}

static int
teardown(void **state)
{
    Backend *backend = *state;
    if (backend->pid != 0) {
        kill(backend->pid, SIGKILL);
        waitpid(backend->pid, NULL, 0);
    }
    dv_test_keys_free(backend->keys);
    dv_test_remove_tree(backend->dir);
    g_free(backend->dir);
    g_free(backend->config);
    g_free(backend->port_file);
    g_free(backend);
    return 0;
}

static const char *
program(void)
{
    const char *path = g_getenv("DARVAZA_BACKEND");
    if (path == NULL)
        fail_msg("DARVAZA_BACKEND names no program");
    return path;
}

static guint16
start(Backend *backend)
{
    const char *argv[] = {program(), "--config", backend->config, NULL};
    g_unlink(backend->port_file);
    assert_true(g_spawn_async(NULL, (char **)(gpointer)argv, NULL, G_SPAWN_DO_NOT_REAP_CHILD, NULL,
                              NULL, &backend->pid, NULL));
    for (int i = 0; i < 2000; i++) {
        g_autofree char *text = NULL;
        if (g_file_get_contents(backend->port_file, &text, NULL, NULL) &&
            strchr(text, '\n') != NULL)
            return (guint16)g_ascii_strtoull(text, NULL, 10);
        g_usleep(10000);
    }
    fail_msg("the backend did not start");
    return 0;
}

static int
end(Backend *backend, int signal_number)
{
    int status = 0;
    kill(backend->pid, signal_number);
    assert_int_equal(waitpid(backend->pid, &status, 0), backend->pid);
    backend->pid = 0;
    return status;
}

static DvHttpClient *
client_new(const Backend *backend, guint16 port)
{
    g_autofree char *cert = dv_test_keys_path(backend->keys, "kiosk/KSK-1/tls.pem");
    g_autofree char *key = dv_test_keys_path(backend->keys, "kiosk/KSK-1/tls-key.pem");
    g_autofree char *ca = dv_test_keys_path(backend->keys, "ca/ca.pem");
    g_autofree char *url = g_strdup_printf("https://localhost:%u", port);
    DvHttpClientOptions options = {
        .base_url = url, .ca_file = ca, .cert_file = cert, .key_file = key};
    DvHttpClient *client = dv_http_client_new(&options, NULL);
    assert_non_null(client);
    return client;
}

static void
test_receipt_outlives_kill(void **state)
{
    Backend *backend = *state;
    guint8 link[DV_SHA256_SIZE] = {0}, prev[DV_SHA256_SIZE];
    g_autofree char *first_receipt = NULL;
    for (gint64 seq = 1; seq <= 5; seq++) {
        memcpy(prev, link, sizeof prev);
        g_autoptr(GBytes) wire =
            dv_record_example_sealed(backend->keys, 1, seq, prev, DV_PRIORITY_REVIEW, NULL, link);
        g_autoptr(DvHttpClient) client = client_new(backend, start(backend));
        g_auto(IngestAnswer) taken = ingest_rig_put(client, wire);
        assert_int_equal(taken.status, 201);
        end(backend, SIGKILL);

        g_autoptr(DvHttpClient) again_client = client_new(backend, start(backend));
        g_auto(IngestAnswer) again = ingest_rig_put(again_client, wire);
        assert_int_equal(again.status, 200);
        assert_string_equal(again.text, taken.text);
        int status = end(backend, SIGTERM);
        assert_true(WIFEXITED(status));
        assert_int_equal(WEXITSTATUS(status), 0);
    }
}

static void
expect_refusal(Backend *backend, const char *extra, const char *said)
{
    const char *argv[] = {program(), "--config", backend->config, "--check-config", NULL};
    g_autofree char *err = NULL;
    int status = 0;
    write_config(backend, extra);
    assert_true(g_spawn_sync(NULL, (char **)(gpointer)argv, NULL, G_SPAWN_DEFAULT, NULL, NULL, NULL,
                             &err, &status, NULL));
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) != 0);
    if (strstr(err, said) == NULL)
        fail_msg("wanted \"%s\" in: %s", said, err);
}

static void
test_configuration(void **state)
{
    Backend *backend = *state;
    expect_refusal(backend, "colour = blue\n", "colour");
    expect_refusal(backend, "threads = many\n", "threads");
    expect_refusal(backend, "threads = 1000\n", "threads");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_receipt_outlives_kill, setup, teardown),
        cmocka_unit_test_setup_teardown(test_configuration, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
