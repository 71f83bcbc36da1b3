// SPDX-License-Identifier: Apache-2.0
#pragma once
/* Days on the command line. */
#include <glib.h>

/* YYYY-MM-DD from 1900 on and nothing else; FALSE where text is no such day. */
gboolean dv_tool_parse_day(const char *text, GDate *day);
