// SPDX-License-Identifier: Apache-2.0
/* Whether the layers in force are still what they were when they came: a disk forgets. */
#include "machine_private.h"

#include <darvaza/error.h>
#include <darvaza/log.h>
#include <darvaza/watchlist_rows.h>

#include <fcntl.h>
#include <openssl/evp.h>
#include <string.h>
#include <unistd.h>

#define DIGITS 16 /* of a layer's SHA-256 in its name */
#define BLOCK (256u * 1024)

/* ---- the quick look: there, of the list, each made for the one below, the top of the version */

gboolean
lists_layers_are_here(const ListsMachine *machine, const ListsSetList *list)
{
    g_auto(GStrv) paths = lists_layer_paths(machine->options.folder, list);
    gint64 version = 0;

    if (g_hash_table_contains(machine->damaged, list->list_id))
        return FALSE;
    for (guint i = 0; paths[i] != NULL; i++) {
        g_autoptr(DvWatchlistInfo) info = dv_watchlist_info(paths[i], NULL);
        if (info == NULL || !g_str_equal(info->list_id, list->list_id) ||
            info->base_version != version || info->is_delta != (i > 0))
            return FALSE;
        version = info->version;
    }
    return list->layers->len > 0 && version == list->version;
}

/* ---- the long one: every byte, against the digest that the name holds */

static gboolean
digest_file(const ListsMachine *machine, int fd, EVP_MD_CTX *context, guint8 *block)
{
    gssize n = 1;

    while (n > 0 && !atomic_load(&machine->stopped)) {
        n = read(fd, block, BLOCK);
        if (n > 0 && EVP_DigestUpdate(context, block, (size_t)n) != 1)
            return FALSE;
    }
    return n == 0;
}

/* FALSE also for a name that is none of ours: such a layer is fetched rather than believed. */
static gboolean
has_its_digest(const ListsMachine *machine, const char *layer)
{
    g_autofree char *path = lists_layer_path(machine->options.folder, layer);
    g_autofree guint8 *block = g_malloc(BLOCK);
    const char *dash = strrchr(layer, '-');
    guint8 digest[EVP_MAX_MD_SIZE];
    unsigned int length = 0;
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    gboolean read_all = fd >= 0 && context != NULL &&
                        EVP_DigestInit_ex(context, EVP_sha256(), NULL) == 1 &&
                        digest_file(machine, fd, context, block) &&
                        EVP_DigestFinal_ex(context, digest, &length) == 1;

    if (fd >= 0)
        close(fd);
    EVP_MD_CTX_free(context);
    g_autofree char *hex = read_all ? dv_hex(digest, length) : NULL;
    return hex != NULL && dash != NULL && strncmp(dash + 1, hex, DIGITS) == 0;
}

static gboolean
list_is_proven(const ListsMachine *machine, const ListsSetList *list)
{
    for (guint i = 0; i < list->layers->len; i++)
        if (!has_its_digest(machine, g_ptr_array_index(list->layers, i)))
            return FALSE;
    return TRUE;
}

gboolean
lists_find_damage(ListsMachine *machine)
{
    gboolean found = FALSE;

    for (guint i = 0; i < machine->set->lists->len; i++) {
        const ListsSetList *list = g_ptr_array_index(machine->set->lists, i);
        if (g_hash_table_contains(machine->damaged, list->list_id) ||
            list_is_proven(machine, list) || atomic_load(&machine->stopped))
            continue;
        dv_log_warning("list %s: what is in force is damaged on this disk; it is fetched anew",
                       list->list_id);
        g_hash_table_add(machine->damaged, g_strdup(list->list_id));
        found = TRUE;
    }
    return found;
}

gboolean
lists_set_is_whole(ListsMachine *machine)
{
    for (guint i = 0; i < machine->set->lists->len; i++)
        if (!lists_layers_are_here(machine, g_ptr_array_index(machine->set->lists, i)))
            return FALSE;
    if (!machine->proven && !lists_find_damage(machine))
        machine->proven = !atomic_load(&machine->stopped);
    return g_hash_table_size(machine->damaged) == 0;
}
