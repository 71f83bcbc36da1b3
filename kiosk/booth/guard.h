// SPDX-License-Identifier: Apache-2.0
#pragma once
/*
 * What stands before every request to the booth's page: the Host and Origin of this machine only
 * (a page elsewhere whose name resolves to 127.0.0.1 gets nothing), no cross-site request, and for
 * a change the session's CSRF token. Pure functions; the HTTP side is in api.c.
 */
#include <glib.h>

typedef struct {
    const char *method;
    const char *host; /* headers; NULL: absent */
    const char *origin;
    const char *fetch_site; /* Sec-Fetch-Site */
    guint16 port;           /* the one that we listen on */
    const char *extra_host; /* "name:port" under which the page is also known; "" none */
} DvGuardRequest;

/* NULL when the request may pass, else what is wrong, as a static sentence for a 403 answer. */
const char *dv_guard_refusal(const DvGuardRequest *request);
/* Methods that change something need a CSRF token. */
gboolean dv_guard_is_unsafe(const char *method);
