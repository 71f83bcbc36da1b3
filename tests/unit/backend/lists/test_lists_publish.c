// SPDX-License-Identifier: Apache-2.0
/* From a draft to what is served: whole and in order, or not at all. */
#include "expect.h"
#include "keys.h"
#include "lists_rig.h"

#include <darvaza/clock.h>
#include <darvaza/lists_repository.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

static const char *const numbers[] = {"X1111111", NULL};

typedef struct {
    ListsRig *rig;
    DvListsRepository *repository;
    GBytes *file, *timestamp;
} Fixture;

static GBytes *
make_timestamp(const ListsRig *rig, GBytes *release, gint64 number, guint percent)
{
    gint64 now = dv_clock_wall_us() / G_USEC_PER_SEC * G_USEC_PER_SEC;
    DvTrustTimestamp stamp = {
        .version = dv_trust_timestamp_next_version(0, now),
        .epoch = 1,
        .issued_us = now,
        .expires_us = now + G_GINT64_CONSTANT(86400) * G_USEC_PER_SEC,
        .current = {.release = number, .size = (gint64)g_bytes_get_size(release)},
        .percent = percent};
    dv_test_digest(release, stamp.current.sha256);
    return dv_test_signed(rig->signers, dv_trust_timestamp_make(&stamp, NULL),
                          DV_TRUST_ROLE_TIMESTAMP, SIGNED_TIMESTAMP);
}

static int
setup(void **state)
{
    Fixture *f = g_new0(Fixture, 1);
    f->rig = lists_rig_new();
    f->repository = dv_lists_repository_open(f->rig->dir, NULL);
    lists_rig_draft(f->rig, 42, 1, numbers);
    f->file = dv_test_signed(f->rig->signers, dv_lists_draft_release(f->repository, 42, NULL),
                             DV_TRUST_ROLE_RELEASE, SIGNED_RELEASE);
    f->timestamp = make_timestamp(f->rig, f->file, 42, 0);
    *state = f;
    return 0;
}

static int
teardown(void **state)
{
    Fixture *f = *state;
    dv_lists_repository_free(f->repository);
    g_bytes_unref(f->file);
    g_bytes_unref(f->timestamp);
    lists_rig_free(f->rig);
    g_free(f);
    return 0;
}

static gint64
standing(const Fixture *f)
{
    g_autoptr(GError) error = NULL;
    DvTrustTimestamp *timestamp = NULL;
    DvTrustRelease *release = NULL;
    if (!dv_lists_standing(f->repository, &timestamp, &release, &error))
        fail_msg("%s", error->message);
    gint64 number = release ? release->release : 0;
    dv_trust_timestamp_free(timestamp);
    dv_trust_release_free(release);
    return number;
}

static void
everything_is_laid_and_again_changes_nothing(void **state)
{
    Fixture *f = *state;
    g_autoptr(GError) error = NULL;
    assert_int_equal(standing(f), 0);
    assert_true(dv_lists_is_complete(f->repository, 42, &error));
    assert_int_equal(standing(f), 0);
    assert_true(dv_lists_publish(f->repository, 42, f->file, f->timestamp, &error));
    assert_int_equal(standing(f), 42);
    g_autoptr(DvTrustRelease) release = dv_trust_release_read(f->file, NULL, NULL);
    const DvTrustList *list = release->lists->pdata[0];
    g_autofree char *all =
        g_strdup_printf("statement/%s.json package/%s keys/%s", list->statement_sha256,
                        list->full.sha256, list->full.sha256);
    g_auto(GStrv) names = g_strsplit(all, " ", -1);
    for (gsize i = 0; names[i]; i++) {
        DvListsFile file;
        assert_true(dv_lists_find(f->repository, names[i], &file, &error));
        g_close(file.fd, NULL);
    }
    g_autofree char *path = g_build_filename(f->rig->dir, "lists/timestamp.json", NULL);
    struct stat before, after;
    assert_int_equal(stat(path, &before), 0);
    assert_true(dv_lists_publish(f->repository, 42, f->file, f->timestamp, &error));
    assert_int_equal(stat(path, &after), 0);
    assert_int_equal(before.st_ino, after.st_ino);
    g_autoptr(GBytes) later = make_timestamp(f->rig, f->file, 42, 10);
    assert_true(dv_lists_publish(f->repository, 42, f->file, later, &error));
    g_autoptr(GBytes) served = lists_rig_read(f->rig, "lists/timestamp.json");
    assert_true(g_bytes_equal(served, later));
}

/* Each piece taken away, or of another size: nothing goes out, and the timestamp least of all. */
static void
an_incomplete_draft_goes_nowhere(void **state)
{
    static const char *const folders[] = {"statement", "package", "keys"};
    Fixture *f = *state;
    for (gsize i = 0; i < G_N_ELEMENTS(folders); i++) {
        g_autoptr(GError) error = NULL;
        g_autofree char *folder = g_build_filename(f->rig->dir, "drafts/42", folders[i], NULL);
        g_autofree char *away = g_strconcat(folder, ".away", NULL);
        assert_int_equal(g_rename(folder, away), 0);
        assert_false(dv_lists_is_complete(f->repository, 42, &error));
        expect_error(&error, DV_ERROR_INVALID, "is not complete");
        assert_false(dv_lists_publish(f->repository, 42, f->file, f->timestamp, &error));
        expect_error(&error, DV_ERROR_INVALID, "is not complete");
        assert_int_equal(standing(f), 0);
        assert_int_equal(g_rename(away, folder), 0);
    }
}

static void
sizes_are_the_signed_ones(void **state)
{
    Fixture *f = *state;
    g_autoptr(GError) error = NULL;
    g_autoptr(DvTrustRelease) release = dv_trust_release_read(f->file, NULL, NULL);
    const DvTrustList *list = release->lists->pdata[0];
    g_autofree char *package =
        g_build_filename(f->rig->dir, "drafts/42/package", list->full.sha256, NULL);
    assert_true(g_file_set_contents(package, "short", -1, NULL));
    assert_false(dv_lists_is_complete(f->repository, 42, &error));
    expect_error(&error, DV_ERROR_INVALID, "another size than the signed one");
    assert_false(dv_lists_is_complete(f->repository, 7, &error));
    expect_error(&error, DV_ERROR_INVALID, "There is no draft of release 7");
}

/* A kiosk that was enrolled after the draft was made keeps its envelope. */
static void
served_envelopes_stay(void **state)
{
    Fixture *f = *state;
    g_autoptr(GError) error = NULL;
    g_autoptr(DvTrustRelease) release = dv_trust_release_read(f->file, NULL, NULL);
    const DvTrustList *list = release->lists->pdata[0];
    g_autofree char *keys = g_build_filename(f->rig->dir, "lists/keys", list->full.sha256, NULL);
    g_autofree char *signed_release = g_build_filename(f->rig->dir, "lists/release/42.json", NULL);
    g_autofree char *content = NULL;
    assert_true(dv_lists_publish(f->repository, 42, f->file, f->timestamp, &error));
    assert_true(g_file_set_contents(keys, "one more", -1, NULL));
    assert_int_equal(g_unlink(signed_release), 0);
    assert_true(dv_lists_publish(f->repository, 42, f->file, f->timestamp, &error));
    assert_true(g_file_get_contents(keys, &content, NULL, NULL));
    assert_string_equal(content, "one more");
}

static void
a_timestamp_without_its_release_is_an_error(void **state)
{
    Fixture *f = *state;
    g_autoptr(GError) error = NULL;
    DvTrustTimestamp *timestamp = NULL;
    DvTrustRelease *release = NULL;
    g_autofree char *path = g_build_filename(f->rig->dir, "lists/timestamp.json", NULL);
    g_file_set_contents(path, g_bytes_get_data(f->timestamp, NULL),
                        (gssize)g_bytes_get_size(f->timestamp), NULL);
    assert_false(dv_lists_standing(f->repository, &timestamp, &release, &error));
    expect_error(&error, DV_ERROR_CORRUPT, "release/42.json is missing");
    assert_null(timestamp);
}

int
main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        CASE(everything_is_laid_and_again_changes_nothing),
        CASE(an_incomplete_draft_goes_nowhere),
        CASE(sizes_are_the_signed_ones),
        CASE(served_envelopes_stay),
        CASE(a_timestamp_without_its_release_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
