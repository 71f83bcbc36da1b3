// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <darvaza/error.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* The error is this one and says part; clears it. */
static inline void
expect_error(GError **error, int code, const char *part)
{
    assert_non_null(*error);
    if (!g_error_matches(*error, DV_ERROR, code) || !strstr((*error)->message, part))
        fail_msg("\"%s\" (%d) instead of \"%s\" (%d)", (*error)->message, (*error)->code, part,
                 code);
    g_clear_error(error);
}
