// SPDX-License-Identifier: Apache-2.0
#pragma once
/*
 * One INI file per daemon, checked against a table. An unknown group or key, a missing required
 * key, a value that does not parse: DV_ERROR_CONFIG naming file, line, key and what would be right.
 */
#include <glib.h>

typedef enum {
    DV_CONFIG_STRING,
    DV_CONFIG_PATH,
    DV_CONFIG_INT,
    DV_CONFIG_BOOL,
    DV_CONFIG_USER, /* a user's name or number; empty or -1: nobody */
} DvConfigType;

typedef struct {
    const char *group;
    const char *key;
    DvConfigType type;
    const char *fallback; /* NULL: required */
    gint64 min, max;      /* for INT */
    const char *help;     /* one line, shown by --help-config */
} DvConfigKey;

typedef struct DvConfig DvConfig;

/* keys ends with a row whose group is NULL. Relative PATHs are taken from the file's folder. */
DvConfig *dv_config_load(const char *path, const DvConfigKey *keys, GError **error);
void dv_config_free(DvConfig *config);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DvConfig, dv_config_free)

/* Keys must be in the table (programmer error otherwise). Strings belong to the config; an empty
 * fallback gives "". */
const char *dv_config_string(const DvConfig *config, const char *group, const char *key);
gint64 dv_config_int(const DvConfig *config, const char *group, const char *key);
/* The number of a USER, which must have existed when the file was loaded; -1: nobody. */
int dv_config_user(const DvConfig *config, const char *group, const char *key);
gboolean dv_config_bool(const DvConfig *config, const char *group, const char *key);
/* Prints the table as a commented INI file. */
void dv_config_print_help(const DvConfigKey *keys);
