// SPDX-License-Identifier: Apache-2.0
#pragma once
/*
 * The subcommands of darvaza. Each stands in its own file and fronts one library; to add one, write
 * tools/<name>.c, declare its function here, give it a row in main.c and a line in meson.build.
 */

enum {
    DV_EXIT_OK = 0,
    DV_EXIT_FAILED = 1, /* the work was done and the answer is no, or it could not be done */
    DV_EXIT_USAGE = 2,  /* asked in a way that makes no sense; stderr says what would */
};

typedef struct {
    const char *name;
    const char *summary; /* one line for darvaza --help */
    /* argv[0] is the subcommand's name; returns the exit status. */
    int (*run)(int argc, char **argv);
} DvCommand;

int dv_command_account(int argc, char **argv);
int dv_command_audit(int argc, char **argv);
int dv_command_devices(int argc, char **argv);
int dv_command_mrz(int argc, char **argv);
int dv_command_pki(int argc, char **argv);
int dv_command_read(int argc, char **argv);
int dv_command_record(int argc, char **argv);
int dv_command_simulate(int argc, char **argv);
int dv_command_watchlist(int argc, char **argv);
