// SPDX-License-Identifier: Apache-2.0
#pragma once
/* Shared by the files of this room: the signed file as such, and members that many roles have. */
#include <darvaza/trust.h>

#define SIGNATURES_MAX 32
#define DAY_US (G_GINT64_CONSTANT(86400) * G_USEC_PER_SEC)
#define NUMBER_MAX (G_GINT64_CONSTANT(9007199254740991)) /* 2^53 - 1, what JSON keeps exactly */

/* What a role's files are called, bounded by and signed under. */
typedef struct {
    const char *type;   /* member "type" */
    const char *domain; /* of the signature */
    const char *what;   /* for sentences */
    gsize max;          /* bytes of a whole file */
    gint64 runs_us;     /* longest time from issued_at to expires_at */
} TrustKind;
extern const TrustKind trust_kinds[DV_TRUST_ROLES];

typedef struct {
    char key_id[DV_TRUST_HEX];
    guint8 bytes[DV_ED25519_SIG_SIZE];
} TrustSignature;

/* A signed file in its one form: canonical, complete, of the role's type. */
typedef struct {
    json_t *whole;
    const json_t *content; /* "signed", of whole */
    GBytes *message;       /* canonical "signed": what signatures are over */
    GArray *signatures;    /* TrustSignature */
} TrustFile;
TrustFile *trust_file_read(GBytes *bytes, DvTrustRole role, DvTrustReason *reason, GError **error);
/* {"signatures": signatures, "signed": content}; takes content over. */
GBytes *trust_file_make(json_t *content, json_t *signatures, GError **error);
void trust_file_free(TrustFile *file);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(TrustFile, trust_file_free)

/* Sets the error of the reason's kind to "<what>: <formatted>" and returns the reason. */
DvTrustReason trust_refuse(GError **error, DvTrustReason reason, const char *what,
                           const char *format, ...) G_GNUC_PRINTF(4, 5);
/* MALFORMED with the error that stands already. */
gboolean trust_invalid(GError **error, const char *what, const char *format, ...)
    G_GNUC_PRINTF(3, 4);

/* Member readers; FALSE with DV_ERROR_INVALID. */
gboolean trust_get_hash(const json_t *object, const char *key, char out[DV_TRUST_HEX],
                        const char *what, GError **error);
gboolean trust_get_time(const json_t *object, const char *key, gint64 *time_us, const char *what,
                        GError **error);
gboolean trust_get_number(const json_t *object, const char *key, gint64 min, gint64 *value,
                          const char *what, GError **error);
/* issued_at and expires_at, in order and not further apart than the role allows. */
gboolean trust_get_span(const json_t *object, DvTrustRole role, gint64 *issued_us,
                        gint64 *expires_us, GError **error);
/* Duplicates the string; FALSE unless 1..max bytes. */
gboolean trust_get_text(const json_t *object, const char *key, gsize max, char **text,
                        const char *what, GError **error);
/* Member of the given type (JSON_ARRAY, JSON_OBJECT) with at most max elements; NULL otherwise. */
const json_t *trust_get_many(const json_t *object, const char *key, json_type type, gsize max,
                             const char *what, GError **error);
json_t *trust_time_json(gint64 time_us);
gboolean trust_hash_is_valid(const char *text);
/* 1 to 32 of A-Z a-z 0-9 . _ - */
gboolean trust_list_id_is_valid(const char *text);

void trust_role_keys_clear(DvTrustRoleKeys *keys);
/* dv_trust_signed_by on a file that was read. */
DvTrustReason trust_file_signed_by(const TrustFile *file, const DvTrustRoot *root, DvTrustRole role,
                                   const char *list_id, guint *count, guint *threshold,
                                   GPtrArray **holders, GError **error);

DvTrustRoot *trust_root_from(const json_t *content, GError **error);
DvTrustStatement *trust_statement_from(const json_t *content, GError **error);
DvTrustRelease *trust_release_from(const json_t *content, GError **error);
DvTrustTimestamp *trust_timestamp_from(const json_t *content, GError **error);
