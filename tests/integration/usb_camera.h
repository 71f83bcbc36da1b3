// SPDX-License-Identifier: Apache-2.0
#pragma once
/* A bare UVC host over libusb, to look at simulated cameras without the project's own driver. */

/* Streams MJPEG 1280x960 from the camera with that product id of 1209 and writes what it has seen
 * to path after every frame, for as long as it lives: "GOOD BAD MISSING". */
int usb_camera_run(unsigned product, const char *path);
