// SPDX-License-Identifier: Apache-2.0
/*
 * The peers: whole-name Jaro-Winkler and Levenshtein by reading everything, and pg_trgm's
 * similarity in PostgreSQL, on a smaller register and beside our own index on the same one. All
 * peers are given the same rule for dates: the same year of birth, without which they would drown.
 * Each is measured at the threshold at which no more than 0.3 % of clean travellers are stopped.
 */
#include "documents.h"
#include "persons.h"

#include <darvaza/clock.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef BENCH_LIBPQ
#include <libpq-fe.h>
#endif

#define ALARMS_ALLOWED 0.003

typedef struct {
    char name[200];
    guint year;
} PeerName;
typedef struct {
    const PersonsOptions *options;
    const People *people;
    GArray *register_;       /* PeerName */
    GArray *clean, *variant; /* PeerName: the questions; variant i is of listed[i] */
    GArray *listed;          /* gint */
} Peers;

static void
put_name(PeerName *name, const char *surname, const char *given, const char *birth)
{
    char whole[520];

    g_snprintf(whole, sizeof whole, "%s %s", surname, given);
    g_autofree char *latin = dv_names_normalise(whole);
    g_strlcpy(name->name, latin != NULL ? latin : "", sizeof name->name);
    name->year = (guint)strtoul(birth, NULL, 10);
}

static void
draw_all(Peers *peers)
{
    g_autoptr(GRand) rand = g_rand_new_with_seed(peers->options->seed);
    g_autoptr(GRand) other = g_rand_new_with_seed(peers->options->seed + 99u);
    gint64 count = peers->options->peer_persons, questions = peers->options->peer_questions;

    for (gint64 i = 0; i < count; i++) {
        Listed listed;
        PeerName name;
        Asked asked;
        bench_listed(peers->people, rand, &listed);
        put_name(&name, listed.person.surname, listed.person.given_names, listed.birth_date);
        g_array_append_val(peers->register_, name);
        Variant variant = (Variant)(i % VARIANT_TWO_TYPOS);
        if (i % MAX(count / questions, 1) != 0 || strlen(listed.birth_date) != 10 ||
            !variant_make(peers->people, other, &listed.person, variant, &asked))
            continue;
        gint number = (gint)i;
        put_name(&name, asked.surname, asked.given_names, asked.birth_date);
        g_array_append_val(peers->variant, name);
        g_array_append_val(peers->listed, number);
    }
    for (gint64 i = 0; i < questions; i++) {
        Person person;
        PeerName name;
        Asked asked;
        people_draw(peers->people, other, -1, &person);
        asked_init(&asked, &person);
        put_name(&name, asked.surname, asked.given_names, asked.birth_date);
        g_array_append_val(peers->clean, name);
    }
}

/* ---- similarities, 0 to 1000 */

static guint
levenshtein(const char *a, const char *b)
{
    guint row[256], m = (guint)strlen(a), n = (guint)strlen(b);

    for (guint j = 0; j <= n; j++)
        row[j] = j;
    for (guint i = 1; i <= m; i++) {
        guint left_above = row[0];
        row[0] = i;
        for (guint j = 1; j <= n; j++) {
            guint above = row[j], cost = left_above + (a[i - 1] != b[j - 1]);
            row[j] = MIN(cost, MIN(above, row[j - 1]) + 1);
            left_above = above;
        }
    }
    return MAX(m, n) > 0 ? 1000 - 1000 * row[n] / MAX(m, n) : 0;
}

static guint
jaro_winkler(const char *a, const char *b)
{
    gboolean used_a[200] = {FALSE}, used_b[200] = {FALSE};
    int m = (int)strlen(a), n = (int)strlen(b), window = MAX(MAX(m, n) / 2 - 1, 0), same = 0;
    int swapped = 0, prefix = 0;

    for (int i = 0; i < m; i++) {
        for (int j = MAX(i - window, 0); j < MIN(n, i + window + 1); j++) {
            if (used_b[j] || a[i] != b[j])
                continue;
            used_a[i] = used_b[j] = TRUE;
            same++;
            break;
        }
    }
    if (same == 0)
        return 0;
    for (int i = 0, j = 0; i < m; i++) {
        if (!used_a[i])
            continue;
        while (!used_b[j])
            j++;
        swapped += a[i] != b[j++];
    }
    while (prefix < 4 && prefix < m && prefix < n && a[prefix] == b[prefix])
        prefix++;
    double jaro = ((double)same / m + (double)same / n + (same - swapped / 2.0) / same) / 3;
    return (guint)(1000 * (jaro + prefix * 0.1 * (1 - jaro)));
}

typedef guint (*Similarity)(const char *a, const char *b);

/* ---- measuring */

/* Best similarity of the question to any listed name of its year; *own to the one named. */
static guint
best(const Peers *peers, Similarity similarity, const PeerName *asked, gint number, guint *own)
{
    const PeerName *names = (const PeerName *)(void *)peers->register_->data;
    guint most = 0;

    *own = 0;
    for (guint i = 0; i < peers->register_->len; i++) {
        if (names[i].year != asked->year)
            continue;
        guint score = similarity(asked->name, names[i].name);
        most = MAX(most, score);
        if ((gint)i == number)
            *own = score;
    }
    return most;
}

static int
falling(const void *a, const void *b)
{
    guint x = *(const guint *)a, y = *(const guint *)b;
    return x < y ? 1 : x > y ? -1 : 0;
}

static void
print_peer(const Peers *peers, const char *peer, GArray *alarms, const GArray *own, gint64 took_us)
{
    guint allowed = (guint)(ALARMS_ALLOWED * alarms->len), found = 0;

    qsort(alarms->data, alarms->len, sizeof(guint), falling);
    guint threshold = g_array_index(alarms, guint, MIN(allowed, alarms->len - 1)) + 1;
    for (guint i = 0; i < own->len; i++)
        found += g_array_index(own, guint, i) >= threshold;
    printf("{\"bench\":\"persons_peer\",\"peer\":\"%s\",\"date_rule\":\"same year\",\"persons\":%u,"
           "\"clean\":%u,\"variants\":%u,\"threshold\":%u,\"recall\":%.4f,\"us_a_question\":%d}\n",
           peer, peers->register_->len, alarms->len, own->len, threshold,
           (double)found / MAX(own->len, 1), (int)(took_us / MAX(alarms->len + own->len, 1)));
    fflush(stdout);
}

static void
read_all(const Peers *peers, const char *peer, Similarity similarity)
{
    g_autoptr(GArray) alarms = g_array_new(FALSE, FALSE, sizeof(guint));
    g_autoptr(GArray) found = g_array_new(FALSE, FALSE, sizeof(guint));
    gint64 before = dv_clock_mono_us();
    guint own;

    for (guint i = 0; i < peers->clean->len; i++) {
        guint most = best(peers, similarity, &g_array_index(peers->clean, PeerName, i), -1, &own);
        g_array_append_val(alarms, most);
    }
    for (guint i = 0; i < peers->variant->len; i++) {
        best(peers, similarity, &g_array_index(peers->variant, PeerName, i),
             g_array_index(peers->listed, gint, i), &own);
        g_array_append_val(found, own);
    }
    print_peer(peers, peer, alarms, found, dv_clock_mono_us() - before);
}

/* ---- pg_trgm */

#ifdef BENCH_LIBPQ

static gboolean
execute(PGconn *db, const char *sql)
{
    PGresult *result = PQexec(db, sql);
    gboolean ok = PQresultStatus(result) == PGRES_COMMAND_OK ||
                  PQresultStatus(result) == PGRES_TUPLES_OK ||
                  PQresultStatus(result) == PGRES_COPY_IN;

    PQclear(result);
    return ok;
}

static gboolean
fill(PGconn *db, const Peers *peers)
{
    if (!execute(db, "CREATE EXTENSION pg_trgm") ||
        !execute(db, "CREATE UNLOGGED TABLE person (id int, year int, name text)") ||
        !execute(db, "COPY person FROM STDIN"))
        return FALSE;
    for (guint i = 0; i < peers->register_->len; i++) {
        const PeerName *name = &g_array_index(peers->register_, PeerName, i);
        char line[256];
        int n = g_snprintf(line, sizeof line, "%u\t%u\t%s\n", i, name->year, name->name);
        if (PQputCopyData(db, line, n) != 1)
            return FALSE;
    }
    PQputCopyEnd(db, NULL);
    for (PGresult *result; (result = PQgetResult(db)) != NULL;)
        PQclear(result);
    return execute(db, "CREATE INDEX ON person USING gin (name gin_trgm_ops); ANALYZE person;"
                       "SET pg_trgm.similarity_threshold = 0.3");
}

static guint
ask(PGconn *db, const PeerName *asked, gint number, guint *own)
{
    char year[16];
    const char *const values[] = {asked->name, year};
    guint most = 0;

    g_snprintf(year, sizeof year, "%u", asked->year);
    PGresult *result = PQexecPrepared(db, "ask", 2, values, NULL, NULL, 0);
    *own = 0;
    for (int i = 0; i < PQntuples(result); i++) {
        guint score = (guint)(1000 * g_ascii_strtod(PQgetvalue(result, i, 1), NULL));
        most = MAX(most, score);
        if (strtol(PQgetvalue(result, i, 0), NULL, 10) == number)
            *own = score;
    }
    PQclear(result);
    return most;
}

static void
measure_trigrams(const char *socket_folder, gconstpointer data)
{
    const Peers *peers = data;
    g_autofree char *where =
        g_strdup_printf("host=%s dbname=postgres user=bench connect_timeout=10", socket_folder);
    g_autoptr(GArray) alarms = g_array_new(FALSE, FALSE, sizeof(guint));
    g_autoptr(GArray) found = g_array_new(FALSE, FALSE, sizeof(guint));
    PGconn *db = PQconnectdb(where);
    guint own;

    if (PQstatus(db) != CONNECTION_OK || !fill(db, peers)) {
        printf(
            "{\"bench\":\"persons_peer\",\"peer\":\"pg_trgm\",\"skipped\":\"no pg_trgm here\"}\n");
        PQfinish(db);
        return;
    }
    PQclear(PQprepare(
        db, "ask", "SELECT id, similarity(name, $1) FROM person WHERE name % $1 AND year = $2::int",
        2, NULL));
    gint64 before = dv_clock_mono_us();
    for (guint i = 0; i < peers->clean->len; i++) {
        guint most = ask(db, &g_array_index(peers->clean, PeerName, i), -1, &own);
        g_array_append_val(alarms, most);
    }
    for (guint i = 0; i < peers->variant->len; i++) {
        ask(db, &g_array_index(peers->variant, PeerName, i), g_array_index(peers->listed, gint, i),
            &own);
        g_array_append_val(found, own);
    }
    print_peer(peers, "pg_trgm similarity", alarms, found, dv_clock_mono_us() - before);
    PQfinish(db);
}

#endif

void
bench_person_peers(const PersonsOptions *options, const People *people)
{
    Peers peers = {.options = options, .people = people};

    if (options->peer_persons == 0)
        return;
    peers.register_ = g_array_new(FALSE, FALSE, sizeof(PeerName));
    peers.clean = g_array_new(FALSE, FALSE, sizeof(PeerName));
    peers.variant = g_array_new(FALSE, FALSE, sizeof(PeerName));
    peers.listed = g_array_new(FALSE, FALSE, sizeof(gint));
    draw_all(&peers);
    read_all(&peers, "Jaro-Winkler, whole name", jaro_winkler);
    read_all(&peers, "Levenshtein, whole name", levenshtein);
#ifdef BENCH_LIBPQ
    bench_postgres(measure_trigrams, &peers);
#else
    printf(
        "{\"bench\":\"persons_peer\",\"peer\":\"pg_trgm\",\"skipped\":\"built without libpq\"}\n");
#endif
    g_array_unref(peers.register_);
    g_array_unref(peers.clean);
    g_array_unref(peers.variant);
    g_array_unref(peers.listed);
}
