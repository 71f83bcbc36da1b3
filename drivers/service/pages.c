// SPDX-License-Identifier: Apache-2.0
#include "pages.h"
#include "pace.h"
#include "sealed.h"
#include <darvaza/bus.h>
#include <darvaza/error.h>
#include <darvaza/log.h>
#include <fcntl.h>
#include <gio/gunixfdlist.h>
#include <string.h>
#include <unistd.h>

#define FIRST_MS 80     /* until the frame after the first */
#define KEEP_SECONDS 60 /* a document's images, unless they are fetched or followed earlier */

/* A frame, sealed. */
typedef struct {
    int file; /* -1: none */
    DvFrameInfo info;
    gsize length;
    gint64 arrived_us;
} Page;

struct DvPages {
    DvCameras *cameras;
    DvVisionClient *vision; /* the service's */
    DvPagesEvents events;
    void *data;
    char *wanted; /* as configured */
    char *camera; /* the place that is filmed; NULL: none now */
    DvAgreement agreement;
    Page reading; /* with darvaza-vision now */
    guint64 last; /* serial of the last frame that was read */
    guint set;    /* of ink parameters, for the next frame */
    guint period; /* timer until the next frame may be read */
    guint pace;   /* milliseconds of it */
    Page page;    /* of the last document */
    GBytes *zone;
    guint64 serial;
    guint keep;       /* timer */
    gboolean telling; /* the document waits for the pictures of its page */
};

static void
page_clear(Page *page)
{
    if (page->file >= 0)
        close(page->file);
    page->file = -1;
}

static void
forget_document(DvPages *pages)
{
    page_clear(&pages->page);
    g_clear_pointer(&pages->zone, g_bytes_unref);
    pages->serial = 0;
    if (pages->keep != 0)
        g_source_remove(pages->keep);
    pages->keep = 0;
}

static gboolean
on_kept_long_enough(gpointer data)
{
    DvPages *pages = data;
    pages->keep = 0;
    forget_document(pages);
    return G_SOURCE_REMOVE;
}

DvPages *
dv_pages_new(DvCameras *cameras, DvVisionClient *vision, const char *wanted,
             const DvPagesEvents *events, void *data)
{
    DvPages *pages = g_new0(DvPages, 1);
    pages->cameras = cameras;
    pages->wanted = g_strdup(wanted);
    pages->vision = vision;
    pages->events = *events;
    pages->data = data;
    pages->reading.file = pages->page.file = -1;
    pages->pace = FIRST_MS;
    return pages;
}

/* ---- frames to readings */

static void read_newest(DvPages *pages);

static gboolean
on_period(gpointer data)
{
    DvPages *pages = data;
    pages->period = 0;
    read_newest(pages);
    return G_SOURCE_REMOVE;
}

static void
tell(DvPages *pages, GBytes *portrait, GBytes *page)
{
    const DvReading *reading = &pages->agreement.reported;
    const char *lines[DV_MRZ_LINES_MAX + 1] = {NULL};
    for (guint i = 0; i < reading->line_count; i++)
        lines[i] = reading->lines[i];
    const DvDocumentSeen seen = {.lines = lines,
                                 .arrived_us = pages->page.arrived_us,
                                 .corrections = reading->corrections,
                                 .portrait = portrait,
                                 .zone = pages->zone,
                                 .page = page};
    pages->serial = pages->events.document(pages->camera, &seen, pages->data);
}

/* A document without its pictures is a document all the same. */
static void
on_page(GBytes *portrait, GBytes *page, const GError *error, void *data)
{
    DvPages *pages = data;
    if (!pages->telling) /* given back meanwhile */
        return;
    pages->telling = FALSE;
    if (error != NULL)
        dv_log_warning("camera %s: no page and no portrait: %s", pages->camera, error->message);
    tell(pages, portrait, page);
    read_newest(pages);
}

static DvVisionImage
image_of(const Page *page)
{
    gboolean yuy2 = page->info.format == DV_FRAME_YUY2;
    return (DvVisionImage){.format = yuy2 ? DV_VISION_YUY2 : DV_VISION_FILE,
                           .width = yuy2 ? page->info.width : 0,
                           .height = yuy2 ? page->info.height : 0,
                           .stride = yuy2 ? page->info.width * 2u : 0,
                           .file = page->file,
                           .length = page->length};
}

/* The frame that was just read becomes the document's page; what it shows is cut from it first, so
 * that it comes with the document. */
static void
report(DvPages *pages, GBytes *zone)
{
    g_autoptr(GError) error = NULL;
    forget_document(pages);
    pages->page = pages->reading;
    pages->reading.file = -1;
    lseek(pages->page.file, 0, SEEK_SET); /* for whoever reads instead of mapping */
    pages->zone = zone != NULL ? g_bytes_ref(zone) : NULL;
    pages->keep = g_timeout_add_seconds(KEEP_SECONDS, on_kept_long_enough, pages);
    const DvVisionImage image = image_of(&pages->page);
    pages->telling = dv_vision_client_page(pages->vision, &image, on_page, pages, &error);
    if (pages->telling)
        return;
    dv_log_warning("camera %s: no page and no portrait: %s", pages->camera, error->message);
    tell(pages, NULL, NULL);
}

static void
on_read(const DvReading *reading, GBytes *zone, const GError *error, void *data)
{
    /* An image that was refused shows nothing; a process that died has said so itself. */
    static const DvReading nothing = {.reason = "the frame could not be decoded"};
    DvPages *pages = data;
    if (pages->camera == NULL) { /* given back meanwhile */
        page_clear(&pages->reading);
        return;
    }
    reading = error == NULL ? reading : &nothing;
    guint events = dv_agreement_take(&pages->agreement, reading, pages->reading.arrived_us);
    pages->pace = dv_pace_ms(&pages->agreement, reading);
    if (events & DV_AGREEMENT_STARTED)
        pages->events.started(pages->camera, pages->data);
    if (events & DV_AGREEMENT_DOCUMENT)
        report(pages, zone);
    if (events & DV_AGREEMENT_FAILED)
        pages->events.failed(pages->camera, "no two frames of the document agreed", pages->data);
    if (events & DV_AGREEMENT_GUIDES)
        pages->events.guides(pages->camera, pages->agreement.guides, pages->data);
    page_clear(&pages->reading);
    read_newest(pages);
}

static gboolean
send_frame(DvPages *pages, const DvStoredFrame *frame, GError **error)
{
    Page page = {.file = dv_sealed_copy(frame->bytes, frame->length, error),
                 .info = frame->info,
                 .length = frame->length,
                 .arrived_us = frame->arrived_us};
    if (page.file < 0)
        return FALSE;
    DvVisionImage image = image_of(&page);
    image.set = 1 + pages->set++ % DV_VISION_SETS;
    if (!dv_vision_client_read(pages->vision, &image, on_read, pages, error)) {
        page_clear(&page);
        return FALSE;
    }
    pages->reading = page;
    return TRUE;
}

/* The newest frame, where there is one that was not read yet and it is its time. */
static void
read_newest(DvPages *pages)
{
    g_autoptr(GError) error = NULL;
    const DvStoredFrame *frame =
        pages->camera != NULL ? dv_cameras_newest(pages->cameras, pages->camera) : NULL;
    if (frame == NULL || frame->bytes == NULL || frame->serial == pages->last ||
        pages->reading.file >= 0 || pages->period != 0 || pages->telling)
        return;
    pages->last = frame->serial;
    pages->period = g_timeout_add(pages->pace, on_period, pages);
    if (!send_frame(pages, frame, &error))
        dv_log_warning("camera %s: %s", pages->camera, error->message);
}

void
dv_pages_frame(DvPages *pages, const char *camera)
{
    if (g_strcmp0(camera, pages->camera) == 0)
        read_newest(pages);
}

/* ---- which camera */

gboolean
dv_pages_is_it(const DvPages *pages, const DvDeviceInfo *device)
{
    g_autofree char *identity = g_strdup_printf("%04x:%04x", device->vid, device->pid);
    return device->kind == DV_DEVICE_CAMERA && (strcmp(pages->wanted, device->id) == 0 ||
                                                g_ascii_strcasecmp(pages->wanted, identity) == 0);
}

/* The camera is no longer filmed; the last document's images stay. */
static void
let_go(DvPages *pages)
{
    if (pages->camera != NULL)
        dv_cameras_want(pages->cameras, DV_WANTED_BY_PAGES, pages->camera, NULL);
    g_clear_pointer(&pages->camera, g_free);
    pages->agreement = (DvAgreement){0};
    pages->telling = FALSE;
    pages->last = 0;
    pages->pace = FIRST_MS;
    if (pages->period != 0)
        g_source_remove(pages->period);
    pages->period = 0;
}

void
dv_pages_lose(DvPages *pages, const char *camera)
{
    if (g_strcmp0(pages->camera, camera) != 0)
        return;
    if (pages->telling) { /* it was read whole; only its pictures are waited for */
        pages->telling = FALSE;
        tell(pages, NULL, NULL);
    } else if (pages->agreement.started) {
        pages->events.failed(camera, "the camera has gone", pages->data);
    }
    let_go(pages); /* it may come back at another place */
}

void
dv_pages_see(DvPages *pages, const DvDeviceInfo *device)
{
    static const DvFrameWish wish = {.width = 1280, .height = 960, .fps = 30};
    if (pages->camera != NULL || device->state != DV_DEVICE_SERVING ||
        !dv_pages_is_it(pages, device) ||
        !dv_cameras_want(pages->cameras, DV_WANTED_BY_PAGES, device->id, &wish))
        return;
    pages->camera = g_strdup(device->id);
    dv_log_info("camera %s: documents are read from it", device->id);
}

void
dv_pages_release(DvPages *pages)
{
    forget_document(pages);
    let_go(pages);
}

void
dv_pages_free(DvPages *pages)
{
    if (pages == NULL)
        return;
    dv_pages_release(pages);
    page_clear(&pages->reading);
    g_free(pages->wanted);
    g_free(pages);
}

/* ---- what clients ask */

gboolean
dv_pages_guides(const DvPages *pages, const char *camera, guint *guides)
{
    *guides = pages->agreement.guides;
    return g_strcmp0(pages->camera, camera) == 0;
}

gboolean
dv_pages_lies_read(const DvPages *pages)
{
    return dv_agreement_lies(&pages->agreement);
}

static GVariant *
describe(const Page *page, gboolean whole)
{
    GVariantDict dict;
    g_variant_dict_init(&dict, NULL);
    g_variant_dict_insert(&dict, "format", "s",
                          !whole                               ? "jpeg"
                          : page->info.format == DV_FRAME_YUY2 ? "yuy2"
                                                               : "mjpeg");
    if (whole) {
        g_variant_dict_insert(&dict, "width", "u", (guint)page->info.width);
        g_variant_dict_insert(&dict, "height", "u", (guint)page->info.height);
    }
    return g_variant_dict_end(&dict);
}

/* A descriptor that the caller closes; -1 with error. */
static int
file_of(const DvPages *pages, const char *part, GError **error)
{
    gsize length = 0;
    if (strcmp(part, "page") == 0)
        return fcntl(pages->page.file, F_DUPFD_CLOEXEC, 0);
    if (strcmp(part, "zone") == 0 && pages->zone != NULL) {
        const guint8 *bytes = g_bytes_get_data(pages->zone, &length);
        return dv_sealed_copy(bytes, length, error);
    }
    g_set_error(error, DV_ERROR, DV_ERROR_INVALID, "the document has no image of that name");
    return -1;
}

void
dv_pages_take(DvPages *pages, DvBusDevices1 *skeleton, GDBusMethodInvocation *invocation,
              guint64 serial, const char *part)
{
    g_autoptr(GError) error = NULL;
    int file = -1;
    if (serial == 0 || serial != pages->serial)
        g_set_error(&error, DV_ERROR, DV_ERROR_UNAVAILABLE,
                    "the images of document %" G_GUINT64_FORMAT " are not kept", serial);
    else
        file = file_of(pages, part, &error);
    if (file < 0 && error == NULL)
        g_set_error(&error, DV_ERROR, DV_ERROR_FULL, "the image could not be handed on");
    if (file < 0) {
        dv_bus_return_error(invocation, error);
        return;
    }
    g_autoptr(GUnixFDList) list = g_unix_fd_list_new_from_array(&file, 1);
    dv_bus_devices1_complete_take_page(skeleton, invocation, list,
                                       describe(&pages->page, strcmp(part, "page") == 0),
                                       g_variant_new_handle(0));
}

const char **
dv_pages_guide_words(guint guides)
{
    static const struct {
        DvGuide guide;
        const char *word;
    } words[] = {{DV_GUIDE_CLOSER, "closer"},
                 {DV_GUIDE_GLARE, "glare"},
                 {DV_GUIDE_STILL, "still"},
                 {DV_GUIDE_TURN, "turn"}};
    const char **list = g_new0(const char *, G_N_ELEMENTS(words) + 1);
    guint count = 0;
    for (guint i = 0; i < G_N_ELEMENTS(words); i++)
        if (guides & words[i].guide)
            list[count++] = words[i].word;
    return list;
}
