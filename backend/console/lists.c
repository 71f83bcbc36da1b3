// SPDX-License-Identifier: Apache-2.0
/* List releases: the console relays to the opener, which knows the person and judges, and lays what
 * comes back where booths fetch it. */
#include "private.h"

#include <darvaza/error.h>
#include <darvaza/log.h>
#include <string.h>

#define DRY_RUN_CROSSINGS 1000
#define DRY_RUN_BYTES (32u << 20) /* of crossings in one question to the opener */
#define DRY_RUN_MS 90000
#define REASON_MAX 500
#define RENEW_S 60

static gboolean
has_lists(DvVisit *visit)
{
    if (visit->console->lists)
        return TRUE;
    dv_request_error(visit->request, 503, "unavailable",
                     "No lists are served here: the configuration names no repository.");
    return FALSE;
}

/* {release} of the path into visit->release. */
static gboolean
read_release(DvVisit *visit)
{
    const char *text = dv_request_param(visit->request, "release");
    guint64 value = 0;
    if (!has_lists(visit))
        return FALSE;
    if (!text || text[0] == '0' ||
        !g_ascii_string_to_unsigned(text, 10, 1, G_MAXINT32, &value, NULL)) {
        dv_request_error(visit->request, 400, "invalid", "A release is named by its number.");
        return FALSE;
    }
    visit->release = (gint64)value;
    return TRUE;
}

static GBytes *
bytes_at(GVariant *reply, gsize index)
{
    g_autoptr(GVariant) child = g_variant_get_child_value(reply, index);
    return g_variant_get_data_as_bytes(child);
}

static void
on_json(GVariant *reply, const GError *error, void *data)
{
    DvVisit *visit = data;
    if (error) {
        dv_visit_fail(visit, error);
        return;
    }
    g_autoptr(json_t) json = dv_visit_reply_json(visit, reply);
    if (json)
        dv_request_reply_json(visit->request, 200, json);
}

void
dv_visit_lists(DvVisit *visit)
{
    if (has_lists(visit))
        dv_opener_client_call(visit->opener, "ListReleases", g_variant_new("(s)", visit->token),
                              "(s)", on_json, visit);
}

void
dv_visit_list_open(DvVisit *visit)
{
    if (read_release(visit))
        dv_opener_client_call(visit->opener, "ListOpen",
                              g_variant_new("(sx)", visit->token, visit->release), "(s)", on_json,
                              visit);
}

void
dv_visit_list_rows(DvVisit *visit)
{
    const char *reason = NULL;
    gint64 after = 0;
    g_autoptr(GError) error = NULL;
    if (!read_release(visit) || !dv_visit_read_reason(visit, &reason))
        return;
    const char *list_id = dv_json_string(visit->input, "list_id", 32, "request", &error);
    if (!list_id || !dv_json_int(visit->input, "after", 0, G_MAXINT32, &after, "request", &error)) {
        dv_visit_fail(visit, error);
        return;
    }
    dv_opener_client_call(
        visit->opener, "ListRows",
        g_variant_new("(sxsxs)", visit->token, visit->release, list_id, after, reason), "(s)",
        on_json, visit);
}

static void
on_payload(GVariant *reply, const GError *error, void *data)
{
    DvVisit *visit = data;
    if (error) {
        dv_visit_fail(visit, error);
        return;
    }
    g_autoptr(GBytes) file = bytes_at(reply, 0);
    g_autofree char *name = g_strdup_printf(
        "attachment; filename=\"release-%" G_GINT64_FORMAT ".json\"", visit->release);
    dv_request_add_header(visit->request, "Content-Disposition", name);
    dv_request_reply(visit->request, 200, "application/json", file);
}

/* What a signer signs, to be carried to the machine that has the key: of the opener, which logs who
 * took it. */
void
dv_visit_list_payload(DvVisit *visit)
{
    if (read_release(visit))
        dv_opener_client_call(visit->opener, "ListPayload",
                              g_variant_new("(sx)", visit->token, visit->release), "(ay)",
                              on_payload, visit);
}

void
dv_visit_list_sign(DvVisit *visit)
{
    g_autoptr(GError) error = NULL;
    if (!read_release(visit))
        return;
    visit->input = dv_request_json(visit->request);
    if (!visit->input)
        return;
    const char *text =
        dv_json_string(visit->input, "signature", DV_TRUST_SIGNATURE_MAX, "request", &error);
    if (!text) {
        dv_request_error(visit->request, 400, "invalid",
                         "That is not a signature file: it is a short text that `darvaza watchlist "
                         "sign` has written.");
        return;
    }
    g_autoptr(GBytes) bytes = g_bytes_new(text, strlen(text));
    dv_opener_client_call(
        visit->opener, "ListSign",
        g_variant_new("(sx@ay)", visit->token, visit->release, dv_bytes_variant(bytes)), "(s)",
        on_json, visit);
}

/* ---- dry run ---- */

/* The newest crossings, as many as fit; NULL with the answer given. */
static GVariant *
recent_records(DvVisit *visit)
{
    g_autoptr(GError) error = NULL;
    DvStore *store = visit->console->store;
    gint64 newest = 0;
    gsize bytes = 0;
    if (!dv_store_last_number(store, &newest, &error)) {
        dv_visit_fail(visit, error);
        return NULL;
    }
    GVariantBuilder builder;
    g_variant_builder_init(&builder, G_VARIANT_TYPE("aay"));
    gint64 after = MAX(newest - DRY_RUN_CROSSINGS, 0);
    while (after < newest && bytes < DRY_RUN_BYTES) {
        g_autoptr(GPtrArray) records = dv_store_records_since(store, after, 256, &error);
        if (!records) {
            g_variant_builder_clear(&builder);
            dv_visit_fail(visit, error);
            return NULL;
        }
        if (records->len == 0)
            break;
        for (guint i = 0; i < records->len && bytes < DRY_RUN_BYTES; i++) {
            const DvStoredRecord *record = records->pdata[i];
            bytes += g_bytes_get_size(record->wire);
            after = record->number;
            g_variant_builder_add_value(&builder, dv_bytes_variant(record->wire));
        }
    }
    return g_variant_builder_end(&builder);
}

void
dv_visit_list_dry_run(DvVisit *visit)
{
    const char *reason = NULL;
    if (!read_release(visit) || !dv_visit_read_reason(visit, &reason))
        return;
    GVariant *records = recent_records(visit);
    if (records)
        dv_opener_client_call_for(
            visit->opener, DRY_RUN_MS, "ListDryRun",
            g_variant_new("(sx@aays)", visit->token, visit->release, records, reason), "(s)",
            on_json, visit);
}

/* ---- in force ---- */

/* Lays what the opener says stands. Nothing stands: nothing to do. */
static gboolean
lay_in_force(DvConsole *console, GVariant *reply, GError **error)
{
    g_autoptr(GVariant) number = g_variant_get_child_value(reply, 0);
    g_autoptr(GBytes) file = bytes_at(reply, 1);
    g_autoptr(GBytes) timestamp = bytes_at(reply, 2);
    gint64 release = g_variant_get_int64(number);
    return release == 0 || dv_lists_publish(console->lists, release, file, timestamp, error);
}

static void
on_in_force(GVariant *reply, const GError *error, void *data)
{
    DvVisit *visit = data;
    g_autoptr(GError) why = NULL;
    if (error) {
        dv_visit_fail(visit, error);
        return;
    }
    if (lay_in_force(visit->console, reply, &why)) {
        dv_visit_done(visit);
        return;
    }
    dv_log_warning("console: %s", why->message);
    dv_request_error(visit->request, 500, "io",
                     "The step is recorded, but its files cannot be written where booths fetch "
                     "them: the centre tries again every minute. Tell the administrator: %s",
                     why->message);
}

void
dv_visit_list_put_in_force(DvVisit *visit)
{
    const char *reason = NULL;
    g_autoptr(GError) error = NULL;
    if (!read_release(visit) || !dv_visit_read_reason(visit, &reason))
        return;
    /* A booth that hears of a release must be able to fetch it. */
    if (!dv_lists_is_complete(visit->console->lists, visit->release, &error)) {
        dv_visit_fail(visit, error);
        return;
    }
    dv_opener_client_call(visit->opener, "ListPutInForce",
                          g_variant_new("(sxs)", visit->token, visit->release, reason), "(xayay)",
                          on_in_force, visit);
}

/* The canary booths are there to be waited for. Whoever goes on without them says so, and why. */
static char *
canaries_missing(DvVisit *visit, gint64 percent)
{
    g_autoptr(GError) error = NULL;
    if (percent == 0)
        return g_strdup("");
    g_autofree char *missing = dv_list_canaries_missing(visit->console, &error);
    if (!missing)
        dv_visit_fail(visit, error);
    else if (*missing && !json_is_true(json_object_get(visit->input, "despite_canaries")))
        dv_request_error(visit->request, 409, "canaries",
                         "Canary booths do not have this release: %s. Wait for them or halt; to go "
                         "on all the same, confirm it with the reason.",
                         missing);
    else
        return g_steal_pointer(&missing);
    return NULL;
}

void
dv_visit_list_step(DvVisit *visit)
{
    const char *reason = NULL;
    gint64 percent = 0;
    g_autoptr(GError) error = NULL;
    if (!read_release(visit) || !dv_visit_read_reason(visit, &reason))
        return;
    if (!dv_json_int(visit->input, "percent", 0, 100, &percent, "request", &error)) {
        dv_visit_fail(visit, error);
        return;
    }
    g_autofree char *despite = canaries_missing(visit, percent);
    if (despite)
        dv_opener_client_call(
            visit->opener, "ListStep",
            g_variant_new("(sxuss)", visit->token, visit->release, (guint)percent, despite, reason),
            "(xayay)", on_in_force, visit);
}

/* The clock ran far past the last timestamp: a person says which day it is. */
void
dv_visit_list_clock(DvVisit *visit)
{
    const char *reason = NULL;
    g_autoptr(GError) error = NULL;
    if (!has_lists(visit) || !dv_visit_read_reason(visit, &reason))
        return;
    const char *date = dv_json_string(visit->input, "date", 10, "request", &error);
    if (!date) {
        dv_visit_fail(visit, error);
        return;
    }
    dv_opener_client_call(visit->opener, "ListConfirmClock",
                          g_variant_new("(sss)", visit->token, date, reason), "(xayay)",
                          on_in_force, visit);
}

/* ---- the timestamp goes on without anybody ---- */

static void
on_timestamp(GVariant *reply, const GError *error, void *data)
{
    DvConsole *console = data;
    g_autoptr(GError) why = NULL;
    console->renewing = FALSE;
    if (!error && lay_in_force(console, reply, &why)) {
        console->renew_failed = FALSE;
        return;
    }
    if (!console->renew_failed) /* once, not every minute */
        dv_log_warning("console: the lists' timestamp was not renewed: %s",
                       why ? why->message : error->message);
    console->renew_failed = TRUE;
}

static gboolean
renew(void *data)
{
    DvConsole *console = data;
    if (!console->renewing) {
        console->renewing = TRUE;
        dv_opener_client_call(console->centre, "ListTimestamp", NULL, "(xayay)", on_timestamp,
                              console);
    }
    return G_SOURCE_CONTINUE;
}

gboolean
dv_console_lists_start(DvConsole *console, const char *repository, GError **error)
{
    if (!repository || !*repository)
        return TRUE;
    console->lists = dv_lists_repository_open(repository, error);
    if (!console->lists)
        return FALSE;
    console->renew_timer = g_timeout_add_seconds(RENEW_S, renew, console);
    renew(console);
    return TRUE;
}
