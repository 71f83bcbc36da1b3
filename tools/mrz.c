// SPDX-License-Identifier: Apache-2.0
/* darvaza mrz: documents as text, separated by blank lines, to JSON lines. */
#include "commands.h"
#include "day_input.h"
#include <darvaza/mrz_json.h>
#include <darvaza/names.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define VARIANTS_SHOWN 8 /* of one name in one script, likelier ones first */

typedef struct {
    GDate today;
    gboolean variants; /* print what the names may be in their own script */
    GString *document; /* the one being gathered, at most DV_MRZ_TEXT_MAX + 1 bytes */
    gboolean blank;    /* nothing but blanks in the current line so far */
    gsize line_start;  /* where the current line begins in document */
    gboolean rejected; /* a document was */
} Reader;

static const char help[] =
    "Usage: darvaza mrz [--today YYYY-MM-DD] [--variants] [FILE|-]\n"
    "\n"
    "Reads machine readable zones (ICAO Doc 9303 TD1, TD2, TD3, MRV-A, MRV-B and the French\n"
    "identity card of 1988-2021) as text from FILE or standard input. Blank lines separate\n"
    "documents. Prints one JSON object per document and line.\n"
    "\n"
    "  --today YYYY-MM-DD  the day by which two-digit years get their century (default: today)\n"
    "  --variants          also offer the names back in Latin letters with marks, in Cyrillic and\n"
    "                      in Arabic script, as far as Doc 9303-3's tables lead there\n"
    "  --help              this text\n"
    "\n"
    "Exit status: 0 every document was readable, 1 one was rejected or the input could not be\n"
    "read, 2 bad use.\n";

static int
bad_use(const char *what, const char *word)
{
    fprintf(stderr, "darvaza mrz: %s%s\n%s", what, word, help);
    return DV_EXIT_USAGE;
}

/* Takes the list. */
static void
put_variants(json_t *object, const char *script, char **list)
{
    json_t *array = json_array();
    for (guint i = 0; list[i] != NULL; i++)
        json_array_append_new(array, json_string(list[i]));
    json_object_set_new(object, script, array);
    g_strfreev(list);
}

static json_t *
variants_of(const char *name)
{
    json_t *object = json_object();
    put_variants(object, "latin", dv_names_latin_variants(name, VARIANTS_SHOWN));
    put_variants(object, "cyrillic",
                 dv_names_cyrillic_variants(name, DV_NAMES_GENERAL, VARIANTS_SHOWN));
    put_variants(object, "arabic", dv_names_arabic_variants(name, VARIANTS_SHOWN));
    return object;
}

static void
print_document(const DvMrz *mrz, gboolean variants)
{
    json_t *object = dv_mrz_to_json(mrz);
    if (variants && mrz->verdict != DV_MRZ_REJECT)
        json_object_set_new(object, "name_variants",
                            json_pack("{s:o, s:o}", "surname", variants_of(mrz->surname),
                                      "given_names", variants_of(mrz->given_names)));
    json_dumpf(object, stdout, JSON_COMPACT | JSON_SORT_KEYS);
    putchar('\n');
    json_decref(object);
}

/* Parses what was gathered, if anything, and starts over. */
static void
end_document(Reader *reader)
{
    if (reader->document->len > 0) {
        g_autoptr(DvMrz) mrz =
            dv_mrz_parse(reader->document->str, (gssize)reader->document->len, &reader->today);
        reader->rejected |= mrz->verdict == DV_MRZ_REJECT;
        print_document(mrz, reader->variants);
    }
    g_string_truncate(reader->document, 0);
    reader->line_start = 0;
    reader->blank = TRUE;
}

static void
keep(Reader *reader, char c)
{
    if (reader->document->len <= DV_MRZ_TEXT_MAX) /* one more than the parser takes */
        g_string_append_c(reader->document, c);
}

static void
end_line(Reader *reader)
{
    if (reader->blank) {
        g_string_truncate(reader->document, reader->line_start);
        end_document(reader);
        return;
    }
    keep(reader, '\n');
    reader->line_start = reader->document->len;
    reader->blank = TRUE;
}

/* The mark that some editors put in front of UTF-8. Anything else stays to be read. */
static void
skip_byte_order_mark(Reader *reader, FILE *in)
{
    static const char mark[] = "\xef\xbb\xbf";
    gsize seen = 0;
    int c = EOF;
    while (seen < sizeof mark - 1 && (c = getc(in)) == (guchar)mark[seen])
        seen++;
    if (seen == sizeof mark - 1)
        return;
    if (c != EOF)
        ungetc(c, in);
    if (seen > 0)
        reader->blank = FALSE;
    for (gsize i = 0; i < seen; i++)
        keep(reader, mark[i]);
}

/* CR, LF and CRLF end a line. */
static void
read_documents(Reader *reader, FILE *in)
{
    int previous = 0;
    skip_byte_order_mark(reader, in);
    for (int c = getc(in); c != EOF; previous = c, c = getc(in)) {
        if (c == '\n' && previous == '\r')
            continue;
        if (c == '\n' || c == '\r') {
            end_line(reader);
            continue;
        }
        if (c != ' ' && c != '\t')
            reader->blank = FALSE;
        keep(reader, (char)c);
    }
    if (reader->blank)
        g_string_truncate(reader->document, reader->line_start);
    end_document(reader);
}

static int
read_file(const char *path, Reader reader)
{
    FILE *in = strcmp(path, "-") == 0 ? stdin : fopen(path, "rb");
    if (in == NULL) {
        fprintf(stderr, "darvaza mrz: cannot open %s: %s\n", path, g_strerror(errno));
        return DV_EXIT_FAILED;
    }
    reader.document = g_string_new(NULL);
    reader.blank = TRUE;
    read_documents(&reader, in);
    gboolean unread = ferror(in) != 0;
    if (unread)
        fprintf(stderr, "darvaza mrz: cannot read %s: %s\n", path, g_strerror(errno));
    if (in != stdin)
        fclose(in);
    g_string_free(reader.document, TRUE);
    if (fflush(stdout) != 0 || ferror(stdout)) {
        fprintf(stderr, "darvaza mrz: cannot write: %s\n", g_strerror(errno));
        return DV_EXIT_FAILED;
    }
    return unread || reader.rejected ? DV_EXIT_FAILED : DV_EXIT_OK;
}

int
dv_command_mrz(int argc, char **argv)
{
    const char *path = NULL;
    Reader reader = {0};
    g_date_clear(&reader.today, 1);
    g_date_set_time_t(&reader.today, time(NULL));
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
            fputs(help, stdout);
            return DV_EXIT_OK;
        }
        if (strcmp(argv[i], "--today") == 0) {
            if (i + 1 == argc || !dv_tool_parse_day(argv[++i], &reader.today))
                return bad_use("--today wants a day as YYYY-MM-DD", "");
        } else if (strcmp(argv[i], "--variants") == 0) {
            reader.variants = TRUE;
        } else if (argv[i][0] == '-' && argv[i][1] != '\0') {
            return bad_use("unknown option ", argv[i]);
        } else if (path != NULL) {
            return bad_use("one file at a time, not also ", argv[i]);
        } else {
            path = argv[i];
        }
    }
    return read_file(path ? path : "-", reader);
}
