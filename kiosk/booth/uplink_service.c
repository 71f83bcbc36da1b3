// SPDX-License-Identifier: Apache-2.0
#include "uplink_service.h"

#include "dv-booth1.h"

#include <darvaza/bus.h>
#include <darvaza/clock.h>
#include <darvaza/error.h>
#include <darvaza/log.h>
#include <darvaza/receipt.h>
#include <string.h>

#define OBJECT_PATH "/org/darvaza/Booth1"
#define RECORDS_MAX 64u
#define BATCH_BYTES (8u * 1024u * 1024u)
#define MESSAGE_MAX (64u * 1024u)
#define DETAIL_MAX 200

struct DvUplinkService {
    DvUplinkServiceOptions options;
    DvBusServer *server;
    DvBusBooth1 *object; /* owned; on every peer */
};

/* Answers the call with the error, logs it, and says that the call is handled. */
static gboolean
fail(GDBusMethodInvocation *call, const char *what, const GError *error)
{
    dv_log_warning("uplink: %s: %s", what, error->message);
    dv_bus_return_error(call, error);
    return TRUE;
}

static gboolean
fail_new(GDBusMethodInvocation *call, const char *what, int code, const char *text)
{
    g_autoptr(GError) error = g_error_new_literal(DV_ERROR, code, text);
    return fail(call, what, error);
}

/* The bytes of an "ay" argument; NULL when there are more than max. */
static const void *
bytes_of(GVariant *value, gsize max, gsize *length)
{
    const void *data = g_variant_get_fixed_array(value, length, 1);
    if (*length > max)
        return NULL;
    return data ? data : "";
}

/* ---- records out ---- */

static gboolean
on_next_records(DvBusBooth1 *skeleton, GDBusMethodInvocation *call, guint max,
                DvUplinkService *service)
{
    g_autoptr(GError) error = NULL;
    if (max < 1 || max > RECORDS_MAX)
        return fail_new(call, "NextRecords", DV_ERROR_INVALID, "max must be 1 to 64");
    g_autoptr(GPtrArray) records = dv_outbox_next(service->options.outbox, max, &error);
    if (!records)
        return fail(call, "NextRecords", error);
    GVariantBuilder builder;
    g_variant_builder_init(&builder, G_VARIANT_TYPE("a(ttay)"));
    gsize total = 0;
    for (guint i = 0; i < records->len; i++) {
        const DvOutboxRecord *record = g_ptr_array_index(records, i);
        gsize length = 0;
        const void *data = g_bytes_get_data(record->wire, &length);
        total += length;
        if (i > 0 && total > BATCH_BYTES)
            break;
        g_variant_builder_add(&builder, "(tt@ay)", (guint64)record->epoch, (guint64)record->seq,
                              g_variant_new_fixed_array(G_VARIANT_TYPE_BYTE, data, length, 1));
    }
    dv_bus_booth1_complete_next_records(skeleton, call, g_variant_builder_end(&builder));
    return TRUE;
}

static gboolean
on_deliver_receipt(DvBusBooth1 *skeleton, GDBusMethodInvocation *call, GVariant *value,
                   DvUplinkService *service)
{
    const DvUplinkServiceOptions *options = &service->options;
    g_autoptr(GError) error = NULL;
    gsize length = 0;
    const void *data = bytes_of(value, MESSAGE_MAX, &length);
    if (!data)
        return fail_new(call, "receipt", DV_ERROR_INVALID, "it is too large");
    DvReceipt receipt;
    if (!dv_receipt_verify(data, length, options->receipt_cert, &receipt, &error))
        return fail(call, "receipt", error);
    if (!g_str_equal(receipt.kiosk, options->kiosk))
        return fail_new(call, "receipt", DV_ERROR_DENIED, "it is for another kiosk");
    if (!dv_outbox_acknowledge(options->outbox, receipt.epoch, receipt.seq, receipt.link, &error))
        return fail(call, "receipt", error);
    dv_answers_raise_clock_floor(options->answers, receipt.received_us);
    dv_bus_booth1_complete_deliver_receipt(skeleton, call);
    options->changed(options->data);
    return TRUE;
}

/* ---- heartbeat ---- */

static gboolean
on_make_heartbeat(DvBusBooth1 *skeleton, GDBusMethodInvocation *call, DvUplinkService *service)
{
    const DvUplinkServiceOptions *options = &service->options;
    g_autoptr(GError) error = NULL;
    DvOutboxHead head;
    if (!dv_outbox_head(options->outbox, &head, &error))
        return fail(call, "heartbeat", error);
    DvHeartbeat beat = {.epoch = head.epoch,
                        .seq = head.seq,
                        .unsent = head.unsent,
                        .time_us = dv_clock_wall_us(),
                        .lists = options->lists(options->data),
                        .update = options->update(options->data)};
    g_strlcpy(beat.kiosk, options->kiosk, sizeof beat.kiosk);
    g_strlcpy(beat.software, DV_VERSION, sizeof beat.software);
    for (guint i = 0; i < DV_SHA256_SIZE; i++)
        beat.link[i] = head.link[i];
    g_autoptr(GBytes) made = dv_heartbeat_make(&beat, options->sign_key, &error);
    dv_heartbeat_clear(&beat);
    if (!made)
        return fail(call, "heartbeat", error);
    gsize length = 0;
    const void *data = g_bytes_get_data(made, &length);
    dv_bus_booth1_complete_make_heartbeat(
        skeleton, call, g_variant_new_fixed_array(G_VARIANT_TYPE_BYTE, data, length, 1));
    return TRUE;
}

/* The signed head of the centre's audit log: kept, so that the log's writer cannot rewrite it. An
 * instance without an opener beside it has none to give. */
static gboolean
keep_audit_head(const DvUplinkServiceOptions *options, const json_t *head, GError **error)
{
    if (!json_is_object(head))
        return TRUE;
    gsize length = 0;
    g_autofree char *text = dv_json_canonical(head, &length, error);
    g_autoptr(json_t) payload = text
                                    ? dv_signed_json_verify("audit head", text, length, MESSAGE_MAX,
                                                            options->opener_cert, error)
                                    : NULL;
    return payload && dv_answers_keep_audit_head(options->answers, text, length, error);
}

/* What the centre says of this kiosk's chain (docs/formats/http-api.md): a gap that this booth
 * cannot close itself must not pass in silence. */
static void
note_chain(const json_t *payload)
{
    const char *chain = dv_json_string_or_null(payload, "chain");
    if (g_strcmp0(chain, "forked") == 0 || g_strcmp0(chain, "old_epoch") == 0)
        dv_log_warning("the centre sees this kiosk's chain as %s; tell IT", chain);
}

static gboolean
on_deliver_heartbeat_answer(DvBusBooth1 *skeleton, GDBusMethodInvocation *call, GVariant *value,
                            DvUplinkService *service)
{
    const DvUplinkServiceOptions *options = &service->options;
    g_autoptr(GError) error = NULL;
    gsize length = 0;
    const void *data = bytes_of(value, MESSAGE_MAX, &length);
    if (!data)
        return fail_new(call, "heartbeat answer", DV_ERROR_INVALID, "it is too large");
    g_autoptr(json_t) payload = dv_signed_json_verify("heartbeat answer", data, length, MESSAGE_MAX,
                                                      options->receipt_cert, &error);
    if (!payload)
        return fail(call, "heartbeat answer", error);
    if (g_strcmp0(dv_json_string_or_null(payload, "kiosk"), options->kiosk) != 0)
        return fail_new(call, "heartbeat answer", DV_ERROR_DENIED, "it is for another kiosk");
    gint64 time_us = 0;
    const char *time = dv_json_string_or_null(payload, "time");
    if (time && dv_time_parse(time, &time_us, NULL))
        dv_answers_raise_clock_floor(options->answers, time_us);
    note_chain(payload);
    if (!keep_audit_head(options, json_object_get(payload, "audit_head"), &error))
        return fail(call, "heartbeat answer", error);
    dv_bus_booth1_complete_deliver_heartbeat_answer(skeleton, call);
    return TRUE;
}

/* ---- answers and accounts in ---- */

static gboolean
on_answer_cursor(DvBusBooth1 *skeleton, GDBusMethodInvocation *call, DvUplinkService *service)
{
    dv_bus_booth1_complete_answer_cursor(skeleton, call,
                                         (guint64)dv_answers_cursor(service->options.answers));
    return TRUE;
}

static gboolean
on_deliver_answer(DvBusBooth1 *skeleton, GDBusMethodInvocation *call, guint64 number,
                  GVariant *value, DvUplinkService *service)
{
    const DvUplinkServiceOptions *options = &service->options;
    g_autoptr(GError) error = NULL;
    gsize length = 0;
    const void *data = bytes_of(value, G_MAXSIZE, &length);
    if (number < 1 || number > G_MAXINT64)
        return fail_new(call, "answer", DV_ERROR_INVALID, "it has no number");
    g_autoptr(json_t) payload = NULL;
    const char *refused = NULL;
    if (!dv_answers_take(options->answers, (gint64)number, data, length, &payload, &refused,
                         &error))
        return fail(call, "answer", error);
    /* Of a refused one nothing but the word goes to the uplink's log or ours: why it cannot be done
     * may be a protection referral. */
    if (refused)
        dv_log_warning("answer %" G_GUINT64_FORMAT " was passed over (%s); tell IT", number,
                       refused);
    dv_bus_booth1_complete_deliver_answer(skeleton, call);
    if (payload || (refused && !g_str_equal(refused, "repeated")))
        options->answer(payload, options->data);
    return TRUE;
}

static gboolean
on_accounts_version(DvBusBooth1 *skeleton, GDBusMethodInvocation *call, DvUplinkService *service)
{
    dv_bus_booth1_complete_accounts_version(skeleton, call,
                                            dv_accounts_version(service->options.accounts));
    return TRUE;
}

static gboolean
on_deliver_accounts(DvBusBooth1 *skeleton, GDBusMethodInvocation *call, GVariant *value,
                    DvUplinkService *service)
{
    const DvUplinkServiceOptions *options = &service->options;
    g_autoptr(GError) error = NULL;
    gsize length = 0;
    const void *data = bytes_of(value, DV_ACCOUNTS_BUNDLE_MAX, &length);
    if (!data)
        return fail_new(call, "accounts", DV_ERROR_INVALID, "the bundle is too large");
    if (!dv_accounts_deliver(options->accounts, data, length, &error))
        return fail(call, "accounts", error);
    dv_log_info("accounts: bundle %.12s is in force", dv_accounts_version(options->accounts));
    dv_bus_booth1_complete_deliver_accounts(skeleton, call);
    options->changed(options->data);
    return TRUE;
}

static gboolean
on_set_link(DvBusBooth1 *skeleton, GDBusMethodInvocation *call, gboolean online, const char *detail,
            DvUplinkService *service)
{
    g_autofree char *cut = g_strndup(detail, DETAIL_MAX);
    g_autofree char *valid = g_utf8_make_valid(cut, -1);
    service->options.link(online, valid, service->options.data);
    dv_bus_booth1_complete_set_link(skeleton, call);
    return TRUE;
}

/* ---- life ---- */

/* Behind dv_bus_export's own: the peer that closes is no longer counted. */
static void
on_closed(GDBusConnection *peer, gboolean vanished, GError *error, void *data)
{
    const DvUplinkService *service = data;
    (void)peer, (void)vanished, (void)error;
    if (dv_bus_export_count(service->object) == 0)
        service->options.link(FALSE, "the uplink is not running", service->options.data);
}

static void
on_peer(GDBusConnection *peer, void *data)
{
    DvUplinkService *service = data;
    dv_bus_export(service->object, peer, OBJECT_PATH);
    g_signal_connect(peer, "closed", G_CALLBACK(on_closed), service);
}

static DvBusBooth1 *
make_object(DvUplinkService *service)
{
    static const struct {
        const char *signal;
        GCallback handler;
    } handlers[] = {
        {"handle-next-records", G_CALLBACK(on_next_records)},
        {"handle-deliver-receipt", G_CALLBACK(on_deliver_receipt)},
        {"handle-make-heartbeat", G_CALLBACK(on_make_heartbeat)},
        {"handle-deliver-heartbeat-answer", G_CALLBACK(on_deliver_heartbeat_answer)},
        {"handle-answer-cursor", G_CALLBACK(on_answer_cursor)},
        {"handle-deliver-answer", G_CALLBACK(on_deliver_answer)},
        {"handle-accounts-version", G_CALLBACK(on_accounts_version)},
        {"handle-deliver-accounts", G_CALLBACK(on_deliver_accounts)},
        {"handle-set-link", G_CALLBACK(on_set_link)},
    };
    DvBusBooth1 *object = dv_bus_booth1_skeleton_new();
    for (guint i = 0; i < G_N_ELEMENTS(handlers); i++)
        g_signal_connect(object, handlers[i].signal, handlers[i].handler, service);
    return object;
}

void
dv_uplink_service_pending(DvUplinkService *service)
{
    dv_bus_booth1_emit_records_pending(service->object);
}

DvUplinkService *
dv_uplink_service_new(const char *socket, int allowed_uid, const DvUplinkServiceOptions *options,
                      GError **error)
{
    g_autoptr(DvUplinkService) service = g_new0(DvUplinkService, 1);
    service->options = *options;
    service->object = make_object(service);
    service->server = dv_bus_server_new(socket, allowed_uid, on_peer, service, error);
    return service->server ? g_steal_pointer(&service) : NULL;
}

static void
forget_peers(DvUplinkService *service)
{
    GList *peers =
        g_dbus_interface_skeleton_get_connections(G_DBUS_INTERFACE_SKELETON(service->object));
    for (GList *peer = peers; peer; peer = peer->next)
        g_signal_handlers_disconnect_by_data(peer->data, service);
    g_list_free_full(peers, g_object_unref);
}

void
dv_uplink_service_free(DvUplinkService *service)
{
    if (!service)
        return;
    forget_peers(service);
    dv_bus_export_free(service->object);
    dv_bus_server_free(service->server);
    g_free(service);
}
