// SPDX-License-Identifier: Apache-2.0
#pragma once
/* What every daemon's main() does the same way. */
#include <darvaza/config.h>
#include <glib.h>

typedef struct {
    const char *name;    /* "darvaza-booth" */
    const char *summary; /* one line for --help */
    const DvConfigKey *keys;
    /* Starts everything; *state is handed to stop. The main loop runs on the default context. */
    gboolean (*start)(const DvConfig *config, void **state, GError **error);
    void (*stop)(void *state); /* also after a failed start, with what start had set */
    /* Optional: an option --TASK ARGUMENT that does one thing instead of running. *said is printed;
     * the status is 1 when it returns FALSE. */
    const char *task, *task_help;
    gboolean (*run_task)(const DvConfig *config, const char *argument, char **said, GError **error);
} DvDaemon;

/* Options --config FILE, --check-config, --help-config, --version. Runs until SIGTERM or SIGINT.
 * Prints "ready" as a log line when start returned. Disables core dumps. Exit status: 0, 1 start
 * failed or dv_daemon_quit with an error, 2 bad use. */
int dv_daemon_main(const DvDaemon *daemon, int argc, char **argv);
/* Ends the main loop from inside; a non-NULL reason is logged and makes the exit status 1. */
void dv_daemon_quit(const char *reason);
