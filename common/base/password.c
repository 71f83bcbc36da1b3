// SPDX-License-Identifier: Apache-2.0
#include <darvaza/error.h>
#include <darvaza/password.h>

#include <argon2.h>
#include <openssl/rand.h>
#include <string.h>

/* RFC 9106, section 4, second recommended choice, with one lane: booths have few cores. */
#define MEMORY_KIB 65536u
#define PASSES 3u
#define LANES 1u
#define SALT_SIZE 16u
#define HASH_SIZE 32u

#define MAX_PASSWORD 1024u
#define MAX_ENCODED 256u
#define MAX_MEMORY_KIB (1024u * 1024u)
#define MAX_PASSES 16u
#define MAX_LANES 16u

char *
dv_password_hash(const char *password, GError **error)
{
    return dv_password_hash_cost(password, MEMORY_KIB, PASSES, error);
}

char *
dv_password_hash_cost(const char *password, guint32 memory_kib, guint32 passes, GError **error)
{
    guint8 salt[SALT_SIZE];
    char encoded[MAX_ENCODED];
    gsize length = strlen(password);

    if (length == 0 || length > MAX_PASSWORD) {
        g_set_error(error, DV_ERROR, DV_ERROR_INVALID, "a password must have 1 to %u bytes",
                    MAX_PASSWORD);
        return NULL;
    }
    if (RAND_bytes(salt, sizeof salt) != 1) {
        g_set_error_literal(error, DV_ERROR, DV_ERROR_CRYPTO,
                            "cannot hash a password: the system gives no random bytes");
        return NULL;
    }
    int result = argon2id_hash_encoded(passes, memory_kib, LANES, password, length, salt,
                                       sizeof salt, HASH_SIZE, encoded, sizeof encoded);
    if (result != ARGON2_OK) {
        g_set_error(error, DV_ERROR, DV_ERROR_INVALID, "cannot hash a password: %s",
                    argon2_error_message(result));
        return NULL;
    }
    return g_strdup(encoded);
}

/* Takes "<word><number>" at *p, the number being 1..max. */
static gboolean
take_cost(const char **p, const char *word, guint64 max)
{
    guint64 number = 0;

    if (!g_str_has_prefix(*p, word))
        return FALSE;
    *p += strlen(word);
    if (!g_ascii_isdigit(**p))
        return FALSE;
    while (g_ascii_isdigit(**p) && number <= max)
        number = number * 10 + (guint64)(*(*p)++ - '0');
    return number >= 1 && number <= max;
}

/* libargon2 spends whatever the encoded text asks for, so the text is bounded first. */
static gboolean
is_affordable(const char *encoded)
{
    const char *p = encoded;

    return encoded != NULL && strnlen(encoded, MAX_ENCODED) < MAX_ENCODED &&
           take_cost(&p, "$argon2id$v=", ARGON2_VERSION_NUMBER) &&
           take_cost(&p, "$m=", MAX_MEMORY_KIB) && take_cost(&p, ",t=", MAX_PASSES) &&
           take_cost(&p, ",p=", MAX_LANES) && *p == '$';
}

gboolean
dv_password_verify(const char *encoded, const char *password)
{
    gsize length = password != NULL ? strnlen(password, MAX_PASSWORD + 1) : 0;

    if (length == 0 || length > MAX_PASSWORD || !is_affordable(encoded)) {
        dv_password_waste();
        return FALSE;
    }
    int result = argon2id_verify(encoded, password, length);
    if (result != ARGON2_OK && result != ARGON2_VERIFY_MISMATCH)
        dv_password_waste();
    return result == ARGON2_OK;
}

void
dv_password_waste(void)
{
    static const char salt[SALT_SIZE] = "no such account";
    guint8 hash[HASH_SIZE];

    argon2id_hash_raw(PASSES, MEMORY_KIB, LANES, "x", 1, salt, sizeof salt, hash, sizeof hash);
}
