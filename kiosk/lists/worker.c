// SPDX-License-Identifier: Apache-2.0
#include "worker.h"

#include <darvaza/clock.h>
#include <darvaza/error.h>
#include <darvaza/log.h>

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <unistd.h>

struct ListsWorker {
    ListsWorkerOptions options;
    ListsWish *wish;
    ListsMachine *machine;
    pthread_t thread;
    int pipe[2];

    /* the worker's own */
    ListsState state;
    DvTrustReason reason; /* of the last run */
    char *detail;
    char *written; /* what stands in status.json, without its time */

    pthread_mutex_t lock; /* for everything below */
    pthread_cond_t changed;
    gboolean check, quit;
    char *import;          /* asked for; NULL: none */
    gboolean import_going; /* asked for or going on, not collected yet */
    gboolean import_done;
    DvTrustReason import_reason;
    char *import_detail;
};

/* ---- status, in the worker's thread */

static void
say_status(ListsWorker *worker)
{
    g_autoptr(GError) error = NULL;
    const ListsStatus status = {
        .epoch = lists_machine_epoch(worker->machine),
        .release = lists_machine_release(worker->machine),
        .state = lists_state_word(worker->state),
        .reason = worker->reason,
        .detail = worker->detail,
        .volume = worker->options.volume,
        .at_us = dv_clock_wall_us(),
    };
    g_autofree char *text = g_strdup_printf("%s %d %s %" G_GINT64_FORMAT, status.state,
                                            (int)status.reason, status.detail, status.release);

    if (g_strcmp0(text, worker->written) == 0)
        return;
    if (!lists_status_write(&status, worker->options.machine.folder, &error)) {
        dv_log_warning("status: %s", error->message);
        return;
    }
    g_free(worker->written);
    worker->written = g_steal_pointer(&text);
}

/* The look every few seconds, which finds nothing, is not worth a word. */
static void
on_moved(ListsState state, void *data)
{
    ListsWorker *worker = data;

    worker->state = state;
    if (state != LISTS_IDLE && state != LISTS_TIMESTAMP)
        say_status(worker);
}

static void
note_result(ListsWorker *worker, DvTrustReason reason, const GError *error)
{
    const char *detail = error != NULL ? error->message : "";

    if (error != NULL && (reason != worker->reason || g_strcmp0(detail, worker->detail) != 0))
        dv_log_warning("the lists stay as they are: %s: %s", dv_trust_reason_word(reason), detail);
    worker->reason = reason;
    g_free(worker->detail);
    worker->detail = g_strdup(detail);
    say_status(worker);
}

/* ---- the thread */

static void
run_check(ListsWorker *worker)
{
    g_autoptr(GError) error = NULL;
    DvTrustReason reason =
        lists_machine_run(worker->machine, lists_wish_source(worker->wish), &error);

    pthread_mutex_lock(&worker->lock);
    gboolean interrupted = worker->quit || worker->import != NULL;
    pthread_mutex_unlock(&worker->lock);
    if (!interrupted)
        note_result(worker, reason, error);
}

static void
run_import(ListsWorker *worker, const char *folder)
{
    g_autoptr(GError) error = NULL;
    ListsSource *source = lists_source_folder_new(folder);

    dv_log_info("looking for an update in a folder");
    DvTrustReason reason = lists_machine_run(worker->machine, source, &error);
    lists_source_folder_free(source);
    note_result(worker, reason, error);
    pthread_mutex_lock(&worker->lock);
    worker->import_done = TRUE;
    worker->import_reason = reason;
    g_free(worker->import_detail);
    worker->import_detail = g_strdup(worker->detail);
    pthread_mutex_unlock(&worker->lock);
    if (write(worker->pipe[1], "i", 1) < 0 && errno != EAGAIN)
        g_error("cannot write to our own pipe: %s", g_strerror(errno));
}

/* FALSE: the end. *folder: an import, owned; NULL: a look at the centre. */
static gboolean
wait_for_work(ListsWorker *worker, char **folder)
{
    pthread_mutex_lock(&worker->lock);
    while (!worker->quit && !worker->check && worker->import == NULL)
        pthread_cond_wait(&worker->changed, &worker->lock);
    gboolean on = !worker->quit;
    *folder = g_steal_pointer(&worker->import);
    if (*folder == NULL)
        worker->check = FALSE;
    else
        lists_wish_go_on(worker->wish);
    pthread_mutex_unlock(&worker->lock);
    return on;
}

static void *
worker_main(void *data)
{
    ListsWorker *worker = data;

    for (;;) {
        g_autofree char *folder = NULL;
        if (!wait_for_work(worker, &folder))
            return NULL;
        if (folder != NULL)
            run_import(worker, folder);
        else
            run_check(worker);
    }
}

/* ---- main thread */

void
lists_worker_check(ListsWorker *worker)
{
    pthread_mutex_lock(&worker->lock);
    worker->check = TRUE;
    pthread_cond_signal(&worker->changed);
    pthread_mutex_unlock(&worker->lock);
}

gboolean
lists_worker_import(ListsWorker *worker, const char *folder)
{
    pthread_mutex_lock(&worker->lock);
    gboolean free_now = !worker->import_going;
    if (free_now) {
        worker->import = g_strdup(folder);
        worker->import_going = TRUE;
        lists_wish_interrupt(worker->wish);
        pthread_cond_signal(&worker->changed);
    }
    pthread_mutex_unlock(&worker->lock);
    return free_now;
}

int
lists_worker_fd(const ListsWorker *worker)
{
    return worker->pipe[0];
}

gboolean
lists_worker_collect(ListsWorker *worker, DvTrustReason *reason, char **detail)
{
    char bytes[16];

    while (read(worker->pipe[0], bytes, sizeof bytes) > 0)
        ;
    pthread_mutex_lock(&worker->lock);
    gboolean done = worker->import_done;
    if (done) {
        *reason = worker->import_reason;
        *detail = g_steal_pointer(&worker->import_detail);
        worker->import_done = worker->import_going = FALSE;
    }
    pthread_mutex_unlock(&worker->lock);
    return done;
}

ListsWish *
lists_worker_wish(ListsWorker *worker)
{
    return worker->wish;
}

/* ---- life */

ListsWorker *
lists_worker_new(const ListsWorkerOptions *options, GError **error)
{
    ListsMachineOptions machine_options = options->machine;
    ListsWorker *worker = g_new0(ListsWorker, 1);

    worker->options = *options;
    worker->detail = g_strdup("");
    machine_options.moved = on_moved;
    machine_options.data = worker;
    worker->machine = lists_machine_new(&machine_options, error);
    if (worker->machine == NULL) {
        g_free(worker->detail);
        g_free(worker);
        return NULL;
    }
    if (pipe2(worker->pipe, O_CLOEXEC | O_NONBLOCK) != 0)
        g_error("cannot make a pipe: %s", g_strerror(errno));
    worker->wish = lists_wish_new(options->wait_ms);
    pthread_mutex_init(&worker->lock, NULL);
    pthread_cond_init(&worker->changed, NULL);
    say_status(worker);
    if (pthread_create(&worker->thread, NULL, worker_main, worker) != 0)
        g_error("cannot start a thread");
    return worker;
}

void
lists_worker_free(ListsWorker *worker)
{
    if (worker == NULL)
        return;
    pthread_mutex_lock(&worker->lock);
    worker->quit = TRUE;
    pthread_cond_signal(&worker->changed);
    pthread_mutex_unlock(&worker->lock);
    lists_machine_stop(worker->machine);
    lists_wish_interrupt(worker->wish);
    pthread_join(worker->thread, NULL);
    pthread_cond_destroy(&worker->changed);
    pthread_mutex_destroy(&worker->lock);
    lists_machine_free(worker->machine);
    lists_wish_free(worker->wish);
    close(worker->pipe[0]);
    close(worker->pipe[1]);
    g_free(worker->import);
    g_free(worker->import_detail);
    g_free(worker->written);
    g_free(worker->detail);
    g_free(worker);
}
