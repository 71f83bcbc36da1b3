// SPDX-License-Identifier: Apache-2.0
/* darvaza watchlist status: how a repository or a kiosk's lists stand. */
#include "commands.h"
#include "list_repo.h"
#include "list_signer.h"
#include "watchlist_tool.h"
#include <darvaza/clock.h>
#include <darvaza/error.h>
#include <darvaza/watchlist.h>
#include <stdio.h>
#include <string.h>

#define HOUR_US (G_GINT64_CONSTANT(3600) * G_USEC_PER_SEC)
#define STATUS_MAX 65536

static const char help[] =
    "Usage: darvaza watchlist status --repository DIR\n"
    "       darvaza watchlist status --lists FOLDER [--training]\n"
    "\n"
    "--repository  the newest root, release and timestamp, until when each is good, the lists "
    "with\n"
    "              version and age, and the drafts with their signatures.\n"
    "--lists       what a kiosk's folder of lists has in force, and what it last said.\n"
    "\n"
    "Exit status: 0 all is in order, 1 something has expired, is missing or cannot be read, 2 bad "
    "use.\n";

/* "good until T (in 5 h)" or "EXPIRED at T"; FALSE when expired. */
static gboolean
print_until(gint64 expires_us)
{
    gint64 now = dv_clock_wall_us(), hours = (expires_us - now) / HOUR_US;
    g_autofree char *at = dv_time_format(expires_us);
    if (expires_us <= now)
        printf("EXPIRED at %s\n", at);
    else if (hours < 72)
        printf("good until %s (%" G_GINT64_FORMAT " h)\n", at, hours);
    else
        printf("good until %s (%" G_GINT64_FORMAT " days)\n", at, hours / 24);
    return expires_us > now;
}

/* ---- repository */

static gboolean
print_list(const ListRepo *repo, const DvTrustList *list)
{
    g_autofree char *name = g_strdup_printf("statement/%s.json", list->statement_sha256);
    g_autofree char *path = list_repo_path(repo, name);
    g_autoptr(GBytes) file = dv_list_read(path, DV_TRUST_STATEMENT_MAX, NULL);
    g_autoptr(DvTrustStatement) statement = file ? dv_trust_statement_read(file, NULL, NULL) : NULL;
    printf("  list %s, version %" G_GINT64_FORMAT, list->list_id, list->version);
    if (!statement) {
        puts(": the owner's statement is missing or damaged");
        return FALSE;
    }
    gint64 age = (dv_clock_wall_us() - statement->generated_us) / HOUR_US;
    printf(", %" G_GINT64_FORMAT " alerts, %" G_GINT64_FORMAT " h old\n    state hash %s\n",
           statement->rows, age, statement->state_hash);
    printf("    whole list of version %" G_GINT64_FORMAT " and %u updates\n", list->full.to,
           list->deltas->len);
    printf("    owner's statement: ");
    gboolean good = print_until(statement->expires_us);
    printf("    the list itself:   ");
    return print_until(statement->list_expires_us) && good;
}

static gboolean
print_release(const ListRepo *repo)
{
    gboolean good;
    if (!repo->release) {
        puts("release: none yet");
        return FALSE;
    }
    printf("release %" G_GINT64_FORMAT "%s: ", repo->release->release,
           repo->release->urgent ? ", urgent" : "");
    good = print_until(repo->release->expires_us);
    for (guint i = 0; i < repo->release->lists->len; i++)
        good = print_list(repo, g_ptr_array_index(repo->release->lists, i)) && good;
    return good;
}

static gboolean
print_timestamp(const ListRepo *repo)
{
    const DvTrustTimestamp *timestamp = repo->timestamp;
    if (!timestamp) {
        puts("timestamp: none yet: kiosks learn of no release");
        return FALSE;
    }
    printf("timestamp: release %" G_GINT64_FORMAT " for %u %% of the kiosks, ",
           timestamp->current.release, timestamp->percent);
    return print_until(timestamp->expires_us);
}

static void
print_draft(const ListRepo *repo, gint64 number)
{
    guint have = 0, need = 0;
    g_autofree char *path = list_repo_draft(repo, number, "release.json");
    g_autoptr(GBytes) file = dv_list_read(path, DV_TRUST_RELEASE_MAX, NULL);
    if (!file)
        return;
    dv_trust_signed_by(file, repo->root, DV_TRUST_ROLE_RELEASE, NULL, &have, &need, NULL, NULL);
    printf("draft of release %" G_GINT64_FORMAT ": %u of %u necessary signatures\n", number, have,
           need);
}

static int
show_repository(const char *dir)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(ListRepo) repo = list_repo_open(dir, &error);
    if (!repo || !list_repo_needs_root(repo, &error))
        return dv_watchlist_tool_failed(error);
    printf("root %" G_GINT64_FORMAT ": ", repo->root->version);
    gboolean good = print_until(repo->root->expires_us);
    good = print_timestamp(repo) && good;
    good = print_release(repo) && good;
    gint64 stands = repo->release ? repo->release->release : 0;
    for (gint64 i = stands + 1; i <= repo->last_number; i++)
        print_draft(repo, i);
    return good ? DV_EXIT_OK : DV_EXIT_FAILED;
}

/* ---- a kiosk's folder */

static gboolean
print_trust(const char *folder, GError **error)
{
    g_autofree char *path = g_build_filename(folder, "trust", NULL);
    g_autoptr(DvTrust) trust = dv_trust_load(path, error);
    if (!trust)
        return FALSE;
    const DvTrustNumbers numbers = dv_trust_numbers(trust);
    printf("trusts root %" G_GINT64_FORMAT ", ", numbers.epoch);
    gboolean good = print_until(dv_trust_root(trust)->expires_us);
    g_autofree char *last =
        numbers.last_good_us ? dv_time_format(numbers.last_good_us) : g_strdup("never");
    printf("release %" G_GINT64_FORMAT " in force (highest seen: %" G_GINT64_FORMAT
           "), last installed %s\n",
           numbers.release, numbers.release_seen, last);
    return good;
}

static void
print_last_word(const char *folder)
{
    g_autofree char *path = g_build_filename(folder, "status.json", NULL);
    g_autoptr(GBytes) file = dv_list_read(path, STATUS_MAX, NULL);
    g_autoptr(json_t) status =
        file ? dv_json_parse(g_bytes_get_data(file, NULL), g_bytes_get_size(file), STATUS_MAX, NULL)
             : NULL;
    const char *reason = dv_json_string_or_null(status, "reason");
    const char *detail = dv_json_string_or_null(status, "detail");
    if (reason && *reason)
        printf("last update: %s: %s\n", reason,
               detail && *detail ? detail
                                 : dv_trust_reason_sentence(dv_trust_reason_from_word(reason)));
}

static gboolean
print_lists(const char *folder, gboolean training, GError **error)
{
    g_autoptr(DvWatchlist) lists = dv_watchlist_open(folder, training, error);
    if (!lists)
        return FALSE;
    g_autoptr(DvWatchlistAnswer) answer = dv_watchlist_status(lists, dv_clock_wall_us());
    for (guint i = 0; i < answer->lists->len; i++) {
        const DvWatchlistList *list = g_ptr_array_index(answer->lists, i);
        printf("  list %s, version %" G_GINT64_FORMAT ", %" G_GINT64_FORMAT " alerts, %s%s%s\n",
               list->list_id, list->version, list->rows, dv_watchlist_status_word(list->status),
               *list->explanation ? ": " : "", list->explanation);
    }
    if (!answer->determined)
        printf("  %s\n", answer->undetermined_because);
    return answer->determined;
}

static int
show_kiosk(const char *folder, gboolean training)
{
    g_autoptr(GError) error = NULL;
    gboolean trusted = print_trust(folder, &error);
    if (error)
        return dv_watchlist_tool_failed(error);
    gboolean good = print_lists(folder, training, &error);
    if (error)
        return dv_watchlist_tool_failed(error);
    print_last_word(folder);
    return trusted && good ? DV_EXIT_OK : DV_EXIT_FAILED;
}

int
dv_watchlist_tool_status(int argc, char **argv)
{
    if (dv_watchlist_tool_helped(argc, argv, help))
        return DV_EXIT_OK;
    if (argc == 3 && strcmp(argv[1], "--repository") == 0)
        return show_repository(argv[2]);
    gboolean training = argc == 4 && strcmp(argv[3], "--training") == 0;
    if ((argc == 3 || training) && strcmp(argv[1], "--lists") == 0)
        return show_kiosk(argv[2], training);
    return dv_watchlist_tool_bad_use(help, "status needs --repository or --lists", "");
}
