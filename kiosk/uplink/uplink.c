// SPDX-License-Identifier: Apache-2.0
/* When to do what: records first, then heartbeat, answers, accounts and lists as they fall due. */
#include "backoff.h"
#include "booth_link.h"
#include "centre_link.h"
#include "lists_duty.h"
#include <darvaza/clock.h>
#include <darvaza/crypto.h>
#include <darvaza/error.h>
#include <darvaza/fault.h>
#include <darvaza/log.h>
#include <darvaza/uplink.h>

#define RECORDS_AT_ONCE 16u
/* A pass ends after so many, so that heartbeats go out while a long backlog drains. */
#define RECORDS_PER_PASS 256u

const DvConfigKey dv_uplink_keys[] = {
    {"booth", "socket", DV_CONFIG_PATH, NULL, 0, 0, "the booth's socket (org.darvaza.Booth1)"},
    {"centre", "url", DV_CONFIG_STRING, NULL, 0, 0, "https://host:port of the centre's ingest"},
    {"centre", "ca", DV_CONFIG_PATH, NULL, 0, 0, "PEM: the only authority the centre may have"},
    {"centre", "cert", DV_CONFIG_PATH, NULL, 0, 0, "PEM: this kiosk's connection certificate"},
    {"centre", "key", DV_CONFIG_PATH, NULL, 0, 0, "PEM: its key"},
    {"centre", "connect_timeout_ms", DV_CONFIG_INT, "3000", 50, 60000, "to connect"},
    {"centre", "timeout_ms", DV_CONFIG_INT, "15000", 100, 120000, "for a whole request"},
    {"uplink", "retry_min_ms", DV_CONFIG_INT, "500", 1, 60000, "shortest wait after a failure"},
    {"uplink", "retry_max_ms", DV_CONFIG_INT, "30000", 1, 3600000, "longest wait after failures"},
    {"uplink", "heartbeat_ms", DV_CONFIG_INT, "15000", 50, 3600000, "between heartbeats"},
    {"uplink", "answers_ms", DV_CONFIG_INT, "2000", 50, 3600000, "between looks for answers"},
    {"uplink", "accounts_ms", DV_CONFIG_INT, "60000", 50, 3600000, "between looks for accounts"},
    {"uplink", "lists_ms", DV_CONFIG_INT, "5000", 50, 3600000,
     "between looks for what darvaza-lists wants; it also says so itself"},
    {"lists", "socket", DV_CONFIG_PATH, "", 0, 0,
     "the socket of darvaza-lists (org.darvaza.Lists1); empty: none"},
    {NULL},
};

typedef gboolean (*Duty)(DvUplink *uplink, GError **error);

typedef enum { DUTY_HEARTBEAT, DUTY_ANSWERS, DUTY_ACCOUNTS, DUTY_LISTS, N_DUTIES } DutyId;

struct DvUplink {
    BoothLink *booth;
    CentreLink *centre;
    ListsLink *lists; /* NULL: no such service here */
    Backoff backoff;
    guint timer; /* GSource of the next pass */
    gboolean waiting_after_failure;
    gboolean more;             /* the last pass left records behind */
    gboolean more_lists;       /* or pieces of lists */
    gint64 every_us[N_DUTIES]; /* how often */
    gint64 due_us[N_DUTIES];   /* when next, monotonic */
    char *last_failure;        /* said in the log once, until it changes */
};

/* ---- records */

static gboolean
carry_record(DvUplink *uplink, GVariant *record, GError **error)
{
    guint64 epoch = 0, seq = 0;
    g_autoptr(GVariant) wire = NULL;
    g_variant_get(record, "(tt@ay)", &epoch, &seq, &wire);
    gsize length = 0;
    const void *data = g_variant_get_fixed_array(wire, &length, 1);
    DV_FAULT_POINT("uplink.sending");
    g_autoptr(GBytes) receipt = centre_link_put_record(uplink->centre, data, length, error);
    DV_FAULT_POINT("uplink.sent");
    if (receipt == NULL || !booth_link_deliver_receipt(uplink->booth, receipt, error)) {
        g_prefix_error(error, "record %" G_GUINT64_FORMAT "/%" G_GUINT64_FORMAT ": ", epoch, seq);
        return FALSE;
    }
    DV_FAULT_POINT("uplink.delivered");
    return TRUE;
}

static gboolean
carry_records(DvUplink *uplink, GError **error)
{
    guint carried = 0;
    uplink->more = FALSE;
    while (carried < RECORDS_PER_PASS) {
        g_autoptr(GVariant) records =
            booth_link_next_records(uplink->booth, RECORDS_AT_ONCE, error);
        if (records == NULL)
            return FALSE;
        gsize n = g_variant_n_children(records);
        if (n == 0)
            return TRUE;
        for (gsize i = 0; i < n; i++) {
            g_autoptr(GVariant) record = g_variant_get_child_value(records, i);
            if (!carry_record(uplink, record, error))
                return FALSE;
        }
        carried += (guint)n;
    }
    uplink->more = TRUE;
    return TRUE;
}

/* ---- what comes in */

static gboolean
do_heartbeat(DvUplink *uplink, GError **error)
{
    g_autoptr(GBytes) heartbeat = booth_link_make_heartbeat(uplink->booth, error);
    if (heartbeat == NULL)
        return FALSE;
    g_autoptr(GBytes) answer = centre_link_heartbeat(uplink->centre, heartbeat, error);
    return answer != NULL && booth_link_deliver_heartbeat_answer(uplink->booth, answer, error);
}

static gboolean
do_answers(DvUplink *uplink, GError **error)
{
    guint64 last = 0;
    if (!booth_link_answer_cursor(uplink->booth, &last, error))
        return FALSE;
    g_autoptr(GPtrArray) answers = centre_link_answers(uplink->centre, last, error);
    if (answers == NULL)
        return FALSE;
    for (guint i = 0; i < answers->len; i++) {
        const CentreAnswer *answer = answers->pdata[i];
        if (!booth_link_deliver_answer(uplink->booth, answer->number, answer->answer, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean
do_accounts(DvUplink *uplink, GError **error)
{
    g_autofree char *held = booth_link_accounts_version(uplink->booth, error);
    g_autoptr(GBytes) bundle = NULL;
    if (held == NULL || !centre_link_accounts(uplink->centre, held, &bundle, error))
        return FALSE;
    return bundle == NULL || booth_link_deliver_accounts(uplink->booth, bundle, error);
}

static gboolean
do_lists(DvUplink *uplink, GError **error)
{
    return uplink->lists == NULL ||
           lists_duty(uplink->lists, uplink->centre, &uplink->more_lists, error);
}

static const Duty duties[N_DUTIES] = {
    [DUTY_HEARTBEAT] = do_heartbeat,
    [DUTY_ANSWERS] = do_answers,
    [DUTY_ACCOUNTS] = do_accounts,
    [DUTY_LISTS] = do_lists,
};

/* A duty that the booth or the centre refuses is tried again at its next turn; only trouble with
 * the connection ends the pass. */
static gboolean
is_connection_trouble(const GError *error)
{
    return error->domain != DV_ERROR || error->code == DV_ERROR_UNAVAILABLE;
}

static gboolean
do_duties(DvUplink *uplink, GError **error)
{
    for (int i = 0; i < N_DUTIES; i++) {
        g_autoptr(GError) problem = NULL;
        if (dv_clock_mono_us() < uplink->due_us[i])
            continue;
        if (!duties[i](uplink, &problem)) {
            if (is_connection_trouble(problem)) {
                g_propagate_error(error, g_steal_pointer(&problem));
                return FALSE;
            }
            dv_log_warning("%s", problem->message);
        }
        uplink->due_us[i] = dv_clock_mono_us() + uplink->every_us[i];
    }
    if (uplink->more_lists)
        uplink->due_us[DUTY_LISTS] = dv_clock_mono_us();
    return TRUE;
}

/* ---- the pass */

static gboolean run_pass(void *data);

static void
schedule(DvUplink *uplink, guint ms)
{
    if (uplink->timer != 0)
        g_source_remove(uplink->timer);
    uplink->timer = g_timeout_add(ms, run_pass, uplink);
}

static guint
ms_until_next_duty(const DvUplink *uplink)
{
    gint64 next = G_MAXINT64;
    for (int i = 0; i < N_DUTIES; i++)
        next = MIN(next, uplink->due_us[i]);
    gint64 left = next - dv_clock_mono_us();
    return left <= 0 ? 0 : (guint)(left / 1000 + 1);
}

/* Said once in the log, until it changes. */
static void
say_failure(DvUplink *uplink, const GError *error)
{
    if (g_strcmp0(uplink->last_failure, error->message) == 0)
        return;
    dv_log_warning("%s; trying again, at the latest every %u s", error->message,
                   MAX(uplink->backoff.max_ms / 1000, 1));
    g_free(uplink->last_failure);
    uplink->last_failure = g_strdup(error->message);
}

static void
say_success(DvUplink *uplink)
{
    if (uplink->last_failure != NULL)
        dv_log_info("the way to the centre is open again");
    g_clear_pointer(&uplink->last_failure, g_free);
    backoff_reset(&uplink->backoff);
}

/* TRUE: the centre was reached. A record that the centre or the booth refuses holds up the records
 * behind it (they are a chain) but not heartbeats, answers and accounts; *refusal then says why. */
static gboolean
carry(DvUplink *uplink, GError **refusal, GError **error)
{
    g_autoptr(GError) problem = NULL;
    if (!booth_link_connect(uplink->booth, error))
        return FALSE;
    if (!carry_records(uplink, &problem)) {
        GError **place = is_connection_trouble(problem) ? error : refusal;
        g_propagate_error(place, g_steal_pointer(&problem));
        if (place == error)
            return FALSE;
    }
    return do_duties(uplink, error) &&
           booth_link_set_link(uplink->booth, TRUE,
                               *refusal != NULL ? (*refusal)->message : "the centre answers",
                               error);
}

static gboolean
run_pass(void *data)
{
    DvUplink *uplink = data;
    g_autoptr(GError) refusal = NULL;
    g_autoptr(GError) error = NULL;
    uplink->timer = 0;
    gboolean reached = carry(uplink, &refusal, &error);
    uplink->waiting_after_failure = !reached || refusal != NULL;
    if (uplink->waiting_after_failure) {
        guint32 random32 = 0;
        dv_random(&random32, sizeof random32);
        say_failure(uplink, reached ? refusal : error);
        if (!reached)
            booth_link_set_link(uplink->booth, FALSE, error->message, NULL);
        schedule(uplink, backoff_next(&uplink->backoff, random32));
        return G_SOURCE_REMOVE;
    }
    say_success(uplink);
    schedule(uplink, uplink->more ? 0 : ms_until_next_duty(uplink));
    return G_SOURCE_REMOVE;
}

static void
on_pending(void *data)
{
    DvUplink *uplink = data;
    if (!uplink->waiting_after_failure)
        schedule(uplink, 0);
}

static void
on_wanted(void *data)
{
    DvUplink *uplink = data;
    uplink->due_us[DUTY_LISTS] = dv_clock_mono_us();
    if (!uplink->waiting_after_failure)
        schedule(uplink, 0);
}

DvUplink *
dv_uplink_new(const DvConfig *config, GError **error)
{
    g_autoptr(DvUplink) uplink = g_new0(DvUplink, 1);
    uplink->backoff.min_ms = (guint)dv_config_int(config, "uplink", "retry_min_ms");
    uplink->backoff.max_ms = (guint)dv_config_int(config, "uplink", "retry_max_ms");
    uplink->every_us[DUTY_HEARTBEAT] = dv_config_int(config, "uplink", "heartbeat_ms") * 1000;
    uplink->every_us[DUTY_ANSWERS] = dv_config_int(config, "uplink", "answers_ms") * 1000;
    uplink->every_us[DUTY_ACCOUNTS] = dv_config_int(config, "uplink", "accounts_ms") * 1000;
    uplink->every_us[DUTY_LISTS] = dv_config_int(config, "uplink", "lists_ms") * 1000;
    const char *lists = dv_config_string(config, "lists", "socket");
    if (*lists != '\0')
        uplink->lists = lists_link_new(lists, on_wanted, uplink);
    uplink->booth = booth_link_new(dv_config_string(config, "booth", "socket"), on_pending, uplink);
    uplink->centre = centre_link_new(config, error);
    if (uplink->centre == NULL)
        return NULL;
    schedule(uplink, 0);
    return g_steal_pointer(&uplink);
}

void
dv_uplink_free(DvUplink *uplink)
{
    if (uplink == NULL)
        return;
    if (uplink->timer != 0)
        g_source_remove(uplink->timer);
    booth_link_free(uplink->booth);
    centre_link_free(uplink->centre);
    lists_link_free(uplink->lists);
    g_free(uplink->last_failure);
    g_free(uplink);
}
