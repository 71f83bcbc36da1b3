// SPDX-License-Identifier: Apache-2.0
/* USB/IP: the bytes, and a peer over loopback that does what a kernel does. */
#include "bus.h"
#include "expect.h"
#include "usbip_private.h"
#include <errno.h>

#define PATIENCE_US (20 * G_USEC_PER_SEC)
enum { LIST = 0x8005, IMPORT = 0x8003, SUBMIT = 1, UNLINK = 2, HEAD = 48, DEVICE = 312 };
enum { OUT = 0, IN = 1 };

typedef struct {
    DvSimBus *bus;
    guint16 port;
    GSocketConnection *peer;
    guint32 sequence; /* of its last command */
} Fixture;

static void
put(GByteArray *out, guint32 value, guint bytes)
{
    while (bytes-- > 0) {
        guint8 byte = (guint8)(value >> 8 * bytes & 0xff);
        g_byte_array_append(out, &byte, 1);
    }
}

static guint32
get(const guint8 *bytes, guint count)
{
    guint32 value = 0;
    while (count-- > 0)
        value = value << 8 | *bytes++;
    return value;
}

static void
dial(Fixture *fixture)
{
    g_autoptr(GSocketClient) client = g_socket_client_new();
    g_clear_object(&fixture->peer);
    fixture->peer = g_socket_client_connect_to_host(client, "127.0.0.1", fixture->port, NULL, NULL);
    assert_non_null(fixture->peer);
    fixture->sequence = 0;
}

static int
setup(void **state)
{
    Fixture *fixture = g_new0(Fixture, 1);
    DvSimTransport *transport = dv_sim_usbip_new(0, NULL);
    assert_non_null(transport);
    fixture->port = dv_sim_usbip_port(transport);
    fixture->bus = dv_sim_bus_new(transport);
    dial(fixture);
    *state = fixture;
    return 0;
}

static int
teardown(void **state)
{
    Fixture *fixture = *state;
    g_object_unref(fixture->peer);
    dv_sim_bus_free(fixture->bus);
    g_free(fixture);
    return 0;
}

static void
say(const Fixture *fixture, const GByteArray *bytes)
{
    GOutputStream *out = g_io_stream_get_output_stream(G_IO_STREAM(fixture->peer));
    assert_true(g_output_stream_write_all(out, bytes->data, bytes->len, NULL, NULL, NULL));
}

/* Runs the server until so many bytes have come; FALSE when it hung up. */
static gboolean
hear(const Fixture *fixture, guint8 *bytes, gsize length)
{
    GSocket *socket = g_socket_connection_get_socket(fixture->peer);
    gint64 end = g_get_monotonic_time() + PATIENCE_US;
    while (length > 0) {
        gssize got =
            g_socket_receive_with_blocking(socket, (char *)bytes, length, FALSE, NULL, NULL);
        if (got == 0)
            return FALSE;
        if (got > 0) {
            bytes += got;
            length -= (gsize)got;
        } else if (!g_main_context_iteration(NULL, FALSE))
            g_usleep(1000);
        assert_true(g_get_monotonic_time() < end);
    }
    return TRUE;
}

static void
ask(const Fixture *fixture, guint code, const char *busid)
{
    g_autoptr(GByteArray) request = g_byte_array_new();
    char name[DV_USBIP_BUSID] = {0};
    put(request, 0x0111, 2);
    put(request, code, 2);
    put(request, 0, 4);
    if (busid != NULL) {
        g_strlcpy(name, busid, sizeof name);
        g_byte_array_append(request, (const guint8 *)name, sizeof name);
    }
    say(fixture, request);
}

/* The status of the answer; 0: attached. */
static guint32
import(const Fixture *fixture, const char *busid)
{
    guint8 head[8], device[DEVICE];
    ask(fixture, IMPORT, busid);
    assert_true(hear(fixture, head, sizeof head));
    assert_int_equal(get(head, 4), 0x01110003);
    if (get(head + 4, 4) == 0) {
        assert_true(hear(fixture, device, sizeof device));
        assert_string_equal((const char *)device + 256, busid);
    }
    return get(head + 4, 4);
}

static void
plug(const Fixture *fixture, const char *port, const char *model)
{
    assert_true(dv_sim_bus_plug(fixture->bus, port, dv_sim_model_new(model, 0, 0), NULL));
}

/* data: OUT bytes; setup NULL: none. */
static void
submit(Fixture *fixture, guint direction, guint endpoint, const guint8 *setup, guint32 length,
       const guint8 *data)
{
    static const guint8 none[8] = {0};
    g_autoptr(GByteArray) command = g_byte_array_new();
    const guint32 fields[] = {SUBMIT, ++fixture->sequence, 0x10002, direction, endpoint, 0, length,
                              0,      0xffffffff,          0};
    for (guint i = 0; i < G_N_ELEMENTS(fields); i++)
        put(command, fields[i], 4);
    g_byte_array_append(command, setup != NULL ? setup : none, 8);
    if (data != NULL)
        g_byte_array_append(command, data, length);
    say(fixture, command);
}

/* The bytes of an answer to the command with that number. */
static gsize
answer(const Fixture *fixture, guint32 sequence, int status, guint8 *bytes)
{
    guint8 head[HEAD];
    assert_true(hear(fixture, head, sizeof head));
    assert_int_equal(get(head, 4), 3);
    assert_int_equal(get(head + 4, 4), sequence);
    assert_int_equal((int)get(head + 20, 4), status);
    gsize actual = get(head + 24, 4);
    if (bytes != NULL && actual > 0)
        assert_true(hear(fixture, bytes, actual));
    return actual;
}

static void
control(Fixture *fixture, const guint8 setup[8], guint8 *data)
{
    gboolean in = (setup[0] & 0x80) != 0;
    guint16 length = (guint16)(setup[6] | setup[7] << 8);
    submit(fixture, in ? IN : OUT, 0, setup, length, in || length == 0 ? NULL : data);
    assert_int_equal(answer(fixture, fixture->sequence, 0, in ? data : NULL), length);
}

/* As a host opens a serial reader. */
static void
raise_dtr(Fixture *fixture)
{
    const guint8 setup[8] = {0x21, 0x22, 3};
    control(fixture, setup, NULL);
}

static void
lists_what_is_free(void **state)
{
    Fixture *fixture = *state;
    guint8 head[12], device[DEVICE], interfaces[2][4];
    plug(fixture, "1-1", "cdc-acm");
    plug(fixture, "1-3", "uvc-iso");
    assert_int_equal(import(fixture, "1-1"), 0);
    dial(fixture); /* the first peer hangs up, so both are free */
    ask(fixture, LIST, NULL);
    assert_true(hear(fixture, head, sizeof head));
    assert_int_equal(get(head, 4), 0x01110005);
    assert_int_equal(get(head + 4, 4), 0);
    assert_int_equal(get(head + 8, 4), 2);
    for (guint i = 0; i < 2; i++) {
        assert_true(hear(fixture, device, sizeof device));
        assert_string_equal((const char *)device + 256, i == 0 ? "1-1" : "1-3");
        assert_int_equal(get(device + 296, 4), i == 0 ? 2 : 3); /* speed */
        assert_int_equal(get(device + 300, 4), i == 0 ? 0x12090001 : 0x1209000b);
        assert_int_equal(device[311], 2);
        assert_true(hear(fixture, interfaces[0], sizeof interfaces));
        assert_int_equal(interfaces[0][0], i == 0 ? 2 : 14);
    }
}

static void
one_peer_a_device(void **state)
{
    Fixture *fixture = *state;
    plug(fixture, "1-1", "cdc-acm");
    assert_int_equal(import(fixture, "1-2"), 1);
    assert_int_equal(import(fixture, "1-1"), 0);
    GSocketConnection *first = g_steal_pointer(&fixture->peer);
    dial(fixture);
    assert_int_equal(import(fixture, "1-1"), 1);
    g_object_unref(first);
    gint64 end = g_get_monotonic_time() + PATIENCE_US;
    while (import(fixture, "1-1") != 0) /* until the server has seen the first go */
        assert_true(g_get_monotonic_time() < end);
}

static void
reads_and_unlinks(void **state)
{
    Fixture *fixture = *state;
    const guint8 get_device[8] = {0x80, 6, 0, 1, 0, 0, 18, 0};
    guint8 bytes[64], head[HEAD];
    plug(fixture, "1-1", "cdc-acm");
    assert_int_equal(import(fixture, "1-1"), 0);
    control(fixture, get_device, bytes);
    assert_int_equal(bytes[8] | bytes[9] << 8, 0x1209);
    raise_dtr(fixture);
    submit(fixture, IN, 1, NULL, 64, NULL);
    submit(fixture, IN, 1, NULL, 64, NULL);
    guint32 second = fixture->sequence;
    while (!dv_sim_bus_is_listening(fixture->bus, "1-1", NULL))
        g_main_context_iteration(NULL, TRUE);
    assert_true(dv_sim_bus_produce(fixture->bus, "1-1", (const guint8 *)"abc", 3, NULL));
    assert_int_equal(answer(fixture, second - 1, 0, bytes), 3);
    assert_memory_equal(bytes, "abc", 3);
    /* Unlinked: no other answer than that. Of what was answered before: 0. */
    for (guint i = 0; i < 2; i++) {
        g_autoptr(GByteArray) command = g_byte_array_new();
        const guint32 fields[] = {UNLINK, ++fixture->sequence, 0x10002, 0, 0, second - i};
        for (guint f = 0; f < G_N_ELEMENTS(fields); f++)
            put(command, fields[f], 4);
        g_byte_array_set_size(command, HEAD);
        say(fixture, command);
        assert_true(hear(fixture, head, sizeof head));
        assert_int_equal(get(head, 4), 4);
        assert_int_equal(get(head + 4, 4), fixture->sequence);
        assert_int_equal((int)get(head + 20, 4), i == 0 ? -ECONNRESET : 0);
    }
    submit(fixture, IN, 1, NULL, 64, NULL);
    while (!dv_sim_bus_is_listening(fixture->bus, "1-1", NULL))
        g_main_context_iteration(NULL, TRUE);
    assert_true(dv_sim_bus_stall(fixture->bus, "1-1", NULL));
    answer(fixture, fixture->sequence, -EPIPE, NULL);
}

static void
unplugging_hangs_up(void **state)
{
    Fixture *fixture = *state;
    guint8 byte;
    plug(fixture, "1-1", "cdc-acm");
    assert_int_equal(import(fixture, "1-1"), 0);
    raise_dtr(fixture);
    submit(fixture, IN, 1, NULL, 64, NULL);
    while (!dv_sim_bus_is_listening(fixture->bus, "1-1", NULL))
        g_main_context_iteration(NULL, TRUE);
    assert_true(dv_sim_bus_unplug(fixture->bus, "1-1", DV_SIM_GONE, NULL));
    answer(fixture, fixture->sequence, -ESHUTDOWN, NULL);
    assert_false(hear(fixture, &byte, 1));
}

/* A frame of a camera in isochronous packets; what lies between them does not travel. */
static void
isochronous(void **state)
{
    Fixture *fixture = *state;
    const guint8 choose[8] = {0x01, 11, 4, 0, 1};
    guint8 head[HEAD], packets[8][16], bytes[8 * 3072];
    guint got = 0;
    plug(fixture, "1-1", "uvc-iso");
    assert_int_equal(import(fixture, "1-1"), 0);
    control(fixture, choose, NULL);
    gint64 end = g_get_monotonic_time() + PATIENCE_US;
    while (got == 0) {
        g_autoptr(GByteArray) command = g_byte_array_new();
        const guint32 fields[] = {
            SUBMIT, ++fixture->sequence, 0x10002, IN, 1, 0, sizeof bytes, 0, 8, 1, 0, 0};
        for (guint i = 0; i < G_N_ELEMENTS(fields); i++)
            put(command, fields[i], 4);
        for (guint i = 0; i < 8; i++) {
            put(command, i * 3072, 4);
            put(command, 3072, 4);
            put(command, 0, 4);
            put(command, 0, 4);
        }
        say(fixture, command);
        assert_true(hear(fixture, head, sizeof head));
        assert_int_equal(get(head + 4, 4), fixture->sequence);
        assert_int_equal(get(head + 32, 4), 8);
        got = get(head + 24, 4);
        if (got > 0)
            assert_true(hear(fixture, bytes, got));
        assert_true(hear(fixture, packets[0], sizeof packets));
        guint sum = 0;
        for (guint i = 0; i < 8; i++)
            sum += get(packets[i] + 8, 4);
        assert_int_equal(sum, got);
        assert_true(g_get_monotonic_time() < end);
    }
    assert_int_equal(bytes[0], 12);
    assert_memory_equal(bytes + 12 + 6, "darvaza-frame 1", 15);
}

static void
nonsense_is_hung_up_on(void **state)
{
    Fixture *fixture = *state;
    g_autoptr(GByteArray) nonsense = g_byte_array_new();
    guint8 byte;
    for (guint i = 0; i < 100; i++)
        put(nonsense, 0x55555555, 4);
    say(fixture, nonsense);
    assert_false(hear(fixture, &byte, 1));
    dial(fixture);
    plug(fixture, "1-1", "cdc-acm");
    assert_int_equal(import(fixture, "1-1"), 0);
    say(fixture, nonsense);
    assert_false(hear(fixture, &byte, 1));
}

/* ---- the bytes alone */

static void
parsed_in_pieces(void **state)
{
    guint8 bytes[HEAD + 4 + 16] = {0, 0, 0, 1, 0, 0, 0, 9, [19] = 2, [27] = 4, [35] = 1};
    DvUsbipCommand command;
    (void)state;
    for (gsize i = 0; i < sizeof bytes; i++)
        assert_int_equal(dv_usbip_parse_command(bytes, i, &command), 0);
    assert_int_equal(dv_usbip_parse_command(bytes, sizeof bytes, &command), sizeof bytes);
    assert_int_equal(command.endpoint, 2);
    assert_int_equal(command.length, 4);
    assert_ptr_equal(command.data, bytes + HEAD);
    bytes[HEAD + 4 + 7] = 5; /* a packet of five bytes in four */
    assert_int_equal(dv_usbip_parse_command(bytes, sizeof bytes, &command), -1);
    bytes[HEAD + 4 + 7] = 2;
    bytes[HEAD + 4 + 3] = 3; /* and one that begins too late */
    assert_int_equal(dv_usbip_parse_command(bytes, sizeof bytes, &command), -1);
    bytes[HEAD + 4] = 0xff;
    assert_int_equal(dv_usbip_parse_command(bytes, sizeof bytes, &command), -1);
}

static void
too_much(void **state)
{
    guint8 bytes[HEAD] = {0, 0, 0, 1, [15] = 1, [24] = 1};
    DvUsbipCommand command;
    (void)state;
    assert_int_equal(dv_usbip_parse_command(bytes, sizeof bytes, &command), -1); /* 16 MiB */
    bytes[24] = 0;
    bytes[34] = 5; /* 1280 packets */
    assert_int_equal(dv_usbip_parse_command(bytes, sizeof bytes, &command), -1);
    bytes[34] = 0;
    assert_int_equal(dv_usbip_parse_command(bytes, sizeof bytes, &command), HEAD);
    bytes[19] = 16; /* endpoint */
    assert_int_equal(dv_usbip_parse_command(bytes, sizeof bytes, &command), -1);
}

int
main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(lists_what_is_free),
        T(one_peer_a_device),
        T(reads_and_unlinks),
        T(unplugging_hangs_up),
        T(isochronous),
        T(nonsense_is_hung_up_on),
        cmocka_unit_test(parsed_in_pieces),
        cmocka_unit_test(too_much),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
