// SPDX-License-Identifier: Apache-2.0
#include "agreement.h"
#include <string.h>

#define CANDIDATE_FRAMES 12 /* within which a second frame must agree */
#define LIFTED_FRAMES 10    /* without a zone: a hand is before it, or it has been lifted */
#define GONE_US (3 * G_USEC_PER_SEC) /* and so long: it has gone, and may be told again */
#define DIFFERENT_LEAST 6            /* characters; fewer are the same document, misread */

/* Characters in which two readings differ; all where their shapes do. */
static guint
difference(const DvReading *a, const DvReading *b)
{
    guint count = 0;
    if (a->line_count != b->line_count || strlen(a->lines[0]) != strlen(b->lines[0]))
        return G_MAXUINT;
    for (guint line = 0; line < a->line_count; line++)
        for (guint i = 0; i < DV_MRZ_LINE_MAX; i++)
            count += a->lines[line][i] != b->lines[line][i];
    return count;
}

/* What was only begun ends soon: whoever waits for it should know. What was told is remembered for
 * longer than a hand needs to take a document from under the camera, or it would be told once more
 * as it is lifted, and its holder would stand on the lane twice. */
static guint
take_absence(DvAgreement *agreement, gint64 at_us)
{
    if (agreement->without < LIFTED_FRAMES)
        return 0;
    gboolean failed = agreement->started;
    agreement->candidate.line_count = 0;
    agreement->started = FALSE;
    agreement->lifted = TRUE;
    if (at_us - agreement->seen_us >= GONE_US)
        agreement->reported.line_count = 0;
    return failed ? DV_AGREEMENT_FAILED : 0;
}

static guint
take_lines(DvAgreement *agreement, const DvReading *reading)
{
    const DvReading *candidate = &agreement->candidate;
    guint events = 0;
    if (agreement->reported.line_count > 0 &&
        difference(&agreement->reported, reading) < DIFFERENT_LEAST) {
        /* Something else had begun, a stray reading: whoever was told so hears that it ended. */
        events = agreement->started ? DV_AGREEMENT_FAILED : 0;
        agreement->candidate.line_count = 0;
        agreement->started = agreement->lifted = FALSE;
        return events;
    }
    gboolean agrees = candidate->line_count > 0 && agreement->candidate_age <= CANDIDATE_FRAMES &&
                      difference(candidate, reading) == 0;
    if (!agrees) {
        agreement->candidate = *reading;
        agreement->candidate_age = 0;
        events = agreement->started ? 0 : DV_AGREEMENT_STARTED;
        agreement->started = TRUE;
        return events;
    }
    agreement->reported = *reading;
    agreement->candidate.line_count = 0;
    agreement->started = agreement->lifted = FALSE;
    return DV_AGREEMENT_DOCUMENT;
}

/* Where a zone was seen the right side lies up; what the other frames lack is not that. */
static guint
advice_of(const DvAgreement *agreement, guint frame)
{
    guint guides = agreement->said[frame].guides;
    gboolean zone = FALSE;
    for (guint i = 0; i < DV_AGREEMENT_LOOK_BACK; i++)
        zone = zone || agreement->said[i].zone;
    return zone && (guides & DV_GUIDE_TURN) != 0 ? (guides & ~(guint)DV_GUIDE_TURN) | DV_GUIDE_STILL
                                                 : guides;
}

/* Advice that more than half of the last frames give; where they all give another, it moves. */
static guint
settle(const DvAgreement *agreement)
{
    guint settled = 0, advised = 0;
    for (guint i = 0; i < DV_AGREEMENT_LOOK_BACK; i++)
        advised += agreement->said[i].guides != 0;
    for (guint guide = 1; guide <= DV_GUIDES_ALL; guide *= 2) {
        guint count = 0;
        for (guint i = 0; i < DV_AGREEMENT_LOOK_BACK; i++)
            count += (advice_of(agreement, i) & guide) != 0;
        settled |= count > DV_AGREEMENT_LOOK_BACK / 2 ? guide : 0;
    }
    return settled == 0 && advised > DV_AGREEMENT_LOOK_BACK / 2 ? DV_GUIDE_STILL : settled;
}

static guint
take_guides(DvAgreement *agreement, guint guides, gboolean zone)
{
    agreement->said[agreement->said_at++ % DV_AGREEMENT_LOOK_BACK] =
        (DvAdvice){(guint8)guides, zone};
    guint settled = settle(agreement);
    gboolean changed = settled != agreement->guides;
    agreement->guides = settled;
    return changed ? DV_AGREEMENT_GUIDES : 0;
}

gboolean
dv_agreement_lies(const DvAgreement *agreement)
{
    return agreement->reported.line_count > 0 && !agreement->lifted;
}

guint
dv_agreement_take(DvAgreement *agreement, const DvReading *reading, gint64 at_us)
{
    gboolean read = reading->line_count > 0, seen = read || reading->has_quad;
    guint events = 0;
    agreement->candidate_age++;
    agreement->without = seen ? 0 : agreement->without + 1;
    agreement->seen_us = seen ? at_us : agreement->seen_us;
    events |= take_absence(agreement, at_us);
    if (read)
        events |= take_lines(agreement, reading);
    /* Whoever's document has been read needs no advice about it; the next one's holder does. */
    return events |
           take_guides(agreement, dv_agreement_lies(agreement) ? 0 : reading->guides, seen);
}
