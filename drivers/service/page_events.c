// SPDX-License-Identifier: Apache-2.0
/* What the document camera sees, told to the lane's holder in the words of a reader. */
#include "service.h"

static void
on_started(const char *camera, void *data)
{
    const DvDeviceService *service = data;
    if (service->holder != NULL)
        dv_bus_devices1_emit_reading_started(service->holder->skeleton, camera);
}

static guint64
on_document(const char *camera, const DvDocumentSeen *seen, void *data)
{
    DvDeviceService *service = data;
    dv_service_document(service, camera, "document-camera", seen);
    return service->serial;
}

static void
on_failed(const char *camera, const char *why, void *data)
{
    const DvDeviceService *service = data;
    if (service->holder != NULL)
        dv_bus_devices1_emit_reading_failed(service->holder->skeleton, camera, why);
}

static void
on_guides(const char *camera, guint guides, void *data)
{
    const DvDeviceService *service = data;
    g_autofree const char **words = dv_pages_guide_words(guides);
    if (service->holder != NULL)
        dv_bus_devices1_emit_document_guide(service->holder->skeleton, camera, words);
}

DvPages *
dv_service_pages_new(DvDeviceService *service, const DvConfig *config)
{
    static const DvPagesEvents events = {on_started, on_document, on_failed, on_guides};
    const char *wanted = dv_config_string(config, "camera", "document");
    if (*wanted == '\0')
        return NULL;
    return dv_pages_new(service->cameras, service->vision, wanted, &events, service);
}

/* One process reads documents, looks at faces and compresses views. */
DvVisionClient *
dv_service_vision_new(const DvConfig *config)
{
    static const char *const options[][2] = {
        {"--cascade", "cascade"}, {"--detector", "detector"}, {"--comparison", "comparison"}};
    const char *argv[2 + 2 * G_N_ELEMENTS(options)] = {
        dv_config_string(config, "vision", "program")};
    guint count = 1;
    for (guint i = 0; i < G_N_ELEMENTS(options); i++) {
        const char *file = dv_config_string(config, "faces", options[i][1]);
        if (*file == '\0')
            continue;
        argv[count++] = options[i][0];
        argv[count++] = file;
    }
    return dv_vision_client_new(&(DvVisionOptions){.argv = argv});
}
