// SPDX-License-Identifier: Apache-2.0
#pragma once
/* A person's session with an opener, for the length of one command. */
#include "dv-opener1.h"
#include <glib.h>

#define DV_OPENER_TIMEOUT_MS 10000

typedef struct {
    DvBusOpener1 *opener;
    char *token;
} DvOpenerSession;

/* password_file NULL: asks on the terminal. peer: what the opener's log calls this command. */
gboolean dv_opener_session_begin(DvOpenerSession *session, const char *socket, const char *user,
                                 const char *password_file, const char *peer, GError **error);
/* Signs out. */
void dv_opener_session_clear(DvOpenerSession *session);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(DvOpenerSession, dv_opener_session_clear)
