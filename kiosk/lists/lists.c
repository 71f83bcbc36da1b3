// SPDX-License-Identifier: Apache-2.0
/* Puts the parts together: volume, keys, worker, sockets, the looks at centre and stick. */
#include "service.h"
#include "volume.h"
#include "worker.h"

#include "dv-lists1.h"

#include <darvaza/bus.h>
#include <darvaza/clock.h>
#include <darvaza/error.h>
#include <darvaza/file.h>
#include <darvaza/lists.h>
#include <darvaza/log.h>

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define WATCH_S 2
#define CONNECT_MS 2000
#define ROOT_NAME "root.json"

typedef struct {
    const DvConfig *config;
    const char *folder;
    int lock; /* held while we may write */
    DvKey *key;
    DvCert *cert;
    const char *volume;
    ListsWorker *worker;
    ListsService *service;
    guint check_id, watch_id, wish_id, done_id;
    GDBusMethodInvocation *import_call; /* waits for the import's end; NULL: a stick was found */
    struct timespec stick_time;         /* of the timestamp on it when last looked at */
} Lists;

/* ---- the folder, before anything is written to it */

static void
say_stopped(const Lists *lists, DvTrustReason reason, const char *detail)
{
    const ListsStatus status = {.state = "STOPPED",
                                .reason = reason,
                                .detail = detail,
                                .volume = "PLAIN",
                                .at_us = dv_clock_wall_us()};
    lists_status_write(&status, lists->folder, NULL);
}

static gboolean
check_volume(Lists *lists, GError **error)
{
    gboolean encrypted = FALSE;
    const char *sysfs = dv_config_string(lists->config, "volume", "sysfs");

    if (!lists_volume_is_encrypted(lists->folder, sysfs, &encrypted, error))
        return FALSE;
    lists->volume = encrypted ? "ENCRYPTED" : "PLAIN";
    if (encrypted)
        return TRUE;
    if (dv_config_bool(lists->config, "volume", "allow_unencrypted")) {
        dv_log_warning("the lists lie on a volume that is not encrypted, as configured: whoever "
                       "takes this machine's disk can read them");
        return TRUE;
    }
    g_set_error(error, DV_ERROR, DV_ERROR_DENIED,
                "the volume of %s is not encrypted; nothing is installed on it unless [volume] "
                "allow_unencrypted says so",
                lists->folder);
    say_stopped(lists, DV_TRUST_UNENCRYPTED_VOLUME, "the volume of the lists is not encrypted");
    return FALSE;
}

/* One writer. DV_ERROR_CONFLICT: there is another. */
static gboolean
take_lock(Lists *lists, GError **error)
{
    g_autofree char *path = g_build_filename(lists->folder, ".lock", NULL);

    lists->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (lists->lock < 0) {
        dv_error_set_errno(error, errno, "cannot open %s", path);
        return FALSE;
    }
    if (flock(lists->lock, LOCK_EX | LOCK_NB) == 0)
        return TRUE;
    g_set_error(error, DV_ERROR, DV_ERROR_CONFLICT, "another darvaza-lists works on the folder %s",
                lists->folder);
    return FALSE;
}

/* The root of enrolment, once. */
static gboolean
bring_root(const Lists *lists, GError **error)
{
    g_autofree char *folder = g_build_filename(lists->folder, "trust", NULL);
    g_autofree char *path = g_build_filename(folder, ROOT_NAME, NULL);

    if (g_file_test(path, G_FILE_TEST_EXISTS))
        return TRUE;
    if (!dv_file_make_dir(folder, 0750, error))
        return FALSE;
    g_autoptr(GBytes) root =
        dv_file_read(dv_config_string(lists->config, "lists", "root"), DV_TRUST_ROOT_MAX, error);
    if (root == NULL)
        return FALSE;
    gsize length = 0;
    const void *data = g_bytes_get_data(root, &length);
    return dv_file_write(path, data, length, 0640, error);
}

static gboolean
load_keys(Lists *lists, GError **error)
{
    const char *folder = dv_config_string(lists->config, "lists", "keys");
    const char *kiosk = dv_config_string(lists->config, "lists", "kiosk");
    g_autofree char *key = g_build_filename(folder, "lists-key.pem", NULL);
    g_autofree char *cert = g_build_filename(folder, "lists.pem", NULL);

    if (!(lists->key = dv_key_load(key, error)) || !(lists->cert = dv_cert_load(cert, error)))
        return FALSE;
    g_autofree char *name = dv_cert_common_name(lists->cert);
    if (g_strcmp0(name, kiosk) == 0)
        return TRUE;
    g_set_error(error, DV_ERROR, DV_ERROR_CONFIG,
                "[lists] kiosk: the configuration says %s, its certificate %s", kiosk, name);
    return FALSE;
}

static gboolean
prepare(Lists *lists, const DvConfig *config, GError **error)
{
    lists->config = config;
    lists->lock = -1;
    lists->folder = dv_config_string(config, "lists", "folder");
    return dv_file_make_dir(lists->folder, 0750, error) && take_lock(lists, error) &&
           check_volume(lists, error) && bring_root(lists, error) && load_keys(lists, error);
}

static ListsMachineOptions
machine_options(const Lists *lists)
{
    const DvConfig *config = lists->config;
    return (ListsMachineOptions){
        .folder = lists->folder,
        .kiosk = dv_config_string(config, "lists", "kiosk"),
        .key = lists->key,
        .cert = lists->cert,
        .max_layers = (guint)dv_config_int(config, "lists", "max_layers"),
        .grace_us = dv_config_int(config, "lists", "grace_s") * G_USEC_PER_SEC,
        .retry_us = dv_config_int(config, "update", "check_s") * G_USEC_PER_SEC,
    };
}

static void
clear(Lists *lists)
{
    dv_key_free(lists->key);
    dv_cert_free(lists->cert);
    if (lists->lock >= 0)
        close(lists->lock);
}

/* ---- what wakes us */

static gboolean
on_check(void *data)
{
    Lists *lists = data;
    lists_worker_check(lists->worker);
    return G_SOURCE_CONTINUE;
}

static gboolean
on_wish(int fd, GIOCondition condition, void *data)
{
    Lists *lists = data;
    char bytes[64];
    (void)condition;

    while (read(fd, bytes, sizeof bytes) > 0)
        ;
    lists_service_say_wanted(lists->service);
    return G_SOURCE_CONTINUE;
}

static gboolean
on_done(int fd, GIOCondition condition, void *data)
{
    Lists *lists = data;
    DvTrustReason reason = DV_TRUST_OK;
    g_autofree char *detail = NULL;
    (void)fd, (void)condition;

    if (!lists_worker_collect(lists->worker, &reason, &detail))
        return G_SOURCE_CONTINUE;
    dv_log_info("the folder was looked through: %s", dv_trust_reason_word(reason));
    GDBusMethodInvocation *call = g_steal_pointer(&lists->import_call);
    if (call != NULL)
        lists_service_answer_import(call, dv_trust_reason_word(reason), detail);
    return G_SOURCE_CONTINUE;
}

static void
on_import(const char *folder, GDBusMethodInvocation *call, void *data)
{
    Lists *lists = data;

    if (lists_worker_import(lists->worker, folder)) {
        lists->import_call = call;
        return;
    }
    g_autoptr(GError) error =
        g_error_new_literal(DV_ERROR, DV_ERROR_CONFLICT, "another import is going on");
    dv_bus_return_error(call, error);
}

/* A stick that was put in, or one whose content changed. */
static gboolean
on_watch(void *data)
{
    Lists *lists = data;
    const char *folder = dv_config_string(lists->config, "update", "watch");
    g_autofree char *path = g_build_filename(folder, "lists", "timestamp.json", NULL);
    struct stat info;

    if (stat(path, &info) != 0) {
        lists->stick_time = (struct timespec){0, 0};
        return G_SOURCE_CONTINUE;
    }
    if (info.st_mtim.tv_sec == lists->stick_time.tv_sec &&
        info.st_mtim.tv_nsec == lists->stick_time.tv_nsec)
        return G_SOURCE_CONTINUE;
    if (lists_worker_import(lists->worker, folder))
        lists->stick_time = info.st_mtim;
    return G_SOURCE_CONTINUE;
}

/* ---- as a daemon */

static void
daemon_stop(void *state)
{
    Lists *lists = state;

    if (lists == NULL)
        return;
    const guint ids[] = {lists->check_id, lists->watch_id, lists->wish_id, lists->done_id};
    for (gsize i = 0; i < G_N_ELEMENTS(ids); i++)
        if (ids[i] != 0)
            g_source_remove(ids[i]);
    if (lists->import_call != NULL)
        lists_service_answer_import(lists->import_call, "UNAVAILABLE", "the service is ending");
    lists_service_free(lists->service);
    lists_worker_free(lists->worker);
    clear(lists);
    g_free(lists);
}

static gboolean
start_parts(Lists *lists, GError **error)
{
    const DvConfig *config = lists->config;
    const ListsWorkerOptions worker = {
        .machine = machine_options(lists),
        .volume = lists->volume,
        .wait_ms = (guint)dv_config_int(config, "update", "wait_s") * 1000,
    };

    lists->worker = lists_worker_new(&worker, error);
    if (lists->worker == NULL)
        return FALSE;
    const ListsServiceOptions service = {.folder = lists->folder,
                                         .wish = lists_worker_wish(lists->worker),
                                         .import = on_import,
                                         .data = lists};
    lists->service = lists_service_new(dv_config_string(config, "uplink", "socket"),
                                       dv_config_user(config, "uplink", "uid"), &service, error);
    return lists->service != NULL;
}

static gboolean
daemon_start(const DvConfig *config, void **state, GError **error)
{
    Lists *lists = g_new0(Lists, 1);

    *state = lists;
    if (!prepare(lists, config, error) || !start_parts(lists, error))
        return FALSE;
    lists->wish_id =
        g_unix_fd_add(lists_wish_fd(lists_worker_wish(lists->worker)), G_IO_IN, on_wish, lists);
    lists->done_id = g_unix_fd_add(lists_worker_fd(lists->worker), G_IO_IN, on_done, lists);
    lists->check_id =
        g_timeout_add_seconds((guint)dv_config_int(config, "update", "check_s"), on_check, lists);
    if (*dv_config_string(config, "update", "watch") != '\0')
        lists->watch_id = g_timeout_add_seconds(WATCH_S, on_watch, lists);
    lists_worker_check(lists->worker);
    return TRUE;
}

/* ---- --import DIR */

/* The service that runs does it. */
static gboolean
import_through_service(const DvConfig *config, const char *folder, char **reason, char **detail,
                       GError **error)
{
    g_autoptr(GDBusConnection) connection =
        dv_bus_connect(dv_config_string(config, "uplink", "socket"), CONNECT_MS, error);
    g_autoptr(DvBusLists1) proxy =
        connection != NULL
            ? dv_bus_lists1_proxy_new_sync(connection, G_DBUS_PROXY_FLAGS_DO_NOT_LOAD_PROPERTIES,
                                           NULL, "/org/darvaza/Lists1", NULL, error)
            : NULL;
    if (proxy == NULL)
        return FALSE;
    if (dv_bus_lists1_call_import_sync(proxy, folder, G_DBUS_CALL_FLAGS_NONE, G_MAXINT, reason,
                                       detail, NULL, error))
        return TRUE;
    dv_bus_restore_error(error);
    return FALSE;
}

static gboolean
import_here(const Lists *lists, const char *folder, char **reason, char **detail, GError **error)
{
    const ListsMachineOptions options = machine_options(lists);
    g_autoptr(ListsMachine) machine = lists_machine_new(&options, error);
    g_autoptr(GError) why = NULL;

    if (machine == NULL)
        return FALSE;
    ListsSource *source = lists_source_folder_new(folder);
    DvTrustReason result = lists_machine_run(machine, source, &why);
    lists_source_folder_free(source);
    *reason = g_strdup(dv_trust_reason_word(result));
    *detail = g_strdup(why != NULL ? why->message : "");
    const ListsStatus status = {.epoch = lists_machine_epoch(machine),
                                .release = lists_machine_release(machine),
                                .state = "IDLE",
                                .reason = result,
                                .detail = *detail,
                                .volume = lists->volume,
                                .at_us = dv_clock_wall_us()};
    return lists_status_write(&status, lists->folder, error);
}

static gboolean
import_folder(const DvConfig *config, const char *argument, char **said, GError **error)
{
    g_autofree char *folder = g_canonicalize_filename(argument, NULL);
    g_autofree char *reason = NULL, *detail = NULL;
    g_autoptr(GError) problem = NULL;
    Lists lists = {0};
    gboolean done = prepare(&lists, config, &problem) &&
                    import_here(&lists, folder, &reason, &detail, &problem);

    clear(&lists);
    if (!done && g_error_matches(problem, DV_ERROR, DV_ERROR_CONFLICT)) {
        g_clear_error(&problem);
        done = import_through_service(config, folder, &reason, &detail, &problem);
    }
    if (!done) {
        g_propagate_error(error, g_steal_pointer(&problem));
        return FALSE;
    }
    if (g_str_equal(reason, "OK") || g_str_equal(reason, "WAITING")) {
        *said = g_steal_pointer(&reason);
        return TRUE;
    }
    g_set_error(error, DV_ERROR, DV_ERROR_DENIED, "%s: %s", reason, detail);
    return FALSE;
}

const DvDaemon dv_lists_daemon = {
    .name = "darvaza-lists",
    .summary = "proves signed watchlists and puts them in force",
    .keys = dv_lists_config_keys,
    .start = daemon_start,
    .stop = daemon_stop,
    .task = "import",
    .task_help = "Take an update from this folder (a USB stick) and end",
    .run_task = import_folder,
};
