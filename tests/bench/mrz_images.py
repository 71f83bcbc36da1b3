#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""How well and how fast zones are read from drawn images, beside Debian's Tesseract where it is.

usage: mrz_images.py DARVAZA SCRIPTS [--n N] [--seed S]

Prints mrzscore's lines for every style and severity, and last a line over images without a zone. N is
per style and severity: 10 here, 850 with DARVAZA_FULL=1 (5,100 images in all). Without --seed every run
draws images that no run drew before.
"""
import argparse
import json
import os
import subprocess
import sys
import tempfile
import time


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("darvaza")
    parser.add_argument("scripts")
    full = os.environ.get("DARVAZA_FULL") == "1"
    parser.add_argument("--n", type=int, default=850 if full else 10)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    options = parser.parse_args()
    draw = [os.path.join(options.scripts, "mrzgen"), "--seed", str(options.seed), "--n", str(options.n)]
    score = [os.path.join(options.scripts, "mrzscore"), "--darvaza", options.darvaza]
    print(json.dumps({"seed": options.seed, "n": options.n}), flush=True)
    with tempfile.TemporaryDirectory() as folder:
        for severity in ("easy", "medium", "hard"):
            for style in ("scanner", "camera"):
                place = os.path.join(folder, f"{severity}-{style}")
                subprocess.run([*draw, "--severity", severity, "--style", style, "--out", place], check=True)
                # Tesseract takes a second an image: its figures come from small runs only.
                subprocess.run([*score, *([] if full else ["--tesseract"]), place], check=True)
        place = os.path.join(folder, "none")
        subprocess.run([*draw, "--severity", "medium", "--style", "camera", "--without-mrz", "--out", place],
                       check=True)
        subprocess.run([*score, place], check=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
