// SPDX-License-Identifier: Apache-2.0
#pragma once
/*
 * An alert in the making: what a foreign list says of a person, piece by piece, brought into the
 * members and lengths of the source format. What does not fit is cut or left out, and noted.
 */
#include "reader.h"

typedef struct {
    json_t *object;
    json_t *aliases, *births, *nationalities, *documents; /* arrays */
    GString *reason;
    WatchlistItem *item; /* whose changes are noted */
} AlertDraft;

void alert_draft_begin(AlertDraft *draft, WatchlistItem *item);
/* Hands the row over to the item. */
void alert_draft_end(AlertDraft *draft);
void alert_draft_clear(AlertDraft *draft);

/* A member as it stands, without space around it. */
void alert_draft_set(AlertDraft *draft, const char *member, const char *text);
/* The listed name: "name" as a whole, or "surname" and "given_names" where text is "LAST, First".*/
void alert_draft_name(AlertDraft *draft, const char *text);
/* One or several further names: parted by ';', numbered, with another script in brackets. */
void alert_draft_alias(AlertDraft *draft, const char *text, gboolean is_low);
/* 0: unknown. What is no day is left out. */
void alert_draft_birth(AlertDraft *draft, int year, int month, int day);
void alert_draft_birth_years(AlertDraft *draft, int from, int to);
/* About that year: the years beside it count as well. */
void alert_draft_birth_about(AlertDraft *draft, int year);
void alert_draft_nationality(AlertDraft *draft, const char *country);
/* type: "P", "I" or "". text: a number with whatever words stand around it; country: NULL or "" for
 * unknown. */
void alert_draft_document(AlertDraft *draft, const char *type, const char *text,
                          const char *country);
/* A further sentence of the reason. label: NULL or "Label: ". */
void alert_draft_reason(AlertDraft *draft, const char *label, const char *text);

/* The number in such a text, without the words around it; NULL: none. *changed: more than space
 * and hyphens went. Caller frees. */
char *alert_number_from_text(const char *text, gboolean *changed);
