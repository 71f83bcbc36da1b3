// SPDX-License-Identifier: Apache-2.0
#include "booth_steps.h"

#include <darvaza/clock.h>
#include <darvaza/receipt.h>

int
booth_setup(void **state)
{
    BoothRigOptions options = {.training = TRUE};
    BoothRig *rig = booth_rig_new(&options);
    booth_rig_deliver_accounts(rig, DAY_S);
    *state = rig;
    return 0;
}

int
booth_teardown(void **state)
{
    booth_rig_free(*state);
    return 0;
}

void
booth_lay(BoothRig *rig, const char *surname, const char *given, const char *number,
          const char *birth, const char *expiry)
{
    g_auto(GStrv) lines = booth_rig_zone(surname, given, number, birth, expiry);
    booth_rig_lay(rig, (const char *const *)lines);
}

void
booth_ready(BoothRig *rig, const char *action)
{
    if (action)
        booth_rig_add_demo_list(rig, "TEST", action, DAY_S);
    g_assert_cmpuint(booth_rig_sign_in(rig, BOOTH_RIG_PASSWORD), ==, 200);
}

char *
booth_current_id(BoothRig *rig)
{
    return g_strdup(booth_rig_text(rig, "crossing.crossing_id"));
}

guint
booth_decide(BoothRig *rig, const char *id, const char *decision, const char *note)
{
    return booth_rig_post(
        rig, "/api/decision",
        json_pack("{s:s, s:s, s:s*}", "crossing_id", id, "decision", decision, "note", note));
}

int
booth_result_of(BoothRig *rig, const char *check, const char **code)
{
    json_t *checks = json_object_get(json_object_get(rig->answer, "crossing"), "checks");
    for (gsize i = 0; i < json_array_size(checks); i++) {
        json_t *one = json_array_get(checks, i);
        if (!g_str_equal(json_string_value(json_object_get(one, "id")), check))
            continue;
        if (code)
            *code = json_string_value(json_object_get(one, "code"));
        return (int)json_integer_value(json_object_get(one, "result"));
    }
    return 0;
}

GVariant *
booth_bytes_variant(GBytes *bytes)
{
    return g_variant_new_fixed_array(G_VARIANT_TYPE_BYTE, g_bytes_get_data(bytes, NULL),
                                     g_bytes_get_size(bytes), 1);
}

json_t *
booth_open_oldest(BoothRig *rig, DvCrossingHeader *header, json_t **protection)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GVariant) answer =
        booth_rig_call(rig, "NextRecords", g_variant_new("(u)", 1), &error);
    g_assert_no_error(error);
    g_autoptr(GVariant) list = g_variant_get_child_value(answer, 0);
    g_assert_cmpuint(g_variant_n_children(list), ==, 1);
    g_autoptr(GVariant) row = g_variant_get_child_value(list, 0);
    g_autoptr(GVariant) bytes = g_variant_get_child_value(row, 2);
    gsize length = 0;
    const void *data = g_variant_get_fixed_array(bytes, &length, 1);
    g_autoptr(DvCrossingWire) wire = dv_crossing_wire_parse(data, length, &error);
    g_assert_no_error(error);
    *header = wire->header;
    json_t *body =
        dv_crossing_open(wire, rig->keys->record_key, rig->keys->record, rig->keys->sign, &error);
    g_assert_no_error(error);
    if (protection) {
        dv_crossing_open_protection(wire, rig->keys->protection_key, rig->keys->protection,
                                    rig->keys->sign, protection, &error);
        g_assert_no_error(error);
    }
    return body;
}

GBytes *
booth_make_receipt(BoothRig *rig, const char *kiosk, const DvKey *key, guint8 spoil)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GVariant) answer =
        booth_rig_call(rig, "NextRecords", g_variant_new("(u)", 1), &error);
    g_assert_no_error(error);
    g_autoptr(GVariant) list = g_variant_get_child_value(answer, 0);
    g_autoptr(GVariant) row = g_variant_get_child_value(list, 0);
    g_autoptr(GVariant) bytes = g_variant_get_child_value(row, 2);
    gsize length = 0;
    const void *data = g_variant_get_fixed_array(bytes, &length, 1);
    g_autoptr(DvCrossingWire) wire = dv_crossing_wire_parse(data, length, &error);
    g_assert_no_error(error);
    DvReceipt receipt = {
        .epoch = wire->header.epoch, .seq = wire->header.seq, .received_us = dv_clock_wall_us()};
    g_strlcpy(receipt.kiosk, kiosk, sizeof receipt.kiosk);
    dv_crossing_link(wire, receipt.link);
    receipt.link[0] ^= spoil;
    GBytes *made = dv_receipt_make(&receipt, key, &error);
    g_assert_no_error(error);
    return made;
}

guint
booth_deliver_answer(BoothRig *rig, guint64 number, const char *kiosk, const char *id,
                     const char *disposition, const DvKey *key, const DvCert *cert, GError **error)
{
    g_autofree char *now = dv_time_format(dv_clock_wall_us());
    g_autofree char *decision_id = dv_uuid_new();
    g_autoptr(json_t) payload = json_pack(
        "{s:s, s:s, s:s, s:s, s:i, s:i, s:s, s:s, s:s, s:s, s:[s], s:s, s:b}", "kind", "decision",
        "decision_id", decision_id, "crossing_id", id, "kiosk", kiosk, "epoch", 1, "seq", 1,
        "disposition", disposition, "reason", "looked at", "decided_by", "sup", "decided_at", now,
        "grounds", "A", "conditions", "", "is_training", TRUE);
    g_autoptr(GBytes) sealed = dv_answer_seal(payload, key, cert, rig->keys->answers, error);
    if (!sealed)
        return 0;
    g_autoptr(GVariant) answer = booth_rig_call(
        rig, "DeliverAnswer", g_variant_new("(t@ay)", number, booth_bytes_variant(sealed)), error);
    return answer != NULL;
}
