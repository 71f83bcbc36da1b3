// SPDX-License-Identifier: Apache-2.0
/*
 * darvaza-vision from its parent's side: images in, readings out, and whatever becomes of the
 * process, the parent hears of it once and the next image is read.
 * usage: test_client VISION FAKE PAGE.jpg
 */
#include "expect.h"
#include <darvaza/vision_client.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <turbojpeg.h>
#include <unistd.h>

static const char *vision, *fake, *page;

typedef struct {
    guint answers, readings, errors, refused;
    int last_code;
    char line[DV_MRZ_LINE_MAX + 1];
    gsize zone;
} Told;

static void
on_done(const DvReading *reading, GBytes *zone, const GError *error, void *data)
{
    Told *told = data;
    told->answers++;
    assert_true((reading != NULL) == (error == NULL));
    told->zone = zone != NULL ? g_bytes_get_size(zone) : 0;
    if (error != NULL) {
        assert_true(error->domain == DV_ERROR);
        told->errors++;
        told->last_code = error->code;
    } else if (reading->line_count == 0) {
        told->refused++;
    } else {
        told->readings++;
        g_strlcpy(told->line, reading->lines[0], sizeof told->line);
    }
}

static DvVisionClient *
client_of(const char *program, const char *first, const char *second)
{
    const char *argv[] = {program, first, second, NULL};
    const DvVisionOptions options = {.argv = argv, .patience_ms = 30000, .pause_ms = 1};
    return dv_vision_client_new(&options);
}

static void
ask(DvVisionClient *client, const guint8 *bytes, gsize length, Told *told)
{
    int file = dv_vision_seal(bytes, length, NULL);
    const DvVisionImage image = {.format = DV_VISION_FILE, .file = file, .length = length};
    assert_true(file >= 0);
    assert_true(dv_vision_client_read(client, &image, on_done, told, NULL));
    close(file);
}

static void
await(const Told *told, guint answers)
{
    while (told->answers < answers)
        g_main_context_iteration(NULL, TRUE);
}

/* The page is read by the process that the client has now, or by its next one. */
static void
expect_read(DvVisionClient *client, Told *told)
{
    g_autofree char *bytes = NULL;
    gsize length = 0;
    guint before = told->readings;
    assert_true(g_file_get_contents(page, &bytes, &length, NULL));
    ask(client, (const guint8 *)bytes, length, told);
    await(told, told->answers + 1);
    assert_int_equal(told->readings, before + 1);
    assert_int_equal(strlen(told->line), 44);
    assert_true(told->zone > 500);
}

static void
page_is_read(void **state)
{
    Told told = {0};
    g_autoptr(DvVisionClient) client = client_of(vision, NULL, NULL);
    (void)state;
    assert_int_equal(dv_vision_client_state(client).starts, 0); /* not before it is needed */
    expect_read(client, &told);
    expect_read(client, &told);
    assert_int_equal(dv_vision_client_state(client).starts, 1);
    assert_int_equal(dv_vision_client_state(client).deaths, 0);
}

static void
raw_formats(void **state)
{
    Told told = {0};
    g_autoptr(DvVisionClient) client = client_of(vision, NULL, NULL);
    g_autofree char *bytes = NULL;
    gsize length = 0;
    (void)state;
    assert_true(g_file_get_contents(page, &bytes, &length, NULL));
    g_autoptr(DvImage) image = dv_image_decode((const guint8 *)bytes, length, NULL);
    guint width = image->width & ~1u;
    g_autofree guint8 *yuy2 = g_malloc0((gsize)width * image->height * 2);
    for (guint y = 0; y < image->height; y++)
        for (guint x = 0; x < width; x++)
            yuy2[((gsize)y * width + x) * 2] = image->pixels[(gsize)y * image->width + x];
    int grey_file = dv_vision_seal(image->pixels, (gsize)image->width * image->height, NULL);
    int yuy2_file = dv_vision_seal(yuy2, (gsize)width * image->height * 2, NULL);
    const DvVisionImage images[] = {
        {DV_VISION_GREY, image->width, image->height, image->width, grey_file,
         (gsize)image->width * image->height, 0},
        {DV_VISION_YUY2, width, image->height, width * 2, yuy2_file,
         (gsize)width * image->height * 2, 1},
        /* lies: fewer bytes than rows, more bytes than the file has */
        {DV_VISION_GREY, image->width, image->height + 1, image->width, grey_file,
         (gsize)image->width * image->height, 0},
        {DV_VISION_YUY2, width, image->height, width * 2, yuy2_file,
         (gsize)width * image->height * 2 + 1, 1},
    };
    for (guint i = 0; i < G_N_ELEMENTS(images); i++)
        assert_true(dv_vision_client_read(client, &images[i], on_done, &told, NULL));
    await(&told, G_N_ELEMENTS(images));
    assert_int_equal(told.readings, 2);
    assert_int_equal(told.errors, 2);
    assert_int_equal(told.last_code, DV_ERROR_INVALID);
    assert_int_equal(dv_vision_client_state(client).deaths, 0);
    close(grey_file);
    close(yuy2_file);
}

static void
what_is_no_image(void **state)
{
    static const guint8 text[] = "P<UTOERIKSSON<<ANNA<MARIA";
    Told told = {0};
    g_autoptr(DvVisionClient) client = client_of(vision, NULL, NULL);
    (void)state;
    ask(client, text, sizeof text, &told);
    await(&told, 1);
    assert_int_equal(told.last_code, DV_ERROR_INVALID);
    expect_read(client, &told);
    assert_int_equal(dv_vision_client_state(client).deaths, 0);
}

/* An image that could still be changed or cut is not looked at. */
static void
unsealed_file(void **state)
{
    Told told = {0};
    char name[] = "/tmp/darvaza-test-XXXXXX";
    int file = g_mkstemp(name);
    g_autoptr(DvVisionClient) client = client_of(vision, NULL, NULL);
    (void)state;
    assert_int_equal(write(file, "\xff\xd8\xff", 3), 3);
    unlink(name);
    const DvVisionImage image = {.format = DV_VISION_FILE, .file = file, .length = 3};
    assert_true(dv_vision_client_read(client, &image, on_done, &told, NULL));
    close(file);
    await(&told, 1);
    assert_int_equal(told.last_code, DV_ERROR_INVALID);
}

static GBytes *
large_jpeg(void)
{
    g_autofree guint8 *pixels = g_malloc(2000 * 2000);
    for (guint i = 0; i < 2000 * 2000; i++)
        pixels[i] = (guint8)(i * 2654435761u >> 27); /* something everywhere */
    unsigned char *out = NULL;
    unsigned long size = 0;
    tjhandle handle = tjInitCompress();
    assert_int_equal(
        tjCompress2(handle, pixels, 2000, 0, 2000, TJPF_GRAY, &out, &size, TJSAMP_GRAY, 20, 0), 0);
    tjDestroy(handle);
    GBytes *bytes = g_bytes_new(out, size);
    tjFree(out);
    return bytes;
}

/* The process dies of a large image at its bound; the next one reads a small page. */
static void
bounds_are_hit(const char *option, const char *value)
{
    Told told = {0};
    g_autoptr(DvVisionClient) client = client_of(vision, option, value);
    g_autoptr(GBytes) large = large_jpeg();
    gsize length = 0;
    const guint8 *bytes = g_bytes_get_data(large, &length);
    ask(client, bytes, length, &told);
    await(&told, 1);
    assert_int_equal(told.errors, 1);
    assert_int_equal(told.last_code, DV_ERROR_UNAVAILABLE);
    assert_int_equal(dv_vision_client_state(client).deaths, 1);
    ask(client, (const guint8 *)"text", 4, &told);
    await(&told, 2);
    assert_int_equal(told.last_code, DV_ERROR_INVALID); /* read and refused: it lives */
    assert_int_equal(dv_vision_client_state(client).starts, 2);
}

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
/* A sanitizer maps terabytes: no bound on address space holds there. */
static void
memory_bound(void **state)
{
    (void)state;
    bounds_are_hit("--memory-mb", "4");
}
#endif

static void
time_bound(void **state)
{
    (void)state;
    bounds_are_hit("--cpu-ms", "4");
}

static void
killed_in_the_middle(void **state)
{
    Told told = {0};
    g_autoptr(DvVisionClient) client = client_of(vision, NULL, NULL);
    (void)state;
    expect_read(client, &told);
    for (guint round = 1; round <= 5; round++) {
        GPid pid = dv_vision_client_state(client).pid;
        kill(pid, SIGSTOP); /* so that it cannot have answered yet */
        ask(client, (const guint8 *)"text", 4, &told);
        while (g_main_context_iteration(NULL, FALSE))
            ;
        kill(pid, SIGKILL);
        await(&told, told.answers + 1);
        assert_int_equal(told.last_code, DV_ERROR_UNAVAILABLE);
        assert_int_equal(told.errors, round);
        expect_read(client, &told);
        assert_int_equal(dv_vision_client_state(client).starts, round + 1);
    }
}

static void
takes_for_ever(void **state)
{
    const char *argv[] = {fake, "hang", NULL};
    const DvVisionOptions options = {.argv = argv, .patience_ms = 50, .pause_ms = 1};
    Told told = {0};
    g_autoptr(DvVisionClient) client = dv_vision_client_new(&options);
    (void)state;
    for (guint i = 1; i <= 3; i++) {
        ask(client, (const guint8 *)"text", 4, &told);
        await(&told, i);
        assert_int_equal(told.last_code, DV_ERROR_UNAVAILABLE);
        assert_int_equal(dv_vision_client_state(client).timeouts, i);
    }
}

static void
says_nonsense(void **state)
{
    static const char *const ways[] = {"garbage", "nonsense", "stranger", "short", "die", "babble"};
    (void)state;
    for (guint i = 0; i < G_N_ELEMENTS(ways); i++) {
        Told told = {0};
        g_autoptr(DvVisionClient) client = client_of(fake, ways[i], NULL);
        ask(client, (const guint8 *)"text", 4, &told);
        await(&told, 1);
        if (strcmp(ways[i], "babble") ==
            0) /* refused as early as it comes, or the answer after it */
            continue;
        if (told.errors != 1)
            fail_msg("%s was taken for an answer", ways[i]);
    }
}

static void
output_that_is_not_there(void **state)
{
    Told told = {0};
    g_autoptr(DvVisionClient) client = client_of(fake, "output", NULL);
    (void)state;
    ask(client, (const guint8 *)"text", 4, &told);
    await(&told, 1);
    assert_int_equal(told.readings, 1);
    assert_int_equal(told.zone, 20); /* zeros: bytes of its own file, and no more of them */
}

static void
no_program(void **state)
{
    Told told = {0};
    g_autoptr(DvVisionClient) client = client_of("/nonexistent/darvaza-vision", NULL, NULL);
    (void)state;
    ask(client, (const guint8 *)"text", 4, &told);
    ask(client, (const guint8 *)"text", 4, &told);
    await(&told, 2);
    assert_int_equal(told.errors, 2);
    assert_int_equal(dv_vision_client_state(client).starts, 0);
}

/* A few may wait, more are turned away, and the end ends them all. */
static void
waiting(void **state)
{
    Told told = {0};
    DvVisionClient *client = client_of(fake, "hang", NULL);
    g_autoptr(GError) error = NULL;
    int file = dv_vision_seal((const guint8 *)"text", 4, NULL);
    const DvVisionImage image = {.format = DV_VISION_FILE, .file = file, .length = 4};
    guint taken = 0;
    (void)state;
    while (taken < 100 && dv_vision_client_read(client, &image, on_done, &told, &error))
        taken++;
    assert_int_equal(taken, 4);
    assert_int_equal(error->code, DV_ERROR_FULL);
    assert_int_equal(told.answers, 0);
    dv_vision_client_free(client);
    assert_int_equal(told.errors, 4);
    close(file);
}

/* An end in good order is no crime that the kernel writes into its log. */
static void
ends_by_itself(void **state)
{
    int channel[2], status = 0;
    (void)state;
    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, channel), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        close(channel[0]);
        if (channel[1] != 3 && dup2(channel[1], 3) != 3)
            _exit(126);
        execl(vision, vision, NULL);
        _exit(127);
    }
    close(channel[1]);
    close(channel[0]);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

int
main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(page_is_read),
        cmocka_unit_test(ends_by_itself),
        cmocka_unit_test(raw_formats),
        cmocka_unit_test(what_is_no_image),
        cmocka_unit_test(unsealed_file),

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
        cmocka_unit_test(memory_bound),
#endif
        cmocka_unit_test(time_bound),
        cmocka_unit_test(killed_in_the_middle),
        cmocka_unit_test(takes_for_ever),
        cmocka_unit_test(says_nonsense),
        cmocka_unit_test(output_that_is_not_there),
        cmocka_unit_test(no_program),
        cmocka_unit_test(waiting),
    };
    g_assert_true(argc == 4);
    vision = argv[1];
    fake = argv[2];
    page = argv[3];
    return cmocka_run_group_tests(tests, NULL, NULL);
}
