#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""darvaza-devices with settings that it cannot start with: it says why and ends by itself.

usage: test_cannot_start.py DARVAZA_DEVICES
"""
import os
import subprocess
import sys
import tempfile

ROWS = (
    ("[camera]\ndevices = 1-1 exposure=100000\n", "exposure=100000"),
    ("[camera]\nuse = some\n", "there are listed, all and none"),
    ("[reader]\ndevices = 1-1 layout=xx\n", "layout=xx"),
    ("", "no-such-folder"),
)


def main():
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        for settings, why in ROWS:
            socket = os.path.join(folder, "socket" if settings else "no-such-folder/socket")
            path = os.path.join(folder, "devices.ini")
            with open(path, "w", encoding="utf-8") as handle:
                handle.write(f"[ipc]\nsocket = {socket}\n{settings}")
            done = subprocess.run([sys.argv[1], "--config", path], capture_output=True, text=True,
                                  check=False, timeout=60)
            good = done.returncode == 1 and why in done.stderr
            print("ok" if good else f"not ok: status {done.returncode}: {done.stderr}", why)
            failed += not good
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
