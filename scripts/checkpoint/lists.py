# SPDX-License-Identifier: Apache-2.0
"""The demo's watchlists, signed as real ones are: a root by two desks, a release by two persons."""
import glob
import json
import os


class Lists:
    """A repository of list releases below <state>/centre/lists, and the desks that sign for it."""

    def __init__(self, layout, sources, say=lambda text: None):
        self.layout, self.sources, self.say = layout, sources, say
        self.repository = layout.path("centre", "lists")

    def desk(self, name):
        return self.layout.path("pki", "desks", name)

    def _tool(self, *words):
        return self.layout.tool("watchlist", *words)

    def _sign(self, path, *desks):
        """Signature files beside the file, one per desk."""
        made = []
        for name in desks:
            made.append(f"{path}.{name}.sig")
            self._tool("sign", path, "--key", self.desk(name + "-key.pem"), "--yes", "--out",
                       made[-1])
        return [word for path in made for word in ("--signature", path)]

    def prepare(self):
        """Makes what is missing, and renews the timestamp, which is good for a day."""
        built = [self._build(source) for source in sorted(glob.glob(self.sources))]
        if not os.path.exists(os.path.join(self.repository, "lists", "root", "1.json")):
            self._make_root([list_id for list_id, _ in built])
        if not os.path.exists(os.path.join(self.repository, "lists", "release", "1.json")):
            self._make_release([path for _, path in built])
        self._tool("publish", "--repository", self.repository, "--timestamp-key",
                   self.layout.path("pki", "centre", "timestamp-key.pem"))

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
        self._tool("collect", root, *self._sign(root, "root-1", "root-2"))
        self._tool("publish", "--repository", self.repository, "--root", root)

    def _make_release(self, paths):
        self.say("releasing the watchlists, signed by two persons (darvaza watchlist publish)")
        words = [word for path in paths for word in ("--list", path)]
        trust = self.layout.path("pki", "trust")
        draft = os.path.join(self.repository, "drafts", "1")
        if not os.path.exists(draft):
            self._tool("publish", "--repository", self.repository, "--draft", *words,
                       "--owner-key", self.desk("owner-key.pem"), "--kiosks",
                       os.path.join(trust, "kiosks"), "--centre",
                       os.path.join(trust, "lists-centre.pem"))
        signatures = self._sign(os.path.join(draft, "release.json"), "release-1", "release-2")
        self._tool("publish", "--repository", self.repository, "--release", "1", *signatures)
