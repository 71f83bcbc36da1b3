#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""darvaza-lists on a volume that is not encrypted: it ends, and says why in status.json; nothing else
is written. With allow_unencrypted it goes on, as far as this test's missing root.

usage: test_volume.py DARVAZA-LISTS
"""
import json
import os
import subprocess
import sys
import tempfile


def write_config(work, more):
    path = os.path.join(work, "lists.ini")
    with open(path, "w", encoding="utf-8") as out:
        out.write(f"""[lists]
kiosk=KSK-1
folder={work}/lists
root={work}/no-root.json
keys={work}/no-keys
[uplink]
socket={work}/socket
[volume]
sysfs={work}/sysfs
{more}
""")
    return path


def run(program, config, *more):
    done = subprocess.run([program, "--config", config, *more], capture_output=True, text=True,
                          check=False, timeout=30)
    return done.returncode, done.stderr


def written(work):
    return sorted(os.path.relpath(os.path.join(base, name), os.path.join(work, "lists"))
                  for base, folders, files in os.walk(os.path.join(work, "lists"))
                  for name in folders + files)


def refuses(program, work, more=()):
    code, said = run(program, write_config(work, ""), *more)
    assert code != 0 and "not encrypted" in said, f"{code}: {said}"
    assert written(work) == [".lock", "status.json"], written(work)
    with open(os.path.join(work, "lists", "status.json"), encoding="utf-8") as handle:
        status = json.load(handle)
    assert (status["state"], status["reason"]) == ("STOPPED", "UNENCRYPTED_VOLUME"), status


def main():
    program = sys.argv[1]
    with tempfile.TemporaryDirectory(prefix="dv-volume-") as work:
        os.makedirs(os.path.join(work, "sysfs", "dev", "block"))
        refuses(program, work)
        refuses(program, work, ("--import", work))
        code, said = run(program, write_config(work, "allow_unencrypted=true"))
        assert code != 0 and "no-root.json" in said, f"{code}: {said}"
    print("refused without the option, at the start and for an import; nothing was written")
    return 0


if __name__ == "__main__":
    sys.exit(main())
