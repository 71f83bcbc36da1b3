// SPDX-License-Identifier: Apache-2.0
#pragma once
/*
 * Whether a number may be listed: an xor filter of 8 bits (Graf and Lemire, "Xor Filters", 2020) in
 * partitions of one page each, so that a question reads one page and nothing is loaded at open.
 * docs/formats/watchlist-file.md, "Filter". Pure.
 */
#include <glib.h>

#define FILTER_PART_MAX 4048u
#define FILTER_KEYS_MAX 3250u /* of one partition */
#define FILTER_KEYS_MEAN 2900u

/* The partition, from 0, in which a key of this hash stands. */
guint32 filter_part(guint64 hash, guint32 parts);
/* hashes: sorted, without repetition, at most FILTER_KEYS_MAX. Returns the length of out. */
gsize filter_build(const guint64 *hashes, gsize count, guint32 part, guint8 out[FILTER_PART_MAX]);
typedef enum { FILTER_NO, FILTER_MAYBE, FILTER_DAMAGED } FilterResult;
FilterResult filter_ask(const guint8 *data, gsize length, guint32 part, guint64 hash);
