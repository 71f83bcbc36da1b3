// SPDX-License-Identifier: Apache-2.0
#pragma once
/* What a serial reader says of itself and is told before it speaks; what it says is framer.h's. */
#include <darvaza/driver.h>

typedef struct {
    guint8 control_interface, data_interface;
    guint8 in_endpoint;
    guint8 out_endpoint; /* 0: it takes no commands */
    guint16 in_packet;
} DvAcmPlaces;

/* Finds the communication and data interface (USB CDC 1.2, 5.2.3.2 union descriptor; PSTN 1.2) and
 * its bulk endpoints. DV_ERROR_INVALID naming what is missing. */
gboolean dv_acm_find(const DvUsbShape *shape, DvAcmPlaces *places, GError **error);

/* SET_LINE_CODING's data (PSTN 1.2, 6.3.11): bits per second, 1 stop bit, no parity, 8 bits. */
#define DV_ACM_LINE_CODING_SIZE 7
void dv_acm_line_coding(guint32 bits_per_second, guint8 out[DV_ACM_LINE_CODING_SIZE]);
