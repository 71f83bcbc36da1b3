#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs a whole checkpoint; see scripts/demo."""
import argparse
import os
import signal
import sys
import tempfile
import threading

sys.dont_write_bytecode = True
from checkpoint.checkpoint import Checkpoint  # noqa: E402
from checkpoint.layout import PEOPLE, ROOT, Layout, Ports  # noqa: E402
from checkpoint.lists import SIGNERS  # noqa: E402
from checkpoint.simulator import SPECIMEN, SPECIMEN_PAGE  # noqa: E402
from checkpoint.web import HttpError  # noqa: E402


def say(text):
    print(text, flush=True)


def options():
    parser = argparse.ArgumentParser(prog="scripts/demo", description="a checkpoint on this machine")
    parser.add_argument("--build", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--once", action="store_true", help="let one traveller through and end")
    parser.add_argument("--state", help="folder of keys, accounts and records")
    parser.add_argument("--port-base", type=int, help="officer's page on N, console on N+2")
    parser.add_argument("--no-simulator", action="store_true", help="start without a reader")
    parser.add_argument("--camera", action="store_true",
                        help="a document camera instead of a reader")
    return parser.parse_args()


def fresh_state():
    return tempfile.mkdtemp(prefix="darvaza-demo-", dir=os.environ.get("XDG_RUNTIME_DIR") or "/tmp")


def one_traveller(checkpoint):
    """The specimen on the reader or before the camera, admitted by the officer, until the centre's receipt is back."""
    officer = checkpoint.officer()
    if checkpoint.layout.camera:
        say("officer signed in; holding the ICAO specimen before the camera")
        checkpoint.simulator.show(os.path.realpath(SPECIMEN_PAGE))
    else:
        say("officer signed in; laying the ICAO specimen on the reader")
        checkpoint.simulator.lay(SPECIMEN)
    crossing = checkpoint.verdict(officer)
    document = crossing["traveller"]["document_number"]
    say(f"verdict after {crossing['verdict_ms']} ms: total {crossing['total']}, document {document}")
    answer = checkpoint.decide(officer, crossing["crossing_id"], "ADMIT",
                               note="demo: admitted by scripts/demo --once")
    say(f"recorded as number {answer['seq']} of epoch {answer['epoch']}; waiting for the centre")
    checkpoint.wait_at_centre(officer, crossing["crossing_id"])
    return crossing["crossing_id"]


def show(checkpoint):
    layout, tool = checkpoint.layout, checkpoint.layout.binary("darvaza")
    control = checkpoint.simulator.path
    say(f"\nofficer's page      {checkpoint.booth_url}/")
    say(f"supervisor's page   {checkpoint.console_url}/   (its authority: {checkpoint.authority})")
    for user, display, _, _ in PEOPLE:
        say(f"  {display:23} user {user:11} password {layout.passwords[user]}")
    if checkpoint.has_simulator and layout.camera:
        say("hold a page before the simulated camera, and take it away again:\n"
            f"  {tool} simulate --control {control} show {os.path.realpath(SPECIMEN_PAGE)}\n"
            f"  {tool} simulate --control {control} show")
    elif checkpoint.has_simulator:
        documents = os.path.join(ROOT, "packaging", "demo", "documents")
        say("lay a document on the simulated reader:")
        for name in sorted(os.listdir(documents)):
            say(f"  {tool} simulate --control {control} lay {os.path.join(documents, name)}")
    else:
        say("no reader: the officer's page offers entry by hand")
    if checkpoint.next_release:
        show_release(layout, tool, checkpoint.next_release)
    say(f"state and logs      {layout.state}\nCtrl-C ends it")


def show_release(layout, tool, release):
    """A person walks it from the console's page; the desks' keys sign beside it."""
    say(f"release {release} of the watchlists waits (key 3 on the console): it lists the person of "
        "clean.txt.\nEach of two people signs, and hands the file in on their own page; then the "
        "approver puts it in force:")
    for user, desk in SIGNERS.items():
        say(f"  {user:9} {tool} watchlist sign {layout.lists.draft(release, 'release.json')} --key "
            f"{layout.lists.desk(desk + '-key.pem')} --out {layout.path(user + '.sig')}")


def watch(checkpoint, ended):
    """Until Ctrl-C; says so once when a process ends by itself."""
    gone = set()
    while not ended.wait(1):
        for process in checkpoint.processes.values():
            if not process.alive() and process.name not in gone:
                gone.add(process.name)
                say(f"{process.name} has ended; its log: {process.log_path}")


def run(checkpoint, once, ended):
    with checkpoint:
        checkpoint.start(say)
        if once:
            return one_traveller(checkpoint)
        show(checkpoint)
        watch(checkpoint, ended)
        say("ending every process")
    return None


def main():
    chosen = options()
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set() if not chosen.once else sys.exit(130))
    layout = Layout(chosen.build, chosen.state or fresh_state(),
                    Ports.from_base(chosen.port_base) if chosen.port_base else None,
                    signed_lists=True, camera=chosen.camera)
    checkpoint = Checkpoint(layout, simulator=not chosen.no_simulator)
    if chosen.once and not checkpoint.has_simulator:
        say("no reader: this build has no simulator, and nothing else may supply a document")
        return 1
    try:
        layout.prepare(say)
        crossing = run(checkpoint, chosen.once, ended)
    except (RuntimeError, HttpError, OSError) as error:
        say(f"failed: {error}\nlogs: {layout.path('log')}")
        return 1
    if crossing:
        say(f"DURABLE {crossing} {layout.state}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
