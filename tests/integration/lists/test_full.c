// SPDX-License-Identifier: Apache-2.0
/* The disk is full at one write after another of an update: the old set stays, the reason is said,
 * and with room again the update completes. */
#include "full_disk.h"
#include "run_once.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define PLACES_MAX 400

/* TRUE: it was full somewhere, and the update was refused for that. */
static gboolean
full_at(const ListsKiosk *kiosk, gint64 left, gint64 in_force)
{
    g_autoptr(GError) error = NULL;
    gint64 release = 0;

    full_disk()->refused = 0;
    full_disk()->left = left;
    DvTrustReason reason = run_once(kiosk, kiosk->folder, &error);
    full_disk()->left = -1;
    gboolean was_full = full_disk()->refused > 0;
    if (was_full && reason != DV_TRUST_NO_SPACE && reason != DV_TRUST_OK)
        fail_msg("room for %" G_GINT64_FORMAT ": %s: %s", left, dv_trust_reason_word(reason),
                 error->message);
    g_clear_error(&error);
    if (!list_repo_judge(kiosk->repo, kiosk->folder, &release, &error))
        fail_msg("room for %" G_GINT64_FORMAT ": %s", left, error->message);
    if (reason == DV_TRUST_NO_SPACE && release != in_force && release != in_force + 1)
        fail_msg("room for %" G_GINT64_FORMAT ": another release is in force", left);
    return was_full && reason == DV_TRUST_NO_SPACE;
}

static void
a_full_disk_keeps_the_old_set_and_says_so(void **state)
{
    (void)state;
    g_autoptr(GError) error = NULL;
    ListsKiosk *kiosk = lists_kiosk_new(2000, 100, "");
    const ListRepoRelease next = {.changes = 500};
    guint refused = 0;
    gint64 release = 0;

    full_disk_watch(kiosk->folder);
    full_disk()->left = -1;
    full_disk()->halves = 1;
    if (run_once(kiosk, kiosk->folder, &error) != DV_TRUST_OK)
        fail_msg("%s", error->message);
    list_repo_publish(kiosk->repo, &next);
    for (gint64 left = 0; left < PLACES_MAX; left++) {
        if (!full_at(kiosk, left, 1))
            break;
        refused++;
    }
    print_message("full at %u places of an update\n", refused);
    assert_true(refused > 5);
    if (run_once(kiosk, kiosk->folder, &error) != DV_TRUST_OK)
        fail_msg("%s", error->message);
    assert_true(list_repo_judge(kiosk->repo, kiosk->folder, &release, NULL));
    assert_int_equal(release, 2);
    lists_kiosk_free(kiosk);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_full_disk_keeps_the_old_set_and_says_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
