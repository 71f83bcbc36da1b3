// SPDX-License-Identifier: Apache-2.0
#pragma once
/* The report of an import, while it is being written. */
#include "reader.h"

DvWatchlistImport *import_report_new(void);
/* A row that went into the list, with what was changed of it. */
void import_report_take(DvWatchlistImport *report, const WatchlistItem *item);
void import_report_pass(DvWatchlistImport *report, const WatchlistItem *item);
