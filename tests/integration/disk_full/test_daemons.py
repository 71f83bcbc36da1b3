#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A checkpoint whose disks fill up: first the booth's, then the centre's. Nothing may be said to be
recorded that is not, the people are told, and all goes on by itself once there is room.

Done with full_disk.c before the daemons, which can stop at any one write, and again with real small
disks (tmpfs in a mount namespace) where the machine lets us mount them."""
import os
import shutil
import sqlite3
import struct
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
sys.path.insert(0, os.path.join(ROOT, "scripts"))
sys.dont_write_bytecode = True
from checkpoint.checkpoint import Checkpoint, wait_for  # noqa: E402
from checkpoint.layout import Layout  # noqa: E402
from checkpoint.simulator import SPECIMEN  # noqa: E402
from checkpoint.web import HttpError  # noqa: E402


class FullDisk:
    """The disk below one folder, as one daemon sees it: full_disk.h's control file."""
    FORM = struct.Struct("=4q")  # left, refused, halves, sync_fails

    def __init__(self, shim, folder, control):
        self.control = control
        self.environment = {"LD_PRELOAD": shim, "FULL_DISK_ROOT": folder,
                            "FULL_DISK_CONTROL": control}
        with open(control, "wb") as handle:
            handle.write(self.FORM.pack(-1, 0, 1, 0))

    def set_left(self, left):
        with open(self.control, "r+b") as handle:
            handle.write(self.FORM.pack(left, 0, 1, 0))

    def release(self):
        pass

    def refused(self):
        with open(self.control, "rb") as handle:
            return self.FORM.unpack(handle.read(self.FORM.size))[1]


class SmallDisk:
    """A real one, mounted on the folder; filled by a file that takes what is left."""
    environment = {}

    def __init__(self, folder):
        os.makedirs(folder, mode=0o700)
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16m,mode=0700", "none", folder],
                       check=True)
        self.filler = os.path.join(folder, "filler")

    def set_left(self, left):
        if left < 0:
            os.remove(self.filler)
            return
        with open(self.filler, "wb", buffering=0) as handle:
            for size in (65536, 4096, 512):
                try:
                    while handle.write(bytes(size)) == size:
                        pass
                except OSError:
                    pass

    def release(self):
        subprocess.run(["umount", os.path.dirname(self.filler)], check=True)

    def refused(self):
        room = os.statvfs(os.path.dirname(self.filler))
        return 1 if room.f_bavail == 0 else 0


def can_mount():
    return subprocess.run(["unshare", "-rm", "mount", "-t", "tmpfs", "none", "/mnt"],
                          capture_output=True, check=False).returncode == 0


def require(condition, what):
    if not condition:
        raise AssertionError(what)


def at_centre(layout):
    store = sqlite3.connect(f"file:{layout.path('centre', 'store.db')}?mode=ro", uri=True)
    try:
        return store.execute("SELECT count(*), count(DISTINCT link) FROM record").fetchone()
    finally:
        store.close()


def is_recorded(officer, crossing):
    try:
        return officer.get(f"/api/crossings/{crossing}")["recorded"]
    except HttpError as error:
        require(error.status == 404, f"asked for a crossing: {error}")
        return False


def fill_booth(checkpoint, officer, disk, places):
    """Full at several places of the same decision, then room again."""
    checkpoint.simulator.lay(SPECIMEN)
    crossing = checkpoint.verdict(officer)["crossing_id"]
    for left in places:
        disk.set_left(left)
        try:
            checkpoint.decide(officer, crossing, "SECOND_LINE")
            raise AssertionError(f"a decision was taken with room for {left} writes")
        except HttpError as error:
            require((error.status, error.word) == (507, "full"), f"not 507 full: {error}")
            require("not recorded" in str(error), f"it does not say \"not recorded\": {error}")
        require(disk.refused() > 0, "the disk was not full at all")
        require(not is_recorded(officer, crossing), "said to be recorded after a 507")
        state = officer.get("/api/state")
        require(state["lane"] == "deciding" and state["crossing"]["crossing_id"] == crossing,
                "the crossing is not there to be decided again")
    disk.set_left(-1)
    require(checkpoint.decide(officer, crossing, "SECOND_LINE")["recorded"],
            "not recorded once there was room")
    checkpoint.wait_at_centre(officer, crossing)


def fill_centre(checkpoint, officer, disk):
    disk.set_left(0)
    checkpoint.simulator.lay(SPECIMEN)
    crossing = checkpoint.verdict(officer)["crossing_id"]
    require(checkpoint.decide(officer, crossing, "SECOND_LINE")["recorded"],
            "the booth does not record while the centre's disk is full")
    backend, uplink = checkpoint.processes["backend"], checkpoint.processes["uplink"]
    wait_for("the centre to refuse and the uplink to try again",
             lambda: backend.logged().count("were not stored") >= 3)
    require("507" in uplink.logged(), "the uplink does not log what the centre answered")
    require(not officer.get(f"/api/crossings/{crossing}")["at_centre"],
            "said to be at the centre while it is not")
    require(at_centre(checkpoint.layout) == (1, 1), "the centre has something of it")
    disk.set_left(-1)
    checkpoint.wait_at_centre(officer, crossing)


def run(build, make_disk, places):
    state = tempfile.mkdtemp(prefix="dv-full-", dir="/tmp")
    layout = Layout(build, state)
    booth, centre = make_disk(layout, "kiosk"), make_disk(layout, "centre")
    checkpoint = Checkpoint(layout, environment={"booth": booth.environment,
                                                 "backend": centre.environment})
    layout.prepare()
    try:
        with checkpoint:
            checkpoint.start()
            officer = checkpoint.officer()
            fill_booth(checkpoint, officer, booth, places)
            require(at_centre(layout) == (1, 1), "the crossing is not at the centre once")
            fill_centre(checkpoint, officer, centre)
            require(at_centre(layout) == (2, 2), "the crossings are not at the centre once each")
            for process in checkpoint.processes.values():
                require(process.alive() and process.starts == 1, f"{process.name} has ended")
    except BaseException:
        for name in ("booth", "backend", "uplink"):
            print(f"{name}: {checkpoint.processes[name].logged()[-2000:]}")
        raise
    booth.release()
    centre.release()
    shutil.rmtree(state)


def small_disk(layout, folder):
    return SmallDisk(layout.path(folder))


def main():
    build, shim = sys.argv[1:3]
    if not Layout(build, "/nowhere").has("darvaza-simulator"):
        print("this build has no simulator")
        return 77
    if shim == "--small-disks":
        run(build, small_disk, (0,))
        print("real small disks: full, said so, went on")
        return 0
    run(build, lambda layout, folder: FullDisk(shim, layout.path(folder),
                                               layout.path("full-" + folder)), (0, 1, 2, 5, 9))
    print("disks full at one write: said so, went on", flush=True)
    if not can_mount():
        print("no small disk can be mounted on this machine; that part was left out")
        return 0
    return subprocess.run(["unshare", "-rm", sys.executable, __file__, build, "--small-disks"],
                          check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
