// SPDX-License-Identifier: Apache-2.0
/* darvaza audit: is an opener's log still what was written? */
#include "commands.h"
#include <darvaza/file.h>
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
    g_autoptr(GOptionContext) context = g_option_context_new("verify");
    g_autoptr(GError) error = NULL;
    g_option_context_add_main_entries(context, entries, NULL);
    g_option_context_set_summary(
        context,
        "Walks the hash chain of an opener's audit log; exit 1 when one byte of it is not\n"
        "as it was written, or when it no longer contains a head that was kept.");
    if (!g_option_context_parse(context, &argc, &argv, &error) || argc != 2 ||
        strcmp(argv[1], "verify") != 0 || !state || (head != NULL) != (cert != NULL)) {
        fprintf(stderr, "darvaza audit: %s\n",
                error ? error->message
                      : "verify and --state are needed, --head only with --opener-cert");
        return DV_EXIT_USAGE;
    }
    return verify(state, head, cert);
}
