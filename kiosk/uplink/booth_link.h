// SPDX-License-Identifier: Apache-2.0
#pragma once
/* The booth as the uplink sees it (org.darvaza.Booth1): blocking calls with errors as sentences. */
#include <gio/gio.h>

typedef struct BoothLink BoothLink;

/* on_pending is called on the default main context when the booth has added a record. */
BoothLink *booth_link_new(const char *socket_path, void (*on_pending)(void *data), void *data);
void booth_link_free(BoothLink *link);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(BoothLink, booth_link_free)

/* Connects when there is no connection. DV_ERROR_UNAVAILABLE: no booth there. */
gboolean booth_link_connect(BoothLink *link, GError **error);

/* An array a(ttay), or NULL. Caller owns it. */
GVariant *booth_link_next_records(BoothLink *link, guint max, GError **error);
gboolean booth_link_deliver_receipt(BoothLink *link, GBytes *receipt, GError **error);
GBytes *booth_link_make_heartbeat(BoothLink *link, GError **error);
gboolean booth_link_deliver_heartbeat_answer(BoothLink *link, GBytes *answer, GError **error);
gboolean booth_link_answer_cursor(BoothLink *link, guint64 *last, GError **error);
gboolean booth_link_deliver_answer(BoothLink *link, guint64 number, GBytes *answer, GError **error);
/* SHA-256 in hexadecimal of the accounts in force, "" for none. Caller frees. */
char *booth_link_accounts_version(BoothLink *link, GError **error);
gboolean booth_link_deliver_accounts(BoothLink *link, GBytes *bundle, GError **error);
gboolean booth_link_set_link(BoothLink *link, gboolean online, const char *detail, GError **error);
