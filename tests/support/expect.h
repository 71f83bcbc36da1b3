// SPDX-License-Identifier: Apache-2.0
#pragma once
/* What every test of the base library looks for: the code, and words of the sentence. */
#include <darvaza/error.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static inline void
expect_error(GError **error, int code, const char *part)
{
    assert_non_null(*error);
    if (!g_error_matches(*error, DV_ERROR, code) || strstr((*error)->message, part) == NULL)
        fail_msg("\"%s\" (%s) instead of \"%s\" (%s)", (*error)->message,
                 dv_error_word((*error)->code), part, dv_error_word(code));
    g_clear_error(error);
}

#define EXPECT_NO_ERROR(error)                                                                     \
    do {                                                                                           \
        if ((error) != NULL)                                                                       \
            fail_msg("%s", (error)->message);                                                      \
    } while (0)
