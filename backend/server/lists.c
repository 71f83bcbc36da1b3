// SPDX-License-Identifier: Apache-2.0
/* List releases for enrolled kiosks: signed by people elsewhere, encrypted to kiosks elsewhere;
 * here they are bytes by name. */
#include "ingest_private.h"
#include <darvaza/error.h>

void
ingest_get_list_file(DvRequest *request, void *data)
{
    DvIngest *ingest = data;
    g_autoptr(GError) error = NULL;
    DvListsFile file;
    if (ingest->lists == NULL)
        dv_request_error(request, 503, "unavailable", "this instance serves no lists");
    else if (dv_lists_find(ingest->lists, dv_request_param(request, "name"), &file, &error))
        dv_request_reply_fd(request, file.fd, file.size, file.content_type, file.etag);
    else if (error != NULL)
        dv_request_reply_gerror(request, error);
    else
        dv_request_error(request, 404, "not_found", "there is no such list file");
}
