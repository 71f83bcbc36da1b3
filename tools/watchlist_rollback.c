// SPDX-License-Identifier: Apache-2.0
/* darvaza watchlist rollback: older content comes back, as a higher version. */
#include "commands.h"
#include "list_draft_private.h"
#include "watchlist_tool.h"
#include <darvaza/clock.h>
#include <darvaza/error.h>
#include <darvaza/file.h>
#include <darvaza/watchlist_build.h>
#include <stdio.h>
#include <string.h>

static const char help[] =
    "Usage: darvaza watchlist rollback --repository DIR --to R --out FOLDER\n"
    "                                  [--stale-after P7D] [--expires-at P30D]\n"
    "\n"
    "Writes to FOLDER, for each list whose content differs between release R and the newest one,\n"
    "a list file with the content of then and the next higher version. A kiosk never takes a\n"
    "lower version: so owners sign new statements, `darvaza watchlist publish --draft` makes a\n"
    "release of these files, and two persons sign it as they do any other. The list counts as\n"
    "generated now and runs as long as it did then, so that it is not old when it comes back;\n"
    "--stale-after and --expires-at give other times or durations. Dates of its rows stay.\n"
    "\n"
    "Exit status: 0 done, 1 not done, 2 bad use.\n";

static gboolean
copy_rows(DvWatchlistBuilder *builder, const char *const *layers, GError **error)
{
    const char *const *columns = NULL;
    g_autoptr(DvWatchlistRows) rows = dv_watchlist_rows_new(layers, error);
    gboolean good = rows != NULL;
    while (good && (good = dv_watchlist_rows_next(rows, &columns, error)) && columns)
        good = dv_watchlist_builder_add_columns(builder, columns, error);
    return good;
}

typedef struct {
    const char *repository, *folder;
    const char *stale_after, *expires_at; /* NULL: as long as it ran then */
    gint64 to;
} Wanted;

static void
set_end(json_t *profile, const char *key, const char *given, gint64 at_us)
{
    g_autofree char *text = given ? g_strdup(given) : dv_time_format(at_us);
    json_object_set_new(profile, key, json_string(text));
}

/* The topmost layer says what the whole list is called and how long it ran. Its own dates may be
 * past: with them the content would come back as a list that refers every traveller. */
static json_t *
next_profile(const Wanted *wanted, char **layers, gint64 version, GError **error)
{
    guint top = g_strv_length(layers) - 1;
    json_t *profile = list_profile_of(layers[top], error);
    g_autoptr(DvWatchlistInfo) then = profile ? dv_watchlist_info(layers[top], error) : NULL;
    if (!then) {
        json_decref(profile);
        return NULL;
    }
    gint64 now = dv_clock_wall_us() / 1000 * 1000, moved = now - then->generated_us;
    set_end(profile, "generated_at", NULL, now);
    set_end(profile, "stale_after", wanted->stale_after, then->stale_us + moved);
    set_end(profile, "expires_at", wanted->expires_at, then->expires_us + moved);
    json_object_set_new(profile, "version", json_integer(version));
    return profile;
}

static void
print_rebuilt(const char *path, gint64 release)
{
    g_autoptr(DvWatchlistInfo) info = dv_watchlist_info(path, NULL);
    if (!info)
        return;
    g_autofree char *stale = dv_time_format(info->stale_us);
    g_autofree char *over = dv_time_format(info->expires_us);
    printf("%s: the list %s as in release %" G_GINT64_FORMAT ", now version %" G_GINT64_FORMAT
           ", old from %s, over at %s\n",
           path, info->list_id, release, info->version, stale, over);
}

static gboolean
rebuild(const Wanted *wanted, const ListRepo *repo, const DvTrustList *now, GError **error)
{
    g_auto(GStrv) layers = list_repo_layers(repo, wanted->to, now->list_id, error);
    g_autoptr(json_t) profile =
        layers ? next_profile(wanted, layers, now->version + 1, error) : NULL;
    g_autofree char *name =
        g_strdup_printf("%s-%" G_GINT64_FORMAT ".dvlist", now->list_id, now->version + 1);
    g_autofree char *out = g_build_filename(wanted->folder, name, NULL);
    g_autoptr(DvWatchlistBuilder) builder =
        profile ? dv_watchlist_builder_new(profile, NULL, out, error) : NULL;
    if (!builder || !copy_rows(builder, (const char *const *)layers, error) ||
        !dv_watchlist_builder_finish(builder, NULL, error))
        return FALSE;
    print_rebuilt(out, wanted->to);
    return TRUE;
}

static gboolean
roll_back(const Wanted *wanted, const ListRepo *repo, const DvTrustRelease *then, GError **error)
{
    guint rebuilt = 0;
    for (guint i = 0; i < repo->release->lists->len; i++) {
        const DvTrustList *now = g_ptr_array_index(repo->release->lists, i);
        const DvTrustList *old = list_repo_list(then, now->list_id);
        if (!old || old->version == now->version)
            continue;
        if (!rebuild(wanted, repo, now, error))
            return FALSE;
        rebuilt++;
    }
    if (rebuilt == 0)
        puts("no list differs: there is nothing to return to");
    return TRUE;
}

/* NULL, or the option that cannot be used. */
static const char *
parse(int argc, char **argv, Wanted *wanted)
{
    const struct {
        const char *name, **text;
    } options[] = {{"--repository", &wanted->repository},
                   {"--out", &wanted->folder},
                   {"--stale-after", &wanted->stale_after},
                   {"--expires-at", &wanted->expires_at}};
    for (int i = 1; i < argc; i += 2) {
        gboolean taken = FALSE;
        if (i + 1 < argc && strcmp(argv[i], "--to") == 0)
            taken = dv_watchlist_tool_number("--to", argv[i + 1], 1, G_MAXINT32, &wanted->to);
        for (gsize j = 0; i + 1 < argc && j < G_N_ELEMENTS(options); j++) {
            if (strcmp(argv[i], options[j].name) != 0)
                continue;
            *options[j].text = argv[i + 1];
            taken = TRUE;
        }
        if (!taken)
            return argv[i];
    }
    return wanted->repository && wanted->folder && wanted->to > 0
               ? NULL
               : "without --repository, --to and --out";
}

int
dv_watchlist_tool_rollback(int argc, char **argv)
{
    Wanted wanted = {0};
    g_autoptr(GError) error = NULL;
    if (dv_watchlist_tool_helped(argc, argv, help))
        return DV_EXIT_OK;
    const char *wrong = parse(argc, argv, &wanted);
    if (wrong)
        return dv_watchlist_tool_bad_use(help, "rollback: cannot use ", wrong);
    g_autoptr(ListRepo) repo = list_repo_open(wanted.repository, &error);
    if (!repo)
        return dv_watchlist_tool_failed(error);
    if (!repo->release || repo->release->release <= wanted.to) {
        fputs("darvaza watchlist: there is no newer release to return from\n", stderr);
        return DV_EXIT_FAILED;
    }
    g_autoptr(DvTrustRelease) then = list_repo_release(repo, wanted.to, &error);
    if (!then || !dv_file_make_dir(wanted.folder, 0700, &error) ||
        !roll_back(&wanted, repo, then, &error))
        return dv_watchlist_tool_failed(error);
    return DV_EXIT_OK;
}
