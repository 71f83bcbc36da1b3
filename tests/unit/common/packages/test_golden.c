// SPDX-License-Identifier: Apache-2.0
/*
 * The bytes of docs/formats/list-package.md. The golden package must open to its plain text; it is
 * not made again byte by byte, because zstd's choices may differ from one version to the next.
 * DV_GOLDEN_WRITE=1 writes it anew after a change of the format.
 */
#include "expect.h"
#include "private.h"
#include <darvaza/file.h>

#define KEY_ID "defa3636a863d8d417eada750521d6c6476d61be76bbb063a8aa69d5371d51d1"
#define PACKAGE DV_GOLDEN "/package"

static const guint8 key[DV_PACKAGE_KEY_SIZE] = "an invented key of 32 bytes ...";

typedef struct {
    const guint8 *at;
    gsize left;
} Input;

static gssize
give(void *data, guint8 *buffer, gsize length, GError **error)
{
    Input *input = data;
    gsize count = MIN(length, input->left);
    (void)error;
    for (gsize i = 0; i < count; i++)
        buffer[i] = input->at[i];
    input->at += count;
    input->left -= count;
    return (gssize)count;
}

static gboolean
keep(void *data, const guint8 *bytes, gsize length, GError **error)
{
    (void)error;
    g_byte_array_append(data, bytes, (guint)length);
    return TRUE;
}

/* Two chunks' worth, most of which does not compress. */
static GByteArray *
plain_text(void)
{
    GByteArray *plain = g_byte_array_new();
    guint32 state = 1;
    for (guint i = 0; i < 70000; i++) {
        state = state * 1103515245u + 12345u;
        guint8 byte = (guint8)(state >> 16);
        g_byte_array_append(plain, &byte, 1);
    }
    return plain;
}

static void
write_golden(const GByteArray *plain)
{
    PackageHeader header = {.plain_size = plain->len, .nonce_prefix = {1, 2, 3, 4, 5, 6, 7}};
    g_autoptr(GByteArray) made = g_byte_array_new();
    Input input = {plain->data, plain->len};
    dv_hex_parse(KEY_ID, header.key_id, sizeof header.key_id);
    package_header_write(&header);
    assert_true(package_encode(&header, key, 6, give, &input, keep, made, NULL));
    assert_true(dv_file_write(PACKAGE, made->data, made->len, 0644, NULL));
}

static void
golden_package_opens(void **state)
{
    (void)state;
    char id[DV_TRUST_HEX];
    g_autoptr(GError) error = NULL;
    g_autoptr(GByteArray) plain = plain_text();
    dv_package_key_id(key, id);
    assert_string_equal(id, KEY_ID);
    if (g_getenv("DV_GOLDEN_WRITE"))
        write_golden(plain);
    g_autoptr(GBytes) golden = dv_file_read(PACKAGE, 1024 * 1024, &error);
    EXPECT_NO_ERROR(error);
    Input input = {g_bytes_get_data(golden, NULL), g_bytes_get_size(golden)};
    static const guint8 start[] = {'D', 'V', 'P', 'K', 'G', 0, 1,    0x10,
                                   0,   0,   0,   0,   0,   1, 0x11, 0x70};
    assert_memory_equal(input.at, start, sizeof start);
    assert_true(input.left > HEADER_SIZE + SEALED_CHUNK); /* two chunks */
    g_autoptr(GByteArray) out = g_byte_array_new();
    assert_int_equal(package_decode(key, (gint64)plain->len, give, &input, keep, out, &error),
                     DV_TRUST_OK);
    assert_int_equal(out->len, plain->len);
    assert_memory_equal(out->data, plain->data, plain->len);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(golden_package_opens)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
