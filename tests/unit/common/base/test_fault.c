// SPDX-License-Identifier: Apache-2.0
/* Fault points in a build that has them: the state survives the blow, the blow falls where and when
 * it was ordered. In any other build they must be nothing at all. */
#include "expect.h"
#include <darvaza/clock.h>
#include <darvaza/fault.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static int
run_child(const char *state_file, const char *kill_order)
{
    int status;
    pid_t child = fork();

    if (child == 0) {
        g_setenv("DARVAZA_FAULT_STATE", state_file, TRUE);
        g_setenv("DARVAZA_FAULT_KILL", kill_order, TRUE);
        for (int i = 0; i < 3; i++) {
            DV_FAULT_POINT("lane.checking");
            DV_FAULT_POINT("outbox.before_commit");
            DV_FAULT_POINT("outbox.after_commit");
            DV_FAULT_POINT("lane.idle");
        }
        _exit(7);
    }
    waitpid(child, &status, 0);
    return status;
}

static void
blow_falls_where_ordered(void **state)
{
    (void)state;
    g_autofree char *folder = g_dir_make_tmp("dv-fault-XXXXXX", NULL);
    g_autofree char *file = g_build_filename(folder, "state", NULL);
    g_autofree char *text = NULL;
    int status = run_child(file, "outbox.before_commit:2");

#ifdef DV_FAULT_POINTS
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    assert_true(g_file_get_contents(file, &text, NULL, NULL));
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    assert_string_equal(g_strchomp(lines[0]), "lane.checking");
    assert_string_equal(g_strchomp(lines[1]), "outbox.before_commit");
    status = run_child(file, "outbox.before_commit:4");
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 7);
    g_unlink(file);
#else
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 7);
    assert_false(g_file_get_contents(file, &text, NULL, NULL));
#endif
    g_rmdir(folder);
}

/* Only a build for tests lets the environment move the clock. */
static void
clock_shift(void **state)
{
    (void)state;
    int status;
    pid_t child = fork();

    if (child == 0) {
        gint64 now = g_get_real_time();
        g_setenv("DARVAZA_CLOCK_SHIFT_S", "86400", TRUE);
        gint64 shifted = dv_clock_wall_us();
        _exit(shifted - now > 80000 * (gint64)G_USEC_PER_SEC ? 1 : 0);
    }
    waitpid(child, &status, 0);
    assert_true(WIFEXITED(status));
#ifdef DV_FAULT_POINTS
    assert_int_equal(WEXITSTATUS(status), 1);
#else
    assert_int_equal(WEXITSTATUS(status), 0);
#endif
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blow_falls_where_ordered),
        cmocka_unit_test(clock_shift),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
