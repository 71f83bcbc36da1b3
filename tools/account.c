// SPDX-License-Identifier: Apache-2.0
/* darvaza account: people and kiosks in an opener's database. */
#include "commands.h"
#include "password_input.h"
#include <darvaza/clock.h>
#include <darvaza/opener_db.h>
#include <darvaza/opener_users.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

typedef struct {
    char *state, *user, *display, *role, *checkpoints, *password_file, *valid_until, *kiosk;
    char *checkpoint;
} Options;

static void
options_clear(Options *options)
{
    g_free(options->state);
    g_free(options->user);
    g_free(options->display);
    g_free(options->role);
    g_free(options->checkpoints);
    g_free(options->password_file);
    g_free(options->valid_until);
    g_free(options->kiosk);
    g_free(options->checkpoint);
}

static int
usage(const char *message)
{
    fprintf(stderr, "darvaza account: %s\n", message);
    return DV_EXIT_USAGE;
}

static int
failed(const GError *error)
{
    fprintf(stderr, "darvaza account: %s\n", error->message);
    return DV_EXIT_FAILED;
}

/* ---- verbs ---- */

static char *
actor(void)
{
    return g_strdup_printf("cli:%u", (unsigned)getuid());
}

static int
add(sqlite3 *db, const Options *options)
{
    if (!options->user || !options->role || !options->checkpoints)
        return usage("add needs --user, --role and --checkpoints");
    g_autoptr(GError) error = NULL;
    DvUser user = {.user = options->user,
                   .display = options->display ? options->display : options->user,
                   .valid_from_us = dv_clock_wall_us()};
    if (!dv_role_parse(options->role, &user.role))
        return usage("--role must be officer, second_line, supervisor, protection, it, auditor, "
                     "dpo, watchlist_editor or watchlist_approver");
    if (options->valid_until) {
        g_autofree char *end = g_strconcat(options->valid_until, "T23:59:59Z", NULL);
        if (!dv_time_parse(end, &user.valid_until_us, &error))
            return usage("--valid-until must be YYYY-MM-DD");
    }
    g_auto(GStrv) checkpoints = g_strsplit(options->checkpoints, ",", -1);
    user.checkpoints = checkpoints;
    g_autofree char *password = dv_password_input(options->password_file);
    if (!password)
        return usage("no password was given");
    g_autofree char *who = actor();
    if (!dv_users_add(db, who, &user, password, &error))
        return failed(error);
    printf("account %s added\n", user.user);
    return DV_EXIT_OK;
}

static int
list(sqlite3 *db, const Options *options)
{
    (void)options;
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) users = dv_users_list(db, &error);
    if (!users)
        return failed(error);
    for (guint i = 0; i < users->len; i++) {
        const DvUser *user = g_ptr_array_index(users, i);
        g_autofree char *checkpoints = g_strjoinv(",", user->checkpoints);
        g_autofree char *until =
            user->valid_until_us ? dv_time_format(user->valid_until_us) : g_strdup("-");
        printf("%-32s %-12s %-16s %-8s %-24s %s\n", user->user, dv_role_word(user->role),
               checkpoints, user->disabled ? "disabled" : "enabled", until, user->display);
    }
    return DV_EXIT_OK;
}

static int
set_disabled(sqlite3 *db, const Options *options, gboolean disabled)
{
    if (!options->user)
        return usage("--user is needed");
    g_autoptr(GError) error = NULL;
    g_autofree char *who = actor();
    if (!dv_users_set_disabled(db, who, options->user, disabled, &error))
        return failed(error);
    printf("account %s %s\n", options->user, disabled ? "disabled" : "enabled");
    return DV_EXIT_OK;
}

static int
disable(sqlite3 *db, const Options *options)
{
    return set_disabled(db, options, TRUE);
}

static int
enable(sqlite3 *db, const Options *options)
{
    return set_disabled(db, options, FALSE);
}

static int
passwd(sqlite3 *db, const Options *options)
{
    if (!options->user)
        return usage("--user is needed");
    g_autofree char *password = dv_password_input(options->password_file);
    if (!password)
        return usage("no password was given");
    g_autoptr(GError) error = NULL;
    g_autofree char *who = actor();
    if (!dv_users_set_password(db, who, options->user, password, &error))
        return failed(error);
    printf("account %s has a new password\n", options->user);
    return DV_EXIT_OK;
}

static void
print_kiosk(const char *kiosk, const char *checkpoint, void *data)
{
    (void)data;
    printf("%-32s %s\n", kiosk, checkpoint);
}

static int
kiosk(sqlite3 *db, const Options *options)
{
    g_autoptr(GError) error = NULL;
    if (!options->kiosk)
        return dv_kiosks_each(db, print_kiosk, NULL, &error) ? DV_EXIT_OK : failed(error);
    if (!options->checkpoint)
        return usage("kiosk needs --checkpoint beside --kiosk");
    g_autofree char *who = actor();
    if (!dv_kiosks_set(db, who, options->kiosk, options->checkpoint, &error))
        return failed(error);
    printf("kiosk %s stands at %s\n", options->kiosk, options->checkpoint);
    return DV_EXIT_OK;
}

static const struct {
    const char *name;
    int (*run)(sqlite3 *db, const Options *options);
} verbs[] = {
    {"add", add},       {"list", list},     {"disable", disable},
    {"enable", enable}, {"passwd", passwd}, {"kiosk", kiosk},
};

static const char summary[] =
    "add      a person:  --user ID --role ROLE --checkpoints CODE[,CODE...]|'*'\n"
    "                    [--display NAME] [--valid-until YYYY-MM-DD] [--password-file FILE]\n"
    "list     everybody\n"
    "disable  --user ID  ends the person's sessions too; enable takes it back\n"
    "passwd   --user ID  [--password-file FILE]\n"
    "kiosk    --kiosk ID --checkpoint CODE  where it stands; without both: lists them\n\n"
    "Works on opener.db in the opener's state folder (--state), whether the opener runs or not:\n"
    "each change is one transaction with its entry in the audit log, and a running opener reads\n"
    "accounts anew at each request. Passwords come from a file's first line or are asked for.";

int
dv_command_account(int argc, char **argv)
{
    Options options = {0};
    const GOptionEntry entries[] = {
        {"state", 0, 0, G_OPTION_ARG_FILENAME, &options.state, "the opener's state folder", "DIR"},
        {"user", 0, 0, G_OPTION_ARG_STRING, &options.user, "account id", "ID"},
        {"display", 0, 0, G_OPTION_ARG_STRING, &options.display, "name shown", "NAME"},
        {"role", 0, 0, G_OPTION_ARG_STRING, &options.role, "what the person is", "ROLE"},
        {"checkpoints", 0, 0, G_OPTION_ARG_STRING, &options.checkpoints, "where", "CODES"},
        {"valid-until", 0, 0, G_OPTION_ARG_STRING, &options.valid_until, "last day", "DATE"},
        {"password-file", 0, 0, G_OPTION_ARG_FILENAME, &options.password_file, "first line counts",
         "FILE"},
        {"kiosk", 0, 0, G_OPTION_ARG_STRING, &options.kiosk, "kiosk id", "ID"},
        {"checkpoint", 0, 0, G_OPTION_ARG_STRING, &options.checkpoint, "its checkpoint", "CODE"},
        G_OPTION_ENTRY_NULL,
    };
    g_autoptr(GOptionContext) context = g_option_context_new("VERB");
    g_autoptr(GError) error = NULL;
    g_option_context_add_main_entries(context, entries, NULL);
    g_option_context_set_summary(context, summary);
    int status = DV_EXIT_USAGE;
    if (!g_option_context_parse(context, &argc, &argv, &error)) {
        status = usage(error->message);
    } else if (argc != 2 || !options.state) {
        status = usage("a verb and --state are needed; darvaza account --help says more");
    } else {
        gsize i = 0;
        while (i < G_N_ELEMENTS(verbs) && strcmp(argv[1], verbs[i].name) != 0)
            i++;
        g_autoptr(sqlite3) db = NULL;
        if (i == G_N_ELEMENTS(verbs))
            status = usage("there is no such verb; darvaza account --help lists them");
        else if (!(db = dv_opener_db_open(options.state, &error)))
            status = failed(error);
        else
            status = verbs[i].run(db, &options);
    }
    options_clear(&options);
    return status;
}
