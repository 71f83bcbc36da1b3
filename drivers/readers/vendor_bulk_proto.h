// SPDX-License-Identifier: Apache-2.0
#pragma once
/*
 * The reference protocol for readers with bulk endpoints of the vendor's class; nothing on the
 * market speaks it, the simulator does. hardware-notes/vendor-bulk.md is its definition.
 *
 * A packet, both ways: A5 5A, type, sequence, length (low byte first, at most 512), payload, CRC
 * (CRC-16/CCITT-FALSE over type to payload, low byte first). Packets are cut into USB transfers as
 * it comes. A document is kept by the reader until it is acknowledged and told again on request,
 * and its sequence number tells whether it was had before.
 */
#include "zone.h"
#include <darvaza/driver.h>

#define DV_VENDOR_MAX_PAYLOAD 512
#define DV_VENDOR_HEAD 6
#define DV_VENDOR_MAX_PACKET (DV_VENDOR_HEAD + DV_VENDOR_MAX_PAYLOAD + 2)
#define DV_VENDOR_MAX_COMMAND 16

/* From the reader; to it. */
enum { DV_VENDOR_PRESENCE = 0x02, DV_VENDOR_DOCUMENT = 0x03 };
enum { DV_VENDOR_ACKNOWLEDGE = 0x82, DV_VENDOR_AGAIN = 0x83 };
/* Vendor request to the interface: forget what was kept, read from now on; wValue: the version. */
enum { DV_VENDOR_TO_INTERFACE = 0x41, DV_VENDOR_START = 0x01 };
#define DV_VENDOR_VERSION 1

typedef struct {
    guint8 packet[DV_VENDOR_MAX_PACKET];
    guint length;
    gint sequence; /* of the last document; -1: none since it was started */
    DvZone zone;
} DvVendor;

typedef struct {
    guint8 interface_number, in_endpoint, out_endpoint;
    guint16 in_packet;
} DvVendorPlaces;

/* The first interface of class 0xff with bulk input and output. DV_ERROR_INVALID naming what is
 * missing. */
gboolean dv_vendor_find(const DvUsbShape *shape, DvVendorPlaces *places, GError **error);

guint16 dv_vendor_crc(const guint8 *bytes, gsize length);
void dv_vendor_reset(DvVendor *vendor);
void dv_vendor_push(DvVendor *vendor, const guint8 *bytes, gsize length, const DvReaderSink *sink);
void dv_vendor_idle(DvVendor *vendor, const DvReaderSink *sink);
void dv_vendor_lost(DvVendor *vendor, const DvReaderSink *sink);
