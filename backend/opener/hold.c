// SPDX-License-Identifier: Apache-2.0
#include "hold.h"

#include <darvaza/bus.h>
#include <darvaza/log.h>

#define CONNECT_MS 1000
#define ANSWER_MS 3000

typedef struct {
    DvHoldFunc func;
    void *data;
    DvHold hold;
} Question;

static gboolean
answer_later(void *data)
{
    g_autofree Question *question = data;
    question->func(question->hold, question->data);
    return G_SOURCE_REMOVE;
}

static void
on_answer(GObject *connection, GAsyncResult *result, void *data)
{
    g_autofree Question *question = data;
    g_autoptr(GError) error = NULL;
    g_autoptr(GVariant) reply =
        g_dbus_connection_call_finish(G_DBUS_CONNECTION(connection), result, &error);
    gboolean held = TRUE;
    if (reply)
        g_variant_get(reply, "(b)", &held);
    else
        dv_log_warning("protection hold: no answer: %s", error->message);
    question->func(!reply ? DV_HOLD_UNKNOWN : held ? DV_HOLD_HELD : DV_HOLD_FREE, question->data);
    g_dbus_connection_close(G_DBUS_CONNECTION(connection), NULL, NULL, NULL);
}

void
dv_hold_ask(const char *socket, GBytes *wire, DvHoldFunc func, void *data)
{
    Question *question = g_new0(Question, 1);
    *question = (Question){func, data, DV_HOLD_UNKNOWN};
    g_autoptr(GError) error = NULL;
    g_autoptr(GDBusConnection) connection =
        socket ? dv_bus_connect(socket, CONNECT_MS, &error) : NULL;
    if (!connection) {
        dv_log_warning("protection hold: %s", error ? error->message : "no socket is configured");
        g_idle_add(answer_later, question);
        return;
    }
    GVariant *bytes = g_variant_new_from_bytes(G_VARIANT_TYPE_BYTESTRING, wire, TRUE);
    g_dbus_connection_call(connection, NULL, "/org/darvaza/Opener1", "org.darvaza.Opener1",
                           "ProtectionHold", g_variant_new_tuple(&bytes, 1), G_VARIANT_TYPE("(b)"),
                           G_DBUS_CALL_FLAGS_NONE, ANSWER_MS, NULL, on_answer, question);
}
