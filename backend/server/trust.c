// SPDX-License-Identifier: Apache-2.0
/* Which kiosks are trusted: one folder each under trust/kiosks. Adding one needs no restart. */
#include "ingest_private.h"
#include <darvaza/error.h>
#include <pthread.h>
#include <string.h>
#include <sys/stat.h>

typedef struct {
    DvCert *cert;
    struct timespec changed;
    ino_t inode;
} Entry;

struct Trust {
    char *dir;
    pthread_mutex_t lock;
    GHashTable *entries; /* kiosk -> Entry */
    GPtrArray *replaced; /* certificates that another thread may still be using */
};

static void
entry_free(gpointer data)
{
    Entry *entry = data;
    dv_cert_free(entry->cert);
    g_free(entry);
}

Trust *
trust_new(const char *dir)
{
    Trust *trust = g_new0(Trust, 1);
    trust->dir = g_strdup(dir);
    pthread_mutex_init(&trust->lock, NULL);
    trust->entries = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, entry_free);
    trust->replaced = g_ptr_array_new_with_free_func((GDestroyNotify)dv_cert_free);
    return trust;
}

void
trust_free(Trust *trust)
{
    if (trust == NULL)
        return;
    g_hash_table_unref(trust->entries);
    g_ptr_array_unref(trust->replaced);
    pthread_mutex_destroy(&trust->lock);
    g_free(trust->dir);
    g_free(trust);
}

/* The name becomes part of a path. */
static gboolean
name_is_plain(const char *kiosk)
{
    gsize length = strlen(kiosk);
    if (length == 0 || length > DV_CROSSING_KIOSK_MAX)
        return FALSE;
    for (const char *p = kiosk; *p != '\0'; p++)
        if (!g_ascii_isalnum(*p) && *p != '-')
            return FALSE;
    return TRUE;
}

static const DvCert *
load(Trust *trust, const char *kiosk, const char *path, const struct stat *info, GError **error)
{
    Entry *old = g_hash_table_lookup(trust->entries, kiosk);
    if (old != NULL && old->inode == info->st_ino && old->changed.tv_sec == info->st_mtim.tv_sec &&
        old->changed.tv_nsec == info->st_mtim.tv_nsec)
        return old->cert;
    g_autoptr(DvCert) cert = dv_cert_load(path, error);
    if (cert == NULL)
        return NULL;
    g_autofree char *name = dv_cert_common_name(cert);
    if (g_strcmp0(name, kiosk) != 0) {
        g_set_error(error, DV_ERROR, DV_ERROR_DENIED, "trust: %s names \"%s\", not %s", path,
                    name != NULL ? name : "", kiosk);
        return NULL;
    }
    if (old != NULL)
        g_ptr_array_add(trust->replaced, g_steal_pointer(&old->cert));
    Entry *entry = g_new0(Entry, 1);
    entry->cert = g_steal_pointer(&cert);
    entry->changed = info->st_mtim;
    entry->inode = info->st_ino;
    g_hash_table_insert(trust->entries, g_strdup(kiosk), entry);
    return entry->cert;
}

const DvCert *
trust_kiosk(Trust *trust, const char *kiosk, GError **error)
{
    if (!name_is_plain(kiosk)) {
        g_set_error(error, DV_ERROR, DV_ERROR_DENIED, "that is not the name of a kiosk");
        return NULL;
    }
    g_autofree char *path = g_build_filename(trust->dir, "kiosks", kiosk, "sign.pem", NULL);
    struct stat info;
    if (stat(path, &info) != 0) {
        g_set_error(error, DV_ERROR, DV_ERROR_DENIED, "kiosk %s is not trusted here", kiosk);
        return NULL;
    }
    pthread_mutex_lock(&trust->lock);
    const DvCert *cert = load(trust, kiosk, path, &info, error);
    pthread_mutex_unlock(&trust->lock);
    return cert;
}
