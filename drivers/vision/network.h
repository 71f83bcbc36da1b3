// SPDX-License-Identifier: Apache-2.0
#pragma once
/* The character network: a cell's pixels to what stands in it. tools/train-ocrb makes its weights.
 */
#include <glib.h>

#define CELL_WIDTH 20 /* pixels; 16 are one pitch */
#define CELL_HEIGHT 24
#define CELL_PIXELS (CELL_WIDTH * CELL_HEIGHT)
#define CELL_PITCH 16.0
#define CELL_SYMBOLS 37 /* "0-9A-Z<" in this order */
#define CELL_NONE CELL_SYMBOLS

extern const char cell_alphabet[CELL_SYMBOLS + 1];
guint cell_symbol(char c); /* its place in the alphabet; CELL_NONE where it has none */

typedef struct {
    float p[CELL_SYMBOLS + 1]; /* probabilities; the last: no character stands here */
    float spread;              /* standard deviation of the cell's grey levels */
    float dx, dy;              /* pitches from the cell's middle to the character's */
} CellReading;

/* pixels: grey levels, mean and spread do not matter (the network's input is normalised here). */
void network_read(const float pixels[CELL_PIXELS], CellReading *reading);
/* Unpacks the weights; network_read does it by itself, later. */
void network_prepare(void);
/* For tests: FALSE has the code run that every processor runs. */
void network_allow_wide(gboolean allowed);
/* SHA-256 of the weights as hex, to tell them from another training's; free with g_free. */
char *network_checksum(void);
