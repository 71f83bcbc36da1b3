// SPDX-License-Identifier: Apache-2.0
/* Two convolutions and two full layers, channels last, four or eight channels a vector. */
#include "network.h"
#include <math.h>
#include <string.h>

#define FIRST 12
#define SECOND 24
#define HIDDEN 64
#define OUT 40
#define FLAT ((CELL_HEIGHT / 4) * (CELL_WIDTH / 4) * SECOND)
#define FIRST_LANES 4 /* of the first layer, whose twelve outputs are three vectors */

typedef float Vec __attribute__((vector_size(4 * FIRST_LANES)));

/* gint8 weights, and per output a scale and a bias. */
#include "network_weights.inc"

const char cell_alphabet[CELL_SYMBOLS + 1] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ<";

static struct {
    gboolean ready;
    gboolean wide; /* the processor has vectors of eight floats */
    Vec first[9][FIRST / FIRST_LANES];
    float second[9][FIRST][SECOND];
    float hidden[FLAT][HIDDEN];
    float out[HIDDEN][OUT];
} net;

static void
unpack(float *to, const gint8 *from, const float *scale, guint inputs, guint outputs)
{
    for (guint i = 0; i < inputs; i++)
        for (guint o = 0; o < outputs; o++)
            to[i * outputs + o] = (float)from[i * outputs + o] * scale[o];
}

void
network_prepare(void)
{
    if (net.ready)
        return;
    unpack((float *)net.first, first_weights, first_scale, 9, FIRST);
    unpack(net.second[0][0], second_weights, second_scale, 9 * FIRST, SECOND);
    unpack(net.hidden[0], hidden_weights, hidden_scale, FLAT, HIDDEN);
    unpack(net.out[0], out_weights, out_scale, HIDDEN, OUT);
    network_allow_wide(TRUE);
    net.ready = TRUE;
}

void
network_allow_wide(gboolean allowed)
{
#if defined(__x86_64__)
    net.wide = allowed && __builtin_cpu_supports("avx2");
#else
    net.wide = FALSE;
    (void)allowed;
#endif
}

static inline Vec
all(float value)
{
    return (Vec){value, value, value, value};
}

static inline Vec
larger(Vec a, Vec b)
{
    for (guint i = 0; i < FIRST_LANES; i++)
        a[i] = a[i] > b[i] ? a[i] : b[i];
    return a;
}

static inline Vec
load(const float *from)
{
    Vec v;
    memcpy(&v, from, sizeof v);
    return v;
}

/* Mean 0 and deviation near 1, with a border of zeros. Blank cells stay quiet: 4 grey levels are
 * added to the deviation, as in training. */
static float
normalise(const float pixels[CELL_PIXELS], float out[CELL_HEIGHT + 2][CELL_WIDTH + 2])
{
    float sum = 0, square = 0;
    for (guint i = 0; i < CELL_PIXELS; i++)
        sum += pixels[i];
    float mean = sum / CELL_PIXELS;
    for (guint i = 0; i < CELL_PIXELS; i++)
        square += (pixels[i] - mean) * (pixels[i] - mean);
    float spread = sqrtf(square / CELL_PIXELS), factor = 1 / (spread + 4);
    memset(out, 0, sizeof(float) * (CELL_HEIGHT + 2) * (CELL_WIDTH + 2));
    for (guint y = 0; y < CELL_HEIGHT; y++)
        for (guint x = 0; x < CELL_WIDTH; x++)
            out[y + 1][x + 1] = (pixels[y * CELL_WIDTH + x] - mean) * factor;
    return spread;
}

typedef float Middle[CELL_HEIGHT / 2 + 2][CELL_WIDTH / 2 + 2][FIRST];

static void
first_layer(float in[CELL_HEIGHT + 2][CELL_WIDTH + 2], Middle out)
{
    memset(out, 0, sizeof(Middle));
    for (guint y = 0; y < CELL_HEIGHT; y += 2)
        for (guint x = 0; x < CELL_WIDTH; x += 2) {
            Vec sum[4][FIRST / FIRST_LANES];
            for (guint q = 0; q < 4; q++)
                for (guint o = 0; o < FIRST / FIRST_LANES; o++)
                    sum[q][o] = load(&first_bias[o * FIRST_LANES]);
            for (guint tap = 0; tap < 9; tap++)
                for (guint q = 0; q < 4; q++) {
                    Vec value = all(in[y + q / 2 + tap / 3][x + q % 2 + tap % 3]);
                    for (guint o = 0; o < FIRST / FIRST_LANES; o++)
                        sum[q][o] += net.first[tap][o] * value;
                }
            for (guint o = 0; o < FIRST / FIRST_LANES; o++) {
                Vec top = larger(larger(sum[0][o], sum[1][o]), larger(sum[2][o], sum[3][o]));
                top = larger(top, all(0));
                memcpy(&out[y / 2 + 1][x / 2 + 1][o * FIRST_LANES], &top, sizeof top);
            }
        }
}

#define LANES 4
#define NAME(x) x##_plain
#define TARGET
#include "network_layers.inc"
#undef LANES
#undef NAME
#undef TARGET

#if defined(__x86_64__)
#define LANES 8
#define NAME(x) x##_avx2
#define TARGET __attribute__((target("avx2")))
#include "network_layers.inc"
#undef LANES
#undef NAME
#undef TARGET
#endif

static void
later_layers(Middle middle, float out[OUT])
{
    float flat[FLAT];
#if defined(__x86_64__)
    if (net.wide) {
        second_layer_avx2(middle, flat);
        full_layers_avx2(flat, out);
        return;
    }
#endif
    second_layer_plain(middle, flat);
    full_layers_plain(flat, out);
}

void
network_read(const float pixels[CELL_PIXELS], CellReading *reading)
{
    float in[CELL_HEIGHT + 2][CELL_WIDTH + 2], out[OUT];
    Middle middle;
    network_prepare();
    reading->spread = normalise(pixels, in);
    first_layer(in, middle);
    later_layers(middle, out);
    float top = out[0], total = 0;
    for (guint i = 1; i <= CELL_NONE; i++)
        top = MAX(top, out[i]);
    for (guint i = 0; i <= CELL_NONE; i++)
        total += reading->p[i] = expf(out[i] - top);
    for (guint i = 0; i <= CELL_NONE; i++)
        reading->p[i] /= total;
    reading->dx = out[CELL_NONE + 1];
    reading->dy = out[CELL_NONE + 2];
}

guint
cell_symbol(char c)
{
    const char *at = c ? strchr(cell_alphabet, c) : NULL;
    return at ? (guint)(at - cell_alphabet) : CELL_NONE;
}

char *
network_checksum(void)
{
    g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);
    g_checksum_update(sum, (const guchar *)first_weights, sizeof first_weights);
    g_checksum_update(sum, (const guchar *)second_weights, sizeof second_weights);
    g_checksum_update(sum, (const guchar *)hidden_weights, sizeof hidden_weights);
    g_checksum_update(sum, (const guchar *)out_weights, sizeof out_weights);
    return g_strdup(g_checksum_get_string(sum));
}
