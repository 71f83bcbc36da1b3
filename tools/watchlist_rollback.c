// SPDX-License-Identifier: Apache-2.0
/* darvaza watchlist rollback: older content comes back, as a higher version. */
#include "commands.h"
#include "list_draft_private.h"
#include "watchlist_tool.h"
#include <darvaza/error.h>
#include <darvaza/file.h>
#include <darvaza/watchlist_build.h>
#include <stdio.h>
#include <string.h>

static const char help[] =
    "Usage: darvaza watchlist rollback --repository DIR --to R --out FOLDER\n"
    "\n"
    "Writes to FOLDER, for each list whose content differs between release R and the newest one,\n"
    "a list file with the content of then and the next higher version. A kiosk never takes a\n"
    "lower version: so owners sign new statements, `darvaza watchlist publish --draft` makes a\n"
    "release of these files, and two persons sign it as they do any other.\n"
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

/* The topmost layer says what the whole list is called and how old it is. */
static json_t *
next_profile(char **layers, gint64 version, GError **error)
{
    guint top = g_strv_length(layers) - 1;
    json_t *profile = list_profile_of(layers[top], error);
    if (profile)
        json_object_set_new(profile, "version", json_integer(version));
    return profile;
}

static gboolean
rebuild(const ListRepo *repo, gint64 release, const DvTrustList *now, const char *folder,
        GError **error)
{
    g_auto(GStrv) layers = list_repo_layers(repo, release, now->list_id, error);
    g_autoptr(json_t) profile = layers ? next_profile(layers, now->version + 1, error) : NULL;
    g_autofree char *name =
        g_strdup_printf("%s-%" G_GINT64_FORMAT ".dvlist", now->list_id, now->version + 1);
    g_autofree char *out = g_build_filename(folder, name, NULL);
    g_autoptr(DvWatchlistBuilder) builder =
        profile ? dv_watchlist_builder_new(profile, NULL, out, error) : NULL;
    if (!builder || !copy_rows(builder, (const char *const *)layers, error) ||
        !dv_watchlist_builder_finish(builder, NULL, error))
        return FALSE;
    printf("%s: the list %s as in release %" G_GINT64_FORMAT ", now version %" G_GINT64_FORMAT "\n",
           out, now->list_id, release, now->version + 1);
    return TRUE;
}

static DvTrustRelease *
read_release(const ListRepo *repo, gint64 number, GError **error)
{
    g_autofree char *name = g_strdup_printf("release/%" G_GINT64_FORMAT ".json", number);
    g_autofree char *path = list_repo_path(repo, name);
    g_autoptr(GBytes) file = dv_file_read(path, DV_TRUST_RELEASE_MAX, error);
    return file ? dv_trust_release_read(file, NULL, error) : NULL;
}

static gboolean
roll_back(const ListRepo *repo, const DvTrustRelease *then, const char *folder, GError **error)
{
    guint rebuilt = 0;
    for (guint i = 0; i < repo->release->lists->len; i++) {
        const DvTrustList *now = g_ptr_array_index(repo->release->lists, i);
        const DvTrustList *old = list_repo_list(then, now->list_id);
        if (!old || old->version == now->version)
            continue;
        if (!rebuild(repo, then->release, now, folder, error))
            return FALSE;
        rebuilt++;
    }
    if (rebuilt == 0)
        puts("no list differs: there is nothing to return to");
    return TRUE;
}

int
dv_watchlist_tool_rollback(int argc, char **argv)
{
    const char *dir = NULL, *folder = NULL;
    gint64 number = 0;
    g_autoptr(GError) error = NULL;
    if (dv_watchlist_tool_helped(argc, argv, help))
        return DV_EXIT_OK;
    for (int i = 1; i + 1 < argc; i += 2) {
        if (strcmp(argv[i], "--repository") == 0)
            dir = argv[i + 1];
        else if (strcmp(argv[i], "--to") == 0)
            number = g_ascii_strtoll(argv[i + 1], NULL, 10);
        else if (strcmp(argv[i], "--out") == 0)
            folder = argv[i + 1];
        else
            return dv_watchlist_tool_bad_use(help, "rollback: cannot use ", argv[i]);
    }
    if (!dir || !folder || number < 1 || argc % 2 == 0)
        return dv_watchlist_tool_bad_use(help, "rollback needs --repository, --to and --out", "");
    g_autoptr(ListRepo) repo = list_repo_open(dir, &error);
    if (!repo)
        return dv_watchlist_tool_failed(error);
    if (!repo->release || repo->release->release <= number) {
        fputs("darvaza watchlist: there is no newer release to return from\n", stderr);
        return DV_EXIT_FAILED;
    }
    g_autoptr(DvTrustRelease) then = read_release(repo, number, &error);
    if (!then || !dv_file_make_dir(folder, 0700, &error) || !roll_back(repo, then, folder, &error))
        return dv_watchlist_tool_failed(error);
    return DV_EXIT_OK;
}
