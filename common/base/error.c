// SPDX-License-Identifier: Apache-2.0
#include <darvaza/error.h>

G_DEFINE_QUARK(darvaza-error-quark, dv_error)

const char *
dv_error_word(int code)
{
    static const char *const words[] = {
        [DV_ERROR_INVALID] = "invalid",         [DV_ERROR_IO] = "io",
        [DV_ERROR_FULL] = "full",               [DV_ERROR_CORRUPT] = "corrupt",
        [DV_ERROR_DENIED] = "denied",           [DV_ERROR_CONFLICT] = "conflict",
        [DV_ERROR_UNAVAILABLE] = "unavailable", [DV_ERROR_EXPIRED] = "expired",
        [DV_ERROR_CRYPTO] = "crypto",           [DV_ERROR_CONFIG] = "config",
    };

    if (code < 0 || (gsize)code >= G_N_ELEMENTS(words))
        return "unknown";
    return words[code];
}
