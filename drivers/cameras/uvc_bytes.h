// SPDX-License-Identifier: Apache-2.0
#pragma once
/* Little-endian numbers in UVC's structures; the caller has checked the length. */
#include <glib.h>

static inline guint16
dv_uvc_u16(const guint8 *at)
{
    return (guint16)(at[0] | at[1] << 8);
}

static inline guint32
dv_uvc_u32(const guint8 *at)
{
    return at[0] | (guint32)at[1] << 8 | (guint32)at[2] << 16 | (guint32)at[3] << 24;
}

static inline void
dv_uvc_put32(guint8 *at, guint32 value)
{
    for (guint i = 0; i < 4; i++)
        at[i] = (guint8)(value >> (8 * i) & 0xff);
}
