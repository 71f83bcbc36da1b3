// SPDX-License-Identifier: Apache-2.0
/* darvaza watchlist verify: a list file, a repository, a USB stick, a kiosk's folder. */
#include "commands.h"
#include "list_verify.h"
#include "watchlist_tool.h"
#include <darvaza/watchlist_build.h>
#include <stdio.h>
#include <string.h>

static const char help[] =
    "Usage: darvaza watchlist verify FILE.dvlist\n"
    "       darvaza watchlist verify --repository DIR [--root ROOT] [--cert CERT --key KEY]\n"
    "                                [--work FOLDER]\n"
    "       darvaza watchlist verify --package FILE --release RELEASE --root ROOT\n"
    "       darvaza watchlist verify --lists FOLDER\n"
    "\n"
    "FILE          compares a whole list file's rows with the state hash that its builder wrote.\n"
    "--repository  everything that a kiosk checks, of a repository or a USB stick: signatures and\n"
    "              expiries from ROOT on, digests of all packages; with a certificate and key "
    "that\n"
    "              open them also their content against what the owners signed. For that the\n"
    "              lists lie in the clear for a while, in a folder that only you can read: in "
    "DIR,\n"
    "              or in FOLDER, which belongs on an encrypted volume.\n"
    "--package     one package, under the name that it has there, against its size and digest in\n"
    "              RELEASE, which enough keys of ROOT must have signed; expiry is not looked at.\n"
    "--lists       a kiosk's folder: what it trusts, and each list's rows.\n"
    "\n"
    "Exit status: 0 all holds, 1 it does not, or it could not be done, 2 bad use.\n";

static int
finish(gboolean holds, const GError *error)
{
    return holds ? DV_EXIT_OK : dv_watchlist_tool_failed(error);
}

static int
verify_file(const char *path)
{
    g_autoptr(GError) error = NULL;
    gboolean holds = dv_watchlist_verify_file(path, &error);
    if (holds)
        printf("%s: the rows are the ones that its builder wrote\n", path);
    return finish(holds, error);
}

int
dv_watchlist_tool_verify(int argc, char **argv)
{
    const char *repository = NULL, *root = NULL, *cert = NULL, *key = NULL, *lists = NULL;
    const char *work = NULL;
    const char *package = NULL, *release = NULL;
    g_autoptr(GError) error = NULL;

    if (dv_watchlist_tool_helped(argc, argv, help))
        return DV_EXIT_OK;
    if (argc == 2 && argv[1][0] != '-')
        return verify_file(argv[1]);
    for (int i = 1; i + 1 < argc; i += 2) {
        const char **place = strcmp(argv[i], "--repository") == 0 ? &repository
                             : strcmp(argv[i], "--root") == 0     ? &root
                             : strcmp(argv[i], "--cert") == 0     ? &cert
                             : strcmp(argv[i], "--key") == 0      ? &key
                             : strcmp(argv[i], "--lists") == 0    ? &lists
                             : strcmp(argv[i], "--work") == 0     ? &work
                             : strcmp(argv[i], "--package") == 0  ? &package
                             : strcmp(argv[i], "--release") == 0  ? &release
                                                                  : NULL;
        if (!place)
            return dv_watchlist_tool_bad_use(help, "verify: cannot use ", argv[i]);
        *place = argv[i + 1];
    }
    int places = (repository != NULL) + (lists != NULL) + (package != NULL);
    if (argc % 2 == 0 || places != 1 || (cert != NULL) != (key != NULL) ||
        (package != NULL) != (release != NULL) || (package && !root))
        return dv_watchlist_tool_bad_use(
            help, "verify needs a file, --repository, --package or --lists", "");
    gboolean holds = lists     ? list_verify_folder(lists, &error)
                     : package ? list_verify_package(package, release, root, &error)
                               : list_verify_repository(repository, root, work, cert, key, &error);
    return finish(holds, error);
}
