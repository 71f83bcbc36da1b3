// SPDX-License-Identifier: Apache-2.0
#pragma once
/* JSON objects checked against tables: one row a member, everything not in the table is refused. */
#include <darvaza/json.h>
#include <glib.h>

typedef enum {
    DV_SCHEMA_INT, /* min .. max */
    DV_SCHEMA_BOOL,
    DV_SCHEMA_TEXT,   /* min .. max bytes, of the form */
    DV_SCHEMA_WORD,   /* of the vocabulary */
    DV_SCHEMA_OBJECT, /* of the members */
    DV_SCHEMA_LIST,   /* min .. max objects of the members */
    DV_SCHEMA_TEXTS,  /* min .. max texts, each of the form */
} DvSchemaKind;

/* Every member must be present; one that is not known is null where the row allows it, so that
 * "nobody asked" and "forgotten" cannot be confused. */
typedef struct DvSchemaMember {
    const char *name; /* NULL ends the table */
    DvSchemaKind kind;
    gint64 min, max;
    gboolean nullable;
    gboolean (*form)(const char *text);   /* TEXT, TEXTS; NULL: plain text */
    const char *vocabulary;               /* WORD */
    const struct DvSchemaMember *members; /* OBJECT, LIST */
    gboolean optional;                    /* may also be absent */
} DvSchemaMember;

/* DV_ERROR_INVALID "what: member.path: why". Values never stand in the message: they may be a
 * person's. */
gboolean dv_schema_check(const json_t *object, const DvSchemaMember *members, const char *what,
                         GError **error);

/* ---- forms ---- */
gboolean dv_form_uuid(const char *text);
gboolean dv_form_time(const char *text);         /* RFC 3339 UTC with milliseconds */
gboolean dv_form_date(const char *text);         /* YYYY-MM-DD of the calendar */
gboolean dv_form_partial_date(const char *text); /* the same with XX for unknown parts */
gboolean dv_form_country(const char *text);      /* 1 to 3 of A-Z */
gboolean dv_form_id(const char *text);           /* A-Z a-z 0-9 . _ - */
gboolean dv_form_account(const char *text);      /* a-z 0-9 . _ - */
gboolean dv_form_kiosk(const char *text);        /* A-Z a-z 0-9 -, not "-" first */
gboolean dv_form_sha256(const char *text);       /* 64 lower-case hexadecimal digits */
gboolean dv_form_code(const char *text);         /* A-Z 0-9 _ - */
gboolean dv_form_jpeg(const char *text);         /* canonical base64 of what begins as a JPEG */
gboolean dv_form_note(const char *text);         /* plain text that may have line breaks */
