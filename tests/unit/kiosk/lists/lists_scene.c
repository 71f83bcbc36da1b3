// SPDX-License-Identifier: Apache-2.0
#include "lists_scene.h"

#include "keys.h"

#include <darvaza/file.h>
#include <darvaza/pki.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

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
                                         .max_layers = 4,
                                         .grace_us = scene->grace_us,
                                         .retry_us = 10 * G_USEC_PER_SEC};

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

/* ---- a source that is looked at every few seconds */

typedef struct {
    ListsSource source;
    ListsSource *folder;
    ListsScene *scene;
} Polled;

static DvTrustReason
read_polled(ListsSource *source, const char *kind, const char *name, gint64 offset, gsize max,
            GBytes **bytes, GError **error)
{
    const Polled *polled = (Polled *)source;

    polled->scene->asked += !g_str_equal(name, "lists/timestamp.json");
    return polled->folder->read(polled->folder, kind, name, offset, max, bytes, error);
}

DvTrustReason
lists_scene_poll(ListsScene *scene, GError **error)
{
    Polled polled = {.source = {.read = read_polled, .word = "the centre", .is_polled = TRUE},
                     .folder = lists_source_folder_new(list_repo_folder(scene->repo)),
                     .scene = scene};
    DvTrustReason reason = lists_machine_run(scene->machine, &polled.source, error);

    lists_source_folder_free(polled.folder);
    return reason;
}

/* ---- what tests say often */

void
lists_scene_expect(ListsScene *scene, DvTrustReason reason, gint64 release)
{
    g_autoptr(GError) error = NULL;
    DvTrustReason got = lists_scene_run(scene, &error);
    if (got != reason)
        fail_msg("%s instead of %s: %s", dv_trust_reason_word(got), dv_trust_reason_word(reason),
                 error != NULL ? error->message : "");
    assert_int_equal(error != NULL, reason != DV_TRUST_OK && reason != DV_TRUST_WAITING);
    gint64 in_force = -1;
    g_clear_error(&error);
    if (!list_repo_judge(scene->repo, scene->folder, &in_force, &error))
        fail_msg("%s", error->message);
    assert_int_equal(in_force, release);
    assert_int_equal(lists_machine_release(scene->machine), release);
}

void
lists_scene_publish(ListsScene *scene, guint changes)
{
    const ListRepoRelease what = {.changes = changes};
    list_repo_publish(scene->repo, &what);
}

char *
lists_scene_base(const ListsScene *scene, const char *list_id)
{
    g_autoptr(ListsSet) set = lists_set_read(scene->folder, NULL);
    return lists_layer_path(scene->folder,
                            g_ptr_array_index(lists_set_find(set, list_id)->layers, 0));
}
