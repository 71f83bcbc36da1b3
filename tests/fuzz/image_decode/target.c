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
    gsize bytes = (gsize)image->width * image->height * image->channels;
    for (gsize i = 0; i < bytes; i++)
        sum += image->pixels[i];
    g_assert_cmpuint(sum / 256, <=, bytes);
}

int
LLVMFuzzerTestOneInput(const guint8 *data, gsize size)
{
    g_autoptr(GError) error = NULL, raw_error = NULL;
    g_autoptr(DvImage) image = dv_image_decode(data, size, &error);
    check(image, error);
    g_autoptr(GError) colour_error = NULL;
    g_autoptr(DvImage) colour = dv_image_decode_colour(data, size, &colour_error);
    check(colour, colour_error);
    g_assert_true((colour == NULL) == (image == NULL)); /* one is taken where the other is */
    if (size < 3)
        return 0;
    g_autoptr(DvImage) raw =
        data[0] % 2
            ? dv_image_from_grey(data + 3, size - 3, data[1], data[2], data[1], &raw_error)
            : dv_image_from_yuy2(data + 3, size - 3, data[1], data[2], data[1] * 2u, &raw_error);
    check(raw, raw_error);
    if (data[0] % 2)
        return 0;
    g_autoptr(GError) yuv_error = NULL;
    g_autoptr(DvImage) yuv =
        dv_image_from_yuy2_colour(data + 3, size - 3, data[1], data[2], data[1] * 2u, &yuv_error);
    check(yuv, yuv_error);
    return 0;
}
