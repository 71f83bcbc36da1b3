#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Updates of a list of some size: small, on the same whole list, urgent only when they only add;
what signers are shown, what comes back and when it is over, and orders that are not understood."""
import datetime
import hashlib
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
        # A day of the calendar: a duration would change every row from version to version.
        self.review = (datetime.date.today() + datetime.timedelta(days=365)).isoformat()
        self.run("pki", "init", "pki", "--kiosk", "KSK-1")
        keys = [f"pki/desks/{name}.pub.json" for name in ("root-1", "release-1", "release-2")]
        words = [w for key in keys + ["pki/centre/timestamp.pub.json"] for w in ("--key", key)]
        self.lists("root", "new", *words, "--owner", "sltd=pki/desks/owner.pub.json", "--out",
                   "root.json")
        self.lists("collect", "root.json", *self.sign("root.json", "root-1"))
        self.lists("publish", "--repository", "repo", "--root", "root.json")

    def run(self, *words, fails=False):
        # No plain list may go where everybody's temporary files are.
        done = subprocess.run([self.tool, *words], cwd=self.folder, text=True, capture_output=True,
                              check=False, env={**os.environ, "TMPDIR": "/nowhere"})
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

    def build(self, version, numbers, days_ago=0):
        at = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(days=days_ago)
        profile = {"list_id": "sltd", "title": "Lost and stolen", "kind": "lost_stolen",
                   "owner": "Utopian Office", "version": version,
                   "generated_at": at.strftime("%Y-%m-%dT%H:%M:%SZ"), "stale_after": "P1D",
                   "expires_at": "P7D", "defaults": {
                       "legal_basis": "Act, section 9", "purpose": "Recovery",
                       "owner": "Utopian Office", "action": "SEIZE_DOCUMENT",
                       "issuing_state": "UTO", "document_type": "P", "review_date": self.review}}
        with open(os.path.join(self.folder, "list.jsonl"), "w", encoding="utf-8") as handle:
            handle.write(json.dumps(profile) + "\n")
            for number in numbers:
                handle.write(json.dumps({"subject": "document", "document_number": number}) + "\n")
            handle.write(json.dumps({"alert_id": "CANARY-1", "subject": "document",
                                     "document_number": "CANARY001"}) + "\n")
        self.lists("build", "list.jsonl", "--out", f"list-{version}.dvlist")

    def draft(self, version, *words, **options):
        return self.lists("publish", "--repository", "repo", "--draft", "--list",
                          f"list-{version}.dvlist", "--owner-key", "pki/desks/owner-key.pem",
                          "--kiosks", "pki/trust/kiosks", *words, **options)

    def release(self, number, percent):
        path = f"repo/drafts/{number}/release.json"
        self.lists("publish", "--repository", "repo", "--release", str(number),
                   *self.sign(path, "release-1", "release-2"), "--timestamp-key",
                   "pki/centre/timestamp-key.pem", "--percent", str(percent), "--offline")
        with open(os.path.join(self.folder, path), encoding="utf-8") as handle:
            return json.load(handle)["signed"]["lists"][0]

    def verify(self, *words, **options):
        return self.lists("verify", "--repository", "repo", "--root", "root.json", "--cert",
                          "pki/kiosk/KSK-1/lists.pem", "--key", "pki/kiosk/KSK-1/lists-key.pem",
                          *words, **options)


def expect(condition, what):
    if not condition:
        sys.exit(what)


def read(desk, path):
    with open(os.path.join(desk.folder, path), encoding="utf-8") as handle:
        return handle.read()


def write(desk, path, text):
    os.makedirs(os.path.dirname(os.path.join(desk.folder, path)), exist_ok=True)
    with open(os.path.join(desk.folder, path), "w", encoding="utf-8") as handle:
        handle.write(text)


def signers_are_shown(desk, number):
    """What is signed by its digests; of a diff.json, which nobody signs, only what fits them."""
    draft = f"repo/drafts/{number}/"
    show = ("sign", draft + "release.json", "--key", "pki/desks/release-1-key.pem", "--yes", "--out",
            "shown.sig")
    text = desk.lists(*show)
    listed = json.loads(read(desk, draft + "release.json"))["signed"]["lists"][0]
    name = f"statement/{listed['statement']['sha256']}.json"
    statement = json.loads(read(desk, draft + name))["signed"]
    content = json.loads(read(desk, "shown.sig"))["signed_sha256"]
    expect(f"what is signed: {content}" in text and listed["statement"]["sha256"] in text and
           f"{statement['rows']} alerts, state hash {statement['state_hash']}" in text and
           "1 added, 5 removed, 0 changed since version 1" in text, text)
    right = read(desk, draft + "diff.json")
    for member, value in (("to_state_hash", "0" * 64), ("to", 3), ("from", 0)):
        diff = json.loads(right)
        diff["lists"][0][member] = value
        write(desk, draft + "diff.json", json.dumps(diff))
        text = desk.lists(*show)
        expect("of another content" in text and "5 removed" not in text, member + "\n" + text)
    write(desk, draft + "diff.json", right)
    # The release alone, and beside it a statement of the same name that is another.
    write(desk, "alone/release.json", read(desk, draft + "release.json"))
    write(desk, "alone/diff.json", right)
    for other in (None, read(desk, draft + name).replace(statement["state_hash"], "0" * 64)):
        if other:
            write(desk, "alone/" + name, other)
        text = desk.lists(show[0], "alone/release.json", *show[2:])
        expect("does not lie beside" in text and "5 removed" not in text and "0" * 64 not in text,
               text)


def orders_are_understood_whole(desk):
    """A number with something behind it is none."""
    stamp = ("publish", "--repository", "repo", "--offline", "--timestamp-key",
             "pki/centre/timestamp-key.pem")
    draft = ("publish", "--repository", "repo", "--draft")
    root = ("root", "rotate", "root.json", "--out", "root-2.json")
    back = ("rollback", "--repository", "repo", "--out", "back")
    before = read(desk, "repo/lists/timestamp.json")
    for words in (stamp + ("--percent", "ten"), stamp + ("--percent", "10%"),
                  stamp + ("--percent", "-1"), stamp + ("--percent", "101"),
                  stamp + ("--hours", ""), stamp + ("--hours", "0"), draft + ("--days", "1e1"),
                  draft + ("--steps", "10,x"), draft + ("--steps", "10,,100"),
                  ("publish", "--repository", "repo", "--release", "1x"), root + ("--days", "1y"),
                  root + ("--threshold", "root=2x"), back + ("--to", "1.5")):
        text = desk.lists(*words, fails=True)
        expect(f"{words[-2]} takes a whole number from" in text, " ".join(words) + "\n" + text)
    expect(read(desk, "repo/lists/timestamp.json") == before, "something was stamped")
    expect("--offline" in desk.lists(*stamp[:3], *stamp[4:], fails=True) and
           read(desk, "repo/lists/timestamp.json") == before, "an opener's timestamp was replaced")
    desk.lists(*stamp)
    after = json.loads(read(desk, "repo/lists/timestamp.json"))["signed"]
    expect(after["percent"] == 0, "a release goes to everybody unless told")


def what_comes_back_is_not_over(desk, numbers):
    """Older content has new dates, and a list that is over is no draft."""
    desk.lists("rollback", "--repository", "repo", "--to", "1", "--out", "back")
    now = datetime.datetime.now(datetime.timezone.utc)
    desk.lists("statement", "back/sltd-5.dvlist", "--out", "back.json")
    said = json.loads(read(desk, "back.json"))["signed"]
    for member, days in (("stale_after", 1), ("list_expires_at", 7)):
        left = datetime.datetime.fromisoformat(said[member].replace("Z", "+00:00")) - now
        expect(abs(left.total_seconds() - days * 86400) < 600, f"{member} in {left}")
    desk.lists("rollback", "--repository", "repo", "--to", "1", "--out", "back", "--expires-at",
               "P2D")
    desk.lists("statement", "back/sltd-5.dvlist", "--out", "back-2.json")
    said = json.loads(read(desk, "back-2.json"))["signed"]
    left = datetime.datetime.fromisoformat(said["list_expires_at"].replace("Z", "+00:00")) - now
    expect(abs(left.total_seconds() - 2 * 86400) < 600, f"over in {left}")
    desk.build(6, numbers[:9], days_ago=8)
    expect("is over by its owner's own dates" in desk.draft(6, fails=True), "a dead list went out")


def plain_lists_stay_apart(desk):
    """Drafts are for the list desk alone; what verify opens lies in the repository and goes."""
    for name in ("repo/drafts", "repo/drafts/1", "repo/drafts/1/layers"):
        mode = os.stat(os.path.join(desk.folder, name)).st_mode & 0o777
        expect(mode == 0o700, f"{name} has mode {mode:o}")
    desk.verify()
    os.mkdir(os.path.join(desk.folder, "work"), mode=0o700)
    desk.verify("--work", "work")
    expect("packages cannot be opened in nowhere" in desk.verify("--work", "nowhere", fails=True),
           "verify works somewhere else than it was told")
    expect(os.listdir(os.path.join(desk.folder, "work")) == [] and
           sorted(os.listdir(os.path.join(desk.folder, "repo"))) == ["drafts", "lists"],
           "verify leaves something")


def flip(path):
    with open(path, "r+b") as handle:
        handle.seek(1000)
        byte = handle.read(1)
        handle.seek(1000)
        handle.write(bytes([byte[0] ^ 1]))


def attacks(desk, listed):
    """A repository that somebody has been at is seen for what it is."""
    package = os.path.join(desk.folder, "repo/lists/package", listed["full"]["sha256"])
    one = ("verify", "--package", package, "--root", "root.json", "--release")
    expect("as it was signed" in desk.lists(*one, "repo/lists/release/3.json"), "one package")
    flip(package)
    expect("BIT_FLIPPED" in desk.verify(fails=True), "a flipped bit was not seen")
    expect("BIT_FLIPPED" in desk.lists(*one, "repo/lists/release/3.json", fails=True), "one package")
    flip(package)
    desk.lists("publish", "--repository", "repo", "--draft", "--kiosks", "pki/trust/kiosks")
    newest = max(map(int, os.listdir(os.path.join(desk.folder, "repo/drafts"))))
    expect("THRESHOLD" in desk.lists(*one, f"repo/drafts/{newest}/release.json", fails=True),
           "a draft that nobody signed")
    expect("no package of the name" in desk.lists(
        "verify", "--package", "root.json", "--root", "root.json", "--release",
        "repo/lists/release/3.json", fails=True), "a stranger's file")
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
        desk.build(1, numbers, days_ago=6)
        desk.draft(1)
        first = desk.release(1, 100)
        desk.build(2, numbers[5:] + ["B00000001"])
        expect("cannot be urgent" in desk.draft(2, "--urgent", fails=True), "removing was urgent")
        expect(not os.path.exists(os.path.join(folder, "repo/drafts/2")), "a refused draft stands")
        desk.draft(2)
        signers_are_shown(desk, 2)
        second = desk.release(2, 10)
        expect(second["full"] == first["full"], "the whole list was packed again")
        delta = second["deltas"][0]
        expect(not delta["add_only"] and delta["size"] < first["full"]["size"] / 4, str(delta))
        expect(f"{ROWS - 3} alerts" in desk.verify(), "the update does not lead to version 2")
        # Kiosks that wait have release 1, of which release 2 took something away.
        desk.build(3, numbers[5:] + ["B00000001", "B00000002"])
        expect("still have release 1 take this one in their turn" in desk.draft(3, "--urgent"),
               "nobody was told that an urgent release does not reach all")
        third = desk.release(3, 10)
        expect([d["add_only"] for d in third["deltas"]] == [False, True], str(third["deltas"]))
        expect(f"{ROWS - 2} alerts" in desk.verify(), "the updates do not lead to version 3")
        # It comes back: whoever has release 1 has only something to add.
        desk.build(4, numbers + ["B00000001", "B00000002", "B00000003"])
        expect("warning" not in desk.draft(4, "--urgent"), "all can take this one at once")
        fourth = desk.release(4, 10)
        ways = [(d["from"], d["to"], d["add_only"]) for d in fourth["deltas"]]
        expect(ways == [(1, 2, False), (2, 3, True), (3, 4, True), (1, 4, True)], str(ways))
        expect(f"{ROWS + 4} alerts" in desk.verify(), "the updates do not lead to version 4")
        what_comes_back_is_not_over(desk, numbers)
        orders_are_understood_whole(desk)
        plain_lists_stay_apart(desk)
        attacks(desk, fourth)
        print(f"updates of {ROWS} rows: {delta['size']} bytes beside {first['full']['size']}")


if __name__ == "__main__":
    main()
