// SPDX-License-Identifier: Apache-2.0
#pragma once
/*
 * Where a zone may be: ink (dark strokes on lighter ground), blobs of ink, chains of equally
 * pitched blobs, and bands of two or three parallel chains. Free of rotation; perspective and curl
 * bend a chain and do not break it.
 */
#include "grey.h"

/* 1 where a stroke is: black-hat of 13x13 against its local mean. factor: how far above the mean,
 * in percent. floor: least depth in grey levels. Free with g_free. */
guint8 *ink_find(const DvImage *image, guint factor, guint floor);

typedef struct {
    float x, y;    /* middle of the bounding box */
    float w, h;    /* its sides */
    float size;    /* the larger one */
    gint next;     /* in its bucket of the grid, -1 at the end */
    gboolean used; /* stands in a chain */
} Blob;

/* Connected ink (8 neighbours) of a plausible size; elements are Blob. */
GArray *blobs_find(const guint8 *ink, guint width, guint height);

#define CHAIN_MAX 64
typedef struct {
    gint index; /* place in pitches from the first */
    float x, y;
} Link;

typedef struct {
    guint count;
    Link links[CHAIN_MAX]; /* ascending index */
    float size;            /* mean size of the blobs */
} Chain;

/* All chains of at least least blobs, longest first; elements are Chain. */
GArray *chains_find(GArray *blobs, guint width, guint height, guint least);

/* A line of cells: x and y as polynomials of the cell's index. */
#define CURVE_TERMS 4
typedef struct {
    double x[CURVE_TERMS], y[CURVE_TERMS];
    double middle, spread; /* index is taken as (index - middle) / spread */
    double from, to;       /* indices between which it was fitted */
} Curve;

typedef struct {
    double index, x, y, weight;
} CurvePoint;
/* Least squares with terms 2 to 4, twice, the second time without what lies far off. */
void curve_fit(Curve *curve, const CurvePoint *points, guint count, guint terms);
/* Beyond the fitted part the line goes on straight. */
DvPoint curve_at(const Curve *curve, double index);
DvPoint curve_step(const Curve *curve, double index); /* derivative: one pitch along the line */

#define BAND_LINES 3
typedef struct {
    guint lines;
    Curve curve[BAND_LINES]; /* one index system: cells of one column share an index */
    double spacing;          /* pitches from line to line: 2.5 or 1.665 (Doc 9303-3, 4) */
    guint support;           /* blobs that stand behind it */
} Band;

/* Bands that the chains suggest, best supported first; elements are Band. Lines without a chain of
 * their own are put where the format would have them. */
GArray *bands_find(const GArray *chains);
