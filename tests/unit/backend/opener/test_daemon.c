// SPDX-License-Identifier: Apache-2.0
/* The two daemons over their sockets, as the console's backend and each other see them. */
#include "expect.h"
#include "opener_rig.h"

#include <darvaza/bus.h>
#include <darvaza/sqlite.h>

#define REASON "review of flagged crossing"
#define REFUSE                                                                                     \
    "{\"disposition\":\"REFUSE\",\"reason\":\"no visa was shown\",\"grounds\":[\"C\"],"            \
    "\"legal_basis\":\"Article 14\",\"language\":\"en\","                                          \
    "\"form\":{\"number\":\"R-1\",\"handed_over\":true,\"remedy_notice\":true},"                   \
    "\"protection_question\":{\"language\":\"en\",\"answer\":\"NO\"}}"

static OpenerRig *rig;

static int
setup(void **state)
{
    (void)state;
    rig = opener_rig_new();
    opener_rig_start_protection(rig);
    opener_rig_start_centre(rig);
    return 0;
}

static int
teardown(void **state)
{
    (void)state;
    opener_rig_free(rig);
    return 0;
}

static GVariant *
call(const char *socket, const char *method, GVariant *params, GError **error)
{
    g_autoptr(GDBusConnection) peer = dv_bus_connect(socket, 2000, error);
    if (!peer) {
        g_variant_unref(g_variant_ref_sink(params));
        return NULL;
    }
    GVariant *reply = g_dbus_connection_call_sync(peer, NULL, "/org/darvaza/Opener1",
                                                  "org.darvaza.Opener1", method, params, NULL,
                                                  G_DBUS_CALL_FLAGS_NONE, 20000, NULL, error);
    if (error && *error)
        dv_bus_restore_error(error);
    return reply;
}

static GVariant *
bytes(GBytes *data)
{
    return g_variant_new_from_bytes(G_VARIANT_TYPE_BYTESTRING, data, TRUE);
}

static char *
sign_in(const char *socket, const char *user)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GVariant) reply =
        call(socket, "SignIn", g_variant_new("(sss)", user, RIG_PASSWORD, "127.0.0.1"), &error);
    if (!reply)
        fail_msg("%s", error->message);
    const char *text = NULL;
    g_variant_get(reply, "(&s)", &text);
    g_autoptr(json_t) session = json_loads(text, 0, NULL);
    return g_strdup(json_string_value(json_object_get(session, "token")));
}

static GBytes *
record(gint64 seq, gboolean referred)
{
    g_autoptr(json_t) compartment = referred ? dv_referral_example() : NULL;
    return dv_record_example_sealed(rig->keys, 1, seq, NULL, DV_PRIORITY_REVIEW, compartment, NULL);
}

static GVariant *
decide(const char *token, GBytes *wire, const char *text, GError **error)
{
    return call(rig->socket, "Decide", g_variant_new("(s@ays)", token, bytes(wire), text), error);
}

static void
record_opens_over_the_socket(void **state)
{
    (void)state;
    g_autoptr(GError) error = NULL;
    g_autofree char *token = sign_in(rig->socket, "sup");
    g_autoptr(GBytes) wire = record(1, FALSE);
    g_autoptr(GVariant) reply = call(rig->socket, "OpenRecord",
                                     g_variant_new("(s@ays)", token, bytes(wire), REASON), &error);
    assert_null(error);
    const char *body = NULL;
    g_variant_get(reply, "(&s)", &body);
    assert_non_null(strstr(body, "L898902C3"));
    g_autoptr(GBytes) garbage = g_bytes_new_static("\xff\x00\x01", 3);
    assert_null(call(rig->socket, "OpenRecord",
                     g_variant_new("(s@ays)", token, bytes(garbage), REASON), &error));
    expect_error(&error, DV_ERROR_INVALID, "");
}

static void
error_codes_survive_the_socket(void **state)
{
    (void)state;
    g_autoptr(GError) error = NULL;
    assert_null(
        call(rig->socket, "SignIn", g_variant_new("(sss)", "sup", "wrong", "127.0.0.1"), &error));
    expect_error(&error, DV_ERROR_DENIED, "The account or the password is not right.");
    assert_null(call(rig->socket, "Session", g_variant_new("(s)", "x"), &error));
    expect_error(&error, DV_ERROR_EXPIRED, "sign in again");
    assert_null(call(rig->socket, "AccountsFor", g_variant_new("(s)", "KSK-5"), &error));
    expect_error(&error, DV_ERROR_DENIED, "not registered");
}

/* S2 between the two units, over the hold socket. */
static void
centre_asks_the_protection_unit(void **state)
{
    (void)state;
    g_autoptr(GError) error = NULL;
    g_autofree char *token = sign_in(rig->socket, "sup");
    g_autoptr(GBytes) referred = record(10, TRUE);
    g_autoptr(GBytes) plain = record(11, FALSE);
    assert_null(decide(token, referred, REFUSE, &error));
    expect_error(&error, DV_ERROR_DENIED, "ask the protection unit");
    g_autoptr(GVariant) reply = decide(token, plain, REFUSE, &error);
    assert_null(error);
    assert_non_null(reply);

    g_autofree char *asylum = sign_in(rig->protection_socket, "asylum");
    g_autoptr(GVariant) closed =
        call(rig->protection_socket, "CloseReferral",
             g_variant_new("(s@ays)", asylum, bytes(referred), "decided by the authority"), &error);
    assert_null(error);
    assert_non_null(closed);
    g_autoptr(GVariant) later = decide(token, referred, REFUSE, &error);
    assert_null(error);
    assert_non_null(later);
}

static void
unreachable_protection_unit_means_no(void **state)
{
    (void)state;
    g_autoptr(GError) error = NULL;
    g_autofree char *token = sign_in(rig->socket, "sup");
    g_autoptr(GBytes) wire = record(12, FALSE);
    opener_rig_stop_protection(rig);
    assert_null(decide(token, wire, REFUSE, &error));
    expect_error(&error, DV_ERROR_DENIED, "cannot be asked now");
    opener_rig_start_protection(rig);
    g_autoptr(GVariant) reply = decide(token, wire, REFUSE, &error);
    assert_null(error);
    assert_non_null(reply);
}

/* The backend must not learn which records carry a referral. */
static void
hold_is_not_answered_to_the_console(void **state)
{
    (void)state;
    const char *sockets[] = {rig->socket, rig->protection_socket};
    g_autoptr(GBytes) referred = record(13, TRUE);
    for (gsize i = 0; i < G_N_ELEMENTS(sockets); i++) {
        g_autoptr(GError) error = NULL;
        GVariant *params = bytes(referred);
        assert_null(call(sockets[i], "ProtectionHold", g_variant_new_tuple(&params, 1), &error));
        assert_non_null(error);
        assert_non_null(strstr(error->message, "not implemented"));
    }
    g_autoptr(GError) error = NULL;
    assert_null(call(rig->hold_socket, "SignIn", g_variant_new("(sss)", "asylum", RIG_PASSWORD, ""),
                     &error));
    assert_non_null(error);
}

/* Sessions and the log are on disk: neither is lost with the process. */
static void
restart_loses_nothing(void **state)
{
    (void)state;
    g_autoptr(GError) error = NULL;
    g_autofree char *token = sign_in(rig->socket, "sup");
    opener_rig_stop_centre(rig);
    opener_rig_start_centre(rig);
    g_autoptr(GVariant) reply = call(rig->socket, "Session", g_variant_new("(s)", token), &error);
    assert_null(error);
    assert_non_null(reply);
    g_autoptr(GVariant) head = call(rig->socket, "AuditHead", g_variant_new("()"), &error);
    assert_null(error);
    assert_non_null(head);
}

/* A daemon does not go on writing after a log that was tampered with. */
static void
tampered_log_stops_the_start(void **state)
{
    (void)state;
    opener_rig_stop_centre(rig);
    g_autofree char *path = g_build_filename(rig->centre_state, "opener.db", NULL);
    g_autoptr(GError) error = NULL;
    sqlite3 *db = dv_sqlite_open(path, DV_SQLITE_DURABLE, &error);
    assert_non_null(db);
    assert_true(dv_sqlite_exec(
        db, "DROP TRIGGER audit_no_update; UPDATE audit SET reason = 'x' WHERE seq = 1", &error));
    sqlite3_close(db);
    g_autofree char *config = g_build_filename(rig->dir, "centre.ini", NULL);
    g_autoptr(GSubprocess) daemon =
        g_subprocess_new(G_SUBPROCESS_FLAGS_STDERR_PIPE, &error, g_getenv("DARVAZA_OPENER"),
                         "--config", config, NULL);
    assert_non_null(daemon);
    g_autofree char *log = NULL;
    assert_true(g_subprocess_communicate_utf8(daemon, NULL, NULL, NULL, &log, &error));
    assert_int_equal(g_subprocess_get_exit_status(daemon), 1);
    assert_non_null(strstr(log, "audit log: entry 1 is not as it was written"));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(record_opens_over_the_socket),
        cmocka_unit_test(error_codes_survive_the_socket),
        cmocka_unit_test(centre_asks_the_protection_unit),
        cmocka_unit_test(unreachable_protection_unit_means_no),
        cmocka_unit_test(hold_is_not_answered_to_the_console),
        cmocka_unit_test(restart_loses_nothing),
        cmocka_unit_test(tampered_log_stops_the_start),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
