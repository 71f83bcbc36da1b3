// SPDX-License-Identifier: Apache-2.0
#pragma once
/* Accounts: who may sign in at a booth, at the centre, at the protection unit; and which kiosk
 * stands at which checkpoint. Kept in opener.db, edited by `darvaza account`. */
#include <darvaza/opener_roles.h>
#include <darvaza/sqlite.h>

#define DV_USER_MAX 32       /* bytes of an account id: a-z 0-9 . _ - */
#define DV_PASSWORD_MIN 10   /* characters for a new password */
#define DV_CHECKPOINT_MAX 32 /* bytes: A-Z a-z 0-9 . _ - */
#define DV_CHECKPOINTS_MAX 64

typedef struct {
    char *user;
    char *display;
    DvRole role;
    char **checkpoints; /* codes; one "*": everywhere */
    char *password;     /* argon2id, encoded */
    gint64 valid_from_us;
    gint64 valid_until_us; /* 0: no end */
    gboolean disabled;
} DvUser;

void dv_user_free(DvUser *user);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DvUser, dv_user_free)
/* Enabled and within its validity. */
gboolean dv_user_is_current(const DvUser *user, gint64 now_us);
gboolean dv_user_covers(const DvUser *user, const char *checkpoint);

/* NULL without error: no such account. */
DvUser *dv_users_get(sqlite3 *db, const char *user, GError **error);
/* All accounts by id; elements DvUser. */
GPtrArray *dv_users_list(sqlite3 *db, GError **error);
/* New account; password is the plain one (user->password is not read). DV_ERROR_CONFLICT when the
 * id is taken, DV_ERROR_INVALID names the member that breaks a rule. actor goes into the audit log
 * with every change. */
gboolean dv_users_add(sqlite3 *db, const char *actor, const DvUser *user, const char *password,
                      GError **error);
/* Both end the account's sessions. DV_ERROR_INVALID when there is no such account. */
gboolean dv_users_set_password(sqlite3 *db, const char *actor, const char *user,
                               const char *password, GError **error);
gboolean dv_users_set_disabled(sqlite3 *db, const char *actor, const char *user, gboolean disabled,
                               GError **error);

gboolean dv_user_id_is_valid(const char *user);
gboolean dv_checkpoint_is_valid(const char *checkpoint);

/* Registers a kiosk at a checkpoint, or moves it. */
gboolean dv_kiosks_set(sqlite3 *db, const char *actor, const char *kiosk, const char *checkpoint,
                       GError **error);
/* Checkpoint of a kiosk; caller frees. NULL without error: not registered. */
char *dv_kiosks_checkpoint(sqlite3 *db, const char *kiosk, GError **error);
/* Called for each registered kiosk by id. */
typedef void (*DvKioskFunc)(const char *kiosk, const char *checkpoint, void *data);
gboolean dv_kiosks_each(sqlite3 *db, DvKioskFunc func, void *data, GError **error);
