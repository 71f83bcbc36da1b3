#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every reader of the simulator before Debian's kernel, xHCI, usbfs and udevd in a guest, read by
darvaza-devices as an unprivileged user under the committed rules. test_readers.py BUILD-DIR"""
import os
import sys
import tempfile
from dataclasses import dataclass

import checkpoint
import guest
import packages
import simulator

TD3 = ["P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<",
       "L898902C36UTO7408122F1204159ZE184226B<<<<<10"]
TD1 = ["I<UTOD231458907<<<<<<<<<<<<<<<", "7408122F1204159UTO<<<<<<<<<<<6",
       "ERIKSSON<<ANNA<MARIA<<<<<<<<<<"]
SHAPES = ("gone", "errors", "silent")


@dataclass(frozen=True)
class Reader:
    """identity: one of the drivers' tables, so that the committed rules apply. setting: what the
    daemon has to be told beside it. faces: what the kernel makes of it until the daemon comes."""
    identity: str
    family: str
    setting: str = ""
    faces: tuple = ()


TTY, WEDGE, RAW = ("tty",), ("input", "hidraw"), ("hidraw",)
READERS = {
    "cdc-acm": Reader("0db5:0139", "cdc-acm", "", TTY),
    "cdc-stx": Reader("05e0:1701", "cdc-acm", "framer=stx", TTY),
    "cdc-soh": Reader("1eab:1306", "cdc-acm", "framer=soh", TTY),
    "cdc-tlv": Reader("1eab:1d06", "cdc-acm", "framer=tlv", TTY),
    "cdc-tlv-asked": Reader("1eab:2006", "cdc-acm", "framer=tlv mode=inquire", TTY),
    "cdc-syn": Reader("0c2e:0720", "cdc-acm", "framer=syn setup=ocrena1! trigger=yes", TTY),
    "hid-keyboard": Reader("0db5:013a", "hid-keyboard", "", WEDGE),
    "hid-pos": Reader("0db5:013b", "hid-pos", "", RAW),
    # No table has it: it is the simulator's own. Served as the manual says for such a device.
    "vendor-bulk": Reader("1209:0009", "vendor-bulk", "family=vendor-bulk"),
}
LOCAL = ["1209:0009"]
# What the rules say of each face: mode, group.
NODES = {"tty": "660 root darvaza", "hidraw": "660 root darvaza", "input": "600 root root"}


def config():
    settings = "; ".join(f"{r.identity} {r.setting}" for r in READERS.values() if r.setting)
    return (f"[ipc]\nsocket = {checkpoint.SOCKET}\n[lane]\nname = lane-1\n"
            f"[reader]\ndevices = {settings}\n")


def expect(what, found, wanted):
    if found != wanted:
        raise guest.Failed(f"{what}: {found!r}, not {wanted!r}")


class Desk:
    """The simulator, the guest, and how many documents must have come by now."""

    def __init__(self, desk, machine):
        self.simulator, self.machine, self.events = desk, machine, machine.events["events"]
        self.documents = 0
        names = desk.models("reader")
        expect("readers that this test knows", sorted(READERS), sorted(names))
        self.ports = {name: f"1-{1 + i % 9}" for i, name in enumerate(names)}

    # ---- steps

    def plug(self, model):
        """On a machine whose daemon runs."""
        start, port = len(self.events), self.ports[model]
        self.insert(model)
        self.events.wait(start, lambda row: row["event"] == "state" and row["device"] == port and
                         row["state"] == "ready", f"{model} at {port} ready")

    def insert(self, model):
        self.simulator.ask(f"plug port={self.ports[model]} model={model} "
                           f"identity={READERS[model].identity}")

    def read(self, model, rows):
        start, port = len(self.events), self.ports[model]
        self.simulator.ask(f"lay port={port} wait=60000 {' '.join(rows)}")
        row = self.events.wait(start, lambda row: row["event"] == "document", f"{model}'s document")
        expect(f"{model} at {port}", (row["device"], row["rows"]), (port, rows))
        self.documents += 1

    def halt(self, model):
        self.simulator.ask(f"stall port={self.ports[model]}")

    def pull_mid_document(self, model, shape):
        start, port = len(self.events), self.ports[model]
        self.simulator.ask(f"unplug mid-line port={port} shape={shape}")
        answer = self.simulator.send(f"lay port={port} wait=60000 {' '.join(TD3)}")
        expect(f"{model}, pulled", answer.split()[0], "cut")
        self.events.wait(start, lambda row: row["event"] == "state" and row["device"] == port and
                         row["state"] == "gone", f"{model} at {port} gone")
        self.machine.wait(f"[ ! -e /dev/darvaza/reader-{port} ]", f"/dev/darvaza/reader-{port} gone")

    # ---- what the rules promise

    def check_node(self, model):
        port, machine = self.ports[model], self.machine
        name = f"/dev/darvaza/reader-{port}"
        machine.check("udevadm settle")
        node = machine.wait(f"readlink -f {name} && [ -e {name} ]", name).strip()
        bus, number = machine.check(f"cd /sys/bus/usb/devices/{port}; cat busnum devnum").split()
        expect(f"{model}: {name}", node, f"/dev/bus/usb/{int(bus):03}/{int(number):03}")
        expect(f"{model}: {node}", machine.check(f"stat -c '%a %U %G' {node}").strip(),
               "660 root darvaza")
        self.check_who_opens(model, node)
        found = machine.check(f"udevadm info --query=property --name={node}").split()
        wanted = ["ID_MM_DEVICE_IGNORE=1"]
        if READERS[model].identity not in LOCAL:  # these are not in the hardware database
            wanted += [f"DARVAZA_READER={READERS[model].family}", "ID_AUTOSUSPEND=0"]
        expect(f"{model}: lacking in udev's database", [w for w in wanted if w not in found], [])
        expect(f"{model}: power/control",
               machine.check(f"cat /sys/bus/usb/devices/{port}/power/control").strip(), "on")

    def check_who_opens(self, what, node, ours=True):
        opens = f"exec 3<>{node}"
        status, output = self.machine.run(opens, user="other")
        if status == 0 or "denied" not in output:
            raise guest.Failed(f"{what}: another user may open {node}: {output}")
        if ours:
            self.machine.check(opens, user="darvaza")
        elif self.machine.run(opens, user="darvaza")[0] == 0:
            raise guest.Failed(f"{what}: the daemon's user may open {node}")

    def faces(self, model, subsystem):
        """Nodes that the kernel made of it, as /dev names."""
        found = self.machine.check(
            f"for e in $(find /sys/bus/usb/devices/{self.ports[model]}/ -name uevent); do "
            f"d=${{e%/uevent}}; [ \"$(basename \"$(readlink $d/subsystem)\")\" = {subsystem} ] && "
            "sed -n 's/^DEVNAME=//p' $e; done; true").split()
        return [f"/dev/{name}" for name in found]

    def check_faces(self, model):
        for subsystem in ("tty", "hidraw", "input"):
            nodes = self.faces(model, subsystem)
            expect(f"{model}: whether it is {subsystem} too", bool(nodes),
                   subsystem in READERS[model].faces)
            for node in nodes:
                expect(f"{model}: {node}", self.machine.check(f"stat -c '%a %U %G' {node}").strip(),
                       NODES[subsystem])
                self.check_who_opens(model, node, ours=subsystem != "input")
                found = self.machine.check(f"udevadm info --query=property --name={node}").split()
                wanted = {"tty": ["ID_MM_DEVICE_IGNORE=1", "ID_MM_PORT_IGNORE=1"], "hidraw": [],
                          "input": ["LIBINPUT_IGNORE_DEVICE=1"]}[subsystem]
                expect(f"{model}: {node} lacks", [w for w in wanted if w not in found], [])


def check_without_daemon(desk):
    """All of them at once on a machine whose daemon has not started."""
    for model in desk.ports:
        desk.insert(model)
    for model in desk.ports:
        desk.check_node(model)
        desk.check_faces(model)
        print(f"{model}: nodes, links and properties as the rules say; another user is kept out",
              flush=True)


def keystrokes(desk):
    return int(desk.machine.check("stat -c %s /run/keystrokes"))


def listen_to_wedge(desk):
    """A desktop that would listen: it gets keystrokes while the daemon does not run."""
    node = desk.faces("hid-keyboard", "input")[-1]
    desk.machine.check(f"cat {node} >/run/keystrokes 2>/run/keystrokes.end & "
                       "echo $! >/run/keystrokes.pid")
    desk.simulator.ask(f"lay port={desk.ports['hid-keyboard']} wait=60000 {' '.join(TD3)}")
    desk.machine.wait("[ $(stat -c %s /run/keystrokes) -gt 1000 ]", "keystrokes without the daemon")


def check_wedge_is_taken(desk):
    """The listener has lost the keyboard, and there is none that it could listen to instead."""
    expect("keyboards that a desktop could listen to", desk.faces("hid-keyboard", "input"), [])
    desk.machine.wait("! kill -0 $(cat /run/keystrokes.pid) 2>/dev/null", "the listener's end")
    before = keystrokes(desk)
    desk.read("hid-keyboard", TD3)
    expect("bytes of keystrokes that a desktop got", keystrokes(desk), before)
    print("hid-keyboard: the desktop got keystrokes until the daemon came, none since", flush=True)


def check_daemon(machine, process):
    """It is nobody special."""
    status = machine.check(f"cat /proc/{process}/status")
    lines = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
    expect("the daemon's user", set(lines["Uid"].split()), {"900"})
    expect("the daemon's groups", lines["Groups"].split() or ["900"], ["900"])
    expect("the daemon's capabilities", int(lines["CapEff"], 16), 0)


def go_through(desk, model):
    """What the field does to a reader: read, halted, pulled out half way and put back."""
    desk.read(model, TD3)
    desk.read(model, TD1)
    desk.halt(model)
    desk.read(model, TD1)
    for shape in SHAPES:
        desk.pull_mid_document(model, shape)
        desk.plug(model)
        desk.read(model, TD3)
    desk.check_node(model)
    print(f"{model}: read, halted, read, pulled out mid-document ({', '.join(SHAPES)}) and read "
          "again", flush=True)


def go(desk):
    machine = desk.machine
    checkpoint.say_where(machine)
    check_without_daemon(desk)
    listen_to_wedge(desk)
    process = checkpoint.start_daemon(machine)
    check_daemon(machine, process)
    for port in desk.ports.values():
        machine.wait(f"darvaza devices --json --socket {checkpoint.SOCKET} | "
                     f"grep '\"id\":\"{port}\"' | grep -q '\"state\":\"ready\"'", f"{port} ready")
    check_wedge_is_taken(desk)
    for model in desk.ports:
        go_through(desk, model)
    expect("the daemon is the same", machine.check("pidof darvaza-devices").split(), [str(process)])
    rows = desk.events.since(0)
    expect("documents in all", sum(row["event"] == "document" for row in rows), desk.documents)
    print(f"{desk.documents} documents laid, as many read, each exactly", flush=True)


def main():
    build = os.path.abspath(sys.argv[1])
    with tempfile.TemporaryDirectory(prefix="dvi-", dir="/tmp") as work:
        archive = os.path.join(work, "image")
        kernel = checkpoint.build_image(archive, build, config(), LOCAL)
        with simulator.Simulator(os.path.join(
                build, "drivers", "simulator", "darvaza-simulator")) as desk, \
                guest.Guest(kernel, archive, desk.qemu_arguments(), ["events"]) as machine:
            try:
                go(Desk(desk, machine))
            except (guest.Failed, simulator.Refused) as why:
                print(f"{why}\n{checkpoint.running(machine)}\n{machine.console()}")
                return 1
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except packages.Missing as why_not:
        print(f"skipped: {why_not}")
        sys.exit(77)
