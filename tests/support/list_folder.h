// SPDX-License-Identifier: Apache-2.0
#pragma once
/* A booth's folder of watchlists without the service that fills it in the field. */
#include <glib.h>

/* Where a test puts list files: FOLDER/layers, made when missing. Caller frees. */
char *list_folder_layer(const char *folder, const char *name);
/* Puts what stands in FOLDER/layers in force: a list's full file of the highest version, and the
 * deltas that lie on it. A file that cannot be read is named too, as a list of its file's name. */
void list_folder_publish(const char *folder);
/* The same by hand: current.json as given. */
void list_folder_write(const char *folder, const char *text);
void list_folder_remove(const char *folder);
