// SPDX-License-Identifier: Apache-2.0
#pragma once
/*
 * darvaza-opener as a library: the process that alone holds private record keys. It serves
 * org.darvaza.Opener1 (docs/formats/opener-ipc.md) on unix sockets, knows no network and no HTTP.
 * Two instances run in a country: the centre's and the protection unit's, with different keys.
 */
#include <glib.h>

typedef enum {
    DV_OPENER_CENTRE,    /* opens bodies, judges decisions, signs answers */
    DV_OPENER_PROTECTION /* opens protection compartments, answers holds */
} DvOpenerMode;

typedef struct {
    DvOpenerMode mode;
    const char *state_dir; /* opener.db lies here; made 0700 if missing */
    const char *socket;    /* for the console's backend */
    int client_uid;        /* the backend's uid; -1: our own and root only */
    const char *keys_dir;  /* opener.pem, opener-key.pem and record-<period>.pem with -key.pem, or
                              protection.pem with protection-key.pem */
    const char *trust_dir; /* kiosks/<ID>/sign.pem and answers.pem */
    const char *protection_socket; /* centre: the protection opener's hold socket; "" or NULL: none,
                                      and every decision against a traveller is denied */
    const char *hold_socket;       /* protection unit: where the centre's opener may ask */
    int hold_client_uid;           /* the centre opener's uid; -1: our own and root only */
    const char *grounds_file;      /* national table of refusal grounds (JSON); "" or NULL: SBC */
    const char *lists_repository;  /* centre: folder of list releases and drafts; "" or NULL: this
                                      opener has no part in lists */
    const char *lists_trust;       /* folder with root.json, the newest root that it trusts */
    const char *timestamp_key;     /* PEM, Ed25519; "" or NULL: it puts nothing in force */
    guint timestamp_hours;         /* validity of a timestamp; 0: 24 */
    guint dry_run_least;           /* crossings below which a dry run tells nothing; 0: 20 */
    guint idle_s;                  /* 0: 900 */
    guint session_s;               /* 0: 43,200 */
} DvOpenerOptions;

typedef struct DvOpener DvOpener;

/* Opens the database, verifies the whole audit log, loads every key and listens on the default main
 * context. Strings are copied. DV_ERROR_CORRUPT when the audit log does not verify. */
DvOpener *dv_opener_new(const DvOpenerOptions *options, GError **error);
void dv_opener_free(DvOpener *opener);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DvOpener, dv_opener_free)
