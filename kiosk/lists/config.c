// SPDX-License-Identifier: Apache-2.0
#include <darvaza/lists.h>

const DvConfigKey dv_lists_config_keys[] = {
    {"lists", "kiosk", DV_CONFIG_STRING, NULL, 0, 0,
     "this kiosk's id, the common name of its certificates"},
    {"lists", "folder", DV_CONFIG_PATH, NULL, 0, 0,
     "the list folder, written by this service alone; on an encrypted volume"},
    {"lists", "root", DV_CONFIG_PATH, NULL, 0, 0,
     "the first trusted root (root.json), put here at enrolment; read while the folder has none"},
    {"lists", "keys", DV_CONFIG_PATH, NULL, 0, 0, "folder with lists.pem and lists-key.pem"},
    {"lists", "max_layers", DV_CONFIG_INT, "16", 1, 64,
     "deltas on one another before a full list is taken instead"},
    {"lists", "grace_s", DV_CONFIG_INT, "60", 0, 86400,
     "files of a set that is no longer in force are removed after so long"},
    {"update", "check_s", DV_CONFIG_INT, "15", 1, 3600, "between looks for an update"},
    {"update", "wait_s", DV_CONFIG_INT, "60", 1, 3600,
     "a piece that has not come after so long is not available"},
    {"update", "watch", DV_CONFIG_PATH, "", 0, 0,
     "folder at which a stick with updates is mounted; empty: none"},
    {"uplink", "socket", DV_CONFIG_PATH, NULL, 0, 0, "socket on which darvaza-uplink is served"},
    {"uplink", "uid", DV_CONFIG_USER, "", 0, 0,
     "user (name or number) of darvaza-uplink; empty: this daemon's own user or root only"},
    {"volume", "allow_unencrypted", DV_CONFIG_BOOL, "false", 0, 0,
     "work on a volume that is not encrypted; said at start and on the officer's screen"},
    {"volume", "sysfs", DV_CONFIG_PATH, "/sys", 0, 0, "where the kernel shows its devices"},
    {NULL, NULL, DV_CONFIG_STRING, NULL, 0, 0, NULL},
};
