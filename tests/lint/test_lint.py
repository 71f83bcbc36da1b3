#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every rule has a fixture in which it finds exactly the places that `expect` lists.

A fixture is a small tree; what is right in it stands beside what is wrong. %SLASH% and %DOT% keep
paths and hosts out of this project's own files.
"""
import os
import shutil
import sys
import tempfile

sys.dont_write_bytecode = True
from lint import RULES, lint  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))


def unpack(rule, goal):
    shutil.copytree(os.path.join(HERE, "fixtures", rule), goal)
    expect = os.path.join(goal, "expect")
    with open(expect, encoding="utf-8") as handle:
        wanted = sorted(handle.read().split())
    os.remove(expect)
    for folder, _, files in os.walk(goal):
        for name in files:
            path = os.path.join(folder, name)
            with open(path, encoding="utf-8") as handle:
                text = handle.read()
            with open(path, "w", encoding="utf-8") as handle:
                handle.write(text.replace("%SLASH%", "/").replace("%DOT%", "."))
    return wanted


def check(rule, scratch):
    if not os.path.isdir(os.path.join(HERE, "fixtures", rule)):
        return f"{rule}: has no fixture"
    goal = os.path.join(scratch, rule)
    wanted = unpack(rule, goal)
    if not wanted:
        return f"{rule}: its fixture expects nothing"
    found, _ = lint(goal, [rule])
    places = sorted({f"{f.path}:{f.line}" for f in found})
    if any(f.rule != rule for f in found):
        return f"{rule}: reports under another name"
    if places != wanted:
        return f"{rule}: found {places}, expected {wanted}"
    return None


def main():
    failed = 0
    strays = set(os.listdir(os.path.join(HERE, "fixtures"))) - set(RULES)
    with tempfile.TemporaryDirectory(prefix="dv-lint-") as scratch:
        for rule in RULES:
            if rule == "clang-format" and not shutil.which("clang-format"):
                print("skipped clang-format: not installed")
                continue
            problem = check(rule, scratch)
            print(f"FAILED {problem}" if problem else f"ok {rule}")
            failed += problem is not None
    for stray in sorted(strays):
        print(f"FAILED fixture {stray} belongs to no rule")
    return 1 if failed or strays else 0


if __name__ == "__main__":
    sys.exit(main())
