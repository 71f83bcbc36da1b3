// SPDX-License-Identifier: Apache-2.0
#pragma once
/* From a list's row to the person index, and back to the name that was found. */
#include "person.h"
#include "source.h"

/* Adds every name of a person's row under every birth date. A row on a document adds nothing. */
gboolean person_entry_add(PersonWriter *writer, gint64 alert, const char *const columns[COLUMNS],
                          GError **error);
