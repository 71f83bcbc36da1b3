#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The whole way of a watchlist: the desks make keys, root and drafts with the command line, people
sign and release at the console, a kiosk's certificate fetches, and the command line verifies what is
served. Then a list that was a mistake, and its older content back. test_list_releases.py BUILD-DIR"""
import glob
import http.client
import os
import shutil
import ssl
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(ROOT, "scripts"))
from checkpoint.checkpoint import Checkpoint  # noqa: E402
from checkpoint.layout import KIOSK, Layout  # noqa: E402
from checkpoint.web import HttpError  # noqa: E402

LIST = "demo-documents"
SOURCE = os.path.join(ROOT, "packaging/demo/lists", LIST + ".jsonl")
MISTAKE = ('{"alert_id":"DEMO-D-0009","subject":"document","document_number":"Q7654321",'
           '"reason":"Invented for training: a mistake"}\n')
WHY = {"reason": "checked and signed by two"}
STEP = {"reason": "as planned"}
DESPITE = {"reason": "the canary booth is not installed yet", "despite_canaries": True}


class Desks:
    """Everybody who works with the command line on a machine of their own."""

    def __init__(self, layout):
        self.layout, self.folder = layout, layout.path("desks")
        self.repository = layout.path("releases")
        for folder in (self.folder, self.repository):
            os.makedirs(folder)

    def at(self, *parts):
        return os.path.join(self.folder, *parts)

    def run(self, *words):
        return self.layout.tool("watchlist", *words)

    def sign(self, path, key):
        signature = f"{path}.{key}.sig"
        self.run("sign", path, "--key", self.at(key + ".pem"), "--yes", "--out", signature)
        return signature

    def make_root(self):
        people = ["root-1", "root-2", "release-1", "release-2", "timestamp-1", "owner-1"]
        for name in people:
            self.run("key", "new", "--role", name.split("-")[0], "--holder", f"desk {name}",
                     "--out", self.at(name + ".pem"), "--no-passphrase")
        keys = [word for name in people[:-1] for word in ("--key", self.at(name + ".pub.json"))]
        root = self.at("root.json")
        self.run("root", "new", *keys, "--owner", f"{LIST}={self.at('owner-1.pub.json')}",
                 "--out", root)
        signatures = [self.sign(root, name) for name in ("root-1", "root-2")]
        self.run("collect", root, "--signature", signatures[0], "--signature", signatures[1])
        self.run("publish", "--repository", self.repository, "--root", root)
        os.makedirs(self.layout.path("opener-trust"))
        shutil.copy(root, self.layout.path("opener-trust", "root.json"))

    def compile(self, text, name):
        source, out = self.at(name + ".jsonl"), self.at(name + ".dvlist")
        with open(source, "w", encoding="utf-8") as handle:
            handle.write(text)
        self.run("import", source, "--out", out)
        return out

    def draft(self, list_file):
        self.run("publish", "--repository", self.repository, "--draft", "--list", list_file,
                 "--owner-key", self.at("owner-1.pem"), "--kiosks", self.layout.path("pki/kiosk"),
                 "--canary", KIOSK)

    def verify(self):
        kiosk = self.layout.path("pki/kiosk", KIOSK)
        return self.run("verify", "--repository", self.repository, "--root", self.at("root.json"),
                        "--cert", kiosk + "/lists.pem", "--key", kiosk + "/lists-key.pem")

    def settings(self):
        layout = self.layout
        more = {"backend": "", "opener": f"trust={layout.path('opener-trust')}\n"
                                         f"timestamp_key={self.at('timestamp-1.pem')}\n"}
        for name, text in more.items():
            with open(layout.path("conf", name + ".ini"), "a", encoding="utf-8") as handle:
                handle.write(f"[lists]\nrepository={self.repository}\n{text}")


def refused(call, status):
    try:
        call()
    except HttpError as error:
        assert error.status == status, error
        return
    raise AssertionError(f"not refused with {status}")


def release(checkpoint, desks, number):
    """From a draft to every booth, by an editor, an approver and IT."""
    people = {name: checkpoint.console(name) for name in ("editor", "approver", "it")}
    path = f"/api/lists/{number}"
    payload = os.path.join(desks.repository, "drafts", str(number), "release.json")
    refused(lambda: people["it"].post(path + "/put-in-force", WHY), 403)
    for name, key in (("editor", "release-1"), ("approver", "release-2")):
        with open(desks.sign(payload, key), encoding="utf-8") as handle:
            text = handle.read()
        people[name].post(path + "/signatures", {"signature": text})
        refused(lambda: people["approver"].post(path + "/signatures", {"signature": text}), 403)
    people["it"].post(path + "/put-in-force", WHY)
    for percent in (10, 50, 100):
        refused(lambda: people["it"].post(path + "/step", STEP | {"percent": percent}), 409)
        people["it"].post(path + "/step", DESPITE | {"percent": percent})
    return people["it"]


def fetch(layout, name, headers):
    """What the kiosk's uplink gets from the ingest port."""
    kiosk = layout.path("pki/kiosk", KIOSK)
    context = ssl.create_default_context(cafile=layout.path("pki/trust/ca.pem"))
    context.load_cert_chain(kiosk + "/tls.pem", kiosk + "/tls-key.pem")
    link = http.client.HTTPSConnection("localhost", layout.ports.ingest, context=context)
    link.request("GET", name, headers=headers)
    answer = link.getresponse()
    return answer.status, answer.read()


def served_is_what_stands(layout, desks):
    for path in glob.glob(os.path.join(desks.repository, "lists", "**"), recursive=True):
        if not os.path.isfile(path):
            continue
        with open(path, "rb") as handle:
            content = handle.read()
        name = "/" + os.path.relpath(path, desks.repository)
        assert fetch(layout, name, {}) == (200, content), name
        assert fetch(layout, name, {"Range": "bytes=5-8"}) == (206, content[5:9]), name
    assert fetch(layout, "/lists/../drafts/1/diff.json", {})[0] != 200


def whole_way(layout, desks, checkpoint):
    for name in ("protection", "opener", "backend"):
        checkpoint.processes[name].start()
        checkpoint.processes[name].wait_ready()
    with open(SOURCE, encoding="utf-8") as handle:
        text = handle.read()
    desks.draft(desks.compile(text, "first"))
    release(checkpoint, desks, 1)
    desks.verify()
    second = text.replace('"version":1', '"version":2', 1) + MISTAKE
    desks.draft(desks.compile(second, "second"))
    staff = release(checkpoint, desks, 2)
    desks.run("rollback", "--repository", desks.repository, "--to", "1", "--out", desks.at("back"))
    desks.draft(glob.glob(desks.at("back", "*.dvlist"))[0])
    changes = staff.post("/api/lists/3/open", {})["lists"][0]["changes"]
    assert (changes["added"], changes["removed"]) == (0, 1), changes
    release(checkpoint, desks, 3)
    desks.verify()
    served_is_what_stands(layout, desks)


def main():
    build = os.path.abspath(sys.argv[1])
    with tempfile.TemporaryDirectory(prefix="lists-") as work:
        layout = Layout(build, os.path.join(work, "state"))
        layout.prepare()
        desks = Desks(layout)
        desks.make_root()
        desks.settings()
        with Checkpoint(layout) as checkpoint:
            whole_way(layout, desks, checkpoint)
    print("three releases went from the desks to what a kiosk fetches and opens")


if __name__ == "__main__":
    main()
