// SPDX-License-Identifier: Apache-2.0
/* darvaza record export: one sealed record out of the centre's store. */
#include "commands.h"
#include "record.h"
#include <darvaza/error.h>
#include <darvaza/file.h>
#include <darvaza/store.h>
#include <stdio.h>
#include <string.h>

typedef struct {
    const char *store, *kiosk, *epoch, *seq, *out;
} Options;

static gboolean
parse_options(int argc, char **argv, Options *options)
{
    const struct {
        const char *name;
        const char **value;
    } names[] = {{"--store", &options->store},
                 {"--kiosk", &options->kiosk},
                 {"--epoch", &options->epoch},
                 {"--seq", &options->seq},
                 {"--out", &options->out}};
    for (int i = 1; i + 1 < argc; i += 2) {
        const char **value = NULL;
        for (gsize n = 0; n < G_N_ELEMENTS(names); n++)
            if (strcmp(argv[i], names[n].name) == 0)
                value = names[n].value;
        if (!value)
            return FALSE;
        *value = argv[i + 1];
    }
    return argc % 2 == 1 && options->store && options->kiosk && options->epoch && options->seq &&
           options->out && strlen(options->kiosk) <= DV_CROSSING_KIOSK_MAX;
}

static gboolean
export_record(const Options *options, const DvRecordKey *key, GError **error)
{
    /* Opening would make a store where there is none. */
    if (!g_file_test(options->store, G_FILE_TEST_IS_REGULAR)) {
        g_set_error(error, DV_ERROR, DV_ERROR_IO, "%s is not there", options->store);
        return FALSE;
    }
    g_autoptr(DvStore) store = dv_store_open(options->store, error);
    g_autoptr(GError) why = NULL;
    g_autoptr(DvStoredRecord) record = store ? dv_store_record(store, key, &why) : NULL;
    if (why)
        g_propagate_error(error, g_steal_pointer(&why));
    else if (store && !record)
        g_set_error(error, DV_ERROR, DV_ERROR_INVALID,
                    "%s holds no record %s %" G_GINT64_FORMAT "/%" G_GINT64_FORMAT, options->store,
                    key->kiosk, key->epoch, key->seq);
    if (!record)
        return FALSE;
    return dv_file_write(options->out, g_bytes_get_data(record->wire, NULL),
                         g_bytes_get_size(record->wire), 0600, error);
}

int
dv_record_tool_export(int argc, char **argv)
{
    Options options = {0};
    DvRecordKey key = {0};
    if (!parse_options(argc, argv, &options) ||
        !g_ascii_string_to_signed(options.epoch, 10, 1, G_MAXINT64, &key.epoch, NULL) ||
        !g_ascii_string_to_signed(options.seq, 10, 1, G_MAXINT64, &key.seq, NULL))
        return dv_record_tool_bad_use();
    g_strlcpy(key.kiosk, options.kiosk, sizeof key.kiosk);
    g_autoptr(GError) error = NULL;
    if (export_record(&options, &key, &error))
        return DV_EXIT_OK;
    fprintf(stderr, "darvaza record export: %s\n", error->message);
    return DV_EXIT_FAILED;
}
