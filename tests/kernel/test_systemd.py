#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A booth and its centre under the shipped units, on Debian's kernel, systemd and udev in a guest: a
reader that is plugged in after the boot is read within the sandbox, a document comes to a verdict and
its record to the centre; nobody has a capability; who is killed comes back; a night's sleep costs
nothing. test_systemd.py BUILD-DIR"""
import os
import sys
import tempfile

import guest
import packages
import simulator
import systemd_booth
from checkpoint.web import HttpError

# A traveller of whom no list speaks, with a document that is valid: a record that needs no word more.
with open(os.path.join(packages.ROOT, "packaging/demo/documents/clean.txt"),
          encoding="ascii") as document:
    ROWS = document.read().split()
READER, IDENTITY, PORT = "cdc-acm", "0db5:0139", "1-2"
WEDGE, WEDGE_IDENTITY, WEDGE_PORT = "hid-keyboard", "0db5:013a", "1-3"
SOCKET = "/run/darvaza/devices/socket"
NODE = f"/dev/darvaza/reader-{PORT}"
# (user, what it must not be able to do)
FORBIDDEN = [
    ("darvaza-booth", f"exec 3<>{NODE}"),
    ("darvaza-uplink", "cat /var/lib/darvaza/lists/current.json"),
    ("darvaza-uplink", "ls /var/lib/darvaza/booth"),
    ("darvaza-uplink", "cat /etc/darvaza/keys/booth/sign-key.pem"),
    ("darvaza-devices", "ls /run/darvaza/booth"),
    ("darvaza-backend", "cat /etc/darvaza/keys/opener/record-P1-key.pem"),
    ("darvaza-opener", "touch /var/lib/darvaza/releases/lists/x"),
    ("darvaza-opener", "ls /var/lib/darvaza/protection"),
]


def expect(what, found, wanted):
    if found != wanted:
        raise guest.Failed(f"{what}: {found!r}, not {wanted!r}")


def say(text):
    print(text, flush=True)


def state_of(port):
    return (f"darvaza devices --json --socket {SOCKET} | grep '\"id\":\"{port}\"'")


class Booth:
    def __init__(self, desk, machine, check):
        self.desk, self.machine, self.check = desk, machine, check
        self.officer = check.officer(120)

    def plug(self, model, identity, port):
        self.desk.ask(f"plug port={port} model={model} identity={identity}")
        self.ready(port)

    def ready(self, port):
        """The reader is, and the booth holds the lane: what is laid before that is dropped."""
        self.machine.wait(f"{state_of(port)} | grep '\"state\":\"ready\"' || "
                          f"{{ {state_of(port)}; false; }}", f"{port} ready")
        self.machine.wait("journalctl -b -o cat _SYSTEMD_INVOCATION_ID="
                          "$(systemctl show -P InvocationID darvaza-devices) | "
                          "grep -E 'lane lane-1 (claimed|released)' | tail -n 1 | grep claimed",
                          "the booth's claim", 60)

    def crossing(self, port):
        """From the document to the centre's receipt, with nothing that would ask for a note."""
        self.desk.ask(f"lay port={port} wait=60000 {' '.join(ROWS)}")
        crossing = self.check.verdict(self.officer, 60)
        self.check.decide(self.officer, crossing["crossing_id"], "ADMIT")
        self.check.wait_at_centre(self.officer, crossing["crossing_id"], 120)

    # ---- the sandbox

    def pid(self, unit):
        return self.machine.check(f"systemctl show -P MainPID darvaza-{unit}").strip()

    def check_sandbox(self, unit):
        status = self.machine.check(f"cat /proc/{self.pid(unit)}/status")
        lines = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
        user = self.machine.check(f"id -u darvaza-{unit}").strip()
        expect(f"{unit}: user", set(lines["Uid"].split()), {user})
        for kind in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"):
            expect(f"{unit}: {kind}", int(lines[kind], 16), 0)
        expect(f"{unit}: NoNewPrivs, Seccomp", (lines["NoNewPrivs"], lines["Seccomp"]), ("1", "2"))

    def check_forbidden(self):
        for user, command in FORBIDDEN:
            self.machine.check(command)  # root can, so that a refusal means something
            status, said = self.machine.run(command, user=user)
            if status == 0 or "denied" not in said:
                raise guest.Failed(f"{user} may {command}: {said}")

    def kill(self, unit):
        before = self.pid(unit)
        self.machine.check(f"kill -9 {before}")
        self.machine.wait(f"[ $(systemctl show -P MainPID darvaza-{unit}) != {before} ] && "
                          f"systemctl is-active darvaza-{unit}", f"{unit} back", 60)


def check_held(booth):
    """Another program of the daemon's user has the reader when it is plugged in again."""
    machine = booth.machine
    machine.check("systemctl stop darvaza-devices")
    machine.check("systemd-run -q -u hold -p User=darvaza-devices -p SupplementaryGroups=darvaza "
                  f"/usr/lib/darvaza-guest/hold $(readlink -f {NODE})")
    machine.wait("journalctl -b -o cat -u hold | grep held || "
                 "{ journalctl -b -o cat -u hold; false; }", "another program's claim")
    machine.check("systemctl start darvaza-devices")
    machine.wait(f"{state_of(PORT)} | grep 'held by hold' || {{ {state_of(PORT)}; false; }}",
                 "the other program's name")
    machine.check("systemctl stop hold")
    booth.ready(PORT)
    booth.crossing(PORT)
    say("a reader that another program has is shown with its name, and served when it is let go")


def check_sleep(booth, level):
    """pm_test: everything of a suspend up to level, and back after five seconds."""
    booth.machine.check(f"echo {level} >/sys/power/pm_test; echo mem >/sys/power/state", patience=90)
    booth.machine.check("dmesg | grep -q 'PM: suspend exit'")
    for port in (PORT, WEDGE_PORT):
        booth.ready(port)
        booth.crossing(port)
    say(f"slept ({level}) and woke: both readers are read again")


def go(desk, machine, layout):
    release = machine.check("uname -r").strip()
    said = machine.check("systemctl --version").split("\n", maxsplit=1)[0]
    say(f"accelerator {machine.accelerator}, kernel {release}, {said}")
    systemd_booth.set_up(machine)
    systemd_booth.start(machine)
    expect("failed units", machine.check("systemctl --failed --no-legend --plain"), "")
    say("all units run, set up by the commands of docs/installing.md")
    booth = Booth(desk, machine, systemd_booth.release_lists(machine, layout))
    booth.plug(READER, IDENTITY, PORT)
    booth.plug(WEDGE, WEDGE_IDENTITY, WEDGE_PORT)
    for port in (PORT, WEDGE_PORT):
        booth.crossing(port)
    say("plugged in after the boot, read, judged, recorded, receipt of the centre")
    for unit in systemd_booth.UNITS:
        booth.check_sandbox(unit)
    booth.check_forbidden()
    say("own users, no capabilities, no new privileges, system calls filtered, others kept out")
    for unit in systemd_booth.UNITS:
        booth.kill(unit)
    booth.officer = booth.check.officer(120)
    booth.ready(PORT)
    booth.crossing(PORT)
    say("each was killed and came back; a document is read, judged and recorded")
    check_held(booth)
    check_sleep(booth, "devices")
    journal = machine.check("journalctl -b -o cat --no-pager -u 'darvaza-*'")
    expect("a traveller's name in the journal", "SAMPLETON" in journal, False)


def main():
    build = os.path.abspath(sys.argv[1])
    with tempfile.TemporaryDirectory(prefix="dvi-", dir="/tmp") as work:
        layout = systemd_booth.prepare(build, os.path.join(work, "state"))
        archive = os.path.join(work, "image")
        kernel = systemd_booth.build_image(archive, layout, work,
                                           os.path.join(build, "tests", "kernel", "hold"))
        with simulator.Simulator(os.path.join(
                build, "drivers", "simulator", "darvaza-simulator")) as desk, guest.Guest(
                    kernel, archive, [*desk.qemu_arguments(), *systemd_booth.network(layout)],
                    memory=1024, words="net.ifnames=0 systemd.show_status=no") as machine:
            try:
                go(desk, machine, layout)
            except (guest.Failed, simulator.Refused, HttpError, RuntimeError, OSError) as why:
                print(f"{why}\n" + machine.run("journalctl -b -o cat --no-pager -n 80")[1])
                return 1
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except packages.Missing as why_not:
        print(f"skipped: {why_not}")
        sys.exit(77)
