// SPDX-License-Identifier: Apache-2.0
/* darvaza watchlist publish: drafts of releases, and what is put in force. */
#include "commands.h"
#include "list_draft.h"
#include "list_signer.h"
#include "watchlist_tool.h"
#include <darvaza/clock.h>
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
    "                              [--offline]\n"
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
    "             (0: the canary kiosks alone). Where the centre's opener runs, it does this by\n"
    "             itself, and the audit log has who widened a release; here nothing is logged. So\n"
    "             while a timestamp is still good, --offline has to say that no opener runs.\n"
    "--urgent     the updates skip canary kiosks and steps; they may only add. Says where kiosks\n"
    "             that still wait for an earlier release cannot take them at once.\n"
    "--whole      packs whole lists again even where updates would do.\n"
    "\n"
    "Exit status: 0 done, 1 not done, or signatures are still missing, 2 bad use.\n";

#define NUMBER_MAX G_GINT64_CONSTANT(1000000000)
#define HOURS_MAX 168 /* as long as a timestamp, and a release, may run */
#define DAYS_MAX 31

typedef struct {
    const char *repository, *root, *owner_key, *timestamp_key, *passphrase_file;
    gint64 release, percent, hours;
    GPtrArray *signatures;
    gboolean is_draft, is_offline;
    DraftPlan plan;
} Wanted;

static gboolean
parse_steps(GArray *steps, const char *text)
{
    g_auto(GStrv) words = g_strsplit(text, ",", 16);
    g_array_set_size(steps, 0);
    for (char **word = words; *word; word++) {
        gint64 number = 0;
        if (!dv_watchlist_tool_number("--steps", *word, 1, 100, &number))
            return FALSE;
        const guint step = (guint)number;
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
        gint64 *number, min, max;
        GPtrArray *many;
    } options[] = {
        {.name = "--repository", .text = &wanted->repository},
        {.name = "--root", .text = &wanted->root},
        {.name = "--owner-key", .text = &wanted->owner_key},
        {.name = "--timestamp-key", .text = &wanted->timestamp_key},
        {.name = "--passphrase-file", .text = &wanted->passphrase_file},
        {.name = "--kiosks", .text = &wanted->plan.kiosks},
        {.name = "--centre", .text = &wanted->plan.centre},
        {.name = "--release", .number = &wanted->release, .min = 1, .max = NUMBER_MAX},
        {.name = "--percent", .number = &wanted->percent, .min = 0, .max = 100},
        {.name = "--hours", .number = &wanted->hours, .min = 1, .max = HOURS_MAX},
        {.name = "--days", .number = &wanted->plan.days, .min = 1, .max = DAYS_MAX},
        {.name = "--list", .many = wanted->plan.lists},
        {.name = "--statement", .many = wanted->plan.statements},
        {.name = "--canary", .many = wanted->plan.canary},
        {.name = "--signature", .many = wanted->signatures},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(options); i++) {
        if (strcmp(option, options[i].name) != 0)
            continue;
        if (options[i].text)
            *options[i].text = value;
        if (options[i].number && !dv_watchlist_tool_number(option, value, options[i].min,
                                                           options[i].max, options[i].number))
            return FALSE;
        if (options[i].many)
            g_ptr_array_add(options[i].many, value);
        return TRUE;
    }
    return strcmp(option, "--steps") == 0 && parse_steps(wanted->plan.steps, value);
}

/* NULL, or the option that cannot be used. */
static const char *
parse(int argc, char **argv, Wanted *wanted)
{
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--draft") == 0)
            wanted->is_draft = TRUE;
        else if (strcmp(argv[i], "--urgent") == 0)
            wanted->plan.urgent = TRUE;
        else if (strcmp(argv[i], "--whole") == 0)
            wanted->plan.whole = TRUE;
        else if (strcmp(argv[i], "--offline") == 0)
            wanted->is_offline = TRUE;
        else if (i + 1 < argc && take_value(wanted, argv[i], argv[i + 1]))
            i++;
        else
            return argv[i];
    }
    return wanted->repository ? NULL : "without --repository";
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
    printf("release %" G_GINT64_FORMAT " is named to %" G_GINT64_FORMAT
           " %% of the kiosks, after its %u canary kiosks\n",
           repo->release->release, wanted->percent, repo->release->canary->len);
    return DV_EXIT_OK;
}

/* An opener's percentage, which people set with an entry in the audit log, is not to be undone by
 * a command that leaves none. */
static gboolean
may_stamp(const Wanted *wanted, const ListRepo *repo)
{
    const DvTrustTimestamp *stands = repo->timestamp;
    if (!wanted->timestamp_key || wanted->is_offline || !stands ||
        stands->expires_us <= dv_clock_wall_us())
        return TRUE;
    g_autofree char *until = dv_time_format(stands->expires_us);
    fprintf(stderr,
            "darvaza watchlist: a timestamp is good until %s. Where the centre's opener runs, it "
            "signs the next one, and releases are widened on its page, where the audit log has it. "
            "--offline says that none runs here; nothing was done\n",
            until);
    return FALSE;
}

/* What was asked for, one thing after the other: a release and a timestamp may come together. */
static int
run(Wanted *wanted)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(ListRepo) repo = list_repo_open(wanted->repository, &error);
    if (!repo)
        return dv_watchlist_tool_failed(error);
    if (!may_stamp(wanted, repo))
        return DV_EXIT_FAILED;
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
    Wanted wanted = {.percent = 0, .hours = 24, .plan = {.days = 7}};
    if (dv_watchlist_tool_helped(argc, argv, help))
        return DV_EXIT_OK;
    wanted.signatures = g_ptr_array_new();
    wanted.plan.lists = g_ptr_array_new();
    wanted.plan.statements = g_ptr_array_new();
    wanted.plan.canary = g_ptr_array_new();
    wanted.plan.steps = g_array_new(FALSE, FALSE, sizeof(guint));
    g_array_append_vals(wanted.plan.steps, usual, G_N_ELEMENTS(usual));
    const char *wrong = parse(argc, argv, &wanted);
    int status =
        wrong ? dv_watchlist_tool_bad_use(help, "publish: cannot use ", wrong) : run(&wanted);
    g_ptr_array_unref(wanted.signatures);
    g_ptr_array_unref(wanted.plan.lists);
    g_ptr_array_unref(wanted.plan.statements);
    g_ptr_array_unref(wanted.plan.canary);
    g_array_unref(wanted.plan.steps);
    return status;
}
