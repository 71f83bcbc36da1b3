#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Updates of a list of some size: small, on the same whole list, urgent only when they only add."""
import json
import os
import subprocess
import sys
import tempfile

ROWS = 20000


class Desk:
    """A folder with keys, a repository and the command."""

    def __init__(self, tool, folder):
        self.tool, self.folder = tool, folder
        self.run("pki", "init", "pki", "--kiosk", "KSK-1")
        keys = [f"pki/desks/{name}.pub.json" for name in ("root-1", "release-1", "release-2")]
        words = [w for key in keys + ["pki/centre/timestamp.pub.json"] for w in ("--key", key)]
        self.lists("root", "new", *words, "--owner", "sltd=pki/desks/owner.pub.json", "--out",
                   "root.json")
        self.lists("collect", "root.json", *self.sign("root.json", "root-1"))
        self.lists("publish", "--repository", "repo", "--root", "root.json")

    def run(self, *words, fails=False):
        done = subprocess.run([self.tool, *words], cwd=self.folder, text=True, capture_output=True,
                              check=False)
        if (done.returncode != 0) != fails:
            sys.exit(f"{' '.join(words)}: {done.returncode}\n{done.stdout}{done.stderr}")
        return done.stdout + done.stderr

    def lists(self, *words, **options):
        return self.run("watchlist", *words, **options)

    def sign(self, path, *desks):
        for name in desks:
            self.lists("sign", path, "--key", f"pki/desks/{name}-key.pem", "--yes", "--out",
                       name + ".sig")
        return [word for name in desks for word in ("--signature", name + ".sig")]

    def build(self, version, numbers):
        profile = {"list_id": "sltd", "title": "Lost and stolen", "kind": "lost_stolen",
                   "owner": "Utopian Office", "version": version, "stale_after": "P1D",
                   "expires_at": "P7D", "defaults": {
                       "legal_basis": "Act, section 9", "purpose": "Recovery",
                       "owner": "Utopian Office", "action": "SEIZE_DOCUMENT",
                       "issuing_state": "UTO", "document_type": "P", "review_date": "P365D"}}
        with open(os.path.join(self.folder, "list.jsonl"), "w", encoding="utf-8") as handle:
            handle.write(json.dumps(profile) + "\n")
            for number in numbers:
                handle.write(json.dumps({"subject": "document", "document_number": number}) + "\n")
        self.lists("build", "list.jsonl", "--out", f"list-{version}.dvlist")

    def draft(self, version, *words, **options):
        return self.lists("publish", "--repository", "repo", "--draft", "--list",
                          f"list-{version}.dvlist", "--owner-key", "pki/desks/owner-key.pem",
                          "--kiosks", "pki/trust/kiosks", *words, **options)

    def release(self, number):
        path = f"repo/drafts/{number}/release.json"
        self.lists("publish", "--repository", "repo", "--release", str(number),
                   *self.sign(path, "release-1", "release-2"), "--timestamp-key",
                   "pki/centre/timestamp-key.pem")
        with open(os.path.join(self.folder, path), encoding="utf-8") as handle:
            return json.load(handle)["signed"]["lists"][0]

    def verify(self, **options):
        return self.lists("verify", "--repository", "repo", "--root", "root.json", "--cert",
                          "pki/kiosk/KSK-1/lists.pem", "--key", "pki/kiosk/KSK-1/lists-key.pem",
                          **options)


def expect(condition, what):
    if not condition:
        sys.exit(what)


def flip(path):
    with open(path, "r+b") as handle:
        handle.seek(1000)
        byte = handle.read(1)
        handle.seek(1000)
        handle.write(bytes([byte[0] ^ 1]))


def attacks(desk, listed):
    """A repository that somebody has been at is seen for what it is."""
    package = os.path.join(desk.folder, "repo/lists/package", listed["full"]["sha256"])
    flip(package)
    expect("BIT_FLIPPED" in desk.verify(fails=True), "a flipped bit was not seen")
    flip(package)
    stamp = os.path.join(desk.folder, "repo/lists/timestamp.json")
    with open(stamp, encoding="utf-8") as handle:
        text = handle.read()
    with open(stamp, "w", encoding="utf-8") as handle:
        handle.write(text[:-10])
    expect("TRUNCATED" in desk.verify(fails=True), "a cut timestamp was not seen")
    with open(stamp, "w", encoding="utf-8") as handle:
        handle.write(text)
    desk.verify()


def main():
    numbers = [f"A{i:08d}" for i in range(ROWS)]
    with tempfile.TemporaryDirectory() as folder:
        desk = Desk(os.path.abspath(sys.argv[1]), folder)
        desk.build(1, numbers)
        desk.draft(1)
        first = desk.release(1)
        desk.build(2, numbers[5:] + ["B00000001"])
        expect("cannot be urgent" in desk.draft(2, "--urgent", fails=True), "removing was urgent")
        expect(not os.path.exists(os.path.join(folder, "repo/drafts/2")), "a refused draft stands")
        desk.draft(2)
        second = desk.release(2)
        expect(second["full"] == first["full"], "the whole list was packed again")
        delta = second["deltas"][0]
        expect(not delta["add_only"] and delta["size"] < first["full"]["size"] / 4, str(delta))
        expect(f"{ROWS - 4} alerts" in desk.verify(), "the update does not lead to version 2")
        desk.build(3, numbers[5:] + ["B00000001", "B00000002"])
        desk.draft(3, "--urgent")
        third = desk.release(3)
        expect([d["add_only"] for d in third["deltas"]] == [False, True], str(third["deltas"]))
        expect(f"{ROWS - 3} alerts" in desk.verify(), "the updates do not lead to version 3")
        expect("nothing to return to" not in desk.lists("rollback", "--repository", "repo", "--to",
                                                        "1", "--out", "back"), "no rollback")
        attacks(desk, third)
        print(f"updates of {ROWS} rows: {delta['size']} bytes beside {first['full']['size']}")


if __name__ == "__main__":
    main()
