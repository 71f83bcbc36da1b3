// SPDX-License-Identifier: Apache-2.0
#include "confine.h"
#include <darvaza/error.h>
#include <errno.h>
#include <fcntl.h>
#include <seccomp.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

/* Memory, time, and what the C library does at its end. */
static const int allowed[] = {
    SCMP_SYS(brk),         SCMP_SYS(clock_gettime), SCMP_SYS(close),        SCMP_SYS(exit),
    SCMP_SYS(exit_group),  SCMP_SYS(futex),         SCMP_SYS(gettimeofday), SCMP_SYS(lseek),
    SCMP_SYS(madvise),     SCMP_SYS(mremap),        SCMP_SYS(munmap),       SCMP_SYS(rt_sigreturn),
    SCMP_SYS(sched_yield), SCMP_SYS(setitimer),
};
/* On the channel only. */
static const int on_channel[] = {SCMP_SYS(read), SCMP_SYS(write), SCMP_SYS(recvmsg),
                                 SCMP_SYS(sendmsg)};
/* Not with PROT_EXEC in the third argument. */
static const int of_memory[] = {SCMP_SYS(mmap), SCMP_SYS(mprotect)};

static gboolean
limit(int resource, rlim_t most, GError **error)
{
    struct rlimit now;
    if (getrlimit((__rlimit_resource_t)resource, &now) == 0 && now.rlim_max != RLIM_INFINITY &&
        now.rlim_max < most)
        most = now.rlim_max;
    now.rlim_cur = now.rlim_max = most;
    if (setrlimit((__rlimit_resource_t)resource, &now) == 0)
        return TRUE;
    dv_error_set_errno(error, errno, "limiting the image reader");
    return FALSE;
}

/* Bytes that are mapped now; 0 where that cannot be told. */
static gsize
mapped(void)
{
    unsigned long pages = 0;
    FILE *in = fopen("/proc/self/statm", "re");
    if (in == NULL || fscanf(in, "%lu", &pages) != 1)
        pages = 0;
    if (in != NULL)
        fclose(in);
    return (gsize)pages * (gsize)sysconf(_SC_PAGESIZE);
}

static int
add_rules(scmp_filter_ctx filter, int channel)
{
    int failed = 0;
    for (gsize i = 0; i < G_N_ELEMENTS(allowed); i++)
        failed |= seccomp_rule_add(filter, SCMP_ACT_ALLOW, allowed[i], 0);
    for (gsize i = 0; i < G_N_ELEMENTS(on_channel); i++)
        failed |= seccomp_rule_add(filter, SCMP_ACT_ALLOW, on_channel[i], 1,
                                   SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)channel));
    for (gsize i = 0; i < G_N_ELEMENTS(of_memory); i++)
        failed |= seccomp_rule_add(filter, SCMP_ACT_ALLOW, of_memory[i], 1,
                                   SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
    /* Of fcntl what tells; others of its commands have the kernel send signals to strangers. */
    failed |= seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(fcntl), 1,
                               SCMP_A1(SCMP_CMP_EQ, (scmp_datum_t)F_GET_SEALS));
    return failed;
}

static gboolean
filter_calls(int channel, GError **error)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
    int failed = filter == NULL ? -ENOMEM : add_rules(filter, channel);
    if (failed == 0)
        failed = seccomp_load(filter); /* sets no_new_privs itself */
    if (filter != NULL)
        seccomp_release(filter);
    if (failed != 0)
        dv_error_set_errno(error, -failed, "filtering the image reader's system calls");
    return failed == 0;
}

gboolean
vision_confine(const VisionBounds *bounds, GError **error)
{
    gsize before = mapped();
    if (!limit(RLIMIT_CORE, 0, error) || !limit(RLIMIT_FSIZE, 0, error) ||
        !limit(RLIMIT_CPU, bounds->cpu_seconds * (VISION_SANITIZED ? 10 : 1), error) ||
        !limit(RLIMIT_NOFILE, bounds->files, error) || prctl(PR_SET_DUMPABLE, 0) != 0)
        return FALSE;
    if (VISION_SANITIZED)
        return TRUE;
    if (before == 0) {
        g_set_error_literal(error, DV_ERROR, DV_ERROR_IO,
                            "limiting the image reader: /proc does not say what is mapped");
        return FALSE;
    }
    return limit(RLIMIT_AS, before + bounds->memory, error) && filter_calls(bounds->channel, error);
}
