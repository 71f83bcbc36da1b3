// SPDX-License-Identifier: Apache-2.0
/* Every word that a record may use. A new word is a new schema version. */
#include <darvaza/crossing.h>
#include <string.h>

typedef struct {
    const char *name;
    const char *words[20];
} Vocabulary;

static const Vocabulary vocabularies[] = {
    {"clock_quality", {"SYNCED", "UNSYNCED", "SUSPECT"}},
    {"entry_method", {"MRZ", "CHIP", "VIZ", "MANUAL"}},
    {"capture_mode", {"ONLINE", "LOCAL_STORE", "PAPER_BACKFILL"}},
    {"list_status", {"FRESH", "STALE", "EXPIRED", "BROKEN", "ABSENT"}},
    /* of a heartbeat: where darvaza-lists stands, and whether its volume is encrypted */
    {"lists_state",
     {"IDLE", "TIMESTAMP", "ROOT", "MANIFEST", "PLAN", "DOWNLOAD", "VERIFY", "STAGE", "SELFTEST",
      "SWAP", "CONFIRM", "STOPPED"}},
    {"volume", {"ENCRYPTED", "PLAIN", "UNKNOWN"}},
    {"sex", {"M", "F", "X"}}, /* X: unspecified, "<" in the zone (ICAO 9303-4) */
    {"mrz_format", {"TD1", "TD2", "TD3", "MRVA", "MRVB", "FRA_ID2"}},
    {"mrz_verdict", {"VALID", "DEVIATION", "INVALID", "REJECT"}},
    {"mrz_check", {"ABSENT", "NA", "OK", "OK_ALT", "FAIL"}},
    {"mrz_field", {"DOCUMENT_NUMBER", "BIRTH_DATE", "EXPIRY_DATE", "OPTIONAL", "COMPOSITE"}},
    {"change_by", {"CHECK_DIGITS", "OFFICER"}},
    {"image", {"VISIBLE", "INFRARED", "ULTRAVIOLET", "PORTRAIT", "LIVE"}},
    /* BSI TR-03135-1 section 6: written as 1 to 5 in a check */
    {"check_result", {"SUCCESSFUL", "FAILED", "UNDETERMINED", "NOT_SUPPORTED", "ABORTED"}},
    {"obligation", {"MANDATORY", "OPTIONAL", "INFORMATIONAL"}},
    {"face_missing", {"CHILD", "PHYSICAL_TEMPORARY", "PHYSICAL_PERMANENT", "DEVICE", "REFUSED"}},
    /* from version 2 on: why a crossing has no live portrait */
    {"face_missing_2",
     {"CHILD", "PHYSICAL_TEMPORARY", "PHYSICAL_PERMANENT", "DEVICE", "REFUSED", "NO_CAMERA",
      "NO_FACE", "SEVERAL_FACES", "EXEMPT", "OFFICER_SKIPPED"}},
    {"portrait", {"LIVE", "DOCUMENT"}},
    /* from version 3 on: who read the lines, and why an image of a camera's is not there */
    {"read_by", {"READER", "CAMERA", "OFFICER"}},
    {"scan_missing", {"NOT_TAKEN", "NO_ROOM"}},
    {"direction", {"ENTRY", "EXIT", "TRANSIT", "RETURNED"}},
    /* UN/CEFACT Recommendation 19: sea, rail, road, air, inland water; P: on foot */
    {"mode", {"1", "2", "3", "4", "8", "P"}},
    {"purpose",
     {"TOURISM", "BUSINESS", "WORK", "STUDY", "FAMILY", "MEDICAL", "PILGRIMAGE", "TRANSIT", "CREW",
      "OFFICIAL", "RETURN", "LOCAL_BORDER", "OTHER"}},
    {"visa_entries", {"SINGLE", "DOUBLE", "MULTIPLE"}},
    {"completeness", {"FULL", "PARTIAL"}},
    {"traveller_class", {"PAX", "CREW", "TRANSIT_PAX", "TRANSIT_CREW"}},
    {"subject", {"PERSON", "DOCUMENT"}},
    {"match_kind", {"EXACT_DOCUMENT", "FOLDED_DOCUMENT", "EXACT_PERSON", "FUZZY_PERSON"}},
    /* SIMILAR: equal once look-alike characters count as equal */
    {"agreement", {"AGREES", "SIMILAR", "CONTRADICTS", "OMITTED"}},
    {"action", {"STOP_REFER", "DISCREET", "LOCATE", "PROTECT_MISSING", "SEIZE_DOCUMENT", "INFO"}},
    {"hit_disposition", {"CONFIRMED", "FALSE_MATCH", "UNRESOLVED"}},
    {"decision",
     {"ADMIT", "ADMIT_CONDITIONS", "SECOND_LINE", "REFUSE", "EXIT_OK", "EXIT_STOPPED",
      "REFER_ASYLUM", "REFER_PROTECTION", "WITHDRAWN"}},
    {"referral", {"REFER_ASYLUM", "REFER_PROTECTION"}},
    {"referral_kind", {"asylum", "other", "vulnerable"}},
};

const char *const *
dv_crossing_words(const char *vocabulary)
{
    for (gsize i = 0; vocabulary && i < G_N_ELEMENTS(vocabularies); i++)
        if (strcmp(vocabularies[i].name, vocabulary) == 0)
            return vocabularies[i].words;
    return NULL;
}
