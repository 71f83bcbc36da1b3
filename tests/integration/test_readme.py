#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What README.md promises of the demo: one traveller, the DURABLE line, and the record opened by the
lines that stand there, run as printed. test_readme.py BUILD-DIR"""
import os
import re
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def one_traveller(build, state):
    """The state directory that the demo names in its last line."""
    done = subprocess.run([sys.executable, os.path.join(ROOT, "scripts", "demo.py"), "--build", build,
                           "--once", "--state", state], capture_output=True, text=True, check=False)
    last = done.stdout.rstrip().splitlines()[-1] if done.stdout.strip() else ""
    durable = re.fullmatch(r"DURABLE ([0-9a-f-]{36}) (/\S+)", last)
    if done.returncode or not durable:
        sys.exit(f"the demo ended with {done.returncode} and {last!r}\n{done.stdout}{done.stderr}")
    return durable.group(1), durable.group(2)


def lines_of_readme():
    with open(os.path.join(ROOT, "README.md"), encoding="utf-8") as handle:
        blocks = re.findall(r"```sh\n(.*?)```", handle.read(), re.DOTALL)
    chosen = [block for block in blocks if "openssl cms" in block]
    if len(chosen) != 1:
        sys.exit(f"README.md has {len(chosen)} blocks with openssl cms, not one")
    return chosen[0]


def main():
    build = os.path.abspath(sys.argv[1])
    with tempfile.TemporaryDirectory(prefix="readme-") as work:
        crossing, state = one_traveller(build, os.path.join(work, "state"))
        opened = subprocess.run(["bash", "-euo", "pipefail", "-c", lines_of_readme()], cwd=work,
                                env={**os.environ, "D": state}, capture_output=True, text=True,
                                check=False)
    if opened.returncode or "L898902C3" not in opened.stdout or crossing not in opened.stdout:
        sys.exit(f"README's lines ended with {opened.returncode}: {opened.stderr}")
    print("README's lines opened the crossing of the demo")


if __name__ == "__main__":
    main()
