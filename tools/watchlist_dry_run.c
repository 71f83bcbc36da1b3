// SPDX-License-Identifier: Apache-2.0
/* darvaza watchlist dry-run: what a draft would have raised among the crossings of late. They go to
 * the opener sealed as they are, and counts come back. */
#include "commands.h"
#include "opener_session.h"
#include "record.h"
#include "watchlist_tool.h"
#include <darvaza/bus.h>
#include <darvaza/error.h>
#include <darvaza/store.h>
#include <stdio.h>
#include <string.h>

#define CROSSINGS 1000
#define BYTES_MAX (32u << 20) /* of crossings in one question to the opener */
#define ANSWER_MS 90000

static const char help[] =
    "Usage: darvaza watchlist dry-run --opener SOCKET --user U --release N --reason TEXT\n"
    "                                 [--password-file F] [--json] (--store DB | RECORD...)\n"
    "\n"
    "Asks the opener what the draft of release N would have raised among crossings that were\n"
    "recorded: the newest 1,000 of the centre's store, or the sealed records in the files given\n"
    "(darvaza record export). The opener opens them, writes the look and the reason to its log, "
    "and\n"
    "answers with numbers of crossings only, 0 to 4 alike. You sign in; the password comes from "
    "the terminal or from the "
    "first\n"
    "line of F.\n"
    "--json     the answer as it came (docs/formats/opener-ipc.md, ListDryRun)\n"
    "\n"
    "Exit status: 0 done, 1 could not be done or too few crossings, 2 bad use.\n";

typedef struct {
    const char *opener, *user, *reason, *password_file, *release, *store;
    gint64 number;
    GPtrArray *files; /* borrowed names */
    gboolean json;
} Wanted;

static gboolean
take_option(Wanted *wanted, const char *name, const char *text)
{
    const struct {
        const char *name;
        const char **value;
    } names[] = {{"--opener", &wanted->opener},   {"--user", &wanted->user},
                 {"--reason", &wanted->reason},   {"--password-file", &wanted->password_file},
                 {"--release", &wanted->release}, {"--store", &wanted->store}};
    for (gsize i = 0; text && i < G_N_ELEMENTS(names); i++)
        if (strcmp(names[i].name, name) == 0) {
            *names[i].value = text;
            return TRUE;
        }
    return FALSE;
}

static gboolean
parse(int argc, char **argv, Wanted *wanted)
{
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--json") == 0)
            wanted->json = TRUE;
        else if (argv[i][0] != '-')
            g_ptr_array_add(wanted->files, argv[i]);
        else if (take_option(wanted, argv[i], argv[i + 1]))
            i++;
        else
            return FALSE;
    }
    return wanted->opener && wanted->user && wanted->reason && wanted->release &&
           g_ascii_string_to_signed(wanted->release, 10, 1, G_MAXINT32, &wanted->number, NULL) &&
           (wanted->store != NULL) == (wanted->files->len == 0);
}

/* ---- the crossings, sealed ---- */

static void
add_record(GVariantBuilder *records, GBytes *wire)
{
    g_variant_builder_add_value(records,
                                g_variant_new_from_bytes(G_VARIANT_TYPE_BYTESTRING, wire, TRUE));
}

static gboolean
add_files(GVariantBuilder *records, const GPtrArray *files, GError **error)
{
    gsize total = 0;
    for (guint i = 0; i < files->len; i++) {
        g_autoptr(GBytes) bytes = NULL;
        g_autoptr(DvCrossingWire) wire =
            dv_record_tool_read(g_ptr_array_index(files, i), &bytes, error);
        if (!wire)
            return FALSE;
        total += g_bytes_get_size(bytes);
        add_record(records, bytes);
    }
    if (total <= BYTES_MAX)
        return TRUE;
    g_set_error(error, DV_ERROR, DV_ERROR_INVALID,
                "these records are more than one dry run takes: %u MiB", BYTES_MAX >> 20);
    return FALSE;
}

static gboolean
add_newest(GVariantBuilder *records, DvStore *store, GError **error)
{
    gint64 newest = 0;
    gsize bytes = 0;
    if (!dv_store_last_number(store, &newest, error))
        return FALSE;
    for (gint64 after = MAX(newest - CROSSINGS, 0); after < newest && bytes < BYTES_MAX;) {
        g_autoptr(GPtrArray) page = dv_store_records_since(store, after, 256, error);
        if (!page || page->len == 0)
            return page != NULL;
        for (guint i = 0; i < page->len && bytes < BYTES_MAX; i++) {
            const DvStoredRecord *record = g_ptr_array_index(page, i);
            bytes += g_bytes_get_size(record->wire);
            after = record->number;
            add_record(records, record->wire);
        }
    }
    return TRUE;
}

static gboolean
add_records(const Wanted *wanted, GVariantBuilder *records, GError **error)
{
    if (!wanted->store)
        return add_files(records, wanted->files, error);
    /* Opening would make a store where there is none. */
    if (!g_file_test(wanted->store, G_FILE_TEST_IS_REGULAR)) {
        g_set_error(error, DV_ERROR, DV_ERROR_IO, "%s is not there", wanted->store);
        return FALSE;
    }
    g_autoptr(DvStore) store = dv_store_open(wanted->store, error);
    return store && add_newest(records, store, error);
}

/* ---- the answer ---- */

static json_t *
ask(const Wanted *wanted, GError **error)
{
    g_auto(DvOpenerSession) session = {0};
    g_autofree char *result = NULL;
    g_auto(GVariantBuilder) records = G_VARIANT_BUILDER_INIT(G_VARIANT_TYPE("aay"));
    if (!add_records(wanted, &records, error) ||
        !dv_opener_session_begin(&session, wanted->opener, wanted->user, wanted->password_file,
                                 "darvaza watchlist", error))
        return NULL;
    if (!dv_bus_opener1_call_list_dry_run_sync(
            session.opener, session.token, wanted->number, g_variant_builder_end(&records),
            wanted->reason, G_DBUS_CALL_FLAGS_NONE, ANSWER_MS, &result, NULL, error))
        return NULL;
    return dv_json_parse(result, strlen(result), 65536, error);
}

static void
print_count(const char *what, const json_t *result, const char *member)
{
    const json_t *count = json_object_get(result, member);
    json_int_t below = json_integer_value(json_object_get(count, "below"));
    if (below > 0)
        printf("  %-34s fewer than %" JSON_INTEGER_FORMAT "\n", what, below);
    else
        printf("  %-34s %" JSON_INTEGER_FORMAT "\n", what,
               json_integer_value(json_object_get(count, "n")));
}

static void
print_words(const Wanted *wanted, const json_t *result)
{
    if (!json_is_true(json_object_get(result, "enough"))) {
        printf("Too few crossings could be read: below %" JSON_INTEGER_FORMAT
               " a count could point at one traveller.\n",
               json_integer_value(json_object_get(result, "least")));
        return;
    }
    printf("Release %s against %" JSON_INTEGER_FORMAT " crossings, %s:\n", wanted->release,
           json_integer_value(json_object_get(result, "crossings")),
           json_is_true(json_object_get(result, "compared"))
               ? "compared with what is in force"
               : "compared with nothing, since no release is in force or its lists are not here");
    print_count("crossings with a hit not raised now", result, "crossings_hit");
    print_count("crossings with a hit gone", result, "crossings_gone");
    print_count("crossings left undetermined", result, "undetermined");
    print_count("records that could not be read", result, "unreadable");
    if (!json_is_true(json_object_get(result, "whole")))
        puts("Not all crossings were tried: a dry run ends after a minute.");
}

int
dv_watchlist_tool_dry_run(int argc, char **argv)
{
    g_autoptr(GPtrArray) files = g_ptr_array_new();
    g_autoptr(GError) error = NULL;
    Wanted wanted = {.files = files};

    if (dv_watchlist_tool_helped(argc, argv, help))
        return DV_EXIT_OK;
    if (!parse(argc, argv, &wanted))
        return dv_watchlist_tool_bad_use(
            help, "dry-run needs --opener, --user, --release, --reason and --store or records", "");
    g_autoptr(json_t) result = ask(&wanted, &error);
    if (!result) {
        dv_bus_restore_error(&error);
        return dv_watchlist_tool_failed(error);
    }
    if (wanted.json)
        dv_watchlist_tool_print(result);
    else
        print_words(&wanted, result);
    return json_is_true(json_object_get(result, "enough")) ? DV_EXIT_OK : DV_EXIT_FAILED;
}
