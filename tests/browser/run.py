#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Starts a whole checkpoint and lets a browser be its people: run.py BUILD-DIR [SCENARIO...]

Exit status: 0 all scenarios held, 1 one did not, 77 no browser here. Screenshots are left in
BUILD-DIR/screenshots, the checkpoint's folder in BUILD-DIR/test-state/browser."""
import json
import os
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(ROOT, "scripts"))
from checkpoint.checkpoint import Checkpoint  # noqa: E402
from checkpoint.layout import Layout  # noqa: E402

CHROMIUM = ("chromium", "chromium-browser")


def missing():
    """What keeps the browser tests from running, or None."""
    if not any(shutil.which(name) for name in CHROMIUM):
        return "there is no chromium; scripts/install-deps browser brings it"
    if not shutil.which("node"):
        return "there is no node; scripts/install-deps browser brings it"
    if not os.path.isdir(os.path.join(HERE, "node_modules", "playwright-core")):
        return "the packages of tests/browser are not installed; scripts/install-deps browser"
    return None


def describe(layout, checkpoint, screenshots):
    """What the scenarios must know, as JSON in their environment."""
    return json.dumps({
        "booth": checkpoint.booth_url, "console": checkpoint.console_url,
        "passwords": layout.passwords, "screenshots": screenshots,
        "profile": layout.path("browser-profile"),
        "chromium": next(shutil.which(n) for n in CHROMIUM if shutil.which(n)),
        "simulate": [layout.binary("darvaza"), "simulate", "--control",
                     layout.path("run", "simulator")],
        "travellers": layout.path("travellers"),
        "lists": layout.path("releases"), "boothLists": layout.path("kiosk", "lists"),
        "documents": os.path.join(ROOT, "packaging", "demo", "documents"),
        "pids": {name: process.pid for name, process in checkpoint.processes.items()},
    })


def lay_lists(layout, build):
    """A repository of list releases whose drafts wait, for the centre's two daemons."""
    folder = layout.path("releases")
    os.makedirs(folder)
    subprocess.run([os.path.join(build, "tests", "browser", "lists-maker"), folder], check=True)
    settings = {"backend": f"[lists]\nrepository={folder}\n",
                "opener": f"[lists]\nrepository={folder}\ntrust={folder}/trust\n"
                          f"timestamp_key={folder}/timestamp-key.pem\ndry_run_least=2\n"}
    for name, text in settings.items():
        with open(layout.path("conf", name + ".ini"), "a", encoding="utf-8") as handle:
            handle.write(text)


def lay_cameras(layout, build):
    """Cameras for who plugs them in: 1-5 looks at the traveller, 1-6 at documents; and what they show."""
    os.makedirs(layout.path("travellers"))
    subprocess.run([os.path.join(build, "tests", "support", "travellers-maker"),
                    layout.path("travellers"),
                    os.path.join(ROOT, "packaging", "demo", "specimen-page.jpg")], check=True)
    settings = {"devices": "[camera]\nuse=all\ndocument=1-6\n[vision]\nprogram="
                           + os.path.join(build, "drivers", "vision", "darvaza-vision") + "\n",
                "booth": "[camera]\ntraveller=1-5\ndocument=1-6\n"}
    for name, text in settings.items():
        with open(layout.path("conf", name + ".ini"), "a", encoding="utf-8") as handle:
            handle.write(text)


def main():
    build, scenarios = os.path.abspath(sys.argv[1]), sys.argv[2:]
    reason = missing()
    if reason:
        print(f"skipped: {reason}")
        return 77
    state, screenshots = (os.path.join(build, "test-state", "browser"),
                          os.path.join(build, "screenshots"))
    for folder in (state, screenshots):
        shutil.rmtree(folder, ignore_errors=True)
        os.makedirs(folder)
    layout = Layout(build, state)
    layout.prepare()
    lay_lists(layout, build)
    lay_cameras(layout, build)
    with Checkpoint(layout) as checkpoint:
        checkpoint.start()
        checkpoint.officer()  # until the centre's accounts are there
        environment = {**os.environ, "CHECKPOINT": describe(layout, checkpoint, screenshots)}
        done = subprocess.run(["node", os.path.join(HERE, "main.mjs"), *scenarios],
                              env=environment, check=False)
    return 1 if done.returncode else 0


if __name__ == "__main__":
    sys.exit(main())
