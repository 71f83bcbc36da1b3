// SPDX-License-Identifier: Apache-2.0
#include "cdc_acm_proto.h"
#include <darvaza/error.h>

enum { CLASS_COMMUNICATION = 0x02, SUBCLASS_ACM = 0x02, CLASS_DATA = 0x0a };
enum { CS_INTERFACE = 0x24, UNION = 0x06 };

/* The subordinate interface that the union descriptor names, else the next one. */
static guint
data_interface_of(const DvUsbInterface *control)
{
    const guint8 *at = control->extra;
    gsize left = control->extra_length;
    while (left >= 2 && at[0] >= 2 && at[0] <= left) {
        if (at[0] >= 5 && at[1] == CS_INTERFACE && at[2] == UNION)
            return at[4];
        left -= at[0];
        at += at[0];
    }
    return control->number + 1u;
}

static gboolean
find_data(const DvUsbShape *shape, guint number, DvAcmPlaces *places)
{
    for (guint i = 0; i < shape->interface_count; i++) {
        const DvUsbInterface *interface = &shape->interfaces[i];
        if (interface->number != number || interface->alternate != 0 ||
            interface->class_code != CLASS_DATA)
            continue;
        *places = (DvAcmPlaces){.control_interface = places->control_interface,
                                .data_interface = interface->number};
        for (guint e = 0; e < interface->endpoint_count; e++) {
            const DvUsbEndpoint *endpoint = &interface->endpoints[e];
            if (endpoint->pipe != DV_USB_BULK)
                continue;
            if ((endpoint->address & 0x80) == 0 && places->out_endpoint == 0)
                places->out_endpoint = endpoint->address;
            if ((endpoint->address & 0x80) != 0 && places->in_endpoint == 0) {
                places->in_endpoint = endpoint->address;
                places->in_packet = endpoint->max_packet;
            }
        }
        if (places->in_endpoint != 0)
            return TRUE;
    }
    return FALSE;
}

gboolean
dv_acm_find(const DvUsbShape *shape, DvAcmPlaces *places, GError **error)
{
    gboolean control = FALSE;
    for (guint i = 0; i < shape->interface_count; i++) {
        const DvUsbInterface *interface = &shape->interfaces[i];
        if (interface->class_code != CLASS_COMMUNICATION || interface->subclass != SUBCLASS_ACM)
            continue;
        control = TRUE;
        places->control_interface = interface->number;
        if (find_data(shape, data_interface_of(interface), places))
            return TRUE;
    }
    g_set_error(error, DV_ERROR, DV_ERROR_INVALID, "USB device %04x:%04x is no serial reader: %s",
                shape->vid, shape->pid,
                control ? "its data interface has no bulk input"
                        : "it has no interface of class 2/2 (abstract control model)");
    return FALSE;
}

void
dv_acm_line_coding(guint32 bits_per_second, guint8 out[DV_ACM_LINE_CODING_SIZE])
{
    out[0] = (guint8)(bits_per_second & 0xff);
    out[1] = (guint8)(bits_per_second >> 8 & 0xff);
    out[2] = (guint8)(bits_per_second >> 16 & 0xff);
    out[3] = (guint8)(bits_per_second >> 24);
    out[4] = 0; /* 1 stop bit */
    out[5] = 0; /* no parity */
    out[6] = 8;
}
