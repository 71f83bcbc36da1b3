// SPDX-License-Identifier: Apache-2.0
/* Puts the parts together, and tells the pages when something changed. */
#include "booth_private.h"

#include "lists_status.h"
#include "pages.h"

#include <darvaza/clock.h>
#include <darvaza/error.h>
#include <darvaza/file.h>
#include <darvaza/log.h>
#include <darvaza/mrz.h>

#define TICK_S 1
#define REFRESH_TICKS 15
#define RECORDED_TICKS 5 /* a referral's word leaves the screen soon */
#define KEEP_HEADERS_US ((gint64)90 * 24 * 3600 * G_USEC_PER_SEC)

/* ---- what others call ---- */

DvClockQuality
dv_booth_clock_quality(const DvBooth *booth)
{
    return dv_clock_quality(dv_answers_clock_floor(booth->answers));
}

static gboolean
announce_now(void *data)
{
    DvBooth *booth = data;
    booth->announce_id = 0;
    if (!dv_sessions_current(booth->sessions)) {
        dv_pages_close(booth->pages);
        return G_SOURCE_REMOVE;
    }
    booth->version++;
    if (dv_pages_count(booth->pages) == 0)
        return G_SOURCE_REMOVE;
    g_autoptr(json_t) state = dv_state_view(booth);
    dv_pages_send(booth->pages, "state", state);
    return G_SOURCE_REMOVE;
}

void
dv_booth_announce(DvBooth *booth)
{
    if (!booth->announce_id)
        booth->announce_id = g_idle_add_full(G_PRIORITY_DEFAULT, announce_now, booth, NULL);
}

void
dv_booth_notice(DvBooth *booth, const char *code)
{
    booth->notice.code = code;
    booth->notice.at_us = dv_clock_mono_us();
    dv_booth_announce(booth);
}

/* ---- what the devices say ---- */

static void
on_document(const DvDeviceDocument *document, void *data)
{
    dv_flow_document(data, document);
}

static void
on_reading(void *data)
{
    dv_flow_reading(data);
}

static void
on_reading_failed(void *data)
{
    dv_flow_reading_failed(data);
}

static void
on_devices_changed(void *data)
{
    DvBooth *booth = data;
    /* A reader that went away in the middle of a document takes "reading" with it. */
    if (booth->lane.state == DV_LANE_READING &&
        !g_str_equal(dv_devices_client_state(booth->devices), "ready"))
        dv_flow_reading_failed(booth);
    dv_booth_announce(booth);
}

static const DvDevicesEvents devices_events = {on_document, on_reading, on_reading_failed,
                                               on_devices_changed};

/* ---- what the uplink says ---- */

static void
on_link(gboolean online, const char *detail, void *data)
{
    DvBooth *booth = data;
    if (online != booth->online)
        dv_log_info("link: %s", online ? "online" : "offline");
    booth->online = online;
    g_free(booth->link_detail);
    booth->link_detail = g_strdup(detail);
    dv_booth_announce(booth);
}

static void
on_answer(const json_t *payload, void *data)
{
    DvBooth *booth = data;
    if (payload && dv_sessions_current(booth->sessions))
        dv_pages_send(booth->pages, "answer", payload);
    dv_booth_notice(booth, payload ? "answer_arrived" : "answer_refused");
}

static void
on_uplink_changed(void *data)
{
    dv_booth_announce(data);
}

/* The lists as a heartbeat carries them: as in a record, and what proves their content. */
static json_t *
heartbeat_lists(void *data)
{
    DvBooth *booth = data;
    g_autoptr(DvWatchlistAnswer) answer = dv_watchlist_status(booth->lists, dv_clock_wall_us());
    json_t *lists = dv_record_watchlists(answer);
    for (gsize i = 0; i < json_array_size(lists); i++) {
        const DvWatchlistList *list = g_ptr_array_index(answer->lists, i);
        json_object_set_new(json_array_get(lists, i), "state_hash",
                            list->state_hash && *list->state_hash ? json_string(list->state_hash)
                                                                  : json_null());
    }
    return lists;
}

static json_t *
heartbeat_update(void *data)
{
    DvBooth *booth = data;
    return dv_lists_status(dv_config_string(booth->config, "booth", "lists"));
}

/* ---- life ---- */

static gboolean
on_tick(void *data)
{
    DvBooth *booth = data;
    booth->ticks++;
    gboolean signed_in = dv_sessions_current(booth->sessions) != NULL;
    dv_watchlist_set_clock_floor(booth->lists, dv_answers_clock_floor(booth->answers));
    /* Ages and the notice's end reach the page without anything having happened. */
    gboolean recorded = booth->lane.state == DV_LANE_RECORDED;
    if (!signed_in || booth->ticks % (recorded ? RECORDED_TICKS : REFRESH_TICKS) == 0)
        dv_booth_announce(booth);
    return G_SOURCE_CONTINUE;
}

static gboolean
check_words(const DvConfig *config, GError **error)
{
    static const struct {
        const char *key, *vocabulary;
    } rows[] = {{"mode", "mode"}, {"purpose", "purpose"}, {"traveller_class", "traveller_class"}};
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        const char *word = dv_config_string(config, "lane", rows[i].key);
        if (!g_strv_contains(dv_crossing_words(rows[i].vocabulary), word)) {
            g_set_error(error, DV_ERROR, DV_ERROR_CONFIG, "[lane] %s: \"%s\" is not a known word",
                        rows[i].key, word);
            return FALSE;
        }
    }
    if (dv_decide_direction(dv_config_string(config, "lane", "direction")))
        return TRUE;
    g_set_error(error, DV_ERROR, DV_ERROR_CONFIG,
                "[lane] direction: must be ENTRY, EXIT or TRANSIT");
    return FALSE;
}

static DvKey *
load_key(const DvConfig *config, const char *name, GError **error)
{
    g_autofree char *path = g_build_filename(dv_config_string(config, "booth", "keys"), name, NULL);
    return dv_key_load(path, error);
}

static DvCert *
load_cert(const DvConfig *config, const char *folder, const char *name, GError **error)
{
    g_autofree char *path = g_build_filename(dv_config_string(config, "booth", folder), name, NULL);
    return dv_cert_load(path, error);
}

static gboolean
load_keys(DvBooth *booth, GError **error)
{
    const DvConfig *config = booth->config;
    const char *period = dv_config_string(config, "booth", "period");
    g_autofree char *record_name = g_strdup_printf("record-%s.pem", period);
    if (!(booth->sign_key = load_key(config, "sign-key.pem", error)) ||
        !(booth->sign_cert = load_cert(config, "keys", "sign.pem", error)) ||
        !(booth->answers_key = load_key(config, "answers-key.pem", error)) ||
        !(booth->answers_cert = load_cert(config, "keys", "answers.pem", error)) ||
        !(booth->record_cert = load_cert(config, "trust", record_name, error)) ||
        !(booth->protection_cert = load_cert(config, "trust", "protection.pem", error)) ||
        !(booth->opener_cert = load_cert(config, "trust", "opener.pem", error)) ||
        !(booth->receipt_cert = load_cert(config, "trust", "receipt.pem", error)))
        return FALSE;
    g_autofree char *name = dv_cert_common_name(booth->sign_cert);
    if (g_strcmp0(name, booth->kiosk) != 0) {
        g_set_error(error, DV_ERROR, DV_ERROR_CONFIG,
                    "[booth] kiosk: the configuration says %s, its signing certificate %s",
                    booth->kiosk, name);
        return FALSE;
    }
    booth->seal_keys = (DvSealKeys){booth->sign_key, booth->sign_cert, booth->record_cert, period,
                                    booth->protection_cert};
    return TRUE;
}

static char *
state_path(const DvBooth *booth, const char *name)
{
    return g_build_filename(dv_config_string(booth->config, "booth", "state"), name, NULL);
}

static gboolean
open_stores(DvBooth *booth, GError **error)
{
    if (!dv_file_make_dir(dv_config_string(booth->config, "booth", "state"), 0700, error))
        return FALSE;
    g_autofree char *outbox = state_path(booth, "outbox.db");
    g_autofree char *answers = state_path(booth, "answers.db");
    g_autofree char *accounts = state_path(booth, "accounts.json");
    DvAnswersKeys keys = {booth->answers_key, booth->answers_cert, booth->opener_cert,
                          booth->kiosk};
    if (!(booth->outbox = dv_outbox_open(outbox, booth->kiosk, error)) ||
        !(booth->answers = dv_answers_open(answers, &keys, error)) ||
        !(booth->accounts = dv_accounts_open(accounts, booth->kiosk, booth->opener_cert, error)) ||
        !(booth->lists = dv_watchlist_open(dv_config_string(booth->config, "booth", "lists"),
                                           booth->training, error)))
        return FALSE;
    dv_watchlist_set_clock_floor(booth->lists, dv_answers_clock_floor(booth->answers));
    return dv_outbox_prune(booth->outbox, dv_clock_wall_us() - KEEP_HEADERS_US, error);
}

static gboolean
start_uplink(DvBooth *booth, GError **error)
{
    const DvUplinkServiceOptions options = {
        .kiosk = booth->kiosk,
        .outbox = booth->outbox,
        .answers = booth->answers,
        .accounts = booth->accounts,
        .receipt_cert = booth->receipt_cert,
        .opener_cert = booth->opener_cert,
        .sign_key = booth->sign_key,
        .lists = heartbeat_lists,
        .update = heartbeat_update,
        .link = on_link,
        .answer = on_answer,
        .changed = on_uplink_changed,
        .data = booth,
    };
    booth->uplink =
        dv_uplink_service_new(dv_config_string(booth->config, "uplink", "socket"),
                              dv_config_user(booth->config, "uplink", "uid"), &options, error);
    return booth->uplink != NULL;
}

static gboolean
start_page(DvBooth *booth, GError **error)
{
    const DvHttpdOptions options = {
        .address = dv_config_string(booth->config, "booth", "address"),
        .port = (guint16)dv_config_int(booth->config, "booth", "port"),
        .routes = dv_booth_routes,
        .data = booth,
        .guard = dv_booth_guard,
        .max_connections = 64,
    };
    booth->httpd = dv_httpd_new(&options, error);
    if (!booth->httpd)
        return FALSE;
    dv_log_info("page: http://%s:%u/", options.address, dv_httpd_port(booth->httpd));
    const char *port_file = dv_config_string(booth->config, "booth", "port_file");
    if (!*port_file)
        return TRUE;
    g_autofree char *text = g_strdup_printf("%u\n", dv_httpd_port(booth->httpd));
    return dv_file_write(port_file, text, strlen(text), 0644, error);
}

DvBooth *
dv_booth_new(const DvConfig *config, GError **error)
{
    g_autoptr(DvBooth) booth = g_new0(DvBooth, 1);
    booth->config = config;
    booth->kiosk = g_strdup(dv_config_string(config, "booth", "kiosk"));
    booth->training = dv_config_bool(config, "booth", "training");
    booth->link_detail = g_strdup("the uplink is not running");
    booth->sessions = dv_sessions_new((int)dv_config_int(config, "booth", "idle_s"));
    booth->pages = dv_pages_new();
    booth->views = g_ptr_array_new();
    booth->lane.since_us = dv_clock_mono_us();
    if (!check_words(config, error) || !load_keys(booth, error) || !open_stores(booth, error) ||
        !start_uplink(booth, error))
        return NULL;
    booth->devices =
        dv_devices_client_new(dv_config_string(config, "devices", "socket"),
                              dv_config_string(config, "lane", "name"), &devices_events, booth);
    if (!start_page(booth, error))
        return NULL;
    booth->tick_id = g_timeout_add_seconds(TICK_S, on_tick, booth);
    if (booth->training)
        dv_log_info("training mode: every record is marked");
    return g_steal_pointer(&booth);
}

void
dv_booth_free(DvBooth *booth)
{
    if (!booth)
        return;
    if (booth->tick_id)
        g_source_remove(booth->tick_id);
    if (booth->announce_id)
        g_source_remove(booth->announce_id);
    dv_api_views_end(booth);
    dv_devices_client_free(booth->devices);
    dv_uplink_service_free(booth->uplink);
    dv_pages_free(booth->pages);
    dv_httpd_free(booth->httpd);
    dv_inspection_free(booth->inspection);
    dv_face_seen_clear(&booth->seen);
    dv_watchlist_free(booth->lists);
    dv_accounts_free(booth->accounts);
    dv_answers_free(booth->answers);
    dv_outbox_free(booth->outbox);
    dv_sessions_free(booth->sessions);
    g_clear_pointer(&booth->recent, g_ptr_array_unref);
    dv_key_free(booth->sign_key);
    dv_key_free(booth->answers_key);
    dv_cert_free(booth->sign_cert);
    dv_cert_free(booth->answers_cert);
    dv_cert_free(booth->record_cert);
    dv_cert_free(booth->protection_cert);
    dv_cert_free(booth->opener_cert);
    dv_cert_free(booth->receipt_cert);
    g_free(booth->recorded.crossing_id);
    g_free(booth->recorded.decision);
    g_free(booth->link_detail);
    g_free(booth->fault);
    g_free(booth->kiosk);
    g_free(booth);
}

guint16
dv_booth_port(const DvBooth *booth)
{
    return dv_httpd_port(booth->httpd);
}

/* ---- as a daemon ---- */

static gboolean
daemon_start(const DvConfig *config, void **state, GError **error)
{
    *state = dv_booth_new(config, error);
    return *state != NULL;
}

static void
daemon_stop(void *state)
{
    dv_booth_free(state);
}

const DvDaemon dv_booth_daemon = {
    .name = "darvaza-booth",
    .summary = "the lane of a border checkpoint, from document to sealed record",
    .keys = dv_booth_config_keys,
    .start = daemon_start,
    .stop = daemon_stop,
};
