// SPDX-License-Identifier: Apache-2.0
#pragma once
/*
 * The opener's part in list releases (docs/formats/opener-ipc.md, "Lists"): it knows the person, so
 * it judges who hands in which signature; it alone holds the timestamp key; and it alone may read a
 * draft's rows and the recent crossings beside each other. What it lets out is judged again by
 * every kiosk.
 */
#include "private.h"
#include "sessions.h"

#include <darvaza/trust.h>

typedef struct DvDryRun DvDryRun;

struct DvOpenerLists {
    char *lists, *drafts; /* folders of the repository */
    char *trust_dir;      /* root.json: the newest root that this opener trusts */
    DvTrust *trust;
    DvTrustRoot *root;
    DvKey *timestamp_key; /* NULL: this opener puts nothing in force */
    gint64 validity_us, renew_us;
    guint dry_run_least;
    DvDryRun *dry_run;       /* NULL: none is under way */
    GHashTable *read_before; /* stacks of layers that were proven row by row (lists_proof.h) */
    char *renew_refused;     /* why the timestamp was not renewed the last time; NULL: it was */
};

/* ---- lists.c */
/* The newest root: takes N + 1 from the repository first, as often as there is one that the root
 * before allows. DV_ERROR_UNAVAILABLE where this opener has no lists. */
const DvTrustRoot *dv_lists_root(DvOpener *opener, GError **error);
/* DV_ERROR_UNAVAILABLE where this opener has no lists. */
gboolean dv_lists_are_here(const DvOpener *opener, GError **error);

/* ---- lists_draft.c */
typedef struct {
    gint64 number;
    char *folder;
    char *object; /* "release 42", for the audit log */
    GBytes *file; /* release.json */
    DvTrustRelease *release;
    char content[DV_TRUST_HEX]; /* SHA-256 of what is signed */
    GPtrArray *statements;      /* DvTrustStatement, as release->lists */
} DvDraft;

/* Form, numbers and the owners' signatures; DV_ERROR_INVALID when there is no such draft. */
DvDraft *dv_draft_read(DvOpener *opener, gint64 number, GError **error);
void dv_draft_free(DvDraft *draft);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DvDraft, dv_draft_free)
/* "release 42 <content>", for the audit log: the number alone could mean what was there before. */
char *dv_draft_object(const DvDraft *draft);
/* The owner's word on a list of a release that is served; NULL when it does not lie there whole. */
DvTrustStatement *dv_lists_served_statement(const DvOpenerLists *lists, const DvTrustList *list);
/* Numbers of the folders below drafts/, ascending. */
GArray *dv_draft_numbers(const DvOpenerLists *lists);
json_t *dv_draft_json(const DvDraft *draft);
/* Bytes of a file of the draft; DV_ERROR_INVALID when it is larger than max. */
GBytes *dv_draft_file(const DvDraft *draft, const char *name, gsize max, GError **error);

/* ---- lists_sign.c */
/* Who has signed, as the page shows it: {"signatures": [...], "threshold", "ready", "needs"}. */
json_t *dv_signatures_json(DvOpener *opener, const DvDraft *draft, GError **error);
/* The release with every signature that was handed in; DV_ERROR_DENIED until an editor and another
 * person, an approver, have signed and the root's threshold is met. */
GBytes *dv_signatures_assemble(DvOpener *opener, const DvDraft *draft, GError **error);
/* One more signature, by the session's person. */
json_t *dv_lists_sign(DvOpener *opener, const char *token, gint64 number, GBytes *signature,
                      GError **error);
/* release.json of a draft, for a signer's own machine: who took it is in the log. */
GBytes *dv_lists_payload(DvOpener *opener, const char *token, gint64 number, GError **error);

/* ---- lists_view.c */
json_t *dv_lists_releases(DvOpener *opener, const char *token, GError **error);
json_t *dv_lists_open(DvOpener *opener, const char *token, gint64 number, GError **error);
json_t *dv_lists_rows(DvOpener *opener, const char *token, gint64 number, const char *list_id,
                      gint64 after, const char *reason, GError **error);

/* ---- lists_rollout.c */
typedef struct {
    gint64 release; /* 0: nothing is in force yet */
    char sha256[DV_TRUST_HEX];
    gint64 size;
    guint percent;
    gboolean halted;
    DvTrustReleaseRef previous; /* release 0: none */
    char *by;
    gint64 at_us;
} DvRollout;
void dv_rollout_clear(DvRollout *rollout);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(DvRollout, dv_rollout_clear)
gboolean dv_rollout_read(sqlite3 *db, DvRollout *rollout, GError **error);
json_t *dv_rollout_json(DvOpener *opener, GError **error);
/* [{"list_id", "version"}] */
json_t *dv_release_lists_json(const DvTrustRelease *release);

/* What the backend lays into lists/. */
typedef struct {
    gint64 release;
    GBytes *file, *timestamp;
} DvInForce;
/* ---- lists_stamp.c */
void dv_in_force_clear(DvInForce *in_force);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(DvInForce, dv_in_force_clear)

/* Signs what stands in the database now, with the number after the last one. DV_ERROR_CONFLICT
 * when the clock has run so far past the last timestamp that it may be wrong, unless a person has
 * confirmed the date. */
gboolean dv_stamp_renew(DvOpener *opener, gboolean date_confirmed, GError **error);
/* Whether it would be refused for that; then {"now", "last"}, else null. */
json_t *dv_stamp_clock_json(DvOpener *opener, GError **error);
/* date: what the person reads from a calendar, YYYY-MM-DD. Renews when the clock says the same to
 * a day. */
gboolean dv_lists_confirm_clock(DvOpener *opener, const char *token, const char *date,
                                const char *reason, DvInForce *out, GError **error);
/* What stands; release 0: nothing is in force. */
gboolean dv_in_force_read(DvOpener *opener, DvInForce *out, GError **error);
/* ... with a timestamp that is not old. */
gboolean dv_lists_timestamp(DvOpener *opener, DvInForce *out, GError **error);
/* A release that was put in force once, with its signatures. */
GBytes *dv_release_file(sqlite3 *db, gint64 release, GError **error);

/* ---- lists_rollout.c, what a person does */
gboolean dv_lists_put_in_force(DvOpener *opener, const char *token, gint64 number,
                               const char *reason, DvInForce *out, GError **error);
/* percent: the release's next step, or 0 to halt. despite: canary booths that do not have it, as
 * the centre heard of them, when the person goes on all the same; for the log; else "". */
gboolean dv_lists_step(DvOpener *opener, const char *token, gint64 number, guint percent,
                       const char *despite, const char *reason, DvInForce *out, GError **error);

/* ---- lists_dry_run.c */
/* func is called once, later: with the result, or with an error. The records are kept. */
typedef void (*DvDryRunDone)(const json_t *result, const GError *error, void *data);
gboolean dv_lists_dry_run(DvOpener *opener, const char *token, gint64 number, GPtrArray *wires,
                          const char *reason, DvDryRunDone func, void *data, GError **error);
void dv_dry_run_cancel(DvDryRun *run);
