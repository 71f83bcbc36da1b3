// SPDX-License-Identifier: Apache-2.0
/* Pictures for the traveller's camera, as JPEG files of 1280 x 960: a drawn face, nobody, two
 * faces, one that is too far away; and a document's page with a portrait around PAGE's zone.
 * usage: travellers-maker FOLDER PAGE.jpg */
#include "drawn_face.h"
#include <stdio.h>
#include <turbojpeg.h>

static const struct {
    const char *name;
    guint faces;
    DvDrawnFace face[2];
} pictures[] = {{"traveller", 1, {{640, 380, 150, 0}}},
                {"nobody", 0, {{0}}},
                {"two", 2, {{380, 400, 110, 0}, {920, 400, 100, 0}}},
                {"far", 1, {{640, 400, 45, 0}}}};

static gboolean
write_jpeg(const char *path, const DvImage *image)
{
    unsigned char *out = NULL;
    unsigned long size = 0;
    tjhandle handle = tjInitCompress();
    gboolean done = tjCompress2(handle, image->pixels, (int)image->width, 0, (int)image->height,
                                TJPF_RGB, &out, &size, TJSAMP_422, 85, 0) == 0 &&
                    g_file_set_contents(path, (const char *)out, (gssize)size, NULL);
    tjFree(out);
    tjDestroy(handle);
    return done;
}

int
main(int argc, char **argv)
{
    if (argc != 3)
        return 2;
    for (guint i = 0; i < G_N_ELEMENTS(pictures); i++) {
        g_autofree char *path = g_strdup_printf("%s/%s.jpg", argv[1], pictures[i].name);
        g_autoptr(DvImage) image = dv_drawn_wall(1280, 960);
        for (guint face = 0; face < pictures[i].faces; face++)
            dv_drawn_face(image, &pictures[i].face[face]);
        if (!write_jpeg(path, image)) {
            fprintf(stderr, "cannot write %s\n", path);
            return 1;
        }
    }
    g_autofree char *path = g_strdup_printf("%s/page.jpg", argv[1]);
    g_autoptr(DvImage) page = dv_drawn_page(argv[2], TRUE);
    return page != NULL && write_jpeg(path, page) ? 0 : 1;
}
