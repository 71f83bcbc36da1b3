// SPDX-License-Identifier: Apache-2.0
#include "client.h"

#include "http_peer.h"
#include "opener_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

typedef struct {
    const char *request;
    GString *answer;
} Exchange;

static void
exchange(void *data)
{
    Exchange *e = data;
    e->answer = http_peer_exchange(dv_console_port(console), e->request);
}

static void
client_reset(Client *client)
{
    g_clear_pointer(&client->head, g_free);
    g_clear_pointer(&client->body, json_decref);
}

void
client_clear(Client *client)
{
    client_reset(client);
    g_clear_pointer(&client->cookie, g_free);
    g_clear_pointer(&client->csrf, g_free);
}

guint
ask(Client *client, const char *method, const char *path, const char *body)
{
    client_reset(client);
    g_autofree char *request = g_strdup_printf(
        "%s %s HTTP/1.1\r\nHost: 127.0.0.1:%u\r\nConnection: close\r\n%s%s%s%s%s%s%s"
        "Content-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s",
        method, path, dv_console_port(console), client->cookie ? "Cookie: darvaza-console=" : "",
        client->cookie ? client->cookie : "", client->cookie ? "\r\n" : "",
        client->csrf ? "X-CSRF-Token: " : "", client->csrf ? client->csrf : "",
        client->csrf ? "\r\n" : "", client->extra ? client->extra : "", body ? strlen(body) : 0,
        body ? body : "");
    Exchange e = {.request = request};
    http_peer_with_loop(exchange, &e);
    client->status = http_peer_status(e.answer);
    const char *end = strstr(e.answer->str, "\r\n\r\n");
    client->head = end ? g_strndup(e.answer->str, (gsize)(end - e.answer->str)) : g_strdup("");
    client->body = end ? json_loads(end + 4, 0, NULL) : NULL;
    g_string_free(e.answer, TRUE);
    return client->status;
}

void
expect(Client *client, const char *method, const char *path, const char *body, guint status)
{
    if (ask(client, method, path, body) == status)
        return;
    g_autofree char *text = json_dumps(client->body, 0);
    fail_msg("%s %s: %u instead of %u: %s", method, path, client->status, status, text);
}

const char *
text(const Client *client, const char *member)
{
    const char *value = json_string_value(json_object_get(client->body, member));
    return value ? value : "";
}

void
sign_in(Client *client, const char *user, const char *unit)
{
    g_autofree char *body = g_strdup_printf(
        "{\"user\":\"%s\",\"password\":\"" RIG_PASSWORD "\",\"unit\":\"%s\"}", user, unit);
    expect(client, "POST", "/api/sign-in", body, 200);
    const char *cookie = strstr(client->head, "darvaza-console=");
    assert_non_null(cookie);
    cookie += strlen("darvaza-console=");
    client->cookie = g_strndup(cookie, strcspn(cookie, ";\r"));
    client->csrf = g_strdup(text(client, "csrf"));
}
