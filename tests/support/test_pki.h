// SPDX-License-Identifier: Apache-2.0
#pragma once
/* Certificates made at run time with the openssl command, in a folder of the test's own. */
#include <glib.h>

typedef struct {
    char *dir;
} TestPki;

/* NULL when there is no openssl command. */
TestPki *test_pki_new(void);
void test_pki_free(TestPki *pki); /* removes the folder */
char *test_pki_path(const TestPki *pki, const char *file);
/* A self-signed authority NAME.pem, NAME-key.pem. */
void test_pki_authority(const TestPki *pki, const char *name);
/* NAME.pem, NAME-key.pem issued by an authority (NULL: self-signed). subject as "/CN=x/OU=y";
 * usage "serverAuth" or "clientAuth"; key "ec" or "ed25519"; for localhost where it is a server. */
void test_pki_issue(const TestPki *pki, const char *name, const char *authority,
                    const char *subject, const char *usage, const char *key, gboolean expired);
/* The same with an alternative name of its own, "DNS:name". */
void test_pki_issue_for(const TestPki *pki, const char *name, const char *authority,
                        const char *subject, const char *usage, const char *alternative);
