// SPDX-License-Identifier: Apache-2.0
#include <darvaza/fault.h>

#ifdef DV_FAULT_POINTS
#include <fcntl.h>
#include <glib.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define LINE 64
#define LINES 16

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static char *state; /* LINES lines of LINE bytes, mapped; NULL: nobody asked */
static char *kill_name, *pause_name;
static gint64 kill_at, pause_ms;
static gint64 kill_passes;

static void
read_pair(const char *variable, char **name, gint64 *number)
{
    const char *text = g_getenv(variable);
    const char *colon = text != NULL ? strrchr(text, ':') : NULL;

    if (colon == NULL)
        return;
    if (!g_ascii_string_to_signed(colon + 1, 10, 1, G_MAXINT32, number, NULL))
        g_error("%s must read name:number", variable);
    *name = g_strndup(text, (gsize)(colon - text));
}

static void
read_environment(void)
{
    const char *path = g_getenv("DARVAZA_FAULT_STATE");

    read_pair("DARVAZA_FAULT_KILL", &kill_name, &kill_at);
    read_pair("DARVAZA_FAULT_PAUSE", &pause_name, &pause_ms);
    if (path == NULL)
        return;
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0 || ftruncate(fd, LINE * LINES) != 0)
        g_error("cannot use the fault state file %s", path);
    void *map = mmap(NULL, LINE * LINES, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    if (map == MAP_FAILED)
        g_error("cannot map the fault state file %s", path);
    state = map;
    memset(state, '\n', LINE * LINES);
}

/* Each family ("outbox" of "outbox.before_commit") has its own line, so that a blow shows what
 * every part of the process was doing. */
static void
note(const char *name)
{
    gsize family = strcspn(name, "."), length = strlen(name);

    g_assert(length < LINE);
    for (gsize i = 0; i < LINES; i++) {
        char *line = state + i * LINE;
        gboolean ours = strncmp(line, name, family) == 0 && line[family] == name[family];
        if (*line != '\n' && !ours)
            continue;
        for (gsize k = 0; k < LINE - 1; k++)
            line[k] = k < length ? name[k] : ' ';
        return;
    }
    g_error("more than %d families of fault points", LINES);
}

void
dv_fault_point(const char *name)
{
    pthread_once(&once, read_environment);
    pthread_mutex_lock(&lock);
    if (state != NULL)
        note(name);
    gboolean strike = kill_name != NULL && g_str_equal(kill_name, name) && ++kill_passes == kill_at;
    pthread_mutex_unlock(&lock);
    if (strike)
        kill(getpid(), SIGKILL);
    if (pause_name != NULL && g_str_equal(pause_name, name))
        g_usleep((gulong)pause_ms * 1000);
}
#endif
