#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Three travellers through a whole checkpoint, seen by officer, supervisor and protection unit; then
nothing of them may stand in anything that its processes wrote."""
import os
import shutil
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
sys.path.insert(0, os.path.join(ROOT, "scripts"))
sys.dont_write_bytecode = True
from checkpoint.checkpoint import Checkpoint, wait_for  # noqa: E402
from checkpoint.layout import Layout  # noqa: E402
from checkpoint.web import Session  # noqa: E402

from search import Search  # noqa: E402

TRAVELLERS = [("specimen", "SECOND_LINE"), ("listed-person", "SECOND_LINE"),
              ("lost-document", "REFER_ASYLUM")]
# What must have been among the searched, or the search would prove nothing.
EXPECTED = ["kiosk/outbox.db", "kiosk/answers.db", "centre/store.db", "centre/opener.db",
            "protection/opener.db", "log/booth.log", "log/backend.log", "log/opener.log",
            "log/uplink.log", "log/devices.log", "log/protection.log"]


def document(name):
    with open(os.path.join(ROOT, "packaging", "demo", "documents", name + ".txt"),
              encoding="ascii") as handle:
        return handle.read().split()


def pass_travellers(checkpoint):
    officer = checkpoint.officer()
    made = []
    for name, decision in TRAVELLERS:
        checkpoint.simulator.lay(document(name))
        crossing = checkpoint.verdict(officer)
        checkpoint.decide(officer, crossing["crossing_id"], decision,
                          note="Says the name Eriksson, with ANNA MARIA and number L898902C3.")
        made.append(crossing["crossing_id"])
    for crossing in made:
        checkpoint.wait_at_centre(officer, crossing)
    return len(made)


def review(checkpoint, expected):
    """The supervisor opens what was flagged, the protection unit what was referred."""
    supervisor = checkpoint.console("supervisor")
    opened = 0
    items = wait_for("the flagged crossings",
                     lambda: _enough(supervisor.get("/api/queue")["items"], expected))
    for item in items:
        place = f"/api/queue/{item['kiosk']}/{item['epoch']}/{item['seq']}"
        supervisor.post(place + "/claim")
        answer = supervisor.post(place + "/open", {"reason": "review of a flagged crossing"})
        opened += "record" in answer
    unit = Session(checkpoint.console_url, ca_file=checkpoint.authority)
    unit.csrf = unit.post("/api/sign-in", {
        "user": "protection", "password": checkpoint.layout.passwords["protection"],
        "unit": "protection"})["csrf"]
    referrals = wait_for("the referral",
                         lambda: _enough(unit.get("/api/referrals?after=0")["referrals"], 1))
    for item in referrals:
        unit.post(f"/api/referrals/{item['kiosk']}/{item['epoch']}/{item['seq']}/open",
                  {"reason": "a referral to this unit"})
    return opened


def _enough(items, count):
    return items if len(items) >= count else None


def search(state, when):
    run = Search()
    run.folder(state)
    searched = [os.path.relpath(path, state) for path in run.searched]
    problems = [f"{when}: {os.path.relpath(path, state)}: {what}" for path, what in run.findings]
    problems += [f"{when}: {path} was not searched" for path in EXPECTED if path not in searched]
    print(f"{when}: {run.files} files, {run.bytes} bytes, {run.spared} watchlists excepted, "
          f"{len(run.findings)} findings")
    return problems


def check_that_it_can_find(state):
    """The watchlists themselves, searched for once: the same search must find their rows."""
    run = Search(excepted=False)
    run.folder(os.path.join(state, "kiosk", "lists"))
    return [] if run.findings else ["the search finds nothing even in the watchlists"]


def main():
    build = sys.argv[1]
    state = tempfile.mkdtemp(prefix="dv-privacy-", dir="/tmp")
    temporary = os.path.join(state, "tmp")
    os.mkdir(temporary)
    os.environ["TMPDIR"] = temporary
    layout = Layout(build, state)
    checkpoint = Checkpoint(layout)
    if not checkpoint.has_simulator:
        print("this build has no simulator")
        return 77
    try:
        layout.prepare()
        with checkpoint:
            checkpoint.start()
            expected = pass_travellers(checkpoint)
            opened = review(checkpoint, expected)
            problems = search(state, "while it runs")
        problems += search(state, "after its end") + check_that_it_can_find(state)
    except BaseException:
        print(f"logs: {layout.path('log')}")
        raise
    if opened != expected:
        problems.append(f"the supervisor opened {opened} of {expected} records")
    print("\n".join(problems))
    if problems:
        print(f"kept: {state}")
        return 1
    shutil.rmtree(state)
    return 0


if __name__ == "__main__":
    sys.exit(main())
