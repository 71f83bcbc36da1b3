// SPDX-License-Identifier: Apache-2.0
/* Small rules that kiosk, centre and command line share. */
#include "private.h"
#include <darvaza/error.h>
#include <string.h>

#define BYTES_WHAT "the piece that was got"

guint
dv_trust_cohort(const char *kiosk, gint64 release)
{
    g_autoptr(GString) text = g_string_new(kiosk);
    guint8 digest[DV_SHA256_SIZE];
    guint64 number = 0;
    g_string_append_c(text, 0);
    g_string_append_printf(text, "%" G_GINT64_FORMAT, release);
    dv_sha256(text->str, text->len, digest);
    for (int i = 0; i < 8; i++)
        number = number << 8 | digest[i];
    return (guint)(number % 100);
}

gboolean
dv_trust_is_canary(const DvTrustRelease *release, const char *kiosk)
{
    for (guint i = 0; i < release->canary->len; i++)
        if (strcmp(g_ptr_array_index(release->canary, i), kiosk) == 0)
            return TRUE;
    return FALSE;
}

/* ---- the way from one version to another */

typedef struct {
    gint64 version;
    gint64 cost; /* bytes to fetch until here; -1: not reached */
    const DvTrustPackage *by;
    gint64 from;
} Stop;

static Stop *
stop_at(GArray *stops, gint64 version)
{
    for (guint i = 0; i < stops->len; i++)
        if (g_array_index(stops, Stop, i).version == version)
            return &g_array_index(stops, Stop, i);
    const Stop fresh = {version, -1, NULL, 0};
    g_array_append_val(stops, fresh);
    return &g_array_index(stops, Stop, stops->len - 1);
}

static void
try_package(GArray *stops, gint64 from, const DvTrustPackage *package)
{
    gint64 before = stop_at(stops, from)->cost;
    Stop *after = stop_at(stops, package->to);
    gint64 cost =
        before < 0 || package->size > G_MAXINT64 / 2 - before ? -1 : before + package->size;
    if (cost >= 0 && (after->cost < 0 || cost < after->cost)) {
        after->cost = cost;
        after->by = package;
        after->from = from;
    }
}

static GPtrArray *
find_path(const DvTrustList *list, gint64 have_version, gboolean only_adding)
{
    g_autoptr(GPtrArray) path = g_ptr_array_new();
    if (have_version == list->version)
        return g_steal_pointer(&path);
    g_autoptr(GArray) stops = g_array_new(FALSE, FALSE, sizeof(Stop));
    stop_at(stops, have_version)->cost = 0;
    /* A full list can be laid whatever is there. Deltas stand by rising `to` and lead upwards, so
     * that each one's start is settled when it is its turn. */
    if (!only_adding)
        try_package(stops, have_version, &list->full);
    for (guint i = 0; i < list->deltas->len; i++) {
        const DvTrustPackage *delta = g_ptr_array_index(list->deltas, i);
        if (delta->add_only || !only_adding)
            try_package(stops, delta->from, delta);
    }
    gint64 at = list->version;
    while (at != have_version) {
        const Stop *stop = stop_at(stops, at);
        if (!stop->by)
            return NULL;
        g_ptr_array_insert(path, 0, (gpointer)stop->by);
        at = stop->from;
    }
    return g_steal_pointer(&path);
}

GPtrArray *
dv_trust_path(const DvTrustList *list, gint64 have_version)
{
    return find_path(list, have_version, FALSE);
}

GPtrArray *
dv_trust_path_adding(const DvTrustList *list, gint64 have_version)
{
    return find_path(list, have_version, TRUE);
}

DvTrustReason
dv_trust_check_bytes(const void *data, gsize length, gint64 size, const char *sha256,
                     GError **error)
{
    guint8 digest[DV_SHA256_SIZE];
    if ((gint64)length < size)
        return trust_refuse(error, DV_TRUST_TRUNCATED, BYTES_WHAT, "has fewer bytes than signed");
    if ((gint64)length > size)
        return trust_refuse(error, DV_TRUST_BLOATED, BYTES_WHAT, "has more bytes than signed");
    dv_sha256(length ? data : "", length, digest);
    g_autofree char *hex = dv_hex(digest, sizeof digest);
    if (strcmp(hex, sha256) != 0)
        return trust_refuse(error, DV_TRUST_BIT_FLIPPED, BYTES_WHAT,
                            "does not have the signed digest");
    return DV_TRUST_OK;
}
