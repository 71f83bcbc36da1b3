// SPDX-License-Identifier: Apache-2.0
#pragma once
/* What a reader's parser reports, as one line of words: "started", "dropped", rows joined by '|',
 * ">" and hexadecimal for what the reader is sent, "refused". */
#include "zone.h"
#include <string.h>

#define TD3_1 "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<"
#define TD3_2 "L898902C36UTO7408122F1204159ZE184226B<<<<<10"
#define TD1_1 "I<UTOD231458907<<<<<<<<<<<<<<<"
#define TD1_2 "7408122F1204159UTO<<<<<<<<<<<6"
#define TD1_3 "ERIKSSON<<ANNA<MARIA<<<<<<<<<<"
#define TD3 TD3_1 "|" TD3_2
#define TD1 TD1_1 "|" TD1_2 "|" TD1_3

typedef struct {
    GString *events;
    DvReaderSink sink;
} ReaderEvents;

static inline void
events_add(ReaderEvents *events, const char *word)
{
    g_string_append_printf(events->events, "%s%s", events->events->len > 0 ? " " : "", word);
}

static inline void
events_started(void *data)
{
    events_add(data, "started");
}

static inline void
events_document(const char *const *rows, void *data)
{
    g_autofree char *joined = g_strjoinv("|", (char **)rows);
    events_add(data, joined);
}

static inline void
events_dropped(const char *why, void *data)
{
    g_assert_nonnull(why);
    events_add(data, "dropped");
}

static inline void
events_send(const guint8 *bytes, gsize length, void *data)
{
    g_autoptr(GString) word = g_string_new(">");
    for (gsize i = 0; i < length; i++)
        g_string_append_printf(word, "%02x", bytes[i]);
    events_add(data, word->str);
}

static inline void
events_refused(const char *why, void *data)
{
    g_assert_nonnull(why);
    events_add(data, "refused");
}

static inline void
events_init(ReaderEvents *events)
{
    events->events = g_string_new(NULL);
    events->sink = (DvReaderSink){events_started, events_document, events_dropped,
                                  events_send,    events_refused,  events};
}

static inline void
events_clear(ReaderEvents *events)
{
    g_string_free(events->events, TRUE);
}

/* Compares with what was reported since the last call. */
#define events_expect(reported, expected)                                                          \
    do {                                                                                           \
        assert_string_equal((reported)->events->str, expected);                                    \
        g_string_truncate((reported)->events, 0);                                                  \
    } while (0)
