// SPDX-License-Identifier: Apache-2.0
/* State codes and document codes. */
#include <darvaza/mrz.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    char code[4];
    const char *name;
} DvMrzCountry;

#include "country_table.h"

static int
compare(const void *code, const void *country)
{
    return strcmp(code, ((const DvMrzCountry *)country)->code);
}

const char *
dv_mrz_country_name(const char *code)
{
    const DvMrzCountry *found =
        bsearch(code, countries, G_N_ELEMENTS(countries), sizeof countries[0], compare);
    return found ? found->name : NULL;
}

gboolean
dv_mrz_country_is_known(const char *code)
{
    return dv_mrz_country_name(code) != NULL;
}

const char *
dv_mrz_country_iso(const char *code)
{
    return strcmp(code, "D") == 0 ? "DEU" : code;
}

gboolean
dv_mrz_passport_code_is_known(const char *document_code)
{
    if (document_code[0] != 'P')
        return FALSE;
    return document_code[1] == '\0' ||
           (document_code[2] == '\0' && strchr("PEDORTSLM", document_code[1]) != NULL);
}
