// SPDX-License-Identifier: Apache-2.0
#include "decide.h"

static const DvDecisionRow rows[] = {
    {"ADMIT", "ADMIT", NULL, NULL, "A", DV_DIRECTION_ENTRY | DV_DIRECTION_TRANSIT, TRUE},
    {"EXIT_OK", "EXIT_OK", NULL, NULL, "A", DV_DIRECTION_EXIT, TRUE},
    {"SECOND_LINE", "SECOND_LINE", NULL, NULL, "S", DV_DIRECTION_ANY, FALSE},
    {"REFER_ASYLUM", "SECOND_LINE", "REFER_ASYLUM", "asylum", "P1", DV_DIRECTION_ANY, FALSE},
    {"REFER_PROTECTION", "SECOND_LINE", "REFER_PROTECTION", "other", "P2", DV_DIRECTION_ANY, FALSE},
    {"REFER_VULNERABLE", "SECOND_LINE", "REFER_PROTECTION", "vulnerable", "V", DV_DIRECTION_ANY,
     FALSE},
    {"WITHDRAWN", "WITHDRAWN", NULL, NULL, "Esc", DV_DIRECTION_ANY, FALSE},
    {NULL},
};

const DvDecisionRow *
dv_decide_rows(void)
{
    return rows;
}

guint
dv_decide_direction(const char *word)
{
    static const struct {
        const char *word;
        guint bit;
    } directions[] = {
        {"ENTRY", DV_DIRECTION_ENTRY},
        {"EXIT", DV_DIRECTION_EXIT},
        {"TRANSIT", DV_DIRECTION_TRANSIT},
    };
    for (guint i = 0; word && i < G_N_ELEMENTS(directions); i++)
        if (g_str_equal(word, directions[i].word))
            return directions[i].bit;
    return 0;
}

DvDecisionAnswer
dv_decide(const char *asked, const DvDecisionCase *what, const DvDecisionRow **row)
{
    *row = NULL;
    for (const DvDecisionRow *each = rows; asked && each->asked; each++)
        if (g_str_equal(asked, each->asked))
            *row = each;
    if (!*row)
        return DV_DECISION_UNKNOWN;
    if (!((*row)->directions & what->direction))
        return DV_DECISION_WRONG_DIRECTION;
    if (!(*row)->lets_through)
        return DV_DECISION_ALLOWED;
    if (what->stop_standing)
        return DV_DECISION_STOP_STANDS;
    if (what->specimen)
        return DV_DECISION_SPECIMEN;
    if (what->total != DV_CHECK_SUCCESSFUL && !what->has_note)
        return DV_DECISION_NEEDS_NOTE;
    return DV_DECISION_ALLOWED;
}

static const struct {
    const char *word, *text;
} answers[] = {
    [DV_DECISION_ALLOWED] = {"allowed", ""},
    [DV_DECISION_UNKNOWN] = {"unknown_decision",
                             "the first line cannot make this decision; refer to second line"},
    [DV_DECISION_WRONG_DIRECTION] = {"wrong_direction",
                                     "this decision does not fit the direction of travel"},
    [DV_DECISION_STOP_STANDS] = {"stop_stands",
                                 "a stop alert stands: refer to second line, where a second person "
                                 "decides"},
    [DV_DECISION_SPECIMEN] = {"specimen", "this is a specimen document and the booth is not in "
                                          "training: it lets nobody through"},
    [DV_DECISION_NEEDS_NOTE] = {"needs_note", "not every check was successful: letting the "
                                              "traveller go on needs a note saying why"},
};

const char *
dv_decide_answer_word(DvDecisionAnswer answer)
{
    return answers[answer].word;
}

const char *
dv_decide_answer_text(DvDecisionAnswer answer)
{
    return answers[answer].text;
}
