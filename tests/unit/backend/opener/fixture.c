// SPDX-License-Identifier: Apache-2.0
#include "fixture.h"

#include "expect.h"
#include "lists.h"

#include <darvaza/clock.h>

OpenerRig *rig;
DvOpener *centre, *protection;
ListsRig *lists;
gint64 shift_us;

static gint64
shifted(void *data)
{
    (void)data;
    return G_GINT64_CONSTANT(1795460568) * G_USEC_PER_SEC + shift_us;
}

static DvOpener *
open_one(DvOpenerMode mode)
{
    gboolean at_centre = mode == DV_OPENER_CENTRE;
    g_autofree char *keys =
        g_build_filename(rig->keys->dir, at_centre ? "centre" : "protection", NULL);
    g_autofree char *trust = g_build_filename(rig->keys->dir, "trust", NULL);
    const DvOpenerOptions options = {
        .mode = mode,
        .state_dir = at_centre ? rig->centre_state : rig->protection_state,
        .socket = at_centre ? rig->socket : rig->protection_socket,
        .client_uid = -1,
        .keys_dir = keys,
        .trust_dir = trust,
        .hold_client_uid = -1,
        .lists_repository = lists ? lists->dir : NULL,
        .lists_trust = lists ? lists->trust_dir : NULL,
        .timestamp_key = lists ? lists->timestamp_key : NULL,
    };
    g_autoptr(GError) error = NULL;
    DvOpener *opener = dv_opener_new(&options, &error);
    if (!opener)
        g_error("%s", error->message);
    return opener;
}

static void
stop_clock(void)
{
    const DvClock clock = {shifted, shifted, NULL};
    dv_clock_install(&clock);
}

int
fixture_lists_setup(void **state)
{
    stop_clock();
    lists = lists_rig_new();
    return fixture_setup(state);
}

int
fixture_setup(void **state)
{
    (void)state;
    stop_clock();
    rig = opener_rig_new();
    centre = open_one(DV_OPENER_CENTRE);
    protection = open_one(DV_OPENER_PROTECTION);
    return 0;
}

int
fixture_teardown(void **state)
{
    (void)state;
    dv_opener_free(centre);
    dv_opener_free(protection);
    opener_rig_free(rig);
    if (lists)
        lists_rig_free(lists);
    lists = NULL;
    dv_clock_install(NULL);
    return 0;
}

char *
sign_in(DvOpener *opener, const char *user)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(json_t) session = dv_session_sign_in(opener, user, RIG_PASSWORD, "127.0.0.1", &error);
    if (!session)
        fail_msg("%s", error->message);
    return g_strdup(json_string_value(json_object_get(session, "token")));
}

GBytes *
record(gint64 seq)
{
    return dv_record_example_sealed(rig->keys, 1, seq, NULL, DV_PRIORITY_HIT, NULL, NULL);
}

GBytes *
referral(gint64 seq)
{
    g_autoptr(json_t) compartment = dv_referral_example();
    return dv_record_example_sealed(rig->keys, 1, seq, NULL, DV_PRIORITY_REVIEW, compartment, NULL);
}

/* The newest audit entry as "actor verb object outcome reason". */
char *
last_entry(DvOpener *opener)
{
    g_autoptr(sqlite3_stmt) stmt = dv_sqlite_prepare(
        opener->db,
        "SELECT actor || ' ' || verb || ' ' || object || ' ' || outcome || ' ' || reason"
        " FROM audit ORDER BY seq DESC LIMIT 1",
        NULL);
    gboolean row = FALSE;
    assert_true(dv_sqlite_step(stmt, &row, NULL) && row);
    return g_strdup((const char *)sqlite3_column_text(stmt, 0));
}

void
expect_entry(DvOpener *opener, const char *text)
{
    g_autofree char *entry = last_entry(opener);
    assert_string_equal(entry, text);
}

void
expect_release_entry(DvOpener *opener, gint64 release, const char *text)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(DvDraft) draft = dv_draft_read(opener, release, &error);
    if (!draft)
        fail_msg("%s", error->message);
    g_auto(GStrv) parts = g_strsplit(text, "<content>", -1);
    g_autofree char *whole = g_strjoinv(draft->content, parts);
    expect_entry(opener, whole);
}
