// SPDX-License-Identifier: Apache-2.0
#pragma once
/*
 * A whole booth in the test's own process, on a folder of its own: keys, lists, an accounts bundle,
 * a device service that says what it is told, and HTTP from a second thread while the main context
 * turns here.
 */
#include "fake_devices.h"
#include "keys.h"

#include <darvaza/booth.h>
#include <darvaza/outbox.h>
#include <gio/gio.h>
#include <jansson.h>

#define BOOTH_RIG_PASSWORD "a long enough test password"

typedef struct {
    char *dir;
    DvTestKeys *keys;
    DvConfig *config;
    DvBooth *booth;
    FakeDevices *devices;
    char *cookie, *csrf; /* of the last sign-in */
    json_t *answer;      /* of the last request; NULL when it was no JSON */
    GString *raw;        /* of the last request, whole */
} BoothRig;

typedef struct {
    gboolean training;
    const char *extra;          /* more lines for the configuration; NULL: none */
    const char *devices_socket; /* of a real device service; NULL: rig->devices plays it */
} BoothRigOptions;

/* Starts everything but the lists (booth_rig_add_list) and waits until the lane is claimed. */
BoothRig *booth_rig_new(const BoothRigOptions *options);
void booth_rig_free(BoothRig *rig);
/* Ends the booth and starts another on the same folder. */
void booth_rig_restart(BoothRig *rig);
/* Builds list `name` from JSON lines into the booth's folder, replacing an older one. */
void booth_rig_add_list(BoothRig *rig, const char *name, const char *source);
/* A list with one person (MARLOWE TESSA 1985-03-14) and one document; generated now, with the given
 * action, expiring after expires_s (negative: already over). */
void booth_rig_add_demo_list(BoothRig *rig, const char *name, const char *action, gint64 expires_s);

/* One request over HTTP; body may be NULL. Cookie and CSRF token of the rig go with it. Returns the
 * status and sets rig->answer. headers: more header lines, each with CRLF; NULL: none. */
guint booth_rig_http(BoothRig *rig, const char *method, const char *path, const json_t *body,
                     const char *headers);
/* Same with a body that is taken over. */
guint booth_rig_post(BoothRig *rig, const char *path, json_t *body);
guint booth_rig_get(BoothRig *rig, const char *path);
/* A string in rig->answer at "a.b.c"; "" when it is not there. */
const char *booth_rig_text(const BoothRig *rig, const char *path);
gint64 booth_rig_int(const BoothRig *rig, const char *path);

/* Delivers a fresh accounts bundle through Booth1: user "o1", ending after valid_s. */
void booth_rig_deliver_accounts(BoothRig *rig, gint64 valid_s);
/* Signs in as "o1" and keeps cookie and token. */
guint booth_rig_sign_in(BoothRig *rig, const char *password);
/* Lays a document and waits until the lane is deciding. */
void booth_rig_lay(BoothRig *rig, const char *const *lines);
/* Turns the main context until the state's lane is that word; fails the test after 10 s. */
void booth_rig_wait_lane(BoothRig *rig, const char *word);
void booth_rig_wait_notice(BoothRig *rig, const char *code);
/* Calls Booth1 as the uplink would; parameters as for g_variant_new, consumed. NULL: *error. */
GVariant *booth_rig_call(BoothRig *rig, const char *method, GVariant *parameters, GError **error);
/* The two lines of a machine readable zone of UTO with right check digits. Caller frees. */
char **booth_rig_zone(const char *surname, const char *given, const char *number,
                      const char *birth_yymmdd, const char *expiry_yymmdd);
