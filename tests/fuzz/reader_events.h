// SPDX-License-Identifier: Apache-2.0
#pragma once
/* What every reader's parser owes: a document or a failure follows a start, one start each; rows
 * have a document's shape and only printable bytes. */
#include "zone.h"
#include <string.h>

typedef struct {
    gboolean started; /* and no document since */
    gboolean dropped; /* since it started: that may have been its end */
} Seen;

static inline void
seen_started(void *data)
{
    Seen *seen = data;
    g_assert_true(!seen->started || seen->dropped); /* once per document */
    seen->started = TRUE;
    seen->dropped = FALSE;
}

static inline void
seen_document(const char *const *rows, void *data)
{
    Seen *seen = data;
    gsize length = strlen(rows[0]);
    guint count = g_strv_length((char **)rows);
    g_assert_true((length == 30 && count == 3) || ((length == 36 || length == 44) && count == 2));
    for (guint i = 0; i < count; i++) {
        g_assert_cmpuint(strlen(rows[i]), ==, length);
        for (const char *c = rows[i]; *c != '\0'; c++)
            g_assert_true(g_ascii_isprint(*c));
    }
    g_assert_true(seen->started);
    seen->started = FALSE;
}

static inline void
seen_dropped(const char *why, void *data)
{
    Seen *seen = data;
    g_assert_nonnull(why);
    g_assert_true(seen->started);
    seen->dropped = TRUE;
}

static inline void
seen_send(const guint8 *bytes, gsize length, void *data)
{
    (void)data;
    g_assert_nonnull(bytes);
    g_assert_cmpuint(length, >=, 1);
    g_assert_cmpuint(length, <=, 512);
}

static inline void
seen_refused(const char *why, void *data)
{
    (void)data;
    g_assert_nonnull(why);
}

static inline DvReaderSink
seen_sink(Seen *seen)
{
    return (DvReaderSink){seen_started, seen_document, seen_dropped, seen_send, seen_refused, seen};
}
