// SPDX-License-Identifier: Apache-2.0
/* The methods of org.darvaza.Opener1 that are about list releases. */
#include "dispatch.h"
#include "lists.h"

#include <darvaza/error.h>

static gboolean
on_releases(DvBusOpener1 *object, GDBusMethodInvocation *invocation, const char *token, void *data)
{
    g_autoptr(GError) error = NULL;
    json_t *releases = dv_lists_releases(data, token, &error);
    if (!releases)
        return dv_dispatch_fail(invocation, error);
    g_autofree char *text = dv_dispatch_text(releases);
    dv_bus_opener1_complete_list_releases(object, invocation, text);
    return TRUE;
}

static gboolean
on_open(DvBusOpener1 *object, GDBusMethodInvocation *invocation, const char *token, gint64 release,
        void *data)
{
    g_autoptr(GError) error = NULL;
    json_t *draft = dv_lists_open(data, token, release, &error);
    if (!draft)
        return dv_dispatch_fail(invocation, error);
    g_autofree char *text = dv_dispatch_text(draft);
    dv_bus_opener1_complete_list_open(object, invocation, text);
    return TRUE;
}

static gboolean
on_rows(DvBusOpener1 *object, GDBusMethodInvocation *invocation, const char *token, gint64 release,
        const char *list_id, gint64 after, const char *reason, void *data)
{
    g_autoptr(GError) error = NULL;
    json_t *rows = dv_lists_rows(data, token, release, list_id, after, reason, &error);
    if (!rows)
        return dv_dispatch_fail(invocation, error);
    g_autofree char *text = dv_dispatch_text(rows);
    dv_bus_opener1_complete_list_rows(object, invocation, text);
    return TRUE;
}

static gboolean
on_sign(DvBusOpener1 *object, GDBusMethodInvocation *invocation, const char *token, gint64 release,
        GVariant *signature, void *data)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GBytes) bytes = g_variant_get_data_as_bytes(signature);
    json_t *signatures = dv_lists_sign(data, token, release, bytes, &error);
    if (!signatures)
        return dv_dispatch_fail(invocation, error);
    g_autofree char *text = dv_dispatch_text(signatures);
    dv_bus_opener1_complete_list_sign(object, invocation, text);
    return TRUE;
}

static gboolean
on_payload(DvBusOpener1 *object, GDBusMethodInvocation *invocation, const char *token,
           gint64 release, void *data)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GBytes) file = dv_lists_payload(data, token, release, &error);
    if (!file)
        return dv_dispatch_fail(invocation, error);
    dv_bus_opener1_complete_list_payload(object, invocation, dv_dispatch_bytes(file));
    return TRUE;
}

/* ---- the dry run answers later */

typedef struct {
    DvBusOpener1 *object;
    GDBusMethodInvocation *invocation;
} Pending;

static void
on_dry_run_done(const json_t *result, const GError *error, void *data)
{
    g_autofree Pending *pending = data;
    g_autoptr(DvBusOpener1) object = pending->object;
    if (!result) {
        dv_dispatch_fail(pending->invocation, error);
        return;
    }
    g_autofree char *text = json_dumps(result, JSON_COMPACT);
    dv_bus_opener1_complete_list_dry_run(object, pending->invocation, text);
}

static gboolean
on_dry_run(DvBusOpener1 *object, GDBusMethodInvocation *invocation, const char *token,
           gint64 release, GVariant *records, const char *reason, void *data)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) wires = dv_dispatch_wires(records);
    Pending *pending = g_new0(Pending, 1);
    *pending = (Pending){g_object_ref(object), invocation};
    if (dv_lists_dry_run(data, token, release, wires, reason, on_dry_run_done, pending, &error))
        return TRUE;
    g_object_unref(pending->object);
    g_free(pending);
    return dv_dispatch_fail(invocation, error);
}

/* ---- in force */

static GVariant *
bytes_or_none(GBytes *bytes)
{
    g_autoptr(GBytes) none = g_bytes_new_static("", 0);
    return dv_dispatch_bytes(bytes ? bytes : none);
}

static gboolean
on_put_in_force(DvBusOpener1 *object, GDBusMethodInvocation *invocation, const char *token,
                gint64 release, const char *reason, void *data)
{
    g_autoptr(GError) error = NULL;
    g_auto(DvInForce) out = {0};
    if (!dv_lists_put_in_force(data, token, release, reason, &out, &error))
        return dv_dispatch_fail(invocation, error);
    dv_bus_opener1_complete_list_put_in_force(
        object, invocation, out.release, bytes_or_none(out.file), bytes_or_none(out.timestamp));
    return TRUE;
}

static gboolean
on_step(DvBusOpener1 *object, GDBusMethodInvocation *invocation, const char *token, gint64 release,
        guint percent, const char *despite, const char *reason, void *data)
{
    g_autoptr(GError) error = NULL;
    g_auto(DvInForce) out = {0};
    if (!dv_lists_step(data, token, release, percent, despite, reason, &out, &error))
        return dv_dispatch_fail(invocation, error);
    dv_bus_opener1_complete_list_step(object, invocation, out.release, bytes_or_none(out.file),
                                      bytes_or_none(out.timestamp));
    return TRUE;
}

static gboolean
on_confirm_clock(DvBusOpener1 *object, GDBusMethodInvocation *invocation, const char *token,
                 const char *date, const char *reason, void *data)
{
    g_autoptr(GError) error = NULL;
    g_auto(DvInForce) out = {0};
    if (!dv_lists_confirm_clock(data, token, date, reason, &out, &error))
        return dv_dispatch_fail(invocation, error);
    dv_bus_opener1_complete_list_confirm_clock(
        object, invocation, out.release, bytes_or_none(out.file), bytes_or_none(out.timestamp));
    return TRUE;
}

static gboolean
on_timestamp(DvBusOpener1 *object, GDBusMethodInvocation *invocation, void *data)
{
    g_autoptr(GError) error = NULL;
    g_auto(DvInForce) out = {0};
    if (!dv_lists_timestamp(data, &out, &error))
        return dv_dispatch_fail(invocation, error);
    dv_bus_opener1_complete_list_timestamp(object, invocation, out.release, bytes_or_none(out.file),
                                           bytes_or_none(out.timestamp));
    return TRUE;
}

void
dv_lists_dispatch(DvBusOpener1 *object, DvOpener *opener)
{
    static const struct {
        const char *signal;
        GCallback handler;
    } methods[] = {
        {"handle-list-releases", G_CALLBACK(on_releases)},
        {"handle-list-open", G_CALLBACK(on_open)},
        {"handle-list-rows", G_CALLBACK(on_rows)},
        {"handle-list-sign", G_CALLBACK(on_sign)},
        {"handle-list-payload", G_CALLBACK(on_payload)},
        {"handle-list-confirm-clock", G_CALLBACK(on_confirm_clock)},
        {"handle-list-dry-run", G_CALLBACK(on_dry_run)},
        {"handle-list-put-in-force", G_CALLBACK(on_put_in_force)},
        {"handle-list-step", G_CALLBACK(on_step)},
        {"handle-list-timestamp", G_CALLBACK(on_timestamp)},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(methods); i++)
        g_signal_connect(object, methods[i].signal, methods[i].handler, opener);
}
