// SPDX-License-Identifier: Apache-2.0
#include <darvaza/clock.h>
#include <darvaza/error.h>

#include <pthread.h>
#include <string.h>
#include <sys/timex.h>
#include <time.h>

static DvClock installed;
static gboolean is_installed;

static gint64
read_clock(clockid_t id)
{
    struct timespec now;

    clock_gettime(id, &now);
    return (gint64)now.tv_sec * G_USEC_PER_SEC + now.tv_nsec / 1000;
}

#ifdef DV_FAULT_POINTS
static gint64 shift_us;

static void
read_shift(void)
{
    const char *text = g_getenv("DARVAZA_CLOCK_SHIFT_S");
    gint64 seconds = 0;

    if (text != NULL && g_ascii_string_to_signed(text, 10, -G_MAXINT32, G_MAXINT32, &seconds, NULL))
        shift_us = seconds * G_USEC_PER_SEC;
}

static gint64
wall_shift(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, read_shift);
    return shift_us;
}
#else
static gint64
wall_shift(void)
{
    return 0;
}
#endif

gint64
dv_clock_wall_us(void)
{
    if (is_installed)
        return installed.wall_us(installed.data);
    return read_clock(CLOCK_REALTIME) + wall_shift();
}

gint64
dv_clock_mono_us(void)
{
    if (is_installed)
        return installed.mono_us(installed.data);
    return read_clock(CLOCK_MONOTONIC);
}

void
dv_clock_install(const DvClock *clock)
{
    is_installed = clock != NULL;
    if (clock != NULL)
        installed = *clock;
}

DvClockQuality
dv_clock_quality(gint64 floor_us)
{
    struct timex kernel = {0};

    if (dv_clock_wall_us() < floor_us)
        return DV_CLOCK_SUSPECT;
    int state = adjtimex(&kernel);
    if (state < 0 || state == TIME_ERROR || (kernel.status & STA_UNSYNC) != 0)
        return DV_CLOCK_UNSYNCED;
    return DV_CLOCK_SYNCED;
}

const char *
dv_clock_quality_word(DvClockQuality quality)
{
    switch (quality) {
    case DV_CLOCK_SYNCED:
        return "SYNCED";
    case DV_CLOCK_UNSYNCED:
        return "UNSYNCED";
    case DV_CLOCK_SUSPECT:
        break;
    }
    return "SUSPECT";
}

char *
dv_time_format(gint64 wall_us)
{
    gint64 seconds = wall_us / G_USEC_PER_SEC;
    gint64 rest = wall_us % G_USEC_PER_SEC;
    struct tm tm;

    if (rest < 0) {
        seconds--;
        rest += G_USEC_PER_SEC;
    }
    time_t when = (time_t)seconds;
    gmtime_r(&when, &tm);
    return g_strdup_printf("%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", tm.tm_year + 1900, tm.tm_mon + 1,
                           tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec, (int)(rest / 1000));
}

/* Takes exactly n digits at *p followed by the character after (0: anything). */
static gboolean
take_number(const char **p, int n, char after, int *value)
{
    int result = 0;

    for (int i = 0; i < n; i++) {
        if (!g_ascii_isdigit(**p))
            return FALSE;
        result = result * 10 + (*(*p)++ - '0');
    }
    if (after != '\0' && *(*p)++ != after)
        return FALSE;
    *value = result;
    return TRUE;
}

static gboolean
parse_fields(const char *text, struct tm *tm, int *milliseconds)
{
    const char *p = text;
    int year, month;

    if (!take_number(&p, 4, '-', &year) || !take_number(&p, 2, '-', &month) ||
        !take_number(&p, 2, 'T', &tm->tm_mday) || !take_number(&p, 2, ':', &tm->tm_hour) ||
        !take_number(&p, 2, ':', &tm->tm_min) || !take_number(&p, 2, '\0', &tm->tm_sec))
        return FALSE;
    *milliseconds = 0;
    if (*p == '.') {
        p++;
        if (!take_number(&p, 3, '\0', milliseconds))
            return FALSE;
    }
    tm->tm_year = year - 1900;
    tm->tm_mon = month - 1;
    return p[0] == 'Z' && p[1] == '\0' && year >= 1 && month >= 1 && month <= 12 &&
           g_date_valid_dmy((GDateDay)tm->tm_mday, (GDateMonth)month, (GDateYear)year) &&
           tm->tm_hour < 24 && tm->tm_min < 60 && tm->tm_sec < 60;
}

gboolean
dv_time_parse(const char *text, gint64 *wall_us, GError **error)
{
    struct tm tm = {0};
    int milliseconds = 0;

    if (text == NULL || !parse_fields(text, &tm, &milliseconds)) {
        g_set_error_literal(error, DV_ERROR, DV_ERROR_INVALID,
                            "the time is not of the form 2026-11-23T19:02:48.123Z");
        return FALSE;
    }
    *wall_us = (gint64)timegm(&tm) * G_USEC_PER_SEC + (gint64)milliseconds * 1000;
    return TRUE;
}

int
dv_time_offset_minutes(gint64 wall_us)
{
    time_t when = (time_t)(wall_us / G_USEC_PER_SEC);
    struct tm tm;

    localtime_r(&when, &tm);
    return (int)(tm.tm_gmtoff / 60);
}
