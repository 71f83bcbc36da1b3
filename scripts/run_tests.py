#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Builds the tree in every way that its tests need, runs them, and counts. Called by scripts/test."""
import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
SANITIZED = ["-Db_lundef=false", "--buildtype=debugoptimized"]


@dataclass(frozen=True)
class Build:
    """One build folder: why it exists, its options, and which suites run in it."""
    name: str
    why: str
    options: tuple
    select: tuple
    slowness: int = 1


BUILDS = [
    Build("build-test", "the product, warnings are errors", (), ("--no-suite", "fault")),
    Build("build-asan", "every test under AddressSanitizer and UndefinedBehaviorSanitizer",
          ("-Db_sanitize=address,undefined", *SANITIZED),
          ("--no-suite", "fault", "--no-suite", "lint", "--no-suite", "browser", "--no-suite",
           "kernel"), 4),
    Build("build-tsan", "threaded tests under ThreadSanitizer",
          ("-Db_sanitize=thread", *SANITIZED), ("--suite", "threaded"), 6),
    Build("build-fault", "fault tests: the product with points at which it can be killed",
          ("-Dfault_points=true",), ("--suite", "fault"), 2),
    Build("build-sabotage", "fault tests must fail: acknowledges before fsync",
          ("-Dfault_points=true", "-Dsabotage=ack-before-fsync"), ("--suite", "fault"), 2),
    Build("build-sabotage-lists", "power cuts must mix lists: swaps before fsync",
          ("-Dfault_points=true", "-Dsabotage=swap-before-fsync"), ("--suite", "lists-fault"), 2),
]

ENVIRONMENT = {
    "ASAN_OPTIONS": "detect_stack_use_after_return=1:strict_string_checks=1:abort_on_error=1",
    "UBSAN_OPTIONS": "print_stacktrace=1:halt_on_error=1:abort_on_error=1",
    "TSAN_OPTIONS": "halt_on_error=1:second_deadlock_stack=1",
    "G_DEBUG": "fatal-criticals",
}
PASSED, SKIPPED = ("OK", "EXPECTEDFAIL"), ("SKIP", "IGNORED")


def say(text):
    print(f"\n== {text}", flush=True)


def configure(build):
    """Sets the folder up afresh when its options are not the wanted ones."""
    folder = os.path.join(ROOT, build.name)
    options = ["-Dwerror=true", *build.options]
    stamp, wanted = os.path.join(folder, "options"), "\n".join(options)
    if os.path.exists(os.path.join(folder, "build.ninja")) and os.path.exists(stamp):
        with open(stamp, encoding="utf-8") as handle:
            if handle.read() == wanted:
                return True
    again = ["--wipe"] if os.path.isdir(os.path.join(folder, "meson-private")) else []
    if subprocess.run(["meson", "setup", *again, folder, ROOT, *options],
                      stdout=subprocess.DEVNULL, check=False).returncode:
        log = os.path.join(folder, "meson-logs", "meson-log.txt")
        if os.path.exists(log):
            subprocess.run(["tail", "-n", "30", log], check=False)
        return False
    with open(stamp, "w", encoding="utf-8") as handle:
        handle.write(wanted)
    return True


def compile_tree(build):
    return configure(build) and subprocess.run(
        ["ninja", "-C", os.path.join(ROOT, build.name)], check=False).returncode == 0


def test_command(build, options):
    command = ["meson", "test", "-C", os.path.join(ROOT, build.name), "--no-rebuild"]
    scale = build.slowness * (20 if options.full else 1)
    command += ["--timeout-multiplier", str(scale)]
    if options.suite:
        for name in options.suite:
            command += ["--suite", name]
        command += [a for a in excluded(build)]
    else:
        command += build.select
    return command


def excluded(build):
    """What this build leaves out even when a suite was asked for by name."""
    return build.select if build.select[0] == "--no-suite" else ()


def wanted(build, suites):
    """Whether the suites asked for can have a test in this build."""
    if not suites:
        return True
    names = [build.select[i + 1] for i in range(0, len(build.select), 2)]
    if build.select[0] == "--suite":
        return any(s in names for s in suites)
    return any(s not in names for s in suites)


def run_tests(build, options, temporary):
    """[(name, result, output)] of every test that ran in this build."""
    log = os.path.join(ROOT, build.name, "meson-logs", "testlog.json")
    if os.path.exists(log):
        os.remove(log)
    environment = {**os.environ, **ENVIRONMENT}
    environment["DARVAZA_FULL"] = "1" if options.full else "0"
    environment["TMPDIR"] = temporary
    subprocess.run(test_command(build, options), env=environment, check=False)
    if not os.path.exists(log):
        return []
    with open(log, encoding="utf-8") as handle:
        rows = [json.loads(line) for line in handle if line.strip()]
    return [(f"{build.name}/{r['name'].split(' / ')[-1]}", r["result"],
             (r.get("stdout") or "") + (r.get("stderr") or "")) for r in rows]


def search_what_is_left(folders):
    """What the tests left behind, and their logs, must not name the invented travellers."""
    say("searching logs and left files for the invented travellers")
    tool = os.path.join(ROOT, "tests", "integration", "privacy", "search.py")
    done = subprocess.run([sys.executable, tool, *folders], capture_output=True, text=True,
                          check=False)
    print(done.stdout, end="")
    return [("privacy of what is left", "FAIL" if done.returncode else "OK",
             done.stdout + done.stderr)]


def summary(results, builds_failed):
    passed = sum(r in PASSED for _, r, _ in results)
    skipped = [(n, o) for n, r, o in results if r in SKIPPED]
    failed = [(n, r, o) for n, r, o in results if r not in PASSED and r not in SKIPPED]
    for name, result, output in failed:
        say(f"{result}: {name}")
        print(output[-6000:])
    for name, output in skipped:
        lines = [line for line in output.strip().splitlines() if line.strip()]
        print(f"skipped: {name}: {lines[-1].strip() if lines else 'no reason given'}")
    for name in builds_failed:
        print(f"failed: {name} does not build")
    return passed, len(failed) + len(builds_failed), len(skipped)


def main():
    parser = argparse.ArgumentParser(prog="scripts/test", description=__doc__)
    parser.add_argument("--full", action="store_true", help="full counts")
    parser.add_argument("--no-skip", action="store_true", help="a skipped test is a failure")
    parser.add_argument("--suite", action="append", help="only this suite")
    options = parser.parse_args()
    os.chdir(ROOT)
    results, broken, started = [], [], time.monotonic()
    # Short, because tests make sockets below it.
    temporary = tempfile.TemporaryDirectory(prefix="dvt-", dir="/tmp", ignore_cleanup_errors=True)
    os.chmod(temporary.name, 0o711)  # a test that plays another user must reach what it opens to it
    chosen = [b for b in BUILDS if wanted(b, options.suite)]
    for number, build in enumerate(chosen, 1):
        say(f"{number} of {len(chosen)}: {build.name}: {build.why}")
        if compile_tree(build):
            results += run_tests(build, options, temporary.name)
        else:
            broken.append(build.name)
        print(f"{len(results)} tests so far, {time.monotonic() - started:.0f} s", flush=True)
    results += search_what_is_left([temporary.name] + [
        os.path.join(ROOT, b.name, "meson-logs") for b in chosen if b.name not in broken])
    passed, failed, skipped = summary(results, broken)
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed or not passed or (options.no_skip and skipped) else 0


if __name__ == "__main__":
    sys.exit(main())
