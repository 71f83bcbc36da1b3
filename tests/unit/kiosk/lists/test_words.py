#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every reason that darvaza-lists may give has words on the officer's page, in each language.

usage: test_words.py SOURCE-ROOT
"""
import json
import os
import re
import sys


def main():
    root = sys.argv[1]
    with open(os.path.join(root, "common/trust/reason.c"), encoding="utf-8") as handle:
        reasons = set(re.findall(r"^    ROW\(([A-Z_]+),", handle.read(), re.MULTILINE)) - {"OK"}
    if len(reasons) < 20:
        sys.exit(f"only {len(reasons)} reasons were found in reason.c")
    problems = []
    folder = os.path.join(root, "kiosk/web/lang")
    for name in sorted(os.listdir(folder)):
        with open(os.path.join(folder, name), encoding="utf-8") as handle:
            words = json.load(handle)
        problems += [f"{name}: update.reason.{word} is missing" for word in sorted(reasons)
                     if not words.get("update.reason." + word)]
    print("\n".join(problems) or f"{len(reasons)} reasons have their words")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
