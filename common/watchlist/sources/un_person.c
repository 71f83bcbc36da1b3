// SPDX-License-Identifier: Apache-2.0
#include "un_person.h"

#include <string.h>

UnGroup
un_group_of(const char *element)
{
    static const struct {
        const char *name;
        UnGroup group;
    } groups[] = {
        {"INDIVIDUAL_ALIAS", UN_ALIAS},       {"INDIVIDUAL_DATE_OF_BIRTH", UN_BIRTH},
        {"INDIVIDUAL_DOCUMENT", UN_DOCUMENT}, {"NATIONALITY", UN_VALUES},
        {"DESIGNATION", UN_VALUES},           {"TITLE", UN_VALUES},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(groups); i++)
        if (g_str_equal(element, groups[i].name))
            return groups[i].group;
    return UN_NO_GROUP;
}

UnField
un_field_of(const char *group, const char *element)
{
    static const struct {
        const char *group, *name;
        UnField field;
    } fields[] = {
        {"", "DATAID", UN_DATAID},
        {"", "REFERENCE_NUMBER", UN_REFERENCE_NUMBER},
        {"", "FIRST_NAME", UN_FIRST_NAME},
        {"", "SECOND_NAME", UN_SECOND_NAME},
        {"", "THIRD_NAME", UN_THIRD_NAME},
        {"", "FOURTH_NAME", UN_FOURTH_NAME},
        {"", "NAME_ORIGINAL_SCRIPT", UN_NAME_ORIGINAL_SCRIPT},
        {"", "GENDER", UN_GENDER},
        {"", "LISTED_ON", UN_LISTED_ON},
        {"", "COMMENTS1", UN_COMMENTS},
        {"NATIONALITY", "VALUE", UN_NATIONALITY},
        {"DESIGNATION", "VALUE", UN_DESIGNATION},
        {"TITLE", "VALUE", UN_TITLE},
        {"INDIVIDUAL_ALIAS", "QUALITY", UN_QUALITY},
        {"INDIVIDUAL_ALIAS", "ALIAS_NAME", UN_ALIAS_NAME},
        {"INDIVIDUAL_ALIAS", "DATE_OF_BIRTH", UN_ALIAS_BIRTH},
        {"INDIVIDUAL_ALIAS", "NOTE", UN_ALIAS_NOTE},
        {"INDIVIDUAL_DATE_OF_BIRTH", "TYPE_OF_DATE", UN_TYPE_OF_DATE},
        {"INDIVIDUAL_DATE_OF_BIRTH", "DATE", UN_DATE},
        {"INDIVIDUAL_DATE_OF_BIRTH", "YEAR", UN_YEAR},
        {"INDIVIDUAL_DATE_OF_BIRTH", "FROM_YEAR", UN_FROM_YEAR},
        {"INDIVIDUAL_DATE_OF_BIRTH", "TO_YEAR", UN_TO_YEAR},
        {"INDIVIDUAL_DATE_OF_BIRTH", "NOTE", UN_DATE_NOTE},
        {"INDIVIDUAL_DOCUMENT", "TYPE_OF_DOCUMENT", UN_TYPE_OF_DOCUMENT},
        {"INDIVIDUAL_DOCUMENT", "TYPE_OF_DOCUMENT2", UN_TYPE_OF_DOCUMENT2},
        {"INDIVIDUAL_DOCUMENT", "NUMBER", UN_NUMBER},
        {"INDIVIDUAL_DOCUMENT", "ISSUING_COUNTRY", UN_ISSUING_COUNTRY},
        {"INDIVIDUAL_DOCUMENT", "COUNTRY_OF_ISSUE", UN_COUNTRY_OF_ISSUE},
        {"INDIVIDUAL_DOCUMENT", "NOTE", UN_DOCUMENT_NOTE},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(fields); i++)
        if (g_str_equal(element, fields[i].name) &&
            g_str_equal(group != NULL ? group : "", fields[i].group))
            return fields[i].field;
    return UN_NONE;
}

void
un_person_begin(UnPerson *person, WatchlistItem *item)
{
    memset(person, 0, sizeof *person);
    alert_draft_begin(&person->draft, item);
    alert_draft_set(&person->draft, "subject", "person");
}

static void
drop(UnPerson *person, UnField from, UnField to)
{
    for (UnField i = from; i <= to; i++)
        g_clear_pointer(&person->fields[i], g_free);
}

void
un_person_clear(UnPerson *person)
{
    drop(person, UN_NONE, UN_FIELDS - 1);
    alert_draft_clear(&person->draft);
}

/* Values that may stand several times count at once; the others are kept till their group ends. */
void
un_person_take(UnPerson *person, UnField field, char *text)
{
    g_autofree char *value = text;

    if (*value == '\0')
        return;
    if (field == UN_NATIONALITY)
        alert_draft_nationality(&person->draft, value);
    else if (field == UN_DESIGNATION || field == UN_TITLE)
        alert_draft_reason(&person->draft, NULL, value);
    else if (person->fields[field] == NULL)
        person->fields[field] = g_steal_pointer(&value);
    else
        watchlist_item_change(person->draft.item, "an element that stands twice counted once");
}

static int
number_of(const char *text, gsize digits)
{
    int number = 0;

    for (gsize i = 0; i < digits; i++) {
        if (!g_ascii_isdigit(text[i]))
            return -1;
        number = number * 10 + (text[i] - '0');
    }
    return number;
}

/* YYYY-MM-DD, perhaps with a time behind it. */
static void
take_date(UnPerson *person, const char *text)
{
    int year = number_of(text, 4);
    int month = year >= 0 && text[4] == '-' ? number_of(text + 5, 2) : -1;
    int day = month >= 0 && text[7] == '-' ? number_of(text + 8, 2) : -1;

    if (month == 0 || day == 0)
        day = -1;
    alert_draft_birth(&person->draft, day > 0 ? year : 0, month, day);
}

static void
end_birth(UnPerson *person)
{
    char **fields = person->fields;
    const char *type = fields[UN_TYPE_OF_DATE] != NULL ? fields[UN_TYPE_OF_DATE] : "";
    int year = fields[UN_YEAR] != NULL ? number_of(fields[UN_YEAR], 4) : -1;

    if (year < 0 && fields[UN_DATE] != NULL && g_str_equal(type, "APPROXIMATELY"))
        year = number_of(fields[UN_DATE], 4);
    if (fields[UN_FROM_YEAR] != NULL && fields[UN_TO_YEAR] != NULL)
        alert_draft_birth_years(&person->draft, number_of(fields[UN_FROM_YEAR], 4),
                                number_of(fields[UN_TO_YEAR], 4));
    else if (year > 0 && g_str_equal(type, "APPROXIMATELY"))
        alert_draft_birth_about(&person->draft, year);
    else if (fields[UN_DATE] != NULL)
        take_date(person, fields[UN_DATE]);
    else if (year > 0)
        alert_draft_birth(&person->draft, year, 0, 0);
    else if (fields[UN_DATE_NOTE] != NULL)
        watchlist_item_change(person->draft.item,
                              "a birth date in words only stands in the reason only");
    if (fields[UN_DATE_NOTE] != NULL)
        alert_draft_reason(&person->draft, "Birth date: ", fields[UN_DATE_NOTE]);
    drop(person, UN_TYPE_OF_DATE, UN_DATE_NOTE);
}

static void
end_alias(UnPerson *person)
{
    char **fields = person->fields;
    const char *quality = fields[UN_QUALITY] != NULL ? fields[UN_QUALITY] : "";

    if (fields[UN_ALIAS_NAME] != NULL)
        alert_draft_alias(&person->draft, fields[UN_ALIAS_NAME],
                          g_ascii_strcasecmp(quality, "Low") == 0);
    if (fields[UN_ALIAS_BIRTH] != NULL)
        take_date(person, fields[UN_ALIAS_BIRTH]);
    if (fields[UN_ALIAS_NOTE] != NULL) {
        watchlist_item_change(person->draft.item, "a remark on an alias stands in the reason only");
        alert_draft_reason(&person->draft, "Alias: ", fields[UN_ALIAS_NOTE]);
    }
    drop(person, UN_QUALITY, UN_ALIAS_NOTE);
}

/* The list has two kinds; the second element may say that a passport stands as the other. */
static const char *
document_type(UnPerson *person)
{
    const char *texts[] = {person->fields[UN_TYPE_OF_DOCUMENT2],
                           person->fields[UN_TYPE_OF_DOCUMENT]};

    for (gsize i = 0; i < G_N_ELEMENTS(texts); i++) {
        g_autofree char *lower = g_utf8_strdown(texts[i] != NULL ? texts[i] : "", -1);
        if (strstr(lower, "passport") != NULL || strstr(lower, "passeport") != NULL ||
            strstr(lower, "pasaporte") != NULL)
            return "P";
    }
    return person->fields[UN_TYPE_OF_DOCUMENT] != NULL ? "I" : "";
}

static void
end_document(UnPerson *person)
{
    char **fields = person->fields;
    const char *country = fields[UN_ISSUING_COUNTRY];

    if (country == NULL)
        country = fields[UN_COUNTRY_OF_ISSUE];
    if (fields[UN_NUMBER] != NULL) {
        alert_draft_document(&person->draft, document_type(person), fields[UN_NUMBER], country);
    } else if (fields[UN_DOCUMENT_NOTE] != NULL) {
        watchlist_item_change(person->draft.item,
                              "a document number was taken from the document's note");
        alert_draft_document(&person->draft, document_type(person), fields[UN_DOCUMENT_NOTE],
                             country);
    }
    if (fields[UN_DOCUMENT_NOTE] != NULL)
        alert_draft_reason(&person->draft, "Document: ", fields[UN_DOCUMENT_NOTE]);
    drop(person, UN_TYPE_OF_DOCUMENT, UN_DOCUMENT_NOTE);
}

void
un_person_end_group(UnPerson *person, UnGroup group)
{
    if (group == UN_ALIAS)
        end_alias(person);
    else if (group == UN_BIRTH)
        end_birth(person);
    else if (group == UN_DOCUMENT)
        end_document(person);
}

static void
put_names(UnPerson *person)
{
    g_autoptr(GString) name = g_string_new(NULL);

    for (UnField i = UN_FIRST_NAME; i <= UN_FOURTH_NAME; i++)
        if (person->fields[i] != NULL)
            g_string_append_printf(name, "%s%s", name->len > 0 ? " " : "", person->fields[i]);
    alert_draft_name(&person->draft, name->str);
    if (person->fields[UN_NAME_ORIGINAL_SCRIPT] != NULL)
        alert_draft_alias(&person->draft, person->fields[UN_NAME_ORIGINAL_SCRIPT], FALSE);
}

void
un_person_end(UnPerson *person)
{
    char **fields = person->fields;
    const char *id = fields[UN_REFERENCE_NUMBER];

    if (id == NULL)
        id = fields[UN_DATAID];
    if (id != NULL)
        alert_draft_set(&person->draft, "alert_id", id);
    put_names(person);
    if (fields[UN_GENDER] != NULL && g_ascii_strcasecmp(fields[UN_GENDER], "Male") == 0)
        alert_draft_set(&person->draft, "sex", "M");
    else if (fields[UN_GENDER] != NULL && g_ascii_strcasecmp(fields[UN_GENDER], "Female") == 0)
        alert_draft_set(&person->draft, "sex", "F");
    if (fields[UN_LISTED_ON] != NULL)
        alert_draft_reason(&person->draft, "Listed on ", fields[UN_LISTED_ON]);
    if (fields[UN_COMMENTS] != NULL)
        alert_draft_reason(&person->draft, NULL, fields[UN_COMMENTS]);
    alert_draft_end(&person->draft);
    un_person_clear(person);
}
