// SPDX-License-Identifier: Apache-2.0
#include "model.h"
#include <errno.h>
#include <string.h>

enum { DIR_IN = 0x80, TYPE_MASK = 0x60, RECIPIENT_MASK = 0x1f, RECIPIENT_ENDPOINT = 2 };
enum { GET_STATUS = 0, CLEAR_FEATURE = 1, SET_FEATURE = 3, GET_DESCRIPTOR = 6 };
enum { GET_CONFIGURATION = 8, SET_CONFIGURATION = 9, SET_INTERFACE = 11 };
enum { DESCRIPTOR_DEVICE = 1, DESCRIPTOR_CONFIG = 2, DESCRIPTOR_STRING = 3 };
enum { ATTRIBUTES_BULK = 2, DESCRIPTOR_ENDPOINT = 5 };

DvSimModel *
dv_sim_model_new(const char *name, guint16 vid, guint16 pid)
{
    return strcmp(name, "cdc-acm") == 0 ? dv_sim_cdc_acm_new(vid, pid) : NULL;
}

void
dv_sim_model_free(DvSimModel *model)
{
    if (model != NULL)
        model->free(model);
}

static int
reply(guint8 *data, gsize length, const guint8 *bytes, gsize count)
{
    gsize moved = MIN(length, count);
    memcpy(data, bytes, moved);
    return (int)moved;
}

static int
reply_string(const DvSimModel *model, guint index, guint8 *data, gsize length)
{
    static const guint8 languages[] = {4, DESCRIPTOR_STRING, 0x09, 0x04}; /* English (US) */
    guint8 text[64] = {0};
    if (index == 0)
        return reply(data, length, languages, sizeof languages);
    if (index >= G_N_ELEMENTS(model->strings) || model->strings[index] == NULL)
        return -EPIPE;
    gsize at = 2;
    for (const char *c = model->strings[index]; *c != '\0' && at + 2 <= sizeof text; c++) {
        text[at] = (guint8)*c;
        at += 2;
    }
    text[0] = (guint8)at;
    text[1] = DESCRIPTOR_STRING;
    return reply(data, length, text, at);
}

static int
reply_descriptor(const DvSimModel *model, const guint8 setup[8], guint8 *data, gsize length)
{
    switch (setup[3]) {
    case DESCRIPTOR_DEVICE:
        return reply(data, length, model->device_descriptor, sizeof model->device_descriptor);
    case DESCRIPTOR_CONFIG:
        return reply(data, length, model->config, model->config_length);
    case DESCRIPTOR_STRING:
        return reply_string(model, setup[2], data, length);
    default:
        return -EPIPE;
    }
}

static guint32 *
halt_bits(DvSimModel *model, guint8 endpoint)
{
    return endpoint & DIR_IN ? &model->halted_in : &model->halted_out;
}

static gboolean
is_halted(DvSimModel *model, guint8 endpoint)
{
    return (*halt_bits(model, endpoint) >> (endpoint & 15) & 1) != 0;
}

void
dv_sim_halt(DvSimModel *model, guint8 endpoint, gboolean halted)
{
    guint32 bit = 1u << (endpoint & 15);
    guint32 *bits = halt_bits(model, endpoint);
    *bits = halted ? *bits | bit : *bits & ~bit;
}

static int
standard_request(DvSimModel *model, const guint8 setup[8], guint8 *data, gsize length)
{
    guint8 two[2] = {0, 0};
    gboolean endpoint = (setup[0] & RECIPIENT_MASK) == RECIPIENT_ENDPOINT;
    switch (setup[1]) {
    case GET_STATUS:
        two[0] = endpoint && is_halted(model, setup[4]);
        return reply(data, length, two, sizeof two);
    case CLEAR_FEATURE:
    case SET_FEATURE:
        if (endpoint)
            dv_sim_halt(model, setup[4], setup[1] == SET_FEATURE);
        return 0;
    case GET_DESCRIPTOR:
        return reply_descriptor(model, setup, data, length);
    case GET_CONFIGURATION:
        return reply(data, length, &model->configuration, 1);
    case SET_CONFIGURATION:
        model->configuration = setup[2];
        model->halted_in = model->halted_out = 0;
        return 0;
    case SET_INTERFACE:
        return 0;
    default:
        return -EPIPE;
    }
}

int
dv_sim_control(DvSimModel *model, const guint8 setup[8], guint8 *data, gsize length)
{
    gsize asked = (gsize)setup[6] | (gsize)setup[7] << 8;
    length = MIN(length, asked);
    if ((setup[0] & TYPE_MASK) == 0)
        return standard_request(model, setup, data, length);
    return model->control(model, setup, data, length);
}

int
dv_sim_in(DvSimModel *model, guint8 endpoint, guint8 *buffer, gsize max)
{
    return is_halted(model, endpoint) ? -EPIPE : model->in(model, endpoint, buffer, max);
}

guint8
dv_sim_bulk_in(const DvSimModel *model)
{
    const guint8 *at = model->config;
    for (gsize left = model->config_length; left >= 2 && at[0] >= 2 && at[0] <= left;) {
        if (at[1] == DESCRIPTOR_ENDPOINT && at[0] >= 7 && (at[2] & DIR_IN) != 0 &&
            (at[3] & 3) == ATTRIBUTES_BULK)
            return at[2];
        left -= at[0];
        at += at[0];
    }
    return 0;
}
