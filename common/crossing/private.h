// SPDX-License-Identifier: Apache-2.0
#pragma once
/* Shared by the files of this folder. */
#include "schema.h"
#include <darvaza/crossing.h>

/* The largest integer that every JSON reader keeps exactly (RFC 7493 section 2.2). */
#define DV_INTEGER_MAX G_GINT64_CONSTANT(9007199254740991)
#define DV_WIRE_MAGIC "DVR1"
#define DV_WIRE_HEADER_MAX 1024u
#define DV_WIRE_SIGNATURE_MAX 128u
#define DV_PLAIN_MAX (128u * 1024u)     /* the largest size class of a body */
#define DV_WIRE_BODY_MAX (130u * 1024u) /* the same sealed */
#define DV_PROTECTION_PLAIN 4096u       /* the one size of a compartment */
#define DV_WIRE_PROTECTION_MAX (6u * 1024u)
#define DV_HEADER_DOMAIN "darvaza crossing header v1"
#define DV_LINK_DOMAIN "darvaza crossing link v1"

/* The header as canonical JSON. */
GBytes *dv_header_encode(const DvCrossingHeader *header, GError **error);
/* Takes canonical bytes only. */
gboolean dv_header_decode(GBytes *bytes, DvCrossingHeader *header, GError **error);
/* What body and compartment repeat: all but the hashes of themselves. New reference. */
json_t *dv_header_repeat(const DvCrossingHeader *header);
/* The object's member "header" is exactly dv_header_repeat(header). */
gboolean dv_header_is_repeated(const json_t *object, const DvCrossingHeader *header,
                               const char *what, GError **error);
extern const DvSchemaMember dv_header_repeated[];

/* Canonical JSON, one line feed, spaces up to size bytes; 0: the smallest size class that holds it.
 * DV_ERROR_FULL when it does not fit. */
GBytes *dv_pad(const json_t *object, gsize size, const char *what, GError **error);
/* The JSON object again; DV_ERROR_INVALID unless the bytes are exactly what dv_pad makes. */
json_t *dv_unpad(GBytes *plain, gsize size, const char *what, GError **error);

/* The rules between the members of a body that has them all in their forms. */
gboolean dv_record_rules(const json_t *body, GError **error);

/* A referral (docs/formats/crossing.md, protection compartment); with "header". */
gboolean dv_referral_validate(const json_t *referral, GError **error);
