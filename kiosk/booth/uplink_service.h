// SPDX-License-Identifier: Apache-2.0
#pragma once
/*
 * org.darvaza.Booth1 as darvaza-uplink sees it. Sealed bytes go out, signed bytes come in, and each
 * signature is verified here: the uplink is believed about nothing but the state of its network.
 */
#include "answers.h"

#include <darvaza/accounts.h>
#include <darvaza/outbox.h>
#include <gio/gio.h>

typedef struct {
    const char *kiosk;
    DvOutbox *outbox;
    DvAnswers *answers;
    DvAccounts *accounts;
    const DvCert *receipt_cert, *opener_cert;
    const DvKey *sign_key;
    json_t *(*lists)(void *data);  /* for the heartbeat; new reference */
    json_t *(*update)(void *data); /* likewise: how their update stands; NULL: not known */
    void (*link)(gboolean online, const char *detail, void *data);
    void (*answer)(const json_t *payload, void *data); /* a new one; NULL: it was refused */
    void (*changed)(void *data);                       /* unsent count, accounts */
    void *data;
} DvUplinkServiceOptions; /* everything must outlive the service */

typedef struct DvUplinkService DvUplinkService;
/* Listens at once. allowed_uid: the uplink's own user, -1 for none beside ours and root. */
DvUplinkService *dv_uplink_service_new(const char *socket, int allowed_uid,
                                       const DvUplinkServiceOptions *options, GError **error);
void dv_uplink_service_free(DvUplinkService *service);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DvUplinkService, dv_uplink_service_free)
/* Tells every connected uplink that a record waits. */
void dv_uplink_service_pending(DvUplinkService *service);
