# SPDX-License-Identifier: Apache-2.0
"""A booth and its centre on one machine of systemd's, set up as docs/installing.md tells it: its
commands are taken from there."""
import os
import re
import sys

import guest
import packages
import systemd_image

sys.path.insert(0, os.path.join(packages.ROOT, "scripts"))
from checkpoint.checkpoint import Checkpoint  # noqa: E402  pylint: disable=wrong-import-position
from checkpoint.layout import Layout  # noqa: E402  pylint: disable=wrong-import-position

UNITS = ("devices", "lists", "booth", "uplink", "protection", "opener", "backend")
RELAY = "/lib/systemd/systemd-socket-proxyd"
# What differs from the examples on this machine: (file, line of the example or "", line instead).
CHANGES = [
    ("booth", "port = 8470", "port = {booth}\ntraining = true"),
    ("lists", "#watch = /media/lists", "check_s = 5"),
    ("lists", "", "[volume]\nallow_unencrypted = true"),
    ("uplink", "url = https://centre.example:8443", "url = https://localhost:8443"),
    ("uplink", "", "[uplink]\nheartbeat_ms = 2000\nanswers_ms = 500\naccounts_ms = 2000\n"
                   "lists_ms = 500"),
    ("backend", "port = 8444", "port = {console}"),
    ("opener", "", "dry_run_least = 1"),
]


def settings(root, layout, stage):
    prefix = systemd_image.prefix_of(layout.build)
    texts = {}
    for name in UNITS:
        path = os.path.join(stage + prefix, "share/darvaza/examples", name + ".ini")
        with open(path, encoding="utf-8") as handle:
            texts[name] = handle.read()
    for name, line, instead in CHANGES:
        instead = instead.format(booth=layout.ports.booth, console=layout.ports.console)
        if line and line not in texts[name]:
            raise guest.Failed(f"the example {name}.ini has no line {line}")
        texts[name] = texts[name].replace(line, instead) if line else texts[name] + instead + "\n"
    for name, text in texts.items():
        root.text(f"{prefix}/etc/darvaza/{name}.ini", text)


def relay(root, number, port):
    """From the guest's network card to a port of its loopback, which is all that the page has."""
    name = f"etc/systemd/system/relay{number}"
    root.text(name + ".socket", f"[Socket]\nListenStream=0.0.0.0:{9000 + number}\n")
    root.text(name + ".service", f"[Service]\nExecStart={RELAY} 127.0.0.1:{port}\n")


def network(layout):
    """QEMU's words for it: the page and the console at the same ports of this machine, nothing else."""
    forwards = "".join(f",hostfwd=tcp:127.0.0.1:{port}-:{9000 + number}" for number, port in
                       enumerate((layout.ports.booth, layout.ports.console)))
    return ["-netdev", "user,id=net,restrict=on" + forwards, "-device",
            "virtio-net-pci,netdev=net"]


def prepare(build, state):
    """Keys, accounts, lists to be released: what people bring to the machines."""
    layout = Layout(build, state, signed_lists=True)
    layout.prepare()
    return layout


def build_image(path, layout, work, hold):
    kernel, root = systemd_image.build_image(path, layout.build, work)
    settings(root, layout, os.path.join(work, "stage"))
    root.program(RELAY, RELAY)
    root.program("/usr/bin/install", "usr/bin/install")
    root.program(hold, "usr/lib/darvaza-guest/hold")
    for number, port in enumerate((layout.ports.booth, layout.ports.console)):
        relay(root, number, port)
    root.tree(layout.path("pki"), "srv/pki")
    root.file("srv/root.json", layout.lists.root)
    root.tree(layout.path("centre", "lists"), "srv/releases")
    root.tree(layout.path("centre", "lists-trust"), "srv/opener/lists-trust")
    root.file("srv/opener/opener.db", layout.path("centre", "opener.db"))
    root.file("srv/protection/opener.db", layout.path("protection", "opener.db"))
    root.write(path)
    return kernel


def commands_of_manual():
    """The lines that put keys into their places, kiosk's and centre's."""
    with open(os.path.join(packages.ROOT, "docs", "installing.md"), encoding="utf-8") as handle:
        blocks = re.findall(r"^ *```\n(.*?)^ *```", handle.read(), re.DOTALL | re.MULTILINE)
    lines = [line.strip() for block in blocks if "install -o" in block
             for line in block.splitlines()]
    if len(lines) != 8:
        raise guest.Failed(f"docs/installing.md: {len(lines)} commands that put keys, not 8")
    return lines


def set_up(machine):
    for line in commands_of_manual():
        machine.check(f"cd /srv && bash -c '{line}'")
    state = "/var/lib/darvaza"
    machine.check(f"cp -r /srv/releases/. {state}/releases && chmod -R g+rX {state}/releases && "
                  f"chown -R darvaza-backend {state}/releases")
    for name in ("opener", "protection"):
        machine.check(f"mkdir -p {state}/{name} && cp -r /srv/{name}/. {state}/{name} && "
                      f"chown -R darvaza-{name}:darvaza-{name} {state}/{name}")
    machine.check("ip addr add 10.0.2.15/24 dev eth0 && ip link set eth0 up && "
                  "systemctl start relay0.socket relay1.socket")


def start(machine):
    """As the manual says. Every unit is Type=notify: it has started when its daemon says so."""
    machine.check("systemctl enable darvaza-centre.target darvaza-kiosk.target")
    for side in ("centre", "kiosk"):
        machine.check(f"systemctl start darvaza-{side}.target", patience=120)
    for name in UNITS:
        machine.wait(f"systemctl is-active darvaza-{name} || "
                     f"{{ journalctl -b -n 12 -o cat -u darvaza-{name}; false; }}", name)


def release_lists(machine, layout):
    """By an editor, an approver and IT at the console; then the booth has it in force."""
    check = Checkpoint(layout, simulator=False)
    layout.lists.release(1, {user: check.console(user) for user in ("it", "editor", "approver")})
    machine.wait("[ -e /var/lib/darvaza/lists/current.json ] || "
                 "{ cat /var/lib/darvaza/lists/status.json; false; }", "lists in force", 120)
    return check


__all__ = ["UNITS", "prepare", "network", "build_image", "set_up", "start", "release_lists"]
