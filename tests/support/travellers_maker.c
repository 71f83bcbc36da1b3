// SPDX-License-Identifier: Apache-2.0
/* Pictures for the cameras, as JPEG files of 1280 x 960. For the traveller's: a drawn face, nobody,
 * two faces, one that is too far away and so on. page.jpg: a document's page with a portrait around
 * PAGE's zone. For the document's: desk-NAME.jpg, that page on a desk, and in the ways that it
 * cannot be read. usage: travellers-maker FOLDER PAGE.jpg */
#include "drawn_desk.h"
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

static const struct {
    const char *name;
    enum { EMPTY, PAGE, PRINT } lies;
    DvDesk desk;
} desks[] = {{"empty", EMPTY, {.scale = 1}},
             {"page", PAGE, {640, 480, .9, .1, 0, 0, 0, 0, 0}},
             {"turn", PRINT, {640, 480, .9, .1, 0, 0, 0, 0, 0}},
             {"closer", PAGE, {640, 480, .28, .1, 0, 0, 0, 0, 0}},
             {"glare", PAGE, {640, 480, .9, 0, 0, 620, 800, 150, 60}},
             {"still", PAGE, {640, 480, .9, 0, 24, 0, 0, 0, 0}}};

static gboolean
write_named(const char *folder, const char *name, const DvImage *image)
{
    g_autofree char *path = g_strdup_printf("%s/%s.jpg", folder, name);
    gboolean done = image != NULL && write_jpeg(path, image);
    if (!done)
        fprintf(stderr, "cannot write %s\n", path);
    return done;
}

static gboolean
write_travellers(const char *folder)
{
    for (guint i = 0; i < G_N_ELEMENTS(pictures); i++) {
        g_autoptr(DvImage) image = dv_drawn_wall(1280, 960);
        for (guint face = 0; face < pictures[i].faces; face++)
            dv_drawn_face(image, &pictures[i].face[face]);
        if (!write_named(folder, pictures[i].name, image))
            return FALSE;
    }
    return TRUE;
}

static gboolean
write_desks(const char *folder, const DvImage *page)
{
    g_autoptr(DvImage) print = dv_drawn_print(800, 600);
    for (guint i = 0; i < G_N_ELEMENTS(desks); i++) {
        g_autofree char *name = g_strdup_printf("desk-%s", desks[i].name);
        g_autoptr(DvImage) image = dv_drawn_desk(desks[i].lies == PAGE    ? page
                                                 : desks[i].lies == PRINT ? print
                                                                          : NULL,
                                                 &desks[i].desk);
        if (!write_named(folder, name, image))
            return FALSE;
    }
    return TRUE;
}

int
main(int argc, char **argv)
{
    if (argc != 3)
        return 2;
    g_autoptr(DvImage) page = dv_drawn_page(argv[2], TRUE);
    return page != NULL && write_travellers(argv[1]) && write_named(argv[1], "page", page) &&
                   write_desks(argv[1], page)
               ? 0
               : 1;
}
