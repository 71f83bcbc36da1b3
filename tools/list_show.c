// SPDX-License-Identifier: Apache-2.0
#include "list_show.h"
#include "list_signer.h"
#include <darvaza/clock.h>
#include <darvaza/error.h>
#include <stdio.h>
#include <string.h>

#define DIFF_MAX (1024u * 1024)

static void
print_span(gint64 issued_us, gint64 expires_us)
{
    g_autofree char *issued = dv_time_format(issued_us);
    g_autofree char *expires = dv_time_format(expires_us);
    printf("  issued %s, good until %s\n", issued, expires);
}

static void
print_statement(const DvTrustStatement *statement)
{
    g_autofree char *generated = dv_time_format(statement->generated_us);
    g_autofree char *stale = dv_time_format(statement->stale_us);
    g_autofree char *over = dv_time_format(statement->list_expires_us);
    printf("statement of the owner of the list %s, version %" G_GINT64_FORMAT "\n",
           statement->list_id, statement->version);
    print_span(statement->issued_us, statement->expires_us);
    printf("  %" G_GINT64_FORMAT " alerts, generated %s, old from %s, over at %s\n",
           statement->rows, generated, stale, over);
    printf("  state hash  %s\n  legal basis %s\n  purpose     %s\n  %u rows must be found\n",
           statement->state_hash, statement->legal_basis, statement->purpose,
           statement->canary_rows->len);
}

static const json_t *
changes_of(const json_t *diff, const char *list_id)
{
    const json_t *lists = json_object_get(diff, "lists"), *found = NULL;
    for (gsize i = 0; i < json_array_size(lists); i++) {
        const json_t *list = json_array_get(lists, i);
        const char *id = dv_json_string_or_null(list, "list_id");
        if (id && strcmp(id, list_id) == 0)
            found = list;
    }
    return found;
}

static gint64
count(const json_t *object, const char *key)
{
    return json_integer_value(json_object_get(object, key));
}

/* The statement that the release names, and no other. NULL: it does not lie there. */
static DvTrustStatement *
statement_of(const DvTrustList *list, const char *folder)
{
    guint8 digest[DV_SHA256_SIZE];
    g_autofree char *name = g_strdup_printf("%s.json", list->statement_sha256);
    g_autofree char *path = g_build_filename(folder, "statement", name, NULL);
    g_autoptr(GBytes) file = dv_list_read(path, DV_TRUST_STATEMENT_MAX, NULL);
    if (!file)
        return NULL;
    dv_sha256(g_bytes_get_data(file, NULL), g_bytes_get_size(file), digest);
    g_autofree char *hex = dv_hex(digest, sizeof digest);
    g_autoptr(DvTrustStatement) read =
        strcmp(hex, list->statement_sha256) == 0 ? dv_trust_statement_read(file, NULL, NULL) : NULL;
    gboolean fits =
        read && strcmp(read->list_id, list->list_id) == 0 && read->version == list->version;
    return fits ? g_steal_pointer(&read) : NULL;
}

/* diff.json is not signed. It counts for what it says it leads to, if that is what is signed. */
static gboolean
diff_fits(const json_t *diff, const DvTrustList *list, const DvTrustStatement *statement)
{
    const char *hash = dv_json_string_or_null(diff, "to_state_hash");
    gboolean from_fits = TRUE, has_update = FALSE;
    for (guint i = 0; i < list->deltas->len; i++) {
        const DvTrustPackage *delta = g_ptr_array_index(list->deltas, i);
        if (delta->to == list->version) {
            from_fits = (has_update && from_fits) || delta->from == count(diff, "from");
            has_update = TRUE;
        }
    }
    return statement && hash && strcmp(hash, statement->state_hash) == 0 &&
           count(diff, "to") == list->version && count(diff, "from") < list->version && from_fits;
}

static void
print_changes(const json_t *diff)
{
    const json_t *changes = json_object_get(diff, "counts");
    printf("    %" G_GINT64_FORMAT " added, %" G_GINT64_FORMAT " removed, %" G_GINT64_FORMAT
           " changed since version %" G_GINT64_FORMAT
           ", as whoever made the draft counted (diff.json, which nobody signs)\n",
           count(changes, "added"), count(changes, "removed"), count(changes, "changed"),
           count(diff, "from"));
}

static void
print_list(const DvTrustList *list, const char *folder, const json_t *diffs)
{
    const json_t *diff = changes_of(diffs, list->list_id);
    g_autoptr(DvTrustStatement) statement = folder ? statement_of(list, folder) : NULL;
    printf("  list %s, version %" G_GINT64_FORMAT "\n    statement   %s\n", list->list_id,
           list->version, list->statement_sha256);
    if (statement)
        printf("    %" G_GINT64_FORMAT " alerts, state hash %s\n", statement->rows,
               statement->state_hash);
    else if (folder)
        puts("    that statement does not lie beside this file: neither alerts nor state hash can "
             "be told");
    if (diff && diff_fits(diff, list, statement))
        print_changes(diff);
    else if (diff)
        puts("    diff.json is of another content: what it tells of this list is not shown");
    printf("    whole list of version %" G_GINT64_FORMAT " in %.1f MB, %u updates kept\n",
           list->full.to, (double)list->full.size / 1e6, list->deltas->len);
}

static json_t *
read_diff(const char *folder)
{
    g_autofree char *path = folder ? g_build_filename(folder, "diff.json", NULL) : NULL;
    g_autoptr(GBytes) bytes = path ? dv_list_read(path, DIFF_MAX, NULL) : NULL;
    return bytes ? dv_json_parse(g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes), DIFF_MAX,
                                 NULL)
                 : NULL;
}

static void
print_release(const DvTrustRelease *release, const char *folder)
{
    g_autoptr(json_t) diffs = read_diff(folder);
    printf("release %" G_GINT64_FORMAT "%s, under root %" G_GINT64_FORMAT "\n", release->release,
           release->urgent ? ", URGENT: add-only updates reach every booth at once" : "",
           release->epoch);
    print_span(release->issued_us, release->expires_us);
    printf("  first to kiosks:");
    for (guint i = 0; i < release->canary->len; i++)
        printf(" %s", (const char *)g_ptr_array_index(release->canary, i));
    printf("%s\n  then to", release->canary->len ? "" : " (none named)");
    for (guint i = 0; i < release->steps->len; i++)
        printf(" %u %%", g_array_index(release->steps, guint, i));
    putchar('\n');
    for (guint i = 0; i < release->lists->len; i++)
        print_list(g_ptr_array_index(release->lists, i), folder, diffs);
}

static void
print_timestamp(const DvTrustTimestamp *timestamp)
{
    printf("timestamp %" G_GINT64_FORMAT ": release %" G_GINT64_FORMAT " for %u %%\n",
           timestamp->version, timestamp->current.release, timestamp->percent);
    print_span(timestamp->issued_us, timestamp->expires_us);
}

gboolean
dv_list_show(GBytes *file, const char *folder, DvTrustRole *role, GError **error)
{
    char content[DV_TRUST_HEX];
    g_autoptr(DvTrustRoot) root = dv_trust_root_read(file, NULL, NULL);
    g_autoptr(DvTrustStatement) statement = dv_trust_statement_read(file, NULL, NULL);
    g_autoptr(DvTrustRelease) release = dv_trust_release_read(file, NULL, NULL);
    g_autoptr(DvTrustTimestamp) timestamp = dv_trust_timestamp_read(file, NULL, NULL);
    if (root) {
        *role = DV_TRUST_ROLE_ROOT;
        dv_list_print_root(root);
    } else if (statement) {
        *role = DV_TRUST_ROLE_OWNER;
        print_statement(statement);
    } else if (release) {
        *role = DV_TRUST_ROLE_RELEASE;
        print_release(release, folder);
    } else if (timestamp) {
        *role = DV_TRUST_ROLE_TIMESTAMP;
        print_timestamp(timestamp);
    } else {
        g_set_error_literal(error, DV_ERROR, DV_ERROR_INVALID,
                            "this is neither a root, a statement, a release nor a timestamp, or "
                            "it is damaged");
        return FALSE;
    }
    if (!dv_trust_content_digest(file, *role, content, error))
        return FALSE;
    printf("what is signed: %s\n", content);
    return TRUE;
}
