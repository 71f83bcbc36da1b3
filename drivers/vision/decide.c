// SPDX-License-Identifier: Apache-2.0
/*
 * From probabilities to a zone, or to a refusal. Masks say what may stand where; check digits
 * choose between likely characters; what no check digit proves must be sure by itself; and where
 * two solutions satisfy every digit, the likelier one must be far likelier.
 */
#include "zone_reader.h"
#include <darvaza/mrz_mask.h>
#include <math.h>
#include <string.h>

#define CHANGES_MOST 3
#define OPTIONS_MOST 36    /* single changes considered, likeliest first */
#define TRIALS_MOST 6000   /* zones whose digits are computed */
#define COST_MOST 9.0      /* nats that a solution may be less likely than the best characters */
#define COST_MOST_VISA 4.5 /* no composite digit: one digit proves little */
#define OTHERS_WITHIN 7.0  /* nats beyond the best solution within which others are looked for */
#define OTHERS_MOST 0.10   /* the share of other solutions in that */
#define DOUBT_MOST 0.30    /* probability that something is wrong, as far as the network knows */
#define SURE 0.97          /* each character of a zone whose digits do not hold as printed */
#define EMPTY 0.5          /* probability above which a cell of the zone counts as empty */
#define EMPTY_MOST 2       /* such cells; digits may prove what was there */
#define FLAT 0.3           /* of an empty cell's probability, what goes to every character alike */

typedef struct {
    guint8 line, column; /* from 0 */
    char to;
    double cost;
} Option;

typedef struct {
    DvMrzFormat format;
    guint lines, length;
    char text[DV_MRZ_LINES_MAX][DV_MRZ_LINE_MAX + 1]; /* likeliest characters, then the solution */
    double p[DV_MRZ_LINES_MAX][DV_MRZ_LINE_MAX][CELL_SYMBOLS]; /* of what may stand there */
    double likelihood;
    GArray *options; /* (Option) ascending cost */
} Draft;

typedef struct {
    double best;  /* cost */
    double total; /* of exp(-cost) of all solutions */
    guint count;
    Option changes[CHANGES_MOST];
    guint trials;
} Solution;

/* What is rare where it is allowed. */
static double
habit(DvMrzFormat format, guint line, guint column, char c)
{
    gboolean visa = format == DV_MRZ_MRVA || format == DV_MRZ_MRVB;
    if (line == 1 && column == 1) {
        if ((c == 'V') != visa)
            return 1e-4;
        if (format == DV_MRZ_TD3 ? c != 'P' : !visa && strchr("ICAP", c) == NULL)
            return 0.02;
    }
    if (line == 1 && column == 2 && g_ascii_isdigit(c))
        return 0.05;
    if (c == 'O' && dv_mrz_may_stand(format, line, column, '0'))
        return 0.3; /* most states leave the letter O out of their numbers */
    if (format == DV_MRZ_FRA_ID2 && line == 1 && column <= 5)
        return "IDFRA"[column - 1] == c ? 1 : 1e-3;
    return 1;
}

/* What looks the same in many typefaces and is told apart by where it stands: where only one of the
 * two may stand, it gets the other's share. */
static double
share_of_twin(const Draft *draft, const CellReading *reading, guint line, guint column, char c)
{
    static const char pairs[][2] = {{'0', 'O'}, {'1', 'I'}};
    for (guint i = 0; i < G_N_ELEMENTS(pairs); i++)
        if (c == pairs[i][0] || c == pairs[i][1]) {
            char twin = c == pairs[i][0] ? pairs[i][1] : pairs[i][0];
            gboolean may = dv_mrz_may_stand(draft->format, line + 1, column + 1, twin);
            return may ? 0 : (double)reading->p[cell_symbol(twin)];
        }
    return 0;
}

static void
weigh_cell(Draft *draft, const Sheet *sheet, guint line, guint column)
{
    const CellReading *reading = &sheet->reading[line][column];
    double total = 0, before = 0, *p = draft->p[line][column];
    double flat = 1e-6 + FLAT * (double)reading->p[CELL_NONE] / CELL_SYMBOLS;
    guint best = 0;
    for (guint s = 0; s < CELL_SYMBOLS; s++) {
        char c = cell_alphabet[s];
        before += (double)reading->p[s];
        p[s] = 0;
        if (dv_mrz_may_stand(draft->format, line + 1, column + 1, c))
            p[s] = ((double)reading->p[s] + share_of_twin(draft, reading, line, column, c) + flat) *
                   habit(draft->format, line + 1, column + 1, c);
        total += p[s];
        if (p[s] > p[best])
            best = s;
    }
    for (guint s = 0; s < CELL_SYMBOLS; s++)
        p[s] /= total;
    draft->likelihood += log(total / MAX(before, 1e-6));
    draft->text[line][column] = cell_alphabet[best];
}

static gint
cheaper_first(gconstpointer a, gconstpointer b)
{
    double x = ((const Option *)a)->cost, y = ((const Option *)b)->cost;
    return x < y ? -1 : x > y;
}

static void
list_options(Draft *draft)
{
    for (guint line = 0; line < draft->lines; line++)
        for (guint column = 0; column < draft->length; column++) {
            const double *p = draft->p[line][column];
            char here = draft->text[line][column];
            if (dv_mrz_proofs(draft->format, line + 1, column + 1) == 0)
                continue;
            for (guint s = 0; s < CELL_SYMBOLS; s++) {
                double cost = p[s] > 0 ? log(p[cell_symbol(here)] / p[s]) : COST_MOST + 1;
                Option option = {(guint8)line, (guint8)column, cell_alphabet[s], cost};
                if (cell_alphabet[s] != here && cost <= COST_MOST)
                    g_array_append_val(draft->options, option);
            }
        }
    g_array_sort(draft->options, cheaper_first);
    if (draft->options->len > OPTIONS_MOST)
        g_array_set_size(draft->options, OPTIONS_MOST);
}

static void
prepare_draft(Draft *draft, const Sheet *sheet, DvMrzFormat format)
{
    draft->format = format;
    draft->lines = sheet->lines;
    draft->length = sheet->length;
    draft->likelihood = 0;
    memset(draft->text, 0, sizeof draft->text);
    draft->options = g_array_new(FALSE, FALSE, sizeof(Option));
    for (guint line = 0; line < draft->lines; line++)
        for (guint column = 0; column < draft->length; column++)
            weigh_cell(draft, sheet, line, column);
    list_options(draft);
}

static gboolean
holds(const Draft *draft)
{
    const char *lines[DV_MRZ_LINES_MAX] = {draft->text[0], draft->text[1], draft->text[2]};
    return dv_mrz_digits_hold(draft->format, lines);
}

static void
take_solution(Solution *solution, const Option *changes, guint count, double cost)
{
    solution->total += exp(-cost);
    if (cost >= solution->best)
        return;
    solution->best = cost;
    solution->count = count;
    for (guint i = 0; i < count; i++)
        solution->changes[i] = changes[i];
}

/* All sets of up to three changes in places of their own, in order of the options. */
static void
search(Draft *draft, guint from, Option *changes, guint count, double cost, double limit,
       Solution *solution)
{
    if (solution->trials++ >= TRIALS_MOST)
        return;
    if (holds(draft))
        take_solution(solution, changes, count, cost);
    if (count == CHANGES_MOST)
        return;
    for (guint i = from; i < draft->options->len; i++) {
        const Option *option = &g_array_index(draft->options, Option, i);
        char *at = &draft->text[option->line][option->column], before = *at;
        gboolean taken = FALSE;
        if (cost + option->cost > MIN(limit, solution->best + OTHERS_WITHIN))
            break;
        for (guint k = 0; k < count; k++)
            taken |= changes[k].line == option->line && changes[k].column == option->column;
        if (taken)
            continue;
        changes[count] = *option;
        *at = option->to;
        search(draft, i + 1, changes, count + 1, cost + option->cost, limit, solution);
        *at = before;
    }
}

static gboolean
refuse(DvReading *reading, const char *reason)
{
    g_strlcpy(reading->reason, reason, sizeof reading->reason);
    return FALSE;
}

/* Characters that no check digit proves, and codes of states that nobody knows. */
static double
expected_wrong(const Draft *draft)
{
    double wrong = 0;
    for (guint line = 0; line < draft->lines; line++)
        for (guint column = 0; column < draft->length; column++) {
            guint proofs = dv_mrz_proofs(draft->format, line + 1, column + 1);
            double p = draft->p[line][column][cell_symbol(draft->text[line][column])];
            wrong += proofs == 0 ? 1 - p : proofs == 1 ? 0.05 * (1 - p) : 0;
        }
    return wrong;
}

static double
least_sure(const Draft *draft)
{
    double least = 1;
    for (guint line = 0; line < draft->lines; line++)
        for (guint column = 0; column < draft->length; column++)
            least = MIN(least, draft->p[line][column][cell_symbol(draft->text[line][column])]);
    return least;
}

/* Cells of which a character has gone: too many, or one that no check digit can prove. */
static gboolean
lacks_characters(const Sheet *sheet, DvMrzFormat format)
{
    guint count = 0;
    for (guint line = 0; line < sheet->lines; line++)
        for (guint column = 0; column < sheet->length; column++) {
            if ((double)sheet->reading[line][column].p[CELL_NONE] <= EMPTY)
                continue;
            if (dv_mrz_proofs(format, line + 1, column + 1) == 0)
                return TRUE;
            count++;
        }
    return count > EMPTY_MOST;
}

/* Names are letters, single fillers between their parts, two between the identifiers, and fillers
 * to the end; a name begins with a letter (Doc 9303-3, 4.6). */
static gboolean
name_has_a_shape(const Draft *draft)
{
    gboolean card = draft->lines == 3;
    const char *name = card ? draft->text[2] : draft->text[0] + 5;
    guint pairs = 0;
    if (draft->format == DV_MRZ_FRA_ID2)
        return TRUE;
    if (name[0] == '<')
        return FALSE;
    for (const char *at = strchr(name, '<'); at != NULL; at = strchr(at, '<')) {
        gsize run = strspn(at, "<");
        at += run;
        if (*at == '\0')
            return TRUE;
        pairs += run == 2;
        if (run > 2 || pairs > 1)
            return FALSE;
    }
    return TRUE;
}

/* A code that no state has is more often a misreading than a specimen. */
static gboolean
codes_are_known(const Draft *draft)
{
    const char *lines[DV_MRZ_LINES_MAX] = {draft->text[0], draft->text[1], draft->text[2]};
    g_autoptr(GDate) today = g_date_new_dmy(1, 1, 2026); /* decides centuries, not codes */
    g_autoptr(DvMrz) mrz = dv_mrz_parse_lines(lines, draft->lines, today);
    gboolean french = draft->format == DV_MRZ_FRA_ID2;
    return dv_mrz_country_is_known(mrz->issuing_state) &&
           (french || dv_mrz_country_is_known(mrz->nationality));
}

/* Wrong digits where digits belong are what a faulty document looks like; anything more wrong than
 * that is a misreading. */
static gboolean
may_be_printed_so(const Draft *draft)
{
    const char *lines[DV_MRZ_LINES_MAX] = {draft->text[0], draft->text[1], draft->text[2]};
    g_autoptr(GDate) today = g_date_new_dmy(1, 1, 2026);
    g_autoptr(DvMrz) mrz = dv_mrz_parse_lines(lines, draft->lines, today);
    for (guint i = 0; i < mrz->errors->len; i++) {
        const char *word = g_ptr_array_index(mrz->errors, i);
        if (!g_str_has_prefix(word, "check_digit:") || strstr(word, "got <") != NULL)
            return FALSE;
    }
    return least_sure(draft) >= SURE;
}

/* Visas begin with V and nothing else does; passports with P; cards with A, C, I, or P on a TD2. */
static gboolean
code_fits(const Draft *draft)
{
    char first = draft->text[0][0];
    switch (draft->format) {
    case DV_MRZ_MRVA:
    case DV_MRZ_MRVB:
        return first == 'V';
    case DV_MRZ_TD3:
        return first == 'P';
    case DV_MRZ_TD2:
        return strchr("ACIP", first) != NULL;
    default:
        return strchr("ACI", first) != NULL;
    }
}

static void
give(const Draft *draft, guint corrections, DvReading *reading)
{
    reading->line_count = draft->lines;
    reading->corrections = corrections;
    for (guint line = 0; line < draft->lines; line++) {
        g_strlcpy(reading->lines[line], draft->text[line], sizeof reading->lines[line]);
        for (guint column = 0; column < draft->length; column++)
            reading->confidence[line][column] =
                (float)draft->p[line][column][cell_symbol(draft->text[line][column])];
    }
    reading->reason[0] = '\0';
}

static gboolean
decide_draft(Draft *draft, const Sheet *sheet, DvReading *reading)
{
    gboolean visa = draft->format == DV_MRZ_MRVA || draft->format == DV_MRZ_MRVB;
    Solution solution = {.best = G_MAXDOUBLE / 2};
    Option changes[CHANGES_MOST];
    if (lacks_characters(sheet, draft->format))
        return refuse(reading, "a character of the zone is missing or covered");
    if (!code_fits(draft))
        return refuse(reading, "the document's code does not fit the shape of its lines");
    search(draft, 0, changes, 0, 0, visa ? COST_MOST_VISA : COST_MOST, &solution);
    if (solution.best > COST_MOST) {
        if (!may_be_printed_so(draft))
            return refuse(reading,
                          "the check digits do not hold and no likely correction proves itself");
        give(draft, 0, reading);
        return TRUE;
    }
    double others = 1 - exp(-solution.best) / solution.total;
    if (others > OTHERS_MOST)
        return refuse(reading, "two readings satisfy the check digits and neither is far likelier");
    for (guint i = 0; i < solution.count; i++)
        draft->text[solution.changes[i].line][solution.changes[i].column] = solution.changes[i].to;
    double wrong = expected_wrong(draft) + others;
    if (wrong > DOUBT_MOST || (wrong > DOUBT_MOST / 6 && !name_has_a_shape(draft)))
        return refuse(reading, "characters that no check digit proves are doubtful");
    if (wrong > DOUBT_MOST / 6 && !codes_are_known(draft))
        return refuse(reading, "a state's code is unknown and not sure");
    give(draft, solution.count, reading);
    return TRUE;
}

gboolean
sheet_decide(const Sheet *sheet, DvReading *reading)
{
    static const DvMrzFormat formats[] = {DV_MRZ_TD3,  DV_MRZ_TD2,  DV_MRZ_TD1,
                                          DV_MRZ_MRVA, DV_MRZ_MRVB, DV_MRZ_FRA_ID2};
    g_autofree Draft *best = NULL;
    for (guint i = 0; i < G_N_ELEMENTS(formats); i++) {
        if (dv_mrz_format_lines(formats[i]) != sheet->lines ||
            dv_mrz_format_length(formats[i]) != sheet->length)
            continue;
        g_autofree Draft *draft = g_new0(Draft, 1);
        prepare_draft(draft, sheet, formats[i]);
        if (best == NULL || draft->likelihood > best->likelihood) {
            Draft *swap = best;
            best = draft;
            draft = swap;
        }
        if (draft != NULL)
            g_array_free(draft->options, TRUE);
    }
    if (best == NULL)
        return refuse(reading, "the lines have the shape of no document");
    gboolean given = decide_draft(best, sheet, reading);
    g_array_free(best->options, TRUE);
    return given;
}
