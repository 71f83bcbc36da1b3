// SPDX-License-Identifier: Apache-2.0
/* That a draft's layers are what its release names and what its owners signed. Reading a nation's
 * list takes minutes and the opener answers others meanwhile: this alone runs in a thread. */
#include "lists_proof.h"

#include <darvaza/error.h>
#include <darvaza/watchlist_build.h>
#include <darvaza/watchlist_rows.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#define CURRENT_MAX (1u << 20)
#define READ_AT_ONCE (1u << 20)

typedef struct {
    char *list_id;
    char **paths;     /* layers, lowest first */
    GPtrArray *known; /* char *: digests that the release names */
    gint64 version, rows;
    char state_hash[DV_TRUST_HEX];
    char *proven; /* digests of the layers, joined: the key of what was read row by row */
    gboolean read;
} Stack;

struct DvListsProof {
    GPtrArray *stacks;
    GHashTable *read_before; /* proven stacks; read by the thread, written when it has ended */
    pthread_t thread;
    gboolean started;
    atomic_bool done, stop;
    GError *error;
};

static void
stack_free(void *data)
{
    Stack *stack = data;
    g_free(stack->list_id);
    g_strfreev(stack->paths);
    g_ptr_array_unref(stack->known);
    g_free(stack->proven);
    g_free(stack);
}

static gboolean
refuse(GError **error, const char *list_id, const char *why)
{
    g_set_error(error, DV_ERROR, DV_ERROR_CRYPTO, "List %s: %s", list_id, why);
    return FALSE;
}

/* ---- in the thread */

static char *
digest_of(const DvListsProof *proof, const char *path, GError **error)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);
    g_autofree guint8 *buffer = g_malloc(READ_AT_ONCE);
    ssize_t got = fd < 0 ? -1 : 0;
    while (fd >= 0 && !atomic_load(&proof->stop) && (got = read(fd, buffer, READ_AT_ONCE)) > 0)
        g_checksum_update(sum, buffer, got);
    if (fd >= 0)
        (void)close(fd);
    if (got == 0 && !atomic_load(&proof->stop))
        return g_strdup(g_checksum_get_string(sum));
    g_set_error(error, DV_ERROR, DV_ERROR_IO, "A layer of the draft cannot be read.");
    return NULL;
}

static gboolean
is_known(const Stack *stack, const char *digest)
{
    for (guint i = 0; i < stack->known->len; i++)
        if (strcmp(stack->known->pdata[i], digest) == 0)
            return TRUE;
    return FALSE;
}

static gboolean
prove_bytes(const DvListsProof *proof, Stack *stack, GError **error)
{
    g_autoptr(GString) all = g_string_new(stack->state_hash);
    for (gsize i = 0; stack->paths[i]; i++) {
        g_autofree char *digest = digest_of(proof, stack->paths[i], error);
        if (!digest)
            return FALSE;
        if (!is_known(stack, digest))
            return refuse(error, stack->list_id,
                          "a layer of the draft is not the one that its release names.");
        g_string_append(all, digest);
    }
    stack->proven = g_string_free(g_steal_pointer(&all), FALSE);
    return TRUE;
}

static gboolean
prove_rows(const DvListsProof *proof, Stack *stack, GError **error)
{
    const char *top = stack->paths[g_strv_length(stack->paths) - 1];
    g_autoptr(DvWatchlistInfo) info = dv_watchlist_info(top, error);
    if (!info)
        return FALSE;
    if (strcmp(info->list_id, stack->list_id) != 0 || info->version != stack->version ||
        info->rows != stack->rows || strcmp(info->state_hash, stack->state_hash) != 0)
        return refuse(error, stack->list_id,
                      "version, rows or state hash of the draft are not those that its owner "
                      "signed.");
    if (g_hash_table_contains(proof->read_before, stack->proven))
        return TRUE;
    stack->read = dv_watchlist_verify((const char *const *)stack->paths, error);
    return stack->read;
}

static void *
run(void *data)
{
    DvListsProof *proof = data;
    for (guint i = 0; i < proof->stacks->len && !proof->error; i++) {
        Stack *stack = proof->stacks->pdata[i];
        if (prove_bytes(proof, stack, &proof->error))
            prove_rows(proof, stack, &proof->error);
    }
    atomic_store(&proof->done, TRUE);
    return NULL;
}

/* ---- around it */

DvListsProof *
dv_lists_proof_new(GHashTable *read_before)
{
    DvListsProof *proof = g_new0(DvListsProof, 1);
    proof->stacks = g_ptr_array_new_with_free_func(stack_free);
    proof->read_before = g_hash_table_ref(read_before);
    return proof;
}

static char **
layer_paths(const DvDraft *draft, const json_t *current, const char *list_id)
{
    g_autoptr(GPtrArray) paths = g_ptr_array_new_with_free_func(g_free);
    const json_t *lists = json_object_get(current, "lists");
    for (gsize i = 0; i < json_array_size(lists); i++) {
        const json_t *list = json_array_get(lists, i);
        const json_t *layers = json_object_get(list, "layers");
        if (g_strcmp0(dv_json_string_or_null(list, "list_id"), list_id) != 0)
            continue;
        for (gsize j = 0; j < json_array_size(layers); j++) {
            const char *name = json_string_value(json_array_get(layers, j));
            if (!name || strchr(name, '/') || name[0] == '.')
                return NULL;
            g_ptr_array_add(paths, g_build_filename(draft->folder, "layers", name, NULL));
        }
    }
    if (paths->len == 0)
        return NULL;
    g_ptr_array_add(paths, NULL);
    return (char **)g_ptr_array_free(g_steal_pointer(&paths), FALSE);
}

static gboolean
add_list(DvListsProof *proof, const DvDraft *draft, const json_t *current, guint index,
         GError **error)
{
    const DvTrustList *list = draft->release->lists->pdata[index];
    const DvTrustStatement *statement = draft->statements->pdata[index];
    char **paths = layer_paths(draft, current, list->list_id);
    if (!paths)
        return refuse(error, list->list_id, "the draft does not say which layers it has.");
    Stack *stack = g_new0(Stack, 1);
    *stack = (Stack){.list_id = g_strdup(list->list_id),
                     .paths = paths,
                     .known = g_ptr_array_new_with_free_func(g_free),
                     .version = statement->version,
                     .rows = statement->rows};
    g_strlcpy(stack->state_hash, statement->state_hash, sizeof stack->state_hash);
    g_ptr_array_add(stack->known, g_strdup(list->full.plain_sha256));
    for (guint i = 0; i < list->deltas->len; i++)
        g_ptr_array_add(stack->known,
                        g_strdup(((const DvTrustPackage *)list->deltas->pdata[i])->plain_sha256));
    g_ptr_array_add(proof->stacks, stack);
    return TRUE;
}

gboolean
dv_lists_proof_add(DvListsProof *proof, const DvDraft *draft, GError **error)
{
    gsize length = 0;
    g_autoptr(GBytes) file = dv_draft_file(draft, "current.json", CURRENT_MAX, error);
    const void *data = file ? g_bytes_get_data(file, &length) : NULL;
    g_autoptr(json_t) current = data ? dv_json_parse(data, length, CURRENT_MAX, error) : NULL;
    if (!current)
        return FALSE;
    /* What the release does not name would be asked all the same. */
    if (json_array_size(json_object_get(current, "lists")) != draft->release->lists->len) {
        g_set_error(error, DV_ERROR, DV_ERROR_CRYPTO,
                    "The draft of %s lays other lists than its release names.", draft->object);
        return FALSE;
    }
    for (guint i = 0; i < draft->release->lists->len; i++)
        if (!add_list(proof, draft, current, i, error))
            return FALSE;
    return TRUE;
}

gboolean
dv_lists_proof_start(DvListsProof *proof, GError **error)
{
    proof->started = pthread_create(&proof->thread, NULL, run, proof) == 0;
    if (!proof->started)
        g_set_error(error, DV_ERROR, DV_ERROR_UNAVAILABLE, "The lists cannot be read just now.");
    return proof->started;
}

gboolean
dv_lists_proof_is_done(const DvListsProof *proof)
{
    return atomic_load(&proof->done);
}

static void
join(DvListsProof *proof)
{
    if (!proof->started)
        return;
    (void)pthread_join(proof->thread, NULL);
    proof->started = FALSE;
    for (guint i = 0; i < proof->stacks->len; i++) {
        Stack *stack = proof->stacks->pdata[i];
        if (stack->read)
            g_hash_table_add(proof->read_before, g_strdup(stack->proven));
    }
}

gboolean
dv_lists_proof_end(DvListsProof *proof, GError **error)
{
    join(proof);
    if (!proof->error)
        return TRUE;
    g_propagate_error(error, g_steal_pointer(&proof->error));
    return FALSE;
}

void
dv_lists_proof_free(DvListsProof *proof)
{
    if (!proof)
        return;
    atomic_store(&proof->stop, TRUE);
    join(proof);
    g_clear_error(&proof->error);
    g_ptr_array_unref(proof->stacks);
    g_hash_table_unref(proof->read_before);
    g_free(proof);
}
