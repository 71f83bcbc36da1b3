#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Kills each process at random moments and at every named state, and cuts the line to the centre.

In the end every crossing for which the booth answered "recorded" must be at the centre exactly once.
Prints one JSON line {recorded, at_centre, lost, doubled, kills, seed, ...}.

usage: kill_test.py BUILD [--crossings N] [--seed S] [--expect-loss] [--keep]
"""
import argparse
import json
import os
import random
import shutil
import sys
import tempfile
import time

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "..", "..", "scripts"))
import centre  # noqa: E402
from blows import POINTS, Executioner  # noqa: E402
from checkpoint.checkpoint import ORDER, Checkpoint  # noqa: E402
from checkpoint.layout import Layout  # noqa: E402
from proxy import Proxy  # noqa: E402
from travellers import Officer  # noqa: E402

PUSH, FULL = 40, 500
PATIENCE_S = 180  # to strike every state, counted from the first crossing


def say(text):
    print(f"{time.strftime('%H:%M:%S')} {text}", flush=True)


def options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("build")
    parser.add_argument("--crossings", type=int,
                        default=FULL if os.environ.get("DARVAZA_FULL") == "1" else PUSH)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 31))
    parser.add_argument("--expect-loss", action="store_true", help="succeed when crossings are lost")
    parser.add_argument("--keep", action="store_true", help="keep the state folder")
    return parser.parse_args()


def start(build, state, seed):
    """The checkpoint behind a proxy, its booth struck at its very first start."""
    layout = Layout(build, state)
    proxy = Proxy(layout.ports.ingest)
    layout.uplink_target = proxy.port
    layout.prepare(say)
    faults = layout.path("fault")
    os.makedirs(faults, exist_ok=True)
    checkpoint = Checkpoint(layout, environment={
        name: {"DARVAZA_FAULT_STATE": os.path.join(faults, name)} for name in POINTS})
    executioner = Executioner(checkpoint, proxy, random.Random(seed), faults)
    for name in ORDER:
        if name == "booth":
            executioner.strike_first_start()
            continue
        checkpoint.processes[name].start()
        checkpoint.processes[name].wait_ready()
    return checkpoint, executioner


def work(checkpoint, executioner, crossings):
    """All crossings, and then more until every state was struck or PATIENCE_S have passed."""
    checkpoint.officer()
    officer = Officer(checkpoint, random.Random(executioner.chance.random()))
    executioner.start()
    deadline = time.monotonic() + PATIENCE_S
    while len(officer.recorded) < crossings or (
            executioner.never_struck() and time.monotonic() < deadline):
        officer.one_crossing()
        if executioner.failure or executioner.crashes:
            break
        if len(officer.recorded) % 10 == 0:
            say(f"{len(officer.recorded)} recorded, {executioner.kills} kills, "
                f"{executioner.cuts} cuts, {len(executioner.never_struck())} states to strike")
    executioner.finish()
    return officer


def judge(checkpoint, executioner, officer, seed):
    sent = officer.wait_sent(60)
    checkpoint.stop()
    found = centre.crossing_ids(checkpoint.layout)
    recorded = set(officer.recorded)
    return {
        "recorded": len(recorded), "at_centre": sum(1 for i in recorded if found[i]),
        "lost": sum(1 for i in recorded if not found[i]),
        "doubled": sum(1 for n in found.values() if n > 1),
        "kills": executioner.kills, "seed": seed, "cuts": executioner.cuts,
        "answers_lost": officer.asked, "records_at_centre": sum(found.values()),
        "gaps": centre.gaps(checkpoint.layout), "all_sent": sent,
        "struck": dict(sorted(executioner.struck.items())),
        "never_struck": executioner.never_struck(), "crashes": executioner.crashes,
        "failure": executioner.failure,
    }


def is_good(result, expect_loss):
    if expect_loss:
        return result["lost"] > 0 or result["doubled"] > 0
    return (result["lost"] == 0 and result["doubled"] == 0 and result["all_sent"]
            and not result["gaps"] and not result["never_struck"] and not result["crashes"]
            and not result["failure"])


def main():
    chosen = options()
    state = tempfile.mkdtemp(prefix="dv-kill-")
    say(f"seed {chosen.seed}, {chosen.crossings} crossings, state {state}")
    checkpoint = None
    try:
        checkpoint, executioner = start(chosen.build, state, chosen.seed)
        officer = work(checkpoint, executioner, chosen.crossings)
        result = judge(checkpoint, executioner, officer, chosen.seed)
    finally:
        if checkpoint:
            checkpoint.stop()
    for blow in executioner.blows:
        print(json.dumps(blow))
    print(json.dumps(result))
    good = is_good(result, chosen.expect_loss)
    if good and not chosen.keep:
        shutil.rmtree(state)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
