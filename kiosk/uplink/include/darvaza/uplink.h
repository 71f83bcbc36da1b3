// SPDX-License-Identifier: Apache-2.0
#pragma once
/*
 * Carries sealed bytes from the booth to the centre and signed bytes back. It holds the kiosk's
 * connection key and no other: it can read nothing, forge nothing, delete nothing. The booth judges
 * every receipt, answer and account bundle itself.
 *
 * Everything runs on the default main context; a pass blocks it for at most the configured
 * time-outs. It keeps no state of its own on disk, so it may be ended at any instant.
 */
#include <darvaza/config.h>
#include <glib.h>

extern const DvConfigKey dv_uplink_keys[];

typedef struct DvUplink DvUplink;

/* Starts at once; neither booth nor centre need be there yet. DV_ERROR_CONFIG or _IO when a key or
 * certificate file cannot be used. */
DvUplink *dv_uplink_new(const DvConfig *config, GError **error);
void dv_uplink_free(DvUplink *uplink);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DvUplink, dv_uplink_free)
