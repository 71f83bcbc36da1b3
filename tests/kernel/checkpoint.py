# SPDX-License-Identifier: Apache-2.0
"""The guest of these tests: a booth's machine with darvaza-devices, its rules, a user of its own for
it, and another user who has no business with readers."""
import os

import guest
import image
import packages

ROOT = packages.ROOT
SOCKET = "/run/darvaza/devices.sock"
MODULES = ("xhci_pci", "virtio_pci", "virtio_console", "cdc_acm", "usbhid", "hid_generic", "evdev",
           "uvcvideo")
# As Debian numbers them, where udev's own rules name them.
GROUPS = {"root": 0, "tty": 5, "disk": 6, "lp": 7, "kmem": 15, "dialout": 20, "cdrom": 24,
          "tape": 26, "audio": 29, "video": 44, "input": 102, "kvm": 103, "sgx": 104, "render": 105,
          "darvaza": 900, "other": 1000}
USERS = {"root": 0, "darvaza": 900, "other": 1000}


def users(root):
    root.text("etc/passwd", "".join(f"{name}:x:{uid}:{uid}::/:/bin/sh\n"
                                    for name, uid in USERS.items()))
    root.text("etc/group", "".join(f"{name}:x:{gid}:\n" for name, gid in GROUPS.items()))


def local_rules(identities):
    """Rules for identities that no table has, after the pattern of the committed file, as
    hardware-notes/README.md tells who needs them to write."""
    with open(os.path.join(ROOT, "udev", "60-darvaza.rules"), encoding="utf-8") as handle:
        rules = [line for line in handle if '=="0db5"' in line and '=="0139"' in line and
                 '=="usb_device"' in line]
    return "".join(line.replace("0db5", vid).replace("0139", pid)
                   for vid, pid in (identity.split(":") for identity in identities) for line in rules)


def build_image(path, build, config, local=()):
    """config: text of darvaza-devices.ini."""
    kernel = packages.kernel()
    root = image.Image()
    root.busybox()
    root.udev([os.path.join(ROOT, "udev", "60-darvaza.rules")],
              [os.path.join(ROOT, "udev", "60-darvaza.hwdb")])
    root.text("etc/udev/rules.d/61-local.rules", local_rules(local))
    root.agent()
    root.modules(kernel, MODULES)
    root.modules(kernel, ["vhci_hcd"], "etc/modules.usbip")
    root.program(os.path.join(packages.package("usbip"), "usr", "sbin", "usbip"))
    root.program(os.path.join(build, "drivers", "simulator", "darvaza-simulator"))
    users(root)
    root.program(os.path.join(build, "drivers", "service", "darvaza-devices"))
    root.program(os.path.join(build, "tools", "darvaza"))
    root.program(os.path.join(build, "tests", "kernel", "watch"), "usr/lib/darvaza-guest/watch")
    root.text("etc/darvaza/devices.ini", config)
    root.write(path)
    return kernel


def start_daemon(machine):
    """As its unprivileged user; the client is of the same user. Returns the daemon's process id."""
    machine.check("mkdir -p /run/darvaza; chown darvaza:darvaza /run/darvaza")
    machine.check("chown darvaza $(readlink -f /dev/virtio-ports/darvaza.events)")
    machine.check("su darvaza -s /bin/sh -c 'exec darvaza-devices --config /etc/darvaza/devices.ini' "
                  ">/run/devices.log 2>&1 &")
    machine.wait(f"[ -S {SOCKET} ] || {{ cat /run/devices.log; false; }}", "the daemon's socket")
    machine.check("mkfifo /run/commands; chown darvaza /run/commands")
    machine.check("su darvaza -s /bin/sh -c 'exec /usr/lib/darvaza-guest/watch "
                  f"{SOCKET} lane-1 /dev/virtio-ports/darvaza.events /run/commands' "
                  ">/run/watch.log 2>&1 &")
    machine.events["events"].wait(0, lambda row: row["event"] == "claimed", "the lane")
    return int(machine.check("pidof darvaza-devices").split()[0])


def running(machine):
    """What the daemon wrote, for a failure's message."""
    return machine.run("tail -n 40 /run/devices.log /run/watch.log")[1]


def say_where(machine):
    """The line that says what this run proves something about."""
    release = machine.check("uname -rv").strip()
    print(f"accelerator {machine.accelerator}, kernel {release}", flush=True)


__all__ = ["guest", "build_image", "start_daemon", "running", "say_where", "SOCKET"]
