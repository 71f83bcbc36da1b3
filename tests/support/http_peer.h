// SPDX-License-Identifier: Apache-2.0
#pragma once
/* The other end of an HTTP connection, byte by byte, so that a test can be as rude as it likes. */
#include <glib.h>

/* Connects to 127.0.0.1:port; reads give up after 10 s. */
int http_peer_connect(guint16 port);
/* FALSE when the other side has closed. */
gboolean http_peer_send(int fd, const void *data, gsize length);
/* Everything until the other side closes or 10 s pass. */
GString *http_peer_read_all(int fd);
/* Until the text stands in what was read, or end. */
GString *http_peer_read_until(int fd, const char *text);
/* Sends one request and reads until the other side closes; say "Connection: close" in it. */
GString *http_peer_exchange(guint16 port, const char *request);
/* Status code of an answer's first line; 0: none. */
guint http_peer_status(const GString *answer);
/* Runs func(data) in a thread while the default main context turns here; returns when it ended. */
void http_peer_with_loop(void (*func)(void *data), void *data);
