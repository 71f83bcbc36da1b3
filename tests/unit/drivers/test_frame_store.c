// SPDX-License-Identifier: Apache-2.0
/* The latest frame of a camera: always whole, numbered, in two rooms and no more. */
#include "frame_store.h"
#include "sealed.h"
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static const DvFrameInfo info = {DV_FRAME_MJPEG, 640, 480};

static void
keep(DvFrameStore *store, gsize size, guint8 content)
{
    guint8 *room = dv_frame_store_room(store, size);
    assert_non_null(room);
    memset(room, content, size);
    dv_frame_store_keep(store, &info, size, content, 0);
}

static void
test_the_newest_is_whole(void **state)
{
    g_autoptr(DvFrameStore) store = dv_frame_store_new(41);
    (void)state;
    assert_null(dv_frame_store_newest(store)->bytes);
    keep(store, 100, 7);
    memset(dv_frame_store_room(store, 100), 9, 100); /* the next one arrives */
    const DvStoredFrame *frame = dv_frame_store_newest(store);
    assert_int_equal(frame->serial, 42);
    assert_int_equal(frame->length, 100);
    assert_int_equal(frame->arrived_us, 7);
    for (gsize i = 0; i < 100; i++)
        assert_int_equal(frame->bytes[i], 7);
    dv_frame_store_keep(store, &info, 50, 8, 3);
    assert_int_equal(frame->serial, 43);
    assert_int_equal(frame->length, 50);
    assert_int_equal(frame->dropped, 3);
    assert_int_equal(frame->bytes[0], 9);
}

/* However many frames come and nobody takes, and however their size changes. */
static void
test_memory_is_bounded(void **state)
{
    g_autoptr(DvFrameStore) store = dv_frame_store_new(0);
    (void)state;
    for (guint i = 0; i < 100; i++) {
        keep(store, DV_FRAME_MAX, (guint8)i);
        assert_in_range(dv_frame_store_bytes(store), DV_FRAME_MAX, 2 * (gsize)DV_FRAME_MAX);
    }
    for (guint i = 0; i < 1000; i++) {
        keep(store, 1000 + i, (guint8)i);
        assert_true(i < 2 || dv_frame_store_bytes(store) <= 2 * (1000 + i));
    }
    assert_null(dv_frame_store_room(store, (gsize)DV_FRAME_MAX + 1));
    assert_null(dv_frame_store_room(store, 0));
    assert_int_equal(dv_frame_store_newest(store)->serial, 1100);
}

static void
test_a_sealed_copy_stays_as_it_is(void **state)
{
    static const guint8 bytes[] = "frame";
    char read_back[sizeof bytes] = "";
    struct stat status;
    g_autoptr(GError) error = NULL;
    int fd = dv_sealed_copy(bytes, sizeof bytes, &error);
    (void)state;
    assert_true(fd >= 0);
    assert_int_equal(fstat(fd, &status), 0);
    assert_int_equal(status.st_size, sizeof bytes);
    assert_int_equal(pread(fd, read_back, sizeof read_back, 0), sizeof bytes);
    assert_string_equal(read_back, "frame");
    assert_int_equal(pwrite(fd, "x", 1, 0), -1);
    assert_int_equal(ftruncate(fd, 1), -1);
    assert_int_equal(ftruncate(fd, 100), -1);
    assert_ptr_equal(mmap(NULL, 1, PROT_WRITE, MAP_SHARED, fd, 0), MAP_FAILED);
    assert_int_equal(fcntl(fd, F_GET_SEALS),
                     F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE);
    close(fd);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_newest_is_whole),
        cmocka_unit_test(test_memory_is_bounded),
        cmocka_unit_test(test_a_sealed_copy_stays_as_it_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
