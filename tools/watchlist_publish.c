// SPDX-License-Identifier: Apache-2.0
/* darvaza watchlist publish: drafts of releases, and what is put in force. */
#include "commands.h"
#include "list_draft.h"
#include "list_signer.h"
#include "watchlist_tool.h"
#include <darvaza/error.h>
#include <stdio.h>
#include <string.h>

static const char help[] =
    "Usage: darvaza watchlist publish --repository DIR --draft --list NEW.dvlist...\n"
    "           (--statement FILE... | --owner-key KEY) --kiosks DIR [--centre CERT]\n"
    "           [--canary KIOSK]... [--steps 10,50,100] [--days N] [--urgent] [--whole]\n"
    "       darvaza watchlist publish --repository DIR --release R --signature FILE.sig...\n"
    "       darvaza watchlist publish --repository DIR --root ROOT\n"
    "       darvaza watchlist publish --repository DIR --timestamp-key KEY [--percent N] [--hours "
    "N]\n"
    "\n"
    "--draft      makes the draft of the next release: packages of the new lists (updates from "
    "the\n"
    "             released versions, and whole lists), sealed to the kiosks whose certificates "
    "lie\n"
    "             in DIR/<ID>/lists.pem; lists that are not given stay as they are. Nothing is in\n"
    "             force before two persons have signed its release.json.\n"
    "--release    adds signatures to a draft; when enough have signed, lays the release where\n"
    "             kiosks can fetch it.\n"
    "--root       lays the first or the next root, signed as it must be.\n"
    "--timestamp-key  names the newest release to kiosks, for N hours (24) and N percent of them\n"
    "             (100). Where the centre's opener runs, it does this by itself.\n"
    "--urgent     the updates skip canary kiosks and steps; they may only add.\n"
    "--whole      packs whole lists again even where updates would do.\n"
    "\n"
    "Exit status: 0 done, 1 not done, or signatures are still missing, 2 bad use.\n";

typedef struct {
    const char *repository, *root, *owner_key, *timestamp_key, *passphrase_file;
    gint64 release, percent, hours;
    GPtrArray *signatures;
    gboolean is_draft;
    DraftPlan plan;
} Wanted;

static gboolean
parse_steps(GArray *steps, const char *text)
{
    g_auto(GStrv) words = g_strsplit(text, ",", 16);
    g_array_set_size(steps, 0);
    for (char **word = words; *word; word++) {
        guint step = (guint)g_ascii_strtoull(*word, NULL, 10);
        g_array_append_val(steps, step);
    }
    return steps->len > 0;
}

/* One option with a value. */
static gboolean
take_value(Wanted *wanted, const char *option, char *value)
{
    const struct {
        const char *name;
        const char **text;
        gint64 *number;
        GPtrArray *many;
    } options[] = {
        {"--repository", &wanted->repository, NULL, NULL},
        {"--root", &wanted->root, NULL, NULL},
        {"--owner-key", &wanted->owner_key, NULL, NULL},
        {"--timestamp-key", &wanted->timestamp_key, NULL, NULL},
        {"--passphrase-file", &wanted->passphrase_file, NULL, NULL},
        {"--kiosks", &wanted->plan.kiosks, NULL, NULL},
        {"--centre", &wanted->plan.centre, NULL, NULL},
        {"--release", NULL, &wanted->release, NULL},
        {"--percent", NULL, &wanted->percent, NULL},
        {"--hours", NULL, &wanted->hours, NULL},
        {"--days", NULL, &wanted->plan.days, NULL},
        {"--list", NULL, NULL, wanted->plan.lists},
        {"--statement", NULL, NULL, wanted->plan.statements},
        {"--canary", NULL, NULL, wanted->plan.canary},
        {"--signature", NULL, NULL, wanted->signatures},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(options); i++) {
        if (strcmp(option, options[i].name) != 0)
            continue;
        if (options[i].text)
            *options[i].text = value;
        if (options[i].number)
            *options[i].number = g_ascii_strtoll(value, NULL, 10);
        if (options[i].many)
            g_ptr_array_add(options[i].many, value);
        return TRUE;
    }
    return strcmp(option, "--steps") == 0 && parse_steps(wanted->plan.steps, value);
}

static gboolean
parse(int argc, char **argv, Wanted *wanted)
{
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--draft") == 0)
            wanted->is_draft = TRUE;
        else if (strcmp(argv[i], "--urgent") == 0)
            wanted->plan.urgent = TRUE;
        else if (strcmp(argv[i], "--whole") == 0)
            wanted->plan.whole = TRUE;
        else if (i + 1 < argc && take_value(wanted, argv[i], argv[i + 1]))
            i++;
        else
            return FALSE;
    }
    return wanted->repository != NULL;
}

static int
make_draft(Wanted *wanted, ListRepo *repo)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(DvKey) key = NULL;
    if (wanted->owner_key) {
        key = dv_list_signer_load(wanted->owner_key, wanted->passphrase_file, &error);
        if (!key)
            return dv_watchlist_tool_failed(error);
    }
    wanted->plan.repo = repo;
    wanted->plan.owner_key = key;
    gint64 number = list_draft_make(&wanted->plan, &error);
    if (number == 0)
        return dv_watchlist_tool_failed(error);
    g_autofree char *path = list_repo_draft(repo, number, "release.json");
    printf("release %" G_GINT64_FORMAT " is a draft: %s\nTwo persons look at it and sign it with "
           "`darvaza watchlist sign`.\n",
           number, path);
    return DV_EXIT_OK;
}

static gboolean
add_signatures(const Wanted *wanted, const ListRepo *repo, GError **error)
{
    g_autofree char *path = list_repo_draft(repo, wanted->release, "release.json");
    g_autoptr(GBytes) file = dv_list_read(path, DV_TRUST_RELEASE_MAX, error);
    for (guint i = 0; file && i < wanted->signatures->len; i++) {
        const char *name = g_ptr_array_index(wanted->signatures, i);
        g_autoptr(GBytes) signature = dv_list_read(name, DV_TRUST_SIGNATURE_MAX, error);
        GBytes *more = signature ? dv_trust_add_signature(file, signature, repo->root,
                                                          DV_TRUST_ROLE_RELEASE, NULL, error)
                                 : NULL;
        if (!more) {
            g_prefix_error(error, "%s: ", name);
            return FALSE;
        }
        g_bytes_unref(file);
        file = more;
    }
    return file && dv_list_write(path, file, error);
}

static int
release(const Wanted *wanted, ListRepo *repo)
{
    g_autoptr(GError) error = NULL;
    if (!list_repo_needs_root(repo, &error) || !add_signatures(wanted, repo, &error) ||
        !list_repo_put_release(repo, wanted->release, &error))
        return dv_watchlist_tool_failed(error);
    printf("release %" G_GINT64_FORMAT " is laid where kiosks fetch it; the next timestamp names "
           "it\n",
           wanted->release);
    return DV_EXIT_OK;
}

static int
lay_root(const Wanted *wanted, ListRepo *repo)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GBytes) file = dv_list_read(wanted->root, DV_TRUST_ROOT_MAX, &error);
    if (!file || !list_repo_add_root(repo, file, &error))
        return dv_watchlist_tool_failed(error);
    printf("%s is laid where kiosks fetch it\n", wanted->root);
    return DV_EXIT_OK;
}

static int
stamp(const Wanted *wanted, ListRepo *repo)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(DvKey) key =
        dv_list_signer_load(wanted->timestamp_key, wanted->passphrase_file, &error);
    if (!key || !list_repo_put_timestamp(repo, key, (guint)wanted->percent, wanted->hours, &error))
        return dv_watchlist_tool_failed(error);
    printf("release %" G_GINT64_FORMAT " is named to %" G_GINT64_FORMAT " %% of the kiosks\n",
           repo->release->release, wanted->percent);
    return DV_EXIT_OK;
}

/* What was asked for, one thing after the other: a release and a timestamp may come together. */
static int
run(Wanted *wanted)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(ListRepo) repo = list_repo_open(wanted->repository, &error);
    if (!repo)
        return dv_watchlist_tool_failed(error);
    if (wanted->root)
        return lay_root(wanted, repo);
    if (wanted->is_draft)
        return make_draft(wanted, repo);
    if (wanted->release > 0) {
        int status = release(wanted, repo);
        if (status != DV_EXIT_OK || !wanted->timestamp_key)
            return status;
        list_repo_free(g_steal_pointer(&repo));
        repo = list_repo_open(wanted->repository, &error);
        if (!repo)
            return dv_watchlist_tool_failed(error);
    }
    if (wanted->timestamp_key)
        return stamp(wanted, repo);
    return dv_watchlist_tool_bad_use(help,
                                     "publish needs --draft, --release, --root or "
                                     "--timestamp-key",
                                     "");
}

int
dv_watchlist_tool_publish(int argc, char **argv)
{
    static const guint usual[] = {10, 50, 100};
    Wanted wanted = {.percent = 100, .hours = 24, .plan = {.days = 7}};
    if (dv_watchlist_tool_helped(argc, argv, help))
        return DV_EXIT_OK;
    wanted.signatures = g_ptr_array_new();
    wanted.plan.lists = g_ptr_array_new();
    wanted.plan.statements = g_ptr_array_new();
    wanted.plan.canary = g_ptr_array_new();
    wanted.plan.steps = g_array_new(FALSE, FALSE, sizeof(guint));
    g_array_append_vals(wanted.plan.steps, usual, G_N_ELEMENTS(usual));
    int status = parse(argc, argv, &wanted)
                     ? run(&wanted)
                     : dv_watchlist_tool_bad_use(help, "publish: something cannot be used", "");
    g_ptr_array_unref(wanted.signatures);
    g_ptr_array_unref(wanted.plan.lists);
    g_ptr_array_unref(wanted.plan.statements);
    g_ptr_array_unref(wanted.plan.canary);
    g_array_unref(wanted.plan.steps);
    return status;
}
