// SPDX-License-Identifier: Apache-2.0
/*
 * Another program that has a reader: claims interface 0 of a USB node, says so and keeps it until
 * it is killed. hold /dev/bus/usb/BBB/DDD
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/usbdevice_fs.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

int
main(int argc, char **argv)
{
    struct usbdevfs_disconnect_claim claim = {.interface = 0};
    int node = argc == 2 ? open(argv[1], O_RDWR | O_CLOEXEC) : -1;
    if (node < 0 || ioctl(node, USBDEVFS_DISCONNECT_CLAIM, &claim) != 0) {
        fprintf(stderr, "hold: %s\n", strerror(errno));
        return 1;
    }
    printf("held\n");
    fflush(stdout);
    for (;;)
        pause();
}
