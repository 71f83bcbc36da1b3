// SPDX-License-Identifier: Apache-2.0
/* What the list desk and the signers do on their own machines, for the console's scenarios:
 * lists_maker DIR lays a repository with two drafts, the second with the content of before under a
 * higher version, and the signature files of everybody who might sign them. */
#include "lists_rig.h"

#include <stdio.h>
#include <string.h>

/* The first stands on a document of the demo's reader. */
static const char *const more[] = {"X12345678", "X7777001", "X7777002", "X7777003", NULL};
static const char *const before[] = {"X7777001", NULL};

static const struct {
    const char *name;
    DvTestSigner signer;
} signers[] = {
    {"first", SIGNER_RELEASE_1},
    {"second", SIGNER_RELEASE_2},
    {"stranger", SIGNER_STRANGER},
};

static void
lay_signature(const ListsRig *rig, gint64 release, gsize which)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *text = lists_rig_signature(rig, release, signers[which].signer);
    g_autofree char *path = g_strdup_printf("%s/release-%" G_GINT64_FORMAT ".%s.sig", rig->dir,
                                            release, signers[which].name);
    if (!g_file_set_contents(path, text, -1, &error))
        g_error("lists maker: %s", error->message);
}

int
main(int argc, char **argv)
{
    if (argc != 2) {
        fputs("usage: lists_maker DIR\n", stderr);
        return 2;
    }
    ListsRig *rig = lists_rig_new_at(argv[1]);
    lists_rig_draft(rig, 41, 1, more);
    lists_rig_draft(rig, 42, 2, before);
    for (gint64 release = 41; release <= 42; release++)
        for (gsize i = 0; i < G_N_ELEMENTS(signers); i++)
            lay_signature(rig, release, i);
    lists_rig_leave(rig);
    return 0;
}
