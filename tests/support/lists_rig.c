// SPDX-License-Identifier: Apache-2.0
#include "lists_rig.h"

#include "keys.h"

#include <darvaza/clock.h>
#include <darvaza/watchlist_build.h>
#include <glib/gstdio.h>
#include <string.h>

#define DAY_US (G_GINT64_CONSTANT(86400) * G_USEC_PER_SEC)
#define PROFILE                                                                                    \
    "{\"list_id\":\"" LISTS_RIG_ID "\",\"title\":\"Invented\",\"owner\":\"Utopian Office\","       \
    "\"kind\":\"lost_stolen\",\"version\":%" G_GINT64_FORMAT ",\"generated_at\":\"%s\","           \
    "\"stale_after\":\"P7D\",\"expires_at\":\"P30D\",\"is_training\":true,\"defaults\":{"          \
    "\"legal_basis\":\"Utopian Act, 9\",\"owner\":\"Utopian Office\",\"purpose\":\"Training\","    \
    "\"action\":\"SEIZE_DOCUMENT\",\"issuing_state\":\"UTO\",\"document_type\":\"P\","             \
    "\"review_date\":\"P365D\"}}\n"

static char *
path_of(const ListsRig *rig, const char *name)
{
    return g_build_filename(rig->dir, name, NULL);
}

static void
lay(const ListsRig *rig, const char *name, const void *data, gsize length)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *path = path_of(rig, name);
    g_autofree char *folder = g_path_get_dirname(path);
    if (g_mkdir_with_parents(folder, 0700) != 0 ||
        !g_file_set_contents(path, data, (gssize)length, &error))
        g_error("lists rig: %s: %s", name, error ? error->message : "no folder");
}

static void
lay_bytes(const ListsRig *rig, const char *name, GBytes *bytes)
{
    gsize length = 0;
    const void *data = g_bytes_get_data(bytes, &length);
    lay(rig, name, data, length);
}

static gint64
now_us(void)
{
    return dv_clock_wall_us() / 1000 * 1000;
}

ListsRig *
lists_rig_new(void)
{
    g_autofree char *dir = g_dir_make_tmp("dv-lists-XXXXXX", NULL);
    return lists_rig_new_at(dir);
}

ListsRig *
lists_rig_new_at(const char *dir)
{
    static const char *const ids[] = {LISTS_RIG_ID, NULL};
    g_autoptr(GError) error = NULL;
    ListsRig *rig = g_new0(ListsRig, 1);
    rig->dir = g_strdup(dir);
    rig->trust_dir = path_of(rig, "trust");
    rig->timestamp_key = path_of(rig, "timestamp-key.pem");
    rig->signers = dv_test_signers_new();
    rig->root = dv_test_root(rig->signers, 1, now_us() - DAY_US, ids);
    g_autoptr(GBytes) file = dv_test_signed(rig->signers, dv_trust_root_make(rig->root, &error),
                                            DV_TRUST_ROLE_ROOT, SIGNED_ROOT);
    lay_bytes(rig, "lists/root/1.json", file);
    lay_bytes(rig, "trust/root.json", file);
    if (!dv_key_save_new(rig->signers->keys[SIGNER_TIMESTAMP], rig->timestamp_key, NULL, &error))
        g_error("lists rig: %s", error->message);
    return rig;
}

void
lists_rig_free(ListsRig *rig)
{
    dv_test_remove_tree(rig->dir);
    lists_rig_leave(rig);
}

void
lists_rig_leave(ListsRig *rig)
{
    dv_test_signers_free(rig->signers);
    dv_trust_root_free(rig->root);
    g_free(rig->dir);
    g_free(rig->trust_dir);
    g_free(rig->timestamp_key);
    g_free(rig);
}

/* ---- the list itself, where a dry run looks for it */

static DvWatchlistReport *
build_list(const ListsRig *rig, const char *draft, gint64 version, const char *const *numbers)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *at = dv_time_format(now_us());
    GString *source = g_string_new(NULL);
    g_string_append_printf(source, PROFILE, version, at);
    for (gsize i = 0; numbers[i]; i++)
        g_string_append_printf(
            source,
            "{\"alert_id\":\"U-%zu\",\"subject\":\"document\",\"document_number\":\"%s\"}\n", i + 1,
            numbers[i]);
    lay(rig, "source.jsonl", source->str, source->len);
    g_string_free(source, TRUE);
    g_autofree char *name =
        g_strdup_printf("%s/layers/" LISTS_RIG_ID "-%" G_GINT64_FORMAT ".dvlist", draft, version);
    g_autofree char *out = path_of(rig, name);
    g_autofree char *folder = g_path_get_dirname(out);
    g_autofree char *from = path_of(rig, "source.jsonl");
    DvWatchlistReport *report = NULL;
    if (g_mkdir_with_parents(folder, 0700) != 0 ||
        !dv_watchlist_build(from, NULL, out, &report, &error))
        g_error("lists rig: %s", error ? error->message : "no folder");
    /* Readers that know no current.json take every list file of the folder itself. */
    g_autofree char *plain = g_strdup_printf("%s/" LISTS_RIG_ID ".dvlist", draft);
    g_autoptr(GMappedFile) file = g_mapped_file_new(out, FALSE, NULL);
    lay(rig, plain, g_mapped_file_get_contents(file), g_mapped_file_get_length(file));
    return report;
}

static void
lay_current(const ListsRig *rig, const char *draft, gint64 release, gint64 version)
{
    g_autofree char *name = g_strconcat(draft, "/current.json", NULL);
    g_autofree char *at = dv_time_format(now_us());
    g_autofree char *text = g_strdup_printf(
        "{\"epoch\":1,\"format\":1,\"installed_at\":\"%s\",\"lists\":[{\"layers\":[\"" LISTS_RIG_ID
        "-%" G_GINT64_FORMAT ".dvlist\"],\"list_id\":\"" LISTS_RIG_ID
        "\",\"version\":%" G_GINT64_FORMAT "}],\"release\":%" G_GINT64_FORMAT "}",
        at, version, version, release);
    lay(rig, name, text, strlen(text));
}

static void
lay_diff(const ListsRig *rig, const char *draft, gint64 version, const char *state_hash,
         const char *const *numbers)
{
    g_autofree char *name = g_strconcat(draft, "/diff.json", NULL);
    json_t *rows = json_array();
    for (gsize i = 0; numbers[i]; i++) {
        g_autofree char *alert = g_strdup_printf("U-%zu", i + 1);
        json_array_append_new(rows, json_pack("{s:s, s:s, s:n, s:{s:s, s:s}}", "change", "added",
                                              "alert_id", alert, "before", "after", "alert_id",
                                              alert, "document_number", numbers[i]));
    }
    json_int_t added = (json_int_t)json_array_size(rows);
    g_autoptr(json_t) diff = json_pack(
        "{s:i, s:[{s:s, s:n, s:I, s:n, s:s, s:{s:I, s:i, s:i, s:i, s:i}, s:o, s:b}]}", "format", 1,
        "lists", "list_id", LISTS_RIG_ID, "from", "to", (json_int_t)version, "from_state_hash",
        "to_state_hash", state_hash, "counts", "added", added, "removed", 0, "changed", 0,
        "expired", 0, "no_review_date", 0, "rows", rows, "capped", 0);
    char *text = json_dumps(diff, JSON_COMPACT);
    lay(rig, name, text, strlen(text));
    free(text);
}

/* ---- what is signed */

static void
lay_statement(const ListsRig *rig, const char *draft, const DvWatchlistReport *report,
              DvTrustList *list)
{
    g_autoptr(DvTrustStatement) statement = dv_trust_statement_new();
    statement->list_id = g_strdup(LISTS_RIG_ID);
    statement->version = list->version;
    statement->issued_us = statement->generated_us = now_us();
    statement->expires_us = now_us() + 30 * DAY_US;
    statement->stale_us = now_us() + 7 * DAY_US;
    statement->list_expires_us = now_us() + 30 * DAY_US;
    statement->rows = (gint64)report->taken;
    g_strlcpy(statement->state_hash, report->state_hash, sizeof statement->state_hash);
    statement->legal_basis = g_strdup("Utopian Act, 9");
    statement->purpose = g_strdup("Training");
    g_autoptr(json_t) query = json_pack("{s:s}", "document_number", "CANARY001");
    dv_trust_statement_add_canary(statement, query, "CANARY-1");
    g_autoptr(GError) error = NULL;
    GBytes *made = dv_trust_statement_make(statement, &error);
    if (!made)
        g_error("lists rig: %s", error->message);
    g_autoptr(GBytes) file = dv_test_signed(rig->signers, made, DV_TRUST_ROLE_OWNER, SIGNED_OWNER);
    dv_test_digest(file, list->statement_sha256);
    list->statement_size = (gint64)g_bytes_get_size(file);
    g_autofree char *name = g_strdup_printf("%s/statement/%s.json", draft, list->statement_sha256);
    lay_bytes(rig, name, file);
}

static void
lay_package(const ListsRig *rig, const char *draft, gint64 release, DvTrustList *list)
{
    g_autofree char *content = g_strdup_printf("package of release %" G_GINT64_FORMAT, release);
    g_autoptr(GBytes) bytes = g_bytes_new(content, strlen(content));
    dv_test_digest(bytes, list->full.sha256);
    list->full.to = list->version;
    list->full.size = (gint64)strlen(content);
    g_autofree char *layer = g_strdup_printf(
        "%s/layers/" LISTS_RIG_ID "-%" G_GINT64_FORMAT ".dvlist", draft, list->version);
    g_autoptr(GBytes) plain = lists_rig_read(rig, layer);
    list->full.plain_size = (gint64)g_bytes_get_size(plain);
    dv_test_digest(plain, list->full.plain_sha256);
    g_strlcpy(list->full.content_key_id, list->full.sha256, DV_TRUST_HEX);
    g_autofree char *package = g_strdup_printf("%s/package/%s", draft, list->full.sha256);
    g_autofree char *keys = g_strdup_printf("%s/keys/%s", draft, list->full.sha256);
    lay_bytes(rig, package, bytes);
    lay(rig, keys, "envelopes", strlen("envelopes"));
}

static void
lay_release(const ListsRig *rig, const char *draft, DvTrustRelease *release)
{
    static const guint steps[] = {10, 50, 100};
    g_autoptr(GError) error = NULL;
    g_autofree char *name = g_strconcat(draft, "/release.json", NULL);
    release->epoch = 1;
    release->issued_us = now_us();
    release->expires_us = now_us() + 7 * DAY_US;
    g_ptr_array_add(release->canary, g_strdup("KSK-1"));
    g_array_set_size(release->steps, 0);
    g_array_append_vals(release->steps, steps, G_N_ELEMENTS(steps));
    g_autoptr(GBytes) file = dv_trust_release_make(release, &error);
    if (!file)
        g_error("lists rig: %s", error->message);
    lay_bytes(rig, name, file);
}

void
lists_rig_draft(ListsRig *rig, gint64 number, gint64 version, const char *const *numbers)
{
    g_autofree char *draft = g_strdup_printf("drafts/%" G_GINT64_FORMAT, number);
    g_autofree char *old = path_of(rig, draft);
    if (g_file_test(old, G_FILE_TEST_EXISTS))
        dv_test_remove_tree(old);
    g_autoptr(DvWatchlistReport) report = build_list(rig, draft, version, numbers);
    g_autoptr(DvTrustRelease) release = dv_trust_release_new();
    release->release = number;
    DvTrustList *list = dv_trust_release_add_list(release, LISTS_RIG_ID);
    list->version = version;
    lay_current(rig, draft, number, version);
    lay_diff(rig, draft, version, report->state_hash, numbers);
    lay_statement(rig, draft, report, list);
    lay_package(rig, draft, number, list);
    lay_release(rig, draft, release);
}

void
lists_rig_name_layers(ListsRig *rig, gint64 number)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *name = g_strdup_printf("drafts/%" G_GINT64_FORMAT "/release.json", number);
    g_autoptr(GBytes) file = lists_rig_read(rig, name);
    g_autoptr(DvTrustRelease) release = dv_trust_release_read(file, NULL, &error);
    if (!release)
        g_error("lists rig: %s", error->message);
    DvTrustList *list = release->lists->pdata[0];
    g_autofree char *layer = g_strdup_printf("drafts/%" G_GINT64_FORMAT "/layers/" LISTS_RIG_ID
                                             "-%" G_GINT64_FORMAT ".dvlist",
                                             number, list->version);
    g_autoptr(GBytes) plain = lists_rig_read(rig, layer);
    list->full.plain_size = (gint64)g_bytes_get_size(plain);
    dv_test_digest(plain, list->full.plain_sha256);
    g_autoptr(GBytes) again = dv_trust_release_make(release, &error);
    if (!again)
        g_error("lists rig: %s", error->message);
    lay_bytes(rig, name, again);
}

char *
lists_rig_signature(const ListsRig *rig, gint64 release, DvTestSigner signer)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *name = g_strdup_printf("drafts/%" G_GINT64_FORMAT "/release.json", release);
    g_autoptr(GBytes) file = lists_rig_read(rig, name);
    g_autoptr(GBytes) signature =
        dv_trust_sign(file, DV_TRUST_ROLE_RELEASE, rig->signers->keys[signer], &error);
    if (!signature)
        g_error("lists rig: %s", error->message);
    gsize length = 0;
    const char *text = g_bytes_get_data(signature, &length);
    return g_strndup(text, length);
}

GBytes *
lists_rig_read(const ListsRig *rig, const char *name)
{
    char *data = NULL;
    gsize length = 0;
    g_autofree char *path = path_of(rig, name);
    return g_file_get_contents(path, &data, &length, NULL) ? g_bytes_new_take(data, length) : NULL;
}
