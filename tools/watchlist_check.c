// SPDX-License-Identifier: Apache-2.0
/* darvaza watchlist check: questions as JSON lines, answered from list files. */
#include "commands.h"
#include "watchlist_query.h"
#include "watchlist_sources.h"
#include "watchlist_tool.h"
#include <darvaza/clock.h>
#include <darvaza/watchlist.h>
#include <stdio.h>
#include <string.h>

#define QUERY_MAX 16384

static const char help[] =
    "Usage: darvaza watchlist check --list FILE [--list FILE]... [--training] [--now TIME]\n"
    "                               [--threshold X] [--profile FILE] [--aliases FILE] [FILE|-]\n"
    "\n"
    "Reads questions as JSON lines (id, surname, given_names or name, birth_date, sex,\n"
    "nationality, document_number, issuing_state, document_type, or mrz) and answers each with a\n"
    "JSON line: hits with their reasons, and every list with version and age.\n"
    "A --list that is a source (whatever import takes) is compiled to a temporary list first, "
    "with\n"
    "--profile and --aliases as for import. Without a profile it stands under its file's name "
    "with\n"
    "action INFO, and is good for questions only. Rows that are refused are named on standard "
    "error,\n"
    "and every answer is then undetermined, for that reason.\n"
    "Dates may be YYYY, YYYY-MM or YYYYMMDD, sexes words, states names or codes of two letters;\n"
    "what cannot be read, and a wrong type, is refused by name. mrz is a text or an array of "
    "lines; "
    "a\n"
    "hit on a field whose check digit fails is probable.\n"
    "--threshold X is the least score of a hit on a name that is only like a listed one, 0 to 1000 "
    "or\n"
    "0.0 to 1.0, in place of what the lists say; 0 takes weak ones, too. Where the lists say\n"
    "nothing it is 700; for a question without a birth date 500 up to 1,024 names, and 20 more\n"
    "for every doubling up to 700. An answer holds the 50 likeliest hits.\n"
    "--training asks training lists instead of the others; --now answers as of that time.\n"
    "\n"
    "Exit status: 0 answered (see status of each answer: undetermined is no \"no hit\"), 1 could "
    "not "
    "be\n"
    "done, a question was refused or a list failed, 2 bad use.\n";

typedef struct {
    DvWatchlist *lists;
    gint64 now_us;            /* 0: the clock's */
    const char *refused_rows; /* why no answer is determined; NULL: no row was refused */
    gboolean trouble;         /* a question was refused, or a list failed */
} Checker;

static void
print_refused(Checker *checker, const json_t *query, const char *why)
{
    g_autoptr(json_t) line = json_pack("{s:s, s:s}", "status", "refused", "reason", why);
    json_t *id = json_object_get(query, "id");

    if (id != NULL)
        json_object_set(line, "id", id);
    dv_watchlist_tool_print(line);
    checker->trouble = TRUE;
}

static void
note_failed(Checker *checker, const DvWatchlistAnswer *answer)
{
    for (guint i = 0; i < answer->lists->len; i++) {
        const DvWatchlistList *list = g_ptr_array_index(answer->lists, i);
        checker->trouble |= list->status == DV_WATCHLIST_FAILED;
    }
}

static void
ask(Checker *checker, const json_t *object)
{
    gint64 now_us = checker->now_us != 0 ? checker->now_us : dv_clock_wall_us();
    g_auto(DvWatchlistQuery) query = {0};
    g_autoptr(GError) refused = NULL;

    if (!dv_watchlist_query_read(&query, object, now_us, &refused)) {
        print_refused(checker, object, refused->message);
        return;
    }
    g_autoptr(DvWatchlistAnswer) answer =
        dv_watchlist_check(checker->lists, &query.subject, now_us);
    dv_watchlist_query_doubt(&query, answer);
    if (checker->refused_rows != NULL)
        dv_watchlist_query_undetermine(answer, checker->refused_rows);
    note_failed(checker, answer);
    g_autoptr(json_t) line = dv_watchlist_answer_json(answer);
    json_t *id = json_object_get(object, "id"), *mrz = dv_watchlist_query_mrz_json(&query);
    if (id != NULL)
        json_object_set(line, "id", id);
    if (mrz != NULL)
        json_object_set_new(line, "mrz", mrz);
    dv_watchlist_tool_print(line);
}

static void
take_query(Checker *checker, const char *text, gsize length)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(json_t) query = dv_json_parse(text, length, QUERY_MAX, &error);

    if (query == NULL)
        print_refused(checker, query, error->message);
    else
        ask(checker, query);
}

static gboolean
take_queries(Checker *checker, FILE *in)
{
    g_autofree char *line = g_malloc(QUERY_MAX + 2);
    gboolean overlong = FALSE;

    while (fgets(line, QUERY_MAX + 2, in) != NULL) {
        gsize length = strlen(line);
        gboolean whole = length > 0 && line[length - 1] == '\n';
        gboolean last = !whole && feof(in);
        if (!whole && !last) {
            overlong = TRUE;
            continue;
        }
        if (overlong)
            print_refused(checker, NULL, "the question is too long");
        else if (line[strspn(line, " \t\r\n")] != '\0')
            take_query(checker, line, length);
        overlong = FALSE;
    }
    return !ferror(in);
}

static int
run_check(Checker *checker, const char *path)
{
    gboolean standard = path == NULL || strcmp(path, "-") == 0;
    FILE *in = standard ? stdin : fopen(path, "re");

    if (in == NULL) {
        fprintf(stderr, "darvaza watchlist: cannot open %s\n", path);
        return DV_EXIT_FAILED;
    }
    gboolean read = take_queries(checker, in);
    if (!standard)
        fclose(in);
    if (!read)
        fprintf(stderr, "darvaza watchlist: cannot read the questions\n");
    return read && !checker->trouble ? DV_EXIT_OK : DV_EXIT_FAILED;
}

typedef struct {
    GPtrArray *paths; /* of --list */
    const char *input, *profile, *aliases;
    gint64 now_us;
    gint threshold; /* -1: what the lists say */
    gboolean training;
} CheckOrder;

/* 0 to 1000, or a fraction with a point: 0.0 to 1.0. FALSE: neither. */
static gboolean
take_threshold(const char *text, gint *threshold)
{
    char *end = NULL;
    double value = g_ascii_strtod(text, &end);

    if (end == text || *end != '\0')
        return FALSE;
    if (strchr(text, '.') != NULL)
        value *= 1000;
    if (!(value >= 0 && value <= 1000))
        return FALSE;
    *threshold = (gint)(value + 0.5);
    return TRUE;
}

/* How many further arguments the option takes; -1: not understood. */
static int
take_option(CheckOrder *order, const char *name, const char *value)
{
    if (strcmp(name, "--training") == 0) {
        order->training = TRUE;
        return 0;
    }
    if (value == NULL)
        return -1;
    if (strcmp(name, "--list") == 0)
        g_ptr_array_add(order->paths, g_strdup(value));
    else if (strcmp(name, "--profile") == 0)
        order->profile = value;
    else if (strcmp(name, "--aliases") == 0)
        order->aliases = value;
    else if (strcmp(name, "--threshold") == 0)
        return take_threshold(value, &order->threshold) ? 1 : -1;
    else if (strcmp(name, "--now") != 0 || !dv_time_parse(value, &order->now_us, NULL))
        return -1;
    return 1;
}

static int
check(const CheckOrder *order)
{
    g_auto(DvCompiledSources) compiled = {0};
    Checker checker = {.now_us = order->now_us};
    g_autoptr(GError) error = NULL;

    if (!dv_compiled_sources_make(&compiled, order->paths, order->profile, order->aliases,
                                  order->now_us, &error))
        return dv_watchlist_tool_failed(error);
    g_ptr_array_add(order->paths, NULL);
    g_autoptr(DvWatchlist) lists =
        dv_watchlist_open_files((const char *const *)order->paths->pdata, order->training);
    dv_watchlist_set_person_threshold(lists, order->threshold);
    checker.lists = lists;
    checker.refused_rows = compiled.refused;
    return run_check(&checker, order->input);
}

int
dv_watchlist_tool_check(int argc, char **argv)
{
    g_autoptr(GPtrArray) paths = g_ptr_array_new_with_free_func(g_free);
    CheckOrder order = {.paths = paths, .threshold = -1};

    if (dv_watchlist_tool_helped(argc, argv, help))
        return DV_EXIT_OK;
    for (int i = 1; i < argc; i++) {
        gboolean is_option = argv[i][0] == '-' && argv[i][1] != '\0';
        int taken = is_option ? take_option(&order, argv[i], argv[i + 1]) : -1;
        if (taken >= 0)
            i += taken;
        else if (!is_option && order.input == NULL)
            order.input = argv[i];
        else
            return dv_watchlist_tool_bad_use(help, "check: cannot use ", argv[i]);
    }
    if (paths->len == 0)
        return dv_watchlist_tool_bad_use(help, "check needs --list FILE", "");
    return check(&order);
}
