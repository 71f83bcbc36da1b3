#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What `meson install` puts on a machine: everything that a unit names is there, the example settings
are good and agree with one another and with the units, and systemd takes the units and finds them
tight.

usage: test_install.py BUILD-DIR
"""
import configparser
import os
import re
import shutil
import subprocess
import sys
import tempfile

# The exposure that systemd-analyze may see at most, in tenths (docs/installing.md has what it sees).
EXPOSURE = {"devices": 12, "booth": 12, "lists": 5, "uplink": 12, "backend": 12, "opener": 5,
            "protection": 5}
# What every unit says; the rest of its sandbox differs for a reason that stands in it.
EVERYWHERE = """NoNewPrivileges=yes CapabilityBoundingSet= AmbientCapabilities= LimitCORE=0
    ProtectSystem=strict ProtectHome=yes MemoryDenyWriteExecute=yes RestrictNamespaces=yes
    SystemCallArchitectures=native Restart=always StartLimitIntervalSec=0 Type=notify""".split()

SKIPPED = 77  # meson's word for a test that could not be made whole
MISSING = []  # programs that are not on this machine


class Tree:
    """An installed tree: absolute paths as on the machine, found below the staging folder."""

    def __init__(self, stage, prefix):
        self.stage, self.prefix = stage, prefix

    def at(self, path):
        return self.stage + path

    def below(self, *parts):
        return os.path.join(self.stage + self.prefix, *parts)

    def lines(self, *parts):
        with open(self.below(*parts), encoding="utf-8") as handle:
            return [line.strip() for line in handle if line.strip() and line[0] not in "#;"]

    def unit(self, name):
        """{key: [value, ...]} of darvaza-NAME.service."""
        found = {}
        for line in self.lines("lib/systemd/system", f"darvaza-{name}.service"):
            key, equals, value = line.partition("=")
            if equals:
                found.setdefault(key, []).append(value)
        return found

    def example(self, name):
        parser = configparser.ConfigParser(interpolation=None)
        parser.read(self.below("share/darvaza/examples", name + ".ini"), encoding="utf-8")
        return parser


def users_and_groups(tree):
    """What the sysusers.d files make."""
    users, groups = set(), set()
    for side in ("kiosk", "centre"):
        for line in tree.lines("lib/sysusers.d", f"darvaza-{side}.conf"):
            kind, name = line.split()[:2]
            groups.add(name)
            if kind == "u":
                users.add(name)
    return users, groups


def check_unit(tree, name, users, groups):
    unit = tree.unit(name)
    said = [f"{key}={value}" for key, values in unit.items() for value in values]
    program, option, settings = unit["ExecStart"][0].split()
    for wanted in EVERYWHERE:
        yield wanted in said, f"{name}: says {wanted}"
    yield os.access(tree.at(program), os.X_OK), f"{name}: {program} is installed"
    yield option == "--config" and os.path.basename(settings) == name + ".ini", f"{name}: settings"
    yield os.path.exists(tree.below("share/darvaza/examples", name + ".ini")), f"{name}: example"
    yield unit["User"] == unit["Group"] and unit["User"][0] in users, f"{name}: its user is made"
    for group in " ".join(unit.get("SupplementaryGroups", [])).split():
        yield group in groups, f"{name}: its group {group} is made"
    for page in " ".join(unit["Documentation"]).split():
        there = page.startswith("man:") or os.path.exists(tree.at(page[len("file:"):]))
        yield there, f"{name}: {page} is installed"
    for path in " ".join(unit.get("ReadWritePaths", [])).split():
        made = [line.split()[1] for side in ("kiosk", "centre")
                for line in tree.lines("lib/tmpfiles.d", f"darvaza-{side}.conf")]
        yield path.lstrip("-") in made, f"{name}: {path} is made by tmpfiles.d"


def check_target(tree, side, names):
    wants = [word for line in tree.lines("lib/systemd/system", f"darvaza-{side}.target")
             if line.startswith("Wants=") for word in line[len("Wants="):].split()]
    yield sorted(wants) == sorted(f"darvaza-{name}.service" for name in names), f"{side}: whole"


def check_folders(tree, users, groups):
    for side in ("kiosk", "centre"):
        for line in tree.lines("lib/tmpfiles.d", f"darvaza-{side}.conf"):
            _, path, _, user, group = line.split()[:5]
            yield user in users | {"root"} and group in groups | {"root"}, f"{path}: owners exist"


def check_example(tree, name, work):
    """The program takes the example. Its users are no users of the machine that tests."""
    program = tree.at(tree.unit(name)["ExecStart"][0].split()[0])
    with open(tree.below("share/darvaza/examples", name + ".ini"), encoding="utf-8") as handle:
        text = re.sub(r"uid = darvaza-\w+", "uid = root", handle.read())
    settings = os.path.join(work, name + ".ini")
    with open(settings, "w", encoding="utf-8") as handle:
        handle.write(text)
    done = subprocess.run([program, "--config", settings, "--check-config"], capture_output=True,
                          text=True, check=False, timeout=30)
    yield done.returncode == 0, f"{name}: its example is good: {done.stdout}{done.stderr}"
    web_root = re.search(r"^web_root = (.*)$", text, re.MULTILINE)
    if web_root:
        page = os.path.join(tree.at(web_root.group(1)), "index.html")
        yield os.path.exists(page), f"{name}: {page} is installed"


# (who listens, group, key, key of the user who may connect; who connects, group, key)
LINES = [
    ("devices", "ipc", "socket", "allowed_uid", "booth", "devices", "socket"),
    ("booth", "uplink", "socket", "uid", "uplink", "booth", "socket"),
    ("lists", "uplink", "socket", "uid", "uplink", "lists", "socket"),
    ("opener", "opener", "socket", "client_uid", "backend", "ingest", "opener_socket"),
    ("opener", "opener", "socket", "client_uid", "backend", "console", "opener_socket"),
    ("protection", "opener", "socket", "client_uid", "backend", "console", "protection_socket"),
    ("protection", "opener", "hold_socket", "hold_client_uid", "opener", "opener",
     "protection_socket"),
]


def check_lines(tree):
    """Who connects finds the socket, may enter its folder and is let in."""
    for server, group, key, who, client, client_group, client_key in LINES:
        line = f"{client} to {server}"
        socket = tree.example(server)[group][key]
        unit, other = tree.unit(server), tree.unit(client)
        yield socket == tree.example(client)[client_group][client_key], f"{line}: the same socket"
        yield os.path.dirname(socket) == "/run/" + unit["RuntimeDirectory"][0], f"{line}: its folder"
        yield tree.example(server)[group][who] == other["User"][0], f"{line}: its user is let in"
        groups = " ".join(other.get("SupplementaryGroups", [])).split()
        yield unit["Group"][0] in groups, f"{line}: it may enter the folder"
        yield "PrivateUsers" not in unit, f"{line}: the kernel names the peer's user"


def check_systemd(tree, work):
    if shutil.which("systemd-analyze") is None:
        MISSING.append("systemd-analyze")
        return
    units = []
    for name in EXPOSURE:
        path = os.path.join(work, f"darvaza-{name}.service")
        with open(tree.below("lib/systemd/system", os.path.basename(path)),
                  encoding="utf-8") as handle:
            text = handle.read().replace("ExecStart=", "ExecStart=" + tree.stage)
        with open(path, "w", encoding="utf-8") as handle:
            handle.write(text)
        units.append(path)
    done = subprocess.run(["systemd-analyze", "--man=no", "verify", *units], capture_output=True,
                          text=True, check=False, timeout=60)
    said = [line for line in done.stderr.splitlines() if "darvaza" in line]
    yield done.returncode == 0 and not said, f"systemd takes the units: {done.stderr}"
    for path, most in zip(units, EXPOSURE.values()):
        done = subprocess.run(["systemd-analyze", "security", "--offline=true", "--no-pager",
                               f"--threshold={most}", path], capture_output=True, text=True,
                              check=False, timeout=60)
        last = (done.stdout.strip().splitlines() or [done.stderr])[-1]
        print(last)
        yield done.returncode == 0, f"{os.path.basename(path)}: at most {most / 10}: {last}"


def check_users_by_systemd(tree):
    """Whether systemd itself can make users and folders of the shipped files."""
    os.makedirs(tree.at("/etc"), exist_ok=True)
    tools = [["systemd-sysusers", "darvaza-kiosk.conf", "darvaza-centre.conf"]]
    if os.geteuid() == 0:
        tools.append(["systemd-tmpfiles", "--create", "darvaza-kiosk.conf", "darvaza-centre.conf"])
    for tool, *words in tools:
        if shutil.which(tool) is None:
            MISSING.append(tool)
            continue
        done = subprocess.run([tool, f"--root={tree.stage}", *words], capture_output=True,
                              text=True, check=False, timeout=60)
        yield done.returncode == 0, f"{tool}: {done.stderr}"


def checks(tree, work):
    users, groups = users_and_groups(tree)
    for name in EXPOSURE:
        yield from check_unit(tree, name, users, groups)
        yield from check_example(tree, name, work)
    yield from check_target(tree, "kiosk", ["devices", "lists", "booth", "uplink"])
    yield from check_target(tree, "centre", ["backend", "opener", "protection"])
    yield from check_folders(tree, users, groups)
    yield from check_lines(tree)
    for path in ("lib/udev/rules.d/60-darvaza.rules", "lib/udev/rules.d/72-darvaza-seat.rules", "lib/udev/hwdb.d/60-darvaza.hwdb",
                 "bin/darvaza", "libexec/darvaza/darvaza-vision", "share/man/man8/darvaza-lists.8", "share/man/man1/darvaza-mrz.1",
                 "share/doc/darvaza/hardware-notes/README.md"):
        yield os.path.exists(tree.below(path)), f"{path} is installed"
    yield not os.path.exists(tree.below("bin/darvaza-simulator")), "no simulator on a kiosk"
    yield from check_systemd(tree, work)
    yield from check_users_by_systemd(tree)


def prefix_of(build):
    said = subprocess.run(["meson", "introspect", "--buildoptions", build], capture_output=True,
                          text=True, check=True).stdout
    return re.search(r'"name": "prefix", "value": "([^"]*)"', said).group(1)


def main():
    build = os.path.abspath(sys.argv[1])
    with tempfile.TemporaryDirectory(prefix="install-") as work:
        stage = os.path.join(work, "stage")
        subprocess.run(["meson", "install", "-C", build, "--no-rebuild", "--quiet", "--destdir",
                        stage], check=True, stdout=subprocess.DEVNULL)
        wrong = count = 0
        for good, what in checks(Tree(stage, prefix_of(build)), work):
            count += 1
            wrong += not good
            if not good:
                print(f"not so: {what}")
    if wrong:
        sys.exit(f"{wrong} of {count} are not so")
    if MISSING:
        print(f"{count} are so; not here, so they judged nothing: {', '.join(MISSING)}")
        sys.exit(SKIPPED)
    print(f"all {count} are so")


if __name__ == "__main__":
    main()
