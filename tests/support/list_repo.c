// SPDX-License-Identifier: Apache-2.0
#include "list_repo.h"

#include "list_repo_spoil.h"

#include <darvaza/clock.h>
#include <darvaza/error.h>
#include <darvaza/file.h>
#include <darvaza/json.h>
#include <darvaza/packages.h>
#include <darvaza/watchlist_build.h>
#include <darvaza/watchlist_rows.h>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <string.h>

#define STACK_MAX 16 /* layers upon one another, and deltas that are kept */
#define HOUR_US (G_GINT64_CONSTANT(3600) * G_USEC_PER_SEC)
#define DAY_US (24 * HOUR_US)

typedef struct {
    DvKey *key;
    DvTrustKey *public_part;
} Desk;

typedef struct {
    const char *id;
    gboolean people;
    guint first, count; /* rows first .. first + count - 1 stand */
    gint64 version;
    char *generated_at; /* of this version, the same in a delta and in the whole */
    GPtrArray *stack;   /* plain layers, lowest first */
    DvTrustPackage full;
    GArray *deltas; /* DvTrustPackage */
    DvTrustStatement statement;
    char statement_sha256[DV_TRUST_HEX];
    gint64 statement_size;
} RepoList;

/* What a release's lists are, for judging. */
typedef struct {
    gint64 release;
    gint64 versions[LIST_REPO_LISTS];
    char *hashes[LIST_REPO_LISTS];
} Published;

struct ListRepo {
    char *dir, *folder, *root_path;
    const DvCert *recipient;
    Desk root[3], owner, release[2], timestamp;
    DvTrustRoot *current_root;
    RepoList lists[LIST_REPO_LISTS];
    GPtrArray *published; /* Published */
    gint64 epoch, number, timestamp_version;
    DvTrustReleaseRef current, previous;
    guint percent;
    gint64 delta_bytes;
};

#define MUST(condition)                                                                            \
    do {                                                                                           \
        if (!(condition))                                                                          \
            g_error("%s:%d: %s: %s", __FILE__, __LINE__, #condition,                               \
                    error != NULL ? error->message : "failed");                                    \
    } while (0)

/* ---- files */

static void
write_file(const ListRepo *repo, const char *name, GBytes *bytes)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *path = g_build_filename(repo->folder, name, NULL);
    g_autofree char *folder = g_path_get_dirname(path);
    gsize length = 0;
    const void *data = g_bytes_get_data(bytes, &length);

    MUST(dv_file_make_dir(folder, 0755, &error));
    MUST(dv_file_write(path, data, length, 0644, &error));
}

static void
digest(GBytes *bytes, char out[DV_TRUST_HEX])
{
    gsize length = 0;
    const void *data = g_bytes_get_data(bytes, &length);
    guint8 hash[DV_SHA256_SIZE];

    dv_sha256(data, length, hash);
    g_autofree char *hex = dv_hex(hash, sizeof hash);
    g_strlcpy(out, hex, DV_TRUST_HEX);
}

/* ---- desks */

static Desk
make_desk(const char *dir, const char *name)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *path = g_strdup_printf("%s/%s-key.pem", dir, name);
    EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
    FILE *out = fopen(path, "we");
    Desk desk = {.public_part = g_new0(DvTrustKey, 1)};
    size_t size = sizeof desk.public_part->public_key;
    guint8 hash[DV_SHA256_SIZE];

    MUST(key != NULL && out != NULL &&
         PEM_write_PrivateKey(out, key, NULL, NULL, 0, NULL, NULL) == 1 && fclose(out) == 0);
    MUST(EVP_PKEY_get_raw_public_key(key, desk.public_part->public_key, &size) == 1);
    EVP_PKEY_free(key);
    dv_sha256(desk.public_part->public_key, size, hash);
    g_autofree char *hex = dv_hex(hash, sizeof hash);
    g_strlcpy(desk.public_part->key_id, hex, sizeof desk.public_part->key_id);
    desk.public_part->holder = g_strdup(name);
    desk.key = dv_key_load(path, &error);
    MUST(desk.key != NULL);
    return desk;
}

static void
clear_desk(Desk *desk)
{
    dv_key_free(desk->key);
    g_free(desk->public_part->holder);
    g_free(desk->public_part);
}

static GBytes *
sign_by(const ListRepo *repo, GBytes *file, DvTrustRole role, const char *list_id,
        const Desk *desks, guint count)
{
    g_autoptr(GError) error = NULL;
    GBytes *signed_file = g_bytes_ref(file);

    for (guint i = 0; i < count; i++) {
        g_autoptr(GBytes) signature = dv_trust_sign(signed_file, role, desks[i].key, &error);
        MUST(signature != NULL);
        GBytes *more = dv_trust_add_signature(signed_file, signature, repo->current_root, role,
                                              list_id, &error);
        MUST(more != NULL);
        g_bytes_unref(signed_file);
        signed_file = more;
    }
    return signed_file;
}

/* ---- root */

static void
add_role(DvTrustRoot *root, DvTrustRoleKeys *role, guint threshold, const Desk *desks, guint count)
{
    role->key_ids = g_ptr_array_new_with_free_func(g_free);
    role->threshold = threshold;
    for (guint i = 0; i < count; i++) {
        DvTrustKey *copy = g_memdup2(desks[i].public_part, sizeof *copy);
        copy->holder = g_strdup(desks[i].public_part->holder);
        g_hash_table_replace(root->keys, copy->key_id, copy);
        g_ptr_array_add(role->key_ids, g_strdup(copy->key_id));
    }
}

static void
key_free(gpointer data)
{
    DvTrustKey *key = data;
    g_free(key->holder);
    g_free(key);
}

static void
role_free(gpointer data)
{
    DvTrustRoleKeys *role = data;
    g_ptr_array_unref(role->key_ids);
    g_free(role);
}

void
list_repo_new_root(ListRepo *repo)
{
    g_autoptr(GError) error = NULL;
    gint64 now_us = dv_clock_wall_us();
    DvTrustRoot *root = g_new0(DvTrustRoot, 1);
    g_autofree char *name = NULL;

    root->version = ++repo->epoch;
    root->issued_us = now_us / G_USEC_PER_SEC * G_USEC_PER_SEC;
    root->expires_us = root->issued_us + 300 * DAY_US;
    root->keys = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, key_free);
    root->owners = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, role_free);
    add_role(root, &root->root, 2, repo->root, 3);
    add_role(root, &root->release, 2, repo->release, 2);
    add_role(root, &root->timestamp, 1, &repo->timestamp, 1);
    for (guint i = 0; i < LIST_REPO_LISTS; i++) {
        DvTrustRoleKeys *owner = g_new0(DvTrustRoleKeys, 1);
        add_role(root, owner, 1, &repo->owner, 1);
        g_hash_table_insert(root->owners, g_strdup(repo->lists[i].id), owner);
    }
    g_autoptr(GBytes) bare = dv_trust_root_make(root, &error);
    MUST(bare != NULL);
    if (repo->current_root == NULL)
        repo->current_root = dv_trust_root_read(bare, NULL, &error);
    MUST(repo->current_root != NULL);
    g_autoptr(GBytes) file = sign_by(repo, bare, DV_TRUST_ROLE_ROOT, NULL, repo->root, 3);
    dv_trust_root_free(repo->current_root);
    repo->current_root = root;
    name = g_strdup_printf("lists/root/%" G_GINT64_FORMAT ".json", repo->epoch);
    write_file(repo, name, file);
    if (repo->epoch == 1) {
        gsize length = 0;
        const void *data = g_bytes_get_data(file, &length);
        MUST(dv_file_write(repo->root_path, data, length, 0644, &error));
    }
}

/* ---- one list's next version */

static json_t *
profile_of(const RepoList *list)
{
    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:I, s:s, s:s, s:{s:s, s:s, s:s, s:s, s:s, s:s}}",
                     "list_id", list->id, "generated_at", list->generated_at, "title",
                     list->people ? "People" : "Documents", "owner", "Utopian Police (invented)",
                     "kind", "alerts", "version", (json_int_t)list->version, "stale_after", "P7D",
                     "expires_at", "P30D", "defaults", "legal_basis",
                     "Utopian Border Act (invented)", "owner", "Utopian Police (invented)",
                     "purpose", "Tests", "action", "STOP_REFER", "review_date", "P365D",
                     "issuing_state", "UTO");
}

static char *
alert_id(const RepoList *list, guint number)
{
    return list->people ? g_strdup_printf("P-%07u", number)
                        : g_strdup_printf("UTO._.D%07u", number);
}

static json_t *
row_of(const RepoList *list, guint number)
{
    g_autofree char *id = alert_id(list, number);
    g_autofree char *birth =
        g_strdup_printf("%04u-%02u-%02u", 1940 + number % 60, 1 + number % 12, 1 + number % 28);
    g_autofree char *document = g_strdup_printf("D%07u", number);
    if (!list->people)
        return json_pack("{s:s, s:s}", "subject", "document", "document_number", document);
    char surname[] = "MARLOWEAAAA";
    for (guint i = 0, n = number; i < 4; i++, n /= 26)
        surname[7 + i] = (char)('A' + n % 26);
    return json_pack("{s:s, s:s, s:s, s:s, s:s}", "alert_id", id, "subject", "person", "surname",
                     surname, "given_names", "TESSA", "birth_date", birth);
}

static void
build_layer(RepoList *list, const char *path, gboolean full, const ListRepoRelease *what)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(json_t) profile = profile_of(list);
    g_autoptr(GPtrArray) below = g_ptr_array_new();
    guint gone = full || what->add_only ? 0 : MIN(what->changes, list->count - 1);
    guint from = full ? list->first : list->first + list->count;
    guint count = full ? list->count : what->changes;

    for (guint i = 0; !full && i < list->stack->len; i++)
        g_ptr_array_add(below, g_ptr_array_index(list->stack, i));
    g_ptr_array_add(below, NULL);
    g_autoptr(DvWatchlistBuilder) builder = dv_watchlist_builder_new(
        profile, full ? NULL : (const char *const *)below->pdata, path, &error);
    MUST(builder != NULL);
    for (guint i = 0; i < gone; i++) {
        g_autofree char *id = alert_id(list, list->first + i);
        MUST(dv_watchlist_builder_remove(builder, id, &error));
    }
    for (guint i = 0; i < count; i++) {
        g_autoptr(json_t) row = row_of(list, from + i);
        MUST(dv_watchlist_builder_add(builder, row, &error));
    }
    MUST(dv_watchlist_builder_finish(builder, NULL, &error));
    if (!full) {
        list->first += gone;
        list->count += count - gone;
    }
}

static void
pack(ListRepo *repo, const char *plain, gint64 from, gint64 to, const ListRepoRelease *what,
     DvTrustPackage *made)
{
    gboolean delta = from > 0;
    gboolean add_only = delta && (what->add_only || what->spoil == LIST_REPO_TAKES_AWAY);
    g_autoptr(GError) error = NULL;
    g_autofree char *temporary = g_build_filename(repo->dir, "package", NULL);
    guint8 key[DV_PACKAGE_KEY_SIZE];

    *made = (DvTrustPackage){.from = from, .to = to, .add_only = add_only};
    MUST(dv_package_make(plain, temporary, key, made, NULL, NULL, &error));
    if (delta && what->spoil == LIST_REPO_GARBLED)
        list_repo_garble(temporary, made);
    g_autofree char *path = g_strdup_printf("%s/lists/package/%s", repo->folder, made->sha256);
    g_autofree char *folder = g_path_get_dirname(path);
    MUST(dv_file_make_dir(folder, 0755, &error) && rename(temporary, path) == 0);
    g_autoptr(DvPackageEnvelopes) envelopes =
        dv_package_envelopes_new(made->sha256, made->content_key_id);
    const DvCert *recipient = what->only_for != NULL ? what->only_for : repo->recipient;
    MUST(dv_package_envelopes_add(envelopes, key, recipient, &error));
    g_autoptr(GBytes) file = dv_package_envelopes_make(envelopes, &error);
    g_autofree char *name = g_strdup_printf("lists/keys/%s", made->sha256);
    MUST(file != NULL);
    if (what->spoil != LIST_REPO_NO_KEYS)
        write_file(repo, name, file);
    if (delta)
        list_repo_spoil(made, what->spoil);
}

static void
state_list(ListRepo *repo, RepoList *list, const ListRepoRelease *what)
{
    g_autoptr(GError) error = NULL;
    const char *top = g_ptr_array_index(list->stack, list->stack->len - 1);
    g_autoptr(DvWatchlistInfo) info = dv_watchlist_info(top, &error);
    DvTrustCanaryRow canary = {0};
    gint64 now_us = dv_clock_wall_us() / G_USEC_PER_SEC * G_USEC_PER_SEC;

    MUST(info != NULL);
    guint last = list->first + list->count - 1;
    canary.query = row_of(list, what->wrong_canary_row ? last + 1 : last);
    json_object_del(canary.query, "subject");
    json_object_del(canary.query, "alert_id");
    if (!list->people)
        json_object_set_new(canary.query, "issuing_state", json_string("UTO"));
    canary.alert_id = alert_id(list, last);
    g_autoptr(GPtrArray) rows = g_ptr_array_new();
    g_ptr_array_add(rows, &canary);
    DvTrustStatement statement = {.list_id = (char *)list->id,
                                  .version = list->version,
                                  .issued_us = now_us,
                                  .expires_us = now_us + 30 * DAY_US,
                                  .rows = info->rows,
                                  .generated_us = info->generated_us,
                                  .stale_us = info->stale_us,
                                  .list_expires_us = info->expires_us,
                                  .legal_basis = (char *)"Utopian Border Act (invented)",
                                  .purpose = (char *)"Tests",
                                  .canary_rows = rows};
    g_strlcpy(statement.state_hash, info->state_hash, sizeof statement.state_hash);
    statement.rows += what->spoil == LIST_REPO_OTHER_ROWS;
    if (what->spoil == LIST_REPO_OTHER_HASH)
        statement.state_hash[5] = statement.state_hash[5] == '0' ? '1' : '0';
    g_autoptr(GBytes) bare = dv_trust_statement_make(&statement, &error);
    MUST(bare != NULL);
    g_autoptr(GBytes) file = sign_by(repo, bare, DV_TRUST_ROLE_OWNER, list->id, &repo->owner, 1);
    digest(file, list->statement_sha256);
    list->statement_size = (gint64)g_bytes_get_size(file);
    g_autofree char *name = g_strdup_printf("lists/statement/%s.json", list->statement_sha256);
    write_file(repo, name, file);
    json_decref(canary.query);
    g_free(canary.alert_id);
}

static void
next_version(ListRepo *repo, RepoList *list, const ListRepoRelease *what)
{
    gboolean first = list->version++ == 0;
    g_autofree char *path = g_strdup_printf("%s/plain/%s-%" G_GINT64_FORMAT ".dvlist", repo->dir,
                                            list->id, list->version);
    DvTrustPackage package;

    g_free(list->generated_at);
    list->generated_at = dv_time_format(dv_clock_wall_us());
    build_layer(list, path, first, what);
    g_ptr_array_add(list->stack, g_strdup(path));
    if (first) {
        pack(repo, path, 0, list->version, what, &list->full);
        return;
    }
    const GPtrArray *docs = repo->lists[0].stack;
    gboolean other = what->spoil == LIST_REPO_OTHER_LIST && list->people;
    pack(repo, other ? g_ptr_array_index(docs, docs->len - 1) : path, list->version - 1,
         list->version, what, &package);
    g_array_append_val(list->deltas, package);
    repo->delta_bytes += package.size;
    if (!what->with_full && list->stack->len < STACK_MAX)
        return;
    g_autofree char *whole = g_strdup_printf("%s.full", path);
    build_layer(list, whole, TRUE, what);
    pack(repo, whole, 0, list->version, what, &list->full);
    g_ptr_array_set_size(list->stack, 0);
    g_ptr_array_add(list->stack, g_strdup(whole));
    if (list->deltas->len > STACK_MAX)
        g_array_remove_range(list->deltas, 0, list->deltas->len - STACK_MAX);
}

/* ---- release and timestamp */

static void
list_of_release(const RepoList *from, DvTrustList *list)
{
    *list = (DvTrustList){.list_id = (char *)from->id,
                          .version = from->version,
                          .statement_size = from->statement_size,
                          .full = from->full,
                          .deltas = g_ptr_array_new()};
    g_strlcpy(list->statement_sha256, from->statement_sha256, sizeof list->statement_sha256);
    for (guint i = 0; i < from->deltas->len; i++)
        g_ptr_array_add(list->deltas, &g_array_index(from->deltas, DvTrustPackage, i));
}

static void
release_all(ListRepo *repo, const ListRepoRelease *what)
{
    static guint hundred = 100;
    g_autoptr(GError) error = NULL;
    gint64 now_us = dv_clock_wall_us() / G_USEC_PER_SEC * G_USEC_PER_SEC;
    DvTrustList lists[LIST_REPO_LISTS];
    g_autoptr(GPtrArray) named = g_ptr_array_new(), canary = g_ptr_array_new();
    g_autoptr(GArray) steps = g_array_new(FALSE, FALSE, sizeof(guint));

    for (guint i = 0; i < LIST_REPO_LISTS; i++) {
        list_of_release(&repo->lists[i], &lists[i]);
        g_ptr_array_add(named, &lists[i]);
    }
    if (what->canary != NULL)
        g_ptr_array_add(canary, (char *)what->canary);
    g_array_append_val(steps, hundred);
    const DvTrustRelease release = {.release = repo->number,
                                    .epoch = repo->epoch,
                                    .issued_us = now_us,
                                    .expires_us = now_us + 7 * DAY_US,
                                    .urgent = what->urgent,
                                    .canary = canary,
                                    .steps = steps,
                                    .lists = named};
    g_autoptr(GBytes) bare = dv_trust_release_make(&release, &error);
    MUST(bare != NULL);
    g_autoptr(GBytes) file = sign_by(repo, bare, DV_TRUST_ROLE_RELEASE, NULL, repo->release,
                                     G_N_ELEMENTS(repo->release));
    g_autofree char *name =
        g_strdup_printf("lists/release/%" G_GINT64_FORMAT ".json", repo->number);
    write_file(repo, name, file);
    if (!what->supersedes)
        repo->previous = repo->current;
    repo->current =
        (DvTrustReleaseRef){.release = repo->number, .size = (gint64)g_bytes_get_size(file)};
    digest(file, repo->current.sha256);
    for (guint i = 0; i < LIST_REPO_LISTS; i++)
        g_ptr_array_unref(lists[i].deltas);
}

void
list_repo_stamp(ListRepo *repo, guint percent)
{
    g_autoptr(GError) error = NULL;
    gint64 now_us = dv_clock_wall_us() / G_USEC_PER_SEC * G_USEC_PER_SEC;

    repo->percent = percent;
    repo->timestamp_version = dv_trust_timestamp_next_version(repo->timestamp_version, now_us);
    /* Several within one second are numbered ahead of time, and so dated. */
    now_us = MAX(now_us, repo->timestamp_version * G_USEC_PER_SEC);
    const DvTrustTimestamp timestamp = {.version = repo->timestamp_version,
                                        .epoch = repo->epoch,
                                        .issued_us = now_us,
                                        .expires_us = now_us + 12 * HOUR_US,
                                        .current = repo->current,
                                        .percent = percent,
                                        .has_previous = repo->previous.release > 0,
                                        .previous = repo->previous};
    g_autoptr(GBytes) bare = dv_trust_timestamp_make(&timestamp, &error);
    MUST(bare != NULL);
    g_autoptr(GBytes) file =
        sign_by(repo, bare, DV_TRUST_ROLE_TIMESTAMP, NULL, &repo->timestamp, 1);
    write_file(repo, "lists/timestamp.json", file);
}

static void
note_published(ListRepo *repo)
{
    g_autoptr(GError) error = NULL;
    Published *published = g_new0(Published, 1);

    published->release = repo->number;
    for (guint i = 0; i < LIST_REPO_LISTS; i++) {
        const RepoList *list = &repo->lists[i];
        g_autoptr(DvWatchlistInfo) info =
            dv_watchlist_info(g_ptr_array_index(list->stack, list->stack->len - 1), &error);
        MUST(info != NULL);
        published->versions[i] = list->version;
        published->hashes[i] = g_strdup(info->state_hash);
    }
    g_ptr_array_add(repo->published, published);
}

gint64
list_repo_publish(ListRepo *repo, const ListRepoRelease *what)
{
    repo->number++;
    repo->delta_bytes = 0;
    for (guint i = 0; i < LIST_REPO_LISTS; i++) {
        next_version(repo, &repo->lists[i], what);
        state_list(repo, &repo->lists[i], what);
    }
    release_all(repo, what);
    list_repo_stamp(repo, what->percent == 0 ? 100 : what->percent);
    note_published(repo);
    return repo->number;
}

/* ---- judging */

static const char *
text_of(const json_t *object, const char *key)
{
    return json_string_value(json_object_get(object, key));
}

static const Published *
find_published(const ListRepo *repo, gint64 release)
{
    for (guint i = 0; i < repo->published->len; i++) {
        const Published *published = g_ptr_array_index(repo->published, i);
        if (published->release == release)
            return published;
    }
    return NULL;
}

static gboolean
differs(GError **error, const char *what)
{
    g_set_error(error, DV_ERROR, DV_ERROR_CORRUPT, "the set in force: %s", what);
    return FALSE;
}

static gboolean
judge_list(const char *folder, const json_t *item, const char *id, gint64 version, const char *hash,
           GError **error)
{
    const json_t *names = json_object_get(item, "layers");
    gsize count = json_array_size(names);
    g_auto(GStrv) paths = g_new0(char *, count + 1);

    if (count == 0 || g_strcmp0(text_of(item, "list_id"), id) != 0 ||
        json_integer_value(json_object_get(item, "version")) != version)
        return differs(error, "a list is of another version than its release");
    for (gsize i = 0; i < count; i++)
        paths[i] =
            g_build_filename(folder, "layers", json_string_value(json_array_get(names, i)), NULL);
    g_autoptr(DvWatchlistInfo) info = dv_watchlist_info(paths[count - 1], error);
    if (info == NULL)
        return FALSE;
    if (info->version != version || !g_str_equal(info->state_hash, hash))
        return differs(error, "a list's content is none that was published");
    return dv_watchlist_verify((const char *const *)paths, error);
}

gboolean
list_repo_judge(const ListRepo *repo, const char *lists_folder, gint64 *release, GError **error)
{
    g_autofree char *path = g_build_filename(lists_folder, "current.json", NULL);

    *release = 0;
    if (!g_file_test(path, G_FILE_TEST_EXISTS))
        return TRUE;
    g_autoptr(GBytes) bytes = dv_file_read(path, 1 << 20, error);
    gsize length = 0;
    const void *data = bytes != NULL ? g_bytes_get_data(bytes, &length) : NULL;
    g_autoptr(json_t) set = data != NULL ? dv_json_parse(data, length, 1 << 20, error) : NULL;
    if (bytes != NULL && data == NULL)
        return differs(error, "current.json is empty");
    if (set == NULL)
        return FALSE;
    const Published *published =
        find_published(repo, json_integer_value(json_object_get(set, "release")));
    const json_t *lists = json_object_get(set, "lists");
    if (published == NULL || json_array_size(lists) != LIST_REPO_LISTS)
        return differs(error, "it names a release that was never published");
    for (guint i = 0; i < LIST_REPO_LISTS; i++)
        if (!judge_list(lists_folder, json_array_get(lists, i), repo->lists[i].id,
                        published->versions[i], published->hashes[i], error))
            return FALSE;
    *release = published->release;
    return TRUE;
}

gint64
list_repo_delta_bytes(const ListRepo *repo)
{
    return repo->delta_bytes;
}

char *
list_repo_delta_path(const ListRepo *repo, guint list)
{
    const GArray *deltas = repo->lists[list].deltas;
    const DvTrustPackage *last = &g_array_index(deltas, DvTrustPackage, deltas->len - 1);
    return g_strdup_printf("%s/lists/package/%s", repo->folder, last->sha256);
}

/* ---- life */

static void
published_free(gpointer data)
{
    Published *published = data;

    for (guint i = 0; i < LIST_REPO_LISTS; i++)
        g_free(published->hashes[i]);
    g_free(published);
}

static void
make_desks(ListRepo *repo)
{
    repo->root[0] = make_desk(repo->dir, "root-1");
    repo->root[1] = make_desk(repo->dir, "root-2");
    repo->root[2] = make_desk(repo->dir, "root-3");
    repo->owner = make_desk(repo->dir, "owner");
    repo->release[0] = make_desk(repo->dir, "release-1");
    repo->release[1] = make_desk(repo->dir, "release-2");
    repo->timestamp = make_desk(repo->dir, "timestamp");
}

ListRepo *
list_repo_new(const char *dir, guint docs, guint people, const DvCert *recipient)
{
    g_autoptr(GError) error = NULL;
    ListRepo *repo = g_new0(ListRepo, 1);
    g_autofree char *plain = g_build_filename(dir, "plain", NULL);
    const ListRepoRelease first = {.changes = 0};

    repo->dir = g_strdup(dir);
    repo->folder = g_build_filename(dir, "repository", NULL);
    repo->root_path = g_build_filename(dir, "root.json", NULL);
    repo->recipient = recipient;
    repo->published = g_ptr_array_new_with_free_func(published_free);
    MUST(dv_file_make_dir(plain, 0700, &error));
    for (guint i = 0; i < LIST_REPO_LISTS; i++) {
        RepoList *list = &repo->lists[i];
        list->people = i == 1;
        list->id = list->people ? "people" : "docs";
        list->count = list->people ? people : docs;
        list->stack = g_ptr_array_new_with_free_func(g_free);
        list->deltas = g_array_new(FALSE, TRUE, sizeof(DvTrustPackage));
    }
    make_desks(repo);
    list_repo_new_root(repo);
    list_repo_publish(repo, &first);
    return repo;
}

void
list_repo_free(ListRepo *repo)
{
    Desk *desks[] = {&repo->root[0],    &repo->root[1],    &repo->root[2],  &repo->owner,
                     &repo->release[0], &repo->release[1], &repo->timestamp};

    for (guint i = 0; i < G_N_ELEMENTS(desks); i++)
        clear_desk(desks[i]);
    for (guint i = 0; i < LIST_REPO_LISTS; i++) {
        g_free(repo->lists[i].generated_at);
        g_ptr_array_unref(repo->lists[i].stack);
        g_array_unref(repo->lists[i].deltas);
    }
    dv_trust_root_free(repo->current_root);
    g_ptr_array_unref(repo->published);
    g_free(repo->dir);
    g_free(repo->folder);
    g_free(repo->root_path);
    g_free(repo);
}

const char *
list_repo_folder(const ListRepo *repo)
{
    return repo->folder;
}

const char *
list_repo_root(const ListRepo *repo)
{
    return repo->root_path;
}
