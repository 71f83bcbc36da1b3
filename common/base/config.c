// SPDX-License-Identifier: Apache-2.0
#include <darvaza/config.h>
#include <darvaza/error.h>
#include <darvaza/file.h>

#include <pwd.h>
#include <stdio.h>
#include <string.h>

#define MAX_FILE (256u * 1024u)

struct DvConfig {
    const DvConfigKey *keys;
    char **values; /* one per row of keys; NULL: not given */
    gsize count;
};

/* Where the parser stands; only for messages. */
typedef struct {
    const char *path;
    guint line;
} Place;

static gboolean G_GNUC_PRINTF(3, 4)
    complain(GError **error, const Place *place, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    g_autofree char *what = g_strdup_vprintf(format, args);
    va_end(args);
    if (place->line > 0)
        g_set_error(error, DV_ERROR, DV_ERROR_CONFIG, "%s line %u: %s", place->path, place->line,
                    what);
    else
        g_set_error(error, DV_ERROR, DV_ERROR_CONFIG, "%s: %s", place->path, what);
    return FALSE;
}

static gssize
find_key(const DvConfig *config, const char *group, const char *key)
{
    for (gsize i = 0; i < config->count; i++) {
        if (g_str_equal(config->keys[i].group, group) && g_str_equal(config->keys[i].key, key))
            return (gssize)i;
    }
    return -1;
}

static gboolean
parse_bool(const char *value, gboolean *result)
{
    *result = g_str_equal(value, "true");
    return *result || g_str_equal(value, "false");
}

/* Packages make users by name and the system gives them numbers: a file that is shipped can only
 * name them. *number: -1 for nobody. */
static gboolean
parse_user(const char *value, int *number)
{
    char buffer[4096];
    struct passwd entry, *found = NULL;
    gint64 parsed = -1;

    *number = -1;
    if (*value == '\0')
        return TRUE;
    if (g_ascii_string_to_signed(value, 10, -1, G_MAXINT32, &parsed, NULL)) {
        *number = (int)parsed;
        return TRUE;
    }
    if (getpwnam_r(value, &entry, buffer, sizeof buffer, &found) != 0 || found == NULL ||
        entry.pw_uid > G_MAXINT32)
        return FALSE;
    *number = (int)entry.pw_uid;
    return TRUE;
}

static gboolean
check_value(const DvConfigKey *row, const char *value, const Place *place, GError **error)
{
    gint64 number = 0;
    gboolean flag = FALSE;
    int user = -1;

    switch (row->type) {
    case DV_CONFIG_INT:
        if (!g_ascii_string_to_signed(value, 10, row->min, row->max, &number, NULL))
            return complain(error, place,
                            "%s in [%s] must be a whole number from %" G_GINT64_FORMAT
                            " to %" G_GINT64_FORMAT,
                            row->key, row->group, row->min, row->max);
        return TRUE;
    case DV_CONFIG_BOOL:
        if (!parse_bool(value, &flag))
            return complain(error, place, "%s in [%s] must be true or false", row->key, row->group);
        return TRUE;
    case DV_CONFIG_USER:
        if (!parse_user(value, &user))
            return complain(error, place, "%s in [%s]: this system has no user %s", row->key,
                            row->group, value);
        return TRUE;
    case DV_CONFIG_STRING:
    case DV_CONFIG_PATH:
        break;
    }
    if (*value == '\0' && row->fallback == NULL)
        return complain(error, place, "%s in [%s] must not be empty", row->key, row->group);
    return TRUE;
}

static char *
keep_value(const DvConfigKey *row, const char *value, const char *path)
{
    int user = -1;
    if (row->type == DV_CONFIG_USER)
        return parse_user(value, &user) ? g_strdup_printf("%d", user) : g_strdup("-1");
    if (row->type != DV_CONFIG_PATH || *value == '\0' || g_path_is_absolute(value))
        return g_strdup(value);
    g_autofree char *folder = g_path_get_dirname(path);
    return g_build_filename(folder, value, NULL);
}

static gboolean
group_is_known(const DvConfig *config, const char *group)
{
    for (gsize i = 0; i < config->count; i++) {
        if (g_str_equal(config->keys[i].group, group))
            return TRUE;
    }
    return FALSE;
}

/* One line, already stripped; *group points at the group in force. */
static gboolean
take_line(DvConfig *config, char *line, char **group, const Place *place, GError **error)
{
    if (*line == '\0' || *line == '#' || *line == ';')
        return TRUE;
    if (*line == '[') {
        gsize length = strlen(line);
        if (line[length - 1] != ']')
            return complain(error, place, "a group must be written [group]");
        line[length - 1] = '\0';
        if (!group_is_known(config, line + 1))
            return complain(error, place, "there is no group [%s]", line + 1);
        *group = line + 1;
        return TRUE;
    }

    char *equals = strchr(line, '=');
    if (equals == NULL)
        return complain(error, place, "expected key = value or [group]");
    *equals = '\0';
    const char *key = g_strchomp(line);
    const char *value = g_strchug(equals + 1);
    if (*group == NULL)
        return complain(error, place, "the key %s stands before any [group]", key);
    gssize found = find_key(config, *group, key);
    if (found < 0)
        return complain(error, place, "[%s] has no key %s (see --help-config)", *group, key);
    if (config->values[found] != NULL)
        return complain(error, place, "%s in [%s] is given twice", key, *group);
    if (!check_value(&config->keys[found], value, place, error))
        return FALSE;
    config->values[found] = keep_value(&config->keys[found], value, place->path);
    return TRUE;
}

static gboolean
take_file(DvConfig *config, const char *path, char *text, GError **error)
{
    Place place = {.path = path};
    char *group = NULL;

    for (char *next = text; next != NULL;) {
        char *line = next;
        next = strchr(line, '\n');
        if (next != NULL)
            *next++ = '\0';
        place.line++;
        if (!take_line(config, g_strstrip(line), &group, &place, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean
fill_fallbacks(DvConfig *config, const char *path, GError **error)
{
    Place place = {.path = path};

    for (gsize i = 0; i < config->count; i++) {
        const DvConfigKey *row = &config->keys[i];
        if (config->values[i] != NULL)
            continue;
        if (row->fallback == NULL)
            return complain(error, &place, "%s in [%s] is required (%s)", row->key, row->group,
                            row->help != NULL ? row->help : "no default");
        config->values[i] = keep_value(row, row->fallback, path);
    }
    return TRUE;
}

DvConfig *
dv_config_load(const char *path, const DvConfigKey *keys, GError **error)
{
    g_autoptr(GError) trouble = NULL;
    g_autoptr(GBytes) bytes = dv_file_read(path, MAX_FILE, &trouble);
    if (bytes == NULL) {
        g_set_error(error, DV_ERROR, DV_ERROR_CONFIG, "configuration: %s", trouble->message);
        return NULL;
    }

    gsize length = 0;
    const char *data = g_bytes_get_data(bytes, &length);
    if (!g_utf8_validate_len(data, length, NULL)) {
        g_set_error(error, DV_ERROR, DV_ERROR_CONFIG, "%s is not UTF-8 text", path);
        return NULL;
    }

    g_autoptr(DvConfig) config = g_new0(DvConfig, 1);
    config->keys = keys;
    while (keys[config->count].group != NULL)
        config->count++;
    config->values = g_new0(char *, config->count + 1);
    g_autofree char *text = g_strndup(data, length);
    if (!take_file(config, path, text, error) || !fill_fallbacks(config, path, error))
        return NULL;
    return g_steal_pointer(&config);
}

void
dv_config_free(DvConfig *config)
{
    if (config == NULL)
        return;
    for (gsize i = 0; i < config->count; i++)
        g_free(config->values[i]);
    g_free(config->values);
    g_free(config);
}

static const char *
value_of(const DvConfig *config, const char *group, const char *key)
{
    gssize found = find_key(config, group, key);

    if (found < 0)
        g_error("the program asks for [%s] %s, which is not in its table", group, key);
    return config->values[found];
}

const char *
dv_config_string(const DvConfig *config, const char *group, const char *key)
{
    return value_of(config, group, key);
}

gint64
dv_config_int(const DvConfig *config, const char *group, const char *key)
{
    return g_ascii_strtoll(value_of(config, group, key), NULL, 10);
}

int
dv_config_user(const DvConfig *config, const char *group, const char *key)
{
    return (int)dv_config_int(config, group, key);
}

gboolean
dv_config_bool(const DvConfig *config, const char *group, const char *key)
{
    return g_str_equal(value_of(config, group, key), "true");
}

void
dv_config_print_help(const DvConfigKey *keys)
{
    const char *group = "";

    for (const DvConfigKey *row = keys; row->group != NULL; row++) {
        if (!g_str_equal(group, row->group))
            printf("%s[%s]\n", *group != '\0' ? "\n" : "", row->group);
        group = row->group;
        if (row->help != NULL)
            printf("# %s\n", row->help);
        if (row->type == DV_CONFIG_INT)
            printf("# from %" G_GINT64_FORMAT " to %" G_GINT64_FORMAT "\n", row->min, row->max);
        if (row->fallback == NULL)
            printf("# required:\n%s =\n", row->key);
        else
            printf("#%s = %s\n", row->key, row->fallback);
    }
}
