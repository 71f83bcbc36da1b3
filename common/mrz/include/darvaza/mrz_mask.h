// SPDX-License-Identifier: Apache-2.0
#pragma once
/* What may stand where: for readers of images, which know each character only with a probability.
 */
#include <darvaza/mrz.h>

/* Lines and columns of a format; 0 for DV_MRZ_NONE. */
guint dv_mrz_format_lines(DvMrzFormat format);
guint dv_mrz_format_length(DvMrzFormat format);

/* Whether Doc 9303 allows c at a place (lines and columns from 1). Wider than the standard where
 * documents in use are: a digit in the document code, X for the sex, '<' for unknown dates. */
gboolean dv_mrz_may_stand(DvMrzFormat format, guint line, guint column, char c);
/* Check digits that a character enters or is; 0: nothing proves it. */
guint dv_mrz_proofs(DvMrzFormat format, guint line, guint column);

/* Whether every check digit of the format is right (also by a known national practice). Lines have
 * the format's length. */
gboolean dv_mrz_digits_hold(DvMrzFormat format, const char *const *lines);
