#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""darvaza mrz from outside: documents, separators, exit statuses, hostile input."""
import json
import os
import subprocess
import sys
import tempfile
import unittest

DARVAZA = sys.argv.pop(1)
LINE1 = "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<"
LINE2 = "L898902C36UTO7408122F1204159ZE184226B<<<<<10"
PASSPORT = f"{LINE1}\n{LINE2}\n"
CARD = ("I<UTOD231458907<<<<<<<<<<<<<<<\n7408122F1204159UTO<<<<<<<<<<<6\n"
        "ERIKSSON<<ANNA<MARIA<<<<<<<<<<\n")


def run(text, *arguments):
    data = text if isinstance(text, bytes) else text.encode()
    done = subprocess.run([DARVAZA, "mrz", *arguments], input=data, capture_output=True, check=False)
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()], done.stderr


class Documents(unittest.TestCase):
    def verdicts(self, text, *arguments):
        status, documents, _ = run(text, *arguments)
        return status, [d["verdict"] for d in documents]

    def test_one_document(self):
        status, documents, _ = run(PASSPORT)
        self.assertEqual((status, len(documents)), (0, 1))
        self.assertEqual(documents[0]["document_number"], "L898902C3")
        self.assertEqual(documents[0]["checks"]["composite"], "ok")

    def test_blank_lines_separate(self):
        for blank in ("\n", "\n\n\n", " \n", "\t\n", "\r\n"):
            self.assertEqual(self.verdicts(f"{blank}{PASSPORT}{blank}{CARD}{blank}"),
                             (0, ["valid", "valid"]), repr(blank))

    def test_line_ends(self):
        for end in ("\r\n", "\r"):
            text = (PASSPORT + "\n" + CARD).replace("\n", end)
            self.assertEqual(self.verdicts(text), (0, ["valid", "valid"]), repr(end))

    def test_no_end_of_line_at_the_end(self):
        self.assertEqual(self.verdicts(PASSPORT.rstrip("\n")), (0, ["valid"]))

    def test_dash_and_file(self):
        self.assertEqual(self.verdicts(PASSPORT, "-"), (0, ["valid"]))
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "documents")
            with open(path, "w", encoding="utf-8") as handle:
                handle.write(PASSPORT)
            self.assertEqual(self.verdicts("", path), (0, ["valid"]))

    def test_nothing(self):
        self.assertEqual(self.verdicts(""), (0, []))
        self.assertEqual(self.verdicts("\n \n\r\n"), (0, []))

    def test_byte_order_mark(self):
        mark = "\ufeff"
        self.assertEqual(self.verdicts(mark + PASSPORT), (0, ["valid"]))
        self.assertEqual(self.verdicts(mark + "\n" + PASSPORT), (0, ["valid"]))
        self.assertEqual(self.verdicts(mark), (0, []))
        self.assertEqual(self.verdicts(PASSPORT + "\n" + mark + PASSPORT), (1, ["valid", "reject"]))
        for part in (b"\xef", b"\xef\xbb", b"\xef\xbb\n"):
            _, documents, _ = run(part + b"\n" + PASSPORT.encode())
            self.assertEqual(documents[0]["reason"], "text is not UTF-8", part)

    def test_padded_lines(self):
        for width in (36, 44, 60):
            text = "\n".join(line.ljust(width) for line in CARD.splitlines())
            self.assertEqual(self.verdicts(text), (0, ["valid"]), width)
        # A blank in the place of a character is not padding.
        _, documents, _ = run(f"{LINE1[:-1]} \n{LINE2}\n")
        self.assertEqual(documents[0]["errors"], ["charset: "])

    def test_a_rejected_document_has_its_line(self):
        self.assertEqual(self.verdicts(f"{LINE1}\n\n{PASSPORT}"), (1, ["reject", "valid"]))

    def test_invalid_is_readable(self):
        self.assertEqual(self.verdicts(PASSPORT.replace("10\n", "11\n")), (0, ["invalid"]))

    def test_today_decides_centuries(self):
        for day, expiry in (("2012-05-02", "2012-04-15"), ("1990-01-01", "1912-04-15")):
            self.assertEqual(run(PASSPORT, "--today", day)[1][0]["expiry_date_iso"], expiry)


class Variants(unittest.TestCase):
    def variants(self, name):
        line = ("P<UTO" + name).ljust(44, "<")
        status, documents, _ = run(f"{line}\n{LINE2}\n", "--variants")
        self.assertEqual(status, 0)
        return documents[0]["name_variants"]

    def test_names_are_offered_back(self):
        found = self.variants("MUELLER<<IULIIA")
        self.assertEqual(found["surname"]["latin"][:2], ["Mueller", "M\u00fcller"])
        self.assertIn("\u042e\u043b\u0438\u044f", found["given_names"]["cyrillic"])  # Yuliya
        found = self.variants("SHCHERBAKOV<<JMYLXAH")
        self.assertEqual(found["surname"]["cyrillic"][0],
                         "\u0429\u0435\u0440\u0431\u0430\u043a\u043e\u0432")
        self.assertIn("\u062c\u0645\u064a\u0644\u0629", found["given_names"]["arabic"])

    def test_every_list_is_there_and_bounded(self):
        found = self.variants("E" * 39)
        self.assertEqual(found["given_names"], {"latin": [], "cyrillic": [], "arabic": []})
        for script in ("latin", "cyrillic", "arabic"):
            self.assertLessEqual(len(found["surname"][script]), 8)
        self.assertEqual(len(found["surname"]["latin"]), 8)

    def test_only_when_asked(self):
        self.assertNotIn("name_variants", run(PASSPORT)[1][0])
        self.assertNotIn("name_variants", run(LINE1 + "\n", "--variants")[1][0])


class Hostile(unittest.TestCase):
    def rejected(self, data):
        status, documents, _ = run(data)
        self.assertEqual(status, 1)
        return [d.get("reason") for d in documents]

    def test_nul(self):
        self.assertEqual(self.rejected(b"P<UTO\0\n"), ["text contains NUL"])

    def test_not_utf8(self):
        self.assertEqual(self.rejected(b"P<UTO\xff\xfe\n"), ["text is not UTF-8"])

    def test_giant_line_then_a_document(self):
        status, documents, _ = run("<" * 3_000_000 + "\n\n" + PASSPORT)
        self.assertEqual((status, [d["verdict"] for d in documents]), (1, ["reject", "valid"]))

    def test_document_without_end(self):
        reasons = self.rejected("A\n" * 500_000)
        self.assertEqual(reasons, ["text is longer than 4096 bytes"])

    def test_giant_blank_line(self):
        status, documents, _ = run(" " * 1_000_000 + "\n" + PASSPORT)
        self.assertEqual((status, [d["verdict"] for d in documents]), (0, ["valid"]))

    def test_every_byte(self):
        status, documents, _ = run(bytes(range(256)) * 8)
        self.assertEqual(status, 1)
        self.assertTrue(documents)


class Use(unittest.TestCase):
    def test_bad_use(self):
        for arguments in (["--today"], ["--today", "2026-02-30"], ["--today", "2026-2-3"],
                          ["--today", "2026-02-03x"], ["--frobnicate"], ["a", "b"]):
            status, documents, words = run("", *arguments)
            self.assertEqual((status, documents), (2, []), arguments)
            self.assertIn(b"Usage:", words)

    def test_missing_file(self):
        status, _, words = run("", "/nonexistent/documents")
        self.assertEqual(status, 1)
        self.assertIn(b"cannot open /nonexistent/documents", words)

    def test_help(self):
        done = subprocess.run([DARVAZA, "mrz", "--help"], capture_output=True, check=False)
        self.assertEqual(done.returncode, 0)
        self.assertIn(b"--today", done.stdout)

    def test_commands(self):
        def status(*arguments):
            return subprocess.run([DARVAZA, *arguments], capture_output=True, check=False).returncode
        self.assertEqual([status(), status("nothing"), status("--help"), status("--version")],
                         [2, 2, 0, 0])

    def test_full_disk(self):
        if not os.path.exists("/dev/full"):
            return
        with open("/dev/full", "wb") as full:
            done = subprocess.run([DARVAZA, "mrz"], input=PASSPORT.encode(), stdout=full,
                                  stderr=subprocess.PIPE, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"cannot write", done.stderr)


if __name__ == "__main__":
    unittest.main()
