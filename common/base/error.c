// SPDX-License-Identifier: Apache-2.0
#include <darvaza/error.h>

#include <errno.h>

// It would put spaces into the name:
// clang-format off
G_DEFINE_QUARK(darvaza-error-quark, dv_error)
// clang-format on

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
