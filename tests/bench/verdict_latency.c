// SPDX-License-Identifier: Apache-2.0
/*
 * From the last byte of a document on the wire to the verdict at the page: the real device daemon,
 * driver and libusb on the simulator's desk, the booth with a watchlist of ROWS alerts, and an
 * event stream as the officer's browser holds one. The browser's own painting is not in it. Every
 * crossing is decided and sealed before the next document is laid.
 */
#include "booth_rig.h"
#include "http_peer.h"
#include "sim_rig.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DOCUMENTS 200
#define WARM_UP 20
#define ROWS 20000

typedef struct {
    BoothRig *booth;
    SimRig *desk;
    guint16 port;
    int shown;                            /* atomic: verdicts seen by the stream */
    gint64 shown_us[WARM_UP + DOCUMENTS]; /* written before shown is raised */
    char *id;                             /* of the last verdict; written before shown is raised */
    gint64 took_us[DOCUMENTS], stored_us[DOCUMENTS];
} Bench;

static char *
id_in(const char *event)
{
    static const char key[] = "\"crossing_id\":\"";
    const char *at = strstr(event, key);
    g_assert_nonnull(at);
    return g_strndup(at + strlen(key), 36);
}

/* Reads the stream as a page would and notes when each new crossing's verdict came. */
static void *
watch_stream(void *data)
{
    Bench *bench = data;
    int fd = http_peer_connect(bench->port);
    g_autofree char *request =
        g_strdup_printf("GET /api/events HTTP/1.1\r\nHost: 127.0.0.1:%u\r\nCookie: %s\r\n\r\n",
                        bench->port, bench->booth->cookie);
    http_peer_send(fd, request, strlen(request));
    while (bench->shown < WARM_UP + DOCUMENTS) {
        GString *event = http_peer_read_until(fd, "\n\n");
        const char *at = strstr(event->str, "\"lane\":\"deciding\"");
        g_autofree char *id = at ? id_in(at) : NULL;
        if (id && g_strcmp0(id, bench->id) != 0) {
            bench->shown_us[bench->shown] = g_get_monotonic_time();
            g_free(bench->id);
            bench->id = g_steal_pointer(&id);
            __atomic_add_fetch(&bench->shown, 1, __ATOMIC_RELEASE);
        }
        g_assert_cmpuint(event->len, >, 0);
        g_string_free(event, TRUE);
    }
    close(fd);
    return NULL;
}

static gint64
lay(Bench *bench, char **lines)
{
    g_autofree char *answer = sim_rig_send(bench->desk, "lay %s %s", lines[0], lines[1]);
    g_auto(GStrv) words = g_strsplit(answer, " ", -1);
    g_assert_cmpstr(words[0], ==, "ok");
    return g_ascii_strtoll(words[2], NULL, 10);
}

/* A decision from this thread; the main thread turns the booth. */
static void
decide(Bench *bench)
{
    g_autofree char *body =
        g_strdup_printf("{\"crossing_id\":\"%s\",\"decision\":\"ADMIT\"}", bench->id);
    g_autofree char *request = g_strdup_printf(
        "POST /api/decision HTTP/1.1\r\nHost: 127.0.0.1:%u\r\nCookie: %s\r\nX-CSRF-Token: %s\r\n"
        "Connection: close\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s",
        bench->port, bench->booth->cookie, bench->booth->csrf, strlen(body), body);
    GString *answer = http_peer_exchange(bench->port, request);
    g_assert_cmpuint(http_peer_status(answer), ==, 200);
    g_string_free(answer, TRUE);
}

static void
run(void *data)
{
    Bench *bench = data;
    g_auto(GStrv) lines = booth_rig_zone("ERIKSSON", "ANNA MARIA", "L898902C3", "740812", "340415");
    pthread_t stream;
    g_assert_true(pthread_create(&stream, NULL, watch_stream, bench) == 0);
    for (int i = 0; i < WARM_UP + DOCUMENTS; i++) {
        gint64 last = lay(bench, lines);
        while (__atomic_load_n(&bench->shown, __ATOMIC_ACQUIRE) <= i)
            g_usleep(100);
        gint64 before = g_get_monotonic_time();
        decide(bench);
        if (i < WARM_UP)
            continue;
        bench->took_us[i - WARM_UP] = bench->shown_us[i] - last;
        bench->stored_us[i - WARM_UP] = g_get_monotonic_time() - before;
    }
    pthread_join(stream, NULL);
}

static void
add_list(BoothRig *rig)
{
    g_autoptr(GString) source = g_string_new(
        "{\"list_id\":\"BENCH\",\"title\":\"Benchmark\",\"owner\":\"Test\",\"kind\":\"alerts\","
        "\"version\":1,\"generated_at\":\"2026-01-01T00:00:00Z\","
        "\"stale_after\":\"2098-01-01T00:00:00Z\",\"expires_at\":\"2099-01-01T00:00:00Z\","
        "\"is_training\":true,\"defaults\":{\"legal_basis\":\"Test\",\"owner\":\"Test\","
        "\"purpose\":\"Test\",\"review_date\":\"2028-12-01\",\"action\":\"STOP_REFER\"}}\n");
    for (int i = 0; i < ROWS; i++)
        g_string_append_printf(
            source,
            "{\"alert_id\":\"A-%d\",\"subject\":\"person\",\"surname\":\"INVENTED%c%c\","
            "\"given_names\":\"NAME%c\",\"birth_date\":\"19%02d-%02d-%02d\"}\n",
            i, 'A' + i % 26, 'A' + i / 26 % 26, 'A' + i / 676 % 26, i % 90 + 10, i % 12 + 1,
            i % 28 + 1);
    booth_rig_add_list(rig, "BENCH", source->str);
}

static int
compare(const void *a, const void *b)
{
    gint64 x = *(const gint64 *)a, y = *(const gint64 *)b;
    return (x > y) - (x < y);
}

int
main(void)
{
    Bench bench = {.desk = sim_rig_new(NULL)};
    BoothRigOptions options = {.training = TRUE, .devices_socket = bench.desk->socket_path};
    bench.booth = booth_rig_new(&options);
    bench.port = dv_booth_port(bench.booth->booth);
    add_list(bench.booth);
    booth_rig_deliver_accounts(bench.booth, 3600);
    g_assert_cmpuint(booth_rig_sign_in(bench.booth, BOOTH_RIG_PASSWORD), ==, 200);
    while (booth_rig_get(bench.booth, "/api/state") == 200 &&
           !g_str_equal(booth_rig_text(bench.booth, "reader.state"), "ready"))
        g_usleep(10000);
    http_peer_with_loop(run, &bench);
    qsort(bench.took_us, DOCUMENTS, sizeof bench.took_us[0], compare);
    qsort(bench.stored_us, DOCUMENTS, sizeof bench.stored_us[0], compare);
    printf(
        "{\"bench\":\"verdict_latency\",\"documents\":%d,\"alerts\":%d,\"p50_us\":%" G_GINT64_FORMAT
        ",\"p99_us\":%" G_GINT64_FORMAT ",\"max_us\":%" G_GINT64_FORMAT
        ",\"decision_to_durable_p50_us\":%" G_GINT64_FORMAT
        ",\"decision_to_durable_p99_us\":%" G_GINT64_FORMAT "}\n",
        DOCUMENTS, ROWS, bench.took_us[DOCUMENTS / 2], bench.took_us[DOCUMENTS * 99 / 100],
        bench.took_us[DOCUMENTS - 1], bench.stored_us[DOCUMENTS / 2],
        bench.stored_us[DOCUMENTS * 99 / 100]);
    g_free(bench.id);
    booth_rig_free(bench.booth);
    sim_rig_free(bench.desk);
    return 0;
}
