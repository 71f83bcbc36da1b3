// SPDX-License-Identifier: Apache-2.0
/* The bus without a host: requests wait, end in order, halt, are cancelled and go with the device.
 */
#include "bus.h"
#include "expect.h"
#include <errno.h>

typedef struct {
    DvSimUrb urb; /* first */
    guint8 bytes[64];
    guint ended; /* how often */
    guint order;
} Request;

typedef struct {
    DvSimTransport transport; /* first */
    DvSimDevice *device;
    guint ended, detached, forgotten;
    gboolean deaf;  /* cannot be told now */
    gboolean again; /* whatever ends is asked anew */
} Host;

typedef struct {
    DvSimBus *bus;
    Host host;
} Fixture;

static gboolean
attach(DvSimTransport *transport, DvSimDevice *device, GError **error)
{
    (void)error;
    ((Host *)transport)->device = device;
    return TRUE;
}

static gboolean
detach(DvSimTransport *transport, DvSimDevice *device)
{
    Host *host = (Host *)transport;
    (void)device;
    if (host->deaf)
        return FALSE;
    host->detached++;
    return TRUE;
}

static void
completed(DvSimTransport *transport, DvSimDevice *device, DvSimUrb *urb)
{
    Host *host = (Host *)transport;
    Request *request = (Request *)urb;
    request->ended++;
    request->order = ++host->ended;
    if (host->again && urb->status != -ESHUTDOWN)
        dv_sim_device_submit(device, urb);
}

static void
forget(DvSimTransport *transport, DvSimDevice *device)
{
    (void)device;
    ((Host *)transport)->forgotten++;
}

static void
free_host(DvSimTransport *transport)
{
    (void)transport; /* the fixture's */
}

static int
setup(void **state)
{
    Fixture *fixture = g_new0(Fixture, 1);
    fixture->host.transport = (DvSimTransport){
        .attach = attach,
        .detach = detach,
        .completed = completed,
        .forget = forget,
        .free = free_host,
    };
    fixture->bus = dv_sim_bus_new(&fixture->host.transport);
    *state = fixture;
    return 0;
}

static int
teardown(void **state)
{
    Fixture *fixture = *state;
    dv_sim_bus_free(fixture->bus);
    assert_int_equal(fixture->host.forgotten, fixture->host.device != NULL);
    g_free(fixture);
    return 0;
}

static void
submit(Fixture *fixture, Request *request, DvSimKind kind, guint8 endpoint, gsize length)
{
    request->urb.kind = kind;
    request->urb.endpoint = endpoint;
    request->urb.buffer = request->bytes;
    request->urb.length = length;
    dv_sim_bus_lock(fixture->bus);
    dv_sim_device_submit(fixture->host.device, &request->urb);
    dv_sim_bus_unlock(fixture->bus);
}

static void
plug(Fixture *fixture, const char *model)
{
    assert_true(dv_sim_bus_plug(fixture->bus, "1-1", dv_sim_model_new(model, 0, 0), NULL));
}

/* As a host opens a serial reader. */
static void
raise_dtr(Fixture *fixture)
{
    Request request = {.urb.setup = {0x21, 0x22, 3}};
    submit(fixture, &request, DV_SIM_CONTROL, 0, 0);
    assert_int_equal(request.ended, 1);
    assert_int_equal(request.urb.status, 0);
}

static void
produce(Fixture *fixture, const char *text)
{
    assert_true(dv_sim_bus_produce(fixture->bus, "1-1", (const guint8 *)text, strlen(text), NULL));
}

static void
requests_wait_and_end_in_order(void **state)
{
    Fixture *fixture = *state;
    Request first = {0}, second = {0}, other = {0};
    plug(fixture, "cdc-acm");
    raise_dtr(fixture);
    submit(fixture, &first, DV_SIM_BULK, 0x81, 4);
    submit(fixture, &other, DV_SIM_INTERRUPT, 0x83, 8);
    submit(fixture, &second, DV_SIM_BULK, 0x81, 4);
    assert_int_equal(first.ended + second.ended + other.ended, 0);
    assert_true(dv_sim_bus_is_listening(fixture->bus, "1-1", NULL));
    produce(fixture, "abcdef");
    assert_int_equal(first.ended, 1);
    assert_int_equal(first.urb.actual, 4);
    assert_memory_equal(first.bytes, "abcd", 4);
    assert_int_equal(second.ended, 1);
    assert_int_equal(second.urb.actual, 2);
    assert_true(first.order < second.order);
    assert_int_equal(other.ended, 0);
    assert_false(dv_sim_bus_is_listening(fixture->bus, "1-1", NULL));
    assert_true(dv_sim_bus_unplug(fixture->bus, "1-1", DV_SIM_GONE, NULL));
    assert_int_equal(other.ended, 1);
    assert_int_equal(other.urb.status, -ESHUTDOWN);
    assert_int_equal(fixture->host.detached, 1);
}

static void
halted_endpoint_ends_all(void **state)
{
    Fixture *fixture = *state;
    Request requests[3] = {0}, late = {0};
    gboolean halted = FALSE;
    plug(fixture, "cdc-acm");
    for (guint i = 0; i < 3; i++)
        submit(fixture, &requests[i], DV_SIM_BULK, 0x81, 4);
    assert_true(dv_sim_bus_stall(fixture->bus, "1-1", NULL));
    for (guint i = 0; i < 3; i++)
        assert_int_equal(requests[i].urb.status, -EPIPE);
    submit(fixture, &late, DV_SIM_BULK, 0x81, 4);
    assert_int_equal(late.urb.status, -EPIPE);
    dv_sim_bus_is_listening(fixture->bus, "1-1", &halted);
    assert_true(halted);
}

static void
cancelled_and_dropped(void **state)
{
    Fixture *fixture = *state;
    Request first = {0}, second = {0}, third = {0};
    plug(fixture, "cdc-acm");
    raise_dtr(fixture);
    submit(fixture, &first, DV_SIM_BULK, 0x81, 4);
    submit(fixture, &second, DV_SIM_BULK, 0x81, 4);
    submit(fixture, &third, DV_SIM_BULK, 0x81, 4);
    dv_sim_bus_lock(fixture->bus);
    dv_sim_device_cancel(fixture->host.device, &first.urb);
    dv_sim_device_drop(fixture->host.device, &second.urb);
    dv_sim_device_cancel(fixture->host.device, &first.urb); /* it has ended: nothing happens */
    dv_sim_bus_unlock(fixture->bus);
    assert_int_equal(first.ended, 1);
    assert_int_equal(first.urb.status, -ENOENT);
    produce(fixture, "ab");
    assert_int_equal(second.ended, 0);
    assert_int_equal(third.urb.actual, 2);
}

static void
failing_reads(void **state)
{
    Fixture *fixture = *state;
    Request first = {0}, second = {0};
    plug(fixture, "cdc-acm");
    raise_dtr(fixture);
    submit(fixture, &first, DV_SIM_BULK, 0x81, 4);
    submit(fixture, &second, DV_SIM_BULK, 0x81, 4);
    assert_true(dv_sim_bus_fail_reads(fixture->bus, "1-1", 1, NULL));
    assert_int_equal(first.urb.status, -EPROTO);
    assert_int_equal(second.ended, 0);
}

/* A transport that asks again at once for whatever has ended must not keep the bus for ever. */
static void
asking_again(void **state)
{
    Fixture *fixture = *state;
    Request request = {0};
    plug(fixture, "cdc-acm");
    fixture->host.again = TRUE;
    submit(fixture, &request, DV_SIM_BULK, 0x81, 4);
    assert_true(dv_sim_bus_fail_reads(fixture->bus, "1-1", 1000, NULL));
    assert_int_equal(request.ended, 1);
    for (guint i = 0; i < 10; i++)
        g_main_context_iteration(NULL, TRUE);
    assert_int_equal(request.ended, 11);
    assert_true(dv_sim_bus_unplug(fixture->bus, "1-1", DV_SIM_GONE, NULL));
    assert_int_equal(request.urb.status, -ESHUTDOWN);
}

/* A host that cannot be told yet of an unplugging is told later; the port is taken until then. */
static void
deaf_host(void **state)
{
    Fixture *fixture = *state;
    GError *error = NULL;
    plug(fixture, "cdc-acm");
    fixture->host.deaf = TRUE;
    assert_true(dv_sim_bus_unplug(fixture->bus, "1-1", DV_SIM_GONE, NULL));
    assert_true(fixture->host.device->gone);
    assert_int_equal(fixture->host.detached, 0);
    assert_false(dv_sim_bus_plug(fixture->bus, "1-1", dv_sim_model_new("cdc-acm", 0, 0), &error));
    expect_error(&error, DV_ERROR_CONFLICT, "taken");
    g_main_context_iteration(NULL, TRUE);
    fixture->host.deaf = FALSE;
    while (dv_sim_bus_is_plugged(fixture->bus, "1-1"))
        g_main_context_iteration(NULL, TRUE);
    assert_int_equal(fixture->host.detached, 1);
}

/* Isochronous requests end when their time is over, with packets empty or not, one after another.
 */
static void
isochronous_time(void **state)
{
    Fixture *fixture = *state;
    DvSimIsoPacket packets[2][8];
    Request requests[2] = {0}, choose = {.urb.setup = {1, 11, 1, 0, 1}};
    plug(fixture, "uvc-iso");
    submit(fixture, &choose, DV_SIM_CONTROL, 0, 0);
    assert_int_equal(choose.urb.status, 0);
    for (guint r = 0; r < 2; r++) {
        for (guint i = 0; i < 8; i++)
            packets[r][i] = (DvSimIsoPacket){.offset = i * 8, .length = 8, .actual = 99};
        requests[r].urb.packets = packets[r];
        requests[r].urb.packet_count = 8;
        submit(fixture, &requests[r], DV_SIM_ISO, 0x81, 64);
    }
    for (guint i = 0; requests[1].ended == 0 && i < 1000; i++)
        g_main_context_iteration(NULL, TRUE);
    assert_int_equal(requests[1].ended, 1);
    assert_true(requests[0].order < requests[1].order);
    assert_true(requests[1].urb.over_us - requests[0].urb.over_us >= 8 * 125);
    assert_int_equal(packets[0][0].actual, 0);
    assert_int_equal(requests[1].urb.status, 0);
}

static void
refusals(void **state)
{
    Fixture *fixture = *state;
    GError *error = NULL;
    guint64 sent, dropped;
    assert_false(dv_sim_bus_stall(fixture->bus, "1-1", &error));
    expect_error(&error, DV_ERROR_UNAVAILABLE, "nothing is plugged in at 1-1");
    assert_false(dv_sim_bus_plug(fixture->bus, "2-1", dv_sim_model_new("cdc-acm", 0, 0), &error));
    expect_error(&error, DV_ERROR_INVALID, "port 2-1");
    plug(fixture, "uvc-iso");
    assert_false(dv_sim_bus_plug(fixture->bus, "1-1", dv_sim_model_new("cdc-acm", 0, 0), &error));
    expect_error(&error, DV_ERROR_CONFLICT, "taken");
    assert_false(dv_sim_bus_stall(fixture->bus, "1-1", &error));
    expect_error(&error, DV_ERROR_INVALID, "isochronous");
    assert_false(dv_sim_bus_produce(fixture->bus, "1-1", (const guint8 *)"x", 1, &error));
    expect_error(&error, DV_ERROR_INVALID, "no reader of documents");
    assert_false(dv_sim_bus_permit(fixture->bus, "1-1", FALSE, &error));
    expect_error(&error, DV_ERROR_INVALID, "no file modes");
    assert_false(dv_sim_bus_spoil(fixture->bus, "1-1", "ink", 1, &error));
    expect_error(&error, DV_ERROR_INVALID, "kind is none of");
    assert_false(dv_sim_bus_set_rate(fixture->bus, "1-1", "0", &error));
    expect_error(&error, DV_ERROR_INVALID, "no rate");
    assert_true(dv_sim_bus_unplug(fixture->bus, "1-1", DV_SIM_SILENT, NULL));
    assert_false(dv_sim_bus_frames(fixture->bus, "1-1", &sent, &dropped, &error));
    expect_error(&error, DV_ERROR_UNAVAILABLE, "nothing is plugged in");
}

int
main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(requests_wait_and_end_in_order),
        T(halted_endpoint_ends_all),
        T(cancelled_and_dropped),
        T(failing_reads),
        T(asking_again),
        T(deaf_host),
        T(isochronous_time),
        T(refusals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
