# SPDX-License-Identifier: Apache-2.0
"""What a scenario does at the desk and looks at in the guest."""
import guest


def expect(what, found, wanted):
    if found != wanted:
        raise guest.Failed(f"{what}: {found!r}, not {wanted!r}")


class Desk:
    """The simulator, the guest, and how many documents must have come by now."""

    def __init__(self, simulator, machine):
        self.simulator, self.machine, self.events = simulator, machine, machine.events["events"]
        self.documents = 0

    # ---- what a daemon tells its client

    def wait_state(self, start, port, state):
        self.events.wait(start, lambda row: row["event"] == "state" and row["device"] == port and
                         row["state"] == state, f"{port} {state}")

    def plug(self, port, words):
        """On a machine whose daemon runs."""
        start = len(self.events)
        self.simulator.ask(f"plug port={port} {words}")
        self.wait_state(start, port, "ready")

    def unplug(self, port, shape="gone"):
        start = len(self.events)
        self.simulator.ask(f"unplug port={port} shape={shape}")
        self.wait_state(start, port, "gone")

    # ---- what the rules promise

    def check_node(self, kind, port, properties=()):
        """/dev/darvaza/KIND-PORT is the device's node and the daemon's alone."""
        machine, name = self.machine, f"/dev/darvaza/{kind}-{port}"
        machine.check("udevadm settle")
        node = machine.wait(f"[ -e {name} ] && readlink -f {name}", name).strip()
        bus, number = machine.check(f"cd /sys/bus/usb/devices/{port}; cat busnum devnum").split()
        expect(f"{port}: {name}", node, f"/dev/bus/usb/{int(bus):03}/{int(number):03}")
        self.check_file(port, node, "660 root darvaza", properties)

    def check_file(self, port, node, owner, properties=()):
        """Mode, owner, who can open it, and what udev's database has of it."""
        expect(f"{port}: {node}", self.machine.check(f"stat -c '%a %U %G' {node}").strip(), owner)
        self.check_who_opens(port, node, ours="darvaza" in owner)
        found = self.machine.check(f"udevadm info --query=property --name={node}").split()
        expect(f"{port}: {node} lacks", [row for row in properties if row not in found], [])

    def check_who_opens(self, port, node, ours):
        opens = f"exec 3<>{node}"
        status, output = self.machine.run(opens, user="other")
        if status == 0 or "denied" not in output:
            raise guest.Failed(f"{port}: another user may open {node}: {output}")
        if ours:
            self.machine.check(opens, user="darvaza")
        elif self.machine.run(opens, user="darvaza")[0] == 0:
            raise guest.Failed(f"{port}: the daemon's user may open {node}")

    def faces(self, port, subsystem):
        """Nodes that the kernel made of the device, as /dev names."""
        found = self.machine.check(
            f"for e in $(find /sys/bus/usb/devices/{port}/ -name uevent); do d=${{e%/uevent}}; "
            f"[ \"$(basename \"$(readlink $d/subsystem)\")\" = {subsystem} ] && "
            "sed -n 's/^DEVNAME=//p' $e; done; true").split()
        return [f"/dev/{name}" for name in found]
