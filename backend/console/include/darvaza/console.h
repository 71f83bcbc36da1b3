// SPDX-License-Identifier: Apache-2.0
#pragma once
/*
 * The supervisors' and the protection unit's console: HTTP API (docs/formats/console-api.md) and
 * pages. It relays between a browser, the store and the openers, and holds neither keys nor
 * accounts: every look and every decision is judged by an opener, under the person's own session.
 * Runs on the default main context; calls to openers are asynchronous, so a slow opener keeps only
 * its own requests waiting.
 */
#include <darvaza/store.h>
#include <glib.h>

typedef struct DvConsole DvConsole;

typedef struct {
    const char *address;            /* where the console listens */
    guint16 port;                   /* 0: any free one, see dv_console_port */
    const char *tls_cert, *tls_key; /* PEM paths; NULL only on loopback behind a TLS proxy */
    const char *web_root;           /* folder of the pages */
    const char *opener_socket;
    const char *protection_socket; /* the protection unit's opener; "" or NULL: none here */
    const char *lists_repository;  /* folder of list releases and drafts; "" or NULL: none here */
    DvStore *store;                /* borrowed; must outlive the console */
} DvConsoleOptions;

/* Strings are copied. The openers need not be there yet. */
DvConsole *dv_console_new(const DvConsoleOptions *options, GError **error);
void dv_console_free(DvConsole *console);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DvConsole, dv_console_free)
guint16 dv_console_port(const DvConsole *console);
