// SPDX-License-Identifier: Apache-2.0
/*
 * Who has a device node open. The kernel shows a process's descriptors to its own user and to root
 * only, so an unprivileged daemon sees its user's other programs and no more; what it does not see
 * it does not guess. Asked only when a claim was refused.
 */
#include "usb.h"
#include <sys/stat.h>
#include <unistd.h>

#define MAX_NAMED 3
#define COMM_MAX 15 /* the kernel cuts names there (TASK_COMM_LEN) */

static gboolean
has_open(const char *process, dev_t device, ino_t inode)
{
    g_autofree char *folder = g_build_filename("/proc", process, "fd", NULL);
    g_autoptr(GDir) descriptors = g_dir_open(folder, 0, NULL);
    const char *name;
    while (descriptors != NULL && (name = g_dir_read_name(descriptors)) != NULL) {
        g_autofree char *path = g_build_filename(folder, name, NULL);
        struct stat status;
        if (stat(path, &status) == 0 && status.st_dev == device && status.st_ino == inode)
            return TRUE;
    }
    return FALSE;
}

/* The name of the program; from its command line where the kernel has cut it. */
static char *
name_of(const char *process)
{
    g_autofree char *path = g_build_filename("/proc", process, "comm", NULL);
    g_autofree char *line = g_build_filename("/proc", process, "cmdline", NULL);
    char *name = NULL;
    g_autofree char *command = NULL;
    if (!g_file_get_contents(path, &name, NULL, NULL))
        return g_strdup_printf("process %s", process);
    g_strstrip(name);
    if (strlen(name) == COMM_MAX && g_file_get_contents(line, &command, NULL, NULL)) {
        g_autofree char *base = g_path_get_basename(command);
        if (g_str_has_prefix(base, name)) {
            g_free(name);
            name = g_steal_pointer(&base);
        }
    }
    for (char *c = name; *c != '\0'; c++)
        if (!g_ascii_isprint(*c))
            *c = '?';
    return name;
}

char *
dv_usb_holders(libusb_device *usb)
{
    g_autofree char *node = g_strdup_printf("/dev/bus/usb/%03u/%03u", libusb_get_bus_number(usb),
                                            libusb_get_device_address(usb));
    g_autoptr(GDir) processes = g_dir_open("/proc", 0, NULL);
    g_autoptr(GString) names = g_string_new(NULL);
    struct stat status;
    const char *process;
    guint count = 0;
    if (processes == NULL || stat(node, &status) != 0)
        return NULL;
    while (count < MAX_NAMED && (process = g_dir_read_name(processes)) != NULL) {
        guint64 pid = 0;
        if (!g_ascii_string_to_unsigned(process, 10, 1, G_MAXINT32, &pid, NULL) ||
            (pid_t)pid == getpid() || !has_open(process, status.st_dev, status.st_ino))
            continue;
        g_autofree char *name = name_of(process);
        g_string_append_printf(names, "%s%s", count++ > 0 ? ", " : "", name);
    }
    return count > 0 ? g_string_free(g_steal_pointer(&names), FALSE) : NULL;
}
