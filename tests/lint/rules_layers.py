# SPDX-License-Identifier: Apache-2.0
"""Who may include whom (docs/architecture.md, "Rooms"), and that meson.build says the same."""
import re

from tree import Finding

COMMON = ["common/base", "common/ipc", "common/mrz", "common/names", "common/watchlist",
          "common/crossing", "common/pki", "common/accounts", "common/trust", "common/packages"]
# room: the rooms beside itself whose public headers it may include. "*": any.
MAY_INCLUDE = {
    "common/base": [],
    "common/ipc": ["common/base"],
    "common/mrz": ["common/base"],
    "common/names": ["common/base"],
    "common/watchlist": ["common/base", "common/mrz", "common/names"],
    "common/crossing": ["common/base", "common/mrz", "common/names"],
    "common/pki": ["common/base"],
    "common/accounts": ["common/base", "common/crossing"],
    "common/trust": ["common/base"],
    "common/packages": ["common/base", "common/trust"],
    "drivers/usb": COMMON + ["drivers"],
    "drivers/readers": COMMON + ["drivers", "drivers/usb"],
    "drivers/cameras": COMMON + ["drivers", "drivers/usb"],
    "drivers/vision": COMMON,
    "drivers/service": COMMON + ["drivers", "drivers/usb", "drivers/readers", "drivers/cameras",
                                 "drivers/vision"],
    "drivers/simulator": COMMON + ["drivers", "drivers/usb", "drivers/readers", "drivers/cameras"],
    "drivers": COMMON,
    "kiosk/outbox": COMMON,
    "kiosk/booth": [*COMMON, "kiosk/outbox"],
    "kiosk/lists": COMMON,
    "kiosk/uplink": COMMON,
    "backend/store": COMMON,
    "backend/lists": COMMON,
    "backend/opener": COMMON,
    "backend/console": COMMON + ["backend/store", "backend/lists"],
    "backend/server": COMMON + ["backend/store", "backend/lists", "backend/console"],
    "tools": ["*"],
    "tests": ["*"],
}
# Its one header is written by gdbus-codegen into the build folder, which it therefore exports.
GENERATED = "common/ipc"
ROOMS = sorted(MAY_INCLUDE, key=len, reverse=True)
_INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]', re.MULTILINE)
# What a reader driver may name beside its room's own private headers: a driver never calls libusb,
# sleeps, reads clocks or starts threads itself.
_DRIVER_BARRED = re.compile(r"^(libusb.*|pthread\.h|time\.h|sys/time\.h|sqlite3\.h|curl/.*)$")


def room_of(path):
    for room in ROOMS:
        if path.startswith(room + "/"):
            return room
    return None


def public_headers(tree):
    """{"darvaza/x.h": room} for every exported header."""
    found = {}
    for path in tree.ending(".h"):
        room, at = room_of(path), path.find("/include/")
        if room and at >= 0:
            found[path[at + len("/include/"):]] = room
    return found


def include_direction(tree):
    exported = public_headers(tree)
    for path in tree.ending(".c", ".h", ".cc", ".cpp", ".hpp"):
        room = room_of(path)
        if room is None:
            yield Finding(path, 1, "include-direction", "in no room that the layers' table knows")
            continue
        text = tree.text(path)
        for match in _INCLUDE.finditer(text):
            line = text.count("\n", 0, match.start()) + 1
            problem = _judge(room, match.group(1), match.group(2), exported)
            if problem:
                yield Finding(path, line, "include-direction", problem)


def _judge(room, mark, name, exported):
    if ".." in name.split("/"):
        return f'"{name}" climbs out of its room; include a public header as <darvaza/...>'
    if mark == '"':
        top = name.split("/")[0]
        if top in ("common", "drivers", "kiosk", "backend", "tools"):
            return f'"{name}" reaches into a room by path; include <darvaza/...>'
        return None
    owner = exported.get(name)
    allowed = MAY_INCLUDE[room]
    if owner and owner != room and "*" not in allowed and owner not in allowed:
        return f"{room} may not include <{name}> of {owner}"
    if room in ("drivers/readers", "drivers/cameras") and _DRIVER_BARRED.match(name):
        return f"a driver speaks through its driver header alone, not <{name}>"
    return None


def meson_exports(tree):
    """A room's library hides everything but include/, and is declared under the agreed names."""
    for path in tree.ending("meson.build"):
        room = room_of(path)
        if room in (None, "tests", GENERATED) or path != room + "/meson.build":
            continue
        text = re.sub(r"#[^\n]*", "", tree.text(path))
        for name, body, line in _meson_calls(text, "static_library|declare_dependency"):
            yield from (Finding(path, line, "meson-exports", p) for p in _export_problems(name, body))


def _export_problems(name, body):
    if name == "static_library" and "implicit_include_directories: false" not in body:
        yield "a room's static_library says implicit_include_directories: false"
    if name == "declare_dependency":
        for args in re.findall(r"include_directories\(([^)]*)\)", body):
            if args.strip() not in ("'include'", '"include"'):
                yield f"a room exports include_directories('include') and nothing else, not ({args})"


def _meson_calls(text, names):
    for match in re.finditer(r"\b(" + names + r")\s*\(", text):
        depth, at = 1, match.end()
        while at < len(text) and depth:
            depth += {"(": 1, ")": -1}.get(text[at], 0)
            at += 1
        yield match.group(1), text[match.end():at - 1], text.count("\n", 0, match.start()) + 1


RULES = {"include-direction": include_direction, "meson-exports": meson_exports}
