// SPDX-License-Identifier: Apache-2.0
#pragma once
/* Shared by the files of this room only. */
#include <darvaza/lists_repository.h>

struct DvListsRepository {
    char *lists, *drafts;
};

gboolean lists_is_digest(const char *text);
gboolean lists_is_number(const char *text);
