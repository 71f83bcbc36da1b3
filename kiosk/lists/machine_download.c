// SPDX-License-Identifier: Apache-2.0
/* Packages: resumed where they ended, never more bytes than were signed, whole before decoded. */
#include "machine_private.h"

#include <darvaza/error.h>
#include <darvaza/fault.h>

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static void
close_fd(int *fd)
{
    if (*fd >= 0)
        close(*fd);
}
#define AUTO_FD __attribute__((cleanup(close_fd))) int

/* The envelope first: what this kiosk cannot open need not be fetched. */
static DvTrustReason
open_envelope(ListsMachine *machine, ListsPiece *piece, GError **error)
{
    g_autoptr(GBytes) file = NULL;
    g_autofree char *name = g_strdup_printf("lists/keys/%s", piece->package->sha256);
    DvTrustReason reason = lists_source_read_all(machine->source, "keys", name,
                                                 DV_PACKAGE_ENVELOPES_MAX, &file, error);

    if (reason != DV_TRUST_OK)
        return reason;
    g_autoptr(DvPackageEnvelopes) envelopes = dv_package_envelopes_read(file, error);
    if (envelopes == NULL)
        return DV_TRUST_MALFORMED;
    return dv_package_envelopes_open(envelopes, piece->package->content_key_id,
                                     machine->options.key, machine->options.cert,
                                     piece->content_key, error);
}

static gboolean
append(int fd, const char *path, GBytes *bytes, gint64 offset, GError **error)
{
    gsize length = 0;
    const guint8 *data = g_bytes_get_data(bytes, &length);

    for (gsize done = 0; done < length;) {
        gssize n = pwrite(fd, data + done, length - done, (off_t)(offset + (gint64)done));
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            dv_error_set_errno(error, errno, "cannot write %s", path);
            return FALSE;
        }
        done += (gsize)n;
    }
    return TRUE;
}

static DvTrustReason
fetch_rest(ListsMachine *machine, const ListsPiece *piece, int fd, gint64 offset, GError **error)
{
    g_autofree char *name = g_strdup_printf("lists/package/%s", piece->package->sha256);

    while (offset < piece->package->size) {
        g_autoptr(GBytes) chunk = NULL;
        gsize want = (gsize)MIN(piece->package->size - offset, (gint64)LISTS_CHUNK);
        DvTrustReason reason =
            machine->source->read(machine->source, "package", name, offset, want, &chunk, error);
        if (reason != DV_TRUST_OK)
            return reason;
        if (g_bytes_get_size(chunk) == 0) {
            g_set_error(error, DV_ERROR, DV_ERROR_INVALID,
                        "%s ends before its signed size of %" G_GINT64_FORMAT " bytes", name,
                        piece->package->size);
            return DV_TRUST_TRUNCATED;
        }
        if (!append(fd, piece->part, chunk, offset, error))
            return lists_reason_of(*error);
        offset += (gint64)g_bytes_get_size(chunk);
        DV_FAULT_POINT("lists.chunk");
    }
    return DV_TRUST_OK;
}

static DvTrustReason
fetch(ListsMachine *machine, ListsPiece *piece, GError **error)
{
    struct stat info;
    AUTO_FD fd = open(piece->part, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

    if (fd < 0 || fstat(fd, &info) != 0) {
        dv_error_set_errno(error, errno, "cannot write %s", piece->part);
        return lists_reason_of(*error);
    }
    if (info.st_size > piece->package->size) { /* whatever that is, it is not this package */
        info.st_size = 0;
        if (ftruncate(fd, 0) != 0) {
            dv_error_set_errno(error, errno, "cannot empty %s", piece->part);
            return DV_TRUST_IO;
        }
    }
    return fetch_rest(machine, piece, fd, (gint64)info.st_size, error);
}

ListsState
lists_do_download(ListsMachine *machine)
{
    GError *error = NULL;

    for (guint i = 0; i < machine->pieces->len; i++) {
        ListsPiece *piece = g_ptr_array_index(machine->pieces, i);
        DvTrustReason reason = open_envelope(machine, piece, &error);
        if (reason == DV_TRUST_OK)
            reason = fetch(machine, piece, &error);
        if (reason != DV_TRUST_OK) {
            g_prefix_error(&error, "list %s version %" G_GINT64_FORMAT ": ", piece->list->list_id,
                           piece->package->to);
            return lists_fail(machine, reason, error);
        }
    }
    machine->complete = TRUE;
    return LISTS_VERIFY;
}

/* What is wrong as a whole cannot be mended by fetching the rest: it goes, and is fetched anew. */
ListsState
lists_do_verify(ListsMachine *machine)
{
    GError *error = NULL;

    for (guint i = 0; i < machine->pieces->len; i++) {
        const ListsPiece *piece = g_ptr_array_index(machine->pieces, i);
        DvTrustReason reason = dv_package_check(piece->part, piece->package, &error);
        if (reason == DV_TRUST_OK)
            continue;
        if (reason != DV_TRUST_IO)
            unlink(piece->part);
        g_prefix_error(&error, "list %s version %" G_GINT64_FORMAT ": ", piece->list->list_id,
                       piece->package->to);
        return lists_fail(machine, reason, error);
    }
    machine->verified = TRUE;
    return LISTS_STAGE;
}
