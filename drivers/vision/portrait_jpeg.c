// SPDX-License-Identifier: Apache-2.0
/* Portraits as JPEG, within a bound that two of them leave room in a sealed record. */
#include "faces_private.h"
#include <string.h>
#include <turbojpeg.h>

gsize
jpeg_compress(const guint8 *pixels, guint width, guint height, guint channels, guint quality,
              guint8 *to, gsize most)
{
    tjhandle handle = tjInitCompress();
    unsigned char *out = NULL;
    unsigned long size = 0;
    int format = channels == 3 ? TJPF_RGB : TJPF_GRAY,
        sampling = channels == 3 ? TJSAMP_420 : TJSAMP_GRAY;
    if (handle == NULL)
        return 0;
    gboolean done = tjCompress2(handle, pixels, (int)width, 0, (int)height, format, &out, &size,
                                sampling, (int)quality, TJFLAG_ACCURATEDCT) == 0 &&
                    size <= most;
    if (done)
        memcpy(to, out, size);
    tjFree(out);
    tjDestroy(handle);
    return done ? size : 0;
}

gboolean
portrait_encode(const guint8 *pixels, guint width, guint height, guint channels,
                DvPortrait *portrait, GError **error)
{
    static const guint qualities[] = {90, 80, 65, 50, 30, 10};
    portrait->length = 0;
    for (guint i = 0; i < G_N_ELEMENTS(qualities) && portrait->length == 0; i++) {
        portrait->quality = qualities[i];
        portrait->length = jpeg_compress(pixels, width, height, channels, qualities[i],
                                         portrait->jpeg, sizeof portrait->jpeg);
    }
    if (portrait->length > 0)
        return TRUE;
    g_set_error(error, DV_ERROR, DV_ERROR_FULL, "the portrait does not fit into %d bytes",
                DV_PORTRAIT_BYTES_MAX);
    return FALSE;
}
