// SPDX-License-Identifier: Apache-2.0
/* darvaza record verify: signature, hashes and chain, with public certificates alone. */
#include "commands.h"
#include "record.h"
#include <darvaza/error.h>
#include <stdio.h>
#include <string.h>

/* The last record of a kiosk among the files so far. */
typedef struct {
    gint64 epoch, seq;
    guint8 link[DV_SHA256_SIZE];
} Head;

static gboolean
follows(const Head *head, const DvCrossingHeader *header, GError **error)
{
    gboolean next = header->epoch == head->epoch && header->seq == head->seq + 1;
    gboolean new_epoch = header->epoch > head->epoch && header->seq == 1;
    if (!next && !new_epoch) {
        g_set_error(error, DV_ERROR, DV_ERROR_INVALID,
                    "chain: %s %" G_GINT64_FORMAT "/%" G_GINT64_FORMAT
                    " does not follow %" G_GINT64_FORMAT "/%" G_GINT64_FORMAT
                    "; records are missing or out of order",
                    header->kiosk, header->epoch, header->seq, head->epoch, head->seq);
        return FALSE;
    }
    if (memcmp(header->prev_hash, head->link, DV_SHA256_SIZE) == 0)
        return TRUE;
    g_set_error(error, DV_ERROR, DV_ERROR_INVALID,
                "chain: %s %" G_GINT64_FORMAT "/%" G_GINT64_FORMAT
                " names another predecessor than %" G_GINT64_FORMAT "/%" G_GINT64_FORMAT,
                header->kiosk, header->epoch, header->seq, head->epoch, head->seq);
    return FALSE;
}

static gboolean
check_signature(const DvCrossingWire *wire, const char *trust, GError **error)
{
    /* The kiosk's name has passed the header's schema: letters, digits and "-" only. */
    g_autofree char *path = g_strdup_printf("%s/kiosks/%s/sign.pem", trust, wire->header.kiosk);
    g_autoptr(DvCert) cert = dv_cert_load(path, error);
    return cert && dv_crossing_wire_verify(wire, cert, error);
}

static gboolean
verify_file(const char *path, const char *trust, GHashTable *heads, GError **error)
{
    g_autoptr(GBytes) bytes = NULL;
    g_autoptr(DvCrossingWire) wire = dv_record_tool_read(path, &bytes, error);
    if (!wire || !check_signature(wire, trust, error))
        return FALSE;
    const DvCrossingHeader *header = &wire->header;
    const Head *before = g_hash_table_lookup(heads, header->kiosk);
    gboolean chained = !before || follows(before, header, error);
    Head *head = g_new0(Head, 1);
    head->epoch = header->epoch;
    head->seq = header->seq;
    dv_crossing_link(wire, head->link);
    if (chained) {
        g_autofree char *link = dv_hex(head->link, sizeof head->link);
        printf("%s: good: %s %" G_GINT64_FORMAT "/%" G_GINT64_FORMAT " period %s priority %d%s%s "
               "link %s\n",
               path, header->kiosk, header->epoch, header->seq, header->period,
               (int)header->priority, wire->body ? "" : " body-erased",
               wire->protection ? "" : " compartment-erased", link);
    }
    /* Going on from a broken link names each break once. */
    g_hash_table_replace(heads, g_strdup(header->kiosk), head);
    return chained;
}

int
dv_record_tool_verify(int argc, char **argv)
{
    g_autoptr(GHashTable) heads = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    g_autoptr(GPtrArray) files = g_ptr_array_new();
    const char *trust = NULL;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--trust") == 0 && i + 1 < argc)
            trust = argv[++i];
        else if (argv[i][0] != '-')
            g_ptr_array_add(files, argv[i]);
        else
            return dv_record_tool_bad_use();
    }
    if (!trust || files->len == 0)
        return dv_record_tool_bad_use();
    guint bad = 0;
    for (guint i = 0; i < files->len; i++) {
        g_autoptr(GError) error = NULL;
        if (verify_file(files->pdata[i], trust, heads, &error))
            continue;
        bad++;
        printf("%s: BAD: %s\n", (const char *)files->pdata[i], error->message);
    }
    printf("%u good, %u bad\n", files->len - bad, bad);
    return bad ? DV_EXIT_FAILED : DV_EXIT_OK;
}
