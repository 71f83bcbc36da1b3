// SPDX-License-Identifier: Apache-2.0
#include "usb.h"
#include <darvaza/error.h>
#include <string.h>

typedef struct {
    char *place; /* NULL when it is about an identity */
    guint16 vid, pid;
    GHashTable *options;    /* key -> value */
    const DvDriver *driver; /* of family= */
    DvUsbId identity;       /* for that */
    gboolean camera;        /* standing here is enough: it is found by its interfaces */
} Setting;

struct DvUsbSettings {
    GPtrArray *rows; /* of Setting */
};

static void
setting_free(gpointer data)
{
    Setting *setting = data;
    g_hash_table_unref(setting->options);
    g_free(setting->place);
    g_free(setting);
}

static GHashTable *
new_options(void)
{
    return g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
}

static gboolean
parse_identity(const char *text, guint16 *vid, guint16 *pid)
{
    guint64 v = 0, p = 0;
    if (strlen(text) != 9 || text[4] != ':')
        return FALSE;
    g_autofree char *first = g_strndup(text, 4);
    if (!g_ascii_string_to_unsigned(first, 16, 1, G_MAXUINT16, &v, NULL) ||
        !g_ascii_string_to_unsigned(text + 5, 16, 0, G_MAXUINT16, &p, NULL))
        return FALSE;
    *vid = (guint16)v;
    *pid = (guint16)p;
    return TRUE;
}

/* "1-2.4": as dv_usb_port_path() writes it. */
static gboolean
is_place(const char *text)
{
    gboolean digit = FALSE, dash = FALSE;
    for (const char *c = text; *c != '\0'; c++) {
        if (g_ascii_isdigit(*c)) {
            digit = TRUE;
            continue;
        }
        if (!digit || *c != (dash ? '.' : '-'))
            return FALSE;
        dash = TRUE;
        digit = FALSE;
    }
    return dash && digit;
}

static const DvDriver *
driver_of(const DvDriver *const *drivers, const char *family)
{
    for (guint i = 0; drivers[i] != NULL; i++)
        if (strcmp(drivers[i]->family, family) == 0)
            return drivers[i];
    return NULL;
}

static gboolean
any_driver_takes(const DvDriver *const *drivers, const char *key, const char *value)
{
    for (guint i = 0; drivers[i] != NULL; i++)
        if (drivers[i]->check != NULL && drivers[i]->check(key, value, NULL))
            return TRUE;
    return FALSE;
}

static gboolean
check_option(const DvDriver *const *drivers, const DvDriver *driver, const char *key,
             const char *value, GError **error)
{
    if (driver == NULL ? any_driver_takes(drivers, key, value)
                       : driver->check != NULL && driver->check(key, value, error))
        return TRUE;
    if (error != NULL && *error == NULL)
        g_set_error(error, DV_ERROR, DV_ERROR_CONFIG, "%s=%s: %s knows %s option or value", key,
                    value, driver == NULL ? "no driver" : driver->family,
                    driver == NULL ? "such an" : "no such");
    return FALSE;
}

/* family= decides who judges the other options, so it is looked at first. */
static gboolean
find_driver(Setting *setting, const DvDriver *const *drivers, GError **error)
{
    const char *family = g_hash_table_lookup(setting->options, "family");
    if (family != NULL) {
        setting->driver = driver_of(drivers, family);
        if (setting->driver != NULL && setting->place == NULL) {
            setting->identity = (DvUsbId){.vid = setting->vid,
                                          .pid = setting->pid,
                                          .name = setting->driver->kind == DV_DEVICE_CAMERA
                                                      ? "Camera named in the configuration"
                                                      : "Reader named in the configuration",
                                          .source = "configuration"};
            return TRUE;
        }
        g_set_error(error, DV_ERROR, DV_ERROR_CONFIG, "family=%s: %s", family,
                    setting->driver == NULL ? "there is no such family"
                                            : "stands with an identity, not with a place");
        return FALSE;
    }
    return TRUE;
}

static gboolean
parse_words(Setting *setting, char **words, GError **error)
{
    for (guint i = 0; words[i] != NULL; i++) {
        char *equals = strchr(words[i], '=');
        if (*words[i] == '\0')
            continue;
        if (equals == NULL || equals == words[i] || equals[1] == '\0') {
            g_set_error(error, DV_ERROR, DV_ERROR_CONFIG, "%s is not of the form KEY=VALUE",
                        words[i]);
            return FALSE;
        }
        g_hash_table_replace(setting->options, g_strndup(words[i], (gsize)(equals - words[i])),
                             g_strdup(equals + 1));
    }
    return TRUE;
}

static gboolean
parse_setting(Setting *setting, const DvDriver *const *drivers, char **words, GError **error)
{
    const DvDriver *driver = NULL;
    if (!parse_identity(words[0], &setting->vid, &setting->pid)) {
        if (!is_place(words[0])) {
            g_set_error(error, DV_ERROR, DV_ERROR_CONFIG,
                        "%s is neither a place (1-2.4) nor an identity (0db5:0139)", words[0]);
            return FALSE;
        }
        setting->place = g_strdup(words[0]);
    }
    if (!parse_words(setting, words + 1, error) || !find_driver(setting, drivers, error))
        return FALSE;
    driver = setting->driver;
    if (setting->place == NULL && driver == NULL && !setting->camera &&
        dv_usb_match(drivers, setting->vid, setting->pid, TRUE, &driver) == NULL) {
        g_set_error(error, DV_ERROR, DV_ERROR_CONFIG,
                    "no driver knows %s; family= would give it to one", words[0]);
        return FALSE;
    }
    GHashTableIter iter;
    gpointer key, value;
    g_hash_table_iter_init(&iter, setting->options);
    while (g_hash_table_iter_next(&iter, &key, &value))
        if (strcmp(key, "family") != 0 && !check_option(drivers, driver, key, value, error))
            return FALSE;
    return TRUE;
}

static gboolean
add_rows(DvUsbSettings *settings, const DvDriver *const *drivers, const char *text, gboolean camera,
         GError **error)
{
    g_auto(GStrv) rows = g_strsplit(text, ";", 64);
    for (guint i = 0; rows[i] != NULL; i++) {
        if (*g_strstrip(rows[i]) == '\0')
            continue;
        g_auto(GStrv) words = g_strsplit_set(rows[i], " \t", 64);
        Setting *setting = g_new0(Setting, 1);
        setting->options = new_options();
        setting->camera = camera;
        g_ptr_array_add(settings->rows, setting);
        if (!parse_setting(setting, drivers, words, error)) {
            g_prefix_error(error, "device settings \"%s\": ", rows[i]);
            return FALSE;
        }
    }
    return TRUE;
}

DvUsbSettings *
dv_usb_settings_new(const DvDriver *const *drivers, const char *text, GError **error)
{
    g_autoptr(DvUsbSettings) settings = g_new0(DvUsbSettings, 1);
    settings->rows = g_ptr_array_new_with_free_func(setting_free);
    if (!add_rows(settings, drivers, text, FALSE, error))
        return NULL;
    return g_steal_pointer(&settings);
}

gboolean
dv_usb_settings_add_cameras(DvUsbSettings *settings, const DvDriver *const *drivers,
                            const char *text, GError **error)
{
    return add_rows(settings, drivers, text, TRUE, error);
}

gboolean
dv_usb_settings_lists_camera(const DvUsbSettings *settings, guint16 vid, guint16 pid,
                             const char *place)
{
    for (guint i = 0; i < settings->rows->len; i++) {
        const Setting *setting = g_ptr_array_index(settings->rows, i);
        if (!setting->camera)
            continue;
        if (setting->place != NULL ? strcmp(setting->place, place) == 0
                                   : setting->vid == vid && setting->pid == pid)
            return TRUE;
    }
    return FALSE;
}

void
dv_usb_settings_free(DvUsbSettings *settings)
{
    if (settings == NULL)
        return;
    g_ptr_array_unref(settings->rows);
    g_free(settings);
}

const DvUsbId *
dv_usb_settings_match(const DvUsbSettings *settings, guint16 vid, guint16 pid,
                      const DvDriver **driver)
{
    for (guint i = 0; i < settings->rows->len; i++) {
        const Setting *setting = g_ptr_array_index(settings->rows, i);
        if (setting->driver == NULL || setting->vid != vid || setting->pid != pid)
            continue;
        *driver = setting->driver;
        return &setting->identity;
    }
    return NULL;
}

static void
add_option(GHashTable *options, const DvDriver *driver, const char *key, const char *value)
{
    if (driver->check != NULL && driver->check(key, value, NULL))
        g_hash_table_replace(options, g_strdup(key), g_strdup(value));
}

static void
add_all(GHashTable *options, const DvDriver *driver, GHashTable *from)
{
    GHashTableIter iter;
    gpointer key, value;
    g_hash_table_iter_init(&iter, from);
    while (g_hash_table_iter_next(&iter, &key, &value))
        add_option(options, driver, key, value);
}

GHashTable *
dv_usb_settings_options(const DvUsbSettings *settings, const DvDriver *driver,
                        const DvUsbId *identity, const char *place)
{
    GHashTable *options = new_options();
    g_auto(GStrv) words = g_strsplit(identity->options != NULL ? identity->options : "", " ", -1);
    for (guint i = 0; words[i] != NULL; i++) {
        char *equals = strchr(words[i], '=');
        if (equals == NULL)
            continue;
        *equals = '\0';
        add_option(options, driver, words[i], equals + 1);
    }
    for (guint round = 0; round < 2; round++)
        for (guint i = 0; i < settings->rows->len; i++) {
            const Setting *setting = g_ptr_array_index(settings->rows, i);
            gboolean meant = round == 0 ? setting->place == NULL && setting->vid == identity->vid &&
                                              setting->pid == identity->pid
                                        : g_strcmp0(setting->place, place) == 0;
            if (meant)
                add_all(options, driver, setting->options);
        }
    return options;
}
