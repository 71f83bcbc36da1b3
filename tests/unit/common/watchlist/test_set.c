// SPDX-License-Identifier: Apache-2.0
/* The set in force: taken over whole, or not at all, and said so. */
#include "expect.h"
#include "list_folder.h"
#include "lists.h"

#include <darvaza/file.h>
#include <glib/gstdio.h>
#include <string.h>

static Lists *lists;
static DvWatchlist *watch;

static int
setup(void **state)
{
    (void)state;
    g_autoptr(GError) error = NULL;

    lists = lists_new();
    watch = dv_watchlist_open(lists->folder, FALSE, &error);
    EXPECT_NO_ERROR(error);
    return 0;
}

static int
teardown(void **state)
{
    (void)state;
    g_clear_pointer(&watch, dv_watchlist_free);
    lists_free(lists);
    return 0;
}

#define DOCUMENT(number)                                                                           \
    "{\"subject\":\"document\",\"document_number\":\"" number                                      \
    "\",\"issuing_state\":\"UTO\",\"action\":\"INFO\"}\n"

static void
build(const char *name, const char *source)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(DvWatchlistReport) report = lists_build(lists, name, source, &error);
    EXPECT_NO_ERROR(error);
}

static DvWatchlistAnswer *
ask(const char *number)
{
    const DvWatchlistSubject subject = {.document_number = number, .issuing_state = "UTO"};

    return dv_watchlist_check(watch, &subject, lists->now_us);
}

static void
expect_version(gint64 version, guint hits, const char *notice)
{
    g_autoptr(DvWatchlistAnswer) answer = ask("A1");
    const DvWatchlistList *list = g_ptr_array_index(answer->lists, 0);

    assert_true(answer->determined);
    assert_int_equal(list->version, version);
    assert_int_equal(strlen(list->state_hash), 64);
    assert_int_equal(answer->hits->len, hits);
    if (*notice == '\0')
        assert_string_equal(answer->notice, "");
    else if (strstr(answer->notice, notice) == NULL)
        fail_msg("\"%s\" instead of \"%s\"", answer->notice, notice);
}

#define CURRENT(lists)                                                                             \
    "{\"format\":1,\"epoch\":1,\"release\":9,\"installed_at\":\"" NOW "\",\"lists\":[" lists "]}"
#define LIST(version, layers) "{\"list_id\":\"s\",\"version\":" version ",\"layers\":[" layers "]}"

/* Whatever cannot be opened whole leaves the set before it in use, and the answer says why. */
static void
bad_set_changes_nothing(void **state)
{
    (void)state;
    build("one", PROFILE("s", 1, "") DOCUMENT("A1"));
    expect_version(1, 1, "");
    build("two", PROFILE("s", 2, "") DOCUMENT("B1"));
    expect_version(2, 0, "");
    list_folder_write(lists->folder, CURRENT(LIST("1", "\"one.dvlist\"")));
    expect_version(1, 1, "");
    static const struct {
        const char *text, *notice;
    } cases[] = {
        {"", "cannot be opened"},
        {"{", "cannot be opened"},
        {CURRENT(LIST("2", "\"gone.dvlist\"")), "gone.dvlist"},
        {CURRENT(LIST("3", "\"two.dvlist\"")), "not of the version"},
        {CURRENT("{\"list_id\":\"t\",\"version\":2,\"layers\":[\"two.dvlist\"]}"),
         "not of the version"},
        {CURRENT(LIST("2", "\"one.dvlist\",\"two.dvlist\"")), "lies on another"},
        {CURRENT(LIST("2", "")), "no layers"},
        {CURRENT(LIST("2", "\"../layers/two.dvlist\"")), "no name of a list file"},
        {CURRENT(LIST("2", "\".two.dvlist\"")), "no name of a list file"},
        {CURRENT(LIST("2", "\"current.json\"")), "no name of a list file"},
        {CURRENT(LIST("2", "\"two.dvlist\"") "," LIST("1", "\"one.dvlist\"")), "stands twice"},
        {CURRENT(LIST("2", "\"two.dvlist\"") ",7"), "cannot be opened"},
        {"{\"format\":2,\"epoch\":1,\"release\":9,\"installed_at\":\"\",\"lists\":[]}", "format"},
        {"{\"format\":1,\"release\":9,\"lists\":{}}", "no array"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        list_folder_write(lists->folder, cases[i].text);
        expect_version(1, 1, cases[i].notice);
    }
    list_folder_write(lists->folder, CURRENT(LIST("2", "\"two.dvlist\"")));
    expect_version(2, 0, "");
    g_autoptr(DvWatchlistAnswer) answer = ask("A1");
    assert_int_equal(answer->release, 9);
}

/* What is in use does not need its files' names any more. */
static void
files_in_use_may_be_unlinked(void **state)
{
    (void)state;
    build("one", PROFILE("s", 1, "") DOCUMENT("A1"));
    expect_version(1, 1, "");
    g_autofree char *path = lists_path(lists, "one" DV_WATCHLIST_SUFFIX);
    g_remove(path);
    expect_version(1, 1, "");
}

/* With nothing before it, what can be opened is asked, and the answer is not clear. */
static void
first_set_in_part(void **state)
{
    (void)state;
    build("one", PROFILE("s", 1, "") DOCUMENT("A1"));
    list_folder_write(lists->folder,
                      CURRENT(LIST("1", "\"one.dvlist\"") ",{\"list_id\":\"u\",\"version\":1,"
                                                          "\"layers\":[\"gone.dvlist\"]}"));
    g_autoptr(DvWatchlistAnswer) answer = ask("A1");
    assert_int_equal(answer->hits->len, 1);
    assert_false(answer->determined);
    assert_non_null(strstr(answer->undetermined_because, "list u could not be asked"));
    list_folder_write(lists->folder, "no set");
    g_autoptr(DvWatchlistAnswer) none = ask("A1");
    assert_false(none->determined);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(bad_set_changes_nothing),
        TEST(files_in_use_may_be_unlinked),
        TEST(first_set_in_part),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
