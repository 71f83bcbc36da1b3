// SPDX-License-Identifier: Apache-2.0
/*
 * First byte: which file the rest is. 'R' root, 'O' an owner's statement, 'L' a release, 'T' a
 * timestamp, 'S' a detached signature, 'K' a public key file, 'A' the trusted state of a machine.
 * What is read is made again and must say the same; what is not has a reason and an error.
 */
#include "signers.h"
#include <darvaza/error.h>

int LLVMFuzzerTestOneInput(const guint8 *data, gsize size);

static GBytes *golden_root;

/* The "signed" members of two files are the same text. */
static void
says_the_same(GBytes *a, GBytes *b)
{
    g_autoptr(json_t) left =
        dv_json_parse(g_bytes_get_data(a, NULL), g_bytes_get_size(a), DV_TRUST_RELEASE_MAX, NULL);
    g_autoptr(json_t) right =
        dv_json_parse(g_bytes_get_data(b, NULL), g_bytes_get_size(b), DV_TRUST_RELEASE_MAX, NULL);
    g_assert_true(json_equal(json_object_get(left, "signed"), json_object_get(right, "signed")));
}

static void
check(GBytes *file, GBytes *again, DvTrustReason reason, const GError *error)
{
    if (again) {
        g_assert_cmpint(reason, ==, DV_TRUST_OK);
        says_the_same(file, again);
        return;
    }
    g_assert_nonnull(error);
    g_assert_true(reason == DV_TRUST_MALFORMED || reason == DV_TRUST_TRUNCATED ||
                  reason == DV_TRUST_BLOATED);
}

static void
read_signed(char kind, GBytes *file)
{
    DvTrustReason reason = DV_TRUST_OK;
    g_autoptr(GError) error = NULL;
    g_autoptr(GBytes) again = NULL;
    g_autoptr(DvTrustRoot) root = kind == 'R' ? dv_trust_root_read(file, &reason, &error) : NULL;
    g_autoptr(DvTrustStatement) statement =
        kind == 'O' ? dv_trust_statement_read(file, &reason, &error) : NULL;
    g_autoptr(DvTrustRelease) release =
        kind == 'L' ? dv_trust_release_read(file, &reason, &error) : NULL;
    g_autoptr(DvTrustTimestamp) timestamp =
        kind == 'T' ? dv_trust_timestamp_read(file, &reason, &error) : NULL;
    if (root)
        again = dv_trust_root_make(root, &error);
    if (statement)
        again = dv_trust_statement_make(statement, &error);
    if (release)
        again = dv_trust_release_make(release, &error);
    if (timestamp)
        again = dv_trust_timestamp_make(timestamp, &error);
    if (root || statement || release || timestamp)
        g_assert_nonnull(again);
    check(file, again, reason, error);
}

static void
read_key_file(GBytes *file)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(DvTrustKeyFile) key = dv_trust_key_file_read(file, &error);
    if (!key) {
        g_assert_nonnull(error);
        return;
    }
    g_autoptr(GBytes) again = dv_trust_key_file_make(key, &error);
    g_autoptr(DvTrustKeyFile) same = dv_trust_key_file_read(again, &error);
    g_assert_cmpstr(same->holder, ==, key->holder);
}

static void
read_state(GBytes *file)
{
    static const char *const lists[] = {"sltd", NULL};
    g_autoptr(GError) error = NULL;
    if (!golden_root) {
        DvTestSigners *signers = dv_test_signers_fixed();
        g_autoptr(DvTrustRoot) root =
            dv_test_root(signers, 3, G_GINT64_CONSTANT(1792868568) * G_USEC_PER_SEC, lists);
        golden_root = dv_test_signed(signers, dv_trust_root_make(root, NULL), DV_TRUST_ROLE_ROOT,
                                     SIGNED_ROOT);
        dv_test_signers_free(signers);
    }
    g_autoptr(DvTrust) trust = dv_trust_new(golden_root, file, &error);
    if (!trust) {
        g_assert_true(g_error_matches(error, DV_ERROR, DV_ERROR_CORRUPT));
        return;
    }
    g_autoptr(GBytes) state = dv_trust_state(trust);
    g_autoptr(DvTrust) again = dv_trust_new(golden_root, state, &error);
    g_autoptr(GBytes) same = dv_trust_state(again);
    g_assert_true(g_bytes_equal(state, same));
}

int
LLVMFuzzerTestOneInput(const guint8 *data, gsize size)
{
    if (size == 0)
        return 0;
    g_autoptr(GBytes) rest = g_bytes_new(data + 1, size - 1);
    g_autoptr(GError) error = NULL;
    g_autofree char *key_id = NULL;
    switch (data[0]) {
    case 'R':
    case 'O':
    case 'L':
    case 'T':
        read_signed((char)data[0], rest);
        break;
    case 'S':
        key_id = dv_trust_signature_key_id(rest, &error);
        g_assert_true((key_id != NULL) == (error == NULL));
        break;
    case 'K':
        read_key_file(rest);
        break;
    case 'A':
        read_state(rest);
        break;
    default:
        break;
    }
    return 0;
}
