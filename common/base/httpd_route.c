// SPDX-License-Identifier: Apache-2.0
/* From a request's path to the row of the route table. */
#include "httpd_private.h"
#include <string.h>

char *
httpd_unescape(const char *text)
{
    GString *out = g_string_sized_new(strlen(text));
    for (const char *p = text; *p != '\0'; p++) {
        if (*p != '%') {
            g_string_append_c(out, *p);
            continue;
        }
        int high = g_ascii_xdigit_value(p[1]);
        int low = high < 0 ? -1 : g_ascii_xdigit_value(p[2]);
        if (low < 0 || (high == 0 && low == 0)) {
            g_string_free(out, TRUE);
            return NULL;
        }
        g_string_append_c(out, (char)(high * 16 + low));
        p += 2;
    }
    return g_string_free(out, FALSE);
}

/* A segment that could mean something else to a file system or a later parser names nothing. */
static gboolean
segment_is_plain(const char *segment)
{
    return strchr(segment, '/') == NULL && strchr(segment, '\\') == NULL &&
           strcmp(segment, ".") != 0 && strcmp(segment, "..") != 0 &&
           g_utf8_validate(segment, -1, NULL);
}

gboolean
httpd_route_split(DvRequest *request, const char *url)
{
    if (url[0] != '/' || strlen(url) > HTTPD_PATH_MAX)
        return FALSE;
    g_auto(GStrv) parts = g_strsplit(url + 1, "/", HTTPD_SEGMENTS_MAX + 1);
    if (g_strv_length(parts) > HTTPD_SEGMENTS_MAX)
        return FALSE;
    for (char **part = parts; *part != NULL; part++) {
        char *segment = httpd_unescape(*part);
        if (segment == NULL)
            return FALSE;
        g_ptr_array_add(request->segments, segment);
        if (!segment_is_plain(segment))
            return FALSE;
    }
    GString *path = g_string_new(NULL);
    for (guint i = 0; i < request->segments->len; i++)
        g_string_append_printf(path, "/%s", (char *)request->segments->pdata[i]);
    request->path = g_string_free(path, FALSE);
    return TRUE;
}

static void
add_param(GArray *params, const char *pattern, gsize name_length, char *value)
{
    HttpPair pair = {.name = g_strndup(pattern, name_length), .value = value};
    g_array_append_val(params, pair);
}

static char *
join_rest(const GPtrArray *segments, guint from)
{
    GString *rest = g_string_new(NULL);
    for (guint i = from; i < segments->len; i++) {
        if (i > from)
            g_string_append_c(rest, '/');
        g_string_append(rest, segments->pdata[i]);
    }
    return g_string_free(rest, FALSE);
}

static gboolean
match(const char *pattern, const GPtrArray *segments, GArray *params)
{
    g_array_set_size(params, 0); /* frees what an earlier row had put there */
    g_auto(GStrv) parts = g_strsplit(pattern + 1, "/", 0);
    guint i = 0;
    for (; parts[i] != NULL; i++) {
        const char *part = parts[i];
        gsize length = strlen(part);
        if (i >= segments->len)
            return FALSE;
        if (part[0] != '{') {
            if (strcmp(part, segments->pdata[i]) != 0)
                return FALSE;
        } else if (g_str_has_suffix(part, "...}")) {
            add_param(params, part + 1, length - 5, join_rest(segments, i));
            return TRUE;
        } else {
            if (*(const char *)segments->pdata[i] == '\0')
                return FALSE;
            add_param(params, part + 1, length - 2, g_strdup(segments->pdata[i]));
        }
    }
    return i == segments->len;
}

static gboolean
method_fits(const char *route_method, const char *method)
{
    return strcmp(route_method, method) == 0 ||
           (strcmp(route_method, "GET") == 0 && strcmp(method, "HEAD") == 0);
}

const DvRoute *
httpd_route_find(DvRequest *request)
{
    g_autoptr(GString) allowed = g_string_new(NULL);
    for (const DvRoute *route = request->httpd->routes; route->method != NULL; route++) {
        if (!match(route->path, request->segments, request->params))
            continue;
        if (method_fits(route->method, request->method))
            return route;
        g_string_append_printf(allowed, "%s%s", allowed->len > 0 ? ", " : "", route->method);
    }
    if (allowed->len == 0) {
        dv_request_error(request, 404, "not_found", "nothing stands at this address");
        return NULL;
    }
    dv_request_add_header(request, "Allow", allowed->str);
    dv_request_error(request, 405, "method_not_allowed", "this address takes %s only",
                     allowed->str);
    return NULL;
}
