// SPDX-License-Identifier: Apache-2.0
#include "anchor.h"

#include <darvaza/error.h>
#include <darvaza/file.h>

#include <string.h>

#define ANCHOR_MAX 4096
#define WHAT "the outbox's anchor"

static gboolean
take_members(const json_t *object, const char *kiosk, DvOutboxHead *anchor, GError **error)
{
    static const char *const members[] = {"epoch", "kiosk", "link", "seq", NULL};
    const char *owner, *link;

    if (!dv_json_only(object, members, WHAT, error) ||
        (owner = dv_json_string(object, "kiosk", DV_CROSSING_KIOSK_MAX, WHAT, error)) == NULL ||
        (link = dv_json_string(object, "link", DV_SHA256_SIZE * 2, WHAT, error)) == NULL ||
        !dv_json_int(object, "epoch", 1, G_MAXINT64 / 1024, &anchor->epoch, WHAT, error) ||
        !dv_json_int(object, "seq", 0, G_MAXINT64 / 1024, &anchor->seq, WHAT, error))
        return FALSE;
    if (!dv_hex_parse(link, anchor->link, DV_SHA256_SIZE)) {
        g_set_error_literal(error, DV_ERROR, DV_ERROR_INVALID, WHAT " has a damaged link");
        return FALSE;
    }
    if (!g_str_equal(owner, kiosk)) {
        g_set_error(error, DV_ERROR, DV_ERROR_DENIED, WHAT " belongs to kiosk %s", owner);
        return FALSE;
    }
    return TRUE;
}

gboolean
outbox_anchor_read(const char *path, const char *kiosk, gboolean *found, DvOutboxHead *anchor,
                   GError **error)
{
    *found = g_file_test(path, G_FILE_TEST_EXISTS);
    if (!*found)
        return TRUE;
    g_autoptr(GBytes) bytes = dv_file_read(path, ANCHOR_MAX, error);
    if (bytes == NULL)
        return FALSE;
    gsize length = 0;
    const void *data = g_bytes_get_data(bytes, &length);
    g_autoptr(json_t) object = dv_json_parse(data, length, ANCHOR_MAX, error);
    if (object == NULL || !take_members(object, kiosk, anchor, error)) {
        g_prefix_error(error, "%s: ", path);
        return FALSE;
    }
    return TRUE;
}

gboolean
outbox_anchor_write(const char *path, const char *kiosk, const DvOutboxHead *head, GError **error)
{
    g_autofree char *link = dv_hex(head->link, DV_SHA256_SIZE);
    g_autoptr(json_t) object =
        json_pack("{s:I, s:s, s:s, s:I}", "epoch", (json_int_t)head->epoch, "kiosk", kiosk, "link",
                  link, "seq", (json_int_t)head->seq);
    gsize length = 0;
    g_autofree char *text = dv_json_canonical(object, &length, error);

    return text != NULL && dv_file_write(path, text, length, 0600, error);
}
