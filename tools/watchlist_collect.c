// SPDX-License-Identifier: Apache-2.0
/* darvaza watchlist collect: signatures into the file that they are for. */
#include "commands.h"
#include "list_show.h"
#include "list_signer.h"
#include "watchlist_tool.h"
#include <darvaza/error.h>
#include <stdio.h>
#include <string.h>

#define OPTIONS_MAX 32

static const char help[] =
    "Usage: darvaza watchlist collect FILE [--root ROOT]... --signature FILE.sig...\n"
    "\n"
    "Adds signatures to the root, statement, release or timestamp that they were made for, after\n"
    "checking each against the keys that ROOT allows (a root itself also against its own), and\n"
    "says who has signed and how many are still needed.\n"
    "\n"
    "Exit status: 0 enough have signed, 1 not yet, or it could not be done, 2 bad use.\n";

typedef struct {
    const char *file;
    const char *root_paths[OPTIONS_MAX], *signatures[OPTIONS_MAX];
    gsize n_roots, n_signatures;
    DvTrustRole role;
    GPtrArray *roots; /* DvTrustRoot */
    char *list_id;
} Work;

static void
free_root(gpointer root)
{
    dv_trust_root_free(root);
}

static gboolean
parse(int argc, char **argv, Work *work)
{
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--root") == 0 && i + 1 < argc && work->n_roots < OPTIONS_MAX)
            work->root_paths[work->n_roots++] = argv[++i];
        else if (strcmp(argv[i], "--signature") == 0 && i + 1 < argc &&
                 work->n_signatures < OPTIONS_MAX)
            work->signatures[work->n_signatures++] = argv[++i];
        else if (argv[i][0] != '-' && !work->file)
            work->file = argv[i];
        else
            return FALSE;
    }
    return work->file != NULL;
}

static gboolean
load(Work *work, GBytes *file, GError **error)
{
    for (gsize i = 0; i < work->n_roots; i++) {
        g_autoptr(GBytes) bytes = dv_list_read(work->root_paths[i], DV_TRUST_ROOT_MAX, error);
        DvTrustRoot *root = bytes ? dv_trust_root_read(bytes, NULL, error) : NULL;
        if (!root)
            return FALSE;
        g_ptr_array_add(work->roots, root);
    }
    if (work->role == DV_TRUST_ROLE_ROOT)
        g_ptr_array_add(work->roots, dv_trust_root_read(file, NULL, NULL));
    if (work->role == DV_TRUST_ROLE_OWNER) {
        g_autoptr(DvTrustStatement) statement = dv_trust_statement_read(file, NULL, NULL);
        work->list_id = g_strdup(statement->list_id);
    }
    if (work->roots->len > 0)
        return TRUE;
    g_set_error_literal(error, DV_ERROR, DV_ERROR_INVALID,
                        "--root is needed: it says who may sign");
    return FALSE;
}

/* The file with one signature more, by whichever root allows it. */
static GBytes *
add(const Work *work, GBytes *file, const char *path, GError **error)
{
    g_autoptr(GBytes) signature = dv_list_read(path, DV_TRUST_SIGNATURE_MAX, error);
    GBytes *more = NULL;
    for (guint i = 0; signature && !more && i < work->roots->len; i++) {
        g_clear_error(error);
        more = dv_trust_add_signature(file, signature, g_ptr_array_index(work->roots, i),
                                      work->role, work->list_id, error);
    }
    if (more)
        g_clear_error(error);
    else
        g_prefix_error(error, "%s: ", path);
    return more;
}

/* Prints who has signed; TRUE when that is enough for every root. */
static gboolean
count(const Work *work, GBytes *file)
{
    gboolean enough = TRUE;
    for (guint i = 0; i < work->roots->len; i++) {
        const DvTrustRoot *root = g_ptr_array_index(work->roots, i);
        g_autoptr(GPtrArray) holders = NULL;
        guint have = 0, need = 0;
        DvTrustReason reason =
            dv_trust_signed_by(file, root, work->role, work->list_id, &have, &need, &holders, NULL);
        printf("%u of %u necessary signatures by root %" G_GINT64_FORMAT "'s keys:", have, need,
               root->version);
        for (guint j = 0; holders && j < holders->len; j++)
            printf("%s %s", j ? "," : "", (const char *)g_ptr_array_index(holders, j));
        putchar('\n');
        enough = enough && reason == DV_TRUST_OK;
    }
    return enough;
}

static int
run(Work *work)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GBytes) file = dv_list_read(work->file, DV_LIST_FILE_MAX, &error);
    if (!file || !dv_list_show(file, NULL, &work->role, &error) || !load(work, file, &error))
        return dv_watchlist_tool_failed(error);
    for (gsize i = 0; i < work->n_signatures; i++) {
        GBytes *more = add(work, file, work->signatures[i], &error);
        if (!more)
            return dv_watchlist_tool_failed(error);
        g_bytes_unref(file);
        file = more;
    }
    if (!dv_list_write(work->file, file, &error))
        return dv_watchlist_tool_failed(error);
    return count(work, file) ? DV_EXIT_OK : DV_EXIT_FAILED;
}

int
dv_watchlist_tool_collect(int argc, char **argv)
{
    Work work = {0};
    if (dv_watchlist_tool_helped(argc, argv, help))
        return DV_EXIT_OK;
    if (!parse(argc, argv, &work))
        return dv_watchlist_tool_bad_use(help, "collect needs one file", "");
    work.roots = g_ptr_array_new_with_free_func(free_root);
    int status = run(&work);
    g_ptr_array_unref(work.roots);
    g_free(work.list_id);
    return status;
}
