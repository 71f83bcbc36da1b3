// SPDX-License-Identifier: Apache-2.0
/* The consolidated list of the UN Security Council: XML, read as it streams by. */
#include "un_person.h"

#include <darvaza/error.h>

#include <string.h>

#define DEPTH_MAX 8          /* the list has five levels */
#define SILENCE_MAX 1048576u /* bytes without an element's end or start: no such list has them */
#define TEXT_MAX 16384u      /* of one element; the rest is cut */

typedef struct {
    WatchlistReader base;
    WatchlistInput *input;
    GMarkupParseContext *context;
    GQueue items; /* WatchlistItem, complete ones */
    UnPerson person;
    WatchlistItem *item; /* the INDIVIDUAL or ENTITY that is open */
    guint depth;
    gboolean in_individuals;
    const char *fault; /* what ended the parse, where it was not the XML itself; static */
    char *group_name;  /* the element below INDIVIDUAL that is open */
    UnField field;     /* where text goes */
    GString *text;
    gsize silence;
    gboolean ended;
} UnReader;

static void
free_item(gpointer data)
{
    watchlist_item_clear(data);
    g_free(data);
}

/* Ends the parse. */
static void
refuse(UnReader *reader, GError **error, const char *fault)
{
    reader->fault = fault;
    g_set_error_literal(error, DV_ERROR, DV_ERROR_INVALID, fault);
}

static void
open_individual(UnReader *reader)
{
    int line;

    reader->item = g_new0(WatchlistItem, 1);
    watchlist_item_init(reader->item);
    g_markup_parse_context_get_position(reader->context, &line, NULL);
    reader->item->line = (guint64)line;
    if (reader->in_individuals)
        un_person_begin(&reader->person, reader->item);
    else
        reader->item->passed_over = "an entity is no person";
}

static void
start_element(GMarkupParseContext *context, const char *element, const char **names,
              const char **values, gpointer data, GError **error)
{
    UnReader *reader = data;

    (void)context;
    (void)names;
    (void)values;
    reader->silence = 0;
    reader->field = UN_NONE;
    if (++reader->depth > DEPTH_MAX) {
        refuse(reader, error, "elements stand more than 8 deep");
    } else if (reader->depth == 1 && !g_str_equal(element, "CONSOLIDATED_LIST")) {
        refuse(reader, error, "the outermost element is not CONSOLIDATED_LIST");
    } else if (reader->depth == 2) {
        reader->in_individuals = g_str_equal(element, "INDIVIDUALS");
    } else if (reader->depth == 3) {
        open_individual(reader);
    } else if (reader->depth == 4 && reader->in_individuals) {
        g_free(reader->group_name);
        reader->group_name = g_strdup(element);
        reader->field = un_field_of(NULL, element);
    } else if (reader->depth == 5 && reader->in_individuals) {
        reader->field = un_field_of(reader->group_name, element);
    }
    g_string_truncate(reader->text, 0);
}

/* The text of the field that ends, every run of space as one space. */
static char *
take_text(UnReader *reader)
{
    g_auto(GStrv) words = g_strsplit_set(reader->text->str, " \t\r\n", -1);
    GString *text = g_string_sized_new(reader->text->len);

    for (guint i = 0; words[i] != NULL; i++)
        if (*words[i] != '\0')
            g_string_append_printf(text, "%s%s", text->len > 0 ? " " : "", words[i]);
    return g_string_free(text, FALSE);
}

static void
end_element(GMarkupParseContext *context, const char *element, gpointer data, GError **error)
{
    UnReader *reader = data;

    (void)context;
    (void)error;
    reader->silence = 0;
    if (reader->field != UN_NONE)
        un_person_take(&reader->person, reader->field, take_text(reader));
    reader->field = UN_NONE;
    if (reader->depth == 4 && reader->in_individuals) {
        un_person_end_group(&reader->person, un_group_of(element));
    } else if (reader->depth == 3) {
        if (reader->in_individuals)
            un_person_end(&reader->person);
        g_queue_push_tail(&reader->items, g_steal_pointer(&reader->item));
    }
    reader->depth--;
}

static void
take_characters(GMarkupParseContext *context, const char *text, gsize length, gpointer data,
                GError **error)
{
    UnReader *reader = data;

    (void)context;
    (void)error;
    if (reader->field == UN_NONE)
        return;
    gsize room = TEXT_MAX - reader->text->len;
    if (length > room) {
        watchlist_item_change(reader->item, "an element's text was cut to 16,384 bytes");
        for (length = room; length > 0 && (text[length] & 0xc0) == 0x80;)
            length--;
    }
    g_string_append_len(reader->text, text, (gssize)length);
}

/* Comments and processing instructions do not count; a document type could define entities. */
static void
pass_through(GMarkupParseContext *context, const char *text, gsize length, gpointer data,
             GError **error)
{
    UnReader *reader = data;

    (void)context;
    reader->silence = 0;
    if (length >= 9 && g_ascii_strncasecmp(text, "<!DOCTYPE", 9) == 0)
        refuse(reader, error, "a document type definition stands there");
}

/* GMarkup's own messages repeat what they found, and it sets several; ours name the line. */
static void
explain(UnReader *reader, GError **error)
{
    int line;

    g_markup_parse_context_get_position(reader->context, &line, NULL);
    g_set_error(error, DV_ERROR, DV_ERROR_INVALID, "line %d: %s", line,
                reader->fault != NULL ? reader->fault : "this is no well-formed XML");
}

static gboolean
feed(UnReader *reader, GError **error)
{
    WatchlistInput *input = reader->input;
    gboolean ok;

    if (input->left == 0 && !watchlist_input_fill(input, error))
        return FALSE;
    gsize length = MIN(input->left, WATCHLIST_PIECE);
    reader->ended = length == 0;
    reader->silence += length;
    if (reader->ended)
        ok = g_markup_parse_context_end_parse(reader->context, NULL);
    else
        ok = g_markup_parse_context_parse(reader->context, (const char *)input->data,
                                          (gssize)length, NULL);
    input->data += length;
    input->left -= length;
    if (ok && reader->silence > SILENCE_MAX) {
        ok = FALSE;
        reader->fault = "more than a million bytes stand without an element";
    }
    if (!ok)
        explain(reader, error);
    return ok;
}

static WatchlistLineResult
next_item(WatchlistReader *base, WatchlistItem *item, GError **error)
{
    UnReader *reader = (UnReader *)base;

    while (g_queue_is_empty(&reader->items)) {
        if (reader->ended)
            return WATCHLIST_END;
        if (!feed(reader, error))
            return WATCHLIST_TROUBLE;
    }
    g_autofree WatchlistItem *first = g_queue_pop_head(&reader->items);
    watchlist_item_clear(item);
    *item = *first;
    return WATCHLIST_LINE;
}

static void
free_reader(WatchlistReader *base)
{
    UnReader *reader = (UnReader *)base;

    g_markup_parse_context_free(reader->context);
    g_queue_clear_full(&reader->items, free_item);
    un_person_clear(&reader->person);
    if (reader->item != NULL)
        free_item(reader->item);
    g_free(reader->group_name);
    g_string_free(reader->text, TRUE);
    g_free(reader);
}

WatchlistReader *
watchlist_un_reader(WatchlistInput *input)
{
    static const GMarkupParser parser = {start_element, end_element, take_characters, pass_through,
                                         NULL};
    UnReader *reader = g_new0(UnReader, 1);

    reader->base.next = next_item;
    reader->base.free = free_reader;
    reader->input = input;
    reader->text = g_string_new(NULL);
    g_queue_init(&reader->items);
    reader->context =
        g_markup_parse_context_new(&parser, G_MARKUP_TREAT_CDATA_AS_TEXT, reader, NULL);
    return &reader->base;
}
