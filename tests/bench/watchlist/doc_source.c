// SPDX-License-Identifier: Apache-2.0
#include "documents.h"

/* What issuers number their documents by: '0' a digit, 'A' a letter of the issuer's own, 'L' any
 * letter, 'X' a letter or digit of those that some states keep to. */
static const char *const shapes[] = {
    "A00000000", "000000000", "AA0000000", "00000000", "XXXXXXXXX", "A0000000",
    "AA000000",  "0000000",   "AAA000000", "L0000000", "AA00000",   "00AA00000",
};
static const char narrow[] = "CFGHJKLMNPRTVWXYZ0123456789";
static const char *const types[] = {"P", "P", "P", "P", "I", "I", "PD", "V"};
static const char *const reasons[] = {"Reported stolen", "Reported lost", "Stolen blank",
                                      "Invalidated"};

/* The finalizer of SplitMix64. */
static guint64
mix(guint64 x)
{
    x = (x ^ x >> 30) * G_GUINT64_CONSTANT(0xbf58476d1ce4e5b9);
    x = (x ^ x >> 27) * G_GUINT64_CONSTANT(0x94d049bb133111eb);
    return x ^ x >> 31;
}

static guint64
draw(guint64 *state)
{
    *state += G_GUINT64_CONSTANT(0x9e3779b97f4a7c15);
    return mix(*state);
}

/* Of 190 issuers the first report by far the most. */
static guint
draw_issuer(guint64 *state)
{
    double u = (double)(draw(state) >> 11) / 9007199254740992.0;

    return (guint)(190.0 * u * u * u);
}

static char
draw_character(char kind, guint64 issuer, guint place, guint64 *state)
{
    switch (kind) {
    case '0':
        return (char)('0' + draw(state) % 10);
    case 'A': /* one of four per place */
        return (char)('A' + mix(issuer * 64 + place * 4 + draw(state) % 4) % 26);
    case 'X':
        return narrow[draw(state) % (sizeof narrow - 1)];
    default:
        return (char)('A' + draw(state) % 26);
    }
}

void
bench_document(guint32 seed, gint64 i, BenchDocument *document)
{
    guint64 state = mix((guint64)seed << 40 ^ (guint64)i);
    guint issuer = draw_issuer(&state);
    const char *shape = shapes[mix(issuer + 1) % G_N_ELEMENTS(shapes)];
    guint length = 0;

    for (; shape[length] != '\0'; length++)
        document->number[length] = draw_character(shape[length], issuer, length, &state);
    document->number[length] = '\0';
    document->issuer[0] = (char)('A' + issuer / 26);
    document->issuer[1] = (char)('A' + issuer % 26);
    document->issuer[2] = 'X';
    document->issuer[3] = '\0';
    g_strlcpy(document->type, types[draw(&state) % G_N_ELEMENTS(types)], sizeof document->type);
    g_snprintf(document->owner, sizeof document->owner, "Bureau %u", issuer);
    guint64 month = draw(&state) % 30;
    g_snprintf(document->review_date, sizeof document->review_date, "%04u-%02u-28",
               (guint)(2027 + month / 12), (guint)(1 + month % 12));
    document->reason = reasons[draw(&state) % G_N_ELEMENTS(reasons)];
}
