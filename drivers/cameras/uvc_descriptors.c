// SPDX-License-Identifier: Apache-2.0
/* What a camera says of itself (3.7, 3.9): outside bytes. What is not understood is skipped; what
 * does not fit its own length ends the walk. */
#include "uvc_bytes.h"
#include "uvc_proto.h"
#include <darvaza/error.h>
#include <string.h>

enum { CS_INTERFACE = 0x24 };
enum { VC_HEADER = 1, VC_INPUT_TERMINAL = 2, TERMINAL_CAMERA = 0x0201 };
enum {
    VS_INPUT_HEADER = 1,
    VS_FORMAT_UNCOMPRESSED = 4,
    VS_FRAME_UNCOMPRESSED = 5,
    VS_FORMAT_MJPEG = 6,
    VS_FRAME_MJPEG = 7
};

static const guint8 guid_yuy2[16] = {'Y',  'U',  'Y',  '2',  0x00, 0x00, 0x10, 0x00,
                                     0x80, 0x00, 0x00, 0xaa, 0x00, 0x38, 0x9b, 0x71};

/* The format whose frames come next. */
typedef struct {
    DvUvcShape *shape;
    DvFrameFormat format; /* ANY: one that we do not take */
    guint8 format_index;
} Walk;

typedef void (*Visit)(Walk *walk, const guint8 *at, gsize length);

static void
visit_all(Walk *walk, const guint8 *at, gsize left, Visit visit)
{
    while (left >= 3 && at[0] >= 3 && at[0] <= left) {
        if (at[1] == CS_INTERFACE)
            visit(walk, at, at[0]);
        left -= at[0];
        at += at[0];
    }
}

/* Some cameras put them behind the endpoint instead of before it; both places are looked at. */
static void
visit_interface(Walk *walk, const DvUsbInterface *interface, Visit visit)
{
    visit_all(walk, interface->extra, interface->extra_length, visit);
    for (guint i = 0; i < interface->endpoint_count; i++)
        visit_all(walk, interface->endpoints[i].extra, interface->endpoints[i].extra_length, visit);
}

/* ---- the control interface */

static void
visit_control(Walk *walk, const guint8 *at, gsize length)
{
    DvUvcShape *shape = walk->shape;
    if (at[2] == VC_HEADER && length >= 12)
        shape->version = dv_uvc_u16(at + 3);
    if (at[2] != VC_INPUT_TERMINAL || length < 15 || dv_uvc_u16(at + 4) != TERMINAL_CAMERA ||
        shape->terminal != 0)
        return;
    shape->terminal = at[3];
    for (gsize i = 0; i < at[14] && i < 4 && 15 + i < length; i++)
        shape->controls |= (guint32)at[15 + i] << (8 * i);
}

/* ---- the streaming interface */

static gboolean
add_intervals(DvUvcMode *mode, const guint8 *at, gsize length)
{
    guint stated = at[25];
    mode->continuous = stated == 0;
    guint count = mode->continuous ? 3 : MIN(stated, DV_UVC_MAX_INTERVALS);
    for (guint i = 0; i < count && 26 + 4 * (i + 1) <= length; i++) {
        guint32 interval = dv_uvc_u32(at + 26 + (gsize)4 * i);
        if (interval > 0 || (mode->continuous && i == 2))
            mode->intervals[mode->interval_count++] = interval;
    }
    return mode->continuous ? mode->interval_count == 3 && mode->intervals[0] <= mode->intervals[1]
                            : mode->interval_count > 0;
}

static void
add_mode(Walk *walk, const guint8 *at, gsize length)
{
    DvUvcShape *shape = walk->shape;
    if (walk->format == DV_FRAME_ANY || length < 26 || shape->mode_count == DV_UVC_MAX_MODES)
        return;
    DvUvcMode *mode = &shape->modes[shape->mode_count];
    *mode = (DvUvcMode){
        .format_index = walk->format_index,
        .frame_index = at[3],
        .format = walk->format,
        .width = dv_uvc_u16(at + 5),
        .height = dv_uvc_u16(at + 7),
        .max_frame = dv_uvc_u32(at + 17),
    };
    gsize plain = (gsize)mode->width * mode->height * 2;
    gboolean fits =
        mode->width > 0 && mode->height > 0 &&
        (mode->format != DV_FRAME_YUY2 || (mode->width % 2 == 0 && plain <= DV_FRAME_MAX));
    if (fits && add_intervals(mode, at, length))
        shape->mode_count++;
}

static void
visit_streaming(Walk *walk, const guint8 *at, gsize length)
{
    switch (at[2]) {
    case VS_INPUT_HEADER:
        if (length >= 13 && walk->shape->endpoint == 0)
            walk->shape->endpoint = at[6];
        break;
    case VS_FORMAT_MJPEG:
        walk->format = length >= 11 ? DV_FRAME_MJPEG : DV_FRAME_ANY;
        walk->format_index = at[3 < length ? 3 : 2];
        break;
    case VS_FORMAT_UNCOMPRESSED:
        walk->format = length >= 27 && memcmp(at + 5, guid_yuy2, sizeof guid_yuy2) == 0
                           ? DV_FRAME_YUY2
                           : DV_FRAME_ANY;
        walk->format_index = at[3 < length ? 3 : 2];
        break;
    case VS_FRAME_MJPEG:
        if (walk->format == DV_FRAME_MJPEG)
            add_mode(walk, at, length);
        break;
    case VS_FRAME_UNCOMPRESSED:
        if (walk->format == DV_FRAME_YUY2)
            add_mode(walk, at, length);
        break;
    default:
        /* Other formats (H.264, DV, still images) neither are taken nor lend their index on. */
        break;
    }
}

static void
add_alternate(DvUvcShape *shape, const DvUsbInterface *interface)
{
    for (guint i = 0; i < interface->endpoint_count; i++) {
        const DvUsbEndpoint *endpoint = &interface->endpoints[i];
        if (endpoint->address != shape->endpoint)
            continue;
        if (endpoint->pipe == DV_USB_BULK)
            shape->bulk = TRUE;
        else if (endpoint->pipe == DV_USB_ISO && endpoint->per_interval > 0 &&
                 shape->alternate_count < DV_UVC_MAX_ALTERNATES)
            shape->alternates[shape->alternate_count++] =
                (DvUvcAlternate){interface->alternate, endpoint->per_interval};
    }
}

/* Everything about one streaming interface, which has an entry for each alternate setting. */
static gboolean
find_stream(const DvUsbShape *device, guint8 number, DvUvcShape *shape)
{
    Walk walk = {shape, DV_FRAME_ANY, 0};
    for (guint i = 0; i < device->interface_count; i++)
        if (device->interfaces[i].number == number && device->interfaces[i].alternate == 0)
            visit_interface(&walk, &device->interfaces[i], visit_streaming);
    for (guint i = 0; i < device->interface_count; i++)
        if (device->interfaces[i].number == number)
            add_alternate(shape, &device->interfaces[i]);
    return shape->mode_count > 0 && (shape->endpoint & 0x80) != 0 &&
           (shape->bulk || shape->alternate_count > 0);
}

static gboolean
is_video(const DvUsbInterface *interface, guint8 subclass)
{
    return interface->class_code == DV_UVC_CLASS && interface->subclass == subclass &&
           interface->alternate == 0;
}

/* Takes the camera whose control interface this is: its streams stand behind it and before the next
 * camera's (3.7.2 has them in a list; devices exist whose list is wrong). */
static gboolean
find_camera(const DvUsbShape *device, guint control, DvUvcShape *shape)
{
    DvUvcShape base = {.control_interface = device->interfaces[control].number};
    Walk walk = {&base, DV_FRAME_ANY, 0};
    visit_interface(&walk, &device->interfaces[control], visit_control);
    if (base.version < 0x0100)
        return FALSE;
    for (guint i = control + 1; i < device->interface_count; i++) {
        if (is_video(&device->interfaces[i], DV_UVC_CONTROL))
            return FALSE;
        if (!is_video(&device->interfaces[i], DV_UVC_STREAMING))
            continue;
        *shape = base;
        shape->streaming_interface = device->interfaces[i].number;
        if (find_stream(device, shape->streaming_interface, shape))
            return TRUE;
    }
    return FALSE;
}

gboolean
dv_uvc_find(const DvUsbShape *device, DvUvcShape *shape, GError **error)
{
    for (guint i = 0; i < device->interface_count; i++)
        if (is_video(&device->interfaces[i], DV_UVC_CONTROL) && find_camera(device, i, shape))
            return TRUE;
    g_set_error(error, DV_ERROR, DV_ERROR_INVALID,
                "this device describes no camera with MJPEG or YUY2 pictures");
    return FALSE;
}
