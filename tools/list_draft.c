// SPDX-License-Identifier: Apache-2.0
#include "list_draft.h"
#include "list_draft_private.h"
#include "list_signer.h"
#include <darvaza/clock.h>
#include <darvaza/error.h>
#include <darvaza/file.h>
#include <darvaza/json.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>

#define DAY_US (G_GINT64_CONSTANT(86400) * G_USEC_PER_SEC)

char *
draft_path(const Draft *draft, const char *name)
{
    return g_build_filename(draft->folder, name, NULL);
}

static gboolean
write_json(const Draft *draft, const char *name, const json_t *object, GError **error)
{
    g_autofree char *path = draft_path(draft, name);
    gsize length;
    char *text = dv_json_canonical(object, &length, error);
    g_autoptr(GBytes) bytes = text ? g_bytes_new_take(text, length) : NULL;
    return bytes && dv_list_write(path, bytes, error);
}

/* ---- statements */

/* The statement that was handed over for this list and version; NULL without error: none. */
static GBytes *
given_statement(const DraftPlan *plan, const char *list_id, gint64 version, GError **error)
{
    for (guint i = 0; i < plan->statements->len; i++) {
        g_autoptr(GBytes) file =
            dv_list_read(g_ptr_array_index(plan->statements, i), DV_TRUST_STATEMENT_MAX, error);
        g_autoptr(DvTrustStatement) read = file ? dv_trust_statement_read(file, NULL, error) : NULL;
        if (!read)
            return NULL;
        if (strcmp(read->list_id, list_id) == 0 && read->version == version)
            return g_steal_pointer(&file);
    }
    return NULL;
}

/* No booth would take a list whose statement is over. */
static gboolean
is_good_for_now(GBytes *file, GError **error)
{
    g_autoptr(DvTrustStatement) read = dv_trust_statement_read(file, NULL, error);
    if (!read)
        return FALSE;
    if (read->expires_us > dv_clock_wall_us())
        return TRUE;
    g_set_error(error, DV_ERROR, DV_ERROR_EXPIRED,
                "the owner's statement of the list %s, version %" G_GINT64_FORMAT
                ", has expired: the owner has to sign a new one",
                read->list_id, read->version);
    return FALSE;
}

static gboolean
lay_statement(Draft *draft, GBytes *file, DvTrustList *list, GError **error)
{
    guint8 digest[DV_SHA256_SIZE];
    if (!is_good_for_now(file, error))
        return FALSE;
    if (dv_trust_signed_by(file, draft->plan->repo->root, DV_TRUST_ROLE_OWNER, list->list_id, NULL,
                           NULL, NULL, error) != DV_TRUST_OK)
        return FALSE;
    dv_sha256(g_bytes_get_data(file, NULL), g_bytes_get_size(file), digest);
    g_autofree char *hex = dv_hex(digest, sizeof digest);
    g_strlcpy(list->statement_sha256, hex, DV_TRUST_HEX);
    list->statement_size = (gint64)g_bytes_get_size(file);
    g_autofree char *name = g_strdup_printf("statement/%s.json", hex);
    g_autofree char *path = draft_path(draft, name);
    return dv_list_write(path, file, error);
}

static gboolean
statement_fits(GBytes *file, const DvWatchlistInfo *info, GError **error)
{
    g_autoptr(DvTrustStatement) read = dv_trust_statement_read(file, NULL, error);
    if (!read)
        return FALSE;
    if (read->rows == info->rows && strcmp(read->state_hash, info->state_hash) == 0)
        return TRUE;
    g_set_error(error, DV_ERROR, DV_ERROR_INVALID,
                "the owner's statement of the list %s, version %" G_GINT64_FORMAT
                ", is of another content",
                info->list_id, info->version);
    return FALSE;
}

static gboolean
add_statement(Draft *draft, const char *path, const DvWatchlistInfo *info, DvTrustList *list,
              GError **error)
{
    GError *local = NULL;
    g_autoptr(GBytes) file = given_statement(draft->plan, info->list_id, info->version, &local);
    if (local) {
        g_propagate_error(error, local);
        return FALSE;
    }
    if (!file && draft->plan->owner_key) {
        g_autoptr(GBytes) made = list_statement_make(path, NULL, NULL, error);
        file =
            made ? list_statement_sign(made, draft->plan->repo->root, draft->plan->owner_key, error)
                 : NULL;
        if (!file)
            return FALSE;
    }
    if (!file) {
        g_set_error(error, DV_ERROR, DV_ERROR_INVALID,
                    "the list %s, version %" G_GINT64_FORMAT
                    ", has no statement of its owner: --statement or --owner-key is needed",
                    info->list_id, info->version);
        return FALSE;
    }
    return statement_fits(file, info, error) && lay_statement(draft, file, list, error);
}

/* ---- lists */

static gboolean
add_new_list(Draft *draft, const char *path, GError **error)
{
    const ListRepo *repo = draft->plan->repo;
    g_autoptr(DvWatchlistInfo) info = dv_watchlist_info(path, error);
    const DvTrustList *before = info ? list_repo_list(repo->release, info->list_id) : NULL;
    if (!info)
        return FALSE;
    if (info->is_delta || (before && info->version <= before->version)) {
        g_set_error(error, DV_ERROR, DV_ERROR_INVALID,
                    "%s: version %" G_GINT64_FORMAT
                    " of the list %s is not above the released one, or no whole list",
                    path, info->version, info->list_id);
        return FALSE;
    }
    if (info->expires_us <= dv_clock_wall_us()) {
        g_set_error(error, DV_ERROR, DV_ERROR_EXPIRED,
                    "%s: version %" G_GINT64_FORMAT
                    " of the list %s is over by its owner's own dates: booths would refer every "
                    "traveller",
                    path, info->version, info->list_id);
        return FALSE;
    }
    if (list_repo_list(draft->release, info->list_id)) {
        g_set_error(error, DV_ERROR, DV_ERROR_INVALID, "the list %s was given twice",
                    info->list_id);
        return FALSE;
    }
    DvTrustList *list = dv_trust_release_add_list(draft->release, info->list_id);
    list->version = info->version;
    return add_statement(draft, path, info, list, error) &&
           draft_add_packages(draft, path, info, before, list, error);
}

/* A list that stays as it is: the same packages; its statement may be a newer one. */
static gboolean
keep_list(Draft *draft, const DvTrustList *before, GError **error)
{
    GError *local = NULL;
    const ListRepo *repo = draft->plan->repo;
    DvTrustList *list = dv_trust_release_add_list(draft->release, before->list_id);
    list->version = before->version;
    g_autofree char *name = g_strdup_printf("statement/%s.json", before->statement_sha256);
    g_autofree char *path = list_repo_path(repo, name);
    g_autoptr(GBytes) file = given_statement(draft->plan, before->list_id, before->version, &local);
    if (!file && !local)
        file = dv_list_read(path, DV_TRUST_STATEMENT_MAX, &local);
    if (local) {
        g_propagate_error(error, local);
        return FALSE;
    }
    return lay_statement(draft, file, list, error) &&
           draft_keep_packages(draft, before, list, error);
}

static gint
by_id(gconstpointer a, gconstpointer b)
{
    const DvTrustList *left = *(DvTrustList *const *)a, *right = *(DvTrustList *const *)b;
    return strcmp(left->list_id, right->list_id);
}

static gboolean
add_lists(Draft *draft, GError **error)
{
    const DraftPlan *plan = draft->plan;
    for (guint i = 0; i < plan->lists->len; i++)
        if (!add_new_list(draft, g_ptr_array_index(plan->lists, i), error))
            return FALSE;
    const DvTrustRelease *stands = plan->repo->release;
    for (guint i = 0; stands && i < stands->lists->len; i++) {
        const DvTrustList *list = g_ptr_array_index(stands->lists, i);
        if (!list_repo_list(draft->release, list->list_id) && !keep_list(draft, list, error))
            return FALSE;
    }
    g_ptr_array_sort(draft->release->lists, by_id);
    return TRUE;
}

/* Whom an urgent release does not reach at once. */
static void
warn_of_turns(const Draft *draft)
{
    gint64 numbers[2];
    guint count = draft->plan->urgent ? list_repo_behind(draft->plan->repo, numbers) : 0;
    for (guint i = 0; i < count; i++) {
        g_autoptr(DvTrustRelease) had = list_repo_release(draft->plan->repo, numbers[i], NULL);
        for (guint j = 0; j < draft->release->lists->len; j++) {
            const DvTrustList *list = g_ptr_array_index(draft->release->lists, j);
            const DvTrustList *old = list_repo_list(had, list->list_id);
            g_autoptr(GPtrArray) way = old ? dv_trust_path_adding(list, old->version) : NULL;
            if (!way)
                fprintf(stderr,
                        "darvaza watchlist: warning: kiosks that still have release "
                        "%" G_GINT64_FORMAT " take this one in their turn only: no updates that "
                        "only add lead from there to version %" G_GINT64_FORMAT
                        " of the list %s. Let the release before reach all of them first, or "
                        "raise the percentage\n",
                        numbers[i], list->version, list->list_id);
        }
    }
}

/* ---- the whole */

static void
fill_release(Draft *draft)
{
    const DraftPlan *plan = draft->plan;
    DvTrustRelease *release = draft->release;
    release->release = draft->number;
    release->epoch = plan->repo->root->version;
    release->issued_us = dv_clock_wall_us() / 1000 * 1000;
    release->expires_us = release->issued_us + plan->days * DAY_US;
    release->urgent = plan->urgent;
    for (guint i = 0; i < plan->canary->len; i++)
        g_ptr_array_add(release->canary, g_strdup(g_ptr_array_index(plan->canary, i)));
    g_array_append_vals(release->steps, plan->steps->data, plan->steps->len);
}

/* current.json makes the draft's folder one that questions can be put to, as a booth's. */
static gboolean
finish(Draft *draft, GError **error)
{
    g_autofree char *at = dv_time_format(draft->release->issued_us);
    g_autoptr(json_t) current = json_pack(
        "{s:i, s:I, s:I, s:s, s:O}", "format", 1, "epoch", (json_int_t)draft->release->epoch,
        "release", (json_int_t)draft->number, "installed_at", at, "lists", draft->current);
    g_autoptr(json_t) diff = json_pack("{s:i, s:O}", "format", 1, "lists", draft->diffs);
    g_autoptr(GBytes) file = dv_trust_release_make(draft->release, error);
    g_autofree char *path = draft_path(draft, "release.json");
    return file && write_json(draft, "current.json", current, error) &&
           write_json(draft, "diff.json", diff, error) && dv_list_write(path, file, error);
}

static gboolean
make_folders(const Draft *draft, GError **error)
{
    static const char *const names[] = {"statement", "package", "keys", "layers"};
    for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *path = draft_path(draft, names[i]);
        if (!dv_file_make_dir(path, 0700, error))
            return FALSE;
    }
    return TRUE;
}

static void
draft_clear(Draft *draft)
{
    dv_trust_release_free(draft->release);
    json_decref(draft->current);
    json_decref(draft->diffs);
    g_free(draft->folder);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Draft, draft_clear)

static void
remove_tree(const char *path)
{
    g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
    for (const char *name; dir && (name = g_dir_read_name(dir));) {
        g_autofree char *child = g_build_filename(path, name, NULL);
        if (g_file_test(child, G_FILE_TEST_IS_DIR))
            remove_tree(child);
        else
            g_unlink(child);
    }
    g_rmdir(path);
}

gint64
list_draft_make(const DraftPlan *plan, GError **error)
{
    g_auto(Draft) draft = {.plan = plan};
    if (!list_repo_needs_root(plan->repo, error))
        return 0;
    draft.number = plan->repo->last_number + 1;
    draft.release = dv_trust_release_new();
    draft.current = json_array();
    draft.diffs = json_array();
    g_autofree char *place = list_repo_draft(plan->repo, draft.number, NULL);
    draft.folder = g_strconcat(place, ".part", NULL);
    remove_tree(draft.folder);
    gboolean made = make_folders(&draft, error) && add_lists(&draft, error);
    if (made) {
        warn_of_turns(&draft);
        fill_release(&draft);
    }
    made = made && finish(&draft, error);
    if (made && g_rename(draft.folder, place) == 0)
        return draft.number;
    if (made)
        g_set_error(error, DV_ERROR, DV_ERROR_IO, "%s cannot be put in its place", place);
    remove_tree(draft.folder);
    return 0;
}
