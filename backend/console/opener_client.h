// SPDX-License-Identifier: Apache-2.0
#pragma once
/* One opener as the console reaches it: connects when needed, again after a loss, and never waits
 * on the main loop for an answer. */
#include <gio/gio.h>

typedef struct DvOpenerClient DvOpenerClient;

/* socket NULL or "": an opener that is never there. what names it in messages. */
DvOpenerClient *dv_opener_client_new(const char *socket, const char *what);
/* Every call that is under way ends first, with DV_ERROR_UNAVAILABLE. */
void dv_opener_client_free(DvOpenerClient *client);

/* reply is owned by the client; exactly one of reply and error is set, the error in DV_ERROR. */
typedef void (*DvOpenerAnswer)(GVariant *reply, const GError *error, void *data);
/* Takes params if floating; func is called once, later. */
void dv_opener_client_call(DvOpenerClient *client, const char *method, GVariant *params,
                           const char *reply_type, DvOpenerAnswer func, void *data);
/* The same, with patience of its own, for what the opener itself takes long over. */
void dv_opener_client_call_for(DvOpenerClient *client, int timeout_ms, const char *method,
                               GVariant *params, const char *reply_type, DvOpenerAnswer func,
                               void *data);
