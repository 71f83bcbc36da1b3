// SPDX-License-Identifier: Apache-2.0
#include "pages.h"

/* A stream tells its end through a callback that knows this alone. */
typedef struct {
    DvPages *pages;
    DvEventStream *stream;
} Page;

struct DvPages {
    GPtrArray *open; /* Page */
};

DvPages *
dv_pages_new(void)
{
    DvPages *pages = g_new0(DvPages, 1);
    pages->open = g_ptr_array_new();
    return pages;
}

static void
on_closed(void *data)
{
    Page *page = data;
    g_ptr_array_remove(page->pages->open, page);
    g_free(page);
}

static void
close_all(DvPages *pages)
{
    /* Closing removes the page from the list, at once or later. */
    g_autoptr(GPtrArray) streams = g_ptr_array_new();
    for (guint i = 0; i < pages->open->len; i++)
        g_ptr_array_add(streams, ((Page *)g_ptr_array_index(pages->open, i))->stream);
    for (guint i = 0; i < streams->len; i++)
        dv_event_stream_close(g_ptr_array_index(streams, i));
}

void
dv_pages_free(DvPages *pages)
{
    if (!pages)
        return;
    close_all(pages);
    g_ptr_array_unref(pages->open);
    g_free(pages);
}

gboolean
dv_pages_open(DvPages *pages, DvRequest *request)
{
    if (pages->open->len >= DV_PAGES_MAX)
        return FALSE;
    Page *page = g_new0(Page, 1);
    page->pages = pages;
    page->stream = dv_request_reply_events(request, on_closed, page);
    if (page->stream)
        g_ptr_array_add(pages->open, page);
    else
        g_free(page);
    return TRUE;
}

void
dv_pages_send(DvPages *pages, const char *event, const json_t *payload)
{
    for (guint i = pages->open->len; i > 0; i--) {
        Page *page = g_ptr_array_index(pages->open, i - 1);
        dv_event_stream_send(page->stream, event, payload);
    }
}

void
dv_pages_close(DvPages *pages)
{
    if (pages->open->len == 0)
        return;
    json_t *nothing = json_object();
    dv_pages_send(pages, "signed-out", nothing);
    json_decref(nothing);
    close_all(pages);
}

guint
dv_pages_count(const DvPages *pages)
{
    return pages->open->len;
}
