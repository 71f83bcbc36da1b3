#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs every command of docs/running-a-list.md, in its order, and checks what it leads to."""
import json
import os
import re
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
PAGE = os.path.join(ROOT, "docs/running-a-list.md")
PASSPHRASE = "an invented passphrase"


def commands():
    with open(PAGE, encoding="utf-8") as handle:
        text = handle.read()
    for block in re.findall(r"^```\n(.*?)^```", text, re.MULTILINE | re.DOTALL):
        yield from block.strip().splitlines()


def run(line, folder, answers):
    return subprocess.run(["bash", "-c", line], cwd=folder, input=answers, text=True,
                          capture_output=True, check=False)


def answers_for(line):
    """What a person types: consent first, then the key's passphrase."""
    typed = "yes\n" if " sign " in line else ""
    return typed + PASSPHRASE + "\n"


def lay_sources(folder):
    """Two versions of a list of the invented state."""
    profile = {"list_id": "demo-documents", "title": "Lost and stolen", "kind": "lost_stolen",
               "owner": "Utopian Passport Office", "stale_after": "P7D", "expires_at": "P30D",
               "defaults": {"legal_basis": "Utopian Passport Act, section 9", "purpose": "Recovery",
                            "owner": "Utopian Passport Office", "action": "SEIZE_DOCUMENT",
                            "issuing_state": "UTO", "document_type": "P", "review_date": "P365D"}}
    numbers = {1: ["X12345678", "B00512087"], 2: ["X12345678", "C77700012", "C77700013"]}
    for version, listed in numbers.items():
        path = os.path.join(folder, f"documents-{version}.jsonl")
        with open(path, "w", encoding="utf-8") as handle:
            handle.write(json.dumps({**profile, "version": version}) + "\n")
            for number in listed:
                handle.write(json.dumps({"alert_id": "D-" + number, "subject": "document",
                                         "document_number": number}) + "\n")
            handle.write(json.dumps({"alert_id": "CANARY-1", "subject": "document",
                                     "document_number": "CANARY001"}) + "\n")


def expect(condition, what):
    if not condition:
        sys.exit(what)


def check_end(folder):
    with open(os.path.join(folder, "lists/lists/release/4.json"), encoding="utf-8") as handle:
        release = json.load(handle)["signed"]
    with open(os.path.join(folder, "lists/drafts/2/diff.json"), encoding="utf-8") as handle:
        counts = json.load(handle)["lists"][0]["counts"]
    expect(release["epoch"] == 2, "the last release is not under root 2")
    expect(release["lists"][0]["version"] == 3, "the content did not return as version 3")
    with open(os.path.join(folder, "lists/drafts/2/current.json"), encoding="utf-8") as handle:
        layers = json.load(handle)["lists"][0]["layers"]
    expect([(d["from"], d["to"]) for d in release["lists"][0]["deltas"]] == [(1, 2), (2, 3)],
           "there is no update from each version to the next")
    expect(layers == ["demo-documents-1.dvlist", "demo-documents-1-2.dvlist"] or
           layers == ["demo-documents-2.dvlist"], f"release 2 lies on {layers}")
    expect((counts["added"], counts["removed"]) == (2, 1), f"release 2 changed {counts}")
    with open(os.path.join(folder, "statement-1.json"), encoding="utf-8") as handle:
        text = handle.read()
    expect("CANARY001" in text and "X12345678" not in text, "the wrong rows are to be found")
    key = os.path.join(folder, "root-1.pem")
    expect(os.stat(key).st_mode & 0o777 == 0o600, "a private key can be read by others")
    with open(key, encoding="utf-8") as handle:
        expect("ENCRYPTED" in handle.read(), "a private key lies in the clear")


def refusals(folder):
    """What must not go through, at the end of the page."""
    one = run("darvaza watchlist publish --repository lists --draft --kiosks pki/trust/kiosks && "
              "darvaza watchlist publish --repository lists --release 5 --signature release-1.sig",
              folder, "")
    expect(one.returncode == 1 and "another content" in one.stderr, one.stderr)
    old = run("darvaza watchlist publish --repository lists --draft --list documents-1.dvlist "
              "--owner-key passports.pem --kiosks pki/trust/kiosks", folder, PASSPHRASE + "\n")
    expect(old.returncode == 1 and "not above the released one" in old.stderr, old.stderr)
    lost = run("darvaza watchlist sign lists/drafts/5/release.json --key release-2.pem --out l.sig "
               "&& darvaza watchlist publish --repository lists --release 5 --signature l.sig",
               folder, answers_for(" sign "))
    expect(lost.returncode == 1 and "may not sign" in lost.stderr, lost.stderr)
    unsure = run("darvaza watchlist sign lists/drafts/5/release.json --key release-1.pem", folder,
                 "no\n")
    expect(unsure.returncode == 1 and "nothing was signed" in unsure.stderr, unsure.stderr)


def main():
    os.environ["PATH"] = os.path.dirname(os.path.abspath(sys.argv[1])) + os.pathsep + os.environ["PATH"]
    with tempfile.TemporaryDirectory() as folder:
        lay_sources(folder)
        made = run("darvaza pki init pki --kiosk KSK-1 --kiosk KSK-2", folder, "")
        expect(made.returncode == 0, made.stderr)
        done = 0
        for line in commands():
            result = run(line, folder, answers_for(line))
            expect(result.returncode == 0, f"{line}\n{result.stdout}{result.stderr}")
            done += 1
        check_end(folder)
        refusals(folder)
        print(f"{done} commands of the page did what it says")


if __name__ == "__main__":
    main()
