// SPDX-License-Identifier: Apache-2.0
#pragma once
/* The open event streams of the officer's pages. */
#include <darvaza/httpd.h>

#define DV_PAGES_MAX 8

typedef struct DvPages DvPages;
DvPages *dv_pages_new(void);
/* Closes every stream; before the HTTP server goes. */
void dv_pages_free(DvPages *pages);
/* Answers the request with a stream; FALSE when there are DV_PAGES_MAX already. */
gboolean dv_pages_open(DvPages *pages, DvRequest *request);
void dv_pages_send(DvPages *pages, const char *event, const json_t *payload);
/* Tells every page that nobody is signed in any more, and closes it. */
void dv_pages_close(DvPages *pages);
guint dv_pages_count(const DvPages *pages);
