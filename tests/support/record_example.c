// SPDX-License-Identifier: Apache-2.0
#include "record_example.h"
#include <darvaza/file.h>
#include <string.h>

json_t *
dv_record_example(void)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GBytes) text = dv_file_read(DV_RECORD_EXAMPLE, 65536, &error);
    json_t *record =
        text ? dv_json_parse(g_bytes_get_data(text, NULL), g_bytes_get_size(text), 65536, &error)
             : NULL;
    if (!record)
        g_error("example record: %s", error->message);
    return record;
}

json_t *
dv_referral_example(void)
{
    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:{s:s, s:s, s:s, s:s},"
                     " s:{s:s, s:s, s:s}}",
                     "referral", "REFER_ASYLUM", "kind", "asylum", "crossing_id",
                     "9b2f4c61-5e0d-4a7b-8c3e-1d2f3a4b5c6d", "checkpoint", "UTO-BAHNHOF", "kiosk",
                     "KSK-1", "event_time", "2026-11-23T19:02:48.123Z", "language", "fa", "note",
                     "Asked for protection at the booth.", "person", "surname", "ERIKSSON",
                     "given_names", "ANNA MARIA", "birth_date", "1974-08-12", "nationality", "UTO",
                     "document", "number", "L898902C3", "issuing_state", "UTO", "type", "P");
}

DvSealKeys
dv_test_seal_keys(const DvTestKeys *keys)
{
    return (DvSealKeys){keys->sign_key, keys->sign, keys->record, "P1", keys->protection};
}

GBytes *
dv_record_example_sealed(const DvTestKeys *keys, gint64 epoch, gint64 seq, const guint8 *prev,
                         DvPriority priority, const json_t *protection, guint8 *link)
{
    g_autoptr(GError) error = NULL;
    const DvSealKeys seal = dv_test_seal_keys(keys);
    DvCrossingHeader header = {.kiosk = "KSK-1", .epoch = epoch, .seq = seq, .priority = priority};
    for (gsize i = 0; prev && i < sizeof header.prev_hash; i++)
        header.prev_hash[i] = prev[i];
    g_autoptr(json_t) record = dv_record_example();
    g_autofree char *id = dv_uuid_new();
    json_object_set_new(record, "crossing_id", json_string(id));
    guint8 unused[DV_SHA256_SIZE];
    GBytes *wire =
        dv_crossing_seal(&seal, &header, record, protection, link ? link : unused, &error);
    if (!wire)
        g_error("example record: %s", error->message);
    return wire;
}
