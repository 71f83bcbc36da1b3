// SPDX-License-Identifier: Apache-2.0
#pragma once
/*
 * What darvaza-lists says of itself: status.json of the list folder (docs/formats/list-folder.md).
 * It is shown and reported, and decides nothing: what a list is worth stands in its own file.
 */
#include <darvaza/json.h>
#include <glib.h>

/* The member "update" of a heartbeat (docs/formats/heartbeat.md); new reference. NULL when there is
 * no status, or none that can be read. */
json_t *dv_lists_status(const char *lists_folder);
