// SPDX-License-Identifier: Apache-2.0
/* Names as foreign lists write them: in quotes, numbered, with titles, several in one. */
#include "alert_draft.h"

#include <string.h>

#define ALIASES_MAX 64u
#define NAME_BYTES_MAX 512u

/* Quotation marks go, runs of space become one. */
static char *
plain_name(const char *text, gsize length)
{
    GString *plain = g_string_new(NULL);

    for (const char *p = text; p < text + length; p = g_utf8_next_char(p)) {
        gunichar c = g_utf8_get_char(p);
        if (c == '"' || c == 0x201c || c == 0x201d || c == 0xab || c == 0xbb)
            continue;
        if (!g_unichar_isspace(c))
            g_string_append_unichar(plain, c);
        else if (plain->len > 0 && plain->str[plain->len - 1] != ' ')
            g_string_append_c(plain, ' ');
    }
    g_strchomp(plain->str);
    plain->len = strlen(plain->str);
    return g_string_free(plain, FALSE);
}

static const char *
without_title(AlertDraft *draft, const char *name)
{
    static const char *const titles[] = {"Dr. ", "Prof. ", "Mr. ", "Mrs. ", "Ms. "};

    for (gsize i = 0; i < G_N_ELEMENTS(titles); i++) {
        if (g_ascii_strncasecmp(name, titles[i], strlen(titles[i])) == 0) {
            watchlist_item_change(draft->item, "a title was left out of a name");
            return name + strlen(titles[i]);
        }
    }
    return name;
}

static void
set_cut(AlertDraft *draft, json_t *object, const char *member, const char *name)
{
    gsize length = strlen(name);

    if (length > NAME_BYTES_MAX) {
        for (length = NAME_BYTES_MAX; (name[length] & 0xc0) == 0x80;)
            length--;
        watchlist_item_change(draft->item, "a name was cut to 512 bytes");
    }
    if (length > 0)
        json_object_set_new(object, member, json_stringn(name, length));
}

/* "LAST, First" has both parts; what stands behind a second comma belongs to the first names. */
static void
put_name(AlertDraft *draft, json_t *object, const char *name)
{
    const char *comma = strchr(name, ',');

    if (comma == NULL || comma == name || comma[1 + strspn(comma + 1, " ")] == '\0') {
        g_autofree char *whole = g_strdelimit(g_strdup(without_title(draft, name)), ",", ' ');
        set_cut(draft, object, "name", g_strstrip(whole));
        return;
    }
    g_autofree char *surname = g_strndup(name, (gsize)(comma - name));
    g_autofree char *given = g_strdelimit(g_strdup(comma + 1), ",", ' ');
    set_cut(draft, object, "surname", g_strstrip(surname));
    set_cut(draft, object, "given_names", without_title(draft, g_strstrip(given)));
}

void
alert_draft_name(AlertDraft *draft, const char *text)
{
    g_autofree char *name = plain_name(text, strlen(text));

    put_name(draft, draft->object, name);
}

static void
add_alias(AlertDraft *draft, const char *text, gsize length, gboolean is_low)
{
    g_autofree char *name = plain_name(text, length);

    if (*name == '\0')
        return;
    if (json_array_size(draft->aliases) == ALIASES_MAX) {
        watchlist_item_change(draft->item, "aliases beyond the 64th were left out");
        return;
    }
    json_t *alias = json_pack("{s:s}", "quality", is_low ? "low" : "good");
    put_name(draft, alias, name);
    if (json_object_size(alias) > 1)
        json_array_append_new(draft->aliases, alias);
    else
        json_decref(alias);
}

/* Letters that are not Latin: a name in another script. */
static gboolean
has_other_script(const char *text, gsize length)
{
    for (const char *p = text; p < text + length; p = g_utf8_next_char(p)) {
        gunichar c = g_utf8_get_char(p);
        if (g_unichar_isalpha(c) && g_unichar_get_script(c) != G_UNICODE_SCRIPT_LATIN)
            return TRUE;
    }
    return FALSE;
}

/* One name, perhaps with brackets: another script in them is a name as well, the rest a remark. */
static void
take_one(AlertDraft *draft, const char *text, gsize length, gboolean is_low)
{
    const char *open = memchr(text, '(', length);
    const char *close = open != NULL ? memchr(open, ')', length - (gsize)(open - text)) : NULL;
    const char *born = g_strstr_len(text, (gssize)length, ", born ");

    if (born != NULL && (open == NULL || born < open)) {
        watchlist_item_change(draft->item, "a remark within a name was left out");
        add_alias(draft, text, (gsize)(born - text), is_low);
        return;
    }
    if (close == NULL) {
        add_alias(draft, text, length, is_low);
        return;
    }
    g_autofree char *outside =
        g_strdup_printf("%.*s %.*s", (int)(open - text), text,
                        (int)(length - (gsize)(close + 1 - text)), close + 1);
    add_alias(draft, outside, strlen(outside), is_low);
    if (has_other_script(open + 1, (gsize)(close - open - 1)))
        add_alias(draft, open + 1, (gsize)(close - open - 1), is_low);
    else
        watchlist_item_change(draft->item, "a remark within a name was left out");
}

/* "a) " or "b) " between names: its length, else 0. */
static gsize
numbering(const char *start, const char *p)
{
    gboolean free = p == start || p[-1] == ' ';

    return free && g_ascii_islower(p[0]) && p[1] == ')' && p[2] == ' ' ? 3 : 0;
}

void
alert_draft_alias(AlertDraft *draft, const char *text, gboolean is_low)
{
    const char *start = text;

    for (const char *p = text;;) {
        gsize skip = *p == ';' ? 1 : numbering(text, p);
        gboolean arabic = g_str_has_prefix(p, "\xd8\x9b");
        if (*p != '\0' && skip == 0 && !arabic) {
            p++;
            continue;
        }
        if (p > start)
            take_one(draft, start, (gsize)(p - start), is_low);
        if (*p == '\0')
            return;
        p += arabic ? 2 : skip;
        start = p;
    }
}
