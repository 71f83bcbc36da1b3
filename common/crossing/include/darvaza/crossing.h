// SPDX-License-Identifier: Apache-2.0
#pragma once
/*
 * The crossing on the wire: header, seal, chain (docs/formats/crossing.md). The booth seals and
 * cannot open; the centre's opener opens the body, the protection unit's opener the compartment.
 */
#include <darvaza/crypto.h>
#include <darvaza/json.h>
#include <glib.h>

/* Bounds of the wire form, checked before anything is allocated. */
#define DV_CROSSING_WIRE_MAX (256u * 1024u)
#define DV_CROSSING_KIOSK_MAX 32 /* bytes: A-Z a-z 0-9 - */

/* What the centre may know without opening: how urgent. A protection referral is not visible here:
 * it stands as DV_PRIORITY_REVIEW exactly as an officer's own referral to second line does. */
typedef enum {
    DV_PRIORITY_ROUTINE = 0,
    DV_PRIORITY_REVIEW = 1,   /* an officer referred it, or a check is undetermined or failed */
    DV_PRIORITY_POSSIBLE = 2, /* possible hit (folded document, probable) */
    DV_PRIORITY_HIT = 3,      /* exact hit */
    DV_PRIORITY_STOP = 4,     /* exact hit whose action is to stop and refer */
} DvPriority;

typedef struct {
    char kiosk[DV_CROSSING_KIOSK_MAX + 1];
    gint64 epoch;                     /* >= 1 */
    gint64 seq;                       /* 1, 2, 3 ... within the epoch */
    guint8 prev_hash[DV_SHA256_SIZE]; /* of the previous header; the first of an epoch names the
                                         last known head of the epoch before, or zeros */
    guint8 body_hash[DV_SHA256_SIZE];
    guint8 protection_hash[DV_SHA256_SIZE];
    char period[17]; /* names the centre's record key */
    DvPriority priority;
} DvCrossingHeader;

/* ---- wire form: "DVR1", then header, signature, body, protection, each u32 big-endian length and
 * bytes; the header is canonical JSON ---- */
typedef struct {
    DvCrossingHeader header;
    GBytes *header_bytes; /* canonical JSON as signed */
    GBytes *signature;
    GBytes *body;       /* CMS; NULL when erased */
    GBytes *protection; /* CMS; NULL when erased */
} DvCrossingWire;

/* Parses and checks shape, bounds, canonical form and both hashes. DV_ERROR_INVALID. A part that is
 * empty on the wire is taken as erased (NULL): whoever takes in new records refuses those. */
DvCrossingWire *dv_crossing_wire_parse(const void *data, gsize length, GError **error);
void dv_crossing_wire_free(DvCrossingWire *wire);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DvCrossingWire, dv_crossing_wire_free)
/* The header's signature is by this kiosk certificate (DV_ERROR_CRYPTO), whose common name is the
 * header's kiosk (DV_ERROR_DENIED). */
gboolean dv_crossing_wire_verify(const DvCrossingWire *wire, const DvCert *kiosk, GError **error);
/* The link of the chain: SHA-256 over "darvaza crossing link v1", 0x00, canonical header. */
void dv_crossing_link(const DvCrossingWire *wire, guint8 out[DV_SHA256_SIZE]);

/* ---- sealing, in the booth ---- */
typedef struct {
    const DvKey *kiosk_key;
    const DvCert *kiosk_cert;
    const DvCert *record_cert; /* the centre's key of the period */
    const char *period;
    const DvCert *protection_cert;
} DvSealKeys;

/* Seals one crossing. header: kiosk, epoch, seq, prev_hash, priority are given; hashes and period
 * are filled in. body: a valid record (dv_crossing_validate); it gets the member "header" repeated
 * inside. protection: NULL for none, else a referral as docs/formats/crossing.md says (surname,
 * note
 * ... have bounds, so that it always fits its compartment). Returns the wire form; link receives
 * the record's chain link. DV_ERROR_INVALID names the member that breaks the schema, DV_ERROR_FULL
 * when the record is larger than the largest size class (128 KiB). */
GBytes *dv_crossing_seal(const DvSealKeys *keys, DvCrossingHeader *header, const json_t *body,
                         const json_t *protection, guint8 link[DV_SHA256_SIZE], GError **error);

/* ---- opening, in an opener only ---- */
/* Verifies header signature, body signature, that the body repeats the header, and its schema. The
 * body comes with its "header". DV_ERROR_CRYPTO, DV_ERROR_DENIED, DV_ERROR_INVALID;
 * DV_ERROR_EXPIRED for an erased body. The caller owns the result. */
json_t *dv_crossing_open(const DvCrossingWire *wire, const DvKey *record_key,
                         const DvCert *record_cert, const DvCert *kiosk, GError **error);
/* *protection is NULL when the compartment is empty, else owned by the caller. FALSE: error. */
gboolean dv_crossing_open_protection(const DvCrossingWire *wire, const DvKey *protection_key,
                                     const DvCert *protection_cert, const DvCert *kiosk,
                                     json_t **protection, GError **error);

/* ---- the record's vocabulary and schema (facts: data elements; docs/formats/record.md) ---- */
#define DV_RECORD_SCHEMA_VERSION 3 /* written; versions 1 and 2 are still read */
/* Bytes of its images at most; the same in base64. All four leave 31 KiB for the rest. */
#define DV_RECORD_PORTRAIT_MAX (20u * 1024u)
#define DV_RECORD_PORTRAIT_TEXT_MAX ((DV_RECORD_PORTRAIT_MAX + 2) / 3 * 4)
#define DV_RECORD_ZONE_MAX (8u * 1024u)
#define DV_RECORD_ZONE_TEXT_MAX ((DV_RECORD_ZONE_MAX + 2) / 3 * 4)
#define DV_RECORD_PAGE_MAX (24u * 1024u)
#define DV_RECORD_PAGE_TEXT_MAX ((DV_RECORD_PAGE_MAX + 2) / 3 * 4)
/* DV_ERROR_INVALID names the first member that is missing, unknown, of another type or outside its
 * vocabulary ("record: hits[0].action: is outside its vocabulary"), or the rule that is broken: a
 * refusal needs a second person, ground, reason and form; a protection referral never stands in the
 * body; UTO specimens pass in training alone. Values never stand in messages. The body may or may
 * not carry "header". */
gboolean dv_crossing_validate(const json_t *body, GError **error);
/* Whether a body without "header" will fit into the largest size class once it has one. */
gboolean dv_crossing_fits(const json_t *body);
/* Vocabularies as NULL-terminated lists of words, for pages and checks
 * (common/crossing/vocabulary.c names them all: "decision", "purpose", "mode", "direction",
 * "match_kind", "action" ...). NULL for an unknown name. Static. */
const char *const *dv_crossing_words(const char *vocabulary);
