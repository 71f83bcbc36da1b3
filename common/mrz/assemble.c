// SPDX-License-Identifier: Apache-2.0
/* Told by length, not by separators: 90, 72 or 88 characters make a zone. */
#include <darvaza/mrz_assemble.h>
#include <string.h>

typedef struct {
    gsize total, length;
} Shape;

static const Shape shapes[] = {{90, 30}, {72, 36}, {88, 44}};

static char **
cut(const char *text, const Shape *shape)
{
    GPtrArray *lines = g_ptr_array_new();
    for (gsize at = 0; at < shape->total; at += shape->length)
        g_ptr_array_add(lines, g_strndup(text + at, shape->length));
    g_ptr_array_add(lines, NULL);
    return (char **)g_ptr_array_free(lines, FALSE);
}

static char **
cut_by_total(const GString *text)
{
    for (gsize i = 0; i < G_N_ELEMENTS(shapes); i++)
        if (text->len == shapes[i].total)
            return cut(text->str, &shapes[i]);
    return NULL;
}

/* What belongs to no line: separators, blanks and the frame bytes of serial readers. */
static gboolean
is_frame(guchar c)
{
    return c <= ' ' || c == 0x7f;
}

/* FALSE where lines exist but break elsewhere than the zone's do: two documents, or one torn. */
static gboolean
breaks_fit(const guchar *bytes, gsize length, gsize line_length)
{
    gsize column = 0;
    for (gsize i = 0; i < length; i++) {
        if (!is_frame(bytes[i]))
            column++;
        else if ((bytes[i] == '\r' || bytes[i] == '\n') && column % line_length != 0)
            return FALSE;
    }
    return TRUE;
}

char **
dv_mrz_assemble(const void *bytes, gsize length)
{
    const guchar *in = bytes;
    if (length > DV_MRZ_ASSEMBLE_MAX)
        return NULL;
    g_autoptr(GString) text = g_string_sized_new(length);
    for (gsize i = 0; i < length; i++) {
        if (in[i] >= 0x80)
            return NULL;
        if (!is_frame(in[i]))
            g_string_append_c(text, in[i] == '_' ? '<' : (char)in[i]);
    }
    g_auto(GStrv) lines = cut_by_total(text);
    if (lines == NULL || !breaks_fit(in, length, strlen(lines[0])))
        return NULL;
    return g_steal_pointer(&lines);
}
