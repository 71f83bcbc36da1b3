// SPDX-License-Identifier: Apache-2.0
/* Inside the confinement of the image reader: what it needs works, everything else is died of. */
#include "confine.h"
#include "expect.h"
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define MEGABYTE (1024 * 1024)

static void
open_file(void)
{
    open("/etc/hostname", O_RDONLY | O_CLOEXEC);
}
static void
make_socket(void)
{
    socket(AF_INET, SOCK_STREAM, 0);
}
static void
start_process(void)
{
    fork();
}
static void
run_program(void)
{
    execl("/bin/true", "true", NULL);
}
static void
kill_somebody(void)
{
    kill(getppid(), 0);
}
/* The kernel would send the signal for whoever owns the descriptor. */
static void
own_signals(void)
{
    fcntl(9, F_SETOWN, getppid());
}
static void
choose_signal(void)
{
    fcntl(9, F_SETSIG, SIGKILL);
}
static void
ask_for_signals(void)
{
    fcntl(9, F_SETFL, O_ASYNC);
}
static void
trace(void)
{
    ptrace(PTRACE_TRACEME, 0, NULL, NULL);
}
static void
make_code(void)
{
    mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}
static void
write_elsewhere(void)
{
    syscall(SYS_write, STDERR_FILENO, "x", 1);
}
static void
read_elsewhere(void)
{
    char c;
    syscall(SYS_read, STDIN_FILENO, &c, 1);
}
static void
lift_limits(void)
{
    syscall(SYS_prlimit64, 0, 0, NULL, NULL);
}
static void
take_time(void)
{
    for (volatile guint i = 0;; i++)
        ;
}

static const VisionBounds bounds = {
    .memory = 16 * MEGABYTE, .cpu_seconds = 1, .files = 0, .channel = 9};

/* The signal that ended a confined child, or minus its exit status. */
static int
end_of(void (*deed)(void))
{
    int status = 0;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        if (!vision_confine(&bounds, NULL))
            _exit(99);
        deed();
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFSIGNALED(status) ? WTERMSIG(status) : -WEXITSTATUS(status);
}

static void
forbidden(void **state)
{
    static void (*const deeds[])(void) = {
        open_file,      make_socket,   start_process,   run_program, kill_somebody,
        own_signals,    choose_signal, ask_for_signals, trace,       write_elsewhere,
        read_elsewhere, lift_limits,   make_code,
    };
    (void)state;
    for (guint i = 0; i < G_N_ELEMENTS(deeds); i++)
        if (end_of(deeds[i]) != SIGSYS)
            fail_msg("deed %u was not died of", i);
}

static void
small_memory(void)
{
    g_autofree guint8 *some = g_try_malloc(8 * MEGABYTE);
    _exit(some != NULL ? 5 : 6);
}
static void
much_memory(void)
{
    g_autofree guint8 *some = g_try_malloc(32 * MEGABYTE);
    _exit(some != NULL ? 5 : 6);
}

static void
bounded(void **state)
{
    (void)state;
    assert_int_equal(end_of(small_memory), -5);
    assert_int_equal(end_of(much_memory), -6);
    int end = end_of(take_time);
    assert_true(end == SIGXCPU || end == SIGKILL);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(forbidden), cmocka_unit_test(bounded)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
