#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Searches the raw bytes of a kiosk's disk image for 100 listed names and 100 listed numbers.

The lists are made, signed and released by the command line, and darvaza-lists installs them into
its folder (--import of the repository, and of a second release, so that there are deltas). What it
leaves in its folder becomes an ext4 image (mke2fs -d), and that image one in LUKS format (qemu-img,
the format of dm-crypt). In the plain image every name and number must be found, or the search would
prove nothing; in the encrypted one none. The encrypted image is then opened again with its key and
must be the plain one, byte for byte, so that it did hold the lists.

Outside its folder darvaza-lists must leave none: its place for temporary files, its logs, and the
repository that it read (packages, signed metadata) are searched too.

What this shows: on a volume in LUKS format nothing of a list can be read from the disk. That the
service insists on such a volume is another test. The kernel's dm-crypt itself is not run here: it
needs a machine where devices can be made.

usage: test_raw_disk.py DARVAZA-TOOL DARVAZA-LISTS
"""
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile

COUNT = 100
PROFILE = {"list_id": "raw-disk", "title": "Raw disk", "owner": "Utopian Police (invented)",
           "kind": "alerts", "version": 1, "stale_after": "P7D", "expires_at": "P30D",
           "defaults": {"legal_basis": "Utopian Border Act (invented)", "action": "STOP_REFER",
                        "owner": "Utopian Police (invented)", "purpose": "Tests",
                        "review_date": "P365D"}}


def run(*argv):
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{argv[0]} ended with {done.returncode}: {done.stderr}")
    return done.stdout


def invent(seed):
    """Names and numbers that chance does not make: nobody's."""
    chance = random.Random(seed)
    names = ["".join(chance.choice("BCDFGKLMNPRSTVWXYZ") + chance.choice("AEIOU") for _ in range(6))
             for _ in range(COUNT)]
    numbers = [chance.choice("QWXZ") + "".join(chance.choice("0123456789") for _ in range(8))
               for _ in range(COUNT)]
    return names, numbers


class Kiosk:
    """Desks, a repository and darvaza-lists on one folder."""

    def __init__(self, tool, service, work):
        self.tool, self.service, self.work = tool, service, work
        self.repository = os.path.join(work, "repository")
        run(tool, "pki", "init", self.path("desks"), "--kiosk", "KSK-1")
        names = ("desks/root-1", "desks/release-1", "desks/release-2", "centre/timestamp")
        words = [word for name in names for word in ("--key", self.path("desks", name + ".pub.json"))]
        root = self.path("root.json")
        self.lists("root", "new", *words, "--owner",
                   "raw-disk=" + self.path("desks/desks/owner.pub.json"), "--out", root)
        self.lists("collect", root, *self.sign(root, "root-1"))
        self.lists("publish", "--repository", self.repository, "--root", root)

    def path(self, *names):
        return os.path.join(self.work, *names)

    def lists(self, *words):
        run(self.tool, "watchlist", *words)

    def sign(self, path, *desks):
        for name in desks:
            self.lists("sign", path, "--key", self.path("desks/desks", name + "-key.pem"), "--yes",
                       "--out", self.path(name + ".sig"))
        return [word for name in desks for word in ("--signature", self.path(name + ".sig"))]

    def release(self, version, rows):
        source, built = self.path("desks", "source.jsonl"), self.path("desks", f"{version}.dvlist")
        with open(source, "w", encoding="utf-8") as out:
            out.write(json.dumps({**PROFILE, "version": version}) + "\n")
            for row in rows:
                out.write(json.dumps(row) + "\n")
        self.lists("build", source, "--out", built)
        self.lists("publish", "--repository", self.repository, "--draft", "--list", built,
                   "--owner-key", self.path("desks/desks/owner-key.pem"), "--kiosks",
                   self.path("desks/trust/kiosks"))
        release = os.path.join(self.repository, "drafts", str(version), "release.json")
        self.lists("publish", "--repository", self.repository, "--release", str(version),
                   *self.sign(release, "release-1", "release-2"), "--percent", "100", "--offline",
                   "--timestamp-key", self.path("desks/centre/timestamp-key.pem"))

    def install(self):
        os.makedirs(self.path("run", "tmp"), exist_ok=True)
        with open(self.path("run", "lists.ini"), "w", encoding="utf-8") as out:
            out.write(f"[lists]\nkiosk=KSK-1\nfolder={self.path('lists')}\n"
                      f"root={self.path('root.json')}\nkeys={self.path('desks/kiosk/KSK-1')}\n"
                      f"[uplink]\nsocket={self.path('run/socket')}\n"
                      "[volume]\nallow_unencrypted=true\n")
        environment = {**os.environ, "TMPDIR": self.path("run", "tmp")}
        done = subprocess.run([self.service, "--config", self.path("run", "lists.ini"), "--import",
                               self.repository], env=environment, capture_output=True, text=True,
                              check=False)
        with open(self.path("run", "log"), "a", encoding="utf-8") as log:
            log.write(done.stdout + done.stderr)
        if done.returncode:
            sys.exit(f"darvaza-lists: {done.stdout}{done.stderr}")


def install_lists(kiosk, names, numbers):
    # What every booth tests a version by; nobody's, and readable in the statement.
    rows = [{"alert_id": "CANARY-1", "subject": "person", "surname": "KANARIENVOGEL",
             "given_names": "NORA", "birth_date": "1980-02-03", "nationality": "UTO",
             "document_number": "CANARY001", "issuing_state": "UTO"}]
    for i, (name, number) in enumerate(zip(names, numbers)):
        rows.append({"alert_id": f"P-{i}", "subject": "person", "surname": name,
                     "given_names": "NORA", "birth_date": "1980-02-03",
                     "document_number": number, "issuing_state": "UTO"})
    kiosk.release(1, rows[:COUNT // 2])
    kiosk.install()
    kiosk.release(2, rows)
    kiosk.install()
    with open(kiosk.path("lists", "current.json"), encoding="utf-8") as handle:
        current = json.load(handle)
    assert current["release"] == 2, current


def leaked_outside(kiosk, words):
    """Places of what darvaza-lists read or wrote beside its folder where one of the words stands."""
    places = []
    for top in (kiosk.path("run"), os.path.join(kiosk.repository, "lists")):
        for base, _, files in os.walk(top):
            for name in files:
                if found(os.path.join(base, name), words):
                    places.append(os.path.join(base, name))
    return places


def found(path, words):
    with open(path, "rb") as handle:
        raw = handle.read()
    return {word for word in words
            for form in (word.encode(), word.lower().encode(), word.encode("utf-16-le"))
            if form in raw}


def seal(*argv):
    """qemu-img times its key derivation and gives up where a virtual machine's clock of processor
    time does not move in between: then once more."""
    for _ in range(60):
        done = subprocess.run(argv, capture_output=True, text=True, check=False)
        if done.returncode == 0 or "CPU usage" not in done.stderr:
            break
    if done.returncode:
        sys.exit(f"{argv[0]} ended with {done.returncode}: {done.stderr}")


def encrypt(plain, sealed, opened):
    key = ["--object", "secret,id=key,data=" + "-".join(str(random.random()) for _ in range(3))]
    seal("qemu-img", "convert", *key, "-f", "raw", "-O", "luks", "-o", "key-secret=key,iter-time=10",
         plain, sealed)
    run("qemu-img", "convert", *key, "--image-opts",
        f"driver=luks,key-secret=key,file.filename={sealed}", "-O", "raw", opened)


def judge(work, words):
    plain, sealed, opened = (os.path.join(work, name) for name in ("plain", "sealed", "opened"))
    run("mke2fs", "-q", "-t", "ext4", "-d", os.path.join(work, "lists"), plain, "16M")
    encrypt(plain, sealed, opened)
    with open(sealed, "rb") as handle:
        assert handle.read(6) == b"LUKS\xba\xbe", "this is no LUKS image"
    with open(plain, "rb") as one, open(opened, "rb") as other:
        assert one.read() == other.read(), "the encrypted image is not the plain one"
    missing, leaked = words - found(plain, words), found(sealed, words)
    print(f"plain image: {len(words) - len(missing)} of {len(words)} found; "
          f"encrypted image: {len(leaked)} found")
    return not missing and not leaked


def main():
    for program in ("mke2fs", "qemu-img"):
        if not shutil.which(program, path=os.environ["PATH"] + ":/usr/sbin:/sbin"):
            print(f"{program} is not on this machine; the search was left out")
            return 77
    os.environ["PATH"] += ":/usr/sbin:/sbin"
    names, numbers = invent(20261124)
    with tempfile.TemporaryDirectory(prefix="dv-raw-") as work:
        kiosk = Kiosk(sys.argv[1], sys.argv[2], work)
        install_lists(kiosk, names, numbers)
        words = set(names) | set(numbers)
        outside = leaked_outside(kiosk, words)
        print("\n".join(["stands outside the list folder:"] + outside) if outside
              else "nothing of them stands outside the list folder")
        return 0 if judge(work, words) and not outside else 1


if __name__ == "__main__":
    sys.exit(main())
