# SPDX-License-Identifier: Apache-2.0
"""An image that boots this machine's systemd (Debian's package, its files only) with what
`meson install` puts on a machine."""
import os
import re
import subprocess

import image
import packages

SYSTEMD = ["/lib/systemd/systemd", "/lib/systemd/systemd-journald", "/lib/systemd/systemd-shutdown",
           "/lib/systemd/systemd-sysctl", "/bin/systemctl", "/bin/journalctl", "/bin/systemd-run",
           "/bin/systemd-tmpfiles", "/bin/systemd-sysusers"]
# Units of Debian's systemd that want what this guest does not have: seats, terminals, a clock's tick.
LEFT_OUT = ["systemd-logind.service", "getty.target", "systemd-update-utmp.service",
            "systemd-update-utmp-runlevel.service", "systemd-random-seed.service",
            "systemd-user-sessions.service", "dbus.service", "dbus.socket"]
AGENT_UNIT = """[Unit]
Description=Runs what the host of this guest asks for
[Service]
ExecStart=/usr/bin/sh /usr/lib/darvaza-guest/agent
[Install]
WantedBy=multi-user.target
"""
MODULES = ("xhci_pci", "virtio_pci", "virtio_console", "virtio_net", "cdc_acm", "usbhid",
           "hid_generic", "evdev", "uvcvideo")


def prefix_of(build):
    said = subprocess.run(["meson", "introspect", "--buildoptions", build], capture_output=True,
                          text=True, check=True).stdout
    return re.search(r'"name": "prefix", "value": "([^"]*)"', said).group(1)


def installed(root, build, stage):
    """The tree of `meson install`, at its places, with the libraries of its programs."""
    subprocess.run(["meson", "install", "-C", build, "--no-rebuild", "--quiet", "--strip",
                    "--destdir", stage], check=True, stdout=subprocess.DEVNULL)
    for folder, _, names in os.walk(stage):
        for name in names:
            source = os.path.join(folder, name)
            goal = os.path.relpath(source, stage)
            with open(source, "rb") as handle:
                is_program = handle.read(4) == b"\x7fELF"
            if is_program:
                root.program(source, goal)
            elif "/share/doc/" not in goal:
                root.file(goal, source)
    prefix = prefix_of(build)
    if prefix != "/usr":  # the manual, and with it the test, speaks of /etc and /usr
        root.folder(prefix + "/etc/darvaza")
        root.link("etc/darvaza", prefix + "/etc/darvaza")
        root.link("usr/libexec/darvaza", prefix + "/libexec/darvaza")
        root.link("usr/bin/darvaza", prefix + "/bin/darvaza")


def systemd(root):
    for program in SYSTEMD:
        if not os.path.exists(program):
            raise packages.Missing(f"{program} (package systemd) is not installed")
        root.program(program, program)
    for folder in ("/lib/systemd/system", os.path.join(packages.package("udev"),
                                                       "lib/systemd/system")):
        root.tree(folder, "usr/lib/systemd/system")
    for name in LEFT_OUT:
        root.link("etc/systemd/system/" + name, "/dev/null")
    root.link("etc/systemd/system/default.target", "/usr/lib/systemd/system/multi-user.target")
    for kind, name in (("sysusers", "basic"), ("sysusers", "systemd-journal"),
                       ("tmpfiles", "systemd"), ("tmpfiles", "var"), ("tmpfiles", "tmp")):
        path = f"usr/lib/{kind}.d/{name}.conf"
        root.file(path, "/" + path)
    root.text("etc/passwd", "root:x:0:0::/root:/bin/sh\n")
    root.text("etc/group", "root:x:0:\n")
    root.text("etc/nsswitch.conf", "passwd: files\ngroup: files\nhosts: files\n")
    root.text("etc/hosts", "127.0.0.1 localhost\n")
    root.text("etc/machine-id", "")
    root.text("etc/os-release", "ID=debian\nNAME=Debian\n")
    root.folder("srv")


def build_image(path, build, work):
    """Returns the kernel to boot it with, and the image, not yet written to path."""
    kernel = packages.kernel()
    root = image.Image()
    root.busybox()
    root.udev([], [os.path.join(packages.ROOT, "udev", "60-darvaza.hwdb")])
    root.modules(kernel, MODULES)
    systemd(root)
    installed(root, build, os.path.join(work, "stage"))
    root.program("/bin/bash", "usr/bin/bash")
    root.agent()
    root.file("init", os.path.join(image.HERE, "guest", "systemd-init"), 0o755)
    root.text("etc/systemd/system/darvaza-agent.service", AGENT_UNIT)
    root.link("etc/systemd/system/multi-user.target.wants/darvaza-agent.service",
              "/etc/systemd/system/darvaza-agent.service")
    return kernel, root
