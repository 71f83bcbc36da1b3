// SPDX-License-Identifier: Apache-2.0
/* The words and sentences of the reasons, and of the roles. */
#include <darvaza/trust.h>
#include <string.h>

typedef struct {
    const char *word;
    const char *sentence;
} Reason;

#define ROW(name, sentence) [DV_TRUST_##name] = {#name, sentence}
static const Reason reasons[DV_TRUST_REASONS] = {
    ROW(OK, "in order"),
    ROW(MALFORMED, "the signed file is not in the form that this program knows"),
    ROW(TRUNCATED, "the file ends too early"),
    ROW(BLOATED, "the file is larger than it may be"),
    ROW(BIT_FLIPPED, "the file was altered: its digest is not the signed one"),
    ROW(SIGNATURE, "a signature does not hold: the file was altered after it was signed"),
    ROW(THRESHOLD, "too few of the persons or desks who must sign have signed"),
    ROW(ROOT_NEEDED, "signed under newer keys: the next root has to be taken first"),
    ROW(ROLLED_BACK, "older than what this machine has already accepted"),
    ROW(FAST_FORWARD, "the number runs further ahead than honest numbering does"),
    ROW(MISISSUED, "the same number was given to two different contents"),
    ROW(MIX_AND_MATCH, "genuine, but from another set than the one that was released"),
    ROW(EXPIRED, "its signatures have expired: the centre must sign a newer one"),
    ROW(ROOT_EXPIRED, "the root of the signing keys has expired: a newer root is needed"),
    ROW(FROZEN, "nothing newer has arrived and the last word of the centre has expired"),
    ROW(CLOCK_BACK, "this machine's clock lies before a time that was signed: set the clock"),
    ROW(CLOCK_AHEAD, "this machine's clock lies more than a year after all signed times: check the "
                     "clock"),
    ROW(FROM_FUTURE, "signed later than it is now: this machine's clock is slow, or the centre's "
                     "is fast"),
    ROW(WAITING, "the rollout has not reached this kiosk yet"),
    ROW(NOT_FOR_US, "the package is not sealed to this kiosk: it has to be enrolled"),
    ROW(WRONG_KEY, "the package's key is not the one that was signed"),
    ROW(UNDECODABLE, "the package does not decrypt or unpack"),
    ROW(WRONG_CONTENT, "the list's content is not the one that its owner signed"),
    ROW(NOT_ADD_ONLY, "an urgent update takes alerts away, which it may not"),
    ROW(SELFTEST, "an alert that must be found was not found"),
    ROW(NO_PATH, "no package leads from the version here to the released one"),
    ROW(UNAVAILABLE, "the centre cannot be reached now"),
    ROW(ABSENT, "the centre or the stick does not have a file that it should have"),
    ROW(NO_SPACE, "there is no space left on this machine's disk"),
    ROW(IO, "this machine's disk could not be read or written"),
    ROW(UNENCRYPTED_VOLUME, "the lists' folder does not lie on an encrypted volume"),
};
#undef ROW

const char *
dv_trust_reason_word(DvTrustReason reason)
{
    return (guint)reason < DV_TRUST_REASONS ? reasons[reason].word : "UNKNOWN";
}

const char *
dv_trust_reason_sentence(DvTrustReason reason)
{
    return (guint)reason < DV_TRUST_REASONS ? reasons[reason].sentence
                                            : "for a reason that this program does not know";
}

DvTrustReason
dv_trust_reason_from_word(const char *word)
{
    int i = 0;
    while (i < DV_TRUST_REASONS && (!word || strcmp(word, reasons[i].word) != 0))
        i++;
    return (DvTrustReason)i;
}

static const char *const roles[DV_TRUST_ROLES] = {"root", "owner", "release", "timestamp"};

const char *
dv_trust_role_word(DvTrustRole role)
{
    return (guint)role < DV_TRUST_ROLES ? roles[role] : "unknown";
}

gboolean
dv_trust_role_from_word(const char *word, DvTrustRole *role)
{
    for (int i = 0; i < DV_TRUST_ROLES; i++)
        if (word && strcmp(word, roles[i]) == 0) {
            *role = (DvTrustRole)i;
            return TRUE;
        }
    return FALSE;
}
