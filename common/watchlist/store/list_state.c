// SPDX-License-Identifier: Apache-2.0
#include "list_state.h"

#include <string.h>

void
list_state_add(ListState *state, const guint8 hash[DV_SHA256_SIZE])
{
    guint carry = 0;

    for (int i = DV_SHA256_SIZE - 1; i >= 0; i--) {
        carry += (guint)state->sum[i] + hash[i];
        state->sum[i] = (guint8)carry;
        carry >>= 8;
    }
}

void
list_state_subtract(ListState *state, const guint8 hash[DV_SHA256_SIZE])
{
    guint borrow = 0;

    for (int i = DV_SHA256_SIZE - 1; i >= 0; i--) {
        guint value = 256u + state->sum[i] - hash[i] - borrow;
        state->sum[i] = (guint8)value;
        borrow = value < 256 ? 1 : 0;
    }
}

/* RFC 8785 of a string; rows have no other values. */
static void
append_text(GString *out, const char *text)
{
    static const char plain[] = "btn?fr"; /* of U+0008 to U+000D */

    g_string_append_c(out, '"');
    for (const char *p = text; *p != '\0'; p++) {
        guint8 c = (guint8)*p;
        if (c == '"' || c == '\\') {
            g_string_append_c(out, '\\');
            g_string_append_c(out, *p);
        } else if (c >= 0x20) {
            g_string_append_c(out, *p);
        } else if (c >= 8 && c <= 13 && c != 11) {
            g_string_append_c(out, '\\');
            g_string_append_c(out, plain[c - 8]);
        } else {
            g_string_append_printf(out, "\\u%04x", c);
        }
    }
    g_string_append_c(out, '"');
}

void
dv_watchlist_row_hash(const char *const *columns, guint8 hash[32])
{
    g_autoptr(GString) text = g_string_sized_new(512);

    for (int i = 0; i < COLUMNS; i++) {
        g_string_append_c(text, i == 0 ? '[' : ',');
        append_text(text, columns[i]);
    }
    g_string_append_c(text, ']');
    dv_sha256(text->str, text->len, hash);
}
