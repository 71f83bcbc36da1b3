// SPDX-License-Identifier: Apache-2.0
/* darvaza simulate: the friendly face of the simulator's control socket. */
#include "commands.h"
#include "simulate_attach.h"
#include <darvaza/file.h>
#include <gio/gio.h>
#include <gio/gunixsocketaddress.h>
#include <stdio.h>
#include <string.h>

#define MAX_DOCUMENTS (1024 * 1024) /* bytes of a file of documents */

static const char help[] =
    "Usage: darvaza simulate [--control SOCKET] COMMAND [KEY=VALUE...]\n"
    "\n"
    "Moves what lies on the desk of a running darvaza-simulator. SOCKET may stand in\n"
    "DARVAZA_SIMULATOR_CONTROL instead.\n"
    "\n"
    "The desk\n"
    "  status               what is plugged in, and whether somebody listens\n"
    "  plug                 plug a device in: model=NAME (below), port=1-1 to 1-9\n"
    "  unplug [mid-line]    pull its cable; mid-line: in the middle of the next document;\n"
    "                       shape=gone|errors|silent, percent=0..99\n"
    "  attach               give a device to this machine's own kernel (root; a simulator with\n"
    "                       --transport usbip:PORT): port=1-1, usbip=127.0.0.1:3240\n"
    "Readers\n"
    "  lay FILE|-           lay documents on the reader; blank lines in FILE separate them;\n"
    "                       frame=cr|lf|crlf|none|stx|filled|tab, packet=1..64, wait=MS\n"
    "  lift [mid-line]      take the document away\n"
    "  desktop              how many characters a keyboard reader typed into the desktop\n"
    "Cameras\n"
    "  show [FILE.jpg]      lay a picture before the camera; without FILE its test card\n"
    "  frames               how many frames the camera has sent, and dropped\n"
    "  fps N                no more than N frames a second\n"
    "  spoil                the next frame goes out wrong; count=N, kind=error|short|fid|eof\n"
    "Mishaps\n"
    "  stall                halt the endpoint of documents or frames\n"
    "  fail count=N         the next N reads end with a transmission error\n"
    "  permit no|yes        whether the device node may be opened\n"
    "  hold yes|no          whether another program holds the device\n"
    "The program that sees the desk\n"
    "  pid                  its process\n"
    "  restart              end it; it is started again\n"
    "  quit                 end it and the simulator\n"
    "\n"
    "All but status and the last three take port=; cameras are found without.\n"
    "Models of readers: cdc-acm, cdc-stx, cdc-soh, cdc-tlv, cdc-tlv-asked, cdc-syn (serial),\n"
    "hid-keyboard (layout=us|de|fr|tr), hid-pos, vendor-bulk; of cameras: uvc-bulk, uvc-iso,\n"
    "uvc-yuy2, uvc-old, uvc-15. docs/simulator.md, docs/formats/simulator-control.md.\n"
    "\n"
    "Exit status: 0 done, 1 the simulator refused or does not run, 2 bad use.\n";

typedef struct {
    GSocketConnection *connection;
    GDataInputStream *answers;
} Desk;

static gboolean
connect_desk(Desk *desk, const char *path, GError **error)
{
    g_autoptr(GSocketClient) client = g_socket_client_new();
    g_autoptr(GSocketAddress) address = g_unix_socket_address_new(path);
    desk->connection = g_socket_client_connect(client, G_SOCKET_CONNECTABLE(address), NULL, error);
    if (desk->connection == NULL)
        return FALSE;
    desk->answers =
        g_data_input_stream_new(g_io_stream_get_input_stream(G_IO_STREAM(desk->connection)));
    return TRUE;
}

static void
disconnect_desk(Desk *desk)
{
    g_clear_object(&desk->answers);
    g_clear_object(&desk->connection);
}

/* Sends one command. The answer; NULL after a refusal, which is printed. Caller frees. */
static char *
ask(Desk *desk, const char *line)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *sent = g_strconcat(line, "\n", NULL);
    GOutputStream *out = g_io_stream_get_output_stream(G_IO_STREAM(desk->connection));
    g_autofree char *answer = NULL;
    if (g_output_stream_write_all(out, sent, strlen(sent), NULL, NULL, &error))
        answer = g_data_input_stream_read_line(desk->answers, NULL, NULL, &error);
    if (answer == NULL) {
        fprintf(stderr, "darvaza simulate: the simulator hung up%s%s\n", error != NULL ? ": " : "",
                error != NULL ? error->message : "");
        return NULL;
    }
    if (!g_str_has_prefix(answer, "error "))
        return g_steal_pointer(&answer);
    fprintf(stderr, "%s\n", answer);
    return NULL;
}

/* The same, and prints the answer; TRUE unless it is a refusal. */
static gboolean
command(Desk *desk, const char *line)
{
    g_autofree char *answer = ask(desk, line);
    if (answer != NULL)
        puts(answer);
    return answer != NULL;
}

/* What "1-1/model=cdc-acm" says of a port; "" when it says nothing. */
static const char *
word_of(char **words, const char *port, const char *key)
{
    g_autofree char *start = g_strdup_printf("%s/%s=", port, key);
    for (guint i = 0; words[i] != NULL; i++)
        if (g_str_has_prefix(words[i], start))
            return words[i] + strlen(start);
    return "";
}

/* One line a port: 1-2  uvc-iso  listening  17 frames. */
static gboolean
status(Desk *desk)
{
    g_autofree char *answer = ask(desk, "status");
    if (answer == NULL)
        return FALSE;
    g_auto(GStrv) words = g_strsplit(answer, " ", -1);
    if (words[0] == NULL || words[1] == NULL)
        puts("nothing is plugged in");
    for (guint i = 1; words[0] != NULL && words[i] != NULL; i++) {
        char *equals = strchr(words[i], '=');
        if (equals == NULL || memchr(words[i], '/', (gsize)(equals - words[i])) != NULL)
            continue;
        g_autofree char *port = g_strndup(words[i], (gsize)(equals - words[i]));
        const char *frames = word_of(words, port, "frames");
        printf("%-4s %-14s %-10s%s%s%s\n", port, word_of(words, port, "model"), equals + 1,
               *frames != '\0' ? " " : "", frames, *frames != '\0' ? " frames" : "");
    }
    return TRUE;
}

static GBytes *
read_all(const char *path, GError **error)
{
    g_autoptr(GByteArray) text = g_byte_array_new();
    guint8 piece[4096];
    gsize got;
    if (strcmp(path, "-") != 0)
        return dv_file_read(path, MAX_DOCUMENTS, error);
    while (text->len < MAX_DOCUMENTS && (got = fread(piece, 1, sizeof piece, stdin)) > 0)
        g_byte_array_append(text, piece, (guint)got);
    return g_byte_array_free_to_bytes(g_steal_pointer(&text));
}

/* One lay command per document; rows have no spaces, so they travel as words. */
static gboolean
lay_documents(Desk *desk, const char *options, const char *text)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    g_autoptr(GString) line = g_string_new(NULL);
    gboolean ok = TRUE, any = FALSE;
    for (guint i = 0; ok && (i == 0 || lines[i - 1] != NULL); i++) {
        const char *row = lines[i] != NULL ? g_strstrip(lines[i]) : "";
        if (*row != '\0') {
            g_string_append_printf(line, " %s", row);
        } else if (line->len > 0) {
            g_autofree char *whole = g_strdup_printf("lay%s%s", options, line->str);
            ok = command(desk, whole);
            any = TRUE;
            g_string_truncate(line, 0);
        }
    }
    if (!any)
        fputs("darvaza simulate: there is no document to lay\n", stderr);
    return ok && any;
}

static gboolean
lay(Desk *desk, int argc, char **argv)
{
    g_autoptr(GString) options = g_string_new(NULL);
    g_autoptr(GError) error = NULL;
    const char *path = "-";
    for (int i = 1; i < argc; i++) {
        if (strchr(argv[i], '=') != NULL)
            g_string_append_printf(options, " %s", argv[i]);
        else
            path = argv[i];
    }
    g_autoptr(GBytes) bytes = read_all(path, &error);
    if (bytes == NULL) {
        fprintf(stderr, "darvaza simulate: %s\n", error->message);
        return FALSE;
    }
    gsize length = 0;
    const char *data = g_bytes_get_data(bytes, &length);
    g_autofree char *text = g_strndup(data != NULL ? data : "", length);
    return lay_documents(desk, options->str, text);
}

/* The file is named as it is seen from here; the simulator may stand elsewhere. */
static gboolean
show(Desk *desk, int argc, char **argv)
{
    g_autoptr(GString) line = g_string_new("show");
    for (int i = 1; i < argc; i++) {
        g_autofree char *path =
            strchr(argv[i], '=') == NULL ? g_canonicalize_filename(argv[i], NULL) : NULL;
        g_string_append_printf(line, " %s", path != NULL ? path : argv[i]);
    }
    return command(desk, line->str);
}

static gboolean
run(Desk *desk, int argc, char **argv)
{
    if (strcmp(argv[0], "lay") == 0)
        return lay(desk, argc, argv);
    if (strcmp(argv[0], "show") == 0)
        return show(desk, argc, argv);
    if (strcmp(argv[0], "status") == 0 && argc == 1)
        return status(desk);
    g_autofree char *words = g_strjoinv(" ", argv);
    return command(desk, words);
}

int
dv_command_simulate(int argc, char **argv)
{
    const char *path = g_getenv("DARVAZA_SIMULATOR_CONTROL");
    g_autoptr(GError) error = NULL;
    Desk desk = {NULL, NULL};
    int first = 1;
    if (argc > 1 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)) {
        fputs(help, stdout);
        return DV_EXIT_OK;
    }
    if (argc > 2 && strcmp(argv[1], "--control") == 0) {
        path = argv[2];
        first = 3;
    }
    if (first < argc && strcmp(argv[first], "attach") == 0) /* that is between others */
        return dv_simulate_attach(argc - first, argv + first) ? DV_EXIT_OK : DV_EXIT_FAILED;
    if (path == NULL || first >= argc || *argv[first] == '-') {
        fputs(help, stderr);
        return DV_EXIT_USAGE;
    }
    if (!connect_desk(&desk, path, &error)) {
        fprintf(stderr, "darvaza simulate: no simulator at %s: %s\n", path, error->message);
        return DV_EXIT_FAILED;
    }
    gboolean ok = run(&desk, argc - first, argv + first);
    disconnect_desk(&desk);
    return ok ? DV_EXIT_OK : DV_EXIT_FAILED;
}
