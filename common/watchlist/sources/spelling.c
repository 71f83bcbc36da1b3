// SPDX-License-Identifier: Apache-2.0
#include "spelling.h"

#include "countries.h"
#include "keys.h"
#include "source.h"

#include <darvaza/watchlist_spelling.h>

#include <string.h>

/* ISO 3166-1 alpha-2, and what is written like it, each before its code. */
static const char alpha_2[] =
    "ADAND AEARE AFAFG AGATG AIAIA ALALB AMARM AOAGO AQATA ARARG ASASM ATAUT AUAUS AWABW "
    "AXALA AZAZE BABIH BBBRB BDBGD BEBEL BFBFA BGBGR BHBHR BIBDI BJBEN BLBLM BMBMU BNBRN "
    "BOBOL BQBES BRBRA BSBHS BTBTN BVBVT BWBWA BYBLR BZBLZ CACAN CCCCK CDCOD CFCAF CGCOG "
    "CHCHE CICIV CKCOK CLCHL CMCMR CNCHN COCOL CRCRI CUCUB CVCPV CWCUW CXCXR CYCYP CZCZE "
    "DEDEU DJDJI DKDNK DMDMA DODOM DZDZA ECECU EEEST EGEGY EHESH ERERI ESESP ETETH EUEUE "
    "FIFIN FJFJI FKFLK FMFSM FOFRO FRFRA GAGAB GBGBR GDGRD GEGEO GFGUF GGGGY GHGHA GIGIB "
    "GLGRL GMGMB GNGIN GPGLP GQGNQ GRGRC GSSGS GTGTM GUGUM GWGNB GYGUY HKHKG HMHMD HNHND "
    "HRHRV HTHTI HUHUN IDIDN IEIRL ILISR IMIMN ININD IOIOT IQIRQ IRIRN ISISL ITITA JEJEY "
    "JMJAM JOJOR JPJPN KEKEN KGKGZ KHKHM KIKIR KMCOM KNKNA KPPRK KRKOR KWKWT KYCYM KZKAZ "
    "LALAO LBLBN LCLCA LILIE LKLKA LRLBR LSLSO LTLTU LULUX LVLVA LYLBY MAMAR MCMCO MDMDA "
    "MEMNE MFMAF MGMDG MHMHL MKMKD MLMLI MMMMR MNMNG MOMAC MPMNP MQMTQ MRMRT MSMSR MTMLT "
    "MUMUS MVMDV MWMWI MXMEX MYMYS MZMOZ NANAM NCNCL NENER NFNFK NGNGA NINIC NLNLD NONOR "
    "NPNPL NRNRU NUNIU NZNZL OMOMN PAPAN PEPER PFPYF PGPNG PHPHL PKPAK PLPOL PMSPM PNPCN "
    "PRPRI PSPSE PTPRT PWPLW PYPRY QAQAT REREU ROROU RSSRB RURUS RWRWA SASAU SBSLB SCSYC "
    "SDSDN SESWE SGSGP SHSHN SISVN SJSJM SKSVK SLSLE SMSMR SNSEN SOSOM SRSUR SSSSD STSTP "
    "SVSLV SXSXM SYSYR SZSWZ TCTCA TDTCD TFATF TGTGO THTHA TJTJK TKTKL TLTLS TMTKM TNTUN "
    "TOTON TRTUR TTTTO TVTUV TWTWN TZTZA UAUKR UGUGA UKGBR UMUMI UNUNO USUSA UYURY UZUZB "
    "VAVAT VCVCT VEVEN VGVGB VIVIR VNVNM VUVUT WFWLF WSWSM XKRKS YEYEM YTMYT ZAZAF ZMZMB "
    "ZWZWE ";

/* ---- one value */

/* A part of a date: two (four) digits, or X for each; 00 is unknown as well. */
static gboolean
take_part(const char *part, gsize digits, char *out)
{
    gsize length = strlen(part);

    if (length == 0 || length > digits || (digits == 4 && length != 4))
        return FALSE;
    memset(out, '0', digits);
    for (gsize i = 0; i < length; i++)
        out[digits - length + i] = g_ascii_toupper(part[i]);
    gboolean unknown = strspn(part, "xX") == length || strspn(part, "0") == length;
    if (unknown)
        memset(out, 'X', digits);
    return unknown || strspn(part, "0123456789") == length;
}

gboolean
dv_watchlist_spell_date(const char *text, char date[11])
{
    g_autofree char *plain = NULL;

    g_strlcpy(date, "XXXX-XX-XX", 11);
    if (strnlen(text, 33) > 32)
        return FALSE;
    plain = g_strstrip(g_strdup(text));
    if (strlen(plain) == 8 && strspn(plain, "0123456789xX") == 8) {
        g_autofree char *parted = g_strdup_printf("%.4s-%.2s-%.2s", plain, plain + 4, plain + 6);
        return dv_watchlist_spell_date(parted, date);
    }
    if (strlen(plain) > 4 && strchr("/.", plain[4]) != NULL)
        g_strdelimit(plain, (char[]){plain[4], '\0'}, '-');
    g_auto(GStrv) parts = g_strsplit(plain, "-", 4);
    guint count = g_strv_length(parts);
    if (count < 1 || count > 3 || !take_part(parts[0], 4, date) ||
        (count > 1 && !take_part(parts[1], 2, date + 5)) ||
        (count > 2 && !take_part(parts[2], 2, date + 8)))
        return FALSE;
    return watchlist_date_is_partial(date);
}

gboolean
dv_watchlist_spell_sex(const char *text, char sex[2])
{
    static const struct {
        const char *word, *sex;
    } words[] = {
        {"F", "F"},      {"FEMALE", "F"},
        {"WOMAN", "F"},  {"FEMININE", "F"},
        {"M", "M"},      {"MALE", "M"},
        {"MAN", "M"},    {"MASCULINE", "M"},
        {"X", "X"},      {"UNSPECIFIED", "X"},
        {"OTHER", "X"},  {"DIVERSE", "X"},
        {"<", ""},       {"U", ""},
        {"UNKNOWN", ""}, {"", ""},
    };
    g_autofree char *plain = g_strstrip(g_ascii_strup(text, -1));

    for (gsize i = 0; i < G_N_ELEMENTS(words); i++)
        if (g_str_equal(words[i].word, plain)) {
            g_strlcpy(sex, words[i].sex, 2);
            return TRUE;
        }
    return FALSE;
}

static gboolean
from_alpha_2(const char *code, char state[4])
{
    for (const char *p = alpha_2; *p != '\0'; p += 6)
        if (p[0] == code[0] && p[1] == code[1]) {
            g_strlcpy(state, p + 2, 4);
            return TRUE;
        }
    return FALSE;
}

gboolean
dv_watchlist_spell_state(const char *text, char state[4])
{
    g_autofree char *plain = g_ascii_strup(text, -1);

    g_strstrip(g_strdelimit(plain, "<", ' '));
    state[0] = '\0';
    if (*plain == '\0')
        return TRUE;
    if (watchlist_is_state(plain) && strlen(plain) == 2)
        return from_alpha_2(plain, state);
    if (g_str_equal(plain, "D"))
        return g_strlcpy(state, plain, 4) == 1;
    if (strlen(plain) > 1 && watchlist_country_code(plain, state) != NULL)
        return TRUE;
    if (!watchlist_is_state(plain) || strlen(plain) != 3)
        return FALSE;
    g_strlcpy(state, plain, 4);
    return TRUE;
}

/* "p" is P; longer words are left alone. */
static gboolean
spell_type(const char *text, char type[3])
{
    g_autofree char *plain = g_strstrip(g_ascii_strup(text, -1));

    return g_strlcpy(type, plain, 3) <= 2;
}

/* ---- a row */

typedef enum { KIND_DATE, KIND_SEX, KIND_STATE, KIND_TYPE } Kind;

/* NULL: it stays as it is. */
static json_t *
respelled(const json_t *value, Kind kind)
{
    const char *text = json_string_value(value);
    char other[12] = "";
    gboolean read = FALSE;

    if (text == NULL || *text == '\0')
        return NULL;
    if (kind == KIND_DATE)
        read = dv_watchlist_spell_date(text, other);
    else if (kind == KIND_SEX)
        read = dv_watchlist_spell_sex(text, other);
    else if (kind == KIND_STATE)
        read = dv_watchlist_spell_state(text, other);
    else
        read = spell_type(text, other);
    return read && !g_str_equal(text, other) ? json_string(other) : NULL;
}

static void
spell_member(WatchlistItem *item, json_t *object, const char *member, Kind kind)
{
    static const char *const rules[] = {
        [KIND_DATE] = "a birth date was written otherwise than YYYY-MM-DD with XX for unknown",
        [KIND_SEX] = "sex was written otherwise than F, M, X",
        [KIND_STATE] = "a state was written otherwise than as a Doc 9303-3 code",
        [KIND_TYPE] = "document_type was not written in capitals",
    };
    json_t *other = respelled(json_object_get(object, member), kind);

    if (other == NULL)
        return;
    json_object_set_new(object, member, other);
    watchlist_item_change(item, rules[kind]);
}

/* The items of an array, by way of an object that holds one of them. */
static void
spell_array(WatchlistItem *item, const char *member, Kind kind)
{
    json_t *array = json_object_get(item->object, member);
    g_autoptr(json_t) one = json_object();

    for (gsize i = 0; json_is_array(array) && i < json_array_size(array); i++) {
        json_object_set(one, "item", json_array_get(array, i));
        spell_member(item, one, "item", kind);
        json_array_set(array, i, json_object_get(one, "item"));
    }
}

static void
spell_documents(WatchlistItem *item)
{
    json_t *array = json_object_get(item->object, "other_documents");

    for (gsize i = 0; json_is_array(array) && i < json_array_size(array); i++) {
        spell_member(item, json_array_get(array, i), "issuing_state", KIND_STATE);
        spell_member(item, json_array_get(array, i), "document_type", KIND_TYPE);
    }
}

/* ---- for questions */

static void
text_from_integers(WatchlistItem *item)
{
    for (int i = 0; i < COLUMN_EXTRA; i++) {
        const json_t *value = json_object_get(item->object, watchlist_column_names[i]);
        if (!json_is_integer(value))
            continue;
        json_object_set_new(item->object, watchlist_column_names[i],
                            json_sprintf("%" JSON_INTEGER_FORMAT, json_integer_value(value)));
        watchlist_item_change(item, "a number stood for text");
    }
}

static void
array_from_text(WatchlistItem *item, const char *member)
{
    const char *text = dv_json_string_or_null(item->object, member);

    if (text == NULL)
        return;
    json_t *array = json_array();
    g_auto(GStrv) parts = g_strsplit(text, ";", -1);
    for (guint i = 0; parts[i] != NULL; i++)
        if (*g_strstrip(parts[i]) != '\0')
            json_array_append_new(array, json_string(parts[i]));
    json_object_set_new(item->object, member, array);
    watchlist_item_change(item, "a text stood for an array");
}

static void
aliases_from_names(WatchlistItem *item)
{
    json_t *array = json_object_get(item->object, "aliases");

    for (gsize i = 0; json_is_array(array) && i < json_array_size(array); i++) {
        const char *name = json_string_value(json_array_get(array, i));
        if (name == NULL)
            continue;
        json_array_set_new(array, i, json_pack("{s:s}", "name", name));
        watchlist_item_change(item, "an alias was a bare name");
    }
}

static void
clean_id(WatchlistItem *item)
{
    const char *id = dv_json_string_or_null(item->object, "alert_id");

    if (id == NULL || *id == '\0' || watchlist_is_id(id, ALERT_ID_MAX))
        return;
    g_autofree char *clean = g_strcanon(g_strstrip(g_strdup(id)),
                                        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                        "0123456789._-",
                                        '_');
    if (!watchlist_is_id(clean, ALERT_ID_MAX))
        return;
    json_object_set_new(item->object, "alert_id", json_string(clean));
    watchlist_item_change(item, "characters of alert_id other than A-Z a-z 0-9 . _ - became _");
}

void
watchlist_spelling_row(WatchlistItem *item, gboolean for_questions)
{
    if (!json_is_object(item->object))
        return;
    if (for_questions) {
        text_from_integers(item);
        array_from_text(item, "aliases");
        array_from_text(item, "other_birth_dates");
        array_from_text(item, "other_nationalities");
        aliases_from_names(item);
        clean_id(item);
    }
    spell_member(item, item->object, "birth_date", KIND_DATE);
    spell_member(item, item->object, "sex", KIND_SEX);
    spell_member(item, item->object, "nationality", KIND_STATE);
    spell_member(item, item->object, "issuing_state", KIND_STATE);
    spell_member(item, item->object, "document_type", KIND_TYPE);
    spell_array(item, "other_birth_dates", KIND_DATE);
    spell_array(item, "other_nationalities", KIND_STATE);
    spell_documents(item);
}
