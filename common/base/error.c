// SPDX-License-Identifier: Apache-2.0
#include <darvaza/error.h>

#include <errno.h>
#include <pthread.h>

static GQuark quark;

/* Also makes GLib set up its own table of error domains while nobody else looks. */
static void
make_quark(void)
{
    quark = g_quark_from_static_string("darvaza-error-quark");
    g_error_free(g_error_new_literal(quark, DV_ERROR_INVALID, ""));
}

/* G_DEFINE_QUARK would let threads race for the number; harmless, but a detector complains. */
GQuark
dv_error_quark(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;

    pthread_once(&once, make_quark);
    return quark;
}

const char *
dv_error_word(int code)
{
    static const char *const words[] = {
        [DV_ERROR_INVALID] = "invalid",
        [DV_ERROR_IO] = "io",
        [DV_ERROR_FULL] = "full",
        [DV_ERROR_CORRUPT] = "corrupt",
        [DV_ERROR_DENIED] = "denied",
        [DV_ERROR_CONFLICT] = "conflict",
        [DV_ERROR_UNAVAILABLE] = "unavailable",
        [DV_ERROR_EXPIRED] = "expired",
        [DV_ERROR_CRYPTO] = "crypto",
        [DV_ERROR_CONFIG] = "config",
    };

    if (code < 0 || (gsize)code >= G_N_ELEMENTS(words))
        return "unknown";
    return words[code];
}

void
dv_error_set_errno(GError **error, int saved_errno, const char *format, ...)
{
    gboolean full = saved_errno == ENOSPC || saved_errno == EDQUOT || saved_errno == EFBIG;
    va_list args;

    va_start(args, format);
    g_autofree char *what = g_strdup_vprintf(format, args);
    va_end(args);
    g_set_error(error, DV_ERROR, full ? DV_ERROR_FULL : DV_ERROR_IO, "%s: %s", what,
                g_strerror(saved_errno));
}
