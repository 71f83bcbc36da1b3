// SPDX-License-Identifier: Apache-2.0
/*
 * darvaza-simulator: a desk with virtual devices, moved as the control socket says. Runs a program
 * (darvaza-devices) unchanged so that its own libusb sees them, or brings them before a kernel.
 */
#include "control.h"
#include "transports.h"
#include <darvaza/error.h>
#include <darvaza/log.h>
#include <dlfcn.h>
#include <glib-unix.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define PRELOAD "libumockdev-preload.so.0"
#define MARK "DARVAZA_SIMULATOR_PRELOADED"
#define DEFAULT_MODEL "cdc-acm"
#define DEFAULT_TRANSPORT "umockdev"

typedef struct {
    char *control_path;
    char *identity, *model, *transport;
    int seed;
    int bits_per_second;
    gboolean unplugged, modes_hold;
    GMainLoop *loop;
    int status;
} Program;

/* The library that the sanitizer's start-up code came from, if this is such a build: it insists on
 * being first in LD_PRELOAD. */
static const char *
sanitizer_library(void)
{
    Dl_info info;
    void *symbol = dlsym(RTLD_DEFAULT, "__asan_init");
    if (symbol == NULL)
        symbol = dlsym(RTLD_DEFAULT, "__tsan_init");
    return symbol != NULL && dladdr(symbol, &info) != 0 ? info.dli_fname : NULL;
}

/* The test bed works on programs that have umockdev's library preloaded, so this one starts itself
 * again with it; the program that it runs inherits that. */
static int
start_preloaded(char **argv)
{
    const char *sanitizer = sanitizer_library();
    const char *before = g_getenv("LD_PRELOAD");
    if (g_getenv(MARK) != NULL) {
        fputs("darvaza-simulator: umockdev's preload library " PRELOAD " cannot be loaded\n",
              stderr);
        return 1;
    }
    g_autofree char *preload =
        g_strjoin(" ", sanitizer != NULL ? sanitizer : PRELOAD, sanitizer != NULL ? PRELOAD : "",
                  before != NULL ? before : "", NULL);
    g_setenv("LD_PRELOAD", preload, TRUE);
    g_setenv(MARK, "1", TRUE);
    g_autofree char *self = g_file_read_link("/proc/self/exe", NULL);
    if (self != NULL)
        execv(self, argv);
    perror("darvaza-simulator: starting itself again");
    return 1;
}

static void
quit(void *data)
{
    g_main_loop_quit(((Program *)data)->loop);
}

static void
on_gave_up(void *data)
{
    ((Program *)data)->status = 1;
    quit(data);
}

static gboolean
on_signal(gpointer data)
{
    quit(data);
    return G_SOURCE_CONTINUE;
}

static gboolean
run(Program *program, char **command, GError **error)
{
    DvSimDesk desk = {.quit = quit, .data = program, .model = program->model};
    if (program->identity != NULL &&
        !dv_sim_parse_identity(program->identity, &desk.vid, &desk.pid, error))
        return FALSE;
    DvSimModel *model = dv_sim_model_new(desk.model, desk.vid, desk.pid);
    if (model == NULL) {
        g_set_error(error, DV_ERROR, DV_ERROR_INVALID, "--model: none of %s", dv_sim_model_names());
        return FALSE;
    }
    if (program->unplugged)
        g_clear_pointer(&model, dv_sim_model_free);
    DvSimTransport *transport = dv_sim_transport_new(program->transport, error);
    if (transport == NULL) {
        dv_sim_model_free(model);
        return FALSE;
    }
    desk.bus = dv_sim_bus_new(transport);
    desk.feeder =
        dv_sim_feeder_new(desk.bus, (guint32)program->seed, (guint)program->bits_per_second);
    DvSimControl *control = NULL;
    gboolean ok = (model == NULL || dv_sim_bus_plug(desk.bus, "1-1", model, error)) &&
                  (command[0] == NULL ||
                   (desk.supervisor = dv_sim_supervisor_new(command, program->modes_hold,
                                                            on_gave_up, program, error)) != NULL) &&
                  (control = dv_sim_control_new(program->control_path, &desk, error)) != NULL;
    if (ok)
        g_main_loop_run(program->loop);
    dv_sim_control_free(control);
    dv_sim_supervisor_free(desk.supervisor);
    dv_sim_feeder_free(desk.feeder);
    dv_sim_bus_free(desk.bus);
    return ok;
}

static gboolean
parse_options(Program *program, int *argc, char ***argv, GError **error)
{
    const GOptionEntry entries[] = {
        {"control", 0, 0, G_OPTION_ARG_FILENAME, &program->control_path,
         "Unix socket that takes commands (docs/formats/simulator-control.md)", "SOCKET"},
        {"identity", 0, 0, G_OPTION_ARG_STRING, &program->identity,
         "USB identity of what is plugged in (default: the model's own)", "VID:PID"},
        {"model", 0, 0, G_OPTION_ARG_STRING, &program->model,
         "Kind of reader that is plugged in (default " DEFAULT_MODEL ")", "NAME"},
        {"transport", 0, 0, G_OPTION_ARG_STRING, &program->transport,
         "Who sees the devices: umockdev (PROGRAM; default)" DV_SIM_TRANSPORT_HELP, "KIND"},
        {"seed", 0, 0, G_OPTION_ARG_INT, &program->seed, "Seed of packet sizes (default 1)", "N"},
        {"baud", 0, 0, G_OPTION_ARG_INT, &program->bits_per_second,
         "Speed of the reader's head (default 115200)", "N"},
        {"unplugged", 0, 0, G_OPTION_ARG_NONE, &program->unplugged, "Start with an empty desk",
         NULL},
        {"modes-hold", 0, 0, G_OPTION_ARG_NONE, &program->modes_hold,
         "File modes stop PROGRAM even if root runs it", NULL},
        {NULL},
    };
    g_autoptr(GOptionContext) context = g_option_context_new("[-- PROGRAM ARGUMENT...]");
    g_option_context_set_summary(
        context, "Runs PROGRAM on a desk with simulated document readers and cameras.");
    g_option_context_set_strict_posix(context, TRUE);
    g_option_context_add_main_entries(context, entries, NULL);
    if (!g_option_context_parse(context, argc, argv, error))
        return FALSE;
    gboolean runs = *argc > 1 && (*argc > 2 || strcmp((*argv)[1], "--") != 0);
    if (program->control_path == NULL || program->bits_per_second < 300 ||
        (!runs && dv_sim_transport_needs_program(program->transport))) {
        g_set_error(error, DV_ERROR, DV_ERROR_INVALID,
                    "usage: darvaza-simulator --control SOCKET -- PROGRAM ARGUMENT...");
        return FALSE;
    }
    return TRUE;
}

static void
program_clear(Program *program)
{
    g_free(program->control_path);
    g_free(program->identity);
    g_free(program->model);
    g_free(program->transport);
}

static void
serve(Program *program, char **command)
{
    g_autoptr(GError) error = NULL;
    program->loop = g_main_loop_new(NULL, FALSE);
    g_unix_signal_add(SIGTERM, on_signal, program);
    g_unix_signal_add(SIGINT, on_signal, program);
    if (!run(program, command, &error)) {
        fprintf(stderr, "darvaza-simulator: %s\n", error->message);
        program->status = 1;
    }
    g_main_loop_unref(program->loop);
}

int
main(int argc, char **argv)
{
    Program program = {.seed = 1, .bits_per_second = 115200};
    g_autoptr(GError) error = NULL;
    g_autofree char **words = g_memdup2(argv, (gsize)(argc + 1) * sizeof *argv);
    setlocale(LC_ALL, "C.UTF-8");
    program.model = g_strdup(DEFAULT_MODEL);
    program.transport = g_strdup(DEFAULT_TRANSPORT);
    if (!parse_options(&program, &argc, &argv, &error)) {
        fprintf(stderr, "darvaza-simulator: %s\n", error->message);
        program.status = 2;
    } else if (dv_sim_transport_needs_program(program.transport) &&
               dlopen(PRELOAD, RTLD_NOLOAD | RTLD_LAZY) == NULL) {
        program.status = start_preloaded(words);
    } else {
        dv_log_init("darvaza-simulator");
        serve(&program, argc > 1 && strcmp(argv[1], "--") == 0 ? argv + 2 : argv + 1);
    }
    program_clear(&program);
    return program.status;
}
