#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A wrong include does not compile: asks the compiler itself, with each room's own flags.

For every room that compiles something, every public header of the tree is tried; a header of a room
that it may not include must not be found. Its own headers must be, or the flags would prove nothing.

usage: compile_fail.py SOURCE_ROOT BUILD_ROOT
"""
import json
import os
import shlex
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
from rules_layers import MAY_INCLUDE, public_headers, room_of  # noqa: E402
from tree import Tree  # noqa: E402


def flags_by_room(source_root, build_root):
    with open(os.path.join(build_root, "compile_commands.json"), encoding="utf-8") as handle:
        entries = json.load(handle)
    rooms = {}
    for entry in entries:
        path = os.path.relpath(os.path.join(entry["directory"], entry["file"]), source_root)
        room, words = room_of(path), shlex.split(entry["command"])
        if room is None or room in ("tests", "tools") or path.startswith("..") or path.endswith("main.c"):
            continue
        cut = [words[0] if os.path.basename(words[0]) != "ccache" else words[1]]
        cut += [w for w in words[1:] if w.startswith(("-I", "-isystem", "-D", "-std"))]
        rooms.setdefault(room, (cut, entry["directory"]))
    return rooms


def headers_seen(command, folder, headers, scratch):
    probe = os.path.join(scratch, "probe.c")
    with open(probe, "w", encoding="utf-8") as handle:
        for header in headers:
            handle.write(f"#if __has_include(<{header}>)\nSEES {header}\n#endif\n")
    run = subprocess.run([*command, "-E", "-P", probe], cwd=folder, capture_output=True, text=True,
                         check=True)
    return {line.split()[1] for line in run.stdout.splitlines() if line.startswith("SEES ")}


def compiles(command, folder, header, scratch):
    probe = os.path.join(scratch, "one.c")
    with open(probe, "w", encoding="utf-8") as handle:
        handle.write(f"#include <{header}>\nint probe;\n")
    return subprocess.run([*command, "-fsyntax-only", probe], cwd=folder, capture_output=True,
                          check=False).returncode == 0


def main():
    source_root, build_root = (os.path.abspath(a) for a in sys.argv[1:3])
    exported = public_headers(Tree.load(source_root))
    rooms, wrong, barred = flags_by_room(source_root, build_root), 0, 0
    with tempfile.TemporaryDirectory(prefix="dv-lint-") as scratch:
        for room, (command, folder) in sorted(rooms.items()):
            seen = headers_seen(command, folder, exported, scratch)
            may = set(MAY_INCLUDE[room]) | {room}
            own = {h for h, r in exported.items() if r == room}
            for header in sorted(own - seen):
                wrong += 1
                print(f"{room}: cannot see its own <{header}>")
            for header, owner in sorted(exported.items()):
                if owner in may:
                    continue
                barred += 1
                if header in seen or compiles(command, folder, header, scratch):
                    wrong += 1
                    print(f"{room}: <{header}> of {owner} compiles there")
    print(f"{len(rooms)} rooms, {len(exported)} public headers, {barred} wrong includes tried, "
          f"{wrong} findings")
    return 1 if wrong or not rooms else 0


if __name__ == "__main__":
    sys.exit(main())
