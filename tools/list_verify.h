// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "list_repo.h"

/* Everything that a kiosk would check of a repository (or of a USB stick, which is a copy of its
 * lists/), from the given root on (NULL: from root 1 as it lies there). cert and key: of somebody
 * who can open packages; NULL: their content is not looked at. They are opened in work (NULL: in
 * dir). Prints what it found. */
gboolean list_verify_repository(const char *dir, const char *root, const char *work,
                                const char *cert, const char *key, GError **error);
/* One package, by its file's name, against a release that root's keys have signed. */
gboolean list_verify_package(const char *path, const char *release, const char *root,
                             GError **error);
/* A kiosk's folder: the trusted state, and each list's rows against what its layers promise. */
gboolean list_verify_folder(const char *folder, GError **error);
