// SPDX-License-Identifier: Apache-2.0
#pragma once
/*
 * Names between their native script and the MRZ: Doc 9303-3 section 6 (tables A: Latin,
 * B: Cyrillic, C: Arabic).
 */
#include <glib.h>

#define DV_NAMES_MAX_BYTES 1024 /* longest name taken */
#define DV_NAMES_VARIANTS_MAX 64

/* How a language reads a letter that the tables treat differently by language. */
typedef enum {
    DV_NAMES_GENERAL,
    DV_NAMES_BELARUSIAN,
    DV_NAMES_BULGARIAN,
    DV_NAMES_MACEDONIAN,
    DV_NAMES_SERBIAN,
    DV_NAMES_UKRAINIAN,
} DvNamesLanguage;

/* Native UTF-8 to MRZ form: A-Z words separated by one space. Apostrophes vanish, hyphens, spaces
 * and fillers separate (Doc 9303-3, 4.6), other punctuation and unknown letters are dropped.
 * The first form of the table's alternatives is taken. NULL if text is no UTF-8 or longer than
 * DV_NAMES_MAX_BYTES. Caller frees. */
char *dv_names_transliterate(const char *text, DvNamesLanguage language);

/* The form under which exact matching compares: like dv_names_transliterate, and the same text for
 * the MRZ's own form ("MUELLER<<HANS" with '<' as separators). "" for a name without letters.
 * NULL as above. Caller frees. */
char *dv_names_normalise(const char *text);

/* Native-script candidates for an MRZ name, likely first: "MUELLER" gives Mueller, Müller, ...;
 * at most max (<= DV_NAMES_VARIANTS_MAX). NULL-terminated, free with g_strfreev. */
char **dv_names_latin_variants(const char *mrz_name, guint max);
char **dv_names_cyrillic_variants(const char *mrz_name, DvNamesLanguage language, guint max);
char **dv_names_arabic_variants(const char *mrz_name, guint max);
