// SPDX-License-Identifier: Apache-2.0
#pragma once
/* darvaza record: its parts. */
#include <darvaza/crossing.h>
#include <glib.h>

/* A sealed record's file, read whole and parsed. */
DvCrossingWire *dv_record_tool_read(const char *path, GBytes **bytes, GError **error);

int dv_record_tool_export(int argc, char **argv);
int dv_record_tool_open(int argc, char **argv);
int dv_record_tool_verify(int argc, char **argv);
/* The help on stderr; DV_EXIT_USAGE. */
int dv_record_tool_bad_use(void);
