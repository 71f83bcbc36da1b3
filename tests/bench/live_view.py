#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What the live view costs: live_view.py BUILD-DIR [SECONDS] [SCENE...]

A whole checkpoint with simulated cameras of 1280x960. A page's requests are made as the page makes them, 16 a
second and camera. Prints one JSON object a scene: frames a second that came of each camera, and of
darvaza-devices with its darvaza-vision: share of one core and resident memory (the sum of both,
shared pages counted once by PSS; and as plain RSS). Exit status 77 without a simulator.

Scenes: traveller (one camera, a drawn face stands there), empty (both cameras, the desk is empty), lying (a
page that was read lies under the document camera), unread (one lies there that cannot be read)."""
import http.client
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
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
    """Asks for one camera's frames as kiosk/web/camera.js does, over one connection."""

    def __init__(self, checkpoint, cookie, camera):
        host = checkpoint.booth_url.removeprefix("http://")
        self.connection, self.cookie, self.after = http.client.HTTPConnection(host), cookie, 0
        self.camera, self.frames, self.bytes, self.said = camera, 0, 0, set()

    def frame(self):
        self.connection.request("GET", f"/api/view/{self.camera}?after={self.after}",
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
        self.said = set(view["findings"])
        return True

    def look(self, seconds):
        """As many frames as come in that time, at most one a period."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            began = time.monotonic()
            self.frame()
            time.sleep(max(0, PERIOD - (time.monotonic() - began)))


def look_all(pages, seconds):
    """Every camera at once; seconds that it took."""
    began = time.monotonic()
    threads = [threading.Thread(target=page.look, args=(seconds,)) for page in pages]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return time.monotonic() - began


def settings(layout, build):
    more = {"devices": "[camera]\nuse=all\ndocument=1-6\n[vision]\nprogram="
                       + os.path.join(build, "drivers", "vision", "darvaza-vision") + "\n",
            "booth": "[camera]\ntraveller=1-5\ndocument=1-6\n"}
    for name, text in more.items():
        with open(layout.path("conf", name + ".ini"), "a", encoding="utf-8") as handle:
            handle.write(text)
    subprocess.run([os.path.join(build, "tests", "support", "travellers-maker"), layout.path("run"),
                    os.path.join(ROOT, "packaging", "demo", "specimen-page.jpg")], check=True)


# Scene: what lies under the document camera (None: there is none), and what must be so before it counts.
SCENES = {"traveller": None, "empty": "desk-empty", "lying": "desk-page", "unread": "desk-glare"}


def plug(checkpoint, layout, port, picture):
    checkpoint.simulator.command(f"plug port={port} model=uvc-bulk")
    checkpoint.simulator.command(f"show port={port} {layout.path('run', picture + '.jpg')}")


def measure(checkpoint, layout, scene, seconds):
    officer = checkpoint.officer()
    cookie = "; ".join(f"{name}={value}" for name, value in officer.cookies.items())
    pages = [Page(checkpoint, cookie, "traveller")]
    plug(checkpoint, layout, "1-5", "traveller")
    if SCENES[scene]:
        plug(checkpoint, layout, "1-6", SCENES[scene])
        pages.append(Page(checkpoint, cookie, "document"))
    for page in pages:
        wait_for(f"the first frame of the {page.camera}", page.frame)
    if scene == "lying":
        checkpoint.verdict(officer)
    if scene == "unread":
        wait_for("advice", lambda: pages[1].frame() and "glare" in pages[1].said)
    devices = checkpoint.simulator.devices_pid()
    both = (devices, wait_for("darvaza-vision", lambda: child_of(devices, "darvaza-vision")))
    look_all(pages, 3)  # until both have grown to their size
    for page in pages:
        page.frames = page.bytes = 0
    before = [cpu_seconds(pid) for pid in both]
    took = look_all(pages, seconds)
    shares = [100 * (cpu_seconds(pid) - start) / took for pid, start in zip(both, before)]
    return {"scene": scene, "seconds": round(took, 1),
            "fps": {page.camera: round(page.frames / took, 1) for page in pages},
            "core_percent": round(sum(shares), 1), "of_devices": round(shares[0], 1),
            "of_vision": round(shares[1], 1),
            "pss_mb": round(sum(memory_kb(pid, "Pss") for pid in both) / 1024, 1),
            "rss_mb": round(sum(memory_kb(pid, "Rss") for pid in both) / 1024, 1),
            "frame_kb": {page.camera: round(page.bytes / max(1, page.frames) / 1024, 1) for page in pages}}


def run(build, scene, seconds):
    state = tempfile.mkdtemp(prefix="darvaza-live-view-")
    try:
        layout = Layout(build, state)
        layout.prepare()
        settings(layout, build)
        with Checkpoint(layout) as checkpoint:
            checkpoint.start()
            print(json.dumps(measure(checkpoint, layout, scene, seconds)), flush=True)
    finally:
        shutil.rmtree(state, ignore_errors=True)


def main():
    build, seconds = os.path.abspath(sys.argv[1]), float(sys.argv[2]) if len(sys.argv) > 2 else 20
    if not Layout(build, "/nonexistent").has("darvaza-simulator"):
        print("skipped: there is no simulator in this build")
        return 77
    for scene in sys.argv[3:] or SCENES:
        run(build, scene, seconds)
    return 0


if __name__ == "__main__":
    sys.exit(main())
