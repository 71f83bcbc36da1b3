// SPDX-License-Identifier: Apache-2.0
#include "model.h"
#include <errno.h>
#include <string.h>

enum { DIR_IN = 0x80, TYPE_MASK = 0x60, RECIPIENT_MASK = 0x1f, RECIPIENT_ENDPOINT = 2 };
enum { GET_STATUS = 0, CLEAR_FEATURE = 1, SET_FEATURE = 3, GET_DESCRIPTOR = 6 };
enum { GET_CONFIGURATION = 8, SET_CONFIGURATION = 9, GET_INTERFACE = 10, SET_INTERFACE = 11 };
enum { DESCRIPTOR_DEVICE = 1, DESCRIPTOR_CONFIG = 2, DESCRIPTOR_STRING = 3 };
enum { DESCRIPTOR_INTERFACE = 4, DESCRIPTOR_QUALIFIER = 6 };
enum { DESCRIPTOR_HID = 0x21, DESCRIPTOR_REPORT = 0x22 };

#define TEST_VID 0x1209 /* pid.codes: 1209:0001 to 1209:0010 are set aside for tests */

/* The identities are the test identities of the drivers' tables. */
static const struct {
    const char *name;
    guint16 pid;
    DvSimModel *(*make)(guint16 vid, guint16 pid);
} models[] = {
    {"cdc-acm", 0x0001, dv_sim_cdc_acm_new},
    {"cdc-stx", 0x0002, dv_sim_cdc_stx_new},
    {"cdc-soh", 0x0003, dv_sim_cdc_soh_new},
    {"cdc-tlv", 0x0004, dv_sim_cdc_tlv_new},
    {"cdc-tlv-asked", 0x0005, dv_sim_cdc_tlv_asked_new},
    {"cdc-syn", 0x0006, dv_sim_cdc_syn_new},
    {"hid-keyboard", 0x0007, dv_sim_hid_keyboard_new},
    {"hid-pos", 0x0008, dv_sim_hid_pos_new},
    {"vendor-bulk", 0x0009, dv_sim_vendor_bulk_new},
    {"uvc-bulk", 0x000a, dv_sim_uvc_bulk_new},
    {"uvc-iso", 0x000b, dv_sim_uvc_iso_new},
    {"uvc-yuy2", 0x000c, dv_sim_uvc_yuy2_new},
    {"uvc-old", 0x000d, dv_sim_uvc_old_new},
    {"uvc-15", 0x000e, dv_sim_uvc_15_new},
};

DvSimModel *
dv_sim_model_new(const char *name, guint16 vid, guint16 pid)
{
    for (guint i = 0; i < G_N_ELEMENTS(models); i++) {
        if (strcmp(name, models[i].name) != 0)
            continue;
        DvSimModel *model =
            models[i].make(vid != 0 ? vid : TEST_VID, vid != 0 ? pid : models[i].pid);
        model->name = models[i].name;
        return model;
    }
    return NULL;
}

const char *
dv_sim_model_names(void)
{
    return "cdc-acm, cdc-stx, cdc-soh, cdc-tlv, cdc-tlv-asked, cdc-syn, hid-keyboard, hid-pos, "
           "vendor-bulk, uvc-bulk, uvc-iso, uvc-yuy2, uvc-old, uvc-15";
}

void
dv_sim_set_identity(DvSimModel *model, guint8 device_class, guint16 vid, guint16 pid)
{
    const guint8 descriptor[] = {18,
                                 DESCRIPTOR_DEVICE,
                                 0x00,
                                 0x02,
                                 device_class,
                                 0,
                                 0,
                                 64,
                                 (guint8)(vid & 0xff),
                                 (guint8)(vid >> 8),
                                 (guint8)(pid & 0xff),
                                 (guint8)(pid >> 8),
                                 0x00,
                                 0x01,
                                 1,
                                 2,
                                 3,
                                 1};
    G_STATIC_ASSERT(sizeof descriptor == DV_SIM_DEVICE_DESCRIPTOR_SIZE);
    memcpy(model->device_descriptor, descriptor, sizeof descriptor);
    model->configuration = 1;
    model->strings[1] = "Darvaza";
    model->strings[2] = "Simulated reader";
    model->strings[3] = "SIM0001";
}

GByteArray *
dv_sim_frame_text(const char *frame, char **rows)
{
    static const struct {
        const char *name, *head, *end, *tail;
        gsize width;
    } frames[] = {
        {"cr", "", "\r", "", 0}, {"lf", "", "\n", "", 0},          {"crlf", "", "\r\n", "", 0},
        {"none", "", "", "", 0}, {"stx", "\x02", "\r", "\x03", 0}, {"filled", "", "", "", 44},
    };
    for (guint f = 0; f < G_N_ELEMENTS(frames); f++) {
        if (strcmp(frame, frames[f].name) != 0)
            continue;
        GString *text = g_string_new(frames[f].head);
        for (guint i = 0; rows[i] != NULL; i++) {
            g_string_append(text, rows[i]);
            for (gsize at = strlen(rows[i]); at < frames[f].width; at++)
                g_string_append_c(text, '_');
            g_string_append(text, frames[f].end);
        }
        g_string_append(text, frames[f].tail);
        return g_bytes_unref_to_array(g_string_free_to_bytes(text));
    }
    return NULL;
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

/* Only a device that could go faster or slower has one (9.6.2); this one could go slower, had it a
 * configuration for that. */
static int
reply_qualifier(const DvSimModel *model, guint8 *data, gsize length)
{
    const guint8 *d = model->device_descriptor;
    const guint8 qualifier[] = {10, DESCRIPTOR_QUALIFIER, d[2], d[3], d[4], d[5], d[6], 64, 0, 0};
    return model->speed == DV_SIM_HIGH_SPEED ? reply(data, length, qualifier, sizeof qualifier)
                                             : -EPIPE;
}

static int
reply_hid(const DvSimModel *model, guint interface, guint8 *data, gsize length)
{
    gboolean inside = FALSE;
    for (const guint8 *at = model->config; at != NULL; at = dv_sim_next_descriptor(model, at)) {
        if (at[1] == DESCRIPTOR_INTERFACE)
            inside = at[2] == interface;
        else if (inside && at[1] == DESCRIPTOR_HID)
            return reply(data, length, at, at[0]);
    }
    return -EPIPE;
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
    case DESCRIPTOR_QUALIFIER:
        return reply_qualifier(model, data, length);
    case DESCRIPTOR_HID:
        return reply_hid(model, setup[4], data, length);
    case DESCRIPTOR_REPORT:
        return model->report != NULL ? reply(data, length, model->report, model->report_length)
                                     : -EPIPE;
    default:
        return -EPIPE;
    }
}

gboolean
dv_sim_is_halted(const DvSimModel *model, guint8 endpoint)
{
    guint32 bits = endpoint & DIR_IN ? model->halted_in : model->halted_out;
    return (bits >> (endpoint & 15) & 1) != 0;
}

void
dv_sim_halt(DvSimModel *model, guint8 endpoint, gboolean halted)
{
    guint32 bit = 1u << (endpoint & 15);
    guint32 *bits = endpoint & DIR_IN ? &model->halted_in : &model->halted_out;
    *bits = halted ? *bits | bit : *bits & ~bit;
}

static gboolean
has_setting(const DvSimModel *model, guint8 interface, guint8 alternate)
{
    for (const guint8 *at = model->config; at != NULL; at = dv_sim_next_descriptor(model, at))
        if (at[1] == DESCRIPTOR_INTERFACE && at[2] == interface && at[3] == alternate)
            return interface < DV_SIM_MAX_INTERFACES;
    return FALSE;
}

void
dv_sim_clear_halt(DvSimModel *model, guint8 endpoint)
{
    gboolean was_halted = dv_sim_is_halted(model, endpoint);
    dv_sim_halt(model, endpoint, FALSE);
    if (model->cleared != NULL)
        model->cleared(model, endpoint, was_halted);
}

static int
set_interface(DvSimModel *model, guint8 interface, guint8 alternate)
{
    if (!has_setting(model, interface, alternate))
        return -EPIPE;
    model->alternate[interface] = alternate;
    if (model->set_interface != NULL)
        model->set_interface(model, interface, alternate);
    return 0;
}

void
dv_sim_release(DvSimModel *model, guint8 interface)
{
    set_interface(model, interface, 0);
}

void
dv_sim_reset(DvSimModel *model)
{
    model->halted_in = model->halted_out = 0;
    for (guint8 i = 0; i < DV_SIM_MAX_INTERFACES; i++)
        dv_sim_release(model, i);
}

static int
standard_request(DvSimModel *model, const guint8 setup[8], guint8 *data, gsize length)
{
    guint8 two[2] = {0, 0};
    gboolean endpoint = (setup[0] & RECIPIENT_MASK) == RECIPIENT_ENDPOINT;
    switch (setup[1]) {
    case GET_STATUS:
        two[0] = endpoint && dv_sim_is_halted(model, setup[4]);
        return reply(data, length, two, sizeof two);
    case CLEAR_FEATURE:
        if (endpoint)
            dv_sim_clear_halt(model, setup[4]);
        return 0;
    case SET_FEATURE:
        if (endpoint)
            dv_sim_halt(model, setup[4], TRUE);
        return 0;
    case GET_DESCRIPTOR:
        return reply_descriptor(model, setup, data, length);
    case GET_CONFIGURATION:
        return reply(data, length, &model->configuration, 1);
    case SET_CONFIGURATION:
        model->configuration = setup[2];
        dv_sim_reset(model);
        return 0;
    case GET_INTERFACE:
        return setup[4] < DV_SIM_MAX_INTERFACES
                   ? reply(data, length, &model->alternate[setup[4]], 1)
                   : -EPIPE;
    case SET_INTERFACE:
        return set_interface(model, setup[4], setup[2]);
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
    return dv_sim_is_halted(model, endpoint) ? -EPIPE : model->in(model, endpoint, buffer, max);
}
