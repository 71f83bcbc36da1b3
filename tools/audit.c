// SPDX-License-Identifier: Apache-2.0
/* darvaza audit: what an opener's log says, and whether it is still what was written. */
#include "commands.h"
#include <darvaza/clock.h>
#include <darvaza/file.h>
#include <darvaza/json.h>
#include <darvaza/opener_audit.h>
#include <glib.h>
#include <stdio.h>
#include <string.h>

#define HEAD_MAX 4096

static int
failed(const GError *error)
{
    fprintf(stderr, "darvaza audit: %s\n", error->message);
    return DV_EXIT_FAILED;
}

static gboolean
read_known(const char *head_path, const char *cert_path, DvAuditHead *known, GError **error)
{
    g_autoptr(DvCert) cert = dv_cert_load(cert_path, error);
    g_autoptr(GBytes) bytes = cert ? dv_file_read(head_path, HEAD_MAX, error) : NULL;
    if (!bytes)
        return FALSE;
    gsize length = 0;
    const void *data = g_bytes_get_data(bytes, &length);
    return dv_audit_head_read(data, length, cert, known, error);
}

static int
verify(const char *state, const char *head_path, const char *cert_path)
{
    g_autoptr(GError) error = NULL;
    DvAuditHead known = {0}, head;
    if (head_path && !read_known(head_path, cert_path, &known, &error))
        return failed(error);
    g_autofree char *path = g_build_filename(state, "opener.db", NULL);
    g_autoptr(sqlite3) db = dv_sqlite_open(path, DV_SQLITE_READ_ONLY, &error);
    if (!db || !dv_audit_verify(db, head_path ? &known : NULL, &head, &error))
        return failed(error);
    g_autofree char *hex = dv_hex(head.head, DV_SHA256_SIZE);
    printf("{\"entries\":%" G_GINT64_FORMAT ",\"head\":\"%s\",\"verified\":true}\n", head.count,
           hex);
    return DV_EXIT_OK;
}

/* Entries as JSON lines, oldest first. The log names accounts and crossings, no travellers. */
static int
list(const char *state)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *path = g_build_filename(state, "opener.db", NULL);
    g_autoptr(sqlite3) db = dv_sqlite_open(path, DV_SQLITE_READ_ONLY, &error);
    g_autoptr(sqlite3_stmt) stmt =
        db ? dv_sqlite_prepare(
                 db, "SELECT seq, time_us, actor, verb, object, outcome, reason FROM audit", &error)
           : NULL;
    gboolean row = TRUE;
    while (stmt && dv_sqlite_step(stmt, &row, &error) && row) {
        static const char *const members[] = {"actor", "verb", "object", "outcome", "reason"};
        g_autofree char *time = dv_time_format(sqlite3_column_int64(stmt, 1));
        g_autoptr(json_t) entry =
            json_pack("{s:I, s:s}", "seq", (json_int_t)sqlite3_column_int64(stmt, 0), "time", time);
        for (int i = 0; i < (int)G_N_ELEMENTS(members); i++)
            json_object_set_new(entry, members[i],
                                json_string((const char *)sqlite3_column_text(stmt, i + 2)));
        g_autofree char *text = json_dumps(entry, JSON_COMPACT);
        puts(text);
    }
    return error ? failed(error) : DV_EXIT_OK;
}

int
dv_command_audit(int argc, char **argv)
{
    g_autofree char *state = NULL, *head = NULL, *cert = NULL;
    const GOptionEntry entries[] = {
        {"state", 0, 0, G_OPTION_ARG_FILENAME, &state, "the opener's state folder", "DIR"},
        {"head", 0, 0, G_OPTION_ARG_FILENAME, &head, "a signed head that somebody kept", "FILE"},
        {"opener-cert", 0, 0, G_OPTION_ARG_FILENAME, &cert, "who signed it", "PEM"},
        G_OPTION_ENTRY_NULL,
    };
    g_autoptr(GOptionContext) context = g_option_context_new("verify|list");
    g_autoptr(GError) error = NULL;
    g_option_context_add_main_entries(context, entries, NULL);
    g_option_context_set_summary(
        context,
        "Walks the hash chain of an opener's audit log; exit 1 when one byte of it is not\n"
        "as it was written, or when it no longer contains a head that was kept.");
    gboolean parsed = g_option_context_parse(context, &argc, &argv, &error);
    if (parsed && argc == 2 && state && strcmp(argv[1], "list") == 0 && !head && !cert)
        return list(state);
    if (parsed && argc == 2 && state && strcmp(argv[1], "verify") == 0 && !head == !cert)
        return verify(state, head, cert);
    fprintf(stderr, "darvaza audit: %s\n",
            error ? error->message
                  : "verify or list, and --state, are needed; --head only with --opener-cert");
    return DV_EXIT_USAGE;
}
