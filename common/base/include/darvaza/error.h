// SPDX-License-Identifier: Apache-2.0
#pragma once
/*
 * The one error domain. A function that can fail sets a GError whose message is a sentence:
 * what was being done, to what, why it failed ("outbox /var/lib/x.db: no space left on device").
 * "Not found" is not an error. Bad traveller data is a finding, not an error.
 */
#include <glib.h>

typedef enum {
    DV_ERROR_INVALID,     /* outside bytes or arguments that break a stated rule */
    DV_ERROR_IO,          /* the operating system refused; message carries strerror */
    DV_ERROR_FULL,        /* no space left (disk or a stated bound) */
    DV_ERROR_CORRUPT,     /* our own stored data is not what we wrote */
    DV_ERROR_DENIED,      /* identity, role, signature or state forbids it */
    DV_ERROR_CONFLICT,    /* another value stands already where this one should go */
    DV_ERROR_UNAVAILABLE, /* a peer, device or network is not there now; trying again may work */
    DV_ERROR_EXPIRED,     /* was valid once */
    DV_ERROR_CRYPTO,      /* a seal, signature or key that does not verify or cannot be used */
    DV_ERROR_CONFIG,      /* configuration; message carries file, line, key */
} DvErrorCode;

#define DV_ERROR (dv_error_quark())
GQuark dv_error_quark(void);

/* The word for a code as it stands in logs and JSON answers ("invalid", "full", ...); static. */
const char *dv_error_word(int code);

/* Sets DV_ERROR_FULL (no space, quota, file size limit) or DV_ERROR_IO (the rest) with the message
 * "<formatted>: <strerror>". Pass errno itself: it is read before anything else happens. */
void dv_error_set_errno(GError **error, int saved_errno, const char *format, ...)
    G_GNUC_PRINTF(3, 4);
