#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every reader and camera of the simulator before Debian's kernel, xHCI, usbfs and udevd in a guest,
served by darvaza-devices as an unprivileged user under the committed rules. test_devices.py BUILD-DIR"""
import os
import sys
import tempfile

import cameras
import checkpoint
import desk
import guest
import packages
import readers
import simulator
import usbip


def config():
    settings = "; ".join(readers.settings())
    return (f"[ipc]\nsocket = {checkpoint.SOCKET}\n[lane]\nname = lane-1\n"
            f"[reader]\ndevices = {settings}\n[camera]\ndevices = {cameras.settings()}\n")


def check_daemon(machine, process):
    """It is nobody special."""
    status = machine.check(f"cat /proc/{process}/status")
    lines = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
    desk.expect("the daemon's user", set(lines["Uid"].split()), {"900"})
    desk.expect("the daemon's groups", lines["Groups"].split() or ["900"], ["900"])
    desk.expect("the daemon's capabilities", int(lines["CapEff"], 16), 0)


def go(where):
    machine = where.machine
    checkpoint.say_where(machine)
    cameras.check_without_daemon(where)
    readers.check_without_daemon(where)
    readers.listen_to_wedge(where)
    process = checkpoint.start_daemon(machine)
    check_daemon(machine, process)
    for port in readers.PORTS.values():
        machine.wait(f"darvaza devices --json --socket {checkpoint.SOCKET} | "
                     f"grep '\"id\":\"{port}\"' | grep -q '\"state\":\"ready\"'", f"{port} ready")
    readers.go(where)
    where.unplug(cameras.PORT)  # the reader there
    cameras.go(where)
    usbip.go(where)
    desk.expect("the daemon is the same", machine.check("pidof darvaza-devices").split(),
                [str(process)])


def main():
    build = os.path.abspath(sys.argv[1])
    program = os.path.join(build, "drivers", "simulator", "darvaza-simulator")
    with tempfile.TemporaryDirectory(prefix="dvi-", dir="/tmp") as work:
        archive = os.path.join(work, "image")
        kernel = checkpoint.build_image(archive, build, config(), readers.LOCAL)
        with simulator.Simulator(program) as devices, \
                guest.Guest(kernel, archive, devices.qemu_arguments(), ["events"]) as machine:
            try:
                go(desk.Desk(devices, machine))
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
