// SPDX-License-Identifier: Apache-2.0
#pragma once
/* One person's browser before the console: a cookie, a CSRF token, the last answer. */
#include <darvaza/console.h>
#include <darvaza/json.h>

extern DvConsole *console; /* the test program's */

typedef struct {
    char *cookie, *csrf;
    const char *extra; /* header lines more */
    /* of the last answer */
    guint status;
    char *head;
    json_t *body;
} Client;

/* The answer's status. */
guint ask(Client *client, const char *method, const char *path, const char *body);
/* Fails the test unless the answer has that status. */
void expect(Client *client, const char *method, const char *path, const char *body, guint status);
/* A member of the last answer; "" when it is no text. */
const char *text(const Client *client, const char *member);
void sign_in(Client *client, const char *user, const char *unit);
void client_clear(Client *client);
