// SPDX-License-Identifier: Apache-2.0
/* What stands in the repository of lists can be found by its one name; nothing else can. */
#include "keys.h"
#include <darvaza/crypto.h>
#include <darvaza/lists_repository.h>
#include <glib/gstdio.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define DIGEST "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static char *folder;
static DvListsRepository *repository;

static void
lay(const char *name, const char *content)
{
    g_autofree char *path = g_build_filename(folder, name, NULL);
    g_autofree char *dir = g_path_get_dirname(path);
    assert_int_equal(g_mkdir_with_parents(dir, 0700), 0);
    assert_true(g_file_set_contents(path, content, -1, NULL));
}

static int
setup(void **state)
{
    (void)state;
    folder = g_dir_make_tmp("dv-lists-XXXXXX", NULL);
    lay("lists/root/1.json", "root one");
    lay("lists/timestamp.json", "the timestamp");
    lay("lists/release/42.json", "release 42");
    lay("lists/statement/" DIGEST ".json", "a statement");
    lay("lists/package/" DIGEST, "a package");
    lay("lists/keys/" DIGEST, "envelopes");
    lay("lists/secret", "secret");
    lay("lists/package/notes", "not a package");
    lay("drafts/43/diff.json", "a draft");
    repository = dv_lists_repository_open(folder, NULL);
    return repository != NULL ? 0 : 1;
}

static int
teardown(void **state)
{
    (void)state;
    dv_lists_repository_free(repository);
    dv_test_remove_tree(folder);
    g_free(folder);
    return 0;
}

static void
files_are_found_by_name(void **state)
{
    static const struct {
        const char *name, *content;
    } cases[] = {
        {"root/1.json", "root one"},       {"timestamp.json", "the timestamp"},
        {"release/42.json", "release 42"}, {"statement/" DIGEST ".json", "a statement"},
        {"package/" DIGEST, "a package"},  {"keys/" DIGEST, "envelopes"},
    };
    (void)state;
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        DvListsFile file;
        char content[64] = {0};
        assert_true(dv_lists_find(repository, cases[i].name, &file, &error));
        assert_int_equal(file.size, strlen(cases[i].content));
        assert_int_equal(read(file.fd, content, sizeof content - 1), file.size);
        assert_string_equal(content, cases[i].content);
        assert_int_equal(strlen(file.etag), 66);
        close(file.fd);
    }
}

/* A package's tag is its name; what may change under one name is tagged by its content. */
static void
tags_name_the_content(void **state)
{
    (void)state;
    DvListsFile file;
    assert_true(dv_lists_find(repository, "package/" DIGEST, &file, NULL));
    assert_string_equal(file.etag, "\"" DIGEST "\"");
    close(file.fd);
    g_autofree char *before = NULL;
    assert_true(dv_lists_find(repository, "timestamp.json", &file, NULL));
    before = g_strdup(file.etag);
    close(file.fd);
    lay("lists/timestamp.json", "a later one!!");
    assert_true(dv_lists_find(repository, "timestamp.json", &file, NULL));
    assert_string_not_equal(file.etag, before);
    close(file.fd);
}

static void
other_names_find_nothing(void **state)
{
    static const char *const names[] = {
        "",
        "/",
        ".",
        "secret",
        "lists/secret",
        "timestamp",
        "timestamp.json/",
        "/timestamp.json",
        "./timestamp.json",
        "root",
        "root/",
        "root/.json",
        "root/01.json",
        "root/0.json",
        "root/-1.json",
        "root/1.json/",
        "root//1.json",
        "root/1.json.tmp",
        "root/1",
        "root/2.json",
        "root/9999999999999999.json",
        "release/../root/1.json",
        "../drafts/43/diff.json",
        "package/../../drafts/43/diff.json",
        "drafts/43/diff.json",
        "package/notes",
        "package/" DIGEST "0",
        "package/0123456789ABCDEF0123456789abcdef0123456789abcdef0123456789abcdef",
        "package/0000000000000000000000000000000000000000000000000000000000000000",
        "statement/" DIGEST,
        "keys/" DIGEST ".json",
        "package/" DIGEST "/" DIGEST "/" DIGEST,
    };
    (void)state;
    for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autoptr(GError) error = NULL;
        DvListsFile file;
        if (dv_lists_find(repository, names[i], &file, &error))
            fail_msg("%s was found", names[i]);
        assert_null(error);
    }
}

static void
link_in(const char *target, const char *name)
{
    g_autofree char *path = g_build_filename(folder, "lists", name, NULL);
    g_unlink(path);
    assert_int_equal(symlink(target, path), 0);
}

static void
links_and_folders_are_no_files(void **state)
{
    (void)state;
    DvListsFile file;
    link_in("../../lists/secret", "release/7.json");
    assert_false(dv_lists_find(repository, "release/7.json", &file, NULL));
    g_autofree char *dir = g_build_filename(folder, "lists/release/8.json", NULL);
    assert_int_equal(g_mkdir(dir, 0700), 0);
    assert_false(dv_lists_find(repository, "release/8.json", &file, NULL));
    g_autofree char *real = g_build_filename(folder, "lists/keys", NULL);
    g_autofree char *moved = g_build_filename(folder, "moved", NULL);
    assert_int_equal(g_rename(real, moved), 0);
    link_in("../moved", "keys");
    assert_false(dv_lists_find(repository, "keys/" DIGEST, &file, NULL));
    g_unlink(real);
    assert_int_equal(g_rename(moved, real), 0);
}

static void
too_large_metadata_is_an_error(void **state)
{
    (void)state;
    g_autoptr(GError) error = NULL;
    DvListsFile file;
    g_autofree char *large = g_strnfill(DV_LISTS_METADATA_MAX + 1, ' ');
    lay("lists/release/9.json", large);
    assert_false(dv_lists_find(repository, "release/9.json", &file, &error));
    assert_non_null(error);
    assert_null(dv_lists_repository_open("/nonexistent/lists", NULL));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_are_found_by_name),
        cmocka_unit_test(tags_name_the_content),
        cmocka_unit_test(other_names_find_nothing),
        cmocka_unit_test(links_and_folders_are_no_files),
        cmocka_unit_test(too_large_metadata_is_an_error),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
