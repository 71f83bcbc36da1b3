// SPDX-License-Identifier: Apache-2.0
#pragma once
/*
 * From a reader's bytes to MRZ lines. Readers send a zone as lines ended by CR, LF or CRLF, or all
 * lines run together without any separator, with outer spaces, STX/ETX frames or '_' for the
 * filler.
 */
#include <glib.h>

/* Longest message taken; the longest zone is 90 characters. */
#define DV_MRZ_ASSEMBLE_MAX 1024

/* A NULL-terminated list of 1 to 3 lines, or NULL when these bytes do not make a zone: lines of one
 * length of 30, 36 or 44 in the number that the length asks for. Run-together text of 90, 72 or 88
 * characters is cut. Characters are not judged beyond being printable ASCII. Free with g_strfreev.
 */
char **dv_mrz_assemble(const void *bytes, gsize length);
