// SPDX-License-Identifier: Apache-2.0
/* Two convolutions and two full layers, channels last, four channels a vector. */
#include "network.h"
#include <math.h>
#include <string.h>

#define FIRST 12
#define SECOND 24
#define HIDDEN 64
#define OUT 40
#define FLAT ((CELL_HEIGHT / 4) * (CELL_WIDTH / 4) * SECOND)
#define LANES 4

typedef float Vec __attribute__((vector_size(4 * LANES)));

/* gint8 weights, and per output a scale and a bias. */
#include "network_weights.inc"

const char cell_alphabet[CELL_SYMBOLS + 1] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ<";

static struct {
    gboolean ready;
    Vec first[9][FIRST / LANES];
    Vec second[9][FIRST][SECOND / LANES];
    Vec hidden[FLAT][HIDDEN / LANES];
    Vec out[HIDDEN][OUT / LANES];
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
    unpack((float *)net.second, second_weights, second_scale, 9 * FIRST, SECOND);
    unpack((float *)net.hidden, hidden_weights, hidden_scale, FLAT, HIDDEN);
    unpack((float *)net.out, out_weights, out_scale, HIDDEN, OUT);
    net.ready = TRUE;
}

static inline Vec
all(float value)
{
    return (Vec){value, value, value, value};
}

static inline Vec
larger(Vec a, Vec b)
{
    for (guint i = 0; i < LANES; i++)
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
            Vec sum[4][FIRST / LANES];
            for (guint q = 0; q < 4; q++)
                for (guint o = 0; o < FIRST / LANES; o++)
                    sum[q][o] = load(&first_bias[o * LANES]);
            for (guint tap = 0; tap < 9; tap++)
                for (guint q = 0; q < 4; q++) {
                    Vec value = all(in[y + q / 2 + tap / 3][x + q % 2 + tap % 3]);
                    for (guint o = 0; o < FIRST / LANES; o++)
                        sum[q][o] += net.first[tap][o] * value;
                }
            for (guint o = 0; o < FIRST / LANES; o++) {
                Vec top = larger(larger(sum[0][o], sum[1][o]), larger(sum[2][o], sum[3][o]));
                top = larger(top, all(0));
                memcpy(&out[y / 2 + 1][x / 2 + 1][o * LANES], &top, sizeof top);
            }
        }
}

/* Two neighbours of a row at once, so that a weight is loaded for both. */
static inline void
second_pair(Middle in, guint y, guint x, Vec top[SECOND / LANES])
{
    Vec left[SECOND / LANES], right[SECOND / LANES];
    for (guint o = 0; o < SECOND / LANES; o++)
        left[o] = right[o] = load(&second_bias[o * LANES]);
    for (guint tap = 0; tap < 9; tap++) {
        const float *a = in[y + tap / 3][x + tap % 3], *b = a + FIRST;
        for (guint i = 0; i < FIRST; i++) {
            Vec va = all(a[i]), vb = all(b[i]);
            for (guint o = 0; o < SECOND / LANES; o++) {
                left[o] += net.second[tap][i][o] * va;
                right[o] += net.second[tap][i][o] * vb;
            }
        }
    }
    for (guint o = 0; o < SECOND / LANES; o++)
        top[o] = larger(left[o], right[o]);
}

static void
second_layer(Middle in, float flat[FLAT])
{
    for (guint y = 0; y < CELL_HEIGHT / 2; y += 2)
        for (guint x = 0; x < CELL_WIDTH / 2; x += 2) {
            Vec upper[SECOND / LANES], lower[SECOND / LANES];
            second_pair(in, y, x, upper);
            second_pair(in, y + 1, x, lower);
            for (guint o = 0; o < SECOND / LANES; o++) {
                Vec top = larger(larger(upper[o], lower[o]), all(0));
                memcpy(flat, &top, sizeof top);
                flat += LANES;
            }
        }
}

static void
full_layers(const float flat[FLAT], float out[OUT])
{
    Vec hidden[HIDDEN / LANES], sum[OUT / LANES];
    for (guint o = 0; o < HIDDEN / LANES; o++)
        hidden[o] = load(&hidden_bias[o * LANES]);
    for (guint i = 0; i < FLAT; i++) {
        if (flat[i] == 0)
            continue; /* a third of them */
        Vec value = all(flat[i]);
        for (guint o = 0; o < HIDDEN / LANES; o++)
            hidden[o] += net.hidden[i][o] * value;
    }
    for (guint o = 0; o < OUT / LANES; o++)
        sum[o] = load(&out_bias[o * LANES]);
    for (guint i = 0; i < HIDDEN; i++) {
        Vec value = all(MAX(hidden[i / LANES][i % LANES], 0));
        for (guint o = 0; o < OUT / LANES; o++)
            sum[o] += net.out[i][o] * value;
    }
    memcpy(out, sum, sizeof sum);
}

void
network_read(const float pixels[CELL_PIXELS], CellReading *reading)
{
    float in[CELL_HEIGHT + 2][CELL_WIDTH + 2], flat[FLAT], out[OUT];
    Middle middle;
    network_prepare();
    reading->spread = normalise(pixels, in);
    first_layer(in, middle);
    second_layer(middle, flat);
    full_layers(flat, out);
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
