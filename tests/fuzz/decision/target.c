// SPDX-License-Identifier: Apache-2.0
/* A decision as the console hands it over. Whatever comes, a refusal of the traveller never passes
 * without a ground, a reason, the form and the answer NO (S1, S4). */
#include "request.h"

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *
text_in(const json_t *object, const char *group, const char *member)
{
    const char *text = json_string_value(json_object_get(json_object_get(object, group), member));
    return text ? text : "";
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static json_t *vocabulary;
    if (!vocabulary)
        vocabulary = dv_vocabulary_load(NULL, NULL);
    g_autoptr(GError) error = NULL;
    g_autoptr(DvDecisionRequest) request =
        dv_decision_request_parse(vocabulary, (const char *)data, size, &error);
    if ((request == NULL) != (error != NULL))
        abort();
    if (!request)
        return 0;
    if (!request->reason || !*request->reason)
        abort();
    gboolean adverse = strcmp(request->disposition->word, "REFUSE") == 0 ||
                       strcmp(request->disposition->word, "RETURNED") == 0;
    if (adverse && (json_array_size(json_object_get(request->json, "grounds")) == 0 ||
                    !*text_in(request->json, "form", "number") ||
                    strcmp(text_in(request->json, "protection_question", "answer"), "NO") != 0))
        abort();
    return 0;
}
