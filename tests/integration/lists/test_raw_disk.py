#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Searches the raw bytes of a kiosk's disk image for 100 listed names and 100 listed numbers.

The list folder becomes an ext4 image (mke2fs -d), and that image one in LUKS format (qemu-img, the
format of dm-crypt). In the plain image every name and number must be found, or the search would
prove nothing; in the encrypted one none. The encrypted image is then opened again with its key and
must be the plain one, byte for byte, so that it did hold the lists.

What this shows: on a volume in LUKS format nothing of a list can be read from the disk. That the
service insists on such a volume is another test; that nothing is written elsewhere is the privacy
search's. The kernel's dm-crypt itself is not run here: it needs a machine where devices can be made.

usage: test_raw_disk.py DARVAZA-TOOL
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


def make_lists(tool, folder, names, numbers):
    source = os.path.join(os.path.dirname(folder), "source.jsonl")
    with open(source, "w", encoding="utf-8") as out:
        out.write(json.dumps(PROFILE) + "\n")
        for i, (name, number) in enumerate(zip(names, numbers)):
            out.write(json.dumps({"alert_id": f"P-{i}", "subject": "person", "surname": name,
                                  "given_names": "NORA", "birth_date": "1980-02-03",
                                  "document_number": number, "issuing_state": "UTO"}) + "\n")
    os.makedirs(os.path.join(folder, "layers"))
    run(tool, "watchlist", "build", source, "--out", os.path.join(folder, "layers", "raw-1.dvlist"))
    with open(os.path.join(folder, "current.json"), "w", encoding="utf-8") as out:
        json.dump({"format": 1, "epoch": 1, "release": 1, "installed_at": "2026-01-01T00:00:00Z",
                   "lists": [{"list_id": "raw-disk", "version": 1, "layers": ["raw-1.dvlist"]}]},
                  out)


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
        make_lists(sys.argv[1], os.path.join(work, "lists"), names, numbers)
        return 0 if judge(work, set(names) | set(numbers)) else 1


if __name__ == "__main__":
    sys.exit(main())
