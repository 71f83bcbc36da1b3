// SPDX-License-Identifier: Apache-2.0
/* A name in any bytes: transliterated in every language, its candidates back. */
#include <darvaza/names.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const guint8 *data, gsize size);

static void
check_normal(const char *text)
{
    g_autofree char *once = dv_names_normalise(text);
    if (once == NULL)
        return;
    g_assert_cmpuint(strspn(once, "ABCDEFGHIJKLMNOPQRSTUVWXYZ "), ==, strlen(once));
    g_assert_null(strstr(once, "  "));
    if (strlen(once) <= DV_NAMES_MAX_BYTES) {
        g_autofree char *twice = dv_names_normalise(once);
        g_assert_cmpstr(once, ==, twice);
    }
}

int
LLVMFuzzerTestOneInput(const guint8 *data, gsize size)
{
    g_autofree char *text = g_strndup(size ? (const char *)data : "", size);
    check_normal(text);
    for (DvNamesLanguage language = DV_NAMES_GENERAL; language <= DV_NAMES_UKRAINIAN; language++) {
        g_autofree char *mrz = dv_names_transliterate(text, language);
        g_auto(GStrv) cyrillic = dv_names_cyrillic_variants(text, language, 16);
        g_assert_cmpuint(g_strv_length(cyrillic), <=, 16);
    }
    g_auto(GStrv) latin = dv_names_latin_variants(text, 16);
    g_auto(GStrv) arabic = dv_names_arabic_variants(text, 16);
    g_assert_cmpuint(g_strv_length(latin), <=, 16);
    g_assert_cmpuint(g_strv_length(arabic), <=, 16);
    return 0;
}
