// SPDX-License-Identifier: Apache-2.0
#pragma once
/* How methods of org.darvaza.Opener1 answer; shared by the two files that have them. */
#include "private.h"

#include "dv-opener1.h"

/* Answers with the error; always TRUE, as a handler returns. */
gboolean dv_dispatch_fail(GDBusMethodInvocation *invocation, const GError *error);
char *dv_dispatch_text(json_t *object); /* takes the object */
GVariant *dv_dispatch_bytes(GBytes *bytes);
GPtrArray *dv_dispatch_wires(GVariant *records); /* GBytes */

/* ---- lists_dispatch.c: the centre's opener only */
void dv_lists_dispatch(DvBusOpener1 *object, DvOpener *opener);
