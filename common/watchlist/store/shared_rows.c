// SPDX-License-Identifier: Apache-2.0
#include "shared_rows.h"

#include <string.h>

SharedRows *
shared_rows_new(void)
{
    return g_new0(SharedRows, 1);
}

/* A set's texts are one piece of memory, to which the first points. */
void
shared_rows_free(SharedRows *rows)
{
    if (rows == NULL)
        return;
    for (guint i = 0; i < SHARED_ATTRIBUTES; i++)
        g_free(rows->attributes[i].texts[0]);
    g_free(rows);
}

const SharedAttributes *
shared_attributes(const SharedRows *rows, gint64 id)
{
    const SharedAttributes *slot = &rows->attributes[(guint64)id % SHARED_ATTRIBUTES];

    return id > 0 && slot->id == id ? slot : NULL;
}

void
shared_attributes_keep(SharedRows *rows, gint64 id, const char *const texts[ATTRIBUTES],
                       gint64 from_us, gint64 until_us)
{
    SharedAttributes *slot = &rows->attributes[(guint64)id % SHARED_ATTRIBUTES];
    gsize sizes[ATTRIBUTES], total = 0;

    for (int i = 0; i < ATTRIBUTES; i++) {
        sizes[i] = strlen(texts[i]) + 1;
        total += sizes[i];
    }
    if (id <= 0 || total > SHARED_TEXT_MAX)
        return;
    char *at = g_malloc(total);
    g_free(slot->texts[0]);
    for (int i = 0; i < ATTRIBUTES; i++) {
        slot->texts[i] = at;
        memcpy(at, texts[i], sizes[i]);
        at += sizes[i];
    }
    slot->id = id;
    slot->from_us = from_us;
    slot->until_us = until_us;
}

const SharedClass *
shared_class(const SharedRows *rows, gint64 id)
{
    const SharedClass *slot = &rows->classes[(guint64)id % SHARED_CLASSES];

    return id > 0 && slot->id == id ? slot : NULL;
}

void
shared_class_keep(SharedRows *rows, gint64 id, const char *issuing_state, const char *document_type,
                  gint64 attribute)
{
    SharedClass *slot = &rows->classes[(guint64)id % SHARED_CLASSES];

    if (id <= 0 || strlen(issuing_state) >= sizeof slot->issuing_state ||
        strlen(document_type) >= sizeof slot->document_type)
        return;
    g_strlcpy(slot->issuing_state, issuing_state, sizeof slot->issuing_state);
    g_strlcpy(slot->document_type, document_type, sizeof slot->document_type);
    slot->attribute = attribute;
    slot->id = id;
}
