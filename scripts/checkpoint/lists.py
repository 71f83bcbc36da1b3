# SPDX-License-Identifier: Apache-2.0
"""The demo's watchlists, signed as real ones are: a root by two desks, a release by two persons."""
import glob
import json
import os
import shutil

KIOSK = "KSK-1"  # the booth that takes every release first
# The person of packaging/demo/documents/clean.txt, so that the second release changes an answer.
NEXT_LIST = "demo-persons"
NEXT_ROW = {"alert_id": "DEMO-P-0004", "subject": "person", "surname": "SAMPLETON",
            "given_names": "NORA JANE", "birth_date": "1991-06-27", "sex": "F",
            "nationality": "UTO", "action": "STOP_REFER",
            "reason": "Invented for training: wanted as a witness"}
# Who hands in which desk's signature at the console.
SIGNERS = {"editor": "release-1", "approver": "release-2"}


class Lists:
    """A repository of list releases below <state>/centre/lists, and the desks that sign for it."""

    def __init__(self, layout, sources, say=lambda text: None):
        self.layout, self.sources, self.say = layout, sources, say
        self.repository = layout.path("centre", "lists")

    def desk(self, name):
        return self.layout.path("pki", "desks", name)

    def _tool(self, *words):
        return self.layout.tool("watchlist", *words)

    def _sign(self, path, name):
        """The desk's signature file beside the file."""
        made = f"{path}.{name}.sig"
        self._tool("sign", path, "--key", self.desk(name + "-key.pem"), "--yes", "--out", made)
        return made

    def prepare(self):
        """Makes what is missing of keys' root and first draft; nothing is released yet."""
        built = [self._build(source) for source in sorted(glob.glob(self.sources))]
        if not os.path.exists(self.root):
            self._make_root([list_id for list_id, _ in built])
        # What the opener believes unproven, as a booth does; later roots it takes by itself.
        if not os.path.exists(self.layout.path("centre", "lists-trust", "root.json")):
            os.makedirs(self.layout.path("centre", "lists-trust"), mode=0o700, exist_ok=True)
            shutil.copyfile(self.root, self.layout.path("centre", "lists-trust", "root.json"))
        if not os.path.exists(self.draft(1)):
            self._draft([path for _, path in built])

    def draft(self, release, *parts):
        return os.path.join(self.repository, "drafts", str(release), *parts)

    def release(self, release, people):
        """From the draft to every booth, by an editor, an approver and IT at the console.
        people: {user: Session}."""
        self.say(f"release {release} of the watchlists: signed by two persons, put in force by IT")
        path = f"/api/lists/{release}"
        for user, desk in SIGNERS.items():
            with open(self._sign(self.draft(release, "release.json"), desk),
                      encoding="utf-8") as handle:
                people[user].post(path + "/signatures", {"signature": handle.read()})
        people["it"].post(path + "/put-in-force", {"reason": "first release of the demo"})
        for percent in (10, 50, 100):
            # The canary booth is installed by this very release, so nobody can wait for it.
            people["it"].post(path + "/step",
                              {"percent": percent, "reason": "first release of the demo",
                               "despite_canaries": True})

    def draft_next(self):
        """One person more on one list, lying ready to be released by hand."""
        source = self.layout.path("desks", NEXT_LIST + "-2.jsonl")
        with open(os.path.join(os.path.dirname(self.sources), NEXT_LIST + ".jsonl"),
                  encoding="utf-8") as handle:
            first, rows = handle.readline(), handle.read()
        with open(source, "w", encoding="utf-8") as handle:
            handle.write(json.dumps({**json.loads(first), "version": 2}) + "\n" + rows +
                         json.dumps(NEXT_ROW) + "\n")
        path = self.layout.path("desks", NEXT_LIST + "-2.dvlist")
        self._tool("build", source, "--out", path)
        self._draft([path])

    @property
    def root(self):
        """What is laid on a booth when it is enrolled."""
        return os.path.join(self.repository, "lists", "root", "1.json")

    def _build(self, source):
        with open(source, encoding="utf-8") as handle:
            list_id = json.loads(handle.readline())["list_id"]
        os.makedirs(self.layout.path("desks"), mode=0o700, exist_ok=True)
        path = self.layout.path("desks", list_id + ".dvlist")
        if not os.path.exists(path):
            self.say(f"building the watchlist {list_id} (darvaza watchlist build)")
            self._tool("build", source, "--out", path)
        return list_id, path

    def _make_root(self, list_ids):
        self.say("making the lists' root, signed by two desks (darvaza watchlist root, sign)")
        words = []
        for name in ("root-1", "root-2", "root-3", "release-1", "release-2"):
            words += ["--key", self.desk(name + ".pub.json")]
        words += ["--key", self.layout.path("pki", "centre", "timestamp.pub.json")]
        for list_id in list_ids:
            words += ["--owner", f"{list_id}={self.desk('owner.pub.json')}"]
        root = self.layout.path("desks", "root.json")
        if not os.path.exists(root):
            self._tool("root", "new", *words, "--threshold", "root=2", "--out", root)
        signatures = [word for name in ("root-1", "root-2")
                      for word in ("--signature", self._sign(root, name))]
        self._tool("collect", root, *signatures)
        self._tool("publish", "--repository", self.repository, "--root", root)

    def _draft(self, paths):
        words = [word for path in paths for word in ("--list", path)]
        trust = self.layout.path("pki", "trust")
        self._tool("publish", "--repository", self.repository, "--draft", *words, "--owner-key",
                   self.desk("owner-key.pem"), "--kiosks", os.path.join(trust, "kiosks"),
                   "--centre", os.path.join(trust, "lists-centre.pem"), "--canary", KIOSK)
