#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Other projects' specimen images, where they are at hand: none may be read wrongly.

usage: test_specimens.py DARVAZA SOURCE_ROOT [--table]
"""
import csv
import json
import os
import subprocess
import sys

EXACT_LEAST = 26  # of 35 with a zone; docs/mrz-from-images.md names the others


def main():
    darvaza, root = sys.argv[1:3]
    data = os.environ.get("DARVAZA_SHARED_DATA") or os.path.join(root, "..", "shared", "data")
    index = os.path.join(data, "images", "index.tsv")
    if not os.path.exists(index):
        print("skipped: the specimen images are not here")
        return 77
    with open(index, encoding="utf-8") as handle:
        rows = list(csv.DictReader(handle, delimiter="\t"))
    done = subprocess.run([darvaza, "read", *[os.path.join(data, "images", r["file"]) for r in rows]],
                          stdout=subprocess.PIPE, text=True, check=False)
    exact, wrong = 0, []
    for row, line in zip(rows, done.stdout.splitlines(), strict=True):
        answer = json.loads(line)
        want = [row[key] for key in ("line1", "line2", "line3") if row[key]]
        exact += bool(want) and answer["lines"] == want
        if answer["lines"] and answer["lines"] != want:
            wrong.append(row["file"])
        if "--table" in sys.argv[3:]:
            result = "exact" if answer["lines"] == want and want else answer.get("reason", "WRONG")
            print(f"| {row['file']} | {row['format']} | {row['ref_verdict']} | {result} |")
    there = sum(1 for row in rows if row["line1"])
    print(f"{there} specimens: {exact} exact, {len(wrong)} wrong {wrong}, {there - exact - len(wrong)} refused; "
          f"{len(rows) - there} images without a zone")
    return 1 if wrong or exact < EXACT_LEAST else 0


if __name__ == "__main__":
    sys.exit(main())
