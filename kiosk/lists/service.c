// SPDX-License-Identifier: Apache-2.0
#include "service.h"

#include "dv-lists1.h"

#include <darvaza/bus.h>
#include <darvaza/error.h>
#include <darvaza/file.h>
#include <darvaza/log.h>
#include <string.h>
#include <unistd.h>

#define OBJECT_PATH "/org/darvaza/Lists1"
#define STATUS_MAX 16384u
#define DETAIL_MAX 200

struct ListsService {
    ListsServiceOptions options;
    DvBusServer *server;
    DvBusLists1 *object; /* owned; on every peer */
};

static gboolean
fail(GDBusMethodInvocation *call, const GError *error)
{
    dv_bus_return_error(call, error);
    return TRUE;
}

static gboolean
on_want(DvBusLists1 *skeleton, GDBusMethodInvocation *call, ListsService *service)
{
    g_autofree char *kind = NULL, *name = NULL;
    gint64 offset = 0;
    gsize max = 0;
    GVariantBuilder builder;

    g_variant_builder_init(&builder, G_VARIANT_TYPE("a(sstt)"));
    if (lists_wish_look(service->options.wish, &kind, &name, &offset, &max))
        g_variant_builder_add(&builder, "(sstt)", kind, name, (guint64)offset, (guint64)max);
    dv_bus_lists1_complete_want(skeleton, call, g_variant_builder_end(&builder));
    return TRUE;
}

static gboolean
on_take(DvBusLists1 *skeleton, GDBusMethodInvocation *call, const char *name, guint64 offset,
        GVariant *value, ListsService *service)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GBytes) bytes = g_variant_get_data_as_bytes(value);

    if (!lists_wish_take(service->options.wish, name, (gint64)MIN(offset, G_MAXINT64), bytes,
                         &error))
        return fail(call, error);
    dv_bus_lists1_complete_take(skeleton, call);
    return TRUE;
}

static gboolean
on_fail(DvBusLists1 *skeleton, GDBusMethodInvocation *call, const char *name, const char *why,
        const char *detail, ListsService *service)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *cut = g_strndup(detail, DETAIL_MAX);
    g_autofree char *valid = g_utf8_make_valid(cut, -1);

    if (!lists_wish_fail(service->options.wish, name, why, valid, &error))
        return fail(call, error);
    dv_bus_lists1_complete_fail(skeleton, call);
    return TRUE;
}

static gboolean
on_status(DvBusLists1 *skeleton, GDBusMethodInvocation *call, ListsService *service)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *path = g_build_filename(service->options.folder, "status.json", NULL);
    g_autoptr(GBytes) bytes = dv_file_read(path, STATUS_MAX, &error);

    if (bytes == NULL)
        return fail(call, error);
    gsize length = 0;
    const char *data = g_bytes_get_data(bytes, &length);
    g_autofree char *text = g_strndup(data, length);
    dv_bus_lists1_complete_status(skeleton, call, text);
    return TRUE;
}

/* The uplink reads the network and must not choose folders here. */
static gboolean
may_import(GDBusConnection *connection)
{
    GCredentials *credentials = g_dbus_connection_get_peer_credentials(connection);
    uid_t uid = credentials != NULL ? g_credentials_get_unix_user(credentials, NULL) : (uid_t)-1;
    return uid == 0 || uid == geteuid();
}

static gboolean
on_import(DvBusLists1 *skeleton, GDBusMethodInvocation *call, const char *folder,
          ListsService *service)
{
    (void)skeleton;
    if (!may_import(g_dbus_method_invocation_get_connection(call)) || !g_path_is_absolute(folder)) {
        g_autoptr(GError) error =
            g_error_new_literal(DV_ERROR, DV_ERROR_DENIED,
                                "only this service's own user and root import, by a whole path");
        return fail(call, error);
    }
    service->options.import(folder, call, service->options.data);
    return TRUE;
}

void
lists_service_answer_import(GDBusMethodInvocation *call, const char *reason, const char *detail)
{
    g_dbus_method_invocation_return_value(call, g_variant_new("(ss)", reason, detail));
}

/* ---- life */

static void
on_peer(GDBusConnection *peer, void *data)
{
    const ListsService *service = data;
    dv_bus_export(service->object, peer, OBJECT_PATH);
}

static DvBusLists1 *
make_object(ListsService *service)
{
    static const struct {
        const char *signal;
        GCallback handler;
    } handlers[] = {
        {"handle-want", G_CALLBACK(on_want)},     {"handle-take", G_CALLBACK(on_take)},
        {"handle-fail", G_CALLBACK(on_fail)},     {"handle-status", G_CALLBACK(on_status)},
        {"handle-import", G_CALLBACK(on_import)},
    };
    DvBusLists1 *object = dv_bus_lists1_skeleton_new();
    for (guint i = 0; i < G_N_ELEMENTS(handlers); i++)
        g_signal_connect(object, handlers[i].signal, handlers[i].handler, service);
    return object;
}

void
lists_service_say_wanted(ListsService *service)
{
    dv_bus_lists1_emit_wanted(service->object);
}

ListsService *
lists_service_new(const char *socket, int allowed_uid, const ListsServiceOptions *options,
                  GError **error)
{
    g_autoptr(ListsService) service = g_new0(ListsService, 1);

    service->options = *options;
    service->object = make_object(service);
    service->server = dv_bus_server_new(socket, allowed_uid, on_peer, service, error);
    return service->server != NULL ? g_steal_pointer(&service) : NULL;
}

void
lists_service_free(ListsService *service)
{
    if (service == NULL)
        return;
    dv_bus_export_free(service->object);
    dv_bus_server_free(service->server);
    g_free(service);
}
