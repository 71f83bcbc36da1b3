// SPDX-License-Identifier: Apache-2.0
/* Fields to lines, over the same layout table that reading uses. */
#include "zone.h"
#include <darvaza/mrz_compose.h>
#include <string.h>

typedef struct {
    const DvMrzLayout *layout;
    char lines[DV_MRZ_LINES_MAX][DV_MRZ_LINE_MAX + 1];
    GError **error;
} Page;

static char *
place(Page *page, DvMrzRange range)
{
    return &page->lines[range.line - 1][range.column - 1];
}

/* Upper-case MRZ characters; a space is a filler. */
static gboolean
is_composable(const char *text)
{
    for (; *text; text++)
        if (*text != ' ' && !dv_mrz_is_legal((guchar)*text))
            return FALSE;
    return TRUE;
}

static void
copy_filled(char *to, const char *text, gsize length)
{
    for (gsize i = 0; i < length; i++)
        to[i] = text[i] == ' ' ? '<' : text[i];
}

/* Writes a field at the start of its range; the rest keeps its fillers. */
static gboolean
put(Page *page, DvMrzRange range, const char *text, const char *what)
{
    gsize length = text ? strlen(text) : 0;
    if (length > range.length) {
        g_set_error(page->error, DV_ERROR, DV_ERROR_INVALID,
                    "%s has %" G_GSIZE_FORMAT " characters, the %s zone has room for %u", what,
                    length, dv_mrz_format_word(page->layout->format), range.length);
        return FALSE;
    }
    if (length > 0 && !is_composable(text)) {
        g_set_error(page->error, DV_ERROR, DV_ERROR_INVALID,
                    "%s holds a character other than A-Z, 0-9 and the filler", what);
        return FALSE;
    }
    if (length > 0)
        copy_filled(place(page, range), text, length);
    return TRUE;
}

static void
read_back(const Page *page, DvMrzZone *zone)
{
    zone->layout = page->layout;
    for (guint line = 0; line < page->layout->lines; line++)
        for (guint i = 0; i < page->layout->length; i++)
            zone->cells[line][i] = (guchar)page->lines[line][i];
}

/* A number of more than 9 characters goes on in the optional data, its check digit and a filler
 * behind it; what was optional follows (Doc 9303-5 note j, 9303-6 note j). */
static gboolean
put_long_number(Page *page, const DvMrzFields *fields)
{
    const DvMrzLayout *layout = page->layout;
    DvMrzRange number = layout->fields[FIELD_NUMBER];
    const char *text = fields->document_number;
    g_autofree char *head = g_strndup(text, number.length);
    char digit = dv_mrz_check_digit(text, strlen(text));
    if (digit == '\0' || strpbrk(text, "< ")) {
        g_set_error(page->error, DV_ERROR, DV_ERROR_INVALID,
                    "document number longer than 9 holds a character other than A-Z and 0-9");
        return FALSE;
    }
    const char *optional = fields->optional ? fields->optional : "";
    g_autofree char *rest = g_strdup_printf("%s%c<%s", text + number.length, digit, optional);
    return put(page, number, head, "document number") &&
           put(page, layout->fields[FIELD_OPTIONAL], rest, "document number and optional data");
}

static gboolean
put_number(Page *page, const DvMrzFields *fields)
{
    const DvMrzLayout *layout = page->layout;
    DvMrzRange number = layout->fields[FIELD_NUMBER];
    const char *text = fields->document_number ? fields->document_number : "";
    if (layout->long_numbers && strlen(text) > number.length)
        return put_long_number(page, fields);
    return put(page, number, text, "document number") &&
           put(page, layout->fields[FIELD_OPTIONAL], fields->optional, "optional data");
}

static gboolean
check_names(Page *page, const DvMrzFields *fields)
{
    const char *const names[] = {fields->surname, fields->given_names};
    for (guint i = 0; i < G_N_ELEMENTS(names); i++)
        for (const char *c = names[i]; c && *c; c++)
            if (*c != ' ' && !(*c >= 'A' && *c <= 'Z')) {
                g_set_error(page->error, DV_ERROR, DV_ERROR_INVALID,
                            "name holds a character other than A-Z and the space between parts");
                return FALSE;
            }
    return TRUE;
}

/* Length of a name in the zone: parts with one filler between. */
static gsize
joined_length(char **parts)
{
    gsize length = 0;
    for (guint i = 0; parts[i]; i++)
        length += strlen(parts[i]) + (i > 0);
    return length;
}

static char **
split_name(const char *name)
{
    g_auto(GStrv) raw = g_strsplit(name ? name : "", " ", -1);
    GPtrArray *parts = g_ptr_array_new();
    for (guint i = 0; raw[i]; i++)
        if (raw[i][0] != '\0')
            g_ptr_array_add(parts, g_strdup(raw[i]));
    g_ptr_array_add(parts, NULL);
    return (char **)g_ptr_array_free(parts, FALSE);
}

/* Shortens parts from the last to the first down to one letter each, as far as needed. */
static void
shorten(char **parts, gsize room)
{
    for (guint i = g_strv_length(parts); i-- > 0 && joined_length(parts) > room;) {
        gsize excess = joined_length(parts) - room, length = strlen(parts[i]);
        parts[i][length > excess ? length - excess : 1] = '\0';
    }
    for (guint i = g_strv_length(parts); i-- > 1 && joined_length(parts) > room;)
        g_clear_pointer(&parts[i], g_free); /* not even initials fit */
}

static char *
join_name(char **primary, char **secondary)
{
    g_autofree char *first = g_strjoinv("<", primary);
    g_autofree char *second = g_strjoinv("<", secondary);
    return g_strconcat(first, secondary[0] ? "<<" : "", second, NULL);
}

/* Takes one letter off the last part that has more than one, so that what follows moves up. */
static gboolean
shave(char **parts)
{
    for (guint i = g_strv_length(parts); i-- > 0;) {
        gsize length = strlen(parts[i]);
        if (length > 1) {
            parts[i][length - 1] = '\0';
            return TRUE;
        }
    }
    return FALSE;
}

/* The parts of a name that end before a column of its joined form. */
static char **
parts_before(char **parts, gsize start, gsize column)
{
    GPtrArray *before = g_ptr_array_new();
    for (guint i = 0; parts[i] && start + strlen(parts[i]) <= column; i++) {
        start += strlen(parts[i]) + 1;
        g_ptr_array_add(before, parts[i]);
    }
    g_ptr_array_add(before, NULL);
    return (char **)g_ptr_array_free(before, FALSE);
}

/* Primary, two fillers, secondary. Where they do not fit, the primary's parts are shortened so far
 * that a letter of the secondary stays, and the secondary is cut at the end of the field (Doc
 * 9303-4, 4.2.3; 9303-6, 4.2.3; 9303-7, 4.2.3). A cut name has a letter in the last place, which is
 * how a reader knows; a cut between two parts therefore takes a letter off the part before. */
static void
put_joined_name(Page *page, DvMrzRange range, const DvMrzFields *fields)
{
    g_auto(GStrv) primary = split_name(fields->surname);
    g_auto(GStrv) secondary = split_name(fields->given_names);
    gsize room = range.length;
    if (secondary[0] && joined_length(primary) + joined_length(secondary) + 2 > room)
        shorten(primary, room - 3);
    else if (secondary[0] == NULL)
        shorten(primary, room);
    g_autofree char *all = join_name(primary, secondary);
    if (strlen(all) > room && all[room - 1] == '<') {
        g_autofree char **before = parts_before(secondary, joined_length(primary) + 2, room - 1);
        if (shave(before) || shave(primary)) {
            g_free(all);
            all = join_name(primary, secondary);
        }
    }
    copy_filled(place(page, range), all, MIN(strlen(all), room));
}

static void
put_name(Page *page, DvMrzRange range, const char *name)
{
    g_auto(GStrv) parts = split_name(name);
    shorten(parts, range.length);
    g_autofree char *joined = g_strjoinv("<", parts);
    copy_filled(place(page, range), joined, MIN(strlen(joined), range.length));
}

static gboolean
put_names(Page *page, const DvMrzFields *fields)
{
    DvMrzRange given = page->layout->fields[FIELD_GIVEN];
    DvMrzRange name = page->layout->fields[FIELD_NAME];
    if (!check_names(page, fields))
        return FALSE;
    if (given.length == 0) {
        put_joined_name(page, name, fields);
        return TRUE;
    }
    put_name(page, name, fields->surname);
    put_name(page, given, fields->given_names);
    return TRUE;
}

static gboolean
put_plain_fields(Page *page, const DvMrzFields *fields)
{
    const DvMrzRange *ranges = page->layout->fields;
    const struct {
        DvMrzField field;
        const char *text, *what;
    } rows[] = {
        {FIELD_CODE, fields->document_code, "document code"},
        {FIELD_STATE, fields->issuing_state, "issuing state"},
        {FIELD_NATIONALITY, fields->nationality, "nationality"},
        {FIELD_BIRTH, fields->birth_date, "birth date"},
        {FIELD_SEX, fields->sex, "sex"},
        {FIELD_EXPIRY, fields->expiry_date, "expiry date"},
        {FIELD_OPTIONAL2, fields->optional2, "second optional data"},
        {FIELD_ADMIN, fields->admin_code, "administrative code"},
    };
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++)
        if (!put(page, ranges[rows[i].field], rows[i].text, rows[i].what))
            return FALSE;
    return TRUE;
}

static void
put_digit(Page *page, DvMrzDigit digit)
{
    DvMrzDigitCheck checks[DV_MRZ_DIGITS];
    DvMrzRange range = page->layout->digits[digit];
    DvMrzZone zone;
    if (range.length == 0)
        return;
    *place(page, range) = '0'; /* a filler here would make the number a long one */
    read_back(page, &zone);
    dv_zone_check(&zone, checks);
    /* Doc 9303-4, 4.2.2.2: without optional data '<' or '0'. */
    gboolean unused = digit == DV_MRZ_DIGIT_OPTIONAL &&
                      dv_zone_is_empty(&zone, page->layout->fields[FIELD_OPTIONAL]);
    *place(page, range) = unused ? '<' : checks[digit].want;
}

/* TRUE if the page is that of a long number: the digit's place must keep its filler. */
static gboolean
has_long_number(const Page *page, const DvMrzFields *fields)
{
    return page->layout->long_numbers && fields->document_number &&
           strlen(fields->document_number) > page->layout->fields[FIELD_NUMBER].length;
}

static gboolean
is_format(DvMrzFormat format, GError **error)
{
    if (format > DV_MRZ_NONE && format <= DV_MRZ_FRA_ID2)
        return TRUE;
    g_set_error(error, DV_ERROR, DV_ERROR_INVALID, "composing a zone needs a format");
    return FALSE;
}

char **
dv_mrz_compose(const DvMrzFields *fields, GError **error)
{
    Page page = {.error = error};
    if (!is_format(fields->format, error))
        return NULL;
    page.layout = dv_mrz_layout(fields->format);
    for (guint line = 0; line < page.layout->lines; line++)
        for (guint i = 0; i < page.layout->length; i++)
            page.lines[line][i] = '<';
    if (!put_plain_fields(&page, fields) || !put_names(&page, fields) || !put_number(&page, fields))
        return NULL;
    for (DvMrzDigit digit = 0; digit < DV_MRZ_DIGITS; digit++)
        if (digit != DV_MRZ_DIGIT_DOCUMENT_NUMBER || !has_long_number(&page, fields))
            put_digit(&page, digit);
    GPtrArray *lines = g_ptr_array_new();
    for (guint line = 0; line < page.layout->lines; line++)
        g_ptr_array_add(lines, g_strdup(page.lines[line]));
    g_ptr_array_add(lines, NULL);
    return (char **)g_ptr_array_free(lines, FALSE);
}
