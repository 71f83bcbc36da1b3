#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""darvaza read from outside: drawn documents, documents without a zone, hostile images, bad use.

usage: test_read_cli.py DARVAZA SCRIPTS [sanitized]
"""
import io
import json
import os
import struct
import subprocess
import sys
import tempfile
import unittest
import zlib

from PIL import Image

DARVAZA, SCRIPTS = sys.argv[1:3]
SANITIZED = "sanitized" in sys.argv[3:]
MS_MOST = 100  # CPU, for whatever is hostile
FORMATS = 5


def read(paths):
    done = subprocess.run([DARVAZA, "read", *paths], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          check=False)
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()], done.stderr.decode()


def draw(folder, *arguments):
    subprocess.run([os.path.join(SCRIPTS, "mrzgen"), "--severity", "easy", "--out", folder, *arguments],
                   check=True)
    with open(os.path.join(folder, "truth.jsonl"), encoding="utf-8") as handle:
        return [json.loads(line) for line in handle]


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width, height, packed, depth=8, colour=0):
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0))
            + chunk(b"IDAT", packed) + chunk(b"IEND", b""))


def picture(kind, size=(320, 200), **options):
    out = io.BytesIO()
    Image.effect_noise(size, 60).save(out, kind, **options)
    return out.getvalue()


def scan_bomb():
    """A progressive JPEG whose last scan comes again a thousand times."""
    data = picture("JPEG", progressive=True)
    last = data.rindex(b"\xff\xda")
    return data[:-2] + data[last:-2] * 1000 + data[-2:]


def lie(data, at, value):
    return data[:at] + value + data[at + len(value):]


def hostile():
    """{name: bytes}: bombs, truncations, mutations, lies in headers."""
    jpeg, pic = picture("JPEG", quality=80), picture("PNG")
    frame = jpeg.index(b"\xff\xc0")
    cases = {
        "empty": b"", "text": b"P<UTOERIKSSON" * 50, "gif": b"GIF89a" + bytes(200),
        "tiff": b"II*\0" + bytes(200), "webp": b"RIFF\0\0\0\0WEBPVP8 " + bytes(100), "zeros": bytes(5000000),
        "jpeg bomb": lie(jpeg, frame + 5, b"\xff\xdc\xff\xdc"), "jpeg of no height": lie(jpeg, frame + 5, b"\0\0"),
        "jpeg that claims more": lie(jpeg, frame + 5, b"\x08\x00\x08\x00"), "scan bomb": scan_bomb(),
        "png bomb": png(8000, 2500, zlib.compress(bytes(8001 * 2500), 9), 16, 6),
        "png that claims more": png(4000, 4000, zlib.compress(bytes(1000))),
        "png of zeros too large": png(60000, 60000, zlib.compress(bytes(1000))),
        "png with no data": png(100, 100, b""), "png of an odd type": png(10, 10, b"", 8, 5),
        "png with a broken sum": lie(pic, len(pic) // 2, b"\xff\xff\xff\xff"),
    }
    for share in range(1, 20):
        cases[f"jpeg cut at {share}/20"] = jpeg[:len(jpeg) * share // 20]
        cases[f"png cut at {share}/20"] = pic[:len(pic) * share // 20]
    return cases


class Drawn(unittest.TestCase):
    def test_every_format_is_read(self):
        with tempfile.TemporaryDirectory() as folder:
            for style in ("scanner", "camera"):
                truth = draw(folder, "--seed", "501", "--n", str(FORMATS), "--style", style)
                status, answers, _ = read([os.path.join(folder, row["file"]) for row in truth])
                self.assertEqual([a["lines"] for a in answers], [row["lines"] for row in truth])
                self.assertEqual(status, 0)
                for answer, row in zip(answers, truth):
                    self.assertEqual(answer["verdict"], "valid")
                    self.assertEqual(answer["format"], row["format"])
                    self.assertEqual([len(c) for c in answer["confidence"]], [len(l) for l in row["lines"]])
                    self.assertEqual(len(answer["quad"]), 4)
                    self.assertIn("surname", answer)

    def test_no_zone_is_refused(self):
        with tempfile.TemporaryDirectory() as folder:
            truth = draw(folder, "--seed", "502", "--n", "3", "--style", "camera", "--without-mrz")
            status, answers, _ = read([os.path.join(folder, row["file"]) for row in truth])
        self.assertEqual(status, 1)
        for answer in answers:
            self.assertEqual((answer["lines"], answer["verdict"]), ([], "refused"))
            self.assertTrue(answer["reason"])


class Hostile(unittest.TestCase):
    def test_all_are_refused_by_rule_and_quickly(self):
        with tempfile.TemporaryDirectory() as folder:
            for name, data in hostile().items():
                path = os.path.join(folder, "image")
                with open(path, "wb") as handle:
                    handle.write(data)
                status, answers, complaint = read([path])
                self.assertEqual((status, complaint), (1, ""), name)
                self.assertEqual(answers[0]["lines"], [], name)
                self.assertNotIn("limits", answers[0]["reason"], name)
                if not SANITIZED:
                    self.assertLess(answers[0]["ms"], MS_MOST, name)

    def test_mutations_never_break_the_reader(self):
        data = bytearray(picture("JPEG", quality=80))
        with tempfile.TemporaryDirectory() as folder:
            paths = []
            for at in range(2, len(data), max(1, len(data) // 40)):
                changed = bytearray(data)
                changed[at] ^= 0xff
                paths.append(os.path.join(folder, str(at)))
                with open(paths[-1], "wb") as handle:
                    handle.write(changed)
            _, answers, complaint = read(paths)
        self.assertEqual((len(answers), complaint), (len(paths), ""))
        self.assertEqual([a["reason"] for a in answers if "limits" in a["reason"] or a["lines"]], [])


class Use(unittest.TestCase):
    def test_bad_use(self):
        self.assertEqual(read([])[0], 2)
        self.assertEqual(read(["--nonsense", "x"])[0], 2)
        self.assertEqual(read(["--today", "yesterday", "x"])[0], 2)
        self.assertEqual(read(["--today"])[0], 2)

    def test_help_and_missing_file(self):
        done = subprocess.run([DARVAZA, "read", "--help"], stdout=subprocess.PIPE, text=True, check=True)
        self.assertIn("Usage: darvaza read", done.stdout)
        status, answers, _ = read(["--today", "2026-01-01", "--", "/nowhere/at/all.jpg"])
        self.assertEqual((status, answers[0]["verdict"]), (1, "refused"))
        self.assertIn("cannot be read", answers[0]["reason"])


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
