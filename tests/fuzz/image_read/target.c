// SPDX-License-Identifier: Apache-2.0
/*
 * Pixels as a page: width in two bytes, then rows of grey levels. Whatever they show, a reading is
 * lines of MRZ characters of one format's shape, or a refusal with its reason.
 */
#include <darvaza/mrz_mask.h>
#include <darvaza/vision.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const guint8 *data, gsize size);

static void
check(const DvReading *reading)
{
    g_assert_true((reading->line_count == 0) == (reading->reason[0] != '\0'));
    for (guint line = 0; line < reading->line_count; line++) {
        gsize length = strlen(reading->lines[line]);
        g_assert_true(length == 30 || length == 36 || length == 44);
        g_assert_cmpuint(length, ==, strlen(reading->lines[0]));
        for (gsize i = 0; i < length; i++) {
            float sure = reading->confidence[line][i];
            g_assert_true(sure >= 0 && sure <= 1.0001f);
        }
    }
}

int
LLVMFuzzerTestOneInput(const guint8 *data, gsize size)
{
    if (size < 2)
        return 0;
    guint width = data[0] * 256u + data[1];
    DvReading reading;
    g_autoptr(DvImage) image = width ? dv_image_from_grey(data + 2, size - 2, width,
                                                          (guint)(size - 2) / width, width, NULL)
                                     : NULL;
    if (image == NULL)
        return 0;
    dv_vision_read(image, &reading);
    check(&reading);
    return 0;
}
