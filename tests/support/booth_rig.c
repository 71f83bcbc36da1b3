// SPDX-License-Identifier: Apache-2.0
#include "booth_rig.h"

#include "http_peer.h"
#include "list_folder.h"

#include <darvaza/accounts.h>
#include <darvaza/bus.h>
#include <darvaza/clock.h>
#include <darvaza/file.h>
#include <darvaza/mrz_compose.h>
#include <darvaza/password.h>
#include <darvaza/watchlist_build.h>
#include <string.h>

#define WAIT_US (30 * G_USEC_PER_SEC) /* patience on a loaded machine; nothing is measured */

static char *
path_in(const BoothRig *rig, const char *name)
{
    return g_build_filename(rig->dir, name, NULL);
}

static void
write_text(const char *path, const char *text)
{
    g_autoptr(GError) error = NULL;
    g_assert_true(g_file_set_contents(path, text, -1, &error));
}

static void
turn_until(gboolean (*done)(BoothRig *rig), BoothRig *rig)
{
    gint64 end = g_get_monotonic_time() + WAIT_US;
    while (!done(rig)) {
        g_assert_cmpint(g_get_monotonic_time(), <, end);
        g_main_context_iteration(NULL, FALSE);
        g_usleep(1000);
    }
}

static gboolean
lane_claimed(BoothRig *rig)
{
    return fake_devices_claims(rig->devices) == 1;
}

/* ---- start and end ---- */

static void
start_booth(BoothRig *rig)
{
    g_autoptr(GError) error = NULL;
    rig->booth = dv_booth_new(rig->config, &error);
    g_assert_no_error(error);
    if (rig->devices)
        turn_until(lane_claimed, rig);
}

BoothRig *
booth_rig_new(const BoothRigOptions *options)
{
    BoothRig *rig = g_new0(BoothRig, 1);
    g_autoptr(GError) error = NULL;
    rig->dir = g_dir_make_tmp("dv-rig-XXXXXX", &error);
    g_assert_no_error(error);
    rig->keys = dv_test_keys_new();
    g_autofree char *lists = path_in(rig, "lists");
    g_autofree char *web = path_in(rig, "web");
    g_autofree char *page = g_build_filename(web, "index.html", NULL);
    g_assert_true(dv_file_make_dir(lists, 0700, &error) && dv_file_make_dir(web, 0700, &error));
    write_text(page, "<!doctype html><title>page</title>");
    g_autofree char *socket =
        options->devices_socket ? g_strdup(options->devices_socket) : path_in(rig, "devices.sock");
    if (!options->devices_socket)
        rig->devices = fake_devices_new(socket);
    g_autofree char *ini = g_strdup_printf(
        "[booth]\nkiosk = KSK-1\ncheckpoint = XXTST\nstate = %s/state\nlists = %s\n"
        "keys = %s/kiosk/KSK-1\ntrust = %s/trust\nweb_root = %s\nport = 0\ntraining = %s\n"
        "[lane]\nname = lane-1\n[devices]\nsocket = %s\n[uplink]\nsocket = %s/booth.sock\n%s",
        rig->dir, lists, rig->keys->dir, rig->keys->dir, web, options->training ? "true" : "false",
        socket, rig->dir, options->extra ? options->extra : "");
    g_autofree char *file = path_in(rig, "booth.ini");
    write_text(file, ini);
    rig->config = dv_config_load(file, dv_booth_config_keys, &error);
    g_assert_no_error(error);
    start_booth(rig);
    return rig;
}

static void
forget_answer(BoothRig *rig)
{
    g_clear_pointer(&rig->answer, json_decref);
    if (rig->raw)
        g_string_free(rig->raw, TRUE);
    rig->raw = NULL;
}

void
booth_rig_restart(BoothRig *rig)
{
    dv_booth_free(rig->booth);
    while (fake_devices_claims(rig->devices) > 0)
        g_main_context_iteration(NULL, TRUE);
    g_clear_pointer(&rig->cookie, g_free);
    g_clear_pointer(&rig->csrf, g_free);
    start_booth(rig);
}

void
booth_rig_free(BoothRig *rig)
{
    if (!rig)
        return;
    dv_booth_free(rig->booth);
    fake_devices_free(rig->devices);
    while (g_main_context_iteration(NULL, FALSE)) {
    }
    forget_answer(rig);
    dv_config_free(rig->config);
    dv_test_keys_free(rig->keys);
    dv_test_remove_tree(rig->dir);
    g_free(rig->cookie);
    g_free(rig->csrf);
    g_free(rig->dir);
    g_free(rig);
}

/* ---- lists ---- */

void
booth_rig_add_list(BoothRig *rig, const char *name, const char *source)
{
    g_autofree char *from = g_strdup_printf("%s/%s.jsonl", rig->dir, name);
    g_autofree char *folder = path_in(rig, "lists");
    g_autofree char *to = list_folder_layer(folder, name);
    write_text(from, source);
    g_autoptr(DvWatchlistReport) report = NULL;
    g_autoptr(GError) error = NULL;
    dv_watchlist_build(from, NULL, to, &report, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(report->refused, ==, 0);
    list_folder_publish(folder);
}

void
booth_rig_add_demo_list(BoothRig *rig, const char *name, const char *action, gint64 expires_s)
{
    gint64 now = dv_clock_wall_us();
    gint64 expires = now + expires_s * G_USEC_PER_SEC;
    g_autofree char *made = dv_time_format(MIN(now, expires) - (gint64)3600 * G_USEC_PER_SEC);
    g_autofree char *end = dv_time_format(expires);
    g_autoptr(GDateTime) today = g_date_time_new_now_utc();
    g_autoptr(GDateTime) later = g_date_time_add_years(today, 1);
    g_autofree char *review = g_date_time_format(later, "%Y-%m-%d");
    g_autofree char *source = g_strdup_printf(
        "{\"list_id\":\"%s\",\"title\":\"Test list\",\"owner\":\"Test owner\",\"kind\":\"alerts\","
        "\"version\":3,\"generated_at\":\"%s\",\"stale_after\":\"%s\",\"expires_at\":\"%s\","
        "\"is_training\":%s,\"defaults\":{\"legal_basis\":\"Test act 1\",\"owner\":\"Test owner\","
        "\"purpose\":\"Test\",\"review_date\":\"%s\",\"action\":\"%s\"}}\n"
        "{\"alert_id\":\"P-1\",\"subject\":\"person\",\"surname\":\"MARLOWE\",\"given_names\":"
        "\"TESSA\",\"birth_date\":\"1985-03-14\"}\n"
        "{\"alert_id\":\"D-1\",\"subject\":\"document\",\"document_number\":\"X12345678\","
        "\"issuing_state\":\"UTO\",\"document_type\":\"P\"}\n",
        name, made, end, end, dv_config_bool(rig->config, "booth", "training") ? "true" : "false",
        review, action);
    booth_rig_add_list(rig, name, source);
}

/* ---- HTTP ---- */

typedef struct {
    guint16 port;
    char *request;
    GString *answer;
} Exchange;

static void
run_exchange(void *data)
{
    Exchange *exchange = data;
    exchange->answer = http_peer_exchange(exchange->port, exchange->request);
}

guint
booth_rig_http(BoothRig *rig, const char *method, const char *path, const json_t *body,
               const char *headers)
{
    g_autofree char *cookie =
        rig->cookie ? g_strdup_printf("Cookie: %s\r\n", rig->cookie) : g_strdup("");
    g_autofree char *csrf =
        rig->csrf ? g_strdup_printf("X-CSRF-Token: %s\r\n", rig->csrf) : g_strdup("");
    g_autofree char *host =
        headers && g_str_has_prefix(headers, "Host:")
            ? g_strdup("")
            : g_strdup_printf("Host: 127.0.0.1:%u\r\n", dv_booth_port(rig->booth));
    char *text = body ? json_dumps(body, JSON_COMPACT) : g_strdup("");
    Exchange exchange = {.port = dv_booth_port(rig->booth)};
    exchange.request = g_strdup_printf("%s %s HTTP/1.1\r\n%s%s%s%sConnection: close\r\n"
                                       "Content-Type: application/json\r\n"
                                       "Content-Length: %zu\r\n\r\n%s",
                                       method, path, host, headers ? headers : "", cookie, csrf,
                                       strlen(text), text);
    http_peer_with_loop(run_exchange, &exchange);
    g_free(exchange.request);
    free(text);
    forget_answer(rig);
    rig->raw = exchange.answer;
    const char *payload = strstr(rig->raw->str, "\r\n\r\n");
    if (payload)
        rig->answer = json_loads(payload + 4, 0, NULL);
    return http_peer_status(rig->raw);
}

guint
booth_rig_post(BoothRig *rig, const char *path, json_t *body)
{
    guint status = booth_rig_http(rig, "POST", path, body, NULL);
    json_decref(body);
    return status;
}

guint
booth_rig_get(BoothRig *rig, const char *path)
{
    return booth_rig_http(rig, "GET", path, NULL, NULL);
}

static const json_t *
member_at(const BoothRig *rig, const char *path)
{
    g_auto(GStrv) parts = g_strsplit(path, ".", 8);
    const json_t *at = rig->answer;
    for (guint i = 0; parts[i]; i++)
        at = json_is_array(at) ? json_array_get(at, (gsize)g_ascii_strtoull(parts[i], NULL, 10))
                               : json_object_get(at, parts[i]);
    return at;
}

const char *
booth_rig_text(const BoothRig *rig, const char *path)
{
    const char *text = json_string_value(member_at(rig, path));
    return text ? text : "";
}

gint64
booth_rig_int(const BoothRig *rig, const char *path)
{
    const json_t *value = member_at(rig, path);
    return json_is_boolean(value) ? json_is_true(value) : json_integer_value(value);
}

/* ---- the uplink's side ---- */

typedef struct {
    const char *socket, *method;
    GVariant *parameters, *answer;
    GError *error;
} Call;

static void
run_call(void *data)
{
    Call *call = data;
    g_autoptr(GDBusConnection) bus = dv_bus_connect(call->socket, 5000, &call->error);
    if (!bus)
        return;
    call->answer = g_dbus_connection_call_sync(
        bus, NULL, "/org/darvaza/Booth1", "org.darvaza.Booth1", call->method, call->parameters,
        NULL, G_DBUS_CALL_FLAGS_NONE, 5000, NULL, &call->error);
    g_dbus_connection_close_sync(bus, NULL, NULL);
}

GVariant *
booth_rig_call(BoothRig *rig, const char *method, GVariant *parameters, GError **error)
{
    g_autofree char *socket = path_in(rig, "booth.sock");
    Call call = {.socket = socket, .method = method, .parameters = parameters};
    http_peer_with_loop(run_call, &call);
    if (call.error) {
        dv_bus_restore_error(&call.error);
        g_propagate_error(error, call.error);
    }
    return call.answer;
}

void
booth_rig_deliver_accounts(BoothRig *rig, gint64 valid_s)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *hash = dv_password_hash_cost(BOOTH_RIG_PASSWORD, 64, 1, &error);
    g_assert_no_error(error);
    gint64 now = dv_clock_wall_us();
    DvAccount account = {.user = (char *)"o1",
                         .display = (char *)"Officer One",
                         .role = (char *)"officer",
                         .password = hash,
                         .valid_until_us = now + valid_s * G_USEC_PER_SEC};
    /* Issued before it ends, also when it ended before now. */
    DvAccountsIssue issue = {.kiosk = "KSK-1",
                             .checkpoint = "XXTST",
                             .issued_us = MIN(now, account.valid_until_us) - 10 * G_USEC_PER_SEC,
                             .expires_us = MAX(account.valid_until_us, now + 60 * G_USEC_PER_SEC),
                             .accounts = &account,
                             .count = 1};
    g_autoptr(GBytes) bundle = dv_accounts_make(&issue, rig->keys->opener_key, &error);
    g_assert_no_error(error);
    GVariant *bytes = g_variant_new_fixed_array(G_VARIANT_TYPE_BYTE, g_bytes_get_data(bundle, NULL),
                                                g_bytes_get_size(bundle), 1);
    g_autoptr(GVariant) answer =
        booth_rig_call(rig, "DeliverAccounts", g_variant_new("(@ay)", bytes), &error);
    g_assert_no_error(error);
}

guint
booth_rig_sign_in(BoothRig *rig, const char *password)
{
    guint status = booth_rig_post(rig, "/api/sign-in",
                                  json_pack("{s:s, s:s}", "user", "o1", "password", password));
    if (status != 200)
        return status;
    const char *mark = strstr(rig->raw->str, "darvaza-session=");
    g_assert_nonnull(mark);
    g_free(rig->cookie);
    rig->cookie = g_strndup(mark, strcspn(mark, ";\r"));
    g_free(rig->csrf);
    rig->csrf = g_strdup(booth_rig_text(rig, "csrf"));
    return status;
}

/* ---- the lane ---- */

void
booth_rig_wait_lane(BoothRig *rig, const char *word)
{
    gint64 end = g_get_monotonic_time() + WAIT_US;
    for (;;) {
        g_assert_cmpuint(booth_rig_get(rig, "/api/state"), ==, 200);
        if (g_str_equal(booth_rig_text(rig, "lane"), word))
            return;
        g_assert_cmpint(g_get_monotonic_time(), <, end);
        g_usleep(2000);
    }
}

void
booth_rig_wait_notice(BoothRig *rig, const char *code)
{
    gint64 end = g_get_monotonic_time() + WAIT_US;
    for (;;) {
        g_assert_cmpuint(booth_rig_get(rig, "/api/state"), ==, 200);
        if (g_str_equal(booth_rig_text(rig, "notice"), code))
            return;
        g_assert_cmpint(g_get_monotonic_time(), <, end);
        g_usleep(2000);
    }
}

void
booth_rig_lay(BoothRig *rig, const char *const *lines)
{
    fake_devices_lay(rig->devices, 0, lines);
    booth_rig_wait_lane(rig, "deciding");
}

char **
booth_rig_zone(const char *surname, const char *given, const char *number, const char *birth_yymmdd,
               const char *expiry_yymmdd)
{
    const DvMrzFields fields = {
        .format = DV_MRZ_TD3,
        .document_code = "P",
        .issuing_state = "UTO",
        .nationality = "UTO",
        .surname = surname,
        .given_names = given,
        .document_number = number,
        .birth_date = birth_yymmdd,
        .expiry_date = expiry_yymmdd,
        .sex = "F",
    };
    g_autoptr(GError) error = NULL;
    char **lines = dv_mrz_compose(&fields, &error);
    g_assert_no_error(error);
    return lines;
}
