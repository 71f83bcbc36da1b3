// SPDX-License-Identifier: Apache-2.0
/* The request target: cut into segments, decoded, matched with a table of routes. */
#include "httpd_private.h"
#include <string.h>

int LLVMFuzzerTestOneInput(const guint8 *data, gsize size);

static void
no_handler(DvRequest *request, void *data)
{
    (void)request;
    (void)data;
}

static const DvRoute routes[] = {
    {"GET", "/", 0, 0, no_handler},
    {"PUT", "/v1/records", 0, 0, no_handler},
    {"GET", "/v1/kiosks/{kiosk}/records/{seq}", 0, 0, no_handler},
    {"POST", "/v1/kiosks/{kiosk}/records/{seq}", 0, 0, no_handler},
    {"GET", "/files/{file...}", 0, 0, no_handler},
    {NULL, NULL, 0, 0, NULL},
};

static void
clear_pair(gpointer data)
{
    HttpPair *pair = data;
    g_free(pair->name);
    g_free(pair->value);
}

/* What a handler may rely on. */
static void
check(const DvRequest *request, const DvRoute *route)
{
    g_assert(g_utf8_validate(request->path, -1, NULL));
    for (guint i = 0; i < request->params->len; i++) {
        const HttpPair *pair = &g_array_index(request->params, HttpPair, i);
        gboolean rest = strcmp(pair->name, "file") == 0;
        g_assert(strchr(pair->value, '\\') == NULL);
        g_assert(rest || (pair->value[0] != '\0' && strchr(pair->value, '/') == NULL));
        g_auto(GStrv) parts = g_strsplit(pair->value, "/", 0);
        for (char **part = parts; *part != NULL; part++)
            g_assert(strcmp(*part, "..") != 0 && strcmp(*part, ".") != 0);
    }
    g_assert(route == NULL || request->response == NULL);
    g_assert(route != NULL || request->status == 404 || request->status == 405);
}

int
LLVMFuzzerTestOneInput(const guint8 *data, gsize size)
{
    static const char *const methods[] = {"GET", "HEAD", "PUT", "POST", "DELETE"};
    DvHttpd httpd = {.routes = routes};
    DvRequest request = {.httpd = &httpd};
    if (size == 0 || size > 2 * HTTPD_PATH_MAX)
        return 0;
    g_autofree char *url = g_strndup((const char *)data + 1, size - 1); /* ends at the first NUL */
    request.method = (char *)methods[data[0] % G_N_ELEMENTS(methods)];
    request.segments = g_ptr_array_new_with_free_func(g_free);
    request.params = g_array_new(FALSE, FALSE, sizeof(HttpPair));
    request.headers = g_array_new(FALSE, FALSE, sizeof(HttpPair));
    g_array_set_clear_func(request.params, clear_pair);
    g_array_set_clear_func(request.headers, clear_pair);
    if (httpd_route_split(&request, url))
        check(&request, httpd_route_find(&request));
    if (request.response != NULL)
        MHD_destroy_response(request.response);
    g_free(request.path);
    g_ptr_array_unref(request.segments);
    g_array_unref(request.params);
    g_array_unref(request.headers);
    return 0;
}
