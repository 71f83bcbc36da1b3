# SPDX-License-Identifier: Apache-2.0
"""An initramfs out of a list of files: programs with the libraries that they need, Debian's udev and
busybox, kernel modules with those that they depend on. Written as a newc archive, so nobody has to be
root for it."""
import os
import re
import stat
import subprocess

import packages

HERE = os.path.dirname(os.path.abspath(__file__))
# /bin, /sbin, /lib and /lib64 are links into /usr, as on Debian.
MERGED = ("bin", "sbin", "lib", "lib64")
FOLDERS = ("proc", "sys", "dev", "run", "tmp", "root", "var", "etc/udev/rules.d",
           "usr/lib/udev/rules.d", "usr/lib/udev/hwdb.d", "usr/sbin", "usr/lib64")


def merged(path):
    """Where a file is once links like /bin -> usr/bin have been followed. No slash in front."""
    path = os.path.normpath("/" + path).lstrip("/")
    return os.path.join("usr", path) if path.split("/")[0] in MERGED else path


class Image:
    """Collects, then writes. A later file at the same place replaces the earlier one."""

    def __init__(self):
        self.files = {}  # path -> (mode, content or path to read it from)
        self.loaded = set()  # modules that an earlier list has
        for folder in FOLDERS:
            self.folder(folder)
        self.link("var/run", "/run")
        for name in MERGED:
            self.files[name] = (stat.S_IFLNK | 0o777, ("usr/" + name).encode())

    def folder(self, path, mode=0o755):
        """Makes it and what it lies in."""
        path = merged(path)
        outer = os.path.dirname(path)
        if outer and outer not in self.files:
            self.folder(outer)
        self.files[path] = (stat.S_IFDIR | mode, b"")

    def _put(self, path, mode, content):
        path = merged(path)
        folder = os.path.dirname(path)
        if folder and folder not in self.files:
            self.folder(folder)
        self.files[path] = (mode, content)

    def text(self, path, content, mode=0o644):
        self._put(path, stat.S_IFREG | mode, content.encode())

    def link(self, path, target):
        self._put(path, stat.S_IFLNK | 0o777, target.encode())

    def file(self, path, source, mode=None):
        """mode None: as the source has it."""
        bits = os.stat(source).st_mode & 0o777 if mode is None else mode
        self._put(path, stat.S_IFREG | bits, os.path.realpath(source))

    def program(self, source, path=None):
        """A program of this machine with all libraries that it is linked with."""
        self.file(path or os.path.join("usr/bin", os.path.basename(source)), source, 0o755)
        listed = subprocess.run(["ldd", source], capture_output=True, text=True, check=False).stdout
        if "not found" in listed:
            raise packages.Missing(f"{source} lacks a library:\n{listed}")
        for library in re.findall(r"(/\S+) \(0x", listed):
            self.library(library)

    def library(self, path):
        self.file(path, path, 0o755)

    def tree(self, source, path, keep=lambda name: True):
        """A folder with all below it, links as links."""
        for folder, _, names in os.walk(source):
            inside = os.path.relpath(folder, source)
            for name in names:
                origin, goal = os.path.join(folder, name), os.path.normpath(
                    os.path.join(path, inside, name))
                if not keep(goal):
                    continue
                if os.path.islink(origin):
                    self.link(goal, os.readlink(origin))
                else:
                    self.file(goal, origin)

    # ---- parts that a guest is made of

    def busybox(self):
        """Its commands, where no real program is put."""
        program = os.path.join(packages.package("busybox-static"), "bin", "busybox")
        names = subprocess.run([program, "--list"], capture_output=True, text=True,
                               check=True).stdout.split()
        for name in names:
            self.link(os.path.join("usr/bin", name), "busybox")
        self.file("usr/bin/busybox", program)

    def udev(self, rules, hwdb):
        """Debian's udevd and rules, and beside them the files rules and hwdb; the hardware database
        holds these alone."""
        folder = packages.package("udev")
        self.program(os.path.join(folder, "bin", "udevadm"))
        self.program(os.path.join(folder, "bin", "systemd-hwdb"))
        self.link("usr/lib/systemd/systemd-udevd", "/usr/bin/udevadm")
        self.tree(os.path.join(folder, "lib", "udev"), "usr/lib/udev",
                  lambda path: "/hwdb.d/" not in path)
        for source in rules:
            self.file(os.path.join("usr/lib/udev/rules.d", os.path.basename(source)), source, 0o644)
        for source in hwdb:
            self.file(os.path.join("usr/lib/udev/hwdb.d", os.path.basename(source)), source, 0o644)

    def modules(self, kernel, wanted, lists="etc/modules.load"):
        """These modules and what they depend on; lists names their files in the order in which they
        can be loaded (etc/modules.load: by /init). A name that is built into the kernel needs no
        file."""
        base = os.path.join(kernel.modules, "lib", "modules", kernel.release)
        needs, built_in = read_index(base)
        order = []
        for name in wanted:
            name = name.replace("-", "_")
            if name in built_in:
                continue
            if name not in needs:
                raise packages.Missing(f"kernel {kernel.release} has no module {name}")
            path, others = needs[name]
            order += [p for p in [*reversed(others), path] if p not in order]
        for path in order:
            self.file(os.path.join("usr/lib/modules", kernel.release, path),
                      os.path.join(base, path), 0o644)
        places = [f"/usr/lib/modules/{kernel.release}/{path}" for path in order]
        self.text(lists, "".join(f"{place}\n" for place in places if place not in self.loaded))
        self.loaded |= set(places)

    def agent(self):
        """/init and what it starts: see guest.py."""
        self.file("init", os.path.join(HERE, "guest", "init"), 0o755)
        self.file("usr/lib/darvaza-guest/agent", os.path.join(HERE, "guest", "agent"), 0o755)

    def write(self, path):
        with open(path, "wb") as out:
            for number, name in enumerate(sorted(self.files), 1):
                mode, content = self.files[name]
                if isinstance(content, str):
                    with open(content, "rb") as handle:
                        content = handle.read()
                entry(out, number, name, mode, content)
            entry(out, 0, "TRAILER!!!", 0, b"")


def entry(out, number, name, mode, content):
    """One file of a newc archive (kernel: Documentation/driver-api/early-userspace/buffer-format)."""
    links = 2 if stat.S_ISDIR(mode) else 1
    fields = (number, mode, 0, 0, links, 0, len(content), 0, 0, 0, 0, len(name) + 1, 0)
    head = b"070701" + b"".join(b"%08X" % field for field in fields) + name.encode() + b"\0"
    out.write(head + b"\0" * (-len(head) % 4) + content + b"\0" * (-len(content) % 4))


def read_index(base):
    """({module: (file, files that it needs)}, {names that are built in})"""
    needs = {}
    with open(os.path.join(base, "modules.dep"), encoding="utf-8") as handle:
        for line in handle:
            path, _, others = line.strip().partition(":")
            needs[module_name(path)] = (path, others.split())
    with open(os.path.join(base, "modules.builtin"), encoding="utf-8") as handle:
        return needs, {module_name(line.strip()) for line in handle}


def module_name(path):
    return os.path.basename(path).split(".")[0].replace("-", "_")
