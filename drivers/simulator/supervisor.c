// SPDX-License-Identifier: Apache-2.0
#include "supervisor.h"
#include <darvaza/clock.h>
#include <darvaza/error.h>
#include <darvaza/log.h>
#include <linux/capability.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#define SHORT_LIFE_US G_USEC_PER_SEC
#define MAX_SHORT_LIVES 20 /* in a row */
#define PAUSE_MS 50
#define PAUSE_AFTER_SHORT_LIFE_MS 250
#define STOP_PATIENCE_US (3 * G_USEC_PER_SEC)

struct DvSimSupervisor {
    char **argv;
    gboolean modes_hold;
    GPid pid;
    gint64 started_us;
    guint short_lives;
    guint ends;
    int last_status; /* as a shell has it */
    guint watch, pause;
    void (*gave_up)(void *data);
    void *data;
};

/* A simulator that is killed must not leave a daemon without devices behind. */
static void
in_child(gpointer data)
{
    const DvSimSupervisor *supervisor = data;
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    /* Refused to those who are not root, and they need it not. */
    if (supervisor->modes_hold)
        prctl(PR_CAPBSET_DROP, CAP_DAC_OVERRIDE, 0, 0, 0);
}

static gboolean restart_now(gpointer data);

static void
on_exit_of_child(GPid pid, gint status, gpointer data)
{
    DvSimSupervisor *supervisor = data;
    gboolean was_short = dv_clock_mono_us() - supervisor->started_us < SHORT_LIFE_US;
    supervisor->watch = 0;
    supervisor->pid = 0;
    supervisor->ends++;
    supervisor->last_status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
    if (WIFSIGNALED(status))
        dv_log_info("%s (pid %d) ended by signal %d", supervisor->argv[0], pid, WTERMSIG(status));
    else
        dv_log_info("%s (pid %d) ended with status %d", supervisor->argv[0], pid,
                    WEXITSTATUS(status));
    supervisor->short_lives = was_short ? supervisor->short_lives + 1 : 0;
    if (supervisor->short_lives > MAX_SHORT_LIVES) {
        dv_log_warning("%s ends again and again", supervisor->argv[0]);
        supervisor->gave_up(supervisor->data);
        return;
    }
    supervisor->pause =
        g_timeout_add(was_short ? PAUSE_AFTER_SHORT_LIFE_MS : PAUSE_MS, restart_now, supervisor);
}

static gboolean
start(DvSimSupervisor *supervisor, GError **error)
{
    g_autoptr(GError) trouble = NULL;
    if (!g_spawn_async(NULL, supervisor->argv, NULL,
                       G_SPAWN_SEARCH_PATH | G_SPAWN_DO_NOT_REAP_CHILD |
                           G_SPAWN_CHILD_INHERITS_STDIN,
                       in_child, supervisor, &supervisor->pid, &trouble)) {
        supervisor->pid = 0;
        g_set_error(error, DV_ERROR, DV_ERROR_IO, "simulator: starting %s: %s", supervisor->argv[0],
                    trouble->message);
        return FALSE;
    }
    supervisor->started_us = dv_clock_mono_us();
    supervisor->watch = g_child_watch_add(supervisor->pid, on_exit_of_child, supervisor);
    return TRUE;
}

static gboolean
restart_now(gpointer data)
{
    DvSimSupervisor *supervisor = data;
    g_autoptr(GError) error = NULL;
    supervisor->pause = 0;
    if (!start(supervisor, &error)) {
        dv_log_warning("%s", error->message);
        supervisor->gave_up(supervisor->data);
    }
    return G_SOURCE_REMOVE;
}

DvSimSupervisor *
dv_sim_supervisor_new(char *const *argv, gboolean modes_hold, void (*gave_up)(void *data),
                      void *data, GError **error)
{
    DvSimSupervisor *supervisor = g_new0(DvSimSupervisor, 1);
    supervisor->argv = g_strdupv((char **)argv);
    supervisor->modes_hold = modes_hold;
    supervisor->gave_up = gave_up;
    supervisor->data = data;
    if (!start(supervisor, error)) {
        dv_sim_supervisor_free(supervisor);
        return NULL;
    }
    return supervisor;
}

void
dv_sim_supervisor_free(DvSimSupervisor *supervisor)
{
    if (supervisor == NULL)
        return;
    if (supervisor->watch != 0)
        g_source_remove(supervisor->watch);
    if (supervisor->pause != 0)
        g_source_remove(supervisor->pause);
    if (supervisor->pid != 0) {
        gint64 deadline = dv_clock_mono_us() + STOP_PATIENCE_US;
        kill(supervisor->pid, SIGTERM);
        while (waitpid(supervisor->pid, NULL, WNOHANG) == 0) {
            if (dv_clock_mono_us() > deadline)
                kill(supervisor->pid, SIGKILL);
            g_usleep(5000);
        }
    }
    g_strfreev(supervisor->argv);
    g_free(supervisor);
}

GPid
dv_sim_supervisor_pid(const DvSimSupervisor *supervisor)
{
    return supervisor->pid;
}

void
dv_sim_supervisor_restart(DvSimSupervisor *supervisor)
{
    if (supervisor->pid != 0)
        kill(supervisor->pid, SIGTERM);
}

guint
dv_sim_supervisor_ends(const DvSimSupervisor *supervisor, int *status)
{
    *status = supervisor->last_status;
    return supervisor->ends;
}
