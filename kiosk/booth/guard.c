// SPDX-License-Identifier: Apache-2.0
#include "guard.h"

#include <string.h>

/* Whether authority ("127.0.0.1:8080") names this server. */
static gboolean
is_own_authority(const char *authority, const DvGuardRequest *request)
{
    static const char *const names[] = {"127.0.0.1", "localhost", "[::1]"};
    for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *own = g_strdup_printf("%s:%u", names[i], request->port);
        if (g_ascii_strcasecmp(authority, own) == 0)
            return TRUE;
        if (request->port == 80 && g_ascii_strcasecmp(authority, names[i]) == 0)
            return TRUE;
    }
    return request->extra_host && *request->extra_host &&
           g_ascii_strcasecmp(authority, request->extra_host) == 0;
}

gboolean
dv_guard_is_unsafe(const char *method)
{
    return strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0;
}

const char *
dv_guard_refusal(const DvGuardRequest *request)
{
    if (!request->host || !is_own_authority(request->host, request))
        return "the request's Host is not this booth";
    if (request->origin) {
        static const char scheme[] = "http://";
        if (!g_str_has_prefix(request->origin, scheme) ||
            !is_own_authority(request->origin + strlen(scheme), request))
            return "the request comes from a page of another origin";
    }
    if (request->fetch_site && strcmp(request->fetch_site, "same-origin") != 0 &&
        strcmp(request->fetch_site, "none") != 0)
        return "the request was sent by another site";
    return NULL;
}
