// SPDX-License-Identifier: Apache-2.0
#pragma once
/*
 * Whether a folder lies on an encrypted volume: its block device, or everything that this device is
 * made of, is a dm-crypt target (the kernel's dm/uuid begins with "CRYPT-"). Whatever cannot be
 * traced to one (tmpfs, overlayfs, btrfs' anonymous devices, a network) counts as not encrypted.
 */
#include <glib.h>

/* The list folder and those within it that exist. sysfs: "/sys", or a model of it in a test. FALSE
 * with DV_ERROR_IO when a folder cannot be looked at. */
gboolean lists_volume_is_encrypted(const char *folder, const char *sysfs, gboolean *encrypted,
                                   GError **error);
/* The same for a device by its numbers. */
gboolean lists_device_is_encrypted(guint device_major, guint device_minor, const char *sysfs);
