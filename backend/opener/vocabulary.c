// SPDX-License-Identifier: Apache-2.0
#include "vocabulary.h"

#include <darvaza/error.h>
#include <darvaza/file.h>
#include <darvaza/json.h>
#include <string.h>

#define GROUNDS_FILE_MAX (64u * 1024u)

static const DvDisposition dispositions[] = {
    {"ADMIT", "Admit", 0},
    {"ADMIT_CONDITIONS", "Admit with conditions", DV_NEEDS_CONDITIONS},
    {"SECOND_LINE", "Second line", 0},
    {"FALSE_MATCH", "False match", DV_NEEDS_ALERTS},
    {"DUPLICATE", "Duplicate of another crossing", DV_NEEDS_DUPLICATE},
    {"REFUSE", "Refuse entry", DV_IS_ADVERSE},
    {"RETURNED", "Return to the country of departure", DV_IS_ADVERSE},
};

/* Regulation (EU) 2016/399, Annex V part B: the standard form's reasons, in our words. */
static const struct {
    const char *code, *text;
} default_grounds[] = {
    {"A", "No valid travel document"},
    {"B", "False, counterfeit, forged or altered travel document"},
    {"C", "No valid visa or residence permit"},
    {"D", "False, counterfeit, forged or altered visa or residence permit"},
    {"E", "Purpose and conditions of stay not shown by documents"},
    {"F", "Has already stayed for the longest period allowed"},
    {"G", "No sufficient means of subsistence"},
    {"H", "Is subject of an alert for refusing entry"},
    {"I", "Held to be a threat to public policy, internal security, public health or "
          "international relations"},
};

/* The question put before any decision against the traveller (S4). A country reviews its own
 * translations; these are drafts of one plain sentence. */
static const struct {
    const char *language, *text;
} question[] = {
    {"en", "Are you afraid of being harmed if you are sent back?"},
    {"fr", "Craignez-vous qu’on vous fasse du mal si vous êtes renvoyé ?"},
    {"ru", "Боитесь ли вы, что вам причинят вред, если вас отправят обратно?"},
    {"ar", "هل تخشى أن تتعرض للأذى إذا أُعدت؟"},
    {"fa",
     "آیا می‌ترسید که اگر بازگردانده شوید به شما آسیبی "
     "برسد؟"},
    {"tr", "Geri gönderilirseniz size zarar verilmesinden korkuyor musunuz?"},
};

const DvDisposition *
dv_disposition_find(const char *word)
{
    for (gsize i = 0; i < G_N_ELEMENTS(dispositions); i++)
        if (g_strcmp0(word, dispositions[i].word) == 0)
            return &dispositions[i];
    return NULL;
}

static json_t *
dispositions_json(void)
{
    static const struct {
        DvDispositionNeeds bit;
        const char *word;
    } needs[] = {
        {DV_NEEDS_CONDITIONS, "conditions"},
        {DV_NEEDS_ALERTS, "alerts"},
        {DV_NEEDS_DUPLICATE, "duplicate_of"},
        {DV_IS_ADVERSE, "adverse"},
    };
    json_t *array = json_array();
    for (gsize i = 0; i < G_N_ELEMENTS(dispositions); i++) {
        json_t *words = json_array();
        for (gsize j = 0; j < G_N_ELEMENTS(needs); j++)
            if (dispositions[i].needs & (guint)needs[j].bit)
                json_array_append_new(words, json_string(needs[j].word));
        json_array_append_new(array, json_pack("{s:s, s:s, s:o}", "code", dispositions[i].word,
                                               "text", dispositions[i].text, "needs", words));
    }
    return array;
}

static json_t *
question_json(void)
{
    json_t *array = json_array();
    for (gsize i = 0; i < G_N_ELEMENTS(question); i++)
        json_array_append_new(array, json_pack("{s:s, s:s}", "language", question[i].language,
                                               "text", question[i].text));
    return array;
}

static json_t *
default_table(void)
{
    json_t *codes = json_array();
    for (gsize i = 0; i < G_N_ELEMENTS(default_grounds); i++)
        json_array_append_new(codes, json_pack("{s:s, s:s}", "code", default_grounds[i].code,
                                               "text", default_grounds[i].text));
    return json_pack("{s:s, s:s, s:o}", "table", "SBC Annex V part B", "legal_basis",
                     "Regulation (EU) 2016/399, Article 6 and Article 14", "codes", codes);
}

static gboolean
check_code(const json_t *entry, GError **error)
{
    static const char *const members[] = {"code", "text", NULL};
    return dv_json_only(entry, members, "ground", error) &&
           dv_json_string(entry, "code", 16, "ground", error) &&
           dv_json_string(entry, "text", 300, "ground", error);
}

static gboolean
check_table(const json_t *table, GError **error)
{
    static const char *const members[] = {"table", "legal_basis", "codes", NULL};
    if (!dv_json_only(table, members, "grounds", error) ||
        !dv_json_string(table, "table", 80, "grounds", error) ||
        !dv_json_string(table, "legal_basis", 300, "grounds", error))
        return FALSE;
    const json_t *codes = json_object_get(table, "codes");
    if (!json_is_array(codes) || json_array_size(codes) == 0 || json_array_size(codes) > 100) {
        g_set_error(error, DV_ERROR, DV_ERROR_INVALID, "codes must be 1 to 100 grounds");
        return FALSE;
    }
    for (gsize i = 0; i < json_array_size(codes); i++)
        if (!check_code(json_array_get(codes, i), error))
            return FALSE;
    return TRUE;
}

static json_t *
load_table(const char *path, GError **error)
{
    g_autoptr(GError) why = NULL;
    g_autoptr(GBytes) bytes = dv_file_read(path, GROUNDS_FILE_MAX, &why);
    g_autoptr(json_t) table = NULL;
    if (bytes) {
        gsize length = 0;
        const void *data = g_bytes_get_data(bytes, &length);
        table = dv_json_parse(data, length, GROUNDS_FILE_MAX, &why);
    }
    if (!table || !check_table(table, &why)) {
        g_set_error(error, DV_ERROR, DV_ERROR_CONFIG, "refusal grounds %s: %s", path, why->message);
        return NULL;
    }
    return g_steal_pointer(&table);
}

json_t *
dv_vocabulary_load(const char *grounds_file, GError **error)
{
    json_t *grounds =
        grounds_file && *grounds_file ? load_table(grounds_file, error) : default_table();
    if (!grounds)
        return NULL;
    return json_pack("{s:o, s:o, s:o}", "dispositions", dispositions_json(), "grounds", grounds,
                     "protection_question", question_json());
}

static gboolean
array_has(const json_t *array, const char *member, const char *value)
{
    for (gsize i = 0; i < json_array_size(array); i++) {
        const json_t *text = json_object_get(json_array_get(array, i), member);
        if (g_strcmp0(json_string_value(text), value) == 0)
            return TRUE;
    }
    return FALSE;
}

gboolean
dv_vocabulary_has_ground(const json_t *vocabulary, const char *code)
{
    const json_t *grounds = json_object_get(vocabulary, "grounds");
    return array_has(json_object_get(grounds, "codes"), "code", code);
}

gboolean
dv_vocabulary_asks_in(const json_t *vocabulary, const char *language)
{
    return array_has(json_object_get(vocabulary, "protection_question"), "language", language);
}
