// SPDX-License-Identifier: Apache-2.0
/* darvaza record: verify with certificates alone, export from a store, open through a real opener.
 */
#include "record_example.h"

#include <darvaza/file.h>
#include <darvaza/store.h>
#include <glib/gstdio.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define PASSWORD "a long enough pass phrase"
#define RECORDS 3

typedef struct {
    DvTestKeys *keys;
    char *dir, *trust, *store;
    char *files[RECORDS]; /* KSK-1 1/1, 1/2, 2/1: one chain */
} Post;

static char *
in_dir(const Post *post, const char *name)
{
    return g_build_filename(post->dir, name, NULL);
}

static void
write_file(const char *path, const void *data, gsize length)
{
    g_autoptr(GError) error = NULL;
    if (!dv_file_write(path, data, length, 0600, &error))
        fail_msg("%s", error->message);
}

static void
append_to_store(DvStore *store, GBytes *bytes, const guint8 *link)
{
    DvAppend item = {.received_us = 1};
    g_autoptr(GError) error = NULL;
    gsize length;
    const void *data = g_bytes_get_data(bytes, &length);
    g_autoptr(DvCrossingWire) wire = dv_crossing_wire_parse(data, length, &error);
    item.wire = wire;
    for (gsize i = 0; i < sizeof item.link; i++)
        item.link[i] = link[i];
    assert_true(dv_store_append(store, &item, 1, &error));
    assert_int_equal(item.outcome, DV_APPEND_NEW);
}

static int
setup(void **state)
{
    static const gint64 places[RECORDS][2] = {{1, 1}, {1, 2}, {2, 1}};
    Post *post = g_new0(Post, 1);
    post->keys = dv_test_keys_new();
    post->dir = g_dir_make_tmp("darvaza-record-XXXXXX", NULL);
    post->trust = dv_test_keys_path(post->keys, "trust");
    post->store = in_dir(post, "store.db");
    g_autoptr(DvStore) store = dv_store_open(post->store, NULL);
    guint8 link[DV_SHA256_SIZE] = {0};
    for (gsize i = 0; i < RECORDS; i++) {
        g_autofree char *name = g_strdup_printf("%zu.dvr", i);
        g_autoptr(GBytes) bytes = dv_record_example_sealed(
            post->keys, places[i][0], places[i][1], i ? link : NULL, DV_PRIORITY_HIT, NULL, link);
        post->files[i] = in_dir(post, name);
        write_file(post->files[i], g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes));
        append_to_store(store, bytes, link);
    }
    *state = post;
    return 0;
}

static int
teardown(void **state)
{
    Post *post = *state;
    dv_test_remove_tree(post->dir);
    dv_test_keys_free(post->keys);
    for (gsize i = 0; i < RECORDS; i++)
        g_free(post->files[i]);
    g_free(post->dir);
    g_free(post->trust);
    g_free(post->store);
    g_free(post);
    return 0;
}

typedef struct {
    int status;
    char *out, *err;
} Result;

static void
result_clear(Result *result)
{
    g_clear_pointer(&result->out, g_free);
    g_clear_pointer(&result->err, g_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Result, result_clear)

/* Runs darvaza with the arguments, which end with NULL. */
static Result
run(const char *first, ...)
{
    Result result = {-1, NULL, NULL};
    g_autoptr(GPtrArray) argv = g_ptr_array_new();
    g_ptr_array_add(argv, (gpointer)g_getenv("DARVAZA"));
    va_list args;
    va_start(args, first);
    for (const char *arg = first; arg; arg = va_arg(args, const char *))
        g_ptr_array_add(argv, (gpointer)arg);
    va_end(args);
    g_ptr_array_add(argv, NULL);
    g_autoptr(GError) error = NULL;
    int status = -1;
    if (!g_spawn_sync(NULL, (char **)argv->pdata, NULL, G_SPAWN_DEFAULT, NULL, NULL, &result.out,
                      &result.err, &status, &error))
        fail_msg("%s", error->message);
    result.status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    return result;
}

static void
expect(const Result *result, int status, const char *out, const char *err)
{
    if (result->status != status || (out && !strstr(result->out, out)) ||
        (err && !strstr(result->err, err)))
        fail_msg("exit %d\n%s%s", result->status, result->out, result->err);
}

static void
verify_follows_the_chain(void **state)
{
    const Post *post = *state;
    g_auto(Result) all = run("record", "verify", "--trust", post->trust, post->files[0],
                             post->files[1], post->files[2], NULL);
    expect(&all, 0, "3 good, 0 bad", NULL);
    g_auto(Result) gap =
        run("record", "verify", "--trust", post->trust, post->files[0], post->files[2], NULL);
    expect(&gap, 1, "names another predecessor than 1/1", NULL);
    g_auto(Result) turned =
        run("record", "verify", "--trust", post->trust, post->files[1], post->files[0], NULL);
    expect(&turned, 1, "missing or out of order", NULL);
    g_auto(Result) one = run("record", "verify", "--trust", post->trust, post->files[1], NULL);
    expect(&one, 0, "KSK-1 1/2", NULL);
}

static void
verify_names_what_is_wrong(void **state)
{
    const Post *post = *state;
    g_autoptr(GBytes) bytes = dv_file_read(post->files[0], 1 << 20, NULL);
    gsize length;
    const guint8 *data = g_bytes_get_data(bytes, &length);
    g_autofree guint8 *bad = g_memdup2(data, length);
    g_autofree char *path = in_dir(post, "bad.dvr");
    bad[length - 1] ^= 1;
    write_file(path, bad, length);
    g_auto(Result) altered = run("record", "verify", "--trust", post->trust, path, NULL);
    expect(&altered, 1, "compartment is not the one", NULL);
    write_file(path, bad, length - 20);
    g_auto(Result) cut = run("record", "verify", "--trust", post->trust, path, NULL);
    expect(&cut, 1, "ends within a part", NULL);
    g_auto(Result) unknown = run("record", "verify", "--trust", post->dir, post->files[0], NULL);
    expect(&unknown, 1, "kiosks/KSK-1/sign.pem", NULL);
    g_auto(Result) use = run("record", "verify", post->files[0], NULL);
    expect(&use, 2, NULL, "Usage:");
    g_auto(Result) none = run("record", NULL);
    expect(&none, 2, NULL, "Usage:");
}

static void
exported_record_is_the_one_that_came(void **state)
{
    const Post *post = *state;
    g_autofree char *out = in_dir(post, "out.dvr");
    g_auto(Result) done = run("record", "export", "--store", post->store, "--kiosk", "KSK-1",
                              "--epoch", "1", "--seq", "2", "--out", out, NULL);
    expect(&done, 0, NULL, NULL);
    g_autoptr(GBytes) sent = dv_file_read(post->files[1], 1 << 20, NULL);
    g_autoptr(GBytes) got = dv_file_read(out, 1 << 20, NULL);
    assert_true(g_bytes_equal(sent, got));
    g_auto(Result) absent = run("record", "export", "--store", post->store, "--kiosk", "KSK-1",
                                "--epoch", "9", "--seq", "2", "--out", out, NULL);
    expect(&absent, 1, NULL, "holds no record KSK-1 9/2");
    g_autofree char *nowhere = in_dir(post, "nowhere.db");
    g_auto(Result) none = run("record", "export", "--store", nowhere, "--kiosk", "KSK-1", "--epoch",
                              "1", "--seq", "2", "--out", out, NULL);
    expect(&none, 1, NULL, "is not there");
    assert_false(g_file_test(nowhere, G_FILE_TEST_EXISTS));
    g_auto(Result) use = run("record", "export", "--store", post->store, "--epoch", "x", NULL);
    expect(&use, 2, NULL, "Usage:");
}

/* ---- through the opener ---- */

typedef struct {
    const Post *post;
    char *socket, *password;
    GPid pid;
} Opener;

/* The opener ends with the test, however that ends. */
static void
end_with_parent(gpointer data)
{
    (void)data;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
}

static Opener
start_opener(const Post *post)
{
    Opener opener = {post, in_dir(post, "opener.sock"), in_dir(post, "password"), 0};
    g_autofree char *state = in_dir(post, "opener");
    g_autofree char *config = in_dir(post, "opener.ini");
    g_autofree char *keys = dv_test_keys_path(post->keys, "centre");
    write_file(opener.password, PASSWORD "\n", strlen(PASSWORD "\n"));
    g_auto(Result) kiosk = run("account", "kiosk", "--state", state, "--kiosk", "KSK-1",
                               "--checkpoint", "UTO-BAHNHOF", NULL);
    expect(&kiosk, 0, NULL, NULL);
    g_auto(Result) account = run("account", "add", "--state", state, "--user", "sup", "--display",
                                 "Supervisor", "--role", "supervisor", "--checkpoints",
                                 "UTO-BAHNHOF", "--password-file", opener.password, NULL);
    expect(&account, 0, NULL, NULL);
    g_autofree char *text = g_strdup_printf(
        "[opener]\nmode=centre\nstate=%s\nsocket=%s\nclient_uid=-1\nkeys=%s\ntrust=%s\n"
        "protection_socket=\n",
        state, opener.socket, keys, post->trust);
    write_file(config, text, strlen(text));
    const char *argv[] = {g_getenv("DARVAZA_OPENER"), "--config", config, NULL};
    g_autoptr(GError) error = NULL;
    if (!g_spawn_async(NULL, (char **)argv, NULL, G_SPAWN_DO_NOT_REAP_CHILD, end_with_parent, NULL,
                       &opener.pid, &error))
        fail_msg("%s", error->message);
    for (int i = 0; i < 600 && !g_file_test(opener.socket, G_FILE_TEST_EXISTS); i++)
        g_usleep(50000);
    return opener;
}

static void
stop_opener(Opener *opener)
{
    kill(opener->pid, SIGTERM);
    waitpid(opener->pid, NULL, 0);
    g_spawn_close_pid(opener->pid);
    g_free(opener->socket);
    g_free(opener->password);
}

static Result
open_as(const Opener *opener, const char *user, const char *reason, const char *password_file)
{
    return run("record", "open", "--opener", opener->socket, "--user", user, "--reason", reason,
               "--password-file", password_file, opener->post->files[0], NULL);
}

static void
opening_goes_through_the_opener(void **state)
{
    const Post *post = *state;
    Opener opener = start_opener(post);
    g_auto(Result) good = open_as(&opener, "sup", "Review of a flagged crossing", opener.password);
    expect(&good, 0, "L898902C3", NULL);
    g_autoptr(json_t) body = dv_json_parse(good.out, strlen(good.out), 1 << 20, NULL);
    assert_non_null(body);
    g_auto(Result) reasonless = open_as(&opener, "sup", "", opener.password);
    expect(&reasonless, 1, NULL, "reason");
    assert_null(strstr(reasonless.out, "L898902C3"));
    g_autofree char *wrong = in_dir(post, "wrong");
    write_file(wrong, "something else\n", 15);
    g_auto(Result) refused = open_as(&opener, "sup", "Review of a flagged crossing", wrong);
    expect(&refused, 1, NULL, "darvaza record open:");
    assert_int_equal(strlen(refused.out), 0);
    g_auto(Result) missing = open_as(&opener, "sup", "Review", "/nonexistent");
    expect(&missing, 1, NULL, "/nonexistent");
    stop_opener(&opener);
}

static void
without_an_opener_nothing_opens(void **state)
{
    const Post *post = *state;
    g_autofree char *socket = in_dir(post, "no.sock");
    g_auto(Result) gone = run("record", "open", "--opener", socket, "--user", "sup", "--reason",
                              "Review", "--password-file", "/dev/null", post->files[0], NULL);
    expect(&gone, 1, NULL, "darvaza record open:");
    g_auto(Result) use = run("record", "open", "--opener", socket, post->files[0], NULL);
    expect(&use, 2, NULL, "Usage:");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(verify_follows_the_chain),
        cmocka_unit_test(verify_names_what_is_wrong),
        cmocka_unit_test(exported_record_is_the_one_that_came),
        cmocka_unit_test(opening_goes_through_the_opener),
        cmocka_unit_test(without_an_opener_nothing_opens),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
