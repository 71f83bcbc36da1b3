// SPDX-License-Identifier: Apache-2.0
#pragma once
/* The persons' part of watchlist-bench: recall, false alarms and time of approximate matching. */
#include "people.h"
#include "person/person.h"

typedef struct {
    gint64 persons;
    gint64 variants, clean; /* how many are asked for */
    gint64 peer_persons, peer_questions;
    guint32 seed;
    gboolean curve;
    const char *folder; /* for the index */
    const char *names;  /* folder of name lists; NULL: invented ones */
} PersonsOptions;
void bench_persons(const PersonsOptions *options);

/* A person of the register, drawn as the rand's state says, with the alias that it is listed with
 * ("" surname: none) and the birth date as listed. */
typedef struct {
    Person person;
    Asked alias;
    char birth_date[16];
} Listed;
void bench_listed(const People *people, GRand *rand, Listed *listed);

/* Other ways to compare names, on a smaller register: recall of variants at the threshold at which
 * as many clean travellers are stopped as said. */
void bench_person_peers(const PersonsOptions *options, const People *people);
