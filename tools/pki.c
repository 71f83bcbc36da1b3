// SPDX-License-Identifier: Apache-2.0
/* darvaza pki: a development PKI, and one more kiosk in it. */
#include "commands.h"
#include "list_signer.h"
#include <darvaza/error.h>
#include <darvaza/file.h>
#include <darvaza/pki.h>
#include <stdio.h>
#include <string.h>

static const char help[] =
    "Usage: darvaza pki init DIR [--kiosk ID...]\n"
    "       darvaza pki add-kiosk DIR ID\n"
    "\n"
    "Makes the keys of a development installation: an authority, the centre, the protection unit,\n"
    "the kiosks, the desks that sign watchlists, and DIR/trust with the public certificates\n"
    "(docs/formats/pki.md). init wants DIR\n"
    "new or empty; nothing is ever overwritten. Private keys stand unencrypted in files of mode\n"
    "0600: a national installation brings keys of its own authority in the same layout.\n"
    "\n"
    "Exit status: 0 done, 1 it could not be done, 2 bad use.\n";

static int
bad_use(void)
{
    fputs(help, stderr);
    return DV_EXIT_USAGE;
}

static int
finish(gboolean done, const GError *error)
{
    if (done)
        return DV_EXIT_OK;
    fprintf(stderr, "darvaza pki: %s\n", error->message);
    return DV_EXIT_FAILED;
}

/* In the field each of these is made on its holder's own machine. */
static const struct {
    const char *path;
    DvTrustRole role;
    const char *holder;
} desks[] = {
    {"desks/root-1-key.pem", DV_TRUST_ROLE_ROOT, "root desk 1"},
    {"desks/root-2-key.pem", DV_TRUST_ROLE_ROOT, "root desk 2"},
    {"desks/root-3-key.pem", DV_TRUST_ROLE_ROOT, "root desk 3"},
    {"desks/owner-key.pem", DV_TRUST_ROLE_OWNER, "owner's desk"},
    {"desks/release-1-key.pem", DV_TRUST_ROLE_RELEASE, "release desk 1"},
    {"desks/release-2-key.pem", DV_TRUST_ROLE_RELEASE, "release desk 2"},
    {"centre/timestamp-key.pem", DV_TRUST_ROLE_TIMESTAMP, "the centre"},
};

static gboolean
make_desks(const char *dir, GError **error)
{
    g_autofree char *folder = g_build_filename(dir, "desks", NULL);
    gboolean done = dv_file_make_dir(folder, 0700, error);
    for (gsize i = 0; done && i < G_N_ELEMENTS(desks); i++) {
        g_autofree char *path = g_build_filename(dir, desks[i].path, NULL);
        done = dv_list_signer_new(path, desks[i].role, desks[i].holder, NULL, error);
    }
    return done;
}

static int
run_init(int argc, char **argv)
{
    g_autoptr(GPtrArray) kiosks = g_ptr_array_new();
    const char *dir = NULL;
    for (int i = 0; i < argc; i++) {
        if (strcmp(argv[i], "--kiosk") == 0 && i + 1 < argc)
            g_ptr_array_add(kiosks, argv[++i]);
        else if (argv[i][0] != '-' && !dir)
            dir = argv[i];
        else
            return bad_use();
    }
    if (!dir)
        return bad_use();
    g_ptr_array_add(kiosks, NULL);
    g_autoptr(GError) error = NULL;
    gboolean done =
        dv_pki_init(dir, (const char *const *)kiosks->pdata, &error) && make_desks(dir, &error);
    if (done)
        printf("%s: an authority, the centre, the protection unit, the desks that sign watchlists "
               "and %u kiosks\n",
               dir, kiosks->len - 1);
    return finish(done, error);
}

static int
run_add_kiosk(int argc, char **argv)
{
    if (argc != 2 || argv[0][0] == '-')
        return bad_use();
    g_autoptr(GError) error = NULL;
    gboolean done = dv_pki_add_kiosk(argv[0], argv[1], &error);
    if (done)
        printf("%s: kiosk %s\n", argv[0], argv[1]);
    return finish(done, error);
}

int
dv_command_pki(int argc, char **argv)
{
    if (argc >= 2 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)) {
        fputs(help, stdout);
        return DV_EXIT_OK;
    }
    if (argc >= 2 && strcmp(argv[1], "init") == 0)
        return run_init(argc - 2, argv + 2);
    if (argc >= 2 && strcmp(argv[1], "add-kiosk") == 0)
        return run_add_kiosk(argc - 2, argv + 2);
    return bad_use();
}
