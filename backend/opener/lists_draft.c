// SPDX-License-Identifier: Apache-2.0
/* One draft of a release as it lies in the repository. */
#include "lists.h"

#include <darvaza/clock.h>
#include <darvaza/error.h>
#include <darvaza/file.h>
#include <string.h>

#define DRAFTS_MAX 256

char *
dv_draft_object(const DvDraft *draft)
{
    return g_strdup_printf("%s %s", draft->object, draft->content);
}

/* The owner's word on one list: exactly the file that the release names, rightly signed. */
static gboolean
read_statement(DvOpener *opener, DvDraft *draft, const DvTrustList *list, GError **error)
{
    g_autofree char *name = g_strdup_printf("statement/%s.json", list->statement_sha256);
    g_autoptr(GBytes) file = dv_draft_file(draft, name, DV_TRUST_STATEMENT_MAX, error);
    if (!file)
        return FALSE;
    gsize length = 0;
    const void *data = g_bytes_get_data(file, &length);
    if (dv_trust_check_bytes(data, length, list->statement_size, list->statement_sha256, error) !=
            DV_TRUST_OK ||
        dv_trust_signed_by(file, opener->lists->root, DV_TRUST_ROLE_OWNER, list->list_id, NULL,
                           NULL, NULL, error) != DV_TRUST_OK) {
        g_prefix_error(error, "The owner's statement of list %s: ", list->list_id);
        return FALSE;
    }
    DvTrustStatement *statement = dv_trust_statement_read(file, NULL, error);
    if (!statement)
        return FALSE;
    g_ptr_array_add(draft->statements, statement);
    if (strcmp(statement->list_id, list->list_id) == 0 && statement->version == list->version)
        return TRUE;
    g_set_error(error, DV_ERROR, DV_ERROR_INVALID,
                "The owner's statement of list %s is one of another list or version.",
                list->list_id);
    return FALSE;
}

DvTrustStatement *
dv_lists_served_statement(const DvOpenerLists *lists, const DvTrustList *list)
{
    gsize length = 0;
    g_autofree char *path =
        g_strdup_printf("%s/statement/%s.json", lists->lists, list->statement_sha256);
    g_autoptr(GBytes) file = dv_file_read(path, DV_TRUST_STATEMENT_MAX, NULL);
    const void *data = file ? g_bytes_get_data(file, &length) : NULL;
    gboolean whole = data && dv_trust_check_bytes(data, length, list->statement_size,
                                                  list->statement_sha256, NULL) == DV_TRUST_OK;
    return whole ? dv_trust_statement_read(file, NULL, NULL) : NULL;
}

GBytes *
dv_draft_file(const DvDraft *draft, const char *name, gsize max, GError **error)
{
    g_autofree char *path = g_build_filename(draft->folder, name, NULL);
    if (!g_file_test(path, G_FILE_TEST_IS_REGULAR)) {
        g_set_error(error, DV_ERROR, DV_ERROR_INVALID, "The draft of %s lacks its file %s.",
                    draft->object, name);
        return NULL;
    }
    return dv_file_read(path, max, error);
}

static gboolean
fill(DvOpener *opener, DvDraft *draft, GError **error)
{
    draft->file = dv_draft_file(draft, "release.json", DV_TRUST_RELEASE_MAX, error);
    draft->release = draft->file ? dv_trust_release_read(draft->file, NULL, error) : NULL;
    if (!draft->release ||
        !dv_trust_content_digest(draft->file, DV_TRUST_ROLE_RELEASE, draft->content, error))
        return FALSE;
    if (draft->release->release != draft->number) {
        g_set_error(error, DV_ERROR, DV_ERROR_INVALID,
                    "The draft of %s holds release %" G_GINT64_FORMAT ".", draft->object,
                    draft->release->release);
        return FALSE;
    }
    for (guint i = 0; i < draft->release->lists->len; i++)
        if (!read_statement(opener, draft, draft->release->lists->pdata[i], error))
            return FALSE;
    return TRUE;
}

DvDraft *
dv_draft_read(DvOpener *opener, gint64 number, GError **error)
{
    if (!dv_lists_root(opener, error))
        return NULL;
    g_autoptr(DvDraft) draft = g_new0(DvDraft, 1);
    draft->number = number;
    draft->folder = g_strdup_printf("%s/%" G_GINT64_FORMAT, opener->lists->drafts, number);
    draft->object = g_strdup_printf("release %" G_GINT64_FORMAT, number);
    draft->statements = g_ptr_array_new_with_free_func((GDestroyNotify)dv_trust_statement_free);
    if (number < 1 || !g_file_test(draft->folder, G_FILE_TEST_IS_DIR)) {
        g_set_error(error, DV_ERROR, DV_ERROR_INVALID, "There is no draft of %s here.",
                    draft->object);
        return NULL;
    }
    return fill(opener, draft, error) ? g_steal_pointer(&draft) : NULL;
}

void
dv_draft_free(DvDraft *draft)
{
    if (!draft)
        return;
    g_clear_pointer(&draft->file, g_bytes_unref);
    dv_trust_release_free(draft->release);
    g_ptr_array_unref(draft->statements);
    g_free(draft->folder);
    g_free(draft->object);
    g_free(draft);
}

static int
by_number(const void *a, const void *b)
{
    gint64 left = *(const gint64 *)a, right = *(const gint64 *)b;
    return left < right ? -1 : left > right;
}

GArray *
dv_draft_numbers(const DvOpenerLists *lists)
{
    GArray *numbers = g_array_new(FALSE, FALSE, sizeof(gint64));
    g_autoptr(GDir) dir = g_dir_open(lists->drafts, 0, NULL);
    const char *name;
    while (dir && (name = g_dir_read_name(dir))) {
        guint64 value = 0;
        if (name[0] == '0' || !g_ascii_string_to_unsigned(name, 10, 1, G_MAXINT64, &value, NULL))
            continue;
        gint64 number = (gint64)value;
        g_array_append_val(numbers, number);
    }
    g_array_sort(numbers, by_number);
    if (numbers->len > DRAFTS_MAX) /* the newest ones are of interest */
        g_array_remove_range(numbers, 0, numbers->len - DRAFTS_MAX);
    return numbers;
}

/* ---- for the page ---- */

static json_t *
time_json(gint64 wall_us)
{
    g_autofree char *text = dv_time_format(wall_us);
    return json_string(text);
}

/* Bytes that a booth fetches at most: the newest delta where there is one. */
static gint64
least_bytes(const DvTrustList *list)
{
    if (list->deltas->len == 0)
        return list->full.size;
    const DvTrustPackage *delta = list->deltas->pdata[list->deltas->len - 1];
    return delta->size;
}

static json_t *
list_json(const DvTrustList *list, const DvTrustStatement *statement)
{
    return json_pack(
        "{s:s, s:I, s:I, s:s, s:s, s:s, s:s, s:o, s:o, s:o, s:I, s:I}", "list_id", list->list_id,
        "version", (json_int_t)list->version, "rows", (json_int_t)statement->rows, "state_hash",
        statement->state_hash, "statement_sha256", list->statement_sha256, "legal_basis",
        statement->legal_basis, "purpose", statement->purpose, "generated_at",
        time_json(statement->generated_us), "stale_after", time_json(statement->stale_us),
        "list_expires_at", time_json(statement->list_expires_us), "update_bytes",
        (json_int_t)least_bytes(list), "full_bytes", (json_int_t)list->full.size);
}

json_t *
dv_draft_json(const DvDraft *draft)
{
    const DvTrustRelease *release = draft->release;
    json_t *lists = json_array(), *canary = json_array(), *steps = json_array();
    for (guint i = 0; i < release->lists->len; i++)
        json_array_append_new(lists,
                              list_json(release->lists->pdata[i], draft->statements->pdata[i]));
    for (guint i = 0; i < release->canary->len; i++)
        json_array_append_new(canary, json_string(release->canary->pdata[i]));
    for (guint i = 0; i < release->steps->len; i++)
        json_array_append_new(steps,
                              json_integer((json_int_t)g_array_index(release->steps, guint, i)));
    return json_pack("{s:I, s:I, s:o, s:o, s:b, s:o, s:o, s:o, s:s}", "release",
                     (json_int_t)release->release, "epoch", (json_int_t)release->epoch, "issued_at",
                     time_json(release->issued_us), "expires_at", time_json(release->expires_us),
                     "urgent", (int)release->urgent, "canary", canary, "steps", steps, "lists",
                     lists, "content", draft->content);
}
