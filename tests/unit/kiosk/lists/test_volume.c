// SPDX-License-Identifier: Apache-2.0
/* Which devices count as encrypted, over models of what the kernel shows in sysfs. */
#include "volume.h"
#include <glib/gstdio.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <cmocka.h>

/* devices/NAME with its dm/uuid and slaves, and dev/block/M:m pointing at it, as in Linux. */
typedef struct {
    char *root;
} Sysfs;

static int
setup(void **state)
{
    Sysfs *sysfs = g_new0(Sysfs, 1);
    sysfs->root = g_dir_make_tmp("dv-sysfs-XXXXXX", NULL);
    g_autofree char *block = g_build_filename(sysfs->root, "dev", "block", NULL);
    g_assert_true(g_mkdir_with_parents(block, 0755) == 0);
    *state = sysfs;
    return 0;
}

static int
teardown(void **state)
{
    Sysfs *sysfs = *state;
    const char *argv[] = {"rm", "-r", sysfs->root, NULL};
    g_spawn_sync(NULL, (char **)argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, NULL,
                 NULL);
    g_free(sysfs->root);
    g_free(sysfs);
    return 0;
}

static void
put(const char *folder, const char *name, const char *text)
{
    g_autofree char *path = g_build_filename(folder, name, NULL);
    g_autofree char *parent = g_path_get_dirname(path);
    g_assert_true(g_mkdir_with_parents(parent, 0755) == 0);
    g_assert_true(g_file_set_contents(path, text, -1, NULL));
}

static void
device(const Sysfs *sysfs, const char *name, const char *numbers, const char *uuid)
{
    g_autofree char *folder = g_build_filename(sysfs->root, "devices", name, NULL);
    g_autofree char *link = g_build_filename(sysfs->root, "dev", "block", numbers, NULL);
    g_assert_true(g_mkdir_with_parents(folder, 0755) == 0);
    g_assert_true(symlink(folder, link) == 0);
    if (uuid != NULL)
        put(folder, "dm/uuid", uuid);
}

static void
stands_on(const Sysfs *sysfs, const char *upper, const char *lower)
{
    g_autofree char *slaves = g_build_filename(sysfs->root, "devices", upper, "slaves", NULL);
    g_autofree char *base = g_path_get_basename(lower);
    g_autofree char *link = g_build_filename(slaves, base, NULL);
    g_autofree char *target = g_build_filename(sysfs->root, "devices", lower, NULL);
    g_assert_true(g_mkdir_with_parents(slaves, 0755) == 0);
    g_assert_true(symlink(target, link) == 0);
}

static void
a_plain_disk_is_not(void **state)
{
    const Sysfs *sysfs = *state;
    device(sysfs, "sda", "8:0", NULL);
    device(sysfs, "sda/sda1", "8:1", NULL);
    g_autofree char *partition = g_build_filename(sysfs->root, "devices/sda/sda1", NULL);
    put(partition, "partition", "1\n");
    assert_false(lists_device_is_encrypted(8, 0, sysfs->root));
    assert_false(lists_device_is_encrypted(8, 1, sysfs->root));
    assert_false(lists_device_is_encrypted(0, 42, sysfs->root)); /* tmpfs, overlayfs: no device */
}

static void
dm_crypt_is(void **state)
{
    const Sysfs *sysfs = *state;
    device(sysfs, "sda", "8:0", NULL);
    device(sysfs, "dm-0", "254:0", "CRYPT-LUKS2-0123456789abcdef-data\n");
    stands_on(sysfs, "dm-0", "sda");
    assert_true(lists_device_is_encrypted(254, 0, sysfs->root));
    device(sysfs, "dm-1", "254:1", "LVM-abcdefgh\n"); /* a logical volume upon it */
    stands_on(sysfs, "dm-1", "dm-0");
    assert_true(lists_device_is_encrypted(254, 1, sysfs->root));
}

static void
other_mappings_are_not(void **state)
{
    const Sysfs *sysfs = *state;
    device(sysfs, "sda", "8:0", NULL);
    device(sysfs, "dm-0", "254:0", "LVM-CRYPT-looks-like-it\n");
    stands_on(sysfs, "dm-0", "sda");
    assert_false(lists_device_is_encrypted(254, 0, sysfs->root));
    device(sysfs, "dm-2", "254:2", "CRYPT-"); /* nothing behind the word */
    assert_false(lists_device_is_encrypted(254, 2, sysfs->root));
}

static void
half_a_mirror_in_the_clear_is_not(void **state)
{
    const Sysfs *sysfs = *state;
    device(sysfs, "sdb", "8:16", NULL);
    device(sysfs, "dm-0", "254:0", "CRYPT-LUKS2-0123456789abcdef-a\n");
    device(sysfs, "dm-1", "254:1", "CRYPT-LUKS2-0123456789abcdef-b\n");
    device(sysfs, "md0", "9:0", NULL);
    stands_on(sysfs, "md0", "dm-0");
    stands_on(sysfs, "md0", "sdb");
    assert_false(lists_device_is_encrypted(9, 0, sysfs->root));
    device(sysfs, "md1", "9:1", NULL);
    stands_on(sysfs, "md1", "dm-0");
    stands_on(sysfs, "md1", "dm-1");
    assert_true(lists_device_is_encrypted(9, 1, sysfs->root));
    device(sysfs, "md1/md1p1", "259:0", NULL); /* a partition of it */
    g_autofree char *partition = g_build_filename(sysfs->root, "devices/md1/md1p1", NULL);
    put(partition, "partition", "1\n");
    assert_true(lists_device_is_encrypted(259, 0, sysfs->root));
}

static void
a_circle_comes_to_an_end(void **state)
{
    const Sysfs *sysfs = *state;
    device(sysfs, "dm-0", "254:0", "LVM-a\n");
    device(sysfs, "dm-1", "254:1", "LVM-b\n");
    stands_on(sysfs, "dm-0", "dm-1");
    stands_on(sysfs, "dm-1", "dm-0");
    assert_false(lists_device_is_encrypted(254, 0, sysfs->root));
}

static void
a_folder_is_looked_up_by_its_device(void **state)
{
    const Sysfs *sysfs = *state;
    g_autoptr(GError) error = NULL;
    gboolean encrypted = TRUE;
    assert_true(lists_volume_is_encrypted(sysfs->root, sysfs->root, &encrypted, &error));
    assert_false(encrypted);
    assert_false(lists_volume_is_encrypted("/nowhere/at/all", sysfs->root, &encrypted, &error));
    assert_non_null(error);
}

/* layers/ leads to another device than the folder: both count. */
static void
a_folder_within_it_counts_too(void **state)
{
    const Sysfs *sysfs = *state;
    g_autofree char *folder = g_build_filename(sysfs->root, "lists", NULL);
    g_autofree char *layers = g_build_filename(folder, "layers", NULL);
    g_autofree char *other = g_strdup("/dev/shm/dv-layers-XXXXXX");
    struct stat here = {0}, there = {0};
    gboolean encrypted = FALSE;
    g_assert_true(g_mkdir_with_parents(folder, 0755) == 0 && stat(folder, &here) == 0);
    if (g_mkdtemp(other) == NULL || stat(other, &there) != 0 || here.st_dev == there.st_dev) {
        print_message("this machine has no second volume to try it with\n");
        skip();
    }
    g_autofree char *numbers = g_strdup_printf("%u:%u", major(here.st_dev), minor(here.st_dev));
    device(sysfs, "dm-0", numbers, "CRYPT-LUKS2-0123456789abcdef-a\n");
    assert_true(lists_volume_is_encrypted(folder, sysfs->root, &encrypted, NULL));
    assert_true(encrypted);
    g_assert_true(symlink(other, layers) == 0);
    assert_true(lists_volume_is_encrypted(folder, sysfs->root, &encrypted, NULL));
    assert_false(encrypted);
    g_rmdir(other);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_plain_disk_is_not, setup, teardown),
        cmocka_unit_test_setup_teardown(dm_crypt_is, setup, teardown),
        cmocka_unit_test_setup_teardown(other_mappings_are_not, setup, teardown),
        cmocka_unit_test_setup_teardown(half_a_mirror_in_the_clear_is_not, setup, teardown),
        cmocka_unit_test_setup_teardown(a_circle_comes_to_an_end, setup, teardown),
        cmocka_unit_test_setup_teardown(a_folder_is_looked_up_by_its_device, setup, teardown),
        cmocka_unit_test_setup_teardown(a_folder_within_it_counts_too, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
