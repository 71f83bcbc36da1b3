// SPDX-License-Identifier: Apache-2.0
#include "feeder.h"
#include <darvaza/clock.h>
#include <darvaza/error.h>

#define POLL_MS 5
#define BITS_PER_BYTE 10 /* 8N1 with start and stop bit */

typedef struct {
    DvSimFeeder *feeder;
    char *port;
    GBytes *bytes;
    gsize at;
    guint packet;
    gint64 give_up_us, next_us;
    DvSimLaid laid;
    DvSimLaidFunc done;
    void *data;
    guint source;
} Document;

struct DvSimFeeder {
    DvSimBus *bus;
    GRand *random;
    guint bits_per_second;
    GHashTable *documents; /* port -> Document */
    GHashTable *mishaps;   /* port -> DvSimMishap */
};

static void
document_free(gpointer data)
{
    Document *document = data;
    if (document->source != 0)
        g_source_remove(document->source);
    g_bytes_unref(document->bytes);
    g_free(document->port);
    g_free(document);
}

DvSimFeeder *
dv_sim_feeder_new(DvSimBus *bus, guint32 seed, guint bits_per_second)
{
    DvSimFeeder *feeder = g_new0(DvSimFeeder, 1);
    feeder->bus = bus;
    feeder->random = g_rand_new_with_seed(seed);
    feeder->bits_per_second = bits_per_second;
    feeder->documents = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, document_free);
    feeder->mishaps = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    return feeder;
}

void
dv_sim_feeder_free(DvSimFeeder *feeder)
{
    if (feeder == NULL)
        return;
    g_hash_table_unref(feeder->documents);
    g_hash_table_unref(feeder->mishaps);
    g_rand_free(feeder->random);
    g_free(feeder);
}

static void
finish(Document *document, gboolean cut, const GError *error)
{
    DvSimLaid laid = document->laid;
    DvSimLaidFunc done = document->done;
    void *data = document->data;
    laid.cut = cut;
    g_hash_table_remove(document->feeder->documents, document->port);
    done(&laid, error, data);
}

/* Where in the document it befalls, or its end. */
static gsize
mishap_at(const Document *document, const DvSimMishap *mishap)
{
    gsize size = g_bytes_get_size(document->bytes);
    return mishap != NULL ? size * mishap->percent / 100 : size;
}

/* TRUE when that was the document's end. */
static gboolean
suffer(Document *document, const DvSimMishap *mishap)
{
    DvSimFeeder *feeder = document->feeder;
    if (mishap == NULL || document->at < mishap_at(document, mishap))
        return FALSE;
    if (mishap->lift)
        dv_sim_bus_lift(feeder->bus, document->port);
    else
        dv_sim_bus_unplug(feeder->bus, document->port, mishap->shape, NULL);
    g_hash_table_remove(feeder->mishaps, document->port);
    finish(document, TRUE, NULL);
    return TRUE;
}

static gboolean feed(gpointer data);

/* The line's time for these bytes; main loops count in milliseconds, so what is late goes at once.
 */
static void
schedule(Document *document, gsize sent)
{
    gint64 line_us =
        (gint64)sent * BITS_PER_BYTE * G_USEC_PER_SEC / (gint64)document->feeder->bits_per_second;
    document->next_us += line_us;
    gint64 wait_us = document->next_us - dv_clock_mono_us();
    document->source =
        g_timeout_add(wait_us > 0 ? (guint)((wait_us + 999) / 1000) : 0, feed, document);
}

static gboolean
feed(gpointer data)
{
    Document *document = data;
    DvSimFeeder *feeder = document->feeder;
    g_autoptr(GError) error = NULL;
    gsize size = 0;
    const guint8 *bytes = g_bytes_get_data(document->bytes, &size);
    const DvSimMishap *mishap = g_hash_table_lookup(feeder->mishaps, document->port);
    document->source = 0;
    if (suffer(document, mishap))
        return G_SOURCE_REMOVE;
    gsize packet = (gsize)g_rand_int_range(feeder->random, 1, (gint32)document->packet + 1);
    packet = MIN(packet, mishap_at(document, mishap) - document->at);
    if (!dv_sim_bus_produce(feeder->bus, document->port, bytes + document->at, packet, &error)) {
        finish(document, TRUE, NULL); /* somebody pulled the cable */
        return G_SOURCE_REMOVE;
    }
    document->laid.last_us = dv_clock_mono_us();
    if (document->at == 0)
        document->laid.first_us = document->laid.last_us;
    document->at += packet;
    document->laid.length = document->at;
    if (suffer(document, mishap))
        return G_SOURCE_REMOVE;
    if (document->at == size)
        finish(document, FALSE, NULL);
    else
        schedule(document, packet);
    return G_SOURCE_REMOVE;
}

static gboolean
await_host(gpointer data)
{
    Document *document = data;
    gint64 now = dv_clock_mono_us();
    document->source = 0;
    gboolean late = now >= document->give_up_us;
    if (dv_sim_bus_is_listening(document->feeder->bus, document->port, NULL) ||
        (late && dv_sim_bus_types(document->feeder->bus, document->port))) {
        document->next_us = now;
        feed(document);
        return G_SOURCE_REMOVE;
    }
    if (late) {
        g_autoptr(GError) error =
            g_error_new(DV_ERROR, DV_ERROR_UNAVAILABLE,
                        "simulator: no host listens to the reader at %s", document->port);
        finish(document, TRUE, error);
        return G_SOURCE_REMOVE;
    }
    document->source = g_timeout_add(POLL_MS, await_host, document);
    return G_SOURCE_REMOVE;
}

void
dv_sim_feeder_lay(DvSimFeeder *feeder, const char *port, GBytes *bytes, guint packet, guint wait_ms,
                  DvSimLaidFunc done, void *data)
{
    DvSimLaid nothing = {0};
    if (g_hash_table_contains(feeder->documents, port)) {
        g_autoptr(GError) error = g_error_new(DV_ERROR, DV_ERROR_CONFLICT,
                                              "simulator: a document lies on %s already", port);
        done(&nothing, error, data);
        return;
    }
    Document *document = g_new0(Document, 1);
    document->feeder = feeder;
    document->port = g_strdup(port);
    document->bytes = g_bytes_ref(bytes);
    document->packet = CLAMP(packet, 1, 64);
    document->give_up_us = dv_clock_mono_us() + (gint64)wait_ms * 1000;
    document->done = done;
    document->data = data;
    g_hash_table_insert(feeder->documents, document->port, document);
    await_host(document);
}

gboolean
dv_sim_feeder_lift(DvSimFeeder *feeder, const char *port)
{
    Document *document = g_hash_table_lookup(feeder->documents, port);
    if (document == NULL)
        return FALSE;
    dv_sim_bus_lift(feeder->bus, port);
    finish(document, TRUE, NULL);
    return TRUE;
}

void
dv_sim_feeder_cut(DvSimFeeder *feeder, const char *port, const DvSimMishap *mishap)
{
    g_hash_table_insert(feeder->mishaps, g_strdup(port), g_memdup2(mishap, sizeof *mishap));
}
