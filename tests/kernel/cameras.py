# SPDX-License-Identifier: Apache-2.0
"""Every camera of the simulator: frames that it has numbered, before and after its cable was pulled."""
from dataclasses import dataclass

import guest
from desk import expect

PORT = "1-9"
IDENTITY = "1209:0010"  # in no table: met by its interfaces, as a real camera is
COUNT = 60  # frames that are followed without a break
TRIES = 2   # the second only for what a busy machine that emulates the host did to the first


@dataclass(frozen=True)
class Camera:
    """wish: width, height, frames a second, format. fps: what it brings; an emulated host is slow.
    lost: so many frames of count may be missing."""
    wish: str
    fps: int
    count: int = COUNT
    lost: int = 1


CAMERAS = {
    "uvc-bulk": Camera("1280 960 5 mjpeg", 4),
    "uvc-iso": Camera("1280 960 5 mjpeg", 4),
    "uvc-yuy2": Camera("640 480 5 yuy2", 2, 6),
    # It has a packet for each of 8000 microframes a second, which is more than an emulated host
    # takes: frames come whole or not at all, and nobody counts those.
    "uvc-old": Camera("640 480 5 mjpeg", 5, 10, 1000),
    "uvc-15": Camera("640 480 10 mjpeg", 10, 10),
}


def settings():
    return IDENTITY


def words(model):
    return f"model={model} identity={IDENTITY} fps={CAMERAS[model].fps}"


def check_without_daemon(desk):
    """What the kernel makes of one until the daemon comes: a node for video programs."""
    expect("cameras that this test knows", sorted(CAMERAS),
           sorted(desk.simulator.models("camera")))
    desk.simulator.ask(f"plug port={PORT} {words('uvc-bulk')}")
    desk.check_node("camera", PORT)
    nodes = desk.faces(PORT, "video4linux")
    expect("whether the kernel makes video nodes of a camera", bool(nodes), True)
    for node in nodes:
        desk.check_file(PORT, node, "660 root darvaza")
    desk.simulator.ask(f"unplug port={PORT}")
    desk.machine.wait(f"[ ! -e /dev/darvaza/camera-{PORT} ]", "the camera gone")
    print("uvc-bulk: nodes as the rules say; another user is kept out", flush=True)


def tell(desk, command):
    start = len(desk.events)
    desk.machine.check(f"echo {command} >/run/commands")
    row = desk.events.wait(start, lambda row: row["event"] == "answer", f"an answer to {command}")
    expect(command, row["error"], "")


def take(desk, model, count, port=PORT):
    """The next frames that the client takes. Each must be whole, of this camera, newer than the one
    before."""
    start, rows = len(desk.events), []
    tell(desk, f"take {port} {count}")
    while len(rows) < count:
        rows.append(desk.events.wait(
            start, lambda row: row["event"] == "frame" and row not in rows, f"{model}'s frames"))
        wanted = CAMERAS[model].wish.split()
        found = [str(rows[-1]["width"]), str(rows[-1]["height"]), rows[-1]["format"]]
        expect(f"{model}'s frame", found, [wanted[0], wanted[1], wanted[3]])
        expect(f"{model}'s frame is whole", rows[-1]["number"] > 0, True)
        if len(rows) > 1:
            expect(f"{model}'s frame is new", rows[-1]["serial"] > rows[-2]["serial"], True)
    return rows


def disturb(desk, model):
    """An isochronous endpoint cannot halt; its packets get lost instead."""
    halts = desk.simulator.send(f"stall port={PORT}").startswith("ok")
    if not halts:
        desk.simulator.ask(f"fail port={PORT} count=3")
    take(desk, model, 5)
    return "halted" if halts else "packets lost"


def follow(desk, model):
    """As many frames as shall be followed. Missing is every number between the first and the last that
    did not reach this client, wherever it was lost."""
    count = CAMERAS[model].count
    for _ in range(TRIES):
        rows = take(desk, model, count)
        sent = rows[-1]["number"] - rows[0]["number"] + 1
        print(f"{model}: {count} numbered frames of {CAMERAS[model].wish}: {sent - count} missing of "
              f"{sent} sent", flush=True)
        if 0 <= sent - count <= CAMERAS[model].lost:
            return rows
    raise guest.Failed(f"{model}: frames are missing")


def go_through(desk, model, shape):
    desk.plug(PORT, words(model))
    desk.check_node("camera", PORT)
    tell(desk, f"start {PORT} {CAMERAS[model].wish}")
    take(desk, model, 3)
    rows = follow(desk, model)
    disturbance = disturb(desk, model)
    desk.unplug(PORT, shape)  # frames are on their way all the time
    desk.plug(PORT, words(model))
    again = take(desk, model, 5)  # still wanted, and counted anew by the new one
    expect(f"{model} counts anew",
           min(row["number"] for row in again) < rows[-1]["number"], True)
    tell(desk, f"stop {PORT}")
    desk.unplug(PORT)
    print(f"{model}: {disturbance}, frames, pulled out mid-frame ({shape}), frames again",
          flush=True)


def go(desk):
    shapes = ("gone", "silent", "errors")
    for number, model in enumerate(CAMERAS):
        go_through(desk, model, shapes[number % 3])
