// SPDX-License-Identifier: Apache-2.0
/* The packages of one list in a draft: whole ones, updates, and who can open them. */
#include "list_draft_private.h"
#include "list_signer.h"
#include "progress.h"
#include <darvaza/error.h>
#include <darvaza/file.h>
#include <glib/gstdio.h>
#include <string.h>

#define DELTAS_KEPT 30
#define NAME_FULL "layers/%s-%" G_GINT64_FORMAT ".dvlist"
#define NAME_DELTA "layers/%s-%" G_GINT64_FORMAT "-%" G_GINT64_FORMAT ".dvlist"

static char *
layer_name(const char *list_id, const DvTrustPackage *package)
{
    return package->from == 0 ? g_strdup_printf(NAME_FULL, list_id, package->to)
                              : g_strdup_printf(NAME_DELTA, list_id, package->from, package->to);
}

/* ---- envelopes */

static gboolean
envelop(DvPackageEnvelopes *envelopes, const guint8 *key, const char *path, GError **error)
{
    g_autoptr(DvCert) cert = dv_cert_load(path, error);
    return cert && dv_package_envelopes_add(envelopes, key, cert, error);
}

static gboolean
envelop_kiosks(const DraftPlan *plan, DvPackageEnvelopes *envelopes, const guint8 *key,
               GError **error)
{
    g_autoptr(GDir) dir = plan->kiosks ? g_dir_open(plan->kiosks, 0, error) : NULL;
    if (plan->kiosks && !dir)
        return FALSE;
    for (const char *name; dir && (name = g_dir_read_name(dir));) {
        g_autofree char *path = g_build_filename(plan->kiosks, name, "lists.pem", NULL);
        if (g_file_test(path, G_FILE_TEST_EXISTS) && !envelop(envelopes, key, path, error))
            return FALSE;
    }
    return !plan->centre || envelop(envelopes, key, plan->centre, error);
}

static gboolean
lay_envelopes(Draft *draft, const DvTrustPackage *package, const guint8 *key, GError **error)
{
    g_autoptr(DvPackageEnvelopes) envelopes =
        dv_package_envelopes_new(package->sha256, package->content_key_id);
    if (!envelop_kiosks(draft->plan, envelopes, key, error))
        return FALSE;
    g_autoptr(GBytes) file = dv_package_envelopes_make(envelopes, error);
    g_autofree char *name = g_strdup_printf("keys/%s", package->sha256);
    g_autofree char *path = draft_path(draft, name);
    return file && dv_list_write(path, file, error);
}

/* ---- packages */

static gboolean
show(gint64 done, gint64 total, void *data)
{
    dv_progress_update(data, (guint64)done, (guint64)total);
    return TRUE;
}

/* The package of a layer that stands in the draft, under its digest as its name. */
static gboolean
pack(Draft *draft, const char *layer, DvTrustPackage *package, GError **error)
{
    guint8 key[DV_PACKAGE_KEY_SIZE];
    g_autofree char *fresh = draft_path(draft, "package/new");
    DvProgress progress;
    dv_progress_begin(&progress, "packing", DV_PROGRESS_BYTES);
    gboolean packed = dv_package_make(layer, fresh, key, package, show, &progress, error);
    dv_progress_end(&progress);
    if (!packed)
        return FALSE;
    g_autofree char *name = g_strdup_printf("package/%s", package->sha256);
    g_autofree char *path = draft_path(draft, name);
    gboolean laid = g_rename(fresh, path) == 0 && lay_envelopes(draft, package, key, error);
    explicit_bzero(key, sizeof key);
    if (!laid && error && !*error)
        g_set_error(error, DV_ERROR, DV_ERROR_IO, "%s cannot be put in its place", path);
    return laid;
}

static gboolean
link_to(const Draft *draft, const char *from, const char *name, GError **error)
{
    g_autofree char *to = draft_path(draft, name);
    return list_repo_link(from, to, error);
}

/* A package that was released before: the draft names it again. */
static gboolean
keep_package(Draft *draft, const DvTrustPackage *package, GError **error)
{
    g_autofree char *name = g_strdup_printf("package/%s", package->sha256);
    g_autofree char *keys = g_strdup_printf("keys/%s", package->sha256);
    g_autofree char *from = list_repo_path(draft->plan->repo, name);
    g_autofree char *keys_from = list_repo_path(draft->plan->repo, keys);
    return link_to(draft, from, name, error) && link_to(draft, keys_from, keys, error);
}

static gboolean
keep_delta(Draft *draft, const DvTrustPackage *delta, DvTrustList *list, GError **error)
{
    g_ptr_array_add(list->deltas, g_memdup2(delta, sizeof *delta));
    return keep_package(draft, delta, error);
}

/* The last updates, so that a booth that missed some catches up without the whole list. */
static gboolean
keep_deltas(Draft *draft, const DvTrustList *before, DvTrustList *list, GError **error)
{
    guint first = before->deltas->len > DELTAS_KEPT ? before->deltas->len - DELTAS_KEPT : 0;
    for (guint i = first; i < before->deltas->len; i++)
        if (!keep_delta(draft, g_ptr_array_index(before->deltas, i), list, error))
            return FALSE;
    return TRUE;
}

/* ---- layers */

static gboolean
note_layers(Draft *draft, const DvTrustList *list, GError **error)
{
    json_t *names = json_array();
    g_autoptr(GPtrArray) path = dv_trust_path(list, 0);
    gboolean there = path != NULL;
    for (guint i = 0; there && i < path->len; i++) {
        g_autofree char *name = layer_name(list->list_id, g_ptr_array_index(path, i));
        g_autofree char *file = draft_path(draft, name);
        there = g_file_test(file, G_FILE_TEST_EXISTS);
        json_array_append_new(names, json_string(name + strlen("layers/")));
    }
    json_array_append_new(draft->current,
                          json_pack("{s:s, s:I, s:o}", "list_id", list->list_id, "version",
                                    (json_int_t)list->version, "layers", names));
    if (!there)
        g_set_error(error, DV_ERROR, DV_ERROR_CORRUPT,
                    "the plain layers of the list %s are not complete", list->list_id);
    return there;
}

static gboolean
keep_layers(Draft *draft, const DvTrustList *before, char **stack, GError **error)
{
    (void)before;
    for (char **layer = stack; *layer; layer++) {
        g_autofree char *base = g_path_get_basename(*layer);
        g_autofree char *name = g_build_filename("layers", base, NULL);
        if (!link_to(draft, *layer, name, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean
add_full(Draft *draft, const char *path, DvTrustList *list, GError **error)
{
    list->full.from = 0;
    list->full.to = list->version;
    g_autofree char *name = layer_name(list->list_id, &list->full);
    g_autofree char *layer = draft_path(draft, name);
    return link_to(draft, path, name, error) && pack(draft, layer, &list->full, error);
}

static gboolean
add_delta(Draft *draft, const char *path, const DvWatchlistInfo *info, char **stack,
          DvTrustList *list, gint64 from, gboolean *made, GError **error)
{
    DvTrustPackage delta = {.from = from, .to = list->version};
    g_autofree char *name = layer_name(list->list_id, &delta);
    g_autofree char *layer = draft_path(draft, name);
    if (!draft_make_delta(draft, stack, path, info, layer, made, &delta.add_only, error))
        return FALSE;
    if (!*made)
        return TRUE;
    if (!pack(draft, layer, &delta, error))
        return FALSE;
    g_ptr_array_add(list->deltas, g_memdup2(&delta, sizeof delta));
    return TRUE;
}

/* Whether the updates since the last whole list have become so large that a new whole one pays. */
static gboolean
is_long(const DvTrustList *list, const DvTrustPackage *full)
{
    gint64 bytes = 0;
    guint count = 0;
    for (guint i = 0; i < list->deltas->len; i++) {
        const DvTrustPackage *delta = g_ptr_array_index(list->deltas, i);
        if (delta->from >= full->to) {
            bytes += delta->size;
            count++;
        }
    }
    return bytes > full->size / 2 || count >= DELTAS_KEPT;
}

static gboolean
add_update(Draft *draft, const char *path, const DvWatchlistInfo *info, const DvTrustList *before,
           DvTrustList *list, gboolean *made, GError **error)
{
    const ListRepo *repo = draft->plan->repo;
    g_auto(GStrv) stack = list_repo_layers(repo, repo->release->release, before->list_id, error);
    return stack && draft_add_diff(draft, stack, path, error) &&
           keep_layers(draft, before, stack, error) && keep_deltas(draft, before, list, error) &&
           add_delta(draft, path, info, stack, list, before->version, made, error);
}

static gboolean
urgent_is_honest(const Draft *draft, const DvTrustList *list, gboolean made, GError **error)
{
    const DvTrustPackage *last =
        made ? g_ptr_array_index(list->deltas, list->deltas->len - 1) : NULL;
    if (!draft->plan->urgent || (last && last->add_only))
        return TRUE;
    g_set_error(error, DV_ERROR, DV_ERROR_INVALID,
                "the list %s takes alerts away, changes some or is new: that cannot be urgent",
                list->list_id);
    return FALSE;
}

/* An update that only adds, for kiosks that have not even the release before: there is one where
 * what that release took away comes back. */
static gboolean
add_from_behind(Draft *draft, const char *path, const DvWatchlistInfo *info, gint64 number,
                DvTrustList *list, GError **error)
{
    const ListRepo *repo = draft->plan->repo;
    g_autoptr(DvTrustRelease) release = list_repo_release(repo, number, NULL);
    const DvTrustList *old = list_repo_list(release, list->list_id);
    g_autoptr(GPtrArray) way = old ? dv_trust_path_adding(list, old->version) : NULL;
    g_auto(GStrv) stack = old && !way ? list_repo_layers(repo, number, list->list_id, NULL) : NULL;
    if (!stack)
        return TRUE;
    gboolean made = FALSE;
    DvTrustPackage delta = {.from = old->version, .to = list->version};
    g_autofree char *name = layer_name(list->list_id, &delta);
    g_autofree char *layer = draft_path(draft, name);
    if (!draft_make_delta(draft, stack, path, info, layer, &made, &delta.add_only, error))
        return FALSE;
    if (!made || !delta.add_only) {
        g_unlink(layer);
        return TRUE;
    }
    if (!keep_layers(draft, old, stack, error) || !pack(draft, layer, &delta, error))
        return FALSE;
    g_ptr_array_add(list->deltas, g_memdup2(&delta, sizeof delta));
    return TRUE;
}

static gboolean
add_urgent_ways(Draft *draft, const char *path, const DvWatchlistInfo *info, DvTrustList *list,
                GError **error)
{
    gint64 numbers[2];
    guint count = draft->plan->urgent ? list_repo_behind(draft->plan->repo, numbers) : 0;
    for (guint i = 0; i < count; i++)
        if (!add_from_behind(draft, path, info, numbers[i], list, error))
            return FALSE;
    return TRUE;
}

gboolean
draft_add_packages(Draft *draft, const char *path, const DvWatchlistInfo *info,
                   const DvTrustList *before, DvTrustList *list, GError **error)
{
    gboolean made = FALSE;
    if (before ? !add_update(draft, path, info, before, list, &made, error)
               : !draft_add_diff(draft, NULL, path, error))
        return FALSE;
    if (!urgent_is_honest(draft, list, made, error) ||
        !add_urgent_ways(draft, path, info, list, error))
        return FALSE;
    gboolean whole = !made || draft->plan->whole || is_long(list, &before->full);
    if (!whole) {
        list->full = before->full;
        return keep_package(draft, &list->full, error) && note_layers(draft, list, error);
    }
    return add_full(draft, path, list, error) && note_layers(draft, list, error);
}

gboolean
draft_keep_packages(Draft *draft, const DvTrustList *before, DvTrustList *list, GError **error)
{
    const ListRepo *repo = draft->plan->repo;
    g_auto(GStrv) stack = list_repo_layers(repo, repo->release->release, before->list_id, error);
    list->full = before->full;
    return stack && keep_layers(draft, before, stack, error) &&
           keep_package(draft, &list->full, error) && keep_deltas(draft, before, list, error) &&
           note_layers(draft, list, error);
}
