// SPDX-License-Identifier: Apache-2.0
#pragma once
/* Requests per peer address: a bucket of tokens each, in bounded memory. */
#include <glib.h>

#define DV_LIMIT_BURST 200
#define DV_LIMIT_PER_SECOND 40
#define DV_LIMIT_PEERS 1024

typedef struct DvLimit DvLimit;
DvLimit *dv_limit_new(void);
void dv_limit_free(DvLimit *limit);
/* Takes one token; FALSE when the peer has none left. */
gboolean dv_limit_take(DvLimit *limit, const char *peer);
