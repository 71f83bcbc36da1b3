// SPDX-License-Identifier: Apache-2.0
/* darvaza-backend: the centre's server, for kiosks and, where configured, for the console. */
#include <darvaza/daemon.h>
#include <darvaza/error.h>
#include <darvaza/ingest.h>
#include <darvaza/log.h>
#include <darvaza/store.h>
#ifdef DV_HAVE_CONSOLE
#include <darvaza/console.h>
#endif

#define S DV_CONFIG_STRING
#define P DV_CONFIG_PATH
#define I DV_CONFIG_INT
static const DvConfigKey keys[] = {
    {"store", "path", P, NULL, 0, 0, "SQLite file in which records are kept"},
    {"ingest", "address", S, "127.0.0.1", 0, 0, "address on which kiosks connect"},
    {"ingest", "port", I, "8443", 0, 65535, "its port; 0: any free one"},
    {"ingest", "tls_cert", P, NULL, 0, 0, "PEM: the centre's certificate for kiosks"},
    {"ingest", "tls_key", P, NULL, 0, 0, "PEM: its key"},
    {"ingest", "client_ca", P, NULL, 0, 0, "PEM: the authority that issues kiosks' certificates"},
    {"ingest", "trust", P, NULL, 0, 0, "folder with kiosks/<ID>/sign.pem"},
    {"ingest", "receipt_key", P, NULL, 0, 0, "PEM: Ed25519 key that signs receipts"},
    {"ingest", "opener_socket", P, "", 0, 0,
     "the opener's socket; empty: none beside this instance"},
    {"ingest", "threads", I, "2", 1, 64, "threads that serve kiosks"},
    {"ingest", "max_connections", I, "1024", 16, 65536, "connections of kiosks at a time"},
    {"ingest", "port_file", P, "", 0, 0, "file that receives the port in use; empty: none"},
    {"console", "address", S, "127.0.0.1", 0, 0, "address on which supervisors connect"},
    {"console", "port", I, "-1", -1, 65535, "its port; 0: any free one; -1: no console here"},
    {"console", "tls_cert", P, "", 0, 0, "PEM: certificate for browsers; empty: plain HTTP"},
    {"console", "tls_key", P, "", 0, 0, "PEM: its key"},
    {"console", "web_root", P, "", 0, 0, "folder of the pages"},
    {"console", "opener_socket", P, "", 0, 0, "the centre's opener"},
    {"console", "protection_socket", P, "", 0, 0, "the protection unit's opener; empty: none"},
    {"console", "port_file", P, "", 0, 0, "file that receives the port in use; empty: none"},
    {"lists", "repository", P, "", 0, 0, "folder of list releases and drafts; empty: none here"},
    {NULL, NULL, S, NULL, 0, 0, NULL},
};
#undef S
#undef P
#undef I

typedef struct {
    DvIngest *ingest;
#ifdef DV_HAVE_CONSOLE
    DvStore *store;
    DvConsole *console;
#endif
} Backend;

/* A port that was chosen by the system is told to whoever started us. */
static gboolean
tell_port(const DvConfig *config, const char *group, guint16 port, GError **error)
{
    const char *path = dv_config_string(config, group, "port_file");
    dv_log_info("%s listens on %s port %u", group, dv_config_string(config, group, "address"),
                port);
    if (path[0] == '\0')
        return TRUE;
    g_autofree char *text = g_strdup_printf("%u\n", port);
    return g_file_set_contents(path, text, -1, error);
}

static gboolean
start_ingest(Backend *backend, const DvConfig *config, GError **error)
{
    DvIngestOptions options = {
        .address = dv_config_string(config, "ingest", "address"),
        .port = (guint16)dv_config_int(config, "ingest", "port"),
        .tls_cert = dv_config_string(config, "ingest", "tls_cert"),
        .tls_key = dv_config_string(config, "ingest", "tls_key"),
        .tls_client_ca = dv_config_string(config, "ingest", "client_ca"),
        .store = dv_config_string(config, "store", "path"),
        .trust_dir = dv_config_string(config, "ingest", "trust"),
        .receipt_key = dv_config_string(config, "ingest", "receipt_key"),
        .opener_socket = dv_config_string(config, "ingest", "opener_socket"),
        .lists_repository = dv_config_string(config, "lists", "repository"),
        .threads = (guint)dv_config_int(config, "ingest", "threads"),
        .max_connections = (guint)dv_config_int(config, "ingest", "max_connections"),
    };
    backend->ingest = dv_ingest_new(&options, error);
    return backend->ingest != NULL &&
           tell_port(config, "ingest", dv_ingest_port(backend->ingest), error);
}

static gboolean
start_console(Backend *backend, const DvConfig *config, GError **error)
{
    gint64 port = dv_config_int(config, "console", "port");
    if (port < 0)
        return TRUE;
#ifdef DV_HAVE_CONSOLE
    const char *cert = dv_config_string(config, "console", "tls_cert");
    const char *key = dv_config_string(config, "console", "tls_key");
    backend->store = dv_store_open(dv_config_string(config, "store", "path"), error);
    if (backend->store == NULL)
        return FALSE;
    DvConsoleOptions options = {
        .address = dv_config_string(config, "console", "address"),
        .port = (guint16)port,
        .tls_cert = cert[0] != '\0' ? cert : NULL,
        .tls_key = key[0] != '\0' ? key : NULL,
        .web_root = dv_config_string(config, "console", "web_root"),
        .opener_socket = dv_config_string(config, "console", "opener_socket"),
        .protection_socket = dv_config_string(config, "console", "protection_socket"),
        .lists_repository = dv_config_string(config, "lists", "repository"),
        .store = backend->store,
    };
    backend->console = dv_console_new(&options, error);
    return backend->console != NULL &&
           tell_port(config, "console", dv_console_port(backend->console), error);
#else
    (void)backend;
    g_set_error(error, DV_ERROR, DV_ERROR_CONFIG, "this build has no console; set port = -1");
    return FALSE;
#endif
}

static gboolean
start(const DvConfig *config, void **state, GError **error)
{
    Backend *backend = g_new0(Backend, 1);
    *state = backend;
#ifdef DV_SABOTAGE_ACK_BEFORE_FSYNC
    dv_log_warning("SABOTAGED BUILD: receipts are given before records are durable. Tests only.");
#endif
    return start_ingest(backend, config, error) && start_console(backend, config, error);
}

static void
stop(void *state)
{
    Backend *backend = state;
    if (backend == NULL)
        return;
#ifdef DV_HAVE_CONSOLE
    dv_console_free(backend->console);
    dv_store_close(backend->store);
#endif
    dv_ingest_free(backend->ingest);
    g_free(backend);
}

int
main(int argc, char **argv)
{
    static const DvDaemon daemon = {
        .name = "darvaza-backend",
        .summary = "takes sealed crossings from kiosks and serves the console",
        .keys = keys,
        .start = start,
        .stop = stop,
    };
    return dv_daemon_main(&daemon, argc, argv);
}
