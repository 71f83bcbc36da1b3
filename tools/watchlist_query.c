// SPDX-License-Identifier: Apache-2.0
#include "watchlist_query.h"
#include <darvaza/error.h>
#include <darvaza/watchlist_spelling.h>
#include <string.h>

#define NAME_MAX_BYTES 1024
#define NUMBER_MAX 48
#define DOUBTED_SCORE 800u /* of a hit that rests on a field whose check digit fails */

static const char *const members[] = {
    "id",          "surname",         "given_names",   "name",          "birth_date", "sex",
    "nationality", "document_number", "issuing_state", "document_type", "mrz",        NULL};

static gboolean G_GNUC_PRINTF(2, 3) refuse(GError **error, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    g_autofree char *text = g_strdup_vprintf(format, args);
    va_end(args);
    g_set_error_literal(error, DV_ERROR, DV_ERROR_INVALID, text);
    return FALSE;
}

/* ---- the members, one by one */

static gboolean
is_given(const json_t *object, const char *member)
{
    const char *text = dv_json_string_or_null(object, member);

    return text != NULL && text[strspn(text, " \t\r\n")] != '\0';
}

static gboolean
check_members(const json_t *object, GError **error)
{
    const char *key;
    json_t *value;

    if (!dv_json_only(object, members, "the question", error)) {
        g_prefix_error(error, "a question has id, surname, given_names or name, birth_date, sex, "
                              "nationality, document_number, issuing_state, document_type, or "
                              "mrz: ");
        return FALSE;
    }
    json_object_foreach((json_t *)object, key, value)
    {
        gboolean is_free = strcmp(key, "id") == 0 || strcmp(key, "mrz") == 0;
        if (!is_free && !json_is_string(value) && !json_is_null(value))
            return refuse(error, "%s is no string", key);
    }
    return TRUE;
}

/* Two sources for one thing: neither is better than the other. */
static gboolean
check_beside(const json_t *object, GError **error)
{
    const json_t *mrz = json_object_get(object, "mrz");

    if (is_given(object, "name") &&
        (is_given(object, "surname") || is_given(object, "given_names")))
        return refuse(error, "name stands beside surname or given_names");
    if (mrz == NULL || json_is_null(mrz))
        return TRUE;
    for (gsize i = 0; members[i] != NULL; i++)
        if (strcmp(members[i], "id") != 0 && is_given(object, members[i]) &&
            strcmp(members[i], "mrz") != 0)
            return refuse(error, "mrz stands beside %s", members[i]);
    return TRUE;
}

static gboolean
take_name(const json_t *object, const char *member, const char **taken, GError **error)
{
    const char *text = dv_json_string_or_null(object, member);

    if (!is_given(object, member))
        return TRUE;
    if (strnlen(text, NAME_MAX_BYTES + 1) > NAME_MAX_BYTES)
        return refuse(error, "%s is longer than %d bytes", member, NAME_MAX_BYTES);
    gboolean has_letter = FALSE;
    for (const char *p = text; *p != '\0'; p = g_utf8_next_char(p)) {
        gunichar c = g_utf8_get_char(p);
        if (g_unichar_iscntrl(c) && !g_unichar_isspace(c))
            return refuse(error, "%s has a control character", member);
        has_letter |= g_unichar_isalpha(c);
    }
    if (!has_letter)
        return refuse(error, "%s has no letter", member);
    *taken = text;
    return TRUE;
}

static gboolean
take_number(DvWatchlistQuery *query, const json_t *object, GError **error)
{
    const char *text = dv_json_string_or_null(object, "document_number");
    gsize counted = 0;

    if (!is_given(object, "document_number"))
        return TRUE;
    for (const char *p = text; *p != '\0'; p++) {
        if (!g_ascii_isalnum(*p) && strchr("< -", *p) == NULL)
            return refuse(error, "document_number has a character other than A-Z, 0-9, '<', "
                                 "space, -");
        counted += g_ascii_isalnum(*p) != 0;
    }
    if (counted == 0 || counted > NUMBER_MAX)
        return refuse(error, "document_number has no letter or digit, or more than %d", NUMBER_MAX);
    query->subject.document_number = text;
    return TRUE;
}

static gboolean
take_state(const json_t *object, const char *member, char state[4], const char **taken,
           GError **error)
{
    const char *text = dv_json_string_or_null(object, member);

    if (!is_given(object, member))
        return TRUE;
    if (!dv_watchlist_spell_state(text, state))
        return refuse(error, "%s is no code of a state and no country's name", member);
    if (*state != '\0' && strcmp(state, "XXX") != 0) /* XXX: not specified */
        *taken = state;
    return TRUE;
}

static gboolean
take_rest(DvWatchlistQuery *query, const json_t *object, GError **error)
{
    const char *birth = dv_json_string_or_null(object, "birth_date");
    const char *sex = dv_json_string_or_null(object, "sex");
    const char *type = dv_json_string_or_null(object, "document_type");

    if (is_given(object, "birth_date")) {
        if (!dv_watchlist_spell_date(birth, query->birth_date))
            return refuse(error,
                          "birth_date is no date of the form YYYY-MM-DD, with XX for unknown");
        if (strcmp(query->birth_date, "XXXX-XX-XX") != 0)
            query->subject.birth_date = query->birth_date;
    }
    if (is_given(object, "sex")) {
        if (!dv_watchlist_spell_sex(sex, query->sex))
            return refuse(error, "sex is none of F, M, X");
        query->subject.sex = query->sex;
    }
    if (is_given(object, "document_type")) {
        g_autofree char *plain = g_strdelimit(g_ascii_strup(type, -1), "<", ' ');
        g_strstrip(plain);
        if (strlen(plain) > 2 || strspn(plain, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != strlen(plain))
            return refuse(error, "document_type is no Doc 9303 document code");
        g_strlcpy(query->document_type, plain, sizeof query->document_type);
        query->subject.document_type = query->document_type;
    }
    return TRUE;
}

/* ---- the zone */

/* Two or three lines as one text; NULL: not lines. */
static char *
zone_text(const json_t *value)
{
    g_autoptr(GString) text = g_string_new(NULL);
    const json_t *line;
    gsize i;

    if (json_is_string(value)) {
        const char *whole = json_string_value(value);
        gsize length = strlen(whole), row = length == 88 ? 44 : length == 72 ? 36 : 30;
        if (strpbrk(whole, "\r\n") != NULL || (length != 88 && length != 72 && length != 90))
            return g_strdup(whole);
        for (gsize at = 0; at < length; at += row) /* written without line breaks */
            g_string_append_printf(text, "%.*s\n", (int)row, whole + at);
        return g_string_free(g_steal_pointer(&text), FALSE);
    }
    if (!json_is_array(value) || json_array_size(value) < 1 || json_array_size(value) > 3)
        return NULL;
    json_array_foreach((json_t *)value, i, line)
    {
        if (!json_is_string(line))
            return NULL;
        g_string_append(text, json_string_value(line));
        g_string_append_c(text, '\n');
    }
    return g_string_free(g_steal_pointer(&text), FALSE);
}

/* A state that was misread is an unknown one, not another. */
static const char *
known_state(const char *read, char state[4])
{
    if (!dv_watchlist_spell_state(read, state) || !dv_mrz_country_is_known(state) ||
        strcmp(state, "XXX") == 0)
        return NULL;
    return state;
}

static gboolean
take_mrz(DvWatchlistQuery *query, const json_t *value, gint64 now_us, GError **error)
{
    g_autofree char *text = zone_text(value);
    DvWatchlistSubject *subject = &query->subject;
    GDate today;

    if (text == NULL)
        return refuse(error, "mrz is neither a string nor an array of one to three lines");
    g_date_clear(&today, 1);
    g_date_set_time_t(&today, (time_t)(now_us / G_USEC_PER_SEC));
    const DvMrz *mrz = query->mrz = dv_mrz_parse(text, -1, &today);
    if (mrz->verdict == DV_MRZ_REJECT)
        return refuse(error, "mrz: %s", mrz->reason);
    subject->surname = mrz->surname;
    subject->given_names = mrz->given_names;
    subject->birth_date = mrz->birth_date_iso;
    if (dv_watchlist_spell_sex(mrz->sex, query->sex))
        subject->sex = query->sex;
    subject->nationality = known_state(mrz->nationality, query->nationality);
    subject->document_number = mrz->document_number;
    subject->issuing_state = known_state(mrz->issuing_state, query->issuing_state);
    subject->document_type = mrz->document_code;
    return TRUE;
}

gboolean
dv_watchlist_query_read(DvWatchlistQuery *query, const json_t *object, gint64 now_us,
                        GError **error)
{
    const json_t *mrz = json_object_get(object, "mrz");
    DvWatchlistSubject *subject = &query->subject;

    memset(query, 0, sizeof *query);
    if (!check_members(object, error) || !check_beside(object, error))
        return FALSE;
    if (mrz != NULL && !json_is_null(mrz))
        return take_mrz(query, mrz, now_us, error);
    return take_name(object, "name", &subject->surname, error) &&
           take_name(object, "surname", &subject->surname, error) &&
           take_name(object, "given_names", &subject->given_names, error) &&
           take_number(query, object, error) &&
           take_state(object, "nationality", query->nationality, &subject->nationality, error) &&
           take_state(object, "issuing_state", query->issuing_state, &subject->issuing_state,
                      error) &&
           take_rest(query, object, error);
}

void
dv_watchlist_query_clear(DvWatchlistQuery *query)
{
    g_clear_pointer(&query->mrz, dv_mrz_free);
}

/* ---- what a failing check digit does to the answer */

void
dv_watchlist_query_undetermine(DvWatchlistAnswer *answer, const char *why)
{
    char *before = answer->undetermined_because;

    answer->undetermined_because =
        *before != '\0' ? g_strdup_printf("%s; %s", before, why) : g_strdup(why);
    g_free(before);
    answer->determined = FALSE;
}

static gboolean
fails(const DvMrz *mrz, DvMrzDigit digit)
{
    return mrz->checks[digit] == DV_MRZ_CHECK_FAIL || mrz->checks[digit] == DV_MRZ_CHECK_NA;
}

static void
doubt_hit(DvWatchlistHit *hit, const char *field, const char *text)
{
    DvWatchlistReason *reason = g_new0(DvWatchlistReason, 1);

    hit->probable = TRUE;
    hit->score = MIN(hit->score, DOUBTED_SCORE);
    reason->field = field;
    reason->agreement = DV_WATCHLIST_SIMILAR;
    reason->document_value = g_strdup("");
    reason->listed_value = g_strdup("");
    reason->text = g_strdup(text);
    g_ptr_array_add(hit->reasons, reason);
}

static gint
by_rank(gconstpointer a, gconstpointer b)
{
    const DvWatchlistHit *one = *(DvWatchlistHit *const *)a, *other = *(DvWatchlistHit *const *)b;

    if (one->probable != other->probable)
        return one->probable ? 1 : -1;
    if (one->action != other->action)
        return one->action < other->action ? -1 : 1;
    return (gint)other->score - (gint)one->score;
}

void
dv_watchlist_query_doubt(const DvWatchlistQuery *query, DvWatchlistAnswer *answer)
{
    gboolean number = query->mrz != NULL && fails(query->mrz, DV_MRZ_DIGIT_DOCUMENT_NUMBER);
    gboolean birth = query->mrz != NULL && fails(query->mrz, DV_MRZ_DIGIT_BIRTH_DATE);

    for (guint i = 0; i < answer->hits->len; i++) {
        DvWatchlistHit *hit = g_ptr_array_index(answer->hits, i);
        gboolean by_document =
            hit->match == DV_WATCHLIST_EXACT_DOCUMENT || hit->match == DV_WATCHLIST_FOLDED_DOCUMENT;
        if (by_document && number)
            doubt_hit(hit, "document_number",
                      "Document number: its check digit fails, so it may be misread.");
        if (!by_document && birth)
            doubt_hit(hit, "birth_date",
                      "Birth date: its check digit fails, so it may be misread.");
    }
    if (number || birth)
        g_ptr_array_sort(answer->hits, by_rank);
    if (number)
        dv_watchlist_query_undetermine(answer, "the check digit of the document number fails");
    if (birth)
        dv_watchlist_query_undetermine(answer, "the check digit of the birth date fails");
}

json_t *
dv_watchlist_query_mrz_json(const DvWatchlistQuery *query)
{
    json_t *errors;

    if (query->mrz == NULL)
        return NULL;
    errors = json_array();
    for (guint i = 0; i < query->mrz->errors->len; i++)
        json_array_append_new(errors, json_string(g_ptr_array_index(query->mrz->errors, i)));
    return json_pack("{s:s, s:o}", "verdict", dv_mrz_verdict_word(query->mrz->verdict), "errors",
                     errors);
}
