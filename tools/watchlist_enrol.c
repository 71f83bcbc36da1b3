// SPDX-License-Identifier: Apache-2.0
/* darvaza watchlist enrol: one kiosk more can open the packages that are released already. */
#include "commands.h"
#include "list_repo.h"
#include "list_signer.h"
#include "watchlist_tool.h"
#include <stdio.h>
#include <string.h>

static const char help[] =
    "Usage: darvaza watchlist enrol --repository DIR --cert NEW.pem --as CERT --key KEY\n"
    "\n"
    "Seals the keys of the newest release's packages to the `lists` certificate NEW.pem as well.\n"
    "CERT and KEY are those of somebody who can open them: the centre's. Nothing is signed again.\n"
    "\n"
    "Exit status: 0 done, 1 not done, 2 bad use.\n";

typedef struct {
    const ListRepo *repo;
    DvCert *fresh, *own;
    DvKey *key;
    guint done;
} Work;

static gboolean
enrol(Work *work, const DvTrustPackage *package, GError **error)
{
    guint8 content_key[DV_PACKAGE_KEY_SIZE];
    g_autofree char *name = g_strdup_printf("keys/%s", package->sha256);
    g_autofree char *path = list_repo_path(work->repo, name);
    g_autoptr(GBytes) file = dv_list_read(path, DV_PACKAGE_ENVELOPES_MAX, error);
    g_autoptr(DvPackageEnvelopes) envelopes = file ? dv_package_envelopes_read(file, error) : NULL;
    if (!envelopes || dv_package_envelopes_open(envelopes, package->content_key_id, work->key,
                                                work->own, content_key, error) != DV_TRUST_OK)
        return FALSE;
    gboolean added = dv_package_envelopes_add(envelopes, content_key, work->fresh, error);
    explicit_bzero(content_key, sizeof content_key);
    g_autoptr(GBytes) more = added ? dv_package_envelopes_make(envelopes, error) : NULL;
    work->done += more != NULL;
    return more && dv_list_write(path, more, error);
}

static gboolean
enrol_all(Work *work, GError **error)
{
    const DvTrustRelease *release = work->repo->release;
    for (guint i = 0; release && i < release->lists->len; i++) {
        const DvTrustList *list = g_ptr_array_index(release->lists, i);
        if (!enrol(work, &list->full, error))
            return FALSE;
        for (guint j = 0; j < list->deltas->len; j++)
            if (!enrol(work, g_ptr_array_index(list->deltas, j), error))
                return FALSE;
    }
    return TRUE;
}

int
dv_watchlist_tool_enrol(int argc, char **argv)
{
    const char *dir = NULL, *cert = NULL, *as = NULL, *key = NULL;
    g_autoptr(GError) error = NULL;
    if (dv_watchlist_tool_helped(argc, argv, help))
        return DV_EXIT_OK;
    for (int i = 1; i + 1 < argc; i += 2) {
        const char **place = strcmp(argv[i], "--repository") == 0 ? &dir
                             : strcmp(argv[i], "--cert") == 0     ? &cert
                             : strcmp(argv[i], "--as") == 0       ? &as
                             : strcmp(argv[i], "--key") == 0      ? &key
                                                                  : NULL;
        if (!place)
            return dv_watchlist_tool_bad_use(help, "enrol: cannot use ", argv[i]);
        *place = argv[i + 1];
    }
    if (!dir || !cert || !as || !key)
        return dv_watchlist_tool_bad_use(help, "enrol needs four options", "");
    g_autoptr(ListRepo) repo = list_repo_open(dir, &error);
    g_autoptr(DvCert) fresh = repo ? dv_cert_load(cert, &error) : NULL;
    g_autoptr(DvCert) own = fresh ? dv_cert_load(as, &error) : NULL;
    g_autoptr(DvKey) own_key = own ? dv_key_load(key, &error) : NULL;
    Work work = {repo, fresh, own, own_key, 0};
    if (!own_key || !enrol_all(&work, &error))
        return dv_watchlist_tool_failed(error);
    printf("%s can open %u packages now\n", cert, work.done);
    return DV_EXIT_OK;
}
