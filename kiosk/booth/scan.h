// SPDX-License-Identifier: Apache-2.0
#pragma once
/*
 * What a camera's lines were read from: the zone, and the page that it stands on, as JPEGs that
 * darvaza-vision made. They show whoever doubts a character what it was read from, and go into the
 * record; no check reads them. In memory only, as long as the traveller is on the lane.
 */
#include <glib.h>
#include <jansson.h>

#define DV_SCAN_ZONE_MAX (8 * 1024)
#define DV_SCAN_PAGE_MAX (24 * 1024)
#define DV_SCAN_CORRECTIONS_MAX 132 /* characters of the largest zone */

typedef struct {
    gboolean by_camera; /* else there is nothing of this */
    guint corrections;  /* characters that the camera's reader left to the check digits */
    GBytes *zone, *page;
} DvScan;

void dv_scan_clear(DvScan *scan);
/* The record's member; null unless a camera read. */
json_t *dv_scan_record(const DvScan *scan);
/* What pages see of it. */
json_t *dv_scan_view(const DvScan *scan);
/* "zone" or "page"; NULL: there is none. */
GBytes *dv_scan_part(const DvScan *scan, const char *name);
/* Leaves images out of a record's body until it can be sealed: the page first, then the zone, then
 * the document's portrait. A crossing is recorded, whatever it looks like. */
void dv_scan_make_room(json_t *body);
