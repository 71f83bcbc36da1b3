// SPDX-License-Identifier: Apache-2.0
#include "uvc_proto.h"
#include "uvc_bytes.h"
#include <darvaza/error.h>
#include <string.h>

#define SECOND 10000000u /* in intervals' 100 ns */
/* Sharp enough for the small print of a passport page, and less than every bus carries as MJPEG. */
#define DEFAULT_WIDTH 1280
#define DEFAULT_HEIGHT 960
#define DEFAULT_FPS 30

/* ---- choosing */

static guint32
distance(guint32 a, guint32 b)
{
    return a > b ? a - b : b - a;
}

static guint32
nearest_interval(const DvUvcMode *mode, guint32 wanted)
{
    guint32 best = mode->intervals[0];
    if (mode->continuous) {
        guint32 least = mode->intervals[0], step = mode->intervals[2];
        guint32 held = CLAMP(wanted, least, mode->intervals[1]);
        return step > 0 ? least + (held - least) / step * step : held;
    }
    for (guint i = 1; i < mode->interval_count; i++)
        if (distance(mode->intervals[i], wanted) < distance(best, wanted))
            best = mode->intervals[i];
    return best;
}

const DvUvcMode *
dv_uvc_choose(const DvUvcShape *shape, const DvFrameWish *wish, guint32 *interval)
{
    guint32 width = wish->width > 0 ? wish->width : DEFAULT_WIDTH;
    guint32 height = wish->height > 0 ? wish->height : DEFAULT_HEIGHT;
    guint32 wanted = SECOND / CLAMP(wish->fps > 0 ? wish->fps : DEFAULT_FPS, 1, 1000);
    const DvUvcMode *best = NULL;
    guint64 best_cost = G_MAXUINT64;
    for (guint i = 0; i < shape->mode_count; i++) {
        const DvUvcMode *mode = &shape->modes[i];
        /* In this order: the format asked for, the size, the rate, the one with less on the bus. */
        guint64 size = (guint64)distance(mode->width, width) + distance(mode->height, height);
        guint64 rate = MIN(distance(nearest_interval(mode, wanted), wanted), SECOND * 10);
        guint64 cost =
            (wish->format != DV_FRAME_ANY && wish->format != mode->format ? 1ull << 50 : 0) +
            (MIN(size, 1u << 18) << 30) + (rate << 1) + (mode->format != DV_FRAME_MJPEG ? 1 : 0);
        if (cost < best_cost) {
            best = mode;
            best_cost = cost;
        }
    }
    *interval = nearest_interval(best, wanted);
    return best;
}

/* ---- probe and commit */

gsize
dv_uvc_probe_length(guint16 version)
{
    return version < 0x0110 ? 26 : version < 0x0150 ? 34 : 48;
}

gsize
dv_uvc_probe_shorter(gsize length)
{
    return length > 34 ? 34 : length > 26 ? 26 : 0;
}

void
dv_uvc_probe_encode(const DvUvcMode *mode, guint32 interval, gsize length,
                    guint8 out[DV_UVC_PROBE_MAX])
{
    enum { HINT_KEEP_INTERVAL = 1 };
    memset(out, 0, length);
    out[0] = HINT_KEEP_INTERVAL;
    out[2] = mode->format_index;
    out[3] = mode->frame_index;
    dv_uvc_put32(out + 4, interval);
}

static const DvUvcMode *
mode_of(const DvUvcShape *shape, guint8 format_index, guint8 frame_index)
{
    for (guint i = 0; i < shape->mode_count; i++)
        if (shape->modes[i].format_index == format_index &&
            shape->modes[i].frame_index == frame_index)
            return &shape->modes[i];
    return NULL;
}

gboolean
dv_uvc_probe_decode(const DvUvcShape *shape, const guint8 *data, gsize length, DvUvcStream *stream,
                    GError **error)
{
    const DvUvcMode *mode = length >= 26 ? mode_of(shape, data[2], data[3]) : NULL;
    if (mode == NULL) {
        g_set_error(error, DV_ERROR, DV_ERROR_INVALID,
                    length < 26 ? "its answer to what it shall send is cut short"
                                : "it proposes a format that it does not describe");
        return FALSE;
    }
    guint32 payload = dv_uvc_u32(data + 22);
    /* Cameras exist that leave the upper half of this field set. */
    if (!shape->bulk && payload >> 16 == 0xffff)
        payload &= 0xffff;
    gsize stated = MAX(dv_uvc_u32(data + 18), mode->max_frame);
    *stream = (DvUvcStream){
        .mode = mode,
        .interval = dv_uvc_u32(data + 4),
        .frame_size = mode->format == DV_FRAME_YUY2 ? (gsize)mode->width * mode->height * 2
                      : stated > 0                  ? MIN(stated, DV_FRAME_MAX)
                                                    : DV_FRAME_MAX,
        .payload_size = payload,
    };
    if (shape->bulk && (payload < 3 || payload > DV_FRAME_MAX + 255)) {
        g_set_error(error, DV_ERROR, DV_ERROR_INVALID, "it would send payloads of %u bytes",
                    payload);
        return FALSE;
    }
    return TRUE;
}

const DvUvcAlternate *
dv_uvc_alternate(const DvUvcShape *shape, const DvUvcStream *stream, GError **error)
{
    const DvUvcAlternate *best = NULL;
    for (guint i = 0; i < shape->alternate_count; i++) {
        const DvUvcAlternate *at = &shape->alternates[i];
        /* A camera that does not say how much it sends gets the most that it offers. */
        if (stream->payload_size == 0 ? best == NULL || at->per_interval > best->per_interval
                                      : at->per_interval >= stream->payload_size &&
                                            (best == NULL || at->per_interval < best->per_interval))
            best = at;
    }
    if (best == NULL)
        g_set_error(error, DV_ERROR, DV_ERROR_INVALID,
                    "none of its settings carries payloads of %zu bytes; a smaller picture may fit",
                    stream->payload_size);
    return best;
}

/* ---- exposure and focus */

enum { CT_AE_MODE = 0x02, CT_EXPOSURE_TIME = 0x04, CT_FOCUS = 0x06, CT_FOCUS_AUTO = 0x08 };
/* Bits of bmControls (table 3-6). */
enum { HAS_AE_MODE = 1 << 1, HAS_EXPOSURE = 1 << 3, HAS_FOCUS = 1 << 5, HAS_FOCUS_AUTO = 1 << 17 };
/* Modes of exposure (4.2.2.1.2). */
enum { AE_MANUAL = 1, AE_AUTO = 2, AE_SHUTTER = 4, AE_APERTURE = 8 };
#define EXPOSURE_MAX 10000 /* 1 s: a camera is given up that sends nothing for four */

static gboolean
parse(const char *value, guint64 least, guint64 most, guint64 *number)
{
    return g_ascii_string_to_unsigned(value, 10, least, most, number, NULL);
}

gboolean
dv_uvc_check_option(const char *key, const char *value, GError **error)
{
    guint64 number;
    gboolean known = strcmp(key, "exposure") == 0 || strcmp(key, "focus") == 0;
    if (known &&
        (strcmp(value, "auto") == 0 || (*key == 'e' ? parse(value, 1, EXPOSURE_MAX, &number)
                                                    : parse(value, 0, G_MAXUINT16, &number))))
        return TRUE;
    g_set_error(error, DV_ERROR, DV_ERROR_CONFIG,
                known ? "%s=%s: neither auto nor a number that a camera takes"
                      : "%s=%s: cameras know exposure and focus",
                key, value);
    return FALSE;
}

static void
add(DvUvcSetting *settings, guint *count, guint8 selector, guint8 length, guint32 value,
    gboolean attempt)
{
    DvUvcSetting *setting = &settings[(*count)++];
    *setting = (DvUvcSetting){.selector = selector, .length = length, .attempt = attempt};
    dv_uvc_put32(setting->bytes, value);
}

/* Which of the two automatic modes a camera has differs, as with the two others: both are tried,
 * the usual one last. */
static gboolean
add_exposure(const DvUvcShape *shape, const char *exposure, DvUvcSetting *settings, guint *count)
{
    gboolean automatic = strcmp(exposure, "auto") == 0;
    guint64 time = 0;
    if ((shape->controls & HAS_AE_MODE) != 0) {
        add(settings, count, CT_AE_MODE, 1, automatic ? AE_AUTO : AE_SHUTTER, TRUE);
        add(settings, count, CT_AE_MODE, 1, automatic ? AE_APERTURE : AE_MANUAL, TRUE);
    }
    if (automatic)
        return (shape->controls & HAS_AE_MODE) != 0;
    if ((shape->controls & HAS_EXPOSURE) == 0 || !parse(exposure, 1, EXPOSURE_MAX, &time))
        return FALSE;
    add(settings, count, CT_EXPOSURE_TIME, 4, (guint32)time, FALSE);
    return TRUE;
}

static gboolean
add_focus(const DvUvcShape *shape, const char *focus, DvUvcSetting *settings, guint *count)
{
    gboolean automatic = strcmp(focus, "auto") == 0;
    guint64 place = 0;
    if ((shape->controls & HAS_FOCUS_AUTO) != 0)
        add(settings, count, CT_FOCUS_AUTO, 1, automatic ? 1 : 0, FALSE);
    if (automatic)
        return (shape->controls & HAS_FOCUS_AUTO) != 0;
    if ((shape->controls & HAS_FOCUS) == 0 || !parse(focus, 0, G_MAXUINT16, &place))
        return FALSE;
    add(settings, count, CT_FOCUS, 2, (guint32)place, FALSE);
    return TRUE;
}

guint
dv_uvc_settings(const DvUvcShape *shape, const char *exposure, const char *focus,
                DvUvcSetting settings[DV_UVC_MAX_SETTINGS], const char **lacking)
{
    guint count = 0;
    *lacking = NULL;
    if (focus != NULL && (shape->terminal == 0 || !add_focus(shape, focus, settings, &count)))
        *lacking = "focus";
    if (exposure != NULL &&
        (shape->terminal == 0 || !add_exposure(shape, exposure, settings, &count)))
        *lacking = "exposure";
    return count;
}
