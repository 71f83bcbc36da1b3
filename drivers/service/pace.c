// SPDX-License-Identifier: Apache-2.0
#include "pace.h"

#define LEAST_MS 80     /* twelve a second: two that agree are there before a hand has let go */
#define SHARE 8         /* reading takes an eighth of a core at the most, however slow it is */
#define EMPTY_MS 160    /* while nothing lies there */
#define EMPTY_FRAMES 10 /* without a zone and without print, until nothing lies there */
#define LYING_MS 320    /* a document that was told need only be seen to go */
#define MOST_MS 640     /* advice must still follow the hand */

/* The last frame shows the document that was told already, and no other has begun. */
static gboolean
lies_read(const DvAgreement *agreement)
{
    return agreement->reported.line_count > 0 && agreement->without == 0 && !agreement->started;
}

static gboolean
is_empty(const DvAgreement *agreement, const DvReading *reading)
{
    return agreement->without >= EMPTY_FRAMES && reading->guides == 0;
}

guint
dv_pace_ms(const DvAgreement *agreement, const DvReading *reading)
{
    double spent = reading->ms > 0 ? reading->ms * SHARE : 0; /* not a number is nothing */
    guint least = lies_read(agreement)           ? LYING_MS
                  : is_empty(agreement, reading) ? EMPTY_MS
                                                 : LEAST_MS;
    return (guint)CLAMP(spent, least, MOST_MS);
}
