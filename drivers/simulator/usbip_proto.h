// SPDX-License-Identifier: Apache-2.0
#pragma once
/*
 * USB/IP on the wire (Linux, Documentation/usb/usbip_protocol.rst), from the side that has the
 * devices. Pure: bytes in, structures out. Numbers are big-endian.
 */
#include <glib.h>

#define DV_USBIP_BUSID 32 /* bytes, with the end */
#define DV_USBIP_MAX_TRANSFER (1024 * 1024)
#define DV_USBIP_MAX_PACKETS 1024
/* The most bytes that one command can have. */
#define DV_USBIP_MAX_COMMAND (48 + DV_USBIP_MAX_TRANSFER + 16 * DV_USBIP_MAX_PACKETS)

/* ---- before a device is attached */
typedef enum { DV_USBIP_LIST, DV_USBIP_IMPORT } DvUsbipWish;

typedef struct {
    DvUsbipWish wish;
    char busid[DV_USBIP_BUSID]; /* DV_USBIP_IMPORT; always ends */
} DvUsbipRequest;

/* Bytes that it took, 0 when more must come first, -1 when it is none. */
gssize dv_usbip_parse_request(const guint8 *bytes, gsize length, DvUsbipRequest *request);

typedef struct {
    char busid[DV_USBIP_BUSID];
    guint32 number; /* on bus 1 */
    gboolean high_speed;
    const guint8 *device; /* descriptor, 18 bytes */
    guint8 configuration, interface_count;
} DvUsbipDevice;

void dv_usbip_put_list(GByteArray *out, guint count);
/* One of the list; interfaces: class, subclass, protocol of each. */
void dv_usbip_put_listed(GByteArray *out, const DvUsbipDevice *device,
                         const guint8 (*interfaces)[3]);
/* device NULL: there is none that could be had. */
void dv_usbip_put_import(GByteArray *out, const DvUsbipDevice *device);

/* ---- while it is */
typedef enum { DV_USBIP_SUBMIT, DV_USBIP_UNLINK } DvUsbipKind;

typedef struct {
    DvUsbipKind kind;
    guint32 sequence;
    guint32 unlinked;   /* DV_USBIP_UNLINK: the sequence number of the other */
    guint8 endpoint;    /* with 0x80 for IN; 0 and 0x80: control */
    guint8 setup[8];    /* control */
    gsize length;       /* of the transfer's buffer */
    const guint8 *data; /* OUT: length bytes, within what was parsed; NULL: none */
    guint packet_count; /* isochronous; else 0 */
    const guint8 *packets;
} DvUsbipCommand;

/* As dv_usbip_parse_request(). Every packet lies within the buffer. */
gssize dv_usbip_parse_command(const guint8 *bytes, gsize length, DvUsbipCommand *command);
void dv_usbip_packet(const DvUsbipCommand *command, guint i, gsize *offset, gsize *length);

typedef struct {
    guint32 sequence;
    int status; /* 0 or a negative errno of Linux */
    gsize actual;
    guint packet_count, error_count;
} DvUsbipAnswer;

/* What came in and the packets follow it. */
void dv_usbip_put_answer(GByteArray *out, const DvUsbipAnswer *answer);
void dv_usbip_put_packet(GByteArray *out, gsize offset, gsize length, gsize actual, int status);
/* status: -ECONNRESET when it was unlinked, 0 when it had been answered before. */
void dv_usbip_put_unlinked(GByteArray *out, guint32 sequence, int status);
