// SPDX-License-Identifier: Apache-2.0
/* A daemon's life as its supervisor sees it: exit status, what it prints, how it ends. */
#include "expect.h"
#include <darvaza/daemon.h>
#include <darvaza/log.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static const DvConfigKey keys[] = {
    {"t", "mode", DV_CONFIG_STRING, "run", 0, 0, "run, fail, quit or forge"},
    {NULL},
};
static char *folder, *config, *output;

static gboolean
start(const DvConfig *settings, void **state, GError **error)
{
    const char *mode = dv_config_string(settings, "t", "mode");
    struct rlimit core;

    *state = (void *)mode;
    if (g_str_equal(mode, "fail")) {
        g_set_error_literal(error, DV_ERROR, DV_ERROR_IO, "there is no disk");
        return FALSE;
    }
    if (g_str_equal(mode, "quit"))
        dv_daemon_quit("the work is over");
    if (g_str_equal(mode, "forge"))
        dv_log_info("one\n2026-01-01T00:00:00.000Z darvaza-test[1] info: two\x1b[2J");
    if (getrlimit(RLIMIT_CORE, &core) != 0 || core.rlim_cur != 0)
        dv_log_warning("cores are allowed");
    return TRUE;
}

static void
stop(void *state)
{
    dv_log_info("stopped after %s", (const char *)state);
}

static const DvDaemon daemon_row = {"darvaza-test", "A daemon for a test.", keys, start, stop};

static int
setup(void **state)
{
    (void)state;
    folder = g_dir_make_tmp("dv-daemon-XXXXXX", NULL);
    config = g_build_filename(folder, "t.ini", NULL);
    output = g_build_filename(folder, "out", NULL);
    return 0;
}

static int
teardown(void **state)
{
    (void)state;
    g_unlink(config);
    g_unlink(output);
    g_rmdir(folder);
    g_free(config);
    g_free(output);
    g_free(folder);
    return 0;
}

static pid_t
launch(const char *first, const char *second)
{
    g_unlink(output);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        int fd = open(output, O_WRONLY | O_CREAT | O_APPEND, 0600);
        dup2(fd, STDOUT_FILENO);
        dup2(fd, STDERR_FILENO);
        char *argv[] = {(char *)"darvaza-test", (char *)first, (char *)second, NULL};
        exit(dv_daemon_main(&daemon_row, second != NULL ? 3 : first != NULL ? 2 : 1, argv));
    }
    return child;
}

static int
status_of(pid_t child)
{
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static char *
printed(void)
{
    char *text = NULL;
    if (!g_file_get_contents(output, &text, NULL, NULL))
        return g_strdup("");
    return text;
}

static void
expect_run(const char *first, const char *second, int status, const char *words)
{
    int got = status_of(launch(first, second));
    g_autofree char *text = printed();
    if (got != status || strstr(text, words) == NULL)
        fail_msg("%s %s: status %d, \"%s\" instead of %d, \"%s\"", first, second, got, text, status,
                 words);
}

static void
write_config(const char *text)
{
    assert_true(g_file_set_contents(config, text, -1, NULL));
}

static void
options(void **state)
{
    (void)state;
    g_autofree char *given = g_strconcat("--config=", config, NULL);
    expect_run("--version", NULL, 0, "darvaza-test " DV_VERSION);
    expect_run("--help-config", NULL, 0, "# run, fail, quit or forge\n#mode = run");
    expect_run(NULL, NULL, 2, "--config FILE is needed");
    expect_run("--nonsense", NULL, 2, "--nonsense");
    expect_run("stray", NULL, 2, "unexpected argument stray");
    write_config("[t]\nmode=run\n");
    expect_run(given, "--check-config", 0, "is good");
    write_config("[t]\nmood=run\n");
    expect_run(given, "--check-config", 1, "line 2");
    expect_run(given, NULL, 1, "line 2");
}

static void
ends(void **state)
{
    (void)state;
    g_autofree char *given = g_strconcat("--config=", config, NULL);
    write_config("[t]\nmode=fail\n");
    expect_run(given, NULL, 1, "cannot start: there is no disk");
    expect_run(given, NULL, 1, "stopped after fail");
    write_config("[t]\nmode=quit\n");
    expect_run(given, NULL, 1, "ending: the work is over");
}

static void
wait_for(const char *words)
{
    for (int i = 0; i < 1000; i++) {
        g_autofree char *text = printed();
        if (strstr(text, words) != NULL)
            return;
        g_usleep(10000);
    }
    fail_msg("\"%s\" was never printed", words);
}

static void
signals_end_it(void **state)
{
    (void)state;
    static const int signals[] = {SIGTERM, SIGINT};
    g_autofree char *given = g_strconcat("--config=", config, NULL);
    write_config("[t]\nmode=run\n");
    for (gsize i = 0; i < G_N_ELEMENTS(signals); i++) {
        pid_t child = launch(given, NULL);
        wait_for("info: ready\n");
        kill(child, SIGPIPE); /* a peer that went away must not end a daemon */
        kill(child, signals[i]);
        assert_int_equal(status_of(child), 0);
        g_autofree char *text = printed();
        assert_non_null(strstr(text, "stopped after run"));
        assert_null(strstr(text, "cores are allowed"));
    }
}

/* What came from outside cannot forge a line or drive a terminal. */
static void
log_lines_stay_lines(void **state)
{
    (void)state;
    g_autofree char *given = g_strconcat("--config=", config, NULL);
    write_config("[t]\nmode=forge\n");
    pid_t child = launch(given, NULL);
    wait_for("info: ready\n");
    kill(child, SIGTERM);
    assert_int_equal(status_of(child), 0);
    g_autofree char *text = printed();
    assert_non_null(strstr(text, "info: one\\x0a2026-01-01T00:00:00.000Z darvaza-test[1] info: "
                                 "two\\x1b[2J\n"));
    g_auto(GStrv) lines = g_strsplit(g_strchomp(text), "\n", -1);
    for (gsize i = 0; lines[i] != NULL; i++) {
        assert_true(g_regex_match_simple("^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z "
                                         "darvaza-test\\[\\d+\\] (info|warning): ",
                                         lines[i], 0, 0));
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(options),
        cmocka_unit_test(ends),
        cmocka_unit_test(signals_end_it),
        cmocka_unit_test(log_lines_stay_lines),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
