// SPDX-License-Identifier: Apache-2.0
/* The arrays of a row: further names, dates, nationalities and documents of one person. */
#include "keys.h"
#include "source.h"

#include <darvaza/error.h>

#include <string.h>

#define ITEMS_MAX 200

typedef json_t *(*TakeItem)(const json_t *item, GError **error);

static json_t *
refuse_item(GError **error, const char *text)
{
    watchlist_refuse(error, "%s", text);
    return NULL;
}

/* "" for an absent member; NULL: no string of at most max bytes. */
static const char *
member(const json_t *item, const char *key, gsize max)
{
    const json_t *value = json_object_get(item, key);

    if (value == NULL || json_is_null(value))
        return "";
    return json_is_string(value) && json_string_length(value) <= max ? json_string_value(value)
                                                                     : NULL;
}

static void
set_if_given(json_t *object, const char *key, const char *value)
{
    if (*value != '\0')
        json_object_set_new(object, key, json_string(value));
}

static json_t *
take_alias(const json_t *item, GError **error)
{
    static const char *const members[] = {"surname", "given_names", "name", "quality", NULL};

    if (!dv_json_only(item, members, "aliases", error))
        return NULL;
    const char *surname = member(item, "surname", 512), *given = member(item, "given_names", 512);
    const char *name = member(item, "name", 1024), *quality = member(item, "quality", 8);
    if (surname == NULL || given == NULL || name == NULL || quality == NULL)
        return refuse_item(error, "aliases: a member is no string or too long");
    if ((*name != '\0') == (*surname != '\0' || *given != '\0'))
        return refuse_item(error, "aliases: either name, or surname and given_names, must stand");
    if (*quality != '\0' && !g_str_equal(quality, "good") && !g_str_equal(quality, "low"))
        return refuse_item(error, "aliases: quality must be good or low");
    json_t *alias = json_object();
    set_if_given(alias, "surname", surname);
    set_if_given(alias, "given_names", given);
    set_if_given(alias, "name", name);
    set_if_given(alias, "quality", *quality != '\0' ? quality : "good");
    return alias;
}

static json_t *
take_date(const json_t *item, GError **error)
{
    const char *text = json_string_value(item);

    if (text == NULL || !watchlist_date_is_partial(text))
        return refuse_item(error, "other_birth_dates: no date of the form YYYY-MM-DD with XX for "
                                  "unknown");
    return json_string(text);
}

static json_t *
take_nationality(const json_t *item, GError **error)
{
    const char *text = json_string_value(item);

    if (text == NULL || *text == '\0' || !watchlist_is_state(text))
        return refuse_item(error, "other_nationalities: no code of up to three capital letters");
    return json_string(text);
}

static json_t *
take_document(const json_t *item, GError **error)
{
    static const char *const members[] = {"document_number", "issuing_state", "document_type",
                                          NULL};
    char key[NUMBER_TEXT_MAX + 1];

    if (!dv_json_only(item, members, "other_documents", error))
        return NULL;
    const char *number = member(item, "document_number", NUMBER_TEXT_MAX);
    const char *issuer = member(item, "issuing_state", 3), *type = member(item, "document_type", 2);
    if (number == NULL || !watchlist_document_normalise(number, key))
        return refuse_item(error, "other_documents: document_number is missing or none");
    if (issuer == NULL || !watchlist_is_state(issuer))
        return refuse_item(error, "other_documents: issuing_state is no code of up to three "
                                  "capital letters");
    if (type == NULL || strspn(type, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != strlen(type))
        return refuse_item(error, "other_documents: document_type is no Doc 9303 document code");
    json_t *document = json_object();
    set_if_given(document, "document_number", key);
    set_if_given(document, "issuing_state", issuer);
    set_if_given(document, "document_type", type);
    return document;
}

static const struct {
    const char *name;
    TakeItem take;
} arrays[] = {
    {"aliases", take_alias},
    {"other_birth_dates", take_date},
    {"other_nationalities", take_nationality},
    {"other_documents", take_document},
};
const char *const watchlist_extra_members[] = {"aliases", "other_birth_dates",
                                               "other_nationalities", "other_documents", NULL};

/* The judged copy of one array; an absent or empty one is NULL without error. */
static json_t *
take_array(const json_t *value, const char *name, TakeItem take, GError **error)
{
    g_autoptr(json_t) taken = json_array();

    if (!json_is_array(value)) {
        watchlist_refuse(error, "%s is no array", name);
        return NULL;
    }
    if (json_array_size(value) > ITEMS_MAX) {
        watchlist_refuse(error, "%s has more than %d items", name, ITEMS_MAX);
        return NULL;
    }
    for (gsize i = 0; i < json_array_size(value); i++) {
        json_t *item = take(json_array_get(value, i), error);
        if (item == NULL)
            return NULL;
        json_array_append_new(taken, item);
    }
    return g_steal_pointer(&taken);
}

char *
watchlist_extra_from(const json_t *object, GError **error)
{
    g_autoptr(json_t) extra = json_object();
    gsize length;

    for (gsize i = 0; i < G_N_ELEMENTS(arrays); i++) {
        const json_t *value = json_object_get(object, arrays[i].name);
        if (value == NULL || json_is_null(value))
            continue;
        json_t *taken = take_array(value, arrays[i].name, arrays[i].take, error);
        if (taken == NULL)
            return NULL;
        if (json_array_size(taken) > 0)
            json_object_set_new(extra, arrays[i].name, taken);
        else
            json_decref(taken);
    }
    return json_object_size(extra) > 0 ? dv_json_canonical(extra, &length, error) : g_strdup("");
}

char *
watchlist_extra_check(const char *text, GError **error)
{
    g_autoptr(json_t) object = dv_json_parse(text, strlen(text), DV_WATCHLIST_LINE_MAX, error);

    if (object == NULL || !dv_json_only(object, watchlist_extra_members, "extra", error))
        return NULL;
    return watchlist_extra_from(object, error);
}
