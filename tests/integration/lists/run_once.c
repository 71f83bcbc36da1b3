// SPDX-License-Identifier: Apache-2.0
#include "run_once.h"

#include "machine.h"

#include <darvaza/file.h>

#define KIOSK "KSK-1"

void
run_enrol(const ListsKiosk *kiosk, const char *folder)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *trust = g_build_filename(folder, "trust", NULL);
    g_autofree char *path = g_build_filename(trust, "root.json", NULL);

    if (g_file_test(path, G_FILE_TEST_EXISTS))
        return;
    g_autoptr(GBytes) root = dv_file_read(list_repo_root(kiosk->repo), 1 << 20, &error);
    gsize length = 0;
    const void *data = root != NULL ? g_bytes_get_data(root, &length) : NULL;
    if (data == NULL || !dv_file_make_dir(trust, 0700, &error) ||
        !dv_file_write(path, data, length, 0600, &error))
        g_error("%s", error->message);
}

DvTrustReason
run_once(const ListsKiosk *kiosk, const char *folder, GError **error)
{
    const ListsMachineOptions options = {
        .folder = folder, .kiosk = KIOSK, .key = kiosk->key, .cert = kiosk->cert, .max_layers = 6};

    run_enrol(kiosk, folder);
    g_autoptr(ListsMachine) machine = lists_machine_new(&options, error);
    if (machine == NULL)
        return DV_TRUST_IO;
    ListsSource *source = lists_source_folder_new(list_repo_folder(kiosk->repo));
    DvTrustReason reason = lists_machine_run(machine, source, error);
    lists_source_folder_free(source);
    return reason;
}
