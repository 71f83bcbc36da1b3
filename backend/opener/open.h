// SPDX-License-Identifier: Apache-2.0
#pragma once
/* Looks at sealed content, each logged before it is shown. */
#include "record.h"
#include "sessions.h"

/* The record's JSON text for the session's person (protection unit: the compartment's); caller
 * frees. The audit entry is durable before this returns, for a look that was denied too. */
char *dv_open_record(DvOpener *opener, const char *token, GBytes *wire, const char *reason,
                     GError **error);
/* A decision's sealed copy, made by dv_decide_finish; the record key's period is tried in turn. */
char *dv_open_decision(DvOpener *opener, const char *token, GBytes *copy, const char *reason,
                       GError **error);
