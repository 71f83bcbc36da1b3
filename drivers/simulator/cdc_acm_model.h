// SPDX-License-Identifier: Apache-2.0
#pragma once
/* The serial reader's firmware, apart from what it speaks: cdc_talks.c has that, one table each. */
#include "model.h"

typedef struct DvSimTalk DvSimTalk;

typedef struct {
    DvSimModel model;
    const DvSimTalk *talk;
    guint8 line_coding[7];
    gboolean dtr;
    GByteArray *kept; /* waits for the host; owned */
    /* of the talks; everything ends when DTR falls */
    GByteArray *lying;   /* a document on the reader; owned */
    GByteArray *command; /* what the host has said of a command so far; owned */
    gboolean ready;      /* armed, or set up */
    gboolean triggered;
    gboolean lifted; /* a document was taken away and no question has found the place empty yet */
    guint asked;
} DvSimSerial;

struct DvSimTalk {
    const char *default_frame;         /* where frame is NULL */
    GByteArray *(*frame)(char **rows); /* its own only; NULL: text frames */
    /* From the reading head; NULL: goes out as it is. */
    void (*produce)(DvSimSerial *reader, const guint8 *bytes, gsize length);
    void (*told)(DvSimSerial *reader, const guint8 *bytes, gsize length); /* NULL: ignored */
    gboolean (*reads)(const DvSimSerial *reader);                         /* NULL: always */
};

DvSimModel *dv_sim_serial_new(const DvSimTalk *talk, guint16 vid, guint16 pid);
/* Goes out while DTR is on. */
void dv_sim_serial_say(DvSimSerial *reader, const guint8 *bytes, gsize length);
