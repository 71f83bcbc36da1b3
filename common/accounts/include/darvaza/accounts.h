// SPDX-License-Identifier: Apache-2.0
#pragma once
/*
 * Officers' accounts at a booth: a bundle that the centre's opener signs for one kiosk
 * (docs/formats/accounts.md), so that signing in works without network. The opener makes it, the
 * booth verifies it, keeps it, and checks passwords against it.
 */
#include <darvaza/crypto.h>
#include <glib.h>

#define DV_ACCOUNTS_MAX 2000 /* accounts in a bundle */
#define DV_ACCOUNTS_BUNDLE_MAX (2u * 1024u * 1024u)

typedef struct {
    char *user;                           /* a-z 0-9 . _ -, 1 to 32 */
    char *display;                        /* UTF-8, at most 128 bytes */
    char *role;                           /* "officer", "second_line", "supervisor" */
    char *password;                       /* dv_password_hash() */
    gint64 valid_from_us, valid_until_us; /* 0: no bound of its own */
} DvAccount;

/* ---- the opener's side */
typedef struct {
    const char *kiosk;      /* the only one that takes it */
    const char *checkpoint; /* where the kiosk stands */
    gint64 issued_us, expires_us;
    const DvAccount *accounts;
    gsize count;
} DvAccountsIssue;
/* The signed bundle. DV_ERROR_INVALID names the account (by its place) that breaks a rule. */
GBytes *dv_accounts_make(const DvAccountsIssue *issue, const DvKey *opener_key, GError **error);

/* ---- the booth's side: one object for the life of the process; it keeps the failed attempts,
 * also across a new bundle */
typedef struct DvAccounts DvAccounts;

/* path: where the bundle is kept. A missing file is fine (nobody can sign in yet); one that does
 * not verify is DV_ERROR_CRYPTO or DV_ERROR_INVALID. The certificate must outlive the object. */
DvAccounts *dv_accounts_open(const char *path, const char *kiosk, const DvCert *opener_cert,
                             GError **error);
void dv_accounts_free(DvAccounts *accounts);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DvAccounts, dv_accounts_free)

/* Takes a new bundle: verifies it first, refuses another kiosk's (DV_ERROR_DENIED) and one issued
 * before the one in force (DV_ERROR_DENIED), stores it durably, then puts it in force. On error the
 * one in force stays. */
gboolean dv_accounts_deliver(DvAccounts *accounts, const void *data, gsize length, GError **error);
/* SHA-256 (hex) of the bundle in force, "" without one. Belongs to accounts. */
const char *dv_accounts_version(const DvAccounts *accounts);
/* When the bundle in force ends; 0 without one. */
gint64 dv_accounts_valid_until(const DvAccounts *accounts);
/* The checkpoint that the bundle names, "" without one. Belongs to accounts until the next deliver.
 */
const char *dv_accounts_checkpoint(const DvAccounts *accounts);

/* Checks a password: about 0.1 s and 64 MiB, and as long for an unknown user. After 5 failures in
 * a row a user name waits 30 s, then twice as long each time, at most 15 min; unknown names too, so
 * that nobody learns which exist. *account belongs to accounts until the next deliver.
 * DV_ERROR_DENIED: user or password wrong, or waiting (*wait_s > 0 then says how long).
 * DV_ERROR_EXPIRED: the password is right, and the account or the bundle has ended or not begun.
 * DV_ERROR_UNAVAILABLE: there is no bundle yet. */
gboolean dv_accounts_sign_in(DvAccounts *accounts, const char *user, const char *password,
                             const DvAccount **account, gint64 *wait_s, GError **error);
