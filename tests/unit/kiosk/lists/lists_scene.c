// SPDX-License-Identifier: Apache-2.0
#include "lists_scene.h"

#include "keys.h"

#include <darvaza/file.h>
#include <darvaza/pki.h>

#define KIOSK "KSK-1"

static void
load_keys(ListsScene *scene)
{
    static const char *const kiosks[] = {KIOSK, NULL};
    g_autoptr(GError) error = NULL;
    g_autofree char *pki = g_build_filename(scene->dir, "pki", NULL);
    g_autofree char *key = g_build_filename(pki, "kiosk", KIOSK, "lists-key.pem", NULL);
    g_autofree char *cert = g_build_filename(pki, "kiosk", KIOSK, "lists.pem", NULL);

    if (!dv_pki_init(pki, kiosks, &error) || !(scene->key = dv_key_load(key, &error)) ||
        !(scene->cert = dv_cert_load(cert, &error)))
        g_error("%s", error->message);
}

static void
enrol(const ListsScene *scene)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *trust = g_build_filename(scene->folder, "trust", NULL);
    g_autofree char *path = g_build_filename(trust, "root.json", NULL);
    g_autoptr(GBytes) root = dv_file_read(list_repo_root(scene->repo), 1 << 20, &error);
    gsize length = 0;
    const void *data = root != NULL ? g_bytes_get_data(root, &length) : NULL;

    if (root == NULL || !dv_file_make_dir(trust, 0700, &error) ||
        !dv_file_write(path, data, length, 0600, &error))
        g_error("%s", error->message);
}

void
lists_scene_restart(ListsScene *scene)
{
    g_autoptr(GError) error = NULL;
    const ListsMachineOptions options = {.folder = scene->folder,
                                         .kiosk = KIOSK,
                                         .key = scene->key,
                                         .cert = scene->cert,
                                         .max_layers = 4};

    lists_machine_free(scene->machine);
    scene->machine = lists_machine_new(&options, &error);
    if (scene->machine == NULL)
        g_error("%s", error->message);
}

ListsScene *
lists_scene_new(guint docs, guint people)
{
    ListsScene *scene = g_new0(ListsScene, 1);

    scene->dir = g_dir_make_tmp("dv-lists-XXXXXX", NULL);
    scene->folder = g_build_filename(scene->dir, "lists", NULL);
    load_keys(scene);
    scene->repo = list_repo_new(scene->dir, docs, people, scene->cert);
    enrol(scene);
    lists_scene_restart(scene);
    return scene;
}

void
lists_scene_free(ListsScene *scene)
{
    lists_machine_free(scene->machine);
    list_repo_free(scene->repo);
    dv_key_free(scene->key);
    dv_cert_free(scene->cert);
    dv_test_remove_tree(scene->dir);
    g_free(scene->dir);
    g_free(scene->folder);
    g_free(scene);
}

DvTrustReason
lists_scene_run(ListsScene *scene, GError **error)
{
    ListsSource *source = lists_source_folder_new(list_repo_folder(scene->repo));
    DvTrustReason reason = lists_machine_run(scene->machine, source, error);

    lists_source_folder_free(source);
    return reason;
}
