// SPDX-License-Identifier: Apache-2.0
/*
 * The document camera's frames without a camera: who keeps it streaming, and what is told when it
 * goes in the midst of a document.
 * usage: test_pages FAKE_VISION
 */
#include "expect.h"
#include "pages.h"
#include <signal.h>
#include <string.h>

#define HERE "1-1"

static const char *fake;
static volatile sig_atomic_t asked_for_pictures;
static const DvDeviceInfo info = {
    .id = HERE, .kind = DV_DEVICE_CAMERA, .state = DV_DEVICE_SERVING, .vid = 0x1209, .pid = 10};

typedef struct {
    guint started, documents, failed, streams, stops;
    gboolean pictured;
    DvCameras *cameras;
    DvVisionClient *vision;
    DvPages *pages;
} Desk;

static void
on_stream(const char *id, const DvFrameWish *wish, void *data)
{
    Desk *desk = data;
    assert_string_equal(id, HERE);
    desk->streams += wish != NULL;
    desk->stops += wish == NULL;
}

static void
on_started(const char *camera, void *data)
{
    (void)camera;
    ((Desk *)data)->started++;
}

static guint64
on_document(const char *camera, const DvDocumentSeen *seen, void *data)
{
    Desk *desk = data;
    assert_string_equal(camera, HERE);
    desk->pictured = seen->page != NULL || seen->portrait != NULL;
    return ++desk->documents;
}

static void
on_failed(const char *camera, const char *why, void *data)
{
    (void)camera, (void)why;
    ((Desk *)data)->failed++;
}

static void
on_guides(const char *camera, guint guides, void *data)
{
    (void)camera, (void)guides, (void)data;
}

static void
on_asked(int number)
{
    (void)number;
    asked_for_pictures = 1;
}

static int
setup(void **state)
{
    static const DvPagesEvents events = {on_started, on_document, on_failed, on_guides};
    const char *argv[] = {fake, "read-only", NULL};
    Desk *desk = g_new0(Desk, 1);
    asked_for_pictures = 0;
    signal(SIGUSR1, on_asked);
    desk->cameras = dv_cameras_new(on_stream, desk);
    desk->vision =
        dv_vision_client_new(&(DvVisionOptions){.argv = argv, .patience_ms = 30000, .pause_ms = 1});
    desk->pages = dv_pages_new(desk->cameras, desk->vision, HERE, &events, desk);
    dv_pages_see(desk->pages, &info);
    *state = desk;
    return 0;
}

static int
teardown(void **state)
{
    Desk *desk = *state;
    dv_pages_release(desk->pages);
    dv_vision_client_free(desk->vision);
    dv_pages_free(desk->pages);
    dv_cameras_free(desk->cameras);
    g_free(desk);
    return 0;
}

/* Frames come until two were read alike and the pictures of the page are asked for, which the
 * process never answers. */
static void
film_until_pictures_are_asked_for(Desk *desk)
{
    static const DvFrameInfo frame = {DV_FRAME_MJPEG, 640, 480};
    static const guint8 bytes[] = {0xff, 0xd8, 0xff, 0xd9};
    gint64 end = g_get_monotonic_time() + 20 * G_USEC_PER_SEC;
    for (gint64 now = 1; asked_for_pictures == 0; now++) {
        assert_true(g_get_monotonic_time() < end);
        guint8 *room = dv_cameras_room(desk->cameras, HERE, sizeof bytes);
        assert_non_null(room);
        memcpy(room, bytes, sizeof bytes);
        dv_cameras_frame(desk->cameras, &info, &frame, sizeof bytes, now);
        dv_pages_frame(desk->pages, HERE);
        while (g_main_context_iteration(NULL, FALSE))
            ;
        g_usleep(5000);
    }
}

static void
a_document_that_was_read_is_told_without_its_camera(void **state)
{
    Desk *desk = *state;
    film_until_pictures_are_asked_for(desk);
    assert_int_equal(desk->started, 1);
    assert_int_equal(desk->documents, 0);
    dv_pages_lose(desk->pages, HERE);
    assert_int_equal(desk->documents, 1);
    assert_false(desk->pictured);
    assert_int_equal(desk->failed, 0);
    dv_pages_lose(desk->pages, HERE);
    assert_int_equal(desk->documents, 1);
}

static void
another_camera_that_goes_is_nothing_to_it(void **state)
{
    Desk *desk = *state;
    guint guides;
    dv_pages_lose(desk->pages, "1-2");
    assert_true(dv_pages_guides(desk->pages, HERE, &guides));
    assert_false(dv_pages_guides(desk->pages, "1-2", &guides));
}

/* Whoever stops looking leaves it to who still does. */
static void
it_streams_until_nobody_wants_it(void **state)
{
    static const DvFrameWish wish = {.width = 1280, .height = 960, .fps = 30};
    Desk *desk = *state;
    assert_int_equal(desk->streams, 1);
    assert_true(dv_cameras_want(desk->cameras, DV_WANTED_BY_VIEWS, HERE, &wish));
    dv_cameras_want(desk->cameras, DV_WANTED_BY_VIEWS, HERE, NULL);
    assert_int_equal(desk->stops, 0);
    assert_non_null(dv_cameras_newest(desk->cameras, HERE));
    assert_true(dv_cameras_want(desk->cameras, DV_WANTED_BY_VIEWS, HERE, &wish));
    dv_pages_lose(desk->pages, HERE);
    assert_int_equal(desk->stops, 0);
    dv_cameras_want(desk->cameras, DV_WANTED_BY_VIEWS, HERE, NULL);
    assert_int_equal(desk->stops, 1);
    assert_null(dv_cameras_newest(desk->cameras, HERE));
}

int
main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_document_that_was_read_is_told_without_its_camera, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(another_camera_that_goes_is_nothing_to_it, setup, teardown),
        cmocka_unit_test_setup_teardown(it_streams_until_nobody_wants_it, setup, teardown),
    };
    g_assert_true(argc == 2);
    fake = argv[1];
    return cmocka_run_group_tests(tests, NULL, NULL);
}
