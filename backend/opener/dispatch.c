// SPDX-License-Identifier: Apache-2.0
/* org.darvaza.Opener1: one handler per method, each handing to the file of its subject. */
#include "dispatch.h"
#include "accounts_issue.h"
#include "decide.h"
#include "hold.h"
#include "open.h"
#include "protection.h"

#include <darvaza/error.h>
#include <darvaza/log.h>
#include <gio/gunixsocketaddress.h>
#include <string.h>

#define OBJECT_PATH "/org/darvaza/Opener1"

struct DvDispatch {
    DvOpener *opener;
    DvBusOpener1 *main; /* everything but ProtectionHold */
    DvBusOpener1 *hold; /* ProtectionHold alone */
};

gboolean
dv_dispatch_fail(GDBusMethodInvocation *invocation, const GError *error)
{
    /* Messages to the caller may speak of a session; the log takes the kind alone. */
    dv_log_info("%s: %s", g_dbus_method_invocation_get_method_name(invocation),
                error->domain == DV_ERROR ? dv_error_word(error->code) : "failed");
    dv_bus_return_error(invocation, error);
    return TRUE;
}

char *
dv_dispatch_text(json_t *object)
{
    char *text = json_dumps(object, JSON_COMPACT);
    json_decref(object);
    return text;
}

/* The bytes of an "ay" argument. */
static GBytes *
bytes_of(GVariant *argument)
{
    return g_variant_get_data_as_bytes(argument);
}

GVariant *
dv_dispatch_bytes(GBytes *bytes)
{
    return g_variant_new_from_bytes(G_VARIANT_TYPE_BYTESTRING, bytes, TRUE);
}

GPtrArray *
dv_dispatch_wires(GVariant *records)
{
    GPtrArray *wires = g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref);
    for (gsize i = 0; i < g_variant_n_children(records); i++) {
        g_autoptr(GVariant) child = g_variant_get_child_value(records, i);
        g_ptr_array_add(wires, bytes_of(child));
    }
    return wires;
}

/* ---- people ---- */

static gboolean
on_sign_in(DvBusOpener1 *object, GDBusMethodInvocation *invocation, const char *user,
           const char *password, const char *peer, void *data)
{
    DvOpener *opener = ((struct DvDispatch *)data)->opener;
    g_autoptr(GError) error = NULL;
    json_t *session = dv_session_sign_in(opener, user, password, peer, &error);
    if (!session)
        return dv_dispatch_fail(invocation, error);
    g_autofree char *text = dv_dispatch_text(session);
    dv_bus_opener1_complete_sign_in(object, invocation, text);
    return TRUE;
}

static gboolean
on_sign_out(DvBusOpener1 *object, GDBusMethodInvocation *invocation, const char *token, void *data)
{
    DvOpener *opener = ((struct DvDispatch *)data)->opener;
    g_autoptr(GError) error = NULL;
    if (!dv_session_sign_out(opener, token, &error))
        return dv_dispatch_fail(invocation, error);
    dv_bus_opener1_complete_sign_out(object, invocation);
    return TRUE;
}

static gboolean
on_session(DvBusOpener1 *object, GDBusMethodInvocation *invocation, const char *token, void *data)
{
    DvOpener *opener = ((struct DvDispatch *)data)->opener;
    g_autoptr(GError) error = NULL;
    json_t *session = dv_session_describe(opener, token, &error);
    if (!session)
        return dv_dispatch_fail(invocation, error);
    g_autofree char *text = dv_dispatch_text(session);
    dv_bus_opener1_complete_session(object, invocation, text);
    return TRUE;
}

/* ---- looks ---- */

static gboolean
on_open_record(DvBusOpener1 *object, GDBusMethodInvocation *invocation, const char *token,
               GVariant *record, const char *reason, void *data)
{
    DvOpener *opener = ((struct DvDispatch *)data)->opener;
    g_autoptr(GError) error = NULL;
    g_autoptr(GBytes) wire = bytes_of(record);
    g_autofree char *body = dv_open_record(opener, token, wire, reason, &error);
    if (!body)
        return dv_dispatch_fail(invocation, error);
    dv_bus_opener1_complete_open_record(object, invocation, body);
    return TRUE;
}

static gboolean
on_open_decision(DvBusOpener1 *object, GDBusMethodInvocation *invocation, const char *token,
                 GVariant *copy, const char *reason, void *data)
{
    DvOpener *opener = ((struct DvDispatch *)data)->opener;
    g_autoptr(GError) error = NULL;
    g_autoptr(GBytes) bytes = bytes_of(copy);
    g_autofree char *decision = dv_open_decision(opener, token, bytes, reason, &error);
    if (!decision)
        return dv_dispatch_fail(invocation, error);
    dv_bus_opener1_complete_open_decision(object, invocation, decision);
    return TRUE;
}

/* ---- decisions ---- */

typedef struct {
    struct DvDispatch *dispatch;
    DvBusOpener1 *object;
    GDBusMethodInvocation *invocation;
    DvCase *judged;
} Pending;

static void
finish_decision(DvHold hold, void *data)
{
    g_autofree Pending *pending = data;
    g_autoptr(DvCase) judged = pending->judged;
    g_autoptr(DvBusOpener1) object = pending->object;
    g_autoptr(GError) error = NULL;
    g_autoptr(GBytes) answer = NULL;
    g_autoptr(GBytes) copy = NULL;
    if (dv_decide_finish(pending->dispatch->opener, judged, hold, &answer, &copy, &error))
        dv_bus_opener1_complete_decide(object, pending->invocation, dv_dispatch_bytes(answer),
                                       dv_dispatch_bytes(copy));
    else
        dv_dispatch_fail(pending->invocation, error);
}

static gboolean
on_decide(DvBusOpener1 *object, GDBusMethodInvocation *invocation, const char *token,
          GVariant *record, const char *decision, void *data)
{
    struct DvDispatch *dispatch = data;
    g_autoptr(GError) error = NULL;
    g_autoptr(GBytes) wire = bytes_of(record);
    DvCase *judged = dv_decide_begin(dispatch->opener, token, wire, decision, &error);
    if (!judged)
        return dv_dispatch_fail(invocation, error);
    Pending *pending = g_new0(Pending, 1);
    *pending = (Pending){dispatch, g_object_ref(object), invocation, judged};
    if (dv_decide_asks_hold(judged))
        dv_hold_ask(dispatch->opener->protection_socket, wire, finish_decision, pending);
    else
        finish_decision(DV_HOLD_FREE, pending);
    return TRUE;
}

static gboolean
on_vocabulary(DvBusOpener1 *object, GDBusMethodInvocation *invocation, void *data)
{
    DvOpener *opener = ((struct DvDispatch *)data)->opener;
    g_autofree char *text = json_dumps(opener->vocabulary, JSON_COMPACT);
    dv_bus_opener1_complete_vocabulary(object, invocation, text);
    return TRUE;
}

/* ---- the protection unit ---- */

static gboolean
on_scan_referrals(DvBusOpener1 *object, GDBusMethodInvocation *invocation, const char *token,
                  GVariant *records, void *data)
{
    DvOpener *opener = ((struct DvDispatch *)data)->opener;
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) wires = dv_dispatch_wires(records);
    json_t *referrals = dv_referral_scan(opener, token, wires, &error);
    if (!referrals)
        return dv_dispatch_fail(invocation, error);
    g_autofree char *text = dv_dispatch_text(referrals);
    dv_bus_opener1_complete_scan_referrals(object, invocation, text);
    return TRUE;
}

static gboolean
on_close_referral(DvBusOpener1 *object, GDBusMethodInvocation *invocation, const char *token,
                  GVariant *record, const char *reason, void *data)
{
    DvOpener *opener = ((struct DvDispatch *)data)->opener;
    g_autoptr(GError) error = NULL;
    g_autoptr(GBytes) wire = bytes_of(record);
    if (!dv_referral_close(opener, token, wire, reason, &error))
        return dv_dispatch_fail(invocation, error);
    dv_bus_opener1_complete_close_referral(object, invocation);
    return TRUE;
}

static gboolean
on_protection_hold(DvBusOpener1 *object, GDBusMethodInvocation *invocation, GVariant *record,
                   void *data)
{
    DvOpener *opener = ((struct DvDispatch *)data)->opener;
    g_autoptr(GError) error = NULL;
    g_autoptr(GBytes) wire = bytes_of(record);
    GDBusConnection *peer = g_dbus_method_invocation_get_connection(invocation);
    GCredentials *credentials = g_dbus_connection_get_peer_credentials(peer);
    uid_t uid = credentials ? g_credentials_get_unix_user(credentials, NULL) : (uid_t)-1;
    g_autofree char *asker = g_strdup_printf("uid %d", (int)uid);
    gboolean held = TRUE;
    if (!dv_referral_hold(opener, asker, wire, &held, &error))
        return dv_dispatch_fail(invocation, error);
    dv_bus_opener1_complete_protection_hold(object, invocation, held);
    return TRUE;
}

/* ---- kiosks and auditors ---- */

static gboolean
on_accounts_for(DvBusOpener1 *object, GDBusMethodInvocation *invocation, const char *kiosk,
                void *data)
{
    DvOpener *opener = ((struct DvDispatch *)data)->opener;
    g_autoptr(GError) error = NULL;
    g_autoptr(GBytes) bundle = dv_accounts_issue(opener, kiosk, &error);
    if (!bundle)
        return dv_dispatch_fail(invocation, error);
    dv_bus_opener1_complete_accounts_for(object, invocation, dv_dispatch_bytes(bundle));
    return TRUE;
}

static gboolean
on_audit_head(DvBusOpener1 *object, GDBusMethodInvocation *invocation, void *data)
{
    DvOpener *opener = ((struct DvDispatch *)data)->opener;
    g_autoptr(GError) error = NULL;
    DvAuditHead head;
    g_autoptr(GBytes) signed_head = NULL;
    if (dv_audit_head(opener->db, &head, &error))
        signed_head = dv_audit_head_sign(&head, opener->keys->opener.key, &error);
    if (!signed_head)
        return dv_dispatch_fail(invocation, error);
    dv_bus_opener1_complete_audit_head(object, invocation, dv_dispatch_bytes(signed_head));
    return TRUE;
}

/* ---- wiring ---- */

typedef struct {
    const char *signal;
    GCallback handler;
    gboolean centre, protection;
} Method;

/* A method that is not connected answers UnknownMethod. */
static const Method methods[] = {
    {"handle-sign-in", G_CALLBACK(on_sign_in), TRUE, TRUE},
    {"handle-sign-out", G_CALLBACK(on_sign_out), TRUE, TRUE},
    {"handle-session", G_CALLBACK(on_session), TRUE, TRUE},
    {"handle-open-record", G_CALLBACK(on_open_record), TRUE, TRUE},
    {"handle-open-decision", G_CALLBACK(on_open_decision), TRUE, FALSE},
    {"handle-decide", G_CALLBACK(on_decide), TRUE, FALSE},
    {"handle-vocabulary", G_CALLBACK(on_vocabulary), TRUE, TRUE},
    {"handle-scan-referrals", G_CALLBACK(on_scan_referrals), FALSE, TRUE},
    {"handle-close-referral", G_CALLBACK(on_close_referral), FALSE, TRUE},
    {"handle-accounts-for", G_CALLBACK(on_accounts_for), TRUE, FALSE},
    {"handle-audit-head", G_CALLBACK(on_audit_head), TRUE, TRUE},
};

struct DvDispatch *
dv_dispatch_new(DvOpener *opener)
{
    struct DvDispatch *dispatch = g_new0(struct DvDispatch, 1);
    dispatch->opener = opener;
    dispatch->main = dv_bus_opener1_skeleton_new();
    dispatch->hold = dv_bus_opener1_skeleton_new();
    for (gsize i = 0; i < G_N_ELEMENTS(methods); i++)
        if (opener->mode == DV_OPENER_CENTRE ? methods[i].centre : methods[i].protection)
            g_signal_connect(dispatch->main, methods[i].signal, methods[i].handler, dispatch);
    if (opener->mode == DV_OPENER_CENTRE)
        dv_lists_dispatch(dispatch->main, opener);
    g_signal_connect(dispatch->hold, "handle-protection-hold", G_CALLBACK(on_protection_hold),
                     dispatch);
    return dispatch;
}

void
dv_dispatch_free(struct DvDispatch *dispatch)
{
    if (!dispatch)
        return;
    dv_bus_export_free(dispatch->main);
    dv_bus_export_free(dispatch->hold);
    g_free(dispatch);
}

void
dv_dispatch_on_peer(GDBusConnection *peer, void *dispatch)
{
    dv_bus_export(((struct DvDispatch *)dispatch)->main, peer, OBJECT_PATH);
}

void
dv_dispatch_on_hold_peer(GDBusConnection *peer, void *dispatch)
{
    dv_bus_export(((struct DvDispatch *)dispatch)->hold, peer, OBJECT_PATH);
}
