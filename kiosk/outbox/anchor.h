// SPDX-License-Identifier: Apache-2.0
#pragma once
/* The chain's head outside the database, for a kiosk that lost it: canonical JSON
 * {"epoch", "kiosk", "link" (hex), "seq"}, replaced atomically. */
#include <darvaza/outbox.h>

/* *found FALSE when there is none. One that cannot be read, or names another kiosk, is an error:
 * to begin without it would silently hide the former chain. */
gboolean outbox_anchor_read(const char *path, const char *kiosk, gboolean *found,
                            DvOutboxHead *anchor, GError **error);
gboolean outbox_anchor_write(const char *path, const char *kiosk, const DvOutboxHead *head,
                             GError **error);
