// SPDX-License-Identifier: Apache-2.0
/* Bytes as an image: decoded within the caps, or refused with a sentence. */
#include <darvaza/vision.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const guint8 *data, gsize size);

static void
check(DvImage *image, const GError *error)
{
    g_assert_true((image == NULL) == (error != NULL));
    if (image == NULL) {
        g_assert_cmpint(error->code, ==, DV_ERROR_INVALID);
        g_assert_true(error->message[0] != '\0');
        return;
    }
    g_assert_cmpuint(image->width, <=, DV_IMAGE_SIDE_MAX);
    g_assert_cmpuint(image->height, <=, DV_IMAGE_SIDE_MAX);
    guint sum = 0; /* every pixel was set: a sanitizer would say */
    for (gsize i = 0; i < (gsize)image->width * image->height; i++)
        sum += image->pixels[i];
    g_assert_cmpuint(sum / 256, <=, image->width * image->height);
}

int
LLVMFuzzerTestOneInput(const guint8 *data, gsize size)
{
    g_autoptr(GError) error = NULL, raw_error = NULL;
    g_autoptr(DvImage) image = dv_image_decode(data, size, &error);
    check(image, error);
    if (size < 3)
        return 0;
    g_autoptr(DvImage) raw =
        data[0] % 2
            ? dv_image_from_grey(data + 3, size - 3, data[1], data[2], data[1], &raw_error)
            : dv_image_from_yuy2(data + 3, size - 3, data[1], data[2], data[1] * 2u, &raw_error);
    check(raw, raw_error);
    return 0;
}
