// SPDX-License-Identifier: Apache-2.0
/* darvaza record: sealed crossings, outside the daemons. */
#include "record.h"
#include "commands.h"
#include <darvaza/file.h>
#include <stdio.h>
#include <string.h>

static const char help[] =
    "Usage: darvaza record verify --trust DIR FILE...\n"
    "       darvaza record open --opener SOCKET --user U --reason TEXT [--password-file F] FILE\n"
    "       darvaza record export --store DB --kiosk K --epoch N --seq N --out FILE\n"
    "\n"
    "FILE is a sealed crossing in its wire form (docs/formats/crossing.md).\n"
    "\n"
    "  verify   needs no private key: checks each header's signature by the kiosk's certificate "
    "in\n"
    "           DIR (pki/trust), the hashes of body and compartment, and that the files, in the\n"
    "           order given, follow each other in the kiosk's chain\n"
    "  open     asks the opener, which alone holds the key: you sign in, the reason and the look "
    "are\n"
    "           written to its log before the record appears. The password comes from the "
    "terminal\n"
    "           or from the first line of F\n"
    "  export   copies one record out of the centre's store; it stays sealed\n"
    "\n"
    "Exit status: 0 done, 1 it does not hold or could not be done, 2 bad use.\n";

int
dv_record_tool_bad_use(void)
{
    fputs(help, stderr);
    return DV_EXIT_USAGE;
}

DvCrossingWire *
dv_record_tool_read(const char *path, GBytes **bytes, GError **error)
{
    *bytes = dv_file_read(path, DV_CROSSING_WIRE_MAX, error);
    if (!*bytes)
        return NULL;
    gsize length;
    const void *data = g_bytes_get_data(*bytes, &length);
    return dv_crossing_wire_parse(data, length, error);
}

int
dv_command_record(int argc, char **argv)
{
    static const struct {
        const char *name;
        int (*run)(int argc, char **argv);
    } verbs[] = {{"export", dv_record_tool_export},
                 {"open", dv_record_tool_open},
                 {"verify", dv_record_tool_verify}};
    if (argc >= 2 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)) {
        fputs(help, stdout);
        return DV_EXIT_OK;
    }
    for (gsize i = 0; argc >= 2 && i < G_N_ELEMENTS(verbs); i++)
        if (strcmp(argv[1], verbs[i].name) == 0)
            return verbs[i].run(argc - 1, argv + 1);
    return dv_record_tool_bad_use();
}
