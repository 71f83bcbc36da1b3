// SPDX-License-Identifier: Apache-2.0
#pragma once
/*
 * Which watchlists a machine may take: signed metadata and the rules of acceptance
 * (docs/formats/list-trust.md). Four roles sign: root says who may sign, a list's owner vouches for
 * one version of its list, two persons release a set of versions, the centre's online key says
 * hourly which release is the newest. Nothing here opens a file, asks a clock or a network, except
 * dv_trust_load and dv_trust_store.
 *
 * Every refusal has a reason: a stable word for the heartbeat, and a sentence in the GError.
 */
#include <darvaza/crypto.h>
#include <darvaza/json.h>
#include <glib.h>

/* Bytes of a whole file; a larger one is refused before it is parsed. */
#define DV_TRUST_ROOT_MAX (64u * 1024)
#define DV_TRUST_STATEMENT_MAX (256u * 1024)
#define DV_TRUST_RELEASE_MAX (1024u * 1024)
#define DV_TRUST_TIMESTAMP_MAX (4u * 1024)
#define DV_TRUST_SIGNATURE_MAX 1024u
#define DV_TRUST_STATE_MAX (256u * 1024)

#define DV_TRUST_LISTS_MAX 64
#define DV_TRUST_DELTAS_MAX 64
#define DV_TRUST_CANARY_ROWS_MAX 16
#define DV_TRUST_ROOT_STEPS_MAX 64 /* roots taken in one go */
/* A signed time may lie this far ahead of the machine's clock, and the clock this far behind the
 * newest signed time. */
#define DV_TRUST_CLOCK_SLACK_US (G_GINT64_CONSTANT(3600) * G_USEC_PER_SEC)

typedef enum {
    DV_TRUST_OK,
    /* metadata */
    DV_TRUST_MALFORMED,     /* not the canonical, complete form that the format demands */
    DV_TRUST_TRUNCATED,     /* ends too early */
    DV_TRUST_BLOATED,       /* larger than its bound */
    DV_TRUST_BIT_FLIPPED,   /* the size agrees, the digest does not */
    DV_TRUST_SIGNATURE,     /* a signature by a key of the role does not hold: altered */
    DV_TRUST_THRESHOLD,     /* too few different keys of the role have signed */
    DV_TRUST_ROOT_NEEDED,   /* signed under a newer root: take the next root first, then again */
    DV_TRUST_ROLLED_BACK,   /* an older version than the one already trusted */
    DV_TRUST_FAST_FORWARD,  /* a number further ahead than honest numbering can be */
    DV_TRUST_MISISSUED,     /* a number already trusted, with other content */
    DV_TRUST_MIX_AND_MATCH, /* genuine, but not the piece that the signed set names here */
    DV_TRUST_EXPIRED,       /* past its own end */
    DV_TRUST_ROOT_EXPIRED,
    DV_TRUST_FROZEN,     /* still the timestamp of before, and it has expired */
    DV_TRUST_CLOCK_BACK, /* the machine's clock lies before the newest signed time */
    DV_TRUST_CLOCK_AHEAD,
    DV_TRUST_FROM_FUTURE, /* signed after this machine's now */
    DV_TRUST_WAITING,     /* the rollout has not reached this kiosk yet: nothing is wrong */
    /* packages */
    DV_TRUST_NOT_FOR_US,    /* no envelope for this kiosk, or it does not open */
    DV_TRUST_WRONG_KEY,     /* the content key is not the signed one */
    DV_TRUST_UNDECODABLE,   /* a chunk's tag or the compressed stream does not hold */
    DV_TRUST_WRONG_CONTENT, /* list, version, rows or state hash are not the signed ones */
    DV_TRUST_NOT_ADD_ONLY,  /* an urgent delta that takes alerts away */
    DV_TRUST_SELFTEST,      /* a canary row did not get its answer */
    /* the machine */
    DV_TRUST_NO_PATH, /* neither a delta from the version in force nor a full package */
    DV_TRUST_UNAVAILABLE,
    DV_TRUST_ABSENT, /* the centre or the stick answers, and has no such piece */
    DV_TRUST_NO_SPACE,
    DV_TRUST_IO,
    DV_TRUST_UNENCRYPTED_VOLUME,
    DV_TRUST_REASONS,
} DvTrustReason;

/* "OK", "ROLLED_BACK" ... as in status.json and the heartbeat; static. */
const char *dv_trust_reason_word(DvTrustReason reason);
/* One plain sentence for people; static. */
const char *dv_trust_reason_sentence(DvTrustReason reason);
/* DV_TRUST_REASONS when no reason has this word. */
DvTrustReason dv_trust_reason_from_word(const char *word);

typedef enum {
    DV_TRUST_ROLE_ROOT,
    DV_TRUST_ROLE_OWNER, /* of one list */
    DV_TRUST_ROLE_RELEASE,
    DV_TRUST_ROLE_TIMESTAMP,
    DV_TRUST_ROLES,
} DvTrustRole;
/* "root", "owner", "release", "timestamp"; static. */
const char *dv_trust_role_word(DvTrustRole role);
gboolean dv_trust_role_from_word(const char *word, DvTrustRole *role);

#define DV_TRUST_HEX 65 /* SHA-256 in lower-case hexadecimal, with its NUL */

typedef struct {
    char key_id[DV_TRUST_HEX]; /* SHA-256 of the raw public key */
    guint8 public_key[32];
    char *holder; /* the desk or duty that holds it ("release desk A"), 1..64 bytes */
} DvTrustKey;

typedef struct {
    GPtrArray *key_ids; /* char *, distinct */
    guint threshold;    /* >= 1, <= key_ids->len; release: >= 2 */
} DvTrustRoleKeys;

/* Who may sign. A key has one role; only an owner's key may stand for several lists. */
typedef struct {
    gint64 version; /* the epoch, from 1 */
    gint64 issued_us, expires_us;
    GHashTable *keys; /* key id -> DvTrustKey */
    DvTrustRoleKeys root, release, timestamp;
    GHashTable *owners; /* list id -> DvTrustRoleKeys */
} DvTrustRoot;

/* A row that must give its answer before a version counts: a question, and the alert that must be
 * among its hits. Texts by the members surname, given_names, birth_date, sex, nationality,
 * document_number, issuing_state and document_type; whoever asks must ask by all that are there. */
typedef struct {
    json_t *query;
    char *alert_id;
} DvTrustCanaryRow;

/* What a list's owner vouches for. */
typedef struct {
    char *list_id;
    gint64 version;
    gint64 issued_us, expires_us; /* of the statement; gates acceptance */
    gint64 rows;
    char state_hash[DV_TRUST_HEX];
    gint64 generated_us, stale_us, list_expires_us; /* of the list, as in the list file */
    char *legal_basis, *purpose;
    GPtrArray *canary_rows; /* DvTrustCanaryRow, 1 to DV_TRUST_CANARY_ROWS_MAX */
} DvTrustStatement;

/* One package of a list: a full list (from 0) or a delta, and what its bytes must be. */
typedef struct {
    gint64 from, to; /* versions */
    char sha256[DV_TRUST_HEX];
    gint64 size; /* of the package as it is carried */
    char plain_sha256[DV_TRUST_HEX];
    gint64 plain_size;                 /* of the .dvlist layer inside */
    char content_key_id[DV_TRUST_HEX]; /* dv_package_key_id */
    gboolean add_only;                 /* a delta without tombstones */
} DvTrustPackage;

typedef struct {
    char *list_id;
    gint64 version;
    char statement_sha256[DV_TRUST_HEX];
    gint64 statement_size;
    DvTrustPackage full; /* its version (full.to) may be older than the list's: deltas lead on */
    GPtrArray *deltas;   /* DvTrustPackage, by `to` */
} DvTrustList;

typedef struct {
    gint64 release, epoch;
    gint64 issued_us, expires_us;
    gboolean urgent;
    GPtrArray *canary; /* char *, kiosks that take it first */
    GArray *steps;     /* guint, percentages, rising, the last 100 */
    GPtrArray *lists;  /* DvTrustList, by id */
} DvTrustRelease;

typedef struct {
    gint64 release;
    char sha256[DV_TRUST_HEX];
    gint64 size;
} DvTrustReleaseRef;

/* The newest word of the centre. */
typedef struct {
    gint64 version; /* <= seconds of issued_us since 1970, so that none can run ahead of time */
    gint64 epoch;   /* the newest root that the centre has */
    gint64 issued_us, expires_us;
    DvTrustReleaseRef current;
    guint percent;              /* 0: canary kiosks only; 100: everybody */
    gboolean has_previous;      /* what the others stay with or take */
    DvTrustReleaseRef previous; /* lower than current */
} DvTrustTimestamp;

void dv_trust_root_free(DvTrustRoot *root);
void dv_trust_statement_free(DvTrustStatement *statement);
void dv_trust_release_free(DvTrustRelease *release);
void dv_trust_timestamp_free(DvTrustTimestamp *timestamp);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DvTrustRoot, dv_trust_root_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DvTrustStatement, dv_trust_statement_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DvTrustRelease, dv_trust_release_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DvTrustTimestamp, dv_trust_timestamp_free)

/* ---- Reading: form alone, no signature looked at. For makers, status and previews; a machine
 * that installs goes through DvTrust below. NULL with DV_ERROR_INVALID; *reason (may be NULL) is
 * then MALFORMED, TRUNCATED or BLOATED. */
DvTrustRoot *dv_trust_root_read(GBytes *file, DvTrustReason *reason, GError **error);
DvTrustStatement *dv_trust_statement_read(GBytes *file, DvTrustReason *reason, GError **error);
DvTrustRelease *dv_trust_release_read(GBytes *file, DvTrustReason *reason, GError **error);
DvTrustTimestamp *dv_trust_timestamp_read(GBytes *file, DvTrustReason *reason, GError **error);

/* ---- Making: empty ones to be filled by hand. */
DvTrustRoot *dv_trust_root_new(void);
/* Adds a key under its id; FALSE with DV_ERROR_CONFLICT when another holder has it. */
gboolean dv_trust_root_add_key(DvTrustRoot *root, const guint8 public_key[DV_ED25519_PUBLIC_SIZE],
                               const char *holder, char id[DV_TRUST_HEX], GError **error);
/* Lets a key sign in a role (list_id: for OWNER, else NULL); again is no error. */
void dv_trust_root_let(DvTrustRoot *root, DvTrustRole role, const char *list_id, const char *id);
/* The role's keys and threshold; NULL where root knows no such list. */
const DvTrustRoleKeys *dv_trust_root_role(const DvTrustRoot *root, DvTrustRole role,
                                          const char *list_id);
void dv_trust_root_set_threshold(DvTrustRoot *root, DvTrustRole role, const char *list_id,
                                 guint threshold);
/* Takes a key out of every role and of the root. FALSE when it is not there. */
gboolean dv_trust_root_remove_key(DvTrustRoot *root, const char *id);
DvTrustStatement *dv_trust_statement_new(void);
void dv_trust_statement_add_canary(DvTrustStatement *statement, const json_t *query,
                                   const char *alert_id);
DvTrustRelease *dv_trust_release_new(void);
/* Belongs to the release; its other members are the caller's to fill. */
DvTrustList *dv_trust_release_add_list(DvTrustRelease *release, const char *list_id);

/* Whole files without signatures, in canonical form; whatever would not be read back
 * is DV_ERROR_INVALID. */
GBytes *dv_trust_root_make(const DvTrustRoot *root, GError **error);
GBytes *dv_trust_statement_make(const DvTrustStatement *statement, GError **error);
GBytes *dv_trust_release_make(const DvTrustRelease *release, GError **error);
GBytes *dv_trust_timestamp_make(const DvTrustTimestamp *timestamp, GError **error);
/* The version for a timestamp issued now after last_version (0: none). */
gint64 dv_trust_timestamp_next_version(gint64 last_version, gint64 now_us);

/* A signer's public key as a file of its own: {"format","holder","public","role"}. */
typedef struct {
    DvTrustRole role;
    char *holder;
    guint8 public_key[DV_ED25519_PUBLIC_SIZE];
} DvTrustKeyFile;
GBytes *dv_trust_key_file_make(const DvTrustKeyFile *file, GError **error);
DvTrustKeyFile *dv_trust_key_file_read(GBytes *bytes, GError **error);
void dv_trust_key_file_free(DvTrustKeyFile *file);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DvTrustKeyFile, dv_trust_key_file_free)

/* FALSE with DV_ERROR_CRYPTO unless the key is Ed25519. */
gboolean dv_trust_key_id(const DvKey *key, char id[DV_TRUST_HEX], GError **error);
/* A detached signature file, made on the signer's own machine: {"format","role","key_id",
 * "signed_sha256","signature"}. key is Ed25519. The file is read (form) first. */
GBytes *dv_trust_sign(GBytes *file, DvTrustRole role, const DvKey *key, GError **error);
/* The file with the signature added (or the same file when that key's signature is there). The
 * signature must be of this content, by a key that root lets sign in this role (list_id: for
 * OWNER), and hold; otherwise NULL with DV_ERROR_DENIED or DV_ERROR_CRYPTO. */
GBytes *dv_trust_add_signature(GBytes *file, GBytes *signature, const DvTrustRoot *root,
                               DvTrustRole role, const char *list_id, GError **error);
/* The key id of a signature file, without judging it; caller frees. NULL with DV_ERROR_INVALID. */
char *dv_trust_signature_key_id(GBytes *signature, GError **error);

/* SHA-256, in hexadecimal, of what is signed of a file: the same for all its signers, and the
 * "signed_sha256" of their signatures. FALSE with DV_ERROR_INVALID. */
gboolean dv_trust_content_digest(GBytes *file, DvTrustRole role, char out[DV_TRUST_HEX],
                                 GError **error);

/* Who has signed a file: counts different keys of the role whose signature holds. OK when there
 * are enough; THRESHOLD, SIGNATURE, MALFORMED ... otherwise, with an error. holders (may be NULL)
 * receives the holders' names in the order of key ids, to be freed with g_ptr_array_unref. */
DvTrustReason dv_trust_signed_by(GBytes *file, const DvTrustRoot *root, DvTrustRole role,
                                 const char *list_id, guint *count, guint *threshold,
                                 GPtrArray **holders, GError **error);

/* ---- Accepting: what a kiosk (or `darvaza watchlist verify`) does. */
/*
 * The trusted state: numbers below which nothing is taken, and the newest trusted root. Steps are
 * taken in this order, each with the clock's time; a refusal changes nothing at all:
 *
 *   take_timestamp: ROOT_NEEDED: take_root (again and again), then take_timestamp again
 *   take_release (the current one), then dv_trust_turn:
 *       OK: this one is for us
 *       WAITING: take_release of the previous one, if there is one above the release in force
 *   take_statement for each list of the release; packages, content, self test, swap
 *   dv_trust_confirm after the swap: only then does the release count as in force
 *
 * What may be stored: the root as soon as take_root said OK, the state at any time (a timestamp's
 * version and time and the highest release seen count from acceptance on, release and list versions
 * in force from confirm on).
 */
typedef struct DvTrust DvTrust;

/* root: the newest trusted root file, signed by its own threshold (the first one reaches a kiosk at
 * enrolment, out of band). state: of dv_trust_state; NULL: nothing taken yet. DV_ERROR_CORRUPT. */
DvTrust *dv_trust_new(GBytes *root, GBytes *state, GError **error);
void dv_trust_free(DvTrust *trust);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DvTrust, dv_trust_free)

/* Folder with root.json and state.json. A missing state.json is a fresh state, a missing root.json
 * DV_ERROR_CONFIG. */
DvTrust *dv_trust_load(const char *folder, GError **error);
/* Root first, then state, each durable; a crash between the two is harmless. */
gboolean dv_trust_store(const DvTrust *trust, const char *folder, GError **error);
/* state.json's bytes. */
GBytes *dv_trust_state(const DvTrust *trust);
/* The trusted root's file; belongs to trust. */
GBytes *dv_trust_root_file(const DvTrust *trust);

typedef struct {
    gint64 epoch;
    gint64 release;           /* in force (confirmed); 0: none */
    gint64 release_seen;      /* the highest whose manifest was accepted */
    gint64 timestamp_version; /* 0: none */
    gint64 clock_floor_us;    /* the newest signed time taken */
    gint64 last_good_us;      /* of the last confirm, by the clock; 0: never */
} DvTrustNumbers;
DvTrustNumbers dv_trust_numbers(const DvTrust *trust);
/* max(clock, floor): what expiries are judged by. */
gint64 dv_trust_now(const DvTrust *trust, gint64 clock_us);
/* OK, CLOCK_BACK or CLOCK_AHEAD; asked by each step as well. */
DvTrustReason dv_trust_check_clock(const DvTrust *trust, gint64 clock_us, GError **error);

DvTrustReason dv_trust_take_root(DvTrust *trust, GBytes *file, gint64 clock_us, GError **error);
DvTrustReason dv_trust_take_timestamp(DvTrust *trust, GBytes *file, gint64 clock_us,
                                      GError **error);
/* file must be the current release of the timestamp taken, or its previous one. */
DvTrustReason dv_trust_take_release(DvTrust *trust, GBytes *file, gint64 clock_us, GError **error);
/* Whether this kiosk takes the release just accepted: OK or WAITING. Everybody takes the previous
 * one, and an urgent one to which add-only deltas lead from the versions in force. */
DvTrustReason dv_trust_turn(const DvTrust *trust, const char *kiosk);
/* The owner's statement of one list of the release just accepted. */
DvTrustReason dv_trust_take_statement(DvTrust *trust, const char *list_id, GBytes *file,
                                      gint64 clock_us, GError **error);
/* All statements of the release were taken. */
gboolean dv_trust_is_complete(const DvTrust *trust);
/* The set is in force now: its numbers count from here on, and what was accepted on the way to it
 * is forgotten. FALSE with DV_ERROR_DENIED unless dv_trust_is_complete. */
gboolean dv_trust_confirm(DvTrust *trust, gint64 clock_us, GError **error);

/* What was accepted since the last timestamp and not confirmed yet; else NULL. They belong to
 * trust and last until the next step. */
const DvTrustRoot *dv_trust_root(const DvTrust *trust);
const DvTrustTimestamp *dv_trust_timestamp(const DvTrust *trust);
const DvTrustRelease *dv_trust_release(const DvTrust *trust);
const DvTrustStatement *dv_trust_statement(const DvTrust *trust, const char *list_id);
/* The version of a list in force, 0: none. */
gint64 dv_trust_list_version(const DvTrust *trust, const char *list_id);

/* ---- Small rules that others need too. */
/* SHA-256(kiosk || 0x00 || release in decimal), its first 8 bytes big-endian, mod 100. */
guint dv_trust_cohort(const char *kiosk, gint64 release);
gboolean dv_trust_is_canary(const DvTrustRelease *release, const char *kiosk);
/* The shortest way (least bytes to fetch) from have_version (0: nothing) to the list's version:
 * DvTrustPackage * of list, in the order in which they are laid; empty when it is already there.
 * NULL when there is none. Free the array, not its elements. */
GPtrArray *dv_trust_path(const DvTrustList *list, gint64 have_version);
/* The same by add-only deltas alone, whatever shorter way there is: an urgent release is taken out
 * of turn where there is one for each list. */
GPtrArray *dv_trust_path_adding(const DvTrustList *list, gint64 have_version);
/* What of a piece with a signed size and digest was got: OK, TRUNCATED, BLOATED, BIT_FLIPPED. */
DvTrustReason dv_trust_check_bytes(const void *data, gsize length, gint64 size, const char *sha256,
                                   GError **error);
