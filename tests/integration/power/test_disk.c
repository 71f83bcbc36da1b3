// SPDX-License-Identifier: Apache-2.0
/* The recorder and the disk model, tried with small writers whose faults are known: what a power
 * cut can do to them must be found, and what it cannot do must not. */
#include "disk.h"

#include <darvaza/file.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define BLOCK 4096
#define SEEDS 40 /* per mode; the rarest outcome looked for has chance 1/16 or more */

typedef struct {
    char *dir, *root, *recording;
} Fixture;

static int
setup(void **state)
{
    Fixture *f = g_new0(Fixture, 1);
    g_autofree char *made = g_dir_make_tmp("dv-disk-XXXXXX", NULL);
    g_autofree char *real = realpath(made, NULL);

    f->dir = g_strdup(real);
    f->root = g_build_filename(f->dir, "run", NULL);
    f->recording = g_build_filename(f->dir, "recording", NULL);
    assert_true(dv_file_make_dir(f->root, 0700, NULL));
    g_autofree char *machine = g_build_filename(f->root, "m", NULL);
    assert_true(dv_file_make_dir(machine, 0700, NULL));
    *state = f;
    return 0;
}

static void
remove_folder(const char *path)
{
    g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
    const char *name;

    while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
        g_autofree char *child = g_build_filename(path, name, NULL);
        if (g_file_test(child, G_FILE_TEST_IS_DIR))
            remove_folder(child);
        else
            unlink(child);
    }
    rmdir(path);
}

static int
teardown(void **state)
{
    Fixture *f = *state;

    remove_folder(f->dir);
    g_free(f->dir);
    g_free(f->root);
    g_free(f->recording);
    g_free(f);
    return 0;
}

/* ---- what a writer does */

static char *
path_in(const Fixture *f, const char *name)
{
    return g_build_filename(f->root, "m", name, NULL);
}

/* A file of one block full of a letter; synced: its content, not its name. */
static void
write_letter(const Fixture *f, const char *name, char letter, gboolean synced)
{
    g_autofree char *path = path_in(f, name);
    char block[BLOCK];
    int fd = open(path, O_CREAT | O_WRONLY, 0600);

    memset(block, letter, sizeof block);
    assert_int_equal(pwrite(fd, block, sizeof block, 0), sizeof block);
    if (synced)
        assert_int_equal(fdatasync(fd), 0);
    close(fd);
}

static void
sync_folder(const Fixture *f)
{
    g_autofree char *path = path_in(f, "");
    int fd = open(path, O_RDONLY | O_DIRECTORY);

    assert_int_equal(fsync(fd), 0);
    close(fd);
}

/* ---- what the disk may hold after a cut at the end */

typedef struct {
    gboolean missing, empty, torn, other; /* was it seen? torn: several letters or junk */
    gboolean letter[256];
} Seen;

static void
note(Seen *seen, const char *target, const char *name)
{
    g_autofree char *path = g_build_filename(target, name, NULL);
    g_autofree char *text = NULL;
    gsize length = 0;
    gboolean uniform = TRUE;

    if (!g_file_get_contents(path, &text, &length, NULL)) {
        seen->missing = TRUE;
        return;
    }
    for (gsize i = 1; i < length; i++)
        uniform = uniform && text[i] == text[0];
    if (length == 0)
        seen->empty = TRUE;
    else if (!uniform)
        seen->torn = TRUE;
    else if (length == BLOCK)
        seen->letter[(guint8)text[0]] = TRUE;
    else
        seen->other = TRUE;
}

static Seen
cut_often(const Fixture *f, const Disk *disk, const char *name)
{
    Seen seen = {0};

    for (guint i = 0; i < SEEDS * DISK_MODES; i++) {
        g_autoptr(GRand) chance = g_rand_new_with_seed(i);
        g_autofree char *target = g_build_filename(f->dir, "cut", NULL);
        DiskMode mode = (DiskMode)(DISK_NOTHING + i % (DISK_MODES - 1));
        assert_int_equal(g_mkdir_with_parents(target, 0700), 0);
        disk_cut(disk, "m", mode, chance, target);
        note(&seen, target, name);
        remove_folder(target);
    }
    return seen;
}

static Seen
cut_recording(const Fixture *f, const char *name)
{
    Iolog *log = iolog_read(f->recording);
    g_autoptr(Disk) disk = disk_new();

    for (gsize i = 0; i < log->entries->len; i++)
        disk_feed(disk, iolog_at(log, i), (gint64)i);
    Seen seen = cut_often(f, disk, name);
    iolog_free(log);
    return seen;
}

/* ---- tests */

static void
test_unsynced_is_lost(void **state)
{
    Fixture *f = *state;

    iolog_start(f->root, f->recording);
    write_letter(f, "a", 'A', FALSE);
    iolog_stop();
    const Seen seen = cut_recording(f, "a");
    assert_true(seen.missing);
    assert_true(seen.empty);
    assert_true(seen.torn);
    assert_true(seen.letter['A']);
    assert_true(seen.letter[0]); /* long enough, but never written */
}

static void
test_synced_stays(void **state)
{
    Fixture *f = *state;

    iolog_start(f->root, f->recording);
    write_letter(f, "a", 'A', TRUE);
    sync_folder(f);
    iolog_stop();
    const Seen seen = cut_recording(f, "a");
    assert_true(seen.letter['A']);
    assert_false(seen.missing || seen.empty || seen.torn || seen.other || seen.letter[0]);
}

static void
test_name_needs_the_folder(void **state)
{
    Fixture *f = *state;

    iolog_start(f->root, f->recording);
    write_letter(f, "a", 'A', TRUE);
    iolog_stop();
    const Seen seen = cut_recording(f, "a");
    assert_true(seen.missing && seen.letter['A']);
    assert_false(seen.empty || seen.torn || seen.other);
}

static void
test_order_is_free(void **state)
{
    Fixture *f = *state;

    iolog_start(f->root, f->recording);
    write_letter(f, "a", 'A', TRUE);
    sync_folder(f);
    write_letter(f, "a", 'B', FALSE);
    write_letter(f, "a", 'C', FALSE);
    iolog_stop();
    const Seen seen = cut_recording(f, "a");
    assert_true(seen.letter['A'] && seen.letter['B'] && seen.letter['C'] && seen.torn);
    assert_false(seen.missing || seen.empty || seen.other || seen.letter[0]);
}

static void
test_rename_is_one_step(void **state)
{
    Fixture *f = *state;
    g_autofree char *from = path_in(f, "new");
    g_autofree char *to = path_in(f, "a");

    iolog_start(f->root, f->recording);
    write_letter(f, "a", 'A', TRUE);
    sync_folder(f);
    write_letter(f, "new", 'B', TRUE);
    assert_int_equal(rename(from, to), 0);
    iolog_stop();
    const Seen seen = cut_recording(f, "a");
    assert_true(seen.letter['A'] && seen.letter['B']);
    assert_false(seen.missing || seen.empty || seen.torn || seen.other);
}

static void
test_removal_needs_the_folder(void **state)
{
    Fixture *f = *state;
    g_autofree char *path = path_in(f, "a");

    iolog_start(f->root, f->recording);
    write_letter(f, "a", 'A', TRUE);
    sync_folder(f);
    assert_int_equal(unlink(path), 0);
    iolog_stop();
    const Seen seen = cut_recording(f, "a");
    assert_true(seen.letter['A'] && seen.missing);
}

/* The rename without a sync of the new content: the classic fault of writers that think that a
 * rename is enough. */
static void
test_rename_before_sync(void **state)
{
    Fixture *f = *state;
    g_autofree char *from = path_in(f, "new");
    g_autofree char *to = path_in(f, "a");

    iolog_start(f->root, f->recording);
    write_letter(f, "a", 'A', TRUE);
    sync_folder(f);
    write_letter(f, "new", 'B', FALSE);
    assert_int_equal(rename(from, to), 0);
    sync_folder(f);
    iolog_stop();
    const Seen seen = cut_recording(f, "a");
    assert_true(seen.empty && seen.torn && seen.letter['B']);
    assert_false(seen.letter['A'] || seen.missing);
}

/* What is written while a sync runs is not what that sync made durable. */
static void
test_write_during_sync(void **state)
{
    Fixture *f = *state;
    struct {
        IologEntry entry;
        char data[BLOCK];
    } make = {{IOLOG_CREATE, 4, 1, 0, 0}, "m/a"}, first = {{IOLOG_WRITE, BLOCK, 1, 0, 0}, ""},
      second = first;
    const IologEntry begin = {IOLOG_SYNC_BEGIN, 0, 1, 0, 0}, end = {IOLOG_SYNC_END, 0, 1, 0, 4};
    struct {
        IologEntry entry;
        char data[8];
    } dir_begin = {{IOLOG_DIR_BEGIN, 2, 0, 0, 0}, "m"},
      dir_end = {{IOLOG_DIR_END, 2, 0, 0, 1}, "m"};
    g_autoptr(Disk) disk = disk_new();

    memset(first.data, 'A', BLOCK);
    memset(second.data, 'B', BLOCK);
    const IologEntry *entries[] = {
        &make.entry, &dir_begin.entry, &dir_end.entry, &first.entry, &begin, &second.entry, &end};
    for (gsize i = 0; i < G_N_ELEMENTS(entries); i++)
        disk_feed(disk, entries[i], (gint64)i);
    const Seen seen = cut_often(f, disk, "a");
    assert_true(seen.letter['A'] && seen.letter['B'] && seen.torn);
    assert_false(seen.missing || seen.empty || seen.letter[0]);
}

/* The product's own: old or new, and new once it has returned. */
static void
test_atomic_replacement(void **state)
{
    Fixture *f = *state;
    g_autofree char *path = path_in(f, "a");
    char block[BLOCK];
    gboolean returned = FALSE;

    iolog_start(f->root, f->recording);
    memset(block, 'A', sizeof block);
    assert_true(dv_file_write(path, block, sizeof block, 0600, NULL));
    iolog_mark("first");
    memset(block, 'B', sizeof block);
    assert_true(dv_file_write(path, block, sizeof block, 0600, NULL));
    iolog_stop();

    Iolog *log = iolog_read(f->recording);
    g_autoptr(Disk) disk = disk_new();
    for (gsize i = 0; i < log->entries->len; i++) {
        disk_feed(disk, iolog_at(log, i), (gint64)i);
        returned = returned || iolog_at(log, i)->kind == IOLOG_MARK;
        const Seen seen = returned ? cut_often(f, disk, "a") : (Seen){0};
        assert_false(seen.missing || seen.empty || seen.torn || seen.other || seen.letter[0]);
        if (i + 1 == log->entries->len)
            assert_true(seen.letter['B'] && !seen.letter['A']);
    }
    iolog_free(log);
}

/* What cannot be recorded ends the program, so that no recording is silently incomplete. */
static void
test_unrecordable_ends(void **state)
{
    Fixture *f = *state;
    pid_t child = fork();
    int status = 0;

    if (child == 0) {
        struct sigaction plain = {.sa_handler = SIG_DFL};
        sigaction(SIGABRT, &plain, NULL);
        close(STDERR_FILENO);
        iolog_start(f->root, f->recording);
        write_letter(f, "a", 'A', FALSE);
        g_autofree char *path = path_in(f, "a");
        int fd = open(path, O_RDWR);
        mmap(NULL, BLOCK, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
}

int
main(void)
{
#define WITH(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        WITH(test_unsynced_is_lost),      WITH(test_synced_stays),
        WITH(test_name_needs_the_folder), WITH(test_order_is_free),
        WITH(test_rename_is_one_step),    WITH(test_removal_needs_the_folder),
        WITH(test_rename_before_sync),    WITH(test_write_during_sync),
        WITH(test_atomic_replacement),    WITH(test_unrecordable_ends),
    };
    return cmocka_run_group_tests_name("disk model", tests, NULL, NULL);
}
