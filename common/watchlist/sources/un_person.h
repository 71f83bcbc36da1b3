// SPDX-License-Identifier: Apache-2.0
#pragma once
/* An INDIVIDUAL of the UN's consolidated list, field by field, as an alert. */
#include "alert_draft.h"

/* The elements that count. Those of a group come together, several groups of a kind may stand. */
typedef enum {
    UN_NONE,
    UN_DATAID,
    UN_REFERENCE_NUMBER,
    UN_FIRST_NAME,
    UN_SECOND_NAME,
    UN_THIRD_NAME,
    UN_FOURTH_NAME,
    UN_NAME_ORIGINAL_SCRIPT,
    UN_GENDER,
    UN_LISTED_ON,
    UN_COMMENTS,
    UN_NATIONALITY,
    UN_DESIGNATION,
    UN_TITLE,
    UN_QUALITY, /* of an alias, as are the next three */
    UN_ALIAS_NAME,
    UN_ALIAS_BIRTH,
    UN_ALIAS_NOTE,
    UN_TYPE_OF_DATE, /* of a birth date */
    UN_DATE,
    UN_YEAR,
    UN_FROM_YEAR,
    UN_TO_YEAR,
    UN_DATE_NOTE,
    UN_TYPE_OF_DOCUMENT, /* of a document */
    UN_TYPE_OF_DOCUMENT2,
    UN_NUMBER,
    UN_ISSUING_COUNTRY,
    UN_COUNTRY_OF_ISSUE,
    UN_DOCUMENT_NOTE,
    UN_FIELDS,
} UnField;

typedef enum { UN_NO_GROUP, UN_ALIAS, UN_BIRTH, UN_DOCUMENT, UN_VALUES } UnGroup;

typedef struct {
    AlertDraft draft;
    char *fields[UN_FIELDS]; /* those of a group only while it is open */
} UnPerson;

/* The group that an element below INDIVIDUAL opens, and the field of an element below INDIVIDUAL
 * (group NULL) or below a group. */
UnGroup un_group_of(const char *element);
UnField un_field_of(const char *group, const char *element);

void un_person_begin(UnPerson *person, WatchlistItem *item);
/* Takes over text. */
void un_person_take(UnPerson *person, UnField field, char *text);
void un_person_end_group(UnPerson *person, UnGroup group);
void un_person_end(UnPerson *person);
void un_person_clear(UnPerson *person);
