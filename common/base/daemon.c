// SPDX-License-Identifier: Apache-2.0
#include <darvaza/daemon.h>
#include <darvaza/log.h>

#include <errno.h>
#include <glib-unix.h>
#include <locale.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { EXIT_FINE = 0, EXIT_TROUBLE = 1, EXIT_USE = 2 };

static atomic_bool quit_asked;
static atomic_bool quit_failed;

void
dv_daemon_quit(const char *reason)
{
    if (reason != NULL) {
        dv_log_warning("ending: %s", reason);
        atomic_store(&quit_failed, TRUE);
    }
    atomic_store(&quit_asked, TRUE);
    g_main_context_wakeup(NULL);
}

static gboolean
on_signal(gpointer name)
{
    dv_log_info("ending on %s", (const char *)name);
    dv_daemon_quit(NULL);
    return G_SOURCE_CONTINUE;
}

/* A core dump would hold travellers' data and keys. Where the kernel pipes dumps to a collector,
 * only the dumpable flag stops it; leak checkers of test builds need that flag. */
static void
forbid_core_dumps(void)
{
    const struct rlimit none = {0, 0};

    setrlimit(RLIMIT_CORE, &none);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
    prctl(PR_SET_DUMPABLE, 0);
#endif
}

static void
warn_about_test_build(void)
{
#ifdef DV_FAULT_POINTS
    dv_log_warning("built with fault points: FOR TESTS ONLY, never for a border");
#endif
#ifdef DV_SABOTAGE_SWAP_BEFORE_FSYNC
    dv_log_warning("built to swap lists before fsync: FOR TESTS ONLY, this build mixes sets");
#endif
#ifdef DV_SABOTAGE_ACK_BEFORE_FSYNC
    dv_log_warning("built to acknowledge before fsync: FOR TESTS ONLY, this build loses records");
#endif
}

/* sd_notify(3) in its simplest form, so that a Type=notify unit needs no further library. */
static void
notify_supervisor(const char *message)
{
    const char *path = g_getenv("NOTIFY_SOCKET");
    struct sockaddr_un address = {.sun_family = AF_UNIX};

    if (path == NULL || (path[0] != '/' && path[0] != '@') ||
        strlen(path) >= sizeof address.sun_path)
        return;
    g_strlcpy(address.sun_path, path, sizeof address.sun_path);
    if (path[0] == '@')
        address.sun_path[0] = '\0';
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return;
    socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(path));
    if (sendto(fd, message, strlen(message), MSG_NOSIGNAL, (struct sockaddr *)&address, size) < 0)
        dv_log_warning("cannot tell the supervisor: %s", g_strerror(errno));
    close(fd);
}

static int
run(const DvDaemon *daemon, const DvConfig *config)
{
    g_autoptr(GError) error = NULL;
    void *state = NULL;

    warn_about_test_build();
    guint term = g_unix_signal_add(SIGTERM, on_signal, (gpointer) "SIGTERM");
    guint interrupt = g_unix_signal_add(SIGINT, on_signal, (gpointer) "SIGINT");
    gboolean started = daemon->start(config, &state, &error);
    if (started) {
        dv_log_info("ready");
        notify_supervisor("READY=1");
        while (!atomic_load(&quit_asked))
            g_main_context_iteration(NULL, TRUE);
        notify_supervisor("STOPPING=1");
    } else {
        dv_log_warning("cannot start: %s", error != NULL ? error->message : "no reason was given");
    }
    daemon->stop(state);
    g_source_remove(term);
    g_source_remove(interrupt);
    return started && !atomic_load(&quit_failed) ? EXIT_FINE : EXIT_TROUBLE;
}

typedef struct {
    char *config, *task;
    gboolean check, help, version;
} Options;

/* EXIT_FINE to go on, else the exit status. */
static int
parse_options(const DvDaemon *daemon, int *argc, char ***argv, Options *options)
{
    const GOptionEntry entries[] = {
        {"config", 'c', 0, G_OPTION_ARG_FILENAME, &options->config, "Configuration file", "FILE"},
        {"check-config", 0, 0, G_OPTION_ARG_NONE, &options->check, "Check the file and end", NULL},
        {"help-config", 0, 0, G_OPTION_ARG_NONE, &options->help, "Print every key", NULL},
        {"version", 0, 0, G_OPTION_ARG_NONE, &options->version, "Print the version", NULL},
        {daemon->task, 0, 0, G_OPTION_ARG_FILENAME, &options->task, daemon->task_help, "DIR"},
        {NULL},
    };
    g_autoptr(GOptionContext) context = g_option_context_new(NULL);
    g_autoptr(GError) error = NULL;

    g_option_context_set_summary(context, daemon->summary);
    g_option_context_add_main_entries(context, entries, NULL);
    if (!g_option_context_parse(context, argc, argv, &error)) {
        fprintf(stderr, "%s: %s\n", daemon->name, error->message);
        return EXIT_USE;
    }
    if (*argc > 1) {
        fprintf(stderr, "%s: unexpected argument %s\n", daemon->name, (*argv)[1]);
        return EXIT_USE;
    }
    return EXIT_FINE;
}

static int
run_task(const DvDaemon *daemon, const DvConfig *config, const char *argument)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *said = NULL;

    warn_about_test_build();
    if (daemon->run_task(config, argument, &said, &error)) {
        printf("%s\n", said);
        return EXIT_FINE;
    }
    fprintf(stderr, "%s: %s\n", daemon->name, error->message);
    return EXIT_TROUBLE;
}

int
dv_daemon_main(const DvDaemon *daemon, int argc, char **argv)
{
    Options options = {0};
    g_autoptr(GError) error = NULL;

    forbid_core_dumps();
    setlocale(LC_CTYPE, "C.UTF-8");
    umask(0027);
    signal(SIGPIPE, SIG_IGN);
    dv_log_init(daemon->name);
    int status = parse_options(daemon, &argc, &argv, &options);
    g_autofree char *path = options.config;
    g_autofree char *task = options.task;
    if (status != EXIT_FINE)
        return status;
    if (options.version) {
        printf("%s %s\n", daemon->name, DV_VERSION);
        return EXIT_FINE;
    }
    if (options.help) {
        dv_config_print_help(daemon->keys);
        return EXIT_FINE;
    }
    if (path == NULL) {
        fprintf(stderr, "%s: --config FILE is needed (see --help)\n", daemon->name);
        return EXIT_USE;
    }

    g_autoptr(DvConfig) config = dv_config_load(path, daemon->keys, &error);
    if (config == NULL) {
        fprintf(stderr, "%s: %s\n", daemon->name, error->message);
        return EXIT_TROUBLE;
    }
    if (options.check) {
        printf("%s: the configuration is good\n", path);
        return EXIT_FINE;
    }
    if (task != NULL)
        return run_task(daemon, config, task);
    return run(daemon, config);
}
