// SPDX-License-Identifier: Apache-2.0
/* darvaza read: images of documents to JSON lines. */
#include "commands.h"
#include "day_input.h"
#include <darvaza/mrz_json.h>
#include <darvaza/vision.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#define MEMORY_MB 64

static const char help[] =
    "Usage: darvaza read [--today YYYY-MM-DD] IMAGE...\n"
    "\n"
    "Reads the machine readable zone in images of documents (JPEG or PNG) and prints one JSON "
    "object\n"
    "per image and line. Each image is decoded and read in a process of its own without files,\n"
    "network and more than 64 MB. What cannot be read for sure is refused, with a reason.\n"
    "\n"
    "  --today YYYY-MM-DD  the day by which two-digit years get their century (default: today)\n"
    "  --help              this text\n"
    "\n"
    "Exit status: 0 every image was read, 1 one was refused or could not be opened, 2 bad use.\n";

static json_t *
confidence_of(const DvReading *reading)
{
    json_t *lines = json_array();
    for (guint line = 0; line < reading->line_count; line++) {
        json_t *row = json_array();
        for (gsize i = 0; i < strlen(reading->lines[line]); i++)
            json_array_append_new(
                row, json_real((double)(gint)((double)reading->confidence[line][i] * 1000) / 1000));
        json_array_append_new(lines, row);
    }
    return lines;
}

static json_t *
quad_of(const DvReading *reading)
{
    json_t *quad = json_array();
    for (guint i = 0; i < G_N_ELEMENTS(reading->quad); i++)
        json_array_append_new(quad,
                              json_pack("[f, f]", (double)(gint)(reading->quad[i].x * 10) / 10,
                                        (double)(gint)(reading->quad[i].y * 10) / 10));
    return quad;
}

static json_t *
reading_to_json(const DvReading *reading, const GDate *today)
{
    if (reading->line_count == 0)
        return json_pack("{s:s, s:[], s:s, s:[]}", "verdict", "refused", "lines", "reason",
                         reading->reason, "confidence");
    const char *lines[DV_MRZ_LINES_MAX] = {reading->lines[0], reading->lines[1], reading->lines[2]};
    g_autoptr(DvMrz) mrz = dv_mrz_parse_lines(lines, reading->line_count, today);
    json_t *object = dv_mrz_to_json(mrz);
    json_object_set_new(object, "confidence", confidence_of(reading));
    json_object_set_new(object, "corrections", json_integer((json_int_t)reading->corrections));
    return object;
}

/* A path need not be UTF-8; JSON has to be. */
static void
print_reading(const char *path, const DvReading *reading, const GDate *today)
{
    json_t *object = reading_to_json(reading, today);
    g_autofree char *name = g_utf8_make_valid(path, -1);
    json_object_set_new(object, "file", json_string(name));
    json_object_set_new(object, "ms", json_real((double)(gint)(reading->ms * 100) / 100));
    if (reading->has_quad)
        json_object_set_new(object, "quad", quad_of(reading));
    json_dumpf(object, stdout, JSON_COMPACT | JSON_SORT_KEYS | JSON_REAL_PRECISION(6));
    putchar('\n');
    fflush(stdout); /* before the next fork, or the child would hold it too */
    json_decref(object);
}

/* At most one byte more than a decoder takes; it then says how large is too large. NULL and errno
 * where the file cannot be read. */
static guint8 *
load(const char *path, gsize *length)
{
    FILE *in = fopen(path, "rbe");
    if (in == NULL)
        return NULL;
    guint8 *bytes = g_malloc(DV_IMAGE_BYTES_MAX + 1);
    *length = fread(bytes, 1, DV_IMAGE_BYTES_MAX + 1, in);
    int failed = ferror(in) ? errno : 0;
    fclose(in);
    if (failed == 0)
        return bytes;
    g_free(bytes);
    errno = failed;
    return NULL;
}

static gboolean
read_image(const char *path, const GDate *today)
{
    g_autoptr(GError) error = NULL;
    DvReading reading = {0};
    gsize length = 0;
    g_autofree guint8 *bytes = load(path, &length);
    if (bytes == NULL)
        g_snprintf(reading.reason, sizeof reading.reason, "the file cannot be read: %s",
                   g_strerror(errno));
    else if (!dv_vision_read_apart(bytes, length, MEMORY_MB, &reading, &error))
        g_strlcpy(reading.reason, error->message, sizeof reading.reason);
    print_reading(path, &reading, today);
    return reading.line_count > 0;
}

int
dv_command_read(int argc, char **argv)
{
    GDate today;
    gboolean all = TRUE;
    int first = 1;
    g_date_clear(&today, 1);
    g_date_set_time_t(&today, time(NULL));
    for (; first < argc && argv[first][0] == '-' && argv[first][1] != '\0'; first++) {
        if (strcmp(argv[first], "--help") == 0 || strcmp(argv[first], "-h") == 0) {
            fputs(help, stdout);
            return DV_EXIT_OK;
        }
        if (strcmp(argv[first], "--") == 0) {
            first++;
            break;
        }
        if (strcmp(argv[first], "--today") != 0 || first + 1 == argc ||
            !dv_tool_parse_day(argv[++first], &today)) {
            fprintf(stderr, "darvaza read: cannot use %s\n%s", argv[first], help);
            return DV_EXIT_USAGE;
        }
    }
    if (first == argc) {
        fprintf(stderr, "darvaza read: no image was named\n%s", help);
        return DV_EXIT_USAGE;
    }
    for (int i = first; i < argc; i++)
        all &= read_image(argv[i], &today);
    return all && !ferror(stdout) ? DV_EXIT_OK : DV_EXIT_FAILED;
}
