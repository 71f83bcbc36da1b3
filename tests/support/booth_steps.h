// SPDX-License-Identifier: Apache-2.0
#pragma once
/* What tests of a whole booth do again and again, on top of booth_rig.h. Each fails the test when
 * something other than the returned answer goes wrong. */
#include "booth_rig.h"

#include <darvaza/crossing.h>

/* Arguments of booth_lay: a clean traveller, and those of booth_rig_add_demo_list. */
#define ADMIT_ME "ERIKSSON", "ANNA MARIA", "L898902C3", "740812", "340415"
#define LISTED_PERSON "MARLOWE", "TESSA", "D23145890", "850314", "340415"
#define LISTED_DOCUMENT "SPECIMEN", "OTTO", "X12345678", "900101", "340415"
#define DAY_S (24 * 3600)

/* cmocka fixtures: a booth in training with accounts in force. */
int booth_setup(void **state);
int booth_teardown(void **state);
#define BOOTH_TEST(name) cmocka_unit_test_setup_teardown(name, booth_setup, booth_teardown)

void booth_lay(BoothRig *rig, const char *surname, const char *given, const char *number,
               const char *birth, const char *expiry);
void booth_ready(BoothRig *rig, const char *action);
/* The id of the crossing on the lane, from the last state; caller frees. */
char *booth_current_id(BoothRig *rig);
guint booth_decide(BoothRig *rig, const char *id, const char *decision, const char *note);
int booth_result_of(BoothRig *rig, const char *check, const char **code);
GVariant *booth_bytes_variant(GBytes *bytes);
/* The oldest unsent record, opened with the centre's keys. */
json_t *booth_open_oldest(BoothRig *rig, DvCrossingHeader *header, json_t **protection);
/* A receipt for the oldest record. */
GBytes *booth_make_receipt(BoothRig *rig, const char *kiosk, const DvKey *key, guint8 spoil);
guint booth_deliver_answer(BoothRig *rig, guint64 number, const char *kiosk, const char *id,
                           const char *disposition, const DvKey *key, const DvCert *cert,
                           GError **error);
