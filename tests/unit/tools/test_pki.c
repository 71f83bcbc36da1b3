// SPDX-License-Identifier: Apache-2.0
/* darvaza pki: the layout that every daemon's configuration relies on. */
#include "keys.h"
#include <darvaza/error.h>
#include <darvaza/pki.h>
#include <glib/gstdio.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/wait.h>

#include <cmocka.h>

static int
run(const char *first, ...)
{
    g_autoptr(GPtrArray) argv = g_ptr_array_new();
    g_ptr_array_add(argv, (gpointer)g_getenv("DARVAZA"));
    g_ptr_array_add(argv, (gpointer) "pki");
    va_list args;
    va_start(args, first);
    for (const char *arg = first; arg; arg = va_arg(args, const char *))
        g_ptr_array_add(argv, (gpointer)arg);
    va_end(args);
    g_ptr_array_add(argv, NULL);
    int status = -1;
    g_autoptr(GError) error = NULL;
    if (!g_spawn_sync(NULL, (char **)argv->pdata, NULL,
                      G_SPAWN_STDERR_TO_DEV_NULL | G_SPAWN_STDOUT_TO_DEV_NULL, NULL, NULL, NULL,
                      NULL, &status, &error))
        fail_msg("%s", error->message);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void
assert_mode(const char *dir, const char *relative, guint mode)
{
    g_autofree char *path = g_build_filename(dir, relative, NULL);
    GStatBuf st;
    if (g_stat(path, &st) != 0)
        fail_msg("%s is missing", relative);
    assert_int_equal(st.st_mode & 0777, mode);
}

static void
init_lays_every_file(void **state)
{
    (void)state;
    static const char *const files[] = {"ca/ca",
                                        "ca/ca-key",
                                        "centre/server",
                                        "centre/server-key",
                                        "centre/record-P1",
                                        "centre/record-P1-key",
                                        "centre/opener",
                                        "centre/opener-key",
                                        "centre/receipt",
                                        "centre/receipt-key",
                                        "protection/protection",
                                        "protection/protection-key",
                                        "protection/opener",
                                        "protection/opener-key",
                                        "kiosk/K-1/sign",
                                        "kiosk/K-1/sign-key",
                                        "kiosk/K-1/tls",
                                        "kiosk/K-1/tls-key",
                                        "kiosk/K-1/answers",
                                        "kiosk/K-1/answers-key",
                                        "kiosk/K-1/lists",
                                        "kiosk/K-1/lists-key",
                                        "centre/lists",
                                        "centre/lists-key",
                                        "centre/timestamp-key",
                                        "desks/root-1-key",
                                        "desks/root-3-key",
                                        "desks/owner-key",
                                        "desks/release-1-key",
                                        "desks/release-2-key",
                                        "kiosk/K-2/sign",
                                        "trust/ca",
                                        "trust/record-P1",
                                        "trust/protection",
                                        "trust/opener",
                                        "trust/receipt",
                                        "trust/kiosks/K-1/sign",
                                        "trust/kiosks/K-1/answers",
                                        "trust/kiosks/K-1/lists",
                                        "trust/lists-centre",
                                        "trust/kiosks/K-2/sign"};
    g_autofree char *parent = g_dir_make_tmp("darvaza-pki-XXXXXX", NULL);
    g_autofree char *dir = g_build_filename(parent, "pki", NULL);
    assert_int_equal(run("init", dir, "--kiosk", "K-1", "--kiosk", "K-2", NULL), 0);
    for (gsize i = 0; i < G_N_ELEMENTS(files); i++) {
        g_autofree char *name = g_strconcat(files[i], ".pem", NULL);
        assert_mode(dir, name, 0600);
    }
    assert_mode(dir, ".", 0700);
    assert_mode(dir, "kiosk/K-1", 0700);
    assert_int_equal(run("init", dir, NULL), 1); /* never over what is there */
    assert_int_equal(run("add-kiosk", dir, "K-2", NULL), 1);
    assert_int_equal(run("add-kiosk", dir, "K-3", NULL), 0);
    assert_mode(dir, "trust/kiosks/K-3/sign.pem", 0600);
    dv_test_remove_tree(parent);
}

static void
no_private_key_lies_in_trust(void **state)
{
    (void)state;
    DvTestKeys *keys = dv_test_keys_new();
    g_autofree char *trust = dv_test_keys_path(keys, "trust");
    g_autofree char *kiosk = dv_test_keys_path(keys, "trust/kiosks/KSK-1");
    const char *const folders[] = {trust, kiosk};
    for (gsize i = 0; i < G_N_ELEMENTS(folders); i++) {
        g_autoptr(GDir) dir = g_dir_open(folders[i], 0, NULL);
        for (const char *name; (name = g_dir_read_name(dir));) {
            g_autofree char *path = g_build_filename(folders[i], name, NULL);
            g_autofree char *text = NULL;
            if (g_file_get_contents(path, &text, NULL, NULL))
                assert_null(strstr(text, "PRIVATE"));
        }
    }
    dv_test_keys_free(keys);
}

static void
bad_names_make_nothing(void **state)
{
    (void)state;
    static const char *const names[] = {
        "", "a/b", "..", "-x", "K_1", "centre", "Centre", "123456789012345678901234567890123"};
    g_autofree char *parent = g_dir_make_tmp("darvaza-pki-XXXXXX", NULL);
    g_autofree char *dir = g_build_filename(parent, "pki", NULL);
    for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
        assert_int_equal(run("init", dir, "--kiosk", names[i], NULL), 1);
        assert_false(g_file_test(dir, G_FILE_TEST_EXISTS));
    }
    g_autoptr(GError) error = NULL;
    assert_false(dv_pki_add_kiosk(dir, "K-1", &error));
    assert_true(g_error_matches(error, DV_ERROR, DV_ERROR_IO));
    assert_int_equal(run("init", NULL), 2);
    assert_int_equal(run("init", dir, "--kiosk", NULL), 2);
    assert_int_equal(run("unheard-of", NULL), 2);
    assert_int_equal(run("--help", NULL), 0);
    dv_test_remove_tree(parent);
}

/* What openssl itself says of the certificates: chain, and purpose. */
static void
openssl_verifies_the_chain(void **state)
{
    (void)state;
    static const struct {
        const char *cert, *purpose;
    } certs[] = {{"centre/server.pem", "sslserver"},
                 {"kiosk/KSK-1/tls.pem", "sslclient"},
                 {"kiosk/KSK-1/sign.pem", "any"},
                 {"centre/receipt.pem", "any"}};
    g_autofree char *openssl = g_find_program_in_path("openssl");
    if (!openssl)
        skip();
    DvTestKeys *keys = dv_test_keys_new();
    g_autofree char *ca = dv_test_keys_path(keys, "ca/ca.pem");
    for (gsize i = 0; i < G_N_ELEMENTS(certs); i++) {
        g_autofree char *cert = dv_test_keys_path(keys, certs[i].cert);
        const char *argv[] = {openssl,   "verify", "-x509_strict", "-purpose", certs[i].purpose,
                              "-CAfile", ca,       cert,           NULL};
        g_autofree char *out = NULL;
        int status = -1;
        assert_true(
            g_spawn_sync(NULL, (char **)argv, NULL, 0, NULL, NULL, &out, NULL, &status, NULL));
        if (status != 0)
            fail_msg("%s: %s", certs[i].cert, out);
    }
    dv_test_keys_free(keys);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(init_lays_every_file),
        cmocka_unit_test(no_private_key_lies_in_trust),
        cmocka_unit_test(bad_names_make_nothing),
        cmocka_unit_test(openssl_verifies_the_chain),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
