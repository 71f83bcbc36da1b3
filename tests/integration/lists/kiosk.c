// SPDX-License-Identifier: Apache-2.0
#include "kiosk.h"

#include "keys.h"

#include <darvaza/pki.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#define KIOSK "KSK-1"

static void
make_keys(ListsKiosk *kiosk)
{
    static const char *const kiosks[] = {KIOSK, NULL};
    g_autoptr(GError) error = NULL;
    g_autofree char *pki = g_build_filename(kiosk->dir, "pki", NULL);
    g_autofree char *key = g_build_filename(pki, "kiosk", KIOSK, "lists-key.pem", NULL);
    g_autofree char *cert = g_build_filename(pki, "kiosk", KIOSK, "lists.pem", NULL);

    if (!dv_pki_init(pki, kiosks, &error) || !(kiosk->key = dv_key_load(key, &error)) ||
        !(kiosk->cert = dv_cert_load(cert, &error)))
        g_error("%s", error->message);
}

static void
write_config(ListsKiosk *kiosk, const char *extra)
{
    g_autofree char *text =
        g_strdup_printf("[lists]\nkiosk=" KIOSK "\nfolder=%s\nroot=%s\nkeys=%s/pki/kiosk/" KIOSK
                        "\nmax_layers=6\ngrace_s=0\n[uplink]\nsocket=%s/socket\n"
                        "[volume]\nallow_unencrypted=true\n%s",
                        kiosk->folder, list_repo_root(kiosk->repo), kiosk->dir, kiosk->dir, extra);

    if (!g_file_set_contents(kiosk->config, text, -1, NULL))
        g_error("cannot write the configuration");
}

ListsKiosk *
lists_kiosk_new(guint docs, guint people, const char *extra)
{
    ListsKiosk *kiosk = g_new0(ListsKiosk, 1);
    gboolean memory = g_file_test("/dev/shm", G_FILE_TEST_IS_DIR);

    kiosk->dir = g_build_filename(memory ? "/dev/shm" : g_get_tmp_dir(), "dv-lists-XXXXXX", NULL);
    if (g_mkdtemp(kiosk->dir) == NULL)
        g_error("cannot make a folder");
    kiosk->folder = g_build_filename(kiosk->dir, "lists", NULL);
    kiosk->config = g_build_filename(kiosk->dir, "lists.ini", NULL);
    kiosk->fault_state = g_build_filename(kiosk->dir, "fault", NULL);
    make_keys(kiosk);
    kiosk->repo = list_repo_new(kiosk->dir, docs, people, kiosk->cert);
    write_config(kiosk, extra);
    return kiosk;
}

void
lists_kiosk_free(ListsKiosk *kiosk)
{
    list_repo_free(kiosk->repo);
    dv_key_free(kiosk->key);
    dv_cert_free(kiosk->cert);
    dv_test_remove_tree(kiosk->dir);
    g_free(kiosk->dir);
    g_free(kiosk->folder);
    g_free(kiosk->config);
    g_free(kiosk->fault_state);
    g_free(kiosk);
}

GPid
lists_kiosk_import(const ListsKiosk *kiosk, const char *variable)
{
    g_autoptr(GError) error = NULL;
    g_auto(GStrv) environment = g_get_environ();
    g_autofree char *log = g_build_filename(kiosk->dir, "log", NULL);
    const char *argv[] = {g_getenv("DARVAZA_LISTS"),     "--config", kiosk->config, "--import",
                          list_repo_folder(kiosk->repo), NULL};
    GPid pid = 0;
    int out = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);

    environment = g_environ_setenv(environment, "DARVAZA_FAULT_STATE", kiosk->fault_state, TRUE);
    if (variable != NULL) {
        g_auto(GStrv) pair = g_strsplit(variable, "=", 2);
        environment = g_environ_setenv(environment, pair[0], pair[1], TRUE);
    }
    if (!g_spawn_async_with_pipes_and_fds(NULL, argv, (const char *const *)environment,
                                          G_SPAWN_DO_NOT_REAP_CHILD, NULL, NULL, -1, out, out, NULL,
                                          NULL, 0, &pid, NULL, NULL, NULL, &error))
        g_error("%s", error->message);
    close(out);
    return pid;
}

int
lists_kiosk_wait(GPid pid)
{
    int status = 0;

    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    return status;
}

gint64
lists_kiosk_judge(const ListsKiosk *kiosk)
{
    g_autoptr(GError) error = NULL;
    gint64 release = 0;

    if (!list_repo_judge(kiosk->repo, kiosk->folder, &release, &error))
        g_error("MIXED: %s (kept: %s)", error->message, kiosk->dir);
    return release;
}
