// SPDX-License-Identifier: Apache-2.0
#include "test_pki.h"
#include <glib/gstdio.h>
#include <string.h>

static void
run(const TestPki *pki, const char *const *argv)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *err = NULL;
    int status = 0;
    if (!g_spawn_sync(pki->dir, (char **)(gpointer)argv, NULL,
                      G_SPAWN_SEARCH_PATH | G_SPAWN_STDOUT_TO_DEV_NULL, NULL, NULL, NULL, &err,
                      &status, &error) ||
        !g_spawn_check_wait_status(status, &error))
        g_error("test PKI: %s: %s %s", argv[1], error->message, err != NULL ? err : "");
}

TestPki *
test_pki_new(void)
{
    g_autofree char *tool = g_find_program_in_path("openssl");
    if (tool == NULL)
        return NULL;
    TestPki *pki = g_new0(TestPki, 1);
    pki->dir = g_dir_make_tmp("dv-pki-XXXXXX", NULL);
    return pki;
}

void
test_pki_free(TestPki *pki)
{
    if (pki == NULL)
        return;
    g_autoptr(GDir) dir = g_dir_open(pki->dir, 0, NULL);
    const char *name;
    while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
        g_autofree char *path = g_build_filename(pki->dir, name, NULL);
        g_unlink(path);
    }
    g_rmdir(pki->dir);
    g_free(pki->dir);
    g_free(pki);
}

char *
test_pki_path(const TestPki *pki, const char *file)
{
    return g_build_filename(pki->dir, file, NULL);
}

static void
make_key(const TestPki *pki, const char *file, const char *kind)
{
    if (strcmp(kind, "ed25519") == 0) {
        const char *argv[] = {"openssl", "genpkey", "-algorithm", "ed25519", "-out", file, NULL};
        run(pki, argv);
    } else {
        const char *argv[] = {"openssl", "genpkey",  "-algorithm",
                              "EC",      "-pkeyopt", "ec_paramgen_curve:P-256",
                              "-out",    file,       NULL};
        run(pki, argv);
    }
}

void
test_pki_authority(const TestPki *pki, const char *name)
{
    g_autofree char *key = g_strconcat(name, "-key.pem", NULL);
    g_autofree char *cert = g_strconcat(name, ".pem", NULL);
    g_autofree char *subject = g_strconcat("/CN=", name, NULL);
    make_key(pki, key, "ec");
    const char *argv[] = {"openssl", "req", "-x509",   "-new",
                          "-key",    key,   "-subj",   subject,
                          "-days",   "2",   "-addext", "keyUsage=critical,keyCertSign,cRLSign",
                          "-out",    cert,  NULL};
    run(pki, argv);
}

static void
self_sign(const TestPki *pki, const char *key, const char *cert, const char *subject)
{
    const char *argv[] = {"openssl", "req",   "-x509", "-new", "-key", key, "-subj",
                          subject,   "-days", "2",     "-out", cert,   NULL};
    run(pki, argv);
}

static void
issue(const TestPki *pki, const char *name, const char *authority, const char *subject,
      const char *usage, const char *alternative, gboolean expired)
{
    g_autofree char *key = g_strconcat(name, "-key.pem", NULL);
    g_autofree char *cert = g_strconcat(name, ".pem", NULL);
    g_autofree char *csr = g_strconcat(name, ".csr", NULL);
    g_autofree char *ca = g_strconcat(authority, ".pem", NULL);
    g_autofree char *ca_key = g_strconcat(authority, "-key.pem", NULL);
    g_autofree char *ext_file = test_pki_path(pki, "issue.ext");
    g_autofree char *ext = g_strdup_printf("basicConstraints=critical,CA:FALSE\n"
                                           "keyUsage=critical,digitalSignature\n"
                                           "subjectKeyIdentifier=hash\nextendedKeyUsage=%s\n"
                                           "subjectAltName=%s\n",
                                           usage, alternative);
    g_file_set_contents(ext_file, ext, -1, NULL);
    const char *req[] = {"openssl", "req",   "-new", "-key", key,
                         "-subj",   subject, "-out", csr,    NULL};
    run(pki, req);
    /* An expired one: valid for no day at all, ending the moment it was made. */
    const char *x509[] = {"openssl",  "x509",
                          "-req",     "-in",
                          csr,        "-CA",
                          ca,         "-CAkey",
                          ca_key,     "-CAcreateserial",
                          "-days",    expired ? "0" : "2",
                          "-extfile", "issue.ext",
                          "-out",     cert,
                          NULL};
    run(pki, x509);
    if (expired)
        g_usleep(1100000);
}

void
test_pki_issue(const TestPki *pki, const char *name, const char *authority, const char *subject,
               const char *usage, const char *kind, gboolean expired)
{
    g_autofree char *key = g_strconcat(name, "-key.pem", NULL);
    g_autofree char *cert = g_strconcat(name, ".pem", NULL);
    make_key(pki, key, kind);
    if (authority == NULL)
        self_sign(pki, key, cert, subject);
    else
        issue(pki, name, authority, subject, usage, "DNS:localhost,IP:127.0.0.1", expired);
}

void
test_pki_issue_for(const TestPki *pki, const char *name, const char *authority, const char *subject,
                   const char *usage, const char *alternative)
{
    g_autofree char *key = g_strconcat(name, "-key.pem", NULL);
    make_key(pki, key, "ec");
    issue(pki, name, authority, subject, usage, alternative, FALSE);
}
