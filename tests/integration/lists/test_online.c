// SPDX-License-Identifier: Apache-2.0
/*
 * The whole way over the network: a centre that serves a repository (and may lie, or go away in the
 * middle), darvaza-uplink and darvaza-lists as processes. Waits give up after PATIENCE_S.
 */
#include "kiosk.h"

#include "fake_booth.h"

#include <darvaza/file.h>
#include <darvaza/httpd.h>
#include <darvaza/json.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define PATIENCE_S 90
#define URGENT_S 60 /* the promise */
#define CHUNK (256 * 1024)

typedef struct {
    ListsKiosk *kiosk;
    FakeBooth *booth;
    DvHttpd *httpd; /* NULL: the centre is away */
    guint16 port;
    GPid lists, uplink;
    /* how the centre behaves, and what it saw */
    gboolean flips, shortens, ignores_range;
    guint go_at; /* goes away at this package request; 0: never */
    guint package_requests;
    gint64 package_bytes;
    guint go_id;
} Scene;

/* ---- the centre */

static void
centre_go(Scene *scene)
{
    g_clear_pointer(&scene->httpd, dv_httpd_free);
}

static gboolean
go_now(void *data)
{
    Scene *scene = data;
    scene->go_id = 0;
    centre_go(scene);
    return G_SOURCE_REMOVE;
}

/* The bytes that are asked for, altered. */
static void
lie(DvRequest *request, const Scene *scene, const char *path)
{
    g_autoptr(GBytes) file = dv_file_read(path, 64 << 20, NULL);
    gsize length = 0, first = 0, last = 0;
    const guint8 *data = g_bytes_get_data(file, &length);
    const char *range = dv_request_header(request, "Range");

    assert_int_equal(sscanf(range, "bytes=%zu-%zu", &first, &last), 2);
    last = MIN(last, length - 1);
    if (scene->ignores_range)
        first = 0, last = length - 1;
    gsize count = last - first + 1;
    if (scene->shortens && count > 2)
        count /= 2;
    g_autofree guint8 *part = g_memdup2(data + first, count);
    if (scene->flips)
        part[count / 2] ^= 1;
    g_autoptr(GBytes) body = g_bytes_new(part, count);
    dv_request_reply(request, scene->ignores_range ? 200 : 206, "application/octet-stream", body);
}

static gint64
bytes_asked(const DvRequest *request, gint64 size)
{
    gint64 first = 0, last = 0;
    if (sscanf(dv_request_header(request, "Range"), "bytes=%ld-%ld", &first, &last) != 2)
        return size;
    return MIN(last, size - 1) - first + 1;
}

static void
get_list_file(DvRequest *request, void *data)
{
    Scene *scene = data;
    const char *name = dv_request_param(request, "name");
    g_autofree char *path =
        g_build_filename(list_repo_folder(scene->kiosk->repo), "lists", name, NULL);
    struct stat info;
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    if (fd < 0 || fstat(fd, &info) != 0) {
        dv_request_error(request, 404, "absent", "there is no such file");
        return;
    }
    if (g_str_has_prefix(name, "package/")) {
        scene->package_requests++;
        scene->package_bytes += bytes_asked(request, (gint64)info.st_size);
        if (scene->go_at == scene->package_requests)
            scene->go_id = g_idle_add(go_now, scene);
        if (scene->flips || scene->shortens || scene->ignores_range) {
            close(fd);
            lie(request, scene, path);
            return;
        }
    }
    dv_request_reply_fd(request, fd, (guint64)info.st_size, "application/octet-stream", "\"x\"");
}

static void
get_answers(DvRequest *request, void *data)
{
    g_autoptr(json_t) body = json_pack("{s:[]}", "answers");
    (void)data;
    dv_request_reply_json(request, 200, body);
}

static void
reply_nothing(DvRequest *request, void *data)
{
    g_autoptr(GBytes) bytes = g_bytes_new_static("{}", 2);
    (void)data;
    dv_request_reply(request, 200, "application/json", bytes);
}

static const DvRoute routes[] = {
    {"POST", "/v1/heartbeats", 0, 16384, reply_nothing},
    {"GET", "/v1/answers", 0, 0, get_answers},
    {"GET", "/v1/accounts", 0, 0, reply_nothing},
    {"GET", "/lists/{name...}", 0, 0, get_list_file},
    {NULL},
};

static char *
pki(const Scene *scene, const char *name)
{
    return g_build_filename(scene->kiosk->dir, "pki", name, NULL);
}

static void
centre_come(Scene *scene)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *cert = pki(scene, "centre/server.pem");
    g_autofree char *key = pki(scene, "centre/server-key.pem");
    g_autofree char *ca = pki(scene, "trust/ca.pem");
    const DvHttpdOptions options = {.address = "127.0.0.1",
                                    .port = scene->port,
                                    .routes = routes,
                                    .data = scene,
                                    .tls_cert = cert,
                                    .tls_key = key,
                                    .tls_client_ca = ca};
    scene->httpd = dv_httpd_new(&options, &error);
    g_assert_no_error(error);
    scene->port = dv_httpd_port(scene->httpd);
}

/* ---- processes */

static GPid
start(const char *program, const char *config)
{
    g_autoptr(GError) error = NULL;
    const char *argv[] = {program, "--config", config, NULL};
    GPid pid = 0;

    g_spawn_async(NULL, (char **)argv, NULL, G_SPAWN_DO_NOT_REAP_CHILD, NULL, NULL, &pid, &error);
    g_assert_no_error(error);
    return pid;
}

static void
start_both(Scene *scene)
{
    g_autofree char *config = g_build_filename(scene->kiosk->dir, "uplink.ini", NULL);
    const char *dir = scene->kiosk->dir;
    g_autofree char *text = g_strdup_printf(
        "[booth]\nsocket=%s\n[lists]\nsocket=%s/socket\n[centre]\nurl=https://localhost:%u\n"
        "ca=%s/pki/trust/ca.pem\ncert=%s/pki/kiosk/KSK-1/tls.pem\n"
        "key=%s/pki/kiosk/KSK-1/tls-key.pem\n[uplink]\nretry_min_ms=20\nretry_max_ms=200\n",
        scene->booth->socket_path, dir, scene->port, dir, dir, dir);

    g_assert_true(g_file_set_contents(config, text, -1, NULL));
    scene->lists = start(g_getenv("DARVAZA_LISTS"), scene->kiosk->config);
    scene->uplink = start(g_getenv("DARVAZA_UPLINK"), config);
}

static void
end(GPid *pid)
{
    if (*pid != 0) {
        kill(*pid, SIGKILL);
        lists_kiosk_wait(*pid);
    }
    *pid = 0;
}

static Scene *
scene_new(guint docs, const char *extra)
{
    Scene *scene = g_new0(Scene, 1);

    scene->kiosk = lists_kiosk_new(docs, 50, extra);
    scene->booth = fake_booth_new(scene->kiosk->dir);
    fake_booth_come(scene->booth);
    centre_come(scene);
    start_both(scene);
    return scene;
}

static void
scene_free(Scene *scene)
{
    end(&scene->uplink);
    end(&scene->lists);
    if (scene->go_id != 0)
        g_source_remove(scene->go_id);
    centre_go(scene);
    fake_booth_free(scene->booth);
    lists_kiosk_free(scene->kiosk);
    g_free(scene);
}

/* ---- waiting */

static json_t *
status_of(const Scene *scene)
{
    g_autofree char *path = g_build_filename(scene->kiosk->folder, "status.json", NULL);
    return json_load_file(path, 0, NULL);
}

static gboolean
is_at(const Scene *scene, gint64 release)
{
    g_autoptr(json_t) status = status_of(scene);
    return status != NULL && json_integer_value(json_object_get(status, "release")) == release &&
           g_str_equal(json_string_value(json_object_get(status, "state")), "IDLE");
}

static gboolean
says(const Scene *scene, const char *reason)
{
    g_autoptr(json_t) status = status_of(scene);
    return status != NULL &&
           g_str_equal(json_string_value(json_object_get(status, "reason")), reason);
}

static gboolean
tick(void *data)
{
    (void)data;
    return G_SOURCE_CONTINUE;
}

#define WAIT_UNTIL(condition)                                                                      \
    do {                                                                                           \
        guint timer = g_timeout_add(20, tick, NULL);                                               \
        gint64 until = g_get_monotonic_time() + PATIENCE_S * G_USEC_PER_SEC;                       \
        while (!(condition) && g_get_monotonic_time() < until)                                     \
            g_main_context_iteration(NULL, TRUE);                                                  \
        g_source_remove(timer);                                                                    \
        if (!(condition))                                                                          \
            fail_msg("never came: " #condition);                                                   \
    } while (0)

static void
publish(Scene *scene, const ListRepoRelease *what)
{
    list_repo_publish(scene->kiosk->repo, what);
}

/* ---- tests */

static void
an_urgent_addition_is_in_force_within_a_minute(void **state)
{
    (void)state;
    Scene *scene = scene_new(3000, ""); /* every interval as it is shipped */
    const ListRepoRelease urgent = {
        .changes = 3, .add_only = TRUE, .urgent = TRUE, .percent = 1, .canary = "KSK-2"};

    WAIT_UNTIL(is_at(scene, 1));
    gint64 from = g_get_monotonic_time();
    publish(scene, &urgent);
    WAIT_UNTIL(is_at(scene, 2));
    gint64 took_ms = (g_get_monotonic_time() - from) / 1000;
    print_message("urgent addition in force after %" G_GINT64_FORMAT " ms\n", took_ms);
    assert_true(took_ms < URGENT_S * 1000);
    assert_int_equal(lists_kiosk_judge(scene->kiosk), 2);
    assert_true(says(scene, ""));
    scene_free(scene);
}

static void
a_cut_line_costs_a_chunk_not_the_package(void **state)
{
    (void)state;
    Scene *scene = scene_new(3000, "[update]\ncheck_s=1\nwait_s=2\n");
    const ListRepoRelease large = {.changes = 150000, .add_only = TRUE};

    WAIT_UNTIL(is_at(scene, 1));
    scene->package_bytes = scene->package_requests = 0;
    scene->go_at = 3;
    publish(scene, &large);
    gint64 size = list_repo_delta_bytes(scene->kiosk->repo);
    WAIT_UNTIL(scene->httpd == NULL);
    WAIT_UNTIL(says(scene, "UNAVAILABLE"));
    assert_int_equal(lists_kiosk_judge(scene->kiosk), 1);
    centre_come(scene);
    WAIT_UNTIL(is_at(scene, 2));
    print_message("%" G_GINT64_FORMAT " bytes asked for, of packages of %" G_GINT64_FORMAT "\n",
                  scene->package_bytes, size);
    assert_true(size > 4 * CHUNK);
    assert_true(scene->package_bytes >= size && scene->package_bytes <= size + 2 * CHUNK);
    assert_int_equal(lists_kiosk_judge(scene->kiosk), 2);
    scene_free(scene);
}

/* Killed while it downloads, it goes on where it was. */
static void
a_restart_goes_on_with_the_download(void **state)
{
    (void)state;
    Scene *scene = scene_new(3000, "[update]\ncheck_s=1\nwait_s=2\n");
    const ListRepoRelease large = {.changes = 150000, .add_only = TRUE};

    WAIT_UNTIL(is_at(scene, 1));
    scene->package_bytes = scene->package_requests = 0;
    publish(scene, &large);
    gint64 size = list_repo_delta_bytes(scene->kiosk->repo);
    WAIT_UNTIL(scene->package_requests >= 3);
    end(&scene->lists);
    scene->lists = start(g_getenv("DARVAZA_LISTS"), scene->kiosk->config);
    WAIT_UNTIL(is_at(scene, 2));
    assert_true(scene->package_bytes <= size + 3 * CHUNK);
    assert_int_equal(lists_kiosk_judge(scene->kiosk), 2);
    scene_free(scene);
}

static void
a_lying_centre_changes_nothing(void **state)
{
    (void)state;
    Scene *scene = scene_new(3000, "[update]\ncheck_s=1\nwait_s=5\n");
    const ListRepoRelease next = {.changes = 20000, .add_only = TRUE};

    WAIT_UNTIL(is_at(scene, 1));
    scene->flips = TRUE;
    publish(scene, &next);
    WAIT_UNTIL(says(scene, "BIT_FLIPPED"));
    assert_int_equal(lists_kiosk_judge(scene->kiosk), 1);
    scene->flips = FALSE;
    scene->ignores_range = TRUE; /* more than was asked for, again and again */
    WAIT_UNTIL(says(scene, "BLOATED") || is_at(scene, 2));
    scene->ignores_range = FALSE;
    scene->shortens = TRUE; /* honest halves are taken as they come */
    WAIT_UNTIL(is_at(scene, 2));
    assert_int_equal(lists_kiosk_judge(scene->kiosk), 2);
    scene_free(scene);
}

/* No network at all: the stick is taken at once, by the service that runs. */
static void
a_stick_comes_before_waiting_for_the_network(void **state)
{
    (void)state;
    Scene *scene = scene_new(300, "[update]\ncheck_s=1\nwait_s=600\n");
    const ListRepoRelease next = {.changes = 5};

    WAIT_UNTIL(is_at(scene, 1));
    end(&scene->uplink);
    publish(scene, &next);
    GPid import = lists_kiosk_import(scene->kiosk, NULL);
    assert_int_equal(lists_kiosk_wait(import), 0);
    assert_int_equal(lists_kiosk_judge(scene->kiosk), 2);
    scene_free(scene);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_urgent_addition_is_in_force_within_a_minute),
        cmocka_unit_test(a_cut_line_costs_a_chunk_not_the_package),
        cmocka_unit_test(a_restart_goes_on_with_the_download),
        cmocka_unit_test(a_lying_centre_changes_nothing),
        cmocka_unit_test(a_stick_comes_before_waiting_for_the_network),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
