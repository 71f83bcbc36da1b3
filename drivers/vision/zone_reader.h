// SPDX-License-Identifier: Apache-2.0
#pragma once
/* From a band of lines to characters: cells, the lattice's refinement, the window, the decision. */
#include "locate.h"
#include "network.h"

/* An image and its halvings, finest first. */
#define LEVELS_MAX 6
typedef struct {
    guint count;
    DvImage *level[LEVELS_MAX]; /* level[0] is borrowed, the others owned */
} Pyramid;
void pyramid_build(Pyramid *pyramid, DvImage *finest);
void pyramid_clear(Pyramid *pyramid);

/* A cell in pixels of level 0: its middle, one pitch to the right and one down. */
typedef struct {
    DvPoint middle, right, down;
} Cell;
/* Reads a cell on the level where a pitch is nearest to what the network was trained on. */
void cell_read(const Pyramid *pyramid, const Cell *cell, CellReading *reading);
/* The geometric mean of several readings, each cut a little elsewhere: what one of them finds
 * impossible is unlikely. */
void cell_read_again(const Pyramid *pyramid, const Cell *cell, CellReading *reading);

/* One line's cells, by index. */
#define TRACK_MAX 72
typedef struct {
    gint first; /* index of cell[0] */
    guint count;
    double usual_spread; /* of its sure characters, grey levels */
    Cell cell[TRACK_MAX];
    CellReading reading[TRACK_MAX];
} Track;

/* Readings of all cells of a zone; what decide_zone works on. */
typedef struct {
    guint lines, length;
    Cell cell[DV_MRZ_LINES_MAX][DV_MRZ_LINE_MAX];
    CellReading reading[DV_MRZ_LINES_MAX][DV_MRZ_LINE_MAX];
} Sheet;

typedef enum {
    BAND_NOTHING, /* no characters there */
    BAND_PARTLY,  /* a zone, but no window of it is complete */
    BAND_READ,    /* sheet holds its cells */
} BandResult;

/* Coordinates of the band are pixels of level 0. */
BandResult band_read(const Pyramid *pyramid, const Band *band, Sheet *sheet);

/* Decides what the sheet says: fills lines, line_count, confidence, corrections of reading, or its
 * reason. TRUE if it is a reading. */
gboolean sheet_decide(const Sheet *sheet, DvReading *reading);

/* CPU time of this process in milliseconds. */
double vision_cpu_ms(void);
