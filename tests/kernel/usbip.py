# SPDX-License-Identifier: Apache-2.0
"""The way onto a desktop's own kernel: the simulator runs in the guest beside the daemon, serves its
devices over USB/IP, and Debian's usbip (for cameras, darvaza simulate) attaches them there."""
import cameras
import readers
from desk import expect

CONTROL, TCP_PORT = "/run/usbip-desk", 3240
READERS = ("cdc-acm", "hid-keyboard", "vendor-bulk")
CAMERAS = ("uvc-bulk", "uvc-iso")
FRAMES = 5
USBIP = "usbip attach -r 127.0.0.1 -b 1-1"
OURS = f"darvaza simulate attach port=1-1 usbip=127.0.0.1:{TCP_PORT}"


def simulate(desk, words):
    return desk.machine.check(f"darvaza simulate --control {CONTROL} {words}")


def start(desk):
    machine = desk.machine
    machine.check("ip link set lo up; while read -r m; do insmod $m || exit 1; done </etc/modules.usbip")
    machine.check(f"darvaza-simulator --control {CONTROL} --unplugged --transport usbip:{TCP_PORT} "
                  ">/run/usbip.log 2>&1 </dev/null &")
    machine.wait(f"[ -S {CONTROL} ] || {{ cat /run/usbip.log; false; }}", "the simulator there")


def attach(desk, model, words, command):
    """Plugs it in and gives it to the kernel; the place at which the daemon then has it."""
    simulate(desk, f"plug {words}")
    first = len(desk.events)
    desk.machine.check(command)
    row = desk.events.wait(first, lambda row: row["event"] == "state" and row["state"] == "ready",
                           f"{model} over USB/IP")
    return row["device"]


def pull(desk, port):
    first = len(desk.events)
    simulate(desk, "unplug")
    desk.wait_state(first, port, "gone")


def lay(desk, model, port, rows):
    first = len(desk.events)
    desk.machine.check(f"printf '%s\\n' '{rows[0]}' '{rows[1]}' >/run/document")
    simulate(desk, "lay wait=60000 /run/document")
    row = desk.events.wait(first, lambda row: row["event"] == "document", f"{model}'s document")
    expect(f"{model} over USB/IP", (row["device"], row["rows"]), (port, rows))


def go_through_reader(desk, model):
    port = attach(desk, model, readers.words(model), USBIP)
    lay(desk, model, port, readers.TD3)
    simulate(desk, "stall")
    lay(desk, model, port, readers.TD3)
    first = len(desk.events)
    simulate(desk, "unplug mid-line")
    desk.machine.run(f"darvaza simulate --control {CONTROL} lay wait=60000 /run/document")
    desk.wait_state(first, port, "gone")
    port = attach(desk, model, readers.words(model), USBIP)
    lay(desk, model, port, readers.TD3)
    desk.check_node("reader", port)
    pull(desk, port)
    print(f"{model} over USB/IP: read, halted, read, pulled out mid-document and read again",
          flush=True)


def go_through_camera(desk, model):
    port = attach(desk, model, cameras.words(model), OURS)
    desk.check_node("camera", port)
    cameras.tell(desk, f"start {port} {cameras.CAMERAS[model].wish}")
    cameras.take(desk, model, FRAMES, port)
    pull(desk, port)
    port = attach(desk, model, cameras.words(model), OURS)
    cameras.tell(desk, f"start {port} {cameras.CAMERAS[model].wish}")
    cameras.take(desk, model, FRAMES, port)
    cameras.tell(desk, f"stop {port}")
    pull(desk, port)
    print(f"{model} over USB/IP: frames, pulled out mid-frame, frames again", flush=True)


def go(desk):
    start(desk)
    for model in READERS:
        go_through_reader(desk, model)
    for model in CAMERAS:
        go_through_camera(desk, model)
