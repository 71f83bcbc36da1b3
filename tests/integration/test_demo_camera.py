#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The demo with a document camera: a rendered specimen before the simulated camera, to its DURABLE line.
test_demo_camera.py BUILD-DIR"""
import os
import re
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def main():
    with tempfile.TemporaryDirectory(prefix="demo-camera-") as work:
        done = subprocess.run([sys.executable, os.path.join(ROOT, "scripts", "demo.py"), "--build",
                               os.path.abspath(sys.argv[1]), "--once", "--camera", "--state",
                               os.path.join(work, "state")], capture_output=True, text=True, check=False)
    lines = done.stdout.rstrip().splitlines()
    if done.returncode or not lines or not re.fullmatch(r"DURABLE [0-9a-f-]{36} /\S+", lines[-1]):
        sys.exit(f"the demo ended with {done.returncode}\n{done.stdout}{done.stderr}")
    if not any("document L898902C3" in line for line in lines):
        sys.exit(f"another document was read\n{done.stdout}")
    print("the specimen before the camera is durable")


if __name__ == "__main__":
    main()
