#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What the live view costs: live_view.py BUILD-DIR [SECONDS]

A whole checkpoint with a simulated camera of 1280x960 before which a drawn face stands. A page's requests
are made as the page makes them, 16 a second. Prints one JSON object: frames a second that came, and
of darvaza-devices with its darvaza-vision: share of one core and resident memory (the sum of both,
shared pages counted once by PSS; and as plain RSS). Exit status 77 without a simulator."""
import http.client
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(ROOT, "scripts"))
from checkpoint.checkpoint import Checkpoint, wait_for  # noqa: E402
from checkpoint.layout import Layout  # noqa: E402

PERIOD = 0.060  # kiosk/web/camera.js
TICKS = os.sysconf("SC_CLK_TCK")


def cpu_seconds(pid):
    with open(f"/proc/{pid}/stat", encoding="ascii") as handle:
        words = handle.read().rsplit(")", 1)[1].split()
    return (int(words[11]) + int(words[12])) / TICKS


def memory_kb(pid, key):
    with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as handle:
        return sum(int(line.split()[1]) for line in handle if line.startswith(key + ":"))


def child_of(pid, name):
    for entry in os.listdir("/proc"):
        try:
            with open(f"/proc/{entry}/stat", encoding="ascii") as handle:
                text = handle.read()
        except (OSError, NotADirectoryError):
            continue
        if entry.isdigit() and f"({name[:15]})" in text and int(text.rsplit(")", 1)[1].split()[1]) == pid:
            return int(entry)
    return None


class Page:
    """Asks for frames as kiosk/web/camera.js does, over one connection."""

    def __init__(self, checkpoint, cookie):
        host = checkpoint.booth_url.removeprefix("http://")
        self.connection, self.cookie, self.after = http.client.HTTPConnection(host), cookie, 0
        self.frames, self.bytes, self.judged_faces = 0, 0, 0

    def frame(self):
        self.connection.request("GET", f"/api/view/traveller?after={self.after}",
                                headers={"Cookie": self.cookie})
        answer = self.connection.getresponse()
        body = answer.read()
        if answer.status != 200:
            self.after = 0
            return False
        view = json.loads(answer.getheader("X-Darvaza-View"))
        self.after = view["serial"]
        self.frames += 1
        self.bytes += len(body)
        self.judged_faces += view["faces"] == 1
        return True

    def look(self, seconds):
        """As many frames as come in that time, at most one a period."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            began = time.monotonic()
            self.frame()
            time.sleep(max(0, PERIOD - (time.monotonic() - began)))


def settings(layout, build):
    more = {"devices": "[camera]\nuse=all\n[vision]\nprogram="
                       + os.path.join(build, "drivers", "vision", "darvaza-vision") + "\n",
            "booth": "[camera]\ntraveller=1-5\n"}
    for name, text in more.items():
        with open(layout.path("conf", name + ".ini"), "a", encoding="utf-8") as handle:
            handle.write(text)
    subprocess.run([os.path.join(build, "tests", "support", "travellers-maker"), layout.path("run"),
                    os.path.join(ROOT, "packaging", "demo", "specimen-page.jpg")], check=True)


def measure(checkpoint, layout, seconds):
    officer = checkpoint.officer()
    cookie = "; ".join(f"{name}={value}" for name, value in officer.cookies.items())
    checkpoint.simulator.command("plug port=1-5 model=uvc-bulk")
    checkpoint.simulator.command(f"show port=1-5 {layout.path('run', 'traveller.jpg')}")
    page = Page(checkpoint, cookie)
    wait_for("the first frame", page.frame)
    devices = checkpoint.simulator.devices_pid()
    vision = wait_for("darvaza-vision", lambda: child_of(devices, "darvaza-vision"))
    page.look(2)  # until both have grown to their size
    page.frames = page.bytes = page.judged_faces = 0
    both = (devices, vision)
    before, began = [cpu_seconds(pid) for pid in both], time.monotonic()
    page.look(seconds)
    took = time.monotonic() - began
    shares = [100 * (cpu_seconds(pid) - start) / took for pid, start in zip(both, before)]
    return {"fps": round(page.frames / took, 1), "seconds": round(took, 1),
            "core_percent": round(sum(shares), 1), "of_devices": round(shares[0], 1),
            "of_vision": round(shares[1], 1),
            "pss_mb": round(sum(memory_kb(pid, "Pss") for pid in both) / 1024, 1),
            "rss_mb": round(sum(memory_kb(pid, "Rss") for pid in both) / 1024, 1),
            "frame_kb": round(page.bytes / max(1, page.frames) / 1024, 1),
            "frames_with_a_face": page.judged_faces, "frames": page.frames}


def main():
    build, seconds = os.path.abspath(sys.argv[1]), float(sys.argv[2]) if len(sys.argv) > 2 else 20
    state = tempfile.mkdtemp(prefix="darvaza-live-view-")
    try:
        layout = Layout(build, state)
        if not layout.has("darvaza-simulator"):
            print("skipped: there is no simulator in this build")
            return 77
        layout.prepare()
        settings(layout, build)
        with Checkpoint(layout) as checkpoint:
            checkpoint.start()
            print(json.dumps(measure(checkpoint, layout, seconds)))
    finally:
        shutil.rmtree(state, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
