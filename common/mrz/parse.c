// SPDX-License-Identifier: Apache-2.0
/* Text to lines to a format; then the parts of this room in their order. */
#include "zone.h"
#include <darvaza/mrz_repair.h>
#include <string.h>

#define LENGTHS_SHOWN 8 /* of a text with too many lines */

static const char long_number_with_filler[] =
    "long document number check digit computed with the filler (older Portuguese cards; see "
    "cheminfo/mrz parseDocumentNumberCheckDigit.ts)";

static DvMrz *
mrz_new(void)
{
    DvMrz *mrz = g_new0(DvMrz, 1);
    mrz->errors = g_ptr_array_new_with_free_func(g_free);
    mrz->deviations = g_ptr_array_new_with_free_func(g_free);
    mrz->findings = g_array_new(FALSE, TRUE, sizeof(DvMrzFinding));
    return mrz;
}

void
dv_mrz_free(DvMrz *mrz)
{
    if (mrz == NULL)
        return;
    g_free(mrz->reason);
    g_ptr_array_unref(mrz->errors);
    g_ptr_array_unref(mrz->deviations);
    g_array_unref(mrz->findings);
    g_free(mrz);
}

static DvMrz *
reject(char *reason)
{
    DvMrz *mrz = mrz_new();
    mrz->format = DV_MRZ_NONE;
    mrz->verdict = DV_MRZ_REJECT;
    mrz->reason = reason;
    return mrz;
}

static DvMrz *
reject_shape(const glong *lengths, guint count)
{
    GString *reason = g_string_new("line count/length matches no Doc 9303 format: [");
    for (guint i = 0; i < MIN(count, LENGTHS_SHOWN); i++)
        g_string_append_printf(reason, "%s%ld", i ? ", " : "", lengths[i]);
    g_string_append(reason, count > LENGTHS_SHOWN ? ", ...]" : "]");
    return reject(g_string_free(reason, FALSE));
}

/* The format that these line lengths and first characters belong to. */
static DvMrzFormat
recognise(const char *const *lines, const glong *lengths, guint count)
{
    for (guint i = 1; i < count; i++)
        if (lengths[i] != lengths[0])
            return DV_MRZ_NONE;
    gboolean visa = count > 0 && lines[0][0] == 'V';
    if (count == 3 && lengths[0] == 30)
        return DV_MRZ_TD1;
    if (count == 2 && lengths[0] == 44)
        return visa ? DV_MRZ_MRVA : DV_MRZ_TD3;
    if (count == 2 && lengths[0] == 36 && visa)
        return DV_MRZ_MRVB;
    if (count == 2 && lengths[0] == 36)
        return g_str_has_prefix(lines[0], "IDFRA") ? DV_MRZ_FRA_ID2 : DV_MRZ_TD2;
    return DV_MRZ_NONE;
}

static void
fill_line(DvMrzZone *zone, guint line, const char *text)
{
    for (guint i = 0; i < zone->layout->length; i++, text = g_utf8_next_char(text))
        zone->cells[line][i] = g_utf8_get_char(text);
}

static gint
by_code_point(gconstpointer a, gconstpointer b)
{
    gunichar x = *(const gunichar *)a, y = *(const gunichar *)b;
    return x < y ? -1 : x > y;
}

/* "charset:" and every character outside the set, once, in code point order. NULL: none. */
static char *
describe_strangers(const DvMrzZone *zone)
{
    gunichar strangers[DV_MRZ_LINES_MAX * DV_MRZ_LINE_MAX];
    guint count = 0;
    for (guint line = 0; line < zone->layout->lines; line++)
        for (guint i = 0; i < zone->layout->length; i++)
            if (!dv_mrz_is_legal(zone->cells[line][i]))
                strangers[count++] = zone->cells[line][i];
    if (count == 0)
        return NULL;
    qsort(strangers, count, sizeof strangers[0], by_code_point);
    GString *text = g_string_new("charset:");
    for (guint i = 0; i < count; i++)
        if (i == 0 || strangers[i] != strangers[i - 1])
            g_string_append_unichar(text, strangers[i]);
    return g_string_free(text, FALSE);
}

/* Sets checks and their errors. FALSE if characters outside the set leave nothing to compute. */
static gboolean
apply_checks(const DvMrzZone *zone, DvMrz *mrz)
{
    DvMrzDigitCheck checks[DV_MRZ_DIGITS];
    char *strangers = describe_strangers(zone);
    dv_zone_check(zone, checks);
    if (strangers)
        g_ptr_array_add(mrz->errors, strangers);
    for (DvMrzDigit digit = 0; digit < DV_MRZ_DIGITS; digit++) {
        const DvMrzDigitCheck *check = &checks[digit];
        gboolean computable = strangers == NULL || check->state == DV_MRZ_CHECK_ABSENT;
        mrz->checks[digit] = computable ? check->state : DV_MRZ_CHECK_NA;
        if (mrz->checks[digit] == DV_MRZ_CHECK_FAIL)
            g_ptr_array_add(mrz->errors, g_strdup_printf("check_digit:%s got %c want %c",
                                                         dv_mrz_digit_word(digit), (char)check->got,
                                                         check->want));
        else if (mrz->checks[digit] == DV_MRZ_CHECK_OK_ALT)
            g_ptr_array_add(mrz->deviations, g_strdup(long_number_with_filler));
    }
    return strangers == NULL;
}

/* Doc 9303-11, 4.3.2: number with fillers up to 9, birth and expiry date, each with its digit. */
static void
derive_bac(const DvMrzZone *zone, DvMrz *mrz)
{
    const DvMrzLayout *layout = zone->layout;
    if (layout->digits[DV_MRZ_DIGIT_COMPOSITE].length == 0 ||
        layout->fields[FIELD_EXPIRY].length == 0)
        return; /* visas and the French card have no such chip */
    for (DvMrzDigit digit = 0; digit <= DV_MRZ_DIGIT_EXPIRY_DATE; digit++)
        if (mrz->checks[digit] != DV_MRZ_CHECK_OK && mrz->checks[digit] != DV_MRZ_CHECK_OK_ALT)
            return;
    char number[DV_MRZ_FIELD_BYTES], birth[8], expiry[8];
    guint continuation = dv_zone_continuation(zone);
    dv_zone_text(zone, layout->fields[FIELD_NUMBER], number);
    if (continuation) {
        DvMrzRange rest = layout->fields[FIELD_OPTIONAL];
        rest.length = (guint8)(continuation - 1);
        dv_zone_text(zone, rest, number + strlen(number));
    }
    dv_zone_text(zone, layout->digits[DV_MRZ_DIGIT_BIRTH_DATE], birth);
    dv_zone_text(zone, layout->digits[DV_MRZ_DIGIT_EXPIRY_DATE], expiry);
    g_snprintf(mrz->bac_mrz_information, sizeof mrz->bac_mrz_information, "%s%s%s%s%s%s", number,
               mrz->document_number_check, mrz->birth_date, birth, mrz->expiry_date, expiry);
}

DvMrz *
dv_mrz_from_zone(const DvMrzZone *zone, const GDate *today)
{
    DvMrz *mrz = mrz_new();
    mrz->format = zone->layout->format;
    dv_zone_read(zone, mrz, today);
    if (apply_checks(zone, mrz))
        derive_bac(zone, mrz);
    dv_zone_judge(zone, mrz);
    mrz->verdict = mrz->errors->len       ? DV_MRZ_INVALID
                   : mrz->deviations->len ? DV_MRZ_DEVIATION
                                          : DV_MRZ_VALID;
    return mrz;
}

DvMrz *
dv_mrz_parse_lines(const char *const *lines, guint count, const GDate *today)
{
    glong lengths[LENGTHS_SHOWN] = {0};
    for (guint i = 0; i < count; i++) {
        if (!g_utf8_validate(lines[i], -1, NULL))
            return reject(g_strdup("text is not UTF-8"));
        if (i < LENGTHS_SHOWN)
            lengths[i] = g_utf8_strlen(lines[i], -1);
    }
    DvMrzZone zone = {.layout =
                          dv_mrz_layout(count <= DV_MRZ_LINES_MAX ? recognise(lines, lengths, count)
                                                                  : DV_MRZ_NONE)};
    if (zone.layout == NULL)
        return reject_shape(lengths, count);
    for (guint i = 0; i < count; i++)
        fill_line(&zone, i, lines[i]);
    DvMrz *mrz = dv_mrz_from_zone(&zone, today);
    if (mrz->verdict == DV_MRZ_INVALID)
        dv_zone_repair(&zone, mrz, today);
    return mrz;
}

static gboolean
has_zone_length(const char *line)
{
    glong length = g_utf8_strlen(line, -1);
    return length == 30 || length == 36 || length == 44;
}

/* Outer blanks go where a line of a zone is left, also when they had filled it up to another
 * zone's length. A line that has such a length only with its blanks is taken as it stands: they are
 * in the place of characters then, and the verdict says so. */
static void
trim(char *line)
{
    g_autofree char *bare = g_strstrip(g_strdup(line));
    if (has_zone_length(bare) || !has_zone_length(line))
        g_strstrip(line);
}

DvMrz *
dv_mrz_parse(const char *text, gssize length, const GDate *today)
{
    gsize size = length < 0 ? strlen(text) : (gsize)length;
    if (size > DV_MRZ_TEXT_MAX)
        return reject(g_strdup_printf("text is longer than %d bytes", DV_MRZ_TEXT_MAX));
    if (memchr(text, '\0', size))
        return reject(g_strdup("text contains NUL"));
    if (!g_utf8_validate(text, (gssize)size, NULL))
        return reject(g_strdup("text is not UTF-8"));
    g_autofree char *copy = g_strndup(text, size);
    g_auto(GStrv) split = g_strsplit_set(copy, "\r\n", -1);
    const char *lines[LENGTHS_SHOWN + 1];
    guint count = 0;
    for (guint i = 0; split[i] && count <= LENGTHS_SHOWN; i++) {
        trim(split[i]);
        if (split[i][0] != '\0')
            lines[count++] = split[i];
    }
    return dv_mrz_parse_lines(lines, count, today);
}
