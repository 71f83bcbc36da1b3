#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The demo's second release, walked as its printout says: a dry run counts what it would change, two
people hand in the desks' signatures, one puts it in force, and the traveller whom it lists is found
at the booth, who was not before. test_demo_release.py BUILD-DIR"""
import json
import os
import sqlite3
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(ROOT, "scripts"))
from checkpoint.checkpoint import Checkpoint, wait_for  # noqa: E402
from checkpoint.layout import Layout  # noqa: E402
from checkpoint.lists import SIGNERS  # noqa: E402


def pass_traveller(checkpoint, officer, rows):
    checkpoint.simulator.lay(rows)
    crossing = checkpoint.verdict(officer)
    found = crossing["hits"]
    checkpoint.decide(officer, crossing["crossing_id"], "SECOND_LINE" if found else "ADMIT",
                      note="walked by a test")
    checkpoint.simulator.command("lift")
    checkpoint.wait_at_centre(officer, crossing["crossing_id"])
    return [hit["alert_id"] for hit in found]


def release_in_force(layout):
    with open(layout.path("kiosk", "lists", "current.json"), encoding="utf-8") as handle:
        return json.load(handle)["release"]


def dry_run(layout, user, *words):
    """Exit status and output of `darvaza watchlist dry-run`, asked by user."""
    secret = layout.path("password")
    with open(secret, "w", encoding="utf-8") as handle:
        handle.write(layout.passwords[user])
    done = subprocess.run([layout.binary("darvaza"), "watchlist", "dry-run", "--opener",
                           layout.path("run", "opener"), "--user", user, "--password-file", secret,
                           "--release", "2", "--reason", "what will change", *words],
                          capture_output=True, text=True, check=False)
    return done.returncode, done.stdout


def dry_runs(layout):
    """By everybody who may, from the store and from exported records; and by one who may not."""
    store = layout.path("centre", "store.db")
    record = layout.path("record")
    status, text = dry_run(layout, "it", "--store", store, "--json")
    answer, few = json.loads(text), {"below": 5}
    assert (status, answer["crossings"], answer["compared"]) == (0, 1, True), text
    assert answer["crossings_hit"] == answer["crossings_gone"] == few, text
    assert answer["unreadable"] == few, text
    with sqlite3.connect(f"file:{store}?mode=ro", uri=True) as centre:
        kiosk, epoch, seq = centre.execute("SELECT kiosk, epoch, seq FROM record").fetchone()
    layout.tool("record", "export", "--store", store, "--kiosk", kiosk, "--epoch", str(epoch),
                "--seq", str(seq), "--out", record)
    status, text = dry_run(layout, "editor", record)
    assert status == 0 and "against 1 crossings" in text and "fewer than 5" in text, text
    assert "SAMPLETON" not in text
    assert dry_run(layout, "supervisor", "--store", store)[0] == 1
    assert dry_run(layout, "it", "--store", store, record)[0] == 2
    assert dry_run(layout, "it", "--store", layout.path("nowhere"))[0] == 1
    assert not os.path.exists(layout.path("nowhere"))


def walk(layout, checkpoint, rows):
    officer = checkpoint.officer()
    assert release_in_force(layout) == 1 and checkpoint.next_release == 2
    assert pass_traveller(checkpoint, officer, rows) == []
    dry_runs(layout)
    for user, desk in SIGNERS.items():
        out = layout.path(user + ".sig")
        layout.tool("watchlist", "sign", layout.lists.draft(2, "release.json"), "--key",
                    layout.lists.desk(desk + "-key.pem"), "--yes", "--out", out)
        with open(out, encoding="utf-8") as handle:
            person = checkpoint.console(user)
            person.post("/api/lists/2/signatures", {"signature": handle.read()})
    changes = person.post("/api/lists/2/open", {})["lists"]
    assert sum(one["changes"]["added"] for one in changes if one.get("changes")) == 1, changes
    person.post("/api/lists/2/put-in-force", {"reason": "walked by a test"})
    wait_for("release 2 at the booth", lambda: release_in_force(layout) == 2, seconds=60)
    wait_for("the person of the new release to be found",
             lambda: pass_traveller(checkpoint, officer, rows) == ["DEMO-P-0004"])


def main():
    build = os.path.abspath(sys.argv[1])
    with tempfile.TemporaryDirectory(prefix="demo-") as work:
        layout = Layout(build, os.path.join(work, "state"), signed_lists=True)
        checkpoint = Checkpoint(layout)
        if not checkpoint.has_simulator:
            print("this build has no simulator, and nothing else may supply a document")
            return 77
        layout.prepare()
        with open(os.path.join(ROOT, "packaging/demo/documents/clean.txt"),
                  encoding="ascii") as handle:
            rows = handle.read().split()
        with checkpoint:
            checkpoint.start()
            walk(layout, checkpoint, rows)
    print("release 2 went from its printout to a hit at the booth")
    return 0


if __name__ == "__main__":
    sys.exit(main())
