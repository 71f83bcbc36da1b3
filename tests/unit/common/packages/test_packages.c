// SPDX-License-Identifier: Apache-2.0
/* Packages: there and back, and what an attacker makes of them. Each attack has its reason, and
 * nothing is ever put in the layer's place. */
#include "expect.h"
#include "keys.h"
#include "private.h"
#include <darvaza/file.h>
#include <glib/gstdio.h>
#include <zstd.h>

static char *folder, *plain_path, *package_path, *out_path;
static guint8 key[DV_PACKAGE_KEY_SIZE];
static DvTrustPackage made;

static int
setup(void **state)
{
    (void)state;
    folder = g_dir_make_tmp("dv-packages-XXXXXX", NULL);
    plain_path = g_build_filename(folder, "plain.dvlist", NULL);
    package_path = g_build_filename(folder, "package", NULL);
    out_path = g_build_filename(folder, "out.dvlist", NULL);
    return 0;
}

static int
teardown(void **state)
{
    (void)state;
    dv_test_remove_tree(folder);
    g_free(plain_path);
    g_free(package_path);
    g_free(out_path);
    g_free(folder);
    return 0;
}

/* Bytes that zstd cannot make small. */
static void
make(gsize length)
{
    g_autoptr(GError) error = NULL;
    g_autofree guint8 *bytes = g_malloc(length);
    GRand *random = g_rand_new_with_seed(7);
    for (gsize i = 0; i < length; i++)
        bytes[i] = (guint8)g_rand_int_range(random, 0, 256);
    g_rand_free(random);
    assert_true(g_file_set_contents(plain_path, (char *)bytes, (gssize)length, NULL));
    assert_true(dv_package_make(plain_path, package_path, key, &made, NULL, NULL, &error));
    EXPECT_NO_ERROR(error);
}

static GBytes *
contents(const char *path)
{
    return dv_file_read(path, 64 * 1024 * 1024, NULL);
}

static void
put(const guint8 *bytes, gsize length)
{
    assert_true(g_file_set_contents(package_path, (const char *)bytes, (gssize)length, NULL));
}

static void
expect_refused(DvTrustReason expected)
{
    g_autoptr(GError) error = NULL;
    DvTrustReason reason = dv_package_open(package_path, &made, key, out_path, NULL, NULL, &error);
    if (reason != expected)
        fail_msg("%s instead of %s", dv_trust_reason_word(reason), dv_trust_reason_word(expected));
    assert_non_null(error);
    assert_false(g_file_test(out_path, G_FILE_TEST_EXISTS));
}

/* The package at hand becomes the "signed" one: what comes after the digest is then reached. */
static void
sign_what_is_there(void)
{
    g_autoptr(GBytes) bytes = contents(package_path);
    guint8 digest[DV_SHA256_SIZE];
    dv_sha256(g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes), digest);
    g_autofree char *hex = dv_hex(digest, sizeof digest);
    g_strlcpy(made.sha256, hex, DV_TRUST_HEX);
    made.size = (gint64)g_bytes_get_size(bytes);
}

static void
there_and_back(void **state)
{
    (void)state;
    const gsize lengths[] = {1,
                             100,
                             DV_PACKAGE_CHUNK - 1,
                             DV_PACKAGE_CHUNK,
                             DV_PACKAGE_CHUNK + 1,
                             5 * DV_PACKAGE_CHUNK + 17};
    for (gsize i = 0; i < G_N_ELEMENTS(lengths); i++) {
        g_autoptr(GError) error = NULL;
        make(lengths[i]);
        DvTrustReason reason =
            dv_package_open(package_path, &made, key, out_path, NULL, NULL, &error);
        EXPECT_NO_ERROR(error);
        assert_int_equal(reason, DV_TRUST_OK);
        g_autoptr(GBytes) before = contents(plain_path);
        g_autoptr(GBytes) after = contents(out_path);
        assert_true(g_bytes_equal(before, after));
        GStatBuf info; /* the booth reads by its group what the lists' service writes */
        assert_int_equal(g_stat(out_path, &info), 0);
        assert_int_equal(info.st_mode & 0777, 0640);
        g_unlink(out_path);
    }
}

static void
sizes_and_digest_come_first(void **state)
{
    (void)state;
    make(3 * DV_PACKAGE_CHUNK);
    g_autoptr(GBytes) bytes = contents(package_path);
    gsize length = g_bytes_get_size(bytes);
    g_autofree guint8 *copy = g_malloc0(length + 1);
    for (gsize i = 0; i < length; i++)
        copy[i] = ((const guint8 *)g_bytes_get_data(bytes, NULL))[i];
    put(copy, length - 1);
    expect_refused(DV_TRUST_TRUNCATED);
    put(copy, 0);
    expect_refused(DV_TRUST_TRUNCATED);
    put(copy, length + 1);
    expect_refused(DV_TRUST_BLOATED);
    for (gsize i = 0; i < length; i += 997) {
        copy[i] ^= 0x40;
        put(copy, length);
        expect_refused(DV_TRUST_BIT_FLIPPED);
        copy[i] ^= 0x40;
    }
}

/* Flipped bits in a package whose digest was "signed" so: the tags see them. */
static void
tags_see_what_digests_would(void **state)
{
    (void)state;
    make(2 * DV_PACKAGE_CHUNK + 100);
    g_autoptr(GBytes) bytes = contents(package_path);
    gsize length = g_bytes_get_size(bytes);
    g_autofree guint8 *copy = g_memdup2(g_bytes_get_data(bytes, NULL), length);
    for (gsize i = HEADER_SIZE; i < length; i += 1511) {
        copy[i] ^= 1;
        put(copy, length);
        sign_what_is_there();
        expect_refused(DV_TRUST_UNDECODABLE);
        copy[i] ^= 1;
    }
    for (gsize i = 0; i < HEADER_SIZE; i++) {
        copy[i] ^= 1;
        put(copy, length);
        sign_what_is_there();
        expect_refused(i < 16 || i >= 55 ? DV_TRUST_MALFORMED
                       : i < 48          ? DV_TRUST_WRONG_KEY
                                         : DV_TRUST_UNDECODABLE);
        copy[i] ^= 1;
    }
}

static void
chunks_keep_their_places(void **state)
{
    (void)state;
    make(4 * DV_PACKAGE_CHUNK);
    g_autoptr(GBytes) bytes = contents(package_path);
    gsize length = g_bytes_get_size(bytes);
    const guint8 *text = g_bytes_get_data(bytes, NULL);
    g_autofree guint8 *copy = g_memdup2(text, length);
    for (gsize i = 0; i < SEALED_CHUNK; i++) { /* the first two change places */
        copy[HEADER_SIZE + i] = text[HEADER_SIZE + SEALED_CHUNK + i];
        copy[HEADER_SIZE + SEALED_CHUNK + i] = text[HEADER_SIZE + i];
    }
    put(copy, length);
    sign_what_is_there();
    expect_refused(DV_TRUST_UNDECODABLE);
    put(text, HEADER_SIZE + 2 * SEALED_CHUNK); /* cut between two chunks */
    sign_what_is_there();
    expect_refused(DV_TRUST_UNDECODABLE);
    put(text, HEADER_SIZE);
    sign_what_is_there();
    expect_refused(DV_TRUST_TRUNCATED);
    put(text, HEADER_SIZE / 2);
    sign_what_is_there();
    expect_refused(DV_TRUST_TRUNCATED);
}

static void
another_key_opens_nothing(void **state)
{
    (void)state;
    make(1000);
    key[0] ^= 1;
    expect_refused(DV_TRUST_WRONG_KEY);
    dv_package_key_id(key, made.content_key_id); /* even where that key's id was "signed" */
    expect_refused(DV_TRUST_WRONG_KEY);
}

/* ---- what somebody with the content key could put inside */

static void
put_sealed(const guint8 *stream, gsize length, gint64 plain_size)
{
    PackageHeader header = {.plain_size = plain_size};
    dv_random(key, sizeof key);
    dv_package_key_id(key, made.content_key_id);
    dv_hex_parse(made.content_key_id, header.key_id, sizeof header.key_id);
    package_header_write(&header);
    g_autoptr(PackageCipher) cipher = package_cipher_new(key, &header);
    g_autoptr(GByteArray) out = g_byte_array_new();
    g_autofree guint8 *sealed = g_malloc(SEALED_CHUNK);
    g_byte_array_append(out, header.bytes, HEADER_SIZE);
    for (gsize at = 0; at < length; at += DV_PACKAGE_CHUNK) {
        gsize part = MIN(DV_PACKAGE_CHUNK, length - at);
        assert_true(package_cipher_seal(cipher, stream + at, part, at + part == length, sealed));
        g_byte_array_append(out, sealed, (guint)(part + TAG_SIZE));
    }
    put(out->data, out->len);
    made.plain_size = plain_size;
    sign_what_is_there();
}

/* size zero bytes as one frame */
static guint8 *
bomb(gsize size, int window_log, gsize *length)
{
    g_autofree guint8 *zeros = g_malloc0(size);
    gsize bound = ZSTD_compressBound(size);
    guint8 *out = g_malloc(bound);
    ZSTD_CCtx *zstd = ZSTD_createCCtx();
    ZSTD_CCtx_setParameter(zstd, ZSTD_c_windowLog, window_log);
    ZSTD_CCtx_setParameter(zstd, ZSTD_c_contentSizeFlag, 0);
    *length = ZSTD_compress2(zstd, out, bound, zeros, size);
    ZSTD_freeCCtx(zstd);
    assert_false(ZSTD_isError(*length));
    return out;
}

static gboolean
count_bytes(gint64 done, gint64 total, void *data)
{
    (void)total;
    *(gint64 *)data = done;
    return TRUE;
}

static void
bombs_stop_at_the_bound(void **state)
{
    (void)state;
    gsize length;
    gint64 produced = 0;
    g_autofree guint8 *stream = bomb(32 * 1024 * 1024, 20, &length);
    put_sealed(stream, length, 100000);
    g_autoptr(GError) error = NULL;
    assert_int_equal(
        dv_package_open(package_path, &made, key, out_path, count_bytes, &produced, &error),
        DV_TRUST_BLOATED);
    assert_true(produced <= 100000);
    assert_false(g_file_test(out_path, G_FILE_TEST_EXISTS));
}

static void
wide_windows_are_refused(void **state)
{
    (void)state;
    gsize length;
    g_autofree guint8 *stream = bomb(20 * 1024 * 1024, 24, &length);
    put_sealed(stream, length, 20 * 1024 * 1024);
    expect_refused(DV_TRUST_UNDECODABLE);
}

static void
one_frame_and_nothing_more(void **state)
{
    (void)state;
    gsize length;
    g_autofree guint8 *stream = bomb(1000, 20, &length);
    g_autofree guint8 *twice = g_malloc(2 * length);
    for (gsize i = 0; i < 2 * length; i++)
        twice[i] = stream[i % length];
    put_sealed(twice, 2 * length, 2000);
    expect_refused(DV_TRUST_BLOATED);
    put_sealed(stream, length - 1, 1000);
    expect_refused(DV_TRUST_TRUNCATED);
    put_sealed(stream, length, 1001);
    expect_refused(DV_TRUST_TRUNCATED);
    put_sealed((const guint8 *)"no zstd", 7, 7);
    expect_refused(DV_TRUST_UNDECODABLE);
    put_sealed(stream, length, 1000); /* decodes, but its digest is another one */
    expect_refused(DV_TRUST_BIT_FLIPPED);
}

static gboolean
stop(gint64 done, gint64 total, void *data)
{
    (void)done, (void)total, (void)data;
    return FALSE;
}

static void
the_machine_may_fail(void **state)
{
    (void)state;
    g_autoptr(GError) error = NULL;
    make(1000);
    assert_int_equal(dv_package_open(package_path, &made, key, out_path, stop, NULL, &error),
                     DV_TRUST_IO);
    g_clear_error(&error);
    assert_int_equal(
        dv_package_open(package_path, &made, key, "/nonexistent/out", NULL, NULL, &error),
        DV_TRUST_IO);
    g_clear_error(&error);
    assert_int_equal(dv_package_open("/nonexistent/in", &made, key, out_path, NULL, NULL, &error),
                     DV_TRUST_IO);
    g_clear_error(&error);
    assert_false(dv_package_make(plain_path, package_path, key, &made, stop, NULL, &error));
    expect_error(&error, DV_ERROR_UNAVAILABLE, "stopped");
    assert_false(dv_package_make(folder, package_path, key, &made, NULL, NULL, &error));
    g_clear_error(&error);
    assert_true(g_file_set_contents(plain_path, "", 0, NULL));
    assert_false(dv_package_make(plain_path, package_path, key, &made, NULL, NULL, &error));
    expect_error(&error, DV_ERROR_INVALID, "empty");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(there_and_back, setup, teardown),
        cmocka_unit_test_setup_teardown(sizes_and_digest_come_first, setup, teardown),
        cmocka_unit_test_setup_teardown(tags_see_what_digests_would, setup, teardown),
        cmocka_unit_test_setup_teardown(chunks_keep_their_places, setup, teardown),
        cmocka_unit_test_setup_teardown(another_key_opens_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(bombs_stop_at_the_bound, setup, teardown),
        cmocka_unit_test_setup_teardown(wide_windows_are_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(one_frame_and_nothing_more, setup, teardown),
        cmocka_unit_test_setup_teardown(the_machine_may_fail, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
