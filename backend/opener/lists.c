// SPDX-License-Identifier: Apache-2.0
/* The opener's lists: where they are, and which root it trusts. */
#include "lists.h"

#include <darvaza/clock.h>
#include <darvaza/error.h>
#include <darvaza/file.h>
#include <darvaza/log.h>

#define HOUR_US (G_GINT64_CONSTANT(3600) * G_USEC_PER_SEC)
#define VALIDITY_H 24
#define DRY_RUN_LEAST 20

static gboolean
read_root(DvOpenerLists *lists, GError **error)
{
    g_clear_pointer(&lists->root, dv_trust_root_free);
    lists->root = dv_trust_root_read(dv_trust_root_file(lists->trust), NULL, error);
    return lists->root != NULL;
}

static gboolean
load(DvOpenerLists *lists, const DvOpenerOptions *options, GError **error)
{
    lists->trust = dv_trust_load(lists->trust_dir, error);
    if (!lists->trust || !read_root(lists, error))
        return FALSE;
    const char *key = options->timestamp_key;
    if (key && *key)
        lists->timestamp_key = dv_key_load(key, error);
    return !key || !*key || lists->timestamp_key;
}

DvOpenerLists *
dv_opener_lists_new(const DvOpenerOptions *options, GError **error)
{
    const char *repository = options->lists_repository;
    if (!repository || !*repository)
        return NULL;
    DvOpenerLists *lists = g_new0(DvOpenerLists, 1);
    guint hours = options->timestamp_hours ? options->timestamp_hours : VALIDITY_H;
    lists->lists = g_build_filename(repository, "lists", NULL);
    lists->drafts = g_build_filename(repository, "drafts", NULL);
    lists->trust_dir = g_strdup(options->lists_trust);
    lists->validity_us = hours * HOUR_US;
    /* Often enough that a booth sees within the hour that nobody holds news back, and that several
     * renewals may fail before a timestamp ends. */
    lists->renew_us = MIN(lists->validity_us / 4, HOUR_US);
    lists->dry_run_least = options->dry_run_least ? options->dry_run_least : DRY_RUN_LEAST;
    lists->read_before = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    if (load(lists, options, error))
        return lists;
    dv_opener_lists_free(lists);
    return NULL;
}

void
dv_opener_lists_free(DvOpenerLists *lists)
{
    if (!lists)
        return;
    dv_dry_run_cancel(lists->dry_run);
    dv_trust_free(lists->trust);
    dv_trust_root_free(lists->root);
    dv_key_free(lists->timestamp_key);
    g_free(lists->lists);
    g_free(lists->drafts);
    g_free(lists->trust_dir);
    g_free(lists->renew_refused);
    g_hash_table_unref(lists->read_before);
    g_free(lists);
}

gboolean
dv_lists_are_here(const DvOpener *opener, GError **error)
{
    if (opener->lists)
        return TRUE;
    g_set_error(error, DV_ERROR, DV_ERROR_UNAVAILABLE,
                "This opener has no lists: its configuration names no repository.");
    return FALSE;
}

/* TRUE when there was a next root and it was taken. */
static gboolean
take_next(DvOpener *opener)
{
    DvOpenerLists *lists = opener->lists;
    g_autoptr(GError) error = NULL;
    g_autofree char *path = g_strdup_printf("%s/root/%" G_GINT64_FORMAT ".json", lists->lists,
                                            lists->root->version + 1);
    if (!g_file_test(path, G_FILE_TEST_EXISTS))
        return FALSE;
    g_autoptr(GBytes) file = dv_file_read(path, DV_TRUST_ROOT_MAX, &error);
    if (file && dv_trust_take_root(lists->trust, file, dv_clock_wall_us(), &error) == DV_TRUST_OK &&
        dv_trust_store(lists->trust, lists->trust_dir, &error) && read_root(lists, &error)) {
        g_autofree char *object = g_strdup_printf("root %" G_GINT64_FORMAT, lists->root->version);
        return dv_opener_log(opener, "opener", "list.root", object, "ok", "", &error);
    }
    dv_log_warning("lists: the next root was not taken: %s", error ? error->message : "refused");
    return FALSE;
}

const DvTrustRoot *
dv_lists_root(DvOpener *opener, GError **error)
{
    if (!dv_lists_are_here(opener, error))
        return NULL;
    for (int i = 0; i < DV_TRUST_ROOT_STEPS_MAX && take_next(opener); i++)
        continue;
    return opener->lists->root;
}
