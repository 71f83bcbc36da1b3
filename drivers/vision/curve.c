// SPDX-License-Identifier: Apache-2.0
/* Lines of cells as polynomials. */
#include "locate.h"
#include <math.h>
#include <string.h>

/* Solves the normal equations of both coordinates at once; FALSE where they are singular. */
static gboolean
solve(double m[CURVE_TERMS][CURVE_TERMS + 2], guint n)
{
    for (guint i = 0; i < n; i++) {
        guint top = i;
        for (guint r = i + 1; r < n; r++)
            if (fabs(m[r][i]) > fabs(m[top][i]))
                top = r;
        if (fabs(m[top][i]) < 1e-9)
            return FALSE;
        for (guint c = 0; c < CURVE_TERMS + 2; c++) {
            double swap = m[i][c];
            m[i][c] = m[top][c];
            m[top][c] = swap;
        }
        for (guint r = 0; r < n; r++) {
            double factor = r == i ? 0 : m[r][i] / m[i][i];
            for (guint c = 0; c < CURVE_TERMS + 2 && factor != 0; c++)
                m[r][c] -= factor * m[i][c];
        }
    }
    return TRUE;
}

static gboolean
fit_once(Curve *curve, const CurvePoint *points, const double *weights, guint count, guint terms)
{
    double m[CURVE_TERMS][CURVE_TERMS + 2] = {{0}};
    for (guint i = 0; i < count; i++) {
        double t = (points[i].index - curve->middle) / curve->spread, power[CURVE_TERMS] = {1};
        for (guint k = 1; k < terms; k++)
            power[k] = power[k - 1] * t;
        for (guint r = 0; r < terms; r++) {
            for (guint c = 0; c < terms; c++)
                m[r][c] += weights[i] * power[r] * power[c];
            m[r][CURVE_TERMS] += weights[i] * power[r] * points[i].x;
            m[r][CURVE_TERMS + 1] += weights[i] * power[r] * points[i].y;
        }
    }
    if (!solve(m, terms))
        return FALSE;
    memset(curve->x, 0, sizeof curve->x);
    memset(curve->y, 0, sizeof curve->y);
    for (guint r = 0; r < terms; r++) {
        curve->x[r] = m[r][CURVE_TERMS] / m[r][r];
        curve->y[r] = m[r][CURVE_TERMS + 1] / m[r][r];
    }
    return TRUE;
}

void
curve_fit(Curve *curve, const CurvePoint *points, guint count, guint terms)
{
    g_autofree double *weights = g_new(double, count + 1);
    curve->from = G_MAXDOUBLE;
    curve->to = -G_MAXDOUBLE;
    for (guint i = 0; i < count; i++) {
        weights[i] = points[i].weight;
        curve->from = MIN(curve->from, points[i].index);
        curve->to = MAX(curve->to, points[i].index);
    }
    curve->middle = (curve->from + curve->to) / 2;
    curve->spread = MAX((curve->to - curve->from) / 2, 1);
    terms = CLAMP(MIN(terms, count), 1, CURVE_TERMS);
    while (!fit_once(curve, points, weights, count, terms) && terms > 1)
        terms--;
    DvPoint step = curve_step(curve, curve->middle);
    double pitch = hypot(step.x, step.y);
    for (guint i = 0; i < count; i++) {
        DvPoint at = curve_at(curve, points[i].index);
        double off = hypot(at.x - points[i].x, at.y - points[i].y) / MAX(pitch, 1e-3);
        weights[i] /= 1 + (off / 0.12) * (off / 0.12);
    }
    fit_once(curve, points, weights, count, terms);
}

static double
value(const double *terms, double t)
{
    return terms[0] + t * (terms[1] + t * (terms[2] + t * terms[3]));
}

static double
slope(const double *terms, double t)
{
    return terms[1] + t * (2 * terms[2] + t * 3 * terms[3]);
}

DvPoint
curve_step(const Curve *curve, double index)
{
    double t = (CLAMP(index, curve->from, curve->to) - curve->middle) / curve->spread;
    return (DvPoint){slope(curve->x, t) / curve->spread, slope(curve->y, t) / curve->spread};
}

DvPoint
curve_at(const Curve *curve, double index)
{
    double inside = CLAMP(index, curve->from, curve->to);
    double t = (inside - curve->middle) / curve->spread;
    DvPoint step = curve_step(curve, inside);
    return (DvPoint){value(curve->x, t) + (index - inside) * step.x,
                     value(curve->y, t) + (index - inside) * step.y};
}
