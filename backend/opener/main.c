// SPDX-License-Identifier: Apache-2.0
/* darvaza-opener: settings and lifecycle; everything else is the library's. */
#include <darvaza/daemon.h>
#include <darvaza/error.h>
#include <darvaza/opener.h>
#include <string.h>

#define GROUP "opener"

static const DvConfigKey keys[] = {
    {GROUP, "mode", DV_CONFIG_STRING, "centre", 0, 0,
     "centre: opens records and judges decisions; protection: the protection unit's own"},
    {GROUP, "state", DV_CONFIG_PATH, NULL, 0, 0,
     "folder of opener.db: accounts, sessions, audit log"},
    {GROUP, "socket", DV_CONFIG_PATH, NULL, 0, 0, "unix socket for darvaza-backend"},
    {GROUP, "client_uid", DV_CONFIG_USER, "", 0, 0,
     "user (name or number) of darvaza-backend; empty: only the own user and root"},
    {GROUP, "keys", DV_CONFIG_PATH, NULL, 0, 0,
     "folder of the private keys (pki centre/ or protection/)"},
    {GROUP, "trust", DV_CONFIG_PATH, NULL, 0, 0, "folder of the trusted certificates (pki trust/)"},
    {GROUP, "protection_socket", DV_CONFIG_PATH, "", 0, 0,
     "centre: the protection unit's hold_socket; without it nothing can be refused"},
    {GROUP, "hold_socket", DV_CONFIG_PATH, "", 0, 0,
     "protection: unix socket on which the centre's opener asks whether a crossing is held"},
    {GROUP, "hold_client_uid", DV_CONFIG_USER, "", 0, 0,
     "protection: user (name or number) of the centre's opener; empty: only the own user and root"},
    {GROUP, "grounds", DV_CONFIG_PATH, "", 0, 0,
     "national table of refusal grounds (JSON); default: Schengen Borders Code, Annex V part B"},
    {GROUP, "idle_s", DV_CONFIG_INT, "900", 60, 86400, "a session ends after this long unused"},
    {GROUP, "session_s", DV_CONFIG_INT, "43200", 300, 604800, "a session ends after this long"},
    {"lists", "repository", DV_CONFIG_PATH, "", 0, 0,
     "centre: folder of list releases and drafts; empty: no part in lists"},
    {"lists", "trust", DV_CONFIG_PATH, "", 0, 0,
     "folder with root.json, the newest root that this opener trusts"},
    {"lists", "timestamp_key", DV_CONFIG_PATH, "", 0, 0,
     "PEM: Ed25519 key that signs timestamps; empty: this opener puts nothing in force"},
    {"lists", "timestamp_hours", DV_CONFIG_INT, "24", 1, 168, "a timestamp ends after this long"},
    {"lists", "dry_run_least", DV_CONFIG_INT, "20", 1, 2000,
     "crossings below which a dry run tells nothing, lest it point at one traveller"},
    {NULL, NULL, DV_CONFIG_STRING, NULL, 0, 0, NULL},
};

static gboolean
start(const DvConfig *config, void **state, GError **error)
{
    const char *mode = dv_config_string(config, GROUP, "mode");
    gboolean protection = strcmp(mode, "protection") == 0;
    if (!protection && strcmp(mode, "centre") != 0) {
        g_set_error(error, DV_ERROR, DV_ERROR_CONFIG,
                    "[opener] mode: it must be centre or protection, not %s", mode);
        return FALSE;
    }
    const DvOpenerOptions options = {
        .mode = protection ? DV_OPENER_PROTECTION : DV_OPENER_CENTRE,
        .state_dir = dv_config_string(config, GROUP, "state"),
        .socket = dv_config_string(config, GROUP, "socket"),
        .client_uid = dv_config_user(config, GROUP, "client_uid"),
        .keys_dir = dv_config_string(config, GROUP, "keys"),
        .trust_dir = dv_config_string(config, GROUP, "trust"),
        .protection_socket = dv_config_string(config, GROUP, "protection_socket"),
        .hold_socket = dv_config_string(config, GROUP, "hold_socket"),
        .hold_client_uid = dv_config_user(config, GROUP, "hold_client_uid"),
        .grounds_file = dv_config_string(config, GROUP, "grounds"),
        .lists_repository = dv_config_string(config, "lists", "repository"),
        .lists_trust = dv_config_string(config, "lists", "trust"),
        .timestamp_key = dv_config_string(config, "lists", "timestamp_key"),
        .timestamp_hours = (guint)dv_config_int(config, "lists", "timestamp_hours"),
        .dry_run_least = (guint)dv_config_int(config, "lists", "dry_run_least"),
        .idle_s = (guint)dv_config_int(config, GROUP, "idle_s"),
        .session_s = (guint)dv_config_int(config, GROUP, "session_s"),
    };
    *state = dv_opener_new(&options, error);
    return *state != NULL;
}

static void
stop(void *state)
{
    dv_opener_free(state);
}

int
main(int argc, char **argv)
{
    const DvDaemon daemon = {
        .name = "darvaza-opener",
        .summary = "Opens sealed records for authorised people, and judges their decisions",
        .keys = keys,
        .start = start,
        .stop = stop,
    };
    return dv_daemon_main(&daemon, argc, argv);
}
