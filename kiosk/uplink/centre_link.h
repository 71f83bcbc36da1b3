// SPDX-License-Identifier: Apache-2.0
#pragma once
/* The centre as the uplink sees it (docs/formats/http-api.md). Each call is one request. An HTTP
 * refusal is an error that carries the centre's own words. */
#include <darvaza/config.h>
#include <gio/gio.h>

typedef struct CentreLink CentreLink;

CentreLink *centre_link_new(const DvConfig *config, GError **error);
void centre_link_free(CentreLink *link);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(CentreLink, centre_link_free)

/* One sealed record; the receipt's bytes, unjudged. DV_ERROR_CONFLICT or _INVALID or _DENIED: the
 * centre will not take this record as it is. */
GBytes *centre_link_put_record(CentreLink *link, const void *record, gsize length, GError **error);
GBytes *centre_link_heartbeat(CentreLink *link, GBytes *heartbeat, GError **error);

typedef struct {
    guint64 number;
    GBytes *answer;
} CentreAnswer;
/* Answers above after, ascending: elements CentreAnswer, freed with the array. */
GPtrArray *centre_link_answers(CentreLink *link, guint64 after, GError **error);

/* At most max bytes of a file of the lists' repository from offset on; none: it ends there. *why is
 * NULL, or "absent", "too_large" or "unavailable" with the centre's words in *detail (the caller's)
 * when the centre answered without them. FALSE: the centre was not reached. */
gboolean centre_link_list_piece(CentreLink *link, const char *name, guint64 offset, guint64 max,
                                GBytes **bytes, const char **why, char **detail, GError **error);

/* The accounts bundle when it differs from the version held (hex SHA-256, "" for none); *bundle is
 * NULL when nothing changed or this instance has no opener to sign one. */
gboolean centre_link_accounts(CentreLink *link, const char *held, GBytes **bundle, GError **error);
